"""A folder to run in, and programs that stand in for scripts."""

import functools

import pytest
from playing import instead_of_a_script


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder to run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def plays(folder, monkeypatch):  # noqa: ARG001 - the program is written there
    """A function that has a program run in place of any script."""
    return functools.partial(instead_of_a_script, monkeypatch)

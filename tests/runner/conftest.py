"""A folder to run in, and programs that stand in for scripts."""

import functools
from importlib.util import find_spec

import pytest
from playing import instead_of_a_script


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder to run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def tensorflow():
    """The TensorFlow that the runner asks a machine for before each run; it is found, not loaded."""
    if find_spec("tensorflow") is None:
        pytest.skip("TensorFlow is not installed")


@pytest.fixture
def plays(folder, tensorflow, monkeypatch):  # noqa: ARG001 - the program is written there, the runner asks for it
    """A function that has a program run in place of any script."""
    return functools.partial(instead_of_a_script, monkeypatch)

"""Reading in several processes."""

import pytest

from logreport.api import slices
from logreport.api.slices import Slice, in_slices
from logreport.grammar import load_engine
from logreport.sources.source import memory_source


@pytest.mark.parametrize("name", ["a.log", "README.md"])
def test_what_all_processes_need_is_made_before_they_start(name, monkeypatch):
    """They do not each work out the same program of the grammars: it is kept where they find it."""

    class StartedError(Exception):
        pass

    def start(*_):
        assert "machine" in vars(load_engine((), documents=name.endswith(".md")))
        raise StartedError

    load_engine.cache_clear()
    monkeypatch.setattr(slices, "is_much", lambda _: True)
    monkeypatch.setattr(slices, "spread_out", start)
    with pytest.raises(StartedError):
        next(in_slices([memory_source(name, b"")], Slice(())))

"""Turn benchmark logs into reports: every line accounted for, every number traced to its line."""

from typing import TYPE_CHECKING

from logreport.version import __version__

if TYPE_CHECKING:
    from logreport.api import Archive, compare, parse, report, run, table

__all__ = ["Archive", "__version__", "compare", "parse", "report", "run", "table"]


def __getattr__(name: str) -> object:
    """Load the public functions on first use, so that importing logreport stays cheap; type checkers see them above."""
    if name in __all__:
        from logreport import api

        # The next use finds it without this function.
        found = globals()[name] = getattr(api, name)
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]

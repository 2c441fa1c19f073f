"""Turn benchmark logs into reports: every line accounted for, every number traced to its line."""

from typing import Any

from logreport.version import __version__

__all__ = ["Archive", "__version__", "compare", "parse", "report", "run", "table"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute has any type
    """Load the public functions on first use, so that importing logreport stays cheap."""
    if name in __all__:
        from logreport import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

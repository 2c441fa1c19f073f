"""Validity, steady state, intervals, speedups: what the numbers in the tables are worth.

The functions are loaded when they are first asked for: reading one log needs `analyze` only.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from logreport.analysis.analyzing import analyze
    from logreport.analysis.crossrun import check_across
    from logreport.analysis.fastest import compare_devices
    from logreport.analysis.hardware import utilisation
    from logreport.analysis.scaling import scaling_of
    from logreport.analysis.speedups import compare, geometric_means

__all__ = [
    "analyze",
    "check_across",
    "compare",
    "compare_devices",
    "geometric_means",
    "scaling_of",
    "utilisation",
]

_HOMES = {
    "analyze": "analyzing",
    "check_across": "crossrun",
    "compare": "speedups",
    "compare_devices": "fastest",
    "geometric_means": "speedups",
    "scaling_of": "scaling",
    "utilisation": "hardware",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- any function of __all__
    """Load a function of the package."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

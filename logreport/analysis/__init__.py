"""What the numbers in the tables are worth.

`analyze` goes through the phases: `measurement/` gives each its speed, interval and warm-up, `findings/` adds the doubts.
Then `comparison/` sets runs side by side, `trends/` puts them in a row, `hardware/` holds them against their device.
`results` has what comes out: frozen data for reports and `compare`. The functions are loaded when they are first asked for: reading one log needs `analyze` only.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from logreport.analysis.analyzing import analyze
    from logreport.analysis.comparison.fastest import compare_devices
    from logreport.analysis.comparison.speedups import compare, geometric_means
    from logreport.analysis.findings.across_runs import check_across
    from logreport.analysis.hardware.utilisation import utilisation
    from logreport.analysis.trends.scaling import scaling_of

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
    "check_across": "findings.across_runs",
    "compare": "comparison.speedups",
    "compare_devices": "comparison.fastest",
    "geometric_means": "comparison.speedups",
    "scaling_of": "trends.scaling",
    "utilisation": "hardware.utilisation",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- any function of __all__
    """Load a function of the package."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

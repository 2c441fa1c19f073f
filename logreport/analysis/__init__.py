"""What the numbers in the tables are worth, and what they come to.

Run by run, as logs are read: `analyze` goes through the phases, `measurement/` gives each its speed, interval and
warm-up, `findings/` adds the doubts; `check_across` adds those that need two runs.

All together, when somebody asks: `Study(tables)` answers each question once, and nobody above works any of it out
again. `study.members` are the phases with a speed; `study.set_ups` pools their repeats (`comparison.set_ups`), and the
speed of a set-up is the one that every table, report and comparison shows. `comparison/` sets them side by side:
`study.comparisons` against a baseline, `study.between` device against device, `study.labelled` old against new, and
`comparison.pairs` many of these in one. `trends/` puts them in a row: `study.scaling`, `study.histories`. `hardware/`
holds them against their device: `study.shares` of its peak, `study.devices` that were seen, `study.on_device` what
each reached. All of it is frozen data (`results`); words are made in reporting.

These names are loaded when they are first asked for: reading one log needs `analyze` only.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from logreport.analysis.analyzing import analyze
    from logreport.analysis.findings.across_runs import check_across
    from logreport.analysis.study import Study

__all__ = ["Study", "analyze", "check_across"]

_HOMES = {"Study": "study", "analyze": "analyzing", "check_across": "findings.across_runs"}


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- any name of __all__
    """Load a name of the package."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

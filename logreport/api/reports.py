"""Reports and verdicts as results: what they are, and what a notebook shows and saves of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from logreport.api.results import Shown, checked, frame_of, page_of
from logreport.errors import UsageError
from logreport.reporting.report import Report
from logreport.reporting.verdicts.verdicts import Verdicts
from logreport.tables.tables import Tables

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ReportOf(Report, Shown):
    """A report with the tables that it was made of."""

    tables: Tables = field(default_factory=Tables, compare=False, repr=False)

    @classmethod
    def of(cls, report: Report, tables: Tables) -> "ReportOf":
        return cls(**vars(report), tables=tables)

    def frame(self, name: str) -> "pd.DataFrame":
        """A table of the logs by its name, as `parse` gives it.

        Raises:
            UsageError: where there is none; the choices are told.
        """
        return frame_of(self.tables, name)

    def to_markdown(self) -> str:
        """The whole report without its charts."""
        from logreport.reporting import render_markdown
        from logreport.reporting.rendering.markdown import without_charts

        return without_charts(render_markdown(self)["report.md"]).decode()

    def to_html(self) -> str:
        """The whole report as one page."""
        from logreport.reporting import render_html

        return render_html(self).decode()

    def _repr_html_(self) -> str:
        """The answer: the first section."""
        return page_of(replace(self, sections=self.sections[:1]).to_markdown())

    def _writers(self) -> Mapping[str, Any]:
        from logreport.reporting import render_pdf

        return {**super()._writers(), ".pdf": lambda: render_pdf(self)}


@dataclass(frozen=True)
class VerdictsOf(Verdicts, Shown):
    """Verdicts that can be shown and saved."""

    @classmethod
    def of(cls, found: Verdicts) -> "VerdictsOf":
        return cls(**vars(found))

    def frame(self, name: str = "comparisons") -> "pd.DataFrame":
        """A row for each comparison: workload, labels, speeds in examples/s, ratio with its 95 % interval, verdict.

        Raises:
            UsageError: for another name.
        """
        import pandas as pd

        from logreport.reporting.text import wording

        if name != "comparisons":
            raise UsageError(f"there is no table {name!r}", todo="there is comparisons")
        rows = [
            {
                "workload": wording.workload_text(c.workload), "baseline": c.baseline.label, "label": c.side.label,
                "baseline_speed": c.baseline.speed.value, "speed": c.side.speed.value, "ratio": c.ratio,
                "ratio_low": c.low, "ratio_high": c.high, "verdict": wording.verdict(c),
            }
            for c in (row.matched.comparison for row in self.rows)
        ]  # fmt: skip
        columns = [
            "workload",
            "baseline",
            "label",
            "baseline_speed",
            "speed",
            "ratio",
            "ratio_low",
            "ratio_high",
            "verdict",
        ]
        return checked(pd.DataFrame(rows, columns=columns).convert_dtypes())

    def to_markdown(self) -> str:
        """The page of `logreport compare --format md`."""
        from logreport.reporting.verdicts.renderers import to_markdown

        return to_markdown(self)

    def _writers(self) -> Mapping[str, Any]:
        from logreport.reporting.verdicts.renderers import to_json

        return {**super()._writers(), ".json": lambda: to_json(self)}

"""A report without the charts that cannot be drawn: each is a failure in words, and all others stand."""

from dataclasses import replace
from functools import partial
from typing import TypeVar

from logreport.reporting.charts.charts import draw
from logreport.reporting.rendering.attempts import Attempts
from logreport.reporting.report import Chart, Report, SpeedupChart

Charts = TypeVar("Charts", bound=Chart)


def drawable(report: Report) -> Report:
    """The report with the charts that can be drawn."""
    attempts = Attempts()

    def is_drawn(chart: Chart) -> bool:
        also = draw(chart, narrow=True) if isinstance(chart, SpeedupChart) else "none"
        return bool(draw(chart) and also)

    def kept(charts: tuple[Charts, ...]) -> tuple[Charts, ...]:
        return tuple(
            c for c in charts if attempts.part(f"chart {c.key}", partial(is_drawn, c), otherwise=False)
        )

    def one(chart: SpeedupChart | None) -> SpeedupChart | None:
        return next(iter(kept((chart,))), None) if chart else None

    shown = replace(
        report,
        speedups=one(report.speedups),
        batch_charts=kept(report.batch_charts),
        scaling_charts=kept(report.scaling_charts),
        versions=one(report.versions),
        history_charts=kept(report.history_charts),
        cards=tuple(replace(card, charts=kept(card.charts)) for card in report.cards),
    )
    return shown.with_failures(attempts.failures) if attempts.failures else report

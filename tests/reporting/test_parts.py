"""No text of a log breaks a report, and one part that cannot be made leaves all others."""

from dataclasses import replace

import pytest
import report_parts as parts
import report_samples as samples
import studies

from logreport import cli
from logreport.cli.report import command, files_of
from logreport.reporting import render_html, render_markdown, render_pdf
from logreport.reporting.rendering.limits import drawable
from logreport.reporting.report import Block, Citations, Details, Section
from logreport.tables.schema import TABLES

FORM = r"{x} {0} {} {x.y!r:>9} %s %(x)d \1 \g<x> $x ${x} {{ x }} {% x %}"
PARTS = {
    "answers.answers": "answer",
    "answers.not_comparable": "what cannot be compared",
    "answers.speedup_chart": "speedups, chart",
    "answers.leaderboard_table": "leaderboard",
    "answers.comparison_table": "speed and speedup by workload",
    "heatmap.heatmaps": "devices and models",
    "speeds.speed_tables": "speed by batch size",
    "speeds.batch_charts": "speed by batch size, charts",
    "speeds.published_tables": "published",
    "speeds.published_charts": "published, charts",
    "scaling.series_table": "scaling",
    "history.Section": "history",
    "runs.runs_table": "runs",
    "runs.cards": "runs one by one",
    "runs.evaluations_table": "evaluations",
    "machines.devices_table": "devices",
    "machines.environment_table": "environment",
    "sources.ledger": "lines",
    "sources.sources_table": "sources",
    "findings.Findings": "findings",
}


def made(tables, comparisons=()):
    """A report with fixed command, version and date."""
    return studies.build(
        tables, comparisons, title="T", command="c", version="0.1.0", made_at=samples.MADE_AT
    )


@pytest.mark.parametrize("sample", ["founding", "scaling", "nightly"])
def test_text_of_a_log_is_never_a_form_to_fill(sample):
    """Braces, percent signs and backslashes in any text of any table are shown as they are."""
    tables = getattr(samples, sample)()
    for name, columns in tables.columns.items():
        texts = {column.name for column in TABLES[name] if column.dtype == "string"}
        for column in texts - {
            "run_id",
            "source",
            "phase",
            "benchmark",
            "severity",
            "code",
            "status",
            "method",
        }:
            columns[column] = [None if v is None else f"{v} {FORM}" for v in columns[column]]
    report = made(tables)
    assert report.failures == ()
    assert "{x.y!r:&gt;9} %s %(x)d" in render_html(report).decode()
    assert render_markdown(report)


@pytest.mark.parametrize("maker", PARTS)
def test_a_part_that_fails_is_named_and_all_others_stand(monkeypatch, maker):
    """The failure is a sentence in the report, and what does not hang on it is as it was."""

    def fails(*_arguments):
        raise ValueError("no such thing")

    whole = made(samples.founding(), samples.founding_comparisons())
    monkeypatch.setattr(f"logreport.reporting.sections.{maker}", fails)
    report = made(samples.founding(), samples.founding_comparisons())
    (failure,) = report.failures
    assert str(failure).startswith(
        f"the part {PARTS[maker]!r} of the report cannot be made (ValueError: no such thing)"
    )
    assert report.problems == (str(failure),)
    lost = {block for block in whole.all(Block) if block not in report.all(Block)}
    # What holds the part is not as it was, either.
    assert len({type(block) for block in lost if not isinstance(block, Details)}) <= 1
    assert report.all(Citations)
    assert b"no such thing" in render_html(report)


def test_a_chart_that_cannot_be_drawn_is_left_out():
    """The words around it stay, and the others are drawn."""
    tables = samples.one_run()
    report = made(tables)
    (card,) = parts.cards(report)
    broken = type(card.charts[0])("odd", "t", "c", "a", dots=())
    cards = (replace(card, charts=(broken, *card.charts)),)
    odd = replace(report, sections=(Section("runs", "The run", cards),))
    shown = drawable(odd)
    assert parts.cards(shown)[0].charts == card.charts
    assert ["chart odd" in str(failure) for failure in shown.failures] == [True]
    for render in (render_html, render_pdf):
        assert render(odd)
    assert "chart odd" in render_markdown(odd)["report.md"].decode()


def called(capsysbinary, monkeypatch, *arguments):
    """Exit status and standard error of one call."""
    monkeypatch.setattr("sys.argv", ["logreport", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code, capsysbinary.readouterr().err.decode()


def test_what_fails_is_one_line_and_status_1(samples, tmp_path, capsysbinary, monkeypatch):
    """The report is written all the same."""

    def fails(*_arguments):
        raise KeyError("odd")

    whole = files_of

    def but_one(form, *arguments, **options):
        return 1 / 0 if form == "md" else whole(form, *arguments, **options)

    monkeypatch.setattr("logreport.reporting.sections.history.Section", fails)
    monkeypatch.setitem(command.callback.__globals__, "files_of", but_one)
    status, said = called(
        capsysbinary,
        monkeypatch,
        "report",
        samples / "cifar10-gtx-1060-6gb.log",
        "-o",
        tmp_path,
        "--format",
        "html,md",
    )
    assert status == 1
    lines = [line for line in said.splitlines() if line.startswith("logreport: ")]
    assert [line.partition(" cannot be made")[0] for line in lines] == [
        "logreport: the part 'history' of the report",
        "logreport: the md report",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]

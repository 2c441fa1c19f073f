"""What the devices did, in a report: a chart under the steps, energy in the card of a run, images per joule in the table."""

import pytest
import recorded
import report_parts as parts

import logreport
from logreport.reporting.charts.charts import draw
from logreport.reporting.report import SeriesChart, StepsChart
from logreport.reporting.sections.telemetry import _spans

CREATED = recorded.CREATED.format(at=recorded.START, name="GeForce RTX 3090", pci="0000:01:00.0")


def kept(folder, name, speeds, rows):
    """A run of tf_cnn_benchmarks on the first of two cards."""
    looks = recorded.looks_of("gpu 0", rows)
    cards = (recorded.gpu(1), recorded.gpu(2))
    return recorded.keep(
        folder, name, recorded.tf_cnn_log(speeds, created=CREATED), seconds=180.0, gpus=cards, looks=looks
    )


def card_of(report):
    """The card of the one run."""
    (card,) = parts.cards(report)
    return card


def test_the_clock_stands_under_the_steps_where_it_was_held_down(tmp_path):
    """A line over the seconds in GHz, and the time shaded in which heat held it down."""
    rows = [(300.0, 1.8e9, "")] * 60 + [(200.0, 0.9e9, "heat")] * 121
    report = logreport.report(kept(tmp_path, "a", [128.0] * 12 + [64.0] * 12, rows))
    steps, _, series = card_of(report).charts
    assert (type(steps), type(series)) == (StepsChart, SeriesChart)
    assert (series.title, series.unit, series.across, series.held) == (
        "Clock: from 0.900 to 1.80 GHz",
        "GHz",
        "s",
        ((60.0, 180.0),),
    )
    assert [line.label for line in series.lines] == ["GPU 0"]
    assert [(p.x, p.y) for p in series.lines[0].points][59:61] == [(59.0, 1.8), (60.0, pytest.approx(0.9))]
    assert "held down by heat" in series.caption
    assert draw(series).count("<svg") == 1
    settings = dict(card_of(report).settings)
    assert settings["Energy"] == "41\u202f950 J, 233 W on the mean"
    assert settings["GPU 0"].startswith("utilisation 90.0 %; clock 1.20 (0.900 to 1.80) GHz; temperature")


def test_the_power_stands_there_else(tmp_path):
    """In watts over the time; nothing is shaded."""
    report = logreport.report(kept(tmp_path, "a", [128.0] * 24, [(300.0, 1.8e9, "")] * 181))
    series = card_of(report).charts[-1]
    assert (series.title, series.held) == ("Power: 300 W", ())


def test_images_per_joule_stand_in_the_table(tmp_path):
    """128 images/s at 300 W and at 200 W: 0.427 and 0.640 images a joule."""
    for name, watts, speed in (("a", 300.0, 128.0), ("b", 200.0, 128.1)):
        kept(tmp_path, name, [speed] * 24, [(watts, 1.8e9, "")] * 181)
    table = parts.table(logreport.report(tmp_path), "runs")
    (column,) = [i for i, column in enumerate(table.columns) if column.head == "Per joule"]
    assert table.columns[column].unit == "images"
    assert sorted(row.cells[column].text for row in table.rows) == ["0.427", "0.640"]


def test_a_readme_table_can_show_images_per_joule(tmp_path):
    """128 images/s at 300 W; a run whose power nobody knows has no cell."""
    kept(tmp_path, "a", [128.0] * 24, [(300.0, 1.8e9, "")] * 181)
    (tmp_path / "b.log").write_bytes(recorded.tf_cnn_log([128.0] * 24, batch=32, created=CREATED))
    text = str(logreport.table([tmp_path], value="examples_per_joule"))
    assert "in images/J" in text
    assert "| 64 | 0.427 |" in text
    assert "| 32 |" not in text


def test_a_run_without_a_series_has_neither(tmp_path):
    """No chart, no column, nothing in the card."""
    for name, speed in (("a", 128.0), ("b", 129.0)):
        (tmp_path / f"{name}.log").write_bytes(recorded.tf_cnn_log([speed] * 24, created=CREATED))
    report = logreport.report(tmp_path)
    assert "Per joule" not in [column.head for column in parts.table(report, "runs").columns]
    assert parts.charts(report, "telemetry") == []


@pytest.mark.parametrize(
    ("held", "spans"),
    [("..##.#", [(2, 4), (5, 5)]), ("######", [(0, 5)]), ("......", []), ("#.....", [(0, 1)])],
)
def test_the_times_in_which_a_clock_was_held_down(held, spans):
    """Each look stands until the next one."""
    rows = [{"throttled": "heat" if mark == "#" else "", "at": n} for n, mark in enumerate(held)]
    assert [*_spans(rows, lambda row: row["at"])] == spans

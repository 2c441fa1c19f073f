"""Every device against one, and the best of each device on each network: as a few lines of pandas work them out."""

import card_logs
import numpy as np
import pandas as pd
import pytest
import report_parts as parts

from logreport import api
from logreport.analysis import Study
from logreport.reporting.rendering.markdown import tables_alone

SPEEDS = {
    ("GeForce RTX 2080 Ti", "resnet50", 64): 300.0,
    ("GeForce RTX 2080 Ti", "resnet50", 128): 320.0,
    ("GeForce RTX 2080 Ti", "vgg16", 64): 150.0,
    ("GeForce RTX 2080 Ti", "alexnet", 64): 2500.0,
    ("GeForce RTX 3090", "resnet50", 64): 500.0,
    ("GeForce RTX 3090", "resnet50", 128): 560.0,
    ("GeForce RTX 3090", "vgg16", 64): 260.0,
    ("GeForce GTX 1080 Ti", "resnet50", 64): 200.0,
    ("GeForce GTX 1080 Ti", "vgg16", 64): 120.0,
    ("GeForce GTX 1080 Ti", "alexnet", 64): 1500.0,
}


@pytest.fixture(scope="module")
def reading(tmp_path_factory):
    """Logs of three cards, one speed each."""
    return api.read_logs(api.sources_of(card_logs.write(tmp_path_factory.mktemp("cards"), SPEEDS)))


@pytest.fixture(scope="module")
def frame(reading):
    """Phases with the device and network of their runs."""
    runs, phases = (pd.DataFrame(reading.tables.columns[name]) for name in ("runs", "phases"))
    return phases.merge(runs[["run_id", "device", "model"]], on="run_id")


def test_the_logs_are_read_as_they_were_written(frame):
    """What the other tests stand on."""
    found = frame.set_index(["device", "model", "batch_size"])["examples_per_second"]
    assert found.round(1).to_dict() == SPEEDS


def test_every_device_stands_against_one(reading, frame):
    """Geometric mean over the workloads that both ran, by pandas; the baseline is 1, the fastest first."""
    wide = frame.pivot_table(index=["model", "batch_size"], columns="device", values="examples_per_second")
    base = wide["GeForce RTX 2080 Ti"]
    logs = np.log(wide.div(base, axis=0))
    means, counts = np.exp(logs.mean()), logs.count()
    standings = Study(reading.tables).leaderboard
    assert [s.device for s in standings] == list(means.sort_values(ascending=False).index)
    assert {s.device: s.ratio for s in standings} == pytest.approx(means.to_dict())
    assert {s.device: len(s.pair.comparisons) for s in standings if s.pair} == {
        device: count for device, count in counts.items() if device != base.name
    }


def test_the_baseline_can_be_chosen(reading):
    """The device that an expression means is the one."""
    study = Study(reading.tables, baseline="device == 'GeForce RTX 3090'")
    assert [s.device for s in study.leaderboard if s.pair is None] == ["GeForce RTX 3090"]
    assert study.leaderboard[0].device == "GeForce RTX 3090"


def test_the_report_shows_a_bar_each(reading):
    """As long as the device is fast, the fastest across the whole cell; in text alone as well."""
    report = api.report_of(reading, title="T", baseline=None, command="c")
    table = parts.table(report, "leaderboard")
    assert [row.cells[0].text for row in table.rows] == [
        "GeForce RTX 3090", "GeForce RTX 2080 Ti", "GeForce GTX 1080 Ti",
    ]  # fmt: skip
    assert [row.baseline for row in table.rows] == [False, True, False]
    ratios = [s.ratio for s in Study(reading.tables).leaderboard]
    bars = [row.cells[1] for row in table.rows]
    assert [bar.bar for bar in bars] == [(0, pytest.approx(99 * r / max(ratios), abs=0.01)) for r in ratios]
    assert [len(bar.text) for bar in bars] == [round(10 * r / max(ratios)) for r in ratios]


def test_how_batch_sizes_are_is_said_once(tmp_path):
    """Where few devices were compared at another batch size than the baseline's, each says so in few words, explained once."""
    reading = api.read_logs(api.sources_of(card_logs.write(tmp_path, card_logs.FEW_AT_THEIR_BEST)))
    table = parts.table(api.report_of(reading, title="T", baseline=None, command="c"), "leaderboard")
    assert {row.cells[0].text: row.cells[-1].text for row in table.rows} == {
        **{f"Card {n}": "" for n in range(1, 5)},
        **{f"Card {n}": "each at its best" for n in (5, 6)},
        "Card 7": "baseline",
    }
    (remark,) = table.remarks
    assert "both ran, at the same batch sizes unless it is said that each device is at its best;" in remark


def test_the_best_of_each_device_on_each_network(reading, frame):
    """The maximum over batch sizes, by pandas, unknown cells empty, and where it was reached on pointing at it."""
    best = frame.groupby(["device", "model"])["examples_per_second"].max()
    ((kind, cells),) = Study(reading.tables).best.items()
    assert (kind.phase, kind.mixed_precision) == ("training", False)
    assert {at: one.speed for at, one in cells.items()} == pytest.approx(best.to_dict())
    report = api.report_of(reading, title="T", baseline=None, command="c")
    table = parts.table(report, "heatmap-1")
    assert [column.head for column in table.columns] == ["Device", "ResNet-50", "VGG-16", "AlexNet"]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["GeForce RTX 3090", "560", "260", "—"],
        ["GeForce RTX 2080 Ti", "320", "150", "2\u202f500"],
        ["GeForce GTX 1080 Ti", "200", "120", "1\u202f500"],
    ]
    assert table.rows[0].cells[1].why == "batch 128"
    assert [row.cells[1].shade for row in table.rows] == [8, 6, 5]


def test_a_readme_has_the_same_tables(reading):
    """Without the links of a report; what a finding doubts has a star, and a word says what that means."""
    reading.tables.add(
        "findings", run_id=reading.tables.columns["runs"]["run_id"][6], source="6.log", severity="warning",
        code="c", message="odd", line=1,
    )  # fmt: skip
    report = api.report_of(reading, title="T", baseline=None, command="c")
    assert "| GeForce RTX 3090 |" in tables_alone(report, "leaderboard")
    text = tables_alone(report, "heatmap-")
    assert "| GeForce RTX 3090 | **560** | **260\\*** | — |" in text
    assert "doubtful" in text
    assert "<sup>" not in text
    assert tables_alone(report, "nothing") == ""


def test_of_one_workload_the_first_of_all_is_said(tmp_path):
    """Five cards on one network have ten pairs: the first sentence says which of all is first, and by how much."""
    speeds = {(f"Card {n}", "resnet50", 64): 100.0 * n for n in (3, 1, 5, 2, 4)}
    answers = parts.answers(api.report(card_logs.write(tmp_path, speeds)))
    first = "".join(span.text for span in answers[0].sentence)
    assert first.startswith(
        "Of 5 devices Card 5 comes first: it is 5.00× as fast as Card 1 on ResNet-50 training (batch 64): "
        "500 against 100 images/s; 95 % interval "
    )


def test_the_few_batch_sizes_that_two_share_do_not_speak_for_all(tmp_path):
    """One card is twice as fast on the one batch size that both ran, half as fast at their best on three other networks."""
    nets = "vgg16", "alexnet", "inception3"
    speeds = {
        ("Card 1", "resnet50", 64): 200.0, ("Card 2", "resnet50", 64): 100.0,
        **{("Card 1", net, 32): 100.0 for net in nets}, **{("Card 2", net, 16): 200.0 for net in nets},
    }  # fmt: skip
    answers = parts.answers(api.report(card_logs.write(tmp_path, speeds)))
    first, second = ("".join(span.text for span in answer.sentence) for answer in answers)
    assert first.startswith("Card 1 is 2.00× as fast as Card 2 on ResNet-50 training (batch 64)")
    assert second.startswith(
        "Card 2 is 2.00× as fast as Card 1 over 3 workloads, each device at its best batch size "
    )


def test_a_doubted_number_is_left_out_and_said_to_be(tmp_path):
    """The answer and the leaderboard say how many there are; the row of the doubted number keeps its mark."""
    report = api.report(card_logs.write(tmp_path, card_logs.ONE_DOUBTED))
    first = "".join(span.text for span in parts.answers(report)[0].sentence)
    assert "Of 3 devices Card 4 comes first: it is 4.00× as fast as Card 1 over 8 workloads" in first
    assert "1 workload with a doubted number is left out." in first
    marks = {f.number for f in report.findings if f.code == "implausible-ratio"}
    assert marks
    assert marks <= {*parts.answers(report)[0].findings}
    assert (
        "2 comparisons with a doubted number are left out." in parts.table(report, "leaderboard").remarks[0]
    )

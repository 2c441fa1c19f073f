"""Three cards, six networks, two precisions: every number of the first screen, worked out by pandas from the tables alone."""

import re

import numpy as np
import pytest
import report_parts as parts

from logreport.reporting.text import formatting as fmt
from logreport.tables.exporting import EXPORTERS

pytestmark = pytest.mark.slow
FORM = re.compile(
    r"(?:Of 3 devices (?P<first>.+) comes first: it|(?P<one>.+)) is (?P<mean>[\d.]+)× as fast as (?P<other>.+) over "
    r"(?P<count>\d+) workloads, each device at its best batch size \(geometric mean, median (?P<median>[\d.]+)×, 95 % "
    r"interval (?P<low>[\d.]+)–(?P<high>[\d.]+)×\): from (?P<least>[\d.]+)× on .+ to (?P<most>[\d.]+)× on .+\."
)


@pytest.fixture(scope="module")
def speeds(reported, tmp_path_factory):
    """The largest speed of each card on each network and precision, whatever the batch size: a column a card."""
    pd = pytest.importorskip("pandas")
    folder = tmp_path_factory.mktemp("tables")
    frames = []
    for table in ("phases", "runs"):
        (folder / table).write_bytes(EXPORTERS["csv"](reported("thirty-six")[0], [table]))
        frames.append(pd.read_csv(folder / table))
    both = frames[0].merge(frames[1], on="run_id", suffixes=("", "_of_run"))
    assert len(both) == 36
    return both.pivot_table(
        index=["model", "precision"], columns="device", values="examples_per_second", aggfunc="max"
    )


def mean(ratios):
    """The geometric mean."""
    return float(np.exp(np.log(ratios).mean()))


def test_every_sentence(reported, speeds):
    """Which card, how many workloads, mean, median, both ends; each pair of cards once."""
    told = set()
    for answer in parts.answers(reported("thirty-six")[1]):
        found = FORM.match(parts.said(answer.sentence))
        one, other = found["first"] or found["one"], found["other"]
        ratios = (speeds[one] / speeds[other]).dropna()
        shown = (found["mean"], found["median"], found["least"], found["most"], found["count"])
        values = (mean(ratios), ratios.median(), ratios.min(), ratios.max())
        assert shown == (*(fmt.ratio(value).removesuffix("×") for value in values), str(len(ratios)))
        assert float(found["low"]) < mean(ratios) < float(found["high"])
        if found["first"]:
            assert one == speeds.rank(axis=1, ascending=False).mean().idxmin()
        told.add(frozenset((one, other)))
    assert len(told) == 3


def test_every_number_of_the_leaderboard(reported, speeds):
    """One baseline; each card's mean and ends against it, the fastest first."""
    rows = parts.table(reported("thirty-six")[1], "leaderboard").rows
    base = next(row.cells[0].text for row in rows if row.baseline)
    means = {device: mean((speeds[device] / speeds[base]).dropna()) for device in speeds}
    assert [row.cells[0].text for row in rows] == sorted(means, key=means.__getitem__, reverse=True)
    for row in rows:
        ratios = (speeds[row.cells[0].text] / speeds[base]).dropna()
        assert row.cells[2].text == f"{mean(ratios):.2f}×"
        if not row.baseline:
            assert row.cells[4].text == fmt.interval(ratios.min(), ratios.max(), fmt.TIMES)
            assert row.cells[5].text == str(len(ratios))


def test_every_cell_of_devices_and_models(reported, speeds):
    """Each speed, and in the heading which card is the fastest on how many networks."""
    report = reported("thirty-six")[1]
    names = {"ResNet-50": "resnet50", "ResNet-152": "resnet152", "VGG-16": "vgg16", "AlexNet": "alexnet"}
    for table in (parts.table(report, "heatmap-1"), parts.table(report, "heatmap-2")):
        own = speeds.xs("fp16" if "fp16" in table.caption else "fp32", level="precision")
        fastest = own.idxmax(axis=1).value_counts()
        assert table.caption.endswith(f": {fastest.index[0]} is fastest on all 6")
        assert fastest.iloc[0] == 6
        for row in table.rows:
            for column, cell in zip(table.columns[1:], row.cells[1:], strict=True):
                model = names.get(column.head) or column.head.lower().replace(" v", "")
                value = own.loc[model, row.cells[0].text]
                assert float(cell.text.replace(fmt.THIN, "")) == pytest.approx(value, rel=5e-3)

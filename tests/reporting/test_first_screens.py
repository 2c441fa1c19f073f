"""The first screens of two reports, number by number, from `parse --table phases` and `--table runs` alone."""

import math
import re
import statistics

import pytest
import report_parts as parts

from logreport import api
from logreport.reporting.text import formatting as fmt
from logreport.tables.exporting import EXPORTERS

NUMBER = r"([\d.\u202f]+)"
MODELS = {"alexnet": "AlexNet", "cifar10": "CIFAR-10", "resnet20": "ResNet-20"}


def frames(reading, folder):
    """Phases beside their runs, as the two tables are written and pandas reads them."""
    pd = pytest.importorskip("pandas")
    read = []
    for table in ("phases", "runs"):
        (folder / table).write_bytes(EXPORTERS["csv"](reading, [table]))
        read.append(pd.read_csv(folder / table, dtype={"framework_version": str}))
    read[0]["examples_per_second_printed"] = read[0]["examples_per_second_printed"].fillna(
        read[0]["examples_per_second"]
    )
    both = read[0].merge(read[1], on=["run_id", "source"], suffixes=("", "_of_run"))
    return both[both["examples_per_second"] > 0].drop_duplicates(["run_id", "phase"])


@pytest.fixture(scope="module", params=["sample_logs", "runs"])
def screen(request, samples, tmp_path_factory):
    """A report, and its numbers as anybody reads them from the tables."""
    folder = samples / "runs" if request.param == "runs" else samples
    reading = api.read_logs(api.sources_of(folder))
    report = api.report_of(reading, title="T", baseline=None, command="c")
    return report, frames(reading, tmp_path_factory.mktemp("tables")), request.param


def near(shown, value):
    """Whether a number as shown is that value, within rounding."""
    digits = shown.replace(fmt.THIN, "")
    return float(digits) == pytest.approx(value, abs=0.5 * 10 ** -len(digits.partition(".")[2]) + 1e-9)


def workload(row):
    """The name of a workload, from its columns."""
    return f"{MODELS[row.model]} {row.phase.replace('_', '-')}"


def on(table, device, threads=None):
    """The rows of a device, named in full or by its kind, with so many threads."""
    found = table[table["device"].fillna("") == device]
    return found if threads is None else found[found["threads"] == threads]


def ratios(table, one, two, *, best):
    """Speed of one set-up ÷ that of another, on each workload that both ran or at the best batch size of each, and as printed."""
    keys = ["benchmark", "model", "phase", "dataset", *([] if best else ["batch_size", "num_devices"])]
    sides = []
    for name in (one, two):
        device, _, words = name.removeprefix("the ").partition(", ")
        rows = on(table, device, int(words.split()[0]) if words else None)
        rows = rows.sort_values("examples_per_second").groupby(keys, dropna=False).tail(1)
        sides.append(rows)
    both = sides[0].merge(sides[1], on=keys, suffixes=("", "_of_other"))
    value = both["examples_per_second"] / both["examples_per_second_of_other"]
    printed = both["examples_per_second_printed"] / both["examples_per_second_printed_of_other"]
    return both, value, printed


HEAD = re.compile(rf"(.+?) is {NUMBER}× as fast as (.+?) (on|over) ")
MANY = re.compile(
    rf"over (\d+) workloads(, each device at its best batch size)? \(geometric mean(?:, median {NUMBER}×)?, 95 % interval "
    rf"{NUMBER}–{NUMBER}×\): from {NUMBER}× on (.+?) to {NUMBER}× on (.+?)\.(?: As printed {NUMBER}×|$| )"
)
ONE = re.compile(rf": {NUMBER} against {NUMBER} images/s; 95 % interval {NUMBER}–{NUMBER}×")


def mean(values):
    """The geometric mean."""
    return math.exp(statistics.fmean(map(math.log, values)))


def test_every_number_of_the_sentences(screen):
    """Ratios, speeds, means, medians, ends and counts; intervals hold them, and leave out 1."""
    report, table, _ = screen
    assert parts.answers(report)
    for answer in parts.answers(report):
        text = parts.said(answer.sentence)
        one, ratio, two, how = HEAD.match(text).groups()
        if how == "on":
            both, value, _ = ratios(table, one, two.removeprefix("the "), best=False)
            mine, theirs, low, high = ONE.search(text).groups()
            assert len(both) == 1
            assert near(ratio, value.iloc[0])
            assert near(mine, both["examples_per_second"].iloc[0])
            assert near(theirs, both["examples_per_second_of_other"].iloc[0])
        else:
            count, best, middle, low, high, least, where_least, most, where_most, printed = MANY.search(
                text
            ).groups()
            both, value, as_printed = ratios(table, one, two, best=bool(best))
            assert int(count) == len(both)
            assert near(ratio, mean(value))
            assert middle is None or near(middle, statistics.median(value))
            assert near(least, value.min())
            assert near(most, value.max())
            rows = list(both.itertuples())
            assert where_least.startswith(workload(rows[value.argmin()]))
            assert where_most.startswith(workload(rows[value.argmax()]))
            assert printed is None or near(printed, mean(as_printed))
            assert printed is not None or fmt.ratio(mean(as_printed)) == fmt.ratio(mean(value))
        assert 1 < float(low) < float(ratio) < float(high)


def test_every_number_of_the_context_and_the_table(screen):
    """Runs, devices, dates; each speed, and each ratio to the baseline of its workload."""
    report, table, name = screen
    runs = {"sample_logs": 32, "runs": 24}[name]
    assert report.context.startswith(f"{runs} runs · ")
    baseline, shown = None, parts.table(report, "comparison")
    heads = [column.head for column in shown.columns]
    for row in shown.rows:
        cells = dict(zip(heads, row.cells, strict=True))
        where, device, speed, ratio = (cells[head] for head in ("Workload", "Device", "Speed", "Speedup"))
        run = device.href.removeprefix("run-")
        named = where.text.partition(" (")[0]
        own = [r for r in table.itertuples() if r.run_id == run and workload(r) == named]
        value = own[0].examples_per_second
        assert near(speed.text, value)
        baseline = value if row.baseline else baseline
        assert near(ratio.text.removesuffix("×"), value / baseline)

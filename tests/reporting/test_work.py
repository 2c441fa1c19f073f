"""Twice as many runs are twice the work, whatever they are: calls are counted, not seconds."""

import sys
from html.parser import HTMLParser

import pytest
import report_samples as samples
from studies import build

from logreport import api
from logreport.reporting import render_html
from logreport.reporting.rendering.limits import cite, fit
from logreport.reporting.rendering.page import fill
from logreport.reporting.rendering.pdf import LIMITS
from logreport.tables.reading import Reading

DEVICE = "GeForce GTX 1080"
KINDS = {
    "of no device": {"device": lambda _: None},
    "of no device, each of another workload": {"device": lambda _: None, "batch_size": lambda n: n + 1},
    "of as many devices": {"device": "GTX {}".format},
    "of as many devices and versions": {"device": "GTX {}".format, "framework_version": "1.{}".format},
    "of as many set-ups": {"command": "python x.py --a={}".format},
    "of as many versions": {"framework_version": "1.{}".format},
    "of as many batch sizes": {"batch_size": lambda n: n + 1},
    "of as many numbers of devices": {"num_devices": lambda n: n + 1, "batch_size": lambda n: n + 1},
    "of as many models": {"model": "model{}".format},
    "that are repeats": {},
    "without a speed": {"status": lambda _: "failed", "status_reason": "reason {}".format},
    "without a speed, of as many devices": {"status": lambda _: "failed", "device": "GTX {}".format},
}


def reading(kind, count):
    """So many runs of a kind."""
    tables = samples.Tables()
    for n in range(count):
        run, source = f"r{n}", f"logs/run-{n}.log"
        values = {
            "device": DEVICE, "model": "resnet50", "benchmark": "tf_cnn_benchmarks", "mode": "training",
            "batch_size": 64, "num_devices": 1, "framework_version": "1.15",
        }  # fmt: skip
        values |= {name: of(n) for name, of in KINDS[kind].items()}
        samples.add_run(tables, run, source, values.pop("device"), first=1, last=40, **values)
        if values.get("status") != "failed":
            samples.add_measured(tables, run, source, values["batch_size"], 100.0 + n)
        tables.add(
            "lines", source=source, total=1, record=1, chatter=0, blank=0, prose=0, malformed=0, unknown=0
        )
        tables.add(
            "findings", run_id=run, source=source, severity="note", code="c", line=1, message=f"as {source}"
        )
    return Reading(tables)


def published(count):
    """So many values of one document, in as many rows and for as many devices; each stands there twice."""
    given = reading("without a speed, of as many devices", count)
    for n in range(2 * count):
        given.tables.add(
            "published", source="README.md", value=1.5 * n, unit="images/s", metric="speed", line=n,
            row_label=f"row {n // 2}", column_label="speed", device=f"{n // 2}", model="resnet50", batch_size=64,
        )  # fmt: skip
        given.tables.add(
            "published", source="TABLE.md", value=1.5 * n, unit="images/s", metric="speed", line=n,
            row_label=f"row {n // 40}", column_label=f"column {n % 40}",
        )  # fmt: skip
    return given


def calls(work):
    """How many calls of Python and C functions a piece of work makes."""
    count = 0

    def one_more(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(one_more)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def reported(given):
    """A reading as a report, and all places that it cites; what draws it sees no more of it than its limits."""
    return lambda: cite(api.report_of(given, title="T", baseline=None, command="c"))


def tabled(given):
    """A reading as tables for a README; where no run has a speed, of one that has."""
    samples.add_run(
        given.tables, "one", "one.log", DEVICE, first=1, last=2, model="resnet50", batch_size=64,
        benchmark="tf_cnn_benchmarks", num_devices=1, framework_version="1.15",
    )  # fmt: skip
    samples.add_measured(given.tables, "one", "one.log", 64, 100.0)
    return lambda: api.table_of(given, api_ask())


def api_ask():
    """The usual table."""
    from logreport.reporting.readme.pivot_cells import Ask

    return Ask()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", [reported, tabled])
def test_work_grows_as_the_number_of_runs(what, kind):
    """Twice as many runs more cost about twice as much; there are more devices than are paired all with all."""
    what(reading(kind, 80))()  # what is loaded and remembered once is not counted
    few, some, many = (calls(what(reading(kind, count))) for count in (80, 160, 320))
    assert many - some < 2.2 * (some - few)


def test_work_grows_as_the_number_of_published_values():
    """Rows and devices of a document are looked up, not searched for."""
    reported(published(5))()
    few, some, many = (calls(reported(published(count))) for count in (80, 160, 320))
    assert many - some < 2.2 * (some - few)


class Words(HTMLParser):
    """The longest word that a page shows."""

    longest = 0

    def handle_data(self, data):
        """Take note of a text."""
        self.longest = max([self.longest, *map(len, data.split())])


def test_a_name_without_end_is_cut_on_paper():
    """To lay out one word of 20 000 letters takes a minute: its beginning and its end are shown, and all of it in HTML."""
    tables, name = samples.scaling(), "X" * 20_000
    for column in ("device", "model", "source", "command"):
        for columns in tables.columns.values():
            if column in columns:
                columns[column] = [v and name + v for v in columns[column]]
    report = build(tables, (), title=name, command=name, version="1", made_at=samples.MADE_AT)
    page, paper = Words(), Words()
    page.feed(render_html(report).decode())
    paper.feed(fill("paper.html.j2", fit(report, LIMITS), lambda _: "", paper="A4"))
    assert page.longest >= len(name)
    assert paper.longest < 320

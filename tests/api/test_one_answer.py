"""One question, one answer: a report, a table, a comparison and the devices of an archive show the same speeds."""

import json
import math
import re
from collections import Counter
from itertools import chain

import pytest
import report_parts as parts
from set_up_logs import log

from logreport import api
from logreport.analysis import Study, study
from logreport.cli.archive.device_tables import encoded
from logreport.reporting.readme.pivot import pivots
from logreport.reporting.readme.pivot_cells import Ask
from logreport.reporting.verdicts.renderers import to_json
from logreport.tables.tables import shared_folder

# Speeds of the repeats of each set-up: by label, device, flags and batch size.
SET_UPS = {
    ("old", "TITAN Xp", "", 32): (200.0, 210.0, 190.0), ("old", "TITAN Xp", "", 64): (250.0, 255.0, 260.0),
    ("old", "TITAN Xp", " --optimizer=sgd", 64): (100.0, 101.0), ("old", "Tesla K40c", "", 64): (50.0, 80.0, 70.0),
    ("old", "Tesla K40c", " --optimizer=sgd", 64): (75.0,), ("new", "TITAN Xp", " --xla=True", 64): (300.0, 270.0),
    ("new", "Tesla K40c", " --xla=True", 32): (61.0, 67.0, 60.0), ("new", "Tesla K40c", " --xla=True", 64): (66.0,),
}  # fmt: skip


@pytest.fixture
def made(tmp_path):
    """Runs of two labels, most of them repeated, several set-ups in a cell."""
    for n, ((label, device, flags, size), speeds) in enumerate(SET_UPS.items()):
        for again, speed in enumerate(speeds):
            path = tmp_path / label / f"set-up-{n}" / f"run-{again}.log"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(log(device, speed, flags, size))
    return {label: [str(tmp_path / label)] for label in ("old", "new")}


@pytest.fixture(params=["made", "samples", "seeds"])
def labels(request):
    """Paths by label: what was made for this test, the sample logs, the documents that logreport began with."""
    if request.param == "made":
        return request.getfixturevalue("made")
    if request.param == "seeds":
        seeds = sorted(request.getfixturevalue("corpus").joinpath("seeds").iterdir())
        return {
            "A": [str(path) for path in seeds if "wiki" in path.name],
            "B": [str(path) for path in seeds if "wiki" not in path.name],
        }
    runs = request.getfixturevalue("samples")
    one = [str(path) for path in runs.glob("runs/*1-thread.log")]
    return {"A": one, "B": [str(path) for path in sorted(runs.rglob("*.log")) if str(path) not in one]}


def in_report(report, folder):
    """Places and text of each speed in the tables of a report, but for that of all single runs."""
    tables = chain.from_iterable(parts.tables(report, key) for key in ("comparison", "speed", "scaling"))
    for cell in chain.from_iterable(row.cells for table in tables for row in table.rows):
        if cell.refs:
            yield {(folder + ref.source, ref.line) for ref in cell.refs}, cell.text


def in_comparison(verdicts):
    """Places and value of each speed that `compare` shows."""
    data = json.loads(to_json(verdicts))
    for side in (c[side] for c in data["comparisons"] for side in ("baseline", "side")):
        yield {tuple(place) for place in side["sources"]}, side["speed"]["value"]
    for alone in data["only_in_one"]:
        yield {tuple(place) for place in alone["side"]["sources"]}, alone["side"]["speed"]["value"]


def in_devices(study):
    """Places and value of each speed that `archive devices` shows."""
    for device in json.loads(encoded(study, study.devices, "json")):
        for speed in device["speeds"]:
            yield {tuple(place) for place in speed["places"]}, speed["speed"]


def in_table(study, value="examples_per_second"):
    """The values of all cells of `table`."""
    return [
        v for pivot in pivots(study, Ask(value=value)) for spot in pivot.spots.values() for v in spot.values
    ]


def mean(tables, places):
    """Geometric mean of the speeds of the phases at these places, from the tables alone."""
    found = [r["examples_per_second"] for r in tables.rows("phases") if (r["source"], r["line"]) in places]
    assert len(found) == len(places)
    return math.exp(sum(map(math.log, found)) / len(found))


def test_every_speed_is_that_of_one_set_up(labels):
    """Wherever a speed stands, the runs behind it are the same, and it is their geometric mean, as in the table."""
    reading, where = api.read_labels(labels)
    study = Study(reading.tables)
    table = in_table(study)
    report = api.report_of(reading, title="T", baseline=None, command="c")
    shown, exact = (
        list(in_report(report, shared_folder(reading.tables.columns["lines"]["source"]))),
        list(in_devices(study)),
    )
    verdicts = api.compare_of(reading, labels, where, margin=0.02, run_variation=0.01, fail_under=None)
    exact += list(in_comparison(verdicts))
    assert shown
    assert exact
    groups = {frozenset(places) for places, _ in (*shown, *exact)}
    assert sum(map(len, groups)) == len(frozenset.union(*groups))
    for places, value in exact:
        assert value == pytest.approx(mean(reading.tables, places), rel=1e-12)
        assert any(value == pytest.approx(other, rel=1e-12) for other in table)
    for places, text in shown:
        number = re.sub(r"[^0-9.]", "", text)
        half = 0.5 * 10.0 ** -len(number.partition(".")[2])
        assert float(number) == pytest.approx(mean(reading.tables, places), abs=half * 1.000001)


def test_the_table_has_all_that_was_made(made):
    """A value for each set-up, with the numbers that were printed: of repeats their geometric mean."""
    reading = api.read_logs(api.sources_of([path for paths in made.values() for path in paths]))
    means = [math.prod(speeds) ** (1 / len(speeds)) for speeds in SET_UPS.values()]
    assert sorted(in_table(Study(reading.tables))) == pytest.approx(sorted(means), rel=2e-3)
    times = in_table(Study(reading.tables), "seconds_per_batch")
    own = [size / mean for (*_, size), mean in zip(SET_UPS, means, strict=True)]
    assert sorted(times) == pytest.approx(sorted(own), rel=2e-3)


def test_a_report_goes_through_its_runs_once(made, monkeypatch):
    """Phases and windows are gathered once, set-ups once for each batch size and once for any, however many sections ask."""
    reading = api.read_logs(api.sources_of([path for paths in made.values() for path in paths]))
    count = Counter()
    for name in ("members", "pooled"):
        whole = getattr(study, name)

        def counted(*given, name=name, whole=whole):
            count[name] += 1
            return whole(*given)

        monkeypatch.setattr(study, name, counted)
    api.report_of(reading, title="T", baseline=None, command="c")
    assert count == {"members": 1, "pooled": 2}

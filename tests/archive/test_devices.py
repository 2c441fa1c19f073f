"""Every device that logs name, one in full, two side by side; and what two selections do not share."""

import csv
import io
import json
from datetime import datetime

import pytest
from archive_logs import change, scratch, some_file
from lab_logs import write_lab

from logreport.analysis import Study
from logreport.analysis.comparison.tables_diff import diff
from logreport.analysis.hardware.seen_devices import chosen, devices, named
from logreport.archive import Archive
from logreport.archive.queries.machines import devices_of, tables_on
from logreport.cli.archive.device_tables import encoded
from logreport.errors import UsageError
from logreport.tables.conditions import condition
from logreport.tables.tables import Tables

EARLY, LATE = datetime(2020, 1, 1), datetime(2021, 6, 1)  # noqa: DTZ001 - times of logs have no zone


def add_run(
    tables,
    run_id,
    device,
    speed,
    *,
    at=None,
    version="2.2",
    printed=None,
    driver=None,
    clock=1.5e9,
    host=None,
):
    """One run with what its log says of the device; `printed` is the name that the driver gives it."""
    source = f"{run_id}.log"
    tables.add(
        "runs", run_id=run_id, source=source, first_line=1, last_line=20, benchmark="tf_cnn_benchmarks",
        model="resnet50", mode="training", batch_size=64, precision="fp32", device=device, device_kind="gpu",
        framework="tensorflow", framework_version=version, status="complete", started_at=at,
    )  # fmt: skip
    tables.add(
        "phases", run_id=run_id, source=source, phase="training", batch_size=64, n_steps=100, line=19,
        seconds_per_batch=64 / speed, examples_per_second=speed,
    )  # fmt: skip
    tables.add(
        "devices", run_id=run_id, source=source, index=0, kind="gpu", name=printed or device, clock_hz=clock,
        memory_total_bytes=8 * 2**30, memory_limit_bytes=7 * 2**30 + int(speed), line=3,
    )  # fmt: skip
    for key, value, line in (("driver_version", driver, 4), ("host", host, 5)):
        if value:
            tables.add("environment", run_id=run_id, source=source, key=key, value=value, line=line)


@pytest.fixture
def tables():
    """Three runs of one card, which a newer driver calls by a longer name, and one of another."""
    found = Tables()
    add_run(found, "a", "RTX A", 100.0, at=EARLY, driver="440.1", host="lab1")
    add_run(
        found,
        "b",
        "RTX A",
        130.0,
        at=LATE,
        driver="460.2",
        printed="NVIDIA RTX A",
        clock=1.6e9,
        version="2.4",
    )
    add_run(found, "c", "RTX A", 110.0)
    add_run(found, "d", "RTX B", 200.0, at=LATE, driver="460.2")
    return found


def test_a_device_is_one_however_it_is_announced(tables):
    """Drivers that write NVIDIA before the name mean the same card."""
    assert [(d.name, d.runs, d.logs) for d in devices(tables)] == [("RTX A", 3, 3), ("RTX B", 1, 1)]


def test_values_have_times_and_places(tables):
    """Each driver with when it was seen first and last, and the line that says it; what has no time comes last."""
    card = devices(tables)[0]
    assert (card.first, card.last) == (EARLY, LATE)
    drivers = [(seen.value, seen.first, seen.last, seen.place) for seen in card.facts["driver_version"]]
    assert drivers == [("440.1", EARLY, EARLY, ("a.log", 4)), ("460.2", LATE, LATE, ("b.log", 4))]
    assert [(seen.value, seen.logs) for seen in card.facts["clock_hz"]] == [(1.5e9, 2), (1.6e9, 1)]
    assert [seen.value for seen in card.facts["host"]] == ["lab1"]


def test_what_differs_between_announcements(tables):
    """Clock and driver; not the memory that TensorFlow took, which is of the run."""
    card, other = devices(tables)
    assert card.differing == ("clock_hz", "driver_version")
    assert other.differing == ()


def test_a_speed_is_that_of_the_fastest_set_up(tables):
    """By workload and facts of the set-up, with its place; a set-up with an error is left out, and counted."""
    tables.add(
        "findings", run_id="b", source="b.log", severity="error", code="x", message="y", phase="training"
    )
    reached = Study(tables).on_device("RTX A")
    ((set_up,),) = reached.set_ups.values()
    assert (set_up.speed, set_up.run_ids, set_up.places) == (110.0, ("c",), (("c.log", 19),))
    assert reached.doubted == 1


def test_repeats_are_one_speed(tables):
    """Two runs of one command are one set-up: 90 and 160 make 120, as in every other table."""
    for run_id, speed in (("e", 90.0), ("f", 160.0)):
        add_run(tables, run_id, "RTX C", speed)
    tables.columns["runs"]["command"][-2:] = ["python x.py"] * 2
    ((set_up,),) = Study(tables).on_device("RTX C").set_ups.values()
    assert (set_up.speed, set_up.run_ids) == (pytest.approx(120.0), ("e", "f"))


def test_a_log_without_a_run_has_devices_too():
    """Device properties are worth keeping by themselves."""
    found = Tables()
    found.add("devices", source="boot.log", name="NVIDIA Tesla T4", kind="gpu", clock_hz=1.59e9, line=7)
    found.add("environment", source="boot.log", key="driver_version", value="450.80.2", line=2)
    (card,) = devices(found)
    assert (card.name, card.runs, card.logs, card.first) == ("Tesla T4", 0, 1, None)
    assert [(seen.value, seen.place) for seen in card.facts["driver_version"]] == [
        ("450.80.2", ("boot.log", 2))
    ]


@pytest.mark.parametrize(("name", "found"), [("RTX A", "RTX A"), ("NVIDIA rtx b", "RTX B"), ("x b", "RTX B")])
def test_a_device_by_a_part_of_its_name(tables, name, found):
    """Whatever the case, with or without the maker."""
    assert named(devices(tables), name).name == found


@pytest.mark.parametrize(("name", "why"), [("rtx", "several devices"), ("GTX", "no device")])
def test_a_name_that_is_not_one_device(tables, name, why):
    """The error names those that there are."""
    with pytest.raises(UsageError, match=f"{why}; name one of RTX A, RTX B"):
        named(devices(tables), name)


def test_csv_has_base_units_and_json_has_all(tables):
    """Programs get numbers as the tables have them."""
    found = devices(tables)
    rows = list(csv.DictReader(io.StringIO(encoded(Study(tables), found, "csv").decode())))
    assert [(row["device"], row["clock_hz"], row["differs in"]) for row in rows] == [
        ("RTX A", "1500000000.0, 1600000000.0", "clock_hz, driver_version"),
        ("RTX B", "1500000000.0", ""),
    ]
    first = json.loads(encoded(Study(tables), found, "json"))[0]
    assert first["facts"]["driver_version"][0]["place"] == ["a.log", 4]
    speed, other = first["speeds"]
    assert (speed["workload"]["model"], speed["speed"], speed["places"]) == (
        "resnet50",
        130.0,
        [["b.log", 19]],
    )
    assert [own["set_up"]["framework_version"] for own in (speed, other)] == ["2.4", "2.2"]


def test_tables_for_people(tables):
    """Units are readable, and so is what differs."""
    found = devices(tables)
    text = encoded(Study(tables), found, "table").decode()
    assert "1.50 GHz, 1.60 GHz" in text
    assert "clock, driver" in text
    full = encoded(Study(tables), found[:1], "md", named=1).decode()
    assert "| ResNet-50 training (batch 64), TensorFlow 2.2 | 110 examples/s |" in full
    assert "| ResNet-50 training (batch 64), TensorFlow 2.4 | 130 examples/s |" in full
    beside = encoded(Study(tables), found, "md", named=2).decode()
    assert "| ResNet-50 training (batch 64) | 110 examples/s | 200 examples/s | 1.82× |" in beside


def test_a_hostile_name_stays_text_in_markdown():
    """A device can be called anything."""
    found = Tables()
    found.add("devices", source="x.log", name="<img src=x>|`a`", kind="gpu", line=1)
    assert "<img" not in encoded(Study(found), devices(found), "md").decode()


def test_diff(tables):
    """What is only in one, and what the same run says now; a run is the same wherever its log lies."""
    other = Tables()
    add_run(other, "a", "RTX A", 100.0, at=EARLY, driver="440.1", host="lab1")
    add_run(
        other,
        "b",
        "RTX A",
        131.0,
        at=LATE,
        driver="460.2",
        printed="NVIDIA RTX A",
        clock=1.6e9,
        version="2.4",
    )
    add_run(other, "e", "RTX C", 300.0)
    other.columns["runs"]["source"][0] = "elsewhere/a.log"
    other.columns["phases"]["source"][0] = "elsewhere/a.log"
    found = diff(tables, other)
    assert [row["run_id"] for row in found.new_runs] == ["e"]
    assert [row["run_id"] for row in found.gone_runs] == ["c", "d"]
    assert [(c.name, c.what, c.old, c.new) for c in found.changed_runs] == [
        ("b", "training examples_per_second", 130.0, 131.0),
        ("b", "training seconds_per_batch", 64 / 130, 64 / 131),
    ]
    assert found.same_runs == 1
    assert (found.new_devices, found.gone_devices) == (("RTX C",), ("RTX B",))
    assert found.changed_devices == ()  # the memory that TensorFlow took is of the runs
    assert not found.empty


def test_a_device_that_changed(tables):
    """A driver that the new one has not, and one that the old one had not."""
    other = Tables()
    add_run(other, "a", "RTX A", 100.0, at=EARLY, driver="470.3", host="lab1")
    (change,) = [c for c in diff(tables, other).changed_devices if c.what == "driver_version"]
    assert (change.name, change.old, change.new) == ("RTX A", ["440.1", "460.2"], ["470.3"])


def test_no_difference(tables):
    """The same tables hold the same."""
    found = diff(tables, tables)
    assert found.empty
    assert found.same_runs == 4


@pytest.fixture
def lab(tmp_path):
    """The made lab in several commits, one log under a name that another one has, and a log without a run."""
    logs = write_lab(tmp_path / "runs")
    archive = Archive(tmp_path / "lab", create=True)
    for at in range(0, len(logs), 10):
        archive.add(logs[at : at + 10], tags={"number": str(at)})
    logs[0].write_text(logs[1].read_text().replace("resnet50", "resnet101"))
    boot = tmp_path / "boot.log"
    boot.write_text("name: Tesla T4 major: 7 minor: 5 memoryClockRate(GHz): 1.59\npciBusID: 0000:00:04.0\n")
    archive.add([logs[0], boot])
    return archive


@pytest.mark.parametrize("most", [3, 20_000])
@pytest.mark.parametrize("compacted", [False, True])
def test_part_by_part_is_as_all_at_once(lab, monkeypatch, most, compacted):
    """However many logs are in memory together, in whatever order: the same devices, values, times and places."""
    monkeypatch.setattr("logreport.archive.queries.selecting.PART", most)
    if compacted:
        assert lab.compact().merged > 1
    for where in (None, "tag.number = '10' or model = 'alexnet'"):
        meant = None if where is None else condition(where)
        whole = devices(lab.tables(where))
        assert devices_of(lab.snapshot, meant) == whole
        assert len(whole) == (3 if where is None else 2)
    names = {
        seen.place[0] for one in devices_of(lab.snapshot) for values in one.facts.values() for seen in values
    }
    assert all(".log" in name for name in names)


def test_the_speeds_of_one_device_need_its_runs_alone(lab):
    """What `devices NAME` shows is worked out of fewer rows, and is what all rows give."""
    study = Study(lab.tables())
    for name in ("3090", "2080"):
        device = chosen(study.devices, name, lambda: study.devices)
        alone = Study(tables_on(lab.snapshot, None, [device]))
        assert alone.tables.count("runs") < study.tables.count("runs")
        for form in ("csv", "md", "json"):
            assert encoded(alone, [device], form, named=1) == encoded(study, [device], form, named=1)


@pytest.mark.usefixtures("lab")
def test_a_damaged_commit_is_named_and_the_rest_is_there(tmp_path):
    """The devices of the other commits, each value as often as they say it."""
    path = some_file(tmp_path / "lab", "tables/devices/")
    change(tmp_path / "lab", path, scratch)
    damaged = Archive(tmp_path / "lab")
    found = devices_of(damaged.snapshot)
    assert len(found) in (2, 3)
    assert any(path in str(problem) for problem in damaged.problems)
    assert found == devices(Archive(tmp_path / "lab").tables())

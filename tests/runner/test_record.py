"""The record of a run: the same after a trip through its file, read with its log, and held against it."""

import gzip
import hashlib
import json
import sys
import tarfile
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
import report_parts as parts
from hypothesis import given, settings
from hypothesis import strategies as st

import logreport
from logreport import api, cli
from logreport.errors import SourceError
from logreport.runs import building
from logreport.runs.run_record import End, Gpu, Machine, RunRecord, Sampled, from_json, to_json
from logreport.runs.segmentation.segmenter import Segmenter
from logreport.tables.exporting import EXPORTERS

ALEXNET = b"""conv1   [32, 56, 56, 64]
pool1   [32, 27, 27, 64]
2026-01-05 10:00:01.000000: step 0, duration = 0.100
2026-01-05 10:00:02.000000: step 10, duration = 0.100
2026-01-05 10:00:03.000000: Forward across 20 steps, 0.100 +/- 0.001 sec / batch
2026-01-05 10:00:04.000000: step 0, duration = 0.300
2026-01-05 10:00:07.000000: step 10, duration = 0.300
2026-01-05 10:00:10.000000: Forward-backward across 20 steps, 0.300 +/- 0.001 sec / batch
"""
CIFAR10 = b"""Filling queue with 20000 CIFAR images before starting to train. This will take a few minutes.
2026-01-05 10:00:01.000000: step 0, loss = 4.67 (100.0 examples/sec; 1.280 sec/batch)
2026-01-05 10:00:02.000000: step 10, loss = 4.60 (1280.0 examples/sec; 0.100 sec/batch)
2026-01-05 10:00:03.000000: step 20, loss = 4.50 (1280.0 examples/sec; 0.100 sec/batch)
"""
TF_CNN = b"""TensorFlow:  2.21
Model:       resnet50
Dataset:     imagenet (synthetic)
Mode:        training
SingleSess:  False
Batch size:  32 global
             32 per device
Num batches: 20
Devices:     ['/gpu:0']
Data format: NCHW
Optimizer:   sgd
Variables:   parameter_server
==========
Step\tImg/sec\ttotal_loss
1\timages/sec: 50.0 +/- 0.0 (jitter = 0.0)\t8.169
10\timages/sec: 50.0 +/- 0.1 (jitter = 0.1)\t7.593
20\timages/sec: 50.0 +/- 0.1 (jitter = 0.1)\t7.696
----------------------------------------------------------------
total images/sec: 49.90
----------------------------------------------------------------
"""
NO_MODULE = (
    b'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\nImportError: no numpy here\n'
)
MACHINE = Machine(
    host="secret-box", system="Linux 6.1 x86_64", cpu="AMD EPYC 7B13", cpu_features=("avx2", "fma"), cores=8,
    threads=16, cores_allowed=4, cpu_quota=None, governor="performance", boost=True, memory_total_bytes=64 << 30,
    hypervisor=None, container="docker", gpus=(), driver=None, driver_cuda=None,
)  # fmt: skip
END = End(
    ended=datetime(2026, 1, 5, 10, 1, tzinfo=UTC), seconds=60.0, exit_status=0, signal=None, stopped_by=None,
    left_behind=0, status="complete", reason="exit status 0", log_bytes=1, log_sha256="", cpu_seconds=100.0, others_cpu_seconds=1.0, stolen_cpu_seconds=0.0, load_after=(1.0, 1.0, 1.0),
    samples=(Sampled("clock_hz", "Hz", 2, 2e9, 2.5e9, 3e9, "cpu"),),
)  # fmt: skip
RECORD = RunRecord(
    script="alexnet", benchmark="alexnet_benchmark",
    command=("/usr/bin/python", "/opt/launcher", "/src/alexnet_benchmark.py", "--batch_size=32"), added=(),
    folder="/home/somebody", private="/tmp/private-1", environment={"OMP_NUM_THREADS": "2"},  # noqa: S108 - a name
    data=None, source="/src", commit="8fb79079", dirty=False, python="3.11.7",
    packages={"numpy": "2.1", "tensorflow-cpu": "2.21.0"}, machine=MACHINE,
    started=datetime(2026, 1, 5, 10, tzinfo=UTC), load_before=(0.5, 0.4, 0.3), end=END,
)  # fmt: skip


def kept(folder, log=ALEXNET, record=RECORD, name="run", **end):
    """Write a log and its record as the runner does; fields of the end can be named."""
    folder.mkdir(parents=True, exist_ok=True)
    if record.end is not None:
        said = {"log_sha256": hashlib.sha256(log).hexdigest(), "log_bytes": len(log), **end}
        record = replace(record, end=replace(record.end, **said))
    (folder / f"{name}.log").write_bytes(log)
    (folder / f"{name}.run.json").write_bytes(to_json(record))
    return folder / f"{name}.log"


def reading_of(*paths):
    """What is read from paths."""
    return api.read_logs(api.sources_of(paths))


def only_run(*paths):
    """The one run of paths."""
    reading = reading_of(*paths)
    assert not reading.errors
    (run,) = reading.tables.rows("runs")
    return run


def findings(*paths):
    """Code and message of each finding that the record makes."""
    codes = {"record-contradicts-log", "log-changed", "random-data", "truncated", "failed"}
    return [
        (f["code"], f["message"]) for f in reading_of(*paths).tables.rows("findings") if f["code"] in codes
    ]


def environment(*paths):
    """Key and value of the environment."""
    return {row["key"]: row["value"] for row in reading_of(*paths).tables.rows("environment")}


offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(timezones=offsets)  # the runner's times have an offset, as the system says it
# What 64 bits hold: tables and Parquet have no other whole numbers.
st.register_type_strategy(int, st.integers(-(2**63) + 1, 2**63 - 1))
finite = st.floats(allow_nan=False, allow_infinity=False)
loads = st.tuples(finite, finite, finite)
gpus = st.builds(Gpu, clock_max_hz=st.none() | finite, power_limit_watts=st.none() | finite)
machines = st.builds(
    Machine, cpu_quota=st.none() | finite, gpus=st.none() | st.lists(gpus, max_size=2).map(tuple)
)
samples = st.builds(Sampled, low=finite, mean=finite, high=finite)
ends = st.builds(
    End, ended=moments, seconds=finite, cpu_seconds=finite, others_cpu_seconds=finite, stolen_cpu_seconds=finite,
    load_after=loads, samples=st.lists(samples, max_size=2).map(tuple),
)  # fmt: skip
commands = st.lists(st.text(), min_size=1, max_size=3).map(tuple)
records = st.builds(
    RunRecord, command=commands, machine=machines, started=moments, load_before=loads, end=st.none() | ends
)


@given(records)
def test_a_record_is_the_same_after_a_trip_through_its_file(record):
    """Whatever is in it; times keep their moment and their offset."""
    again = from_json(to_json(record), "x")
    assert again == record
    assert again.started.utcoffset() == record.started.utcoffset()


def test_a_newer_record_is_refused_by_its_version():
    """A later logreport may mean something else by the same words: this one says so instead of guessing."""
    newer = to_json(RECORD).replace(b'"logreport_run": 1', b'"logreport_run": 2')
    with pytest.raises(
        SourceError, match=r"^x: is a run record of version 2, .* knows 1; install a newer logreport"
    ):
        from_json(newer, "x")


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"logreport_run": "1"}', b"\xff\xfe", b"not json", b"[" * 100_000]
)
def test_what_is_no_record_is_said(content):
    """Any other file with that name."""
    with pytest.raises(SourceError, match=r"^x: is (no|a) run record"):
        from_json(content, "x")


# An older logreport wrote records without them.
ADDED_LATER = (
    "launcher", "ranks", "sockets", "caches", "microcode", "clock_max_hz", "memory_peak_bytes", "device", "joules",
)  # fmt: skip


def broken():
    """The record with each of its values missing, and each of another type, and the path of that value."""
    whole = json.loads(to_json(RECORD))

    def places(value, path):
        for key in value:
            yield (*path, key)
            if isinstance(value[key], dict) and key not in ("environment", "packages"):
                yield from places(value[key], (*path, key))

    for path in places(whole, ()):
        if path == ("logreport_run",):
            continue
        for change in ("missing", "of another type"):
            copy = json.loads(to_json(RECORD))
            place = copy
            for key in path[:-1]:
                place = place[key]
            if change == "missing" and path[-1] in ADDED_LATER:
                continue
            if change == "missing":
                del place[path[-1]]
            else:
                place[path[-1]] = (
                    {"no": object.__name__} if path[-1] not in ("environment", "packages") else 1
                )
            yield path[-1], json.dumps(copy).encode()


def test_each_damaged_value_is_named():
    """A record that was cut or edited is no exception from the depth: the message says which value is wrong."""
    count = 0
    for name, content in broken():
        with pytest.raises(SourceError) as error:
            from_json(content, "x")
        assert name in str(error.value)
        count += 1
    assert count > 80


def test_a_record_is_read_with_its_log_and_never_as_one(tmp_path):
    """A folder of a log and its record is one source and one run; nothing of the record counts as a line."""
    log = kept(tmp_path)
    for paths in ([log], [tmp_path], [tmp_path / "*"]):
        reading = reading_of(*paths)
        assert reading.tables.columns["lines"]["source"] == [str(log)]
        assert reading.tables.columns["lines"]["unknown"] == [0]
    assert findings(log) == []


def test_what_the_record_knows_stands_in_the_tables(tmp_path):
    """Command, end, release and device of the run; the machine in the environment, scaled, on no line of the log."""
    run = only_run(kept(tmp_path))
    assert (run["status"], run["status_reason"]) == ("complete", "exit status 0")
    assert run["command"] == "python alexnet_benchmark.py --batch_size=32"
    assert (run["framework_version"], run["framework_version_source"]) == ("2.21.0", "record")
    assert (run["device_kind"], run["device"], run["device_source"]) == (
        "cpu",
        "AMD EPYC 7B13 (4 cores)",
        "record",
    )
    facts = environment(tmp_path)
    assert (facts["cpu_governor"], facts["host"], facts["variables"]) == (
        "performance",
        "secret-box",
        "OMP_NUM_THREADS=2",
    )
    (clock,) = reading_of(tmp_path).tables.rows("telemetry")
    assert (clock["device"], clock["quantity"], clock["unit"]) == ("cpu", "clock_hz", "Hz")
    assert [clock[name] for name in ("n_samples", "low", "mean", "high")] == [2, 2e9, 2.5e9, 3e9]
    assert set(reading_of(tmp_path).tables.columns["environment"]["line"]) == {None}


@pytest.mark.parametrize("pack", ["gz", "zip", "tar.xz"])
def test_a_packed_log_keeps_its_record(tmp_path, pack):
    """A log that was compressed beside its record, and an archive of both."""
    log = kept(tmp_path / "in")
    if pack == "gz":
        packed = log.with_name("run.log.gz")
        packed.write_bytes(gzip.compress(log.read_bytes()))
        log.unlink()
    elif pack == "zip":
        packed = tmp_path / "a.zip"
        with zipfile.ZipFile(packed, "w") as archive:
            for path in sorted(log.parent.iterdir()):
                archive.write(path, f"runs/{path.name}")
    else:
        packed = tmp_path / "a.tar.xz"
        with tarfile.open(packed, "w:xz") as archive:
            for path in sorted(log.parent.iterdir(), reverse=True):
                archive.add(path, f"runs/{path.name}")
    assert only_run(packed)["device"] == "AMD EPYC 7B13 (4 cores)"
    assert findings(packed) == []


@pytest.mark.parametrize("ending", [".run.json", ".telemetry.parquet"])
@pytest.mark.parametrize("pack", ["zip", "tar"])
def test_what_cannot_be_read_in_an_archive_is_said(tmp_path, pack, ending):
    """A byte of a record or a series is wrong, or it is a link to what is not there: said by name, and both logs are read."""
    log = kept(tmp_path / "in")
    path, bad = tmp_path / f"a.{pack}", log.with_suffix(ending)
    whole = [(name, name.read_bytes()) for name in (log, log.with_suffix(".run.json")) if name != bad]
    whole.append((log.with_name("z.log"), ALEXNET.replace(b"0.100", b"0.200")))
    if pack == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in [*whole, (bad, b"bytes as packed")]:
                archive.writestr(name.name, content)
        path.write_bytes(path.read_bytes().replace(b"bytes as packed", b"bytes as stored"))
        says = f"damaged compressed data (Bad CRC-32 for file {bad.name!r}); fetch or pack it again"
    else:
        link = tarfile.TarInfo(bad.name)
        link.type, link.linkname = tarfile.LNKTYPE, "gone"
        with tarfile.open(path, "w") as archive:
            for name, content in whole:
                name.write_bytes(content)
                archive.add(name, name.name)
            archive.addfile(link)
        says = "cannot be read (\"linkname 'gone' not found\"); unpack it, and name what is in it"
    reading = reading_of(path)
    assert [str(error) for error in reading.errors] == [f"{path}!{bad.name}: {says}"]
    assert reading.tables.columns["runs"]["source"] == [f"{path}!run.log", f"{path}!z.log"]


def test_a_record_alone_is_no_input(tmp_path):
    """Who names the record itself is told what to name."""
    log = kept(tmp_path)
    (error,) = reading_of(log.with_suffix(".run.json")).errors
    assert str(error).endswith("is the record of a run; name the log beside it; its record is read with it")


def test_a_damaged_record_costs_the_record_and_not_the_log(tmp_path):
    """The log is read by itself, and one error names the record."""
    log = kept(tmp_path)
    log.with_suffix(".run.json").write_bytes(b"{")
    reading = reading_of(log)
    assert reading.tables.columns["runs"]["status"] == ["complete"]
    (error,) = reading.errors
    assert str(error) == f"{tmp_path}/run.run.json: is no run record; remove it, or run again"


def test_a_log_that_was_changed_after_the_run_is_found_out(tmp_path):
    """One digit of a result: the record's digest is not that of the log any more."""
    log = kept(tmp_path, status="failed", reason="exit status 1", exit_status=1)
    log.write_bytes(ALEXNET.replace(b"0.100 +/-", b"0.010 +/-"))
    assert [code for code, _ in findings(log)] == ["log-changed"]
    assert only_run(log)["status"] == "complete"


@pytest.mark.parametrize(
    ("log", "record", "end", "why"),
    [
        (ALEXNET[:300], {}, {}, "the exit status was 0, but by the log it did not finish: a pass has no summary"),
        (ALEXNET, {}, {"exit_status": 1, "status": "failed", "reason": "exit status 1"},
         "the exit status was 1, but by the log it finished: both passes are there"),
        (ALEXNET, {"command": ("python", "alexnet_benchmark.py", "--batch_size=64")}, {},
         "the command asks for a batch size of 64, the log has 32"),
        (CIFAR10, {"benchmark": "cifar10", "command": ("python", "cifar10_train.py", "--batch_size", "64")}, {},
         "the command asks for a batch size of 64, the log has 128"),
        (CIFAR10, {"command": ("python", "x.py")}, {}, "the record is of alexnet_benchmark, the log of cifar10"),
        (TF_CNN, {"benchmark": "tf_cnn_benchmarks", "command": ("python", "x.py", "--model=vgg16")}, {},
         "the command asks for vgg16, the log is of resnet50"),
        (TF_CNN, {"benchmark": "tf_cnn_benchmarks", "packages": {"tensorflow": "2.16.1"}, "command": ("x.py",)}, {},
         "TensorFlow 2.16.1 was installed, the log is of 2.21"),
        (TF_CNN, {"benchmark": "tf_cnn_benchmarks", "command": ("x.py", "--device=cpu")}, {},
         "the command asks for cpu, the log says ['/gpu:0']"),
    ],
)  # fmt: skip
def test_each_contradiction_is_found(tmp_path, log, record, end, why):
    """End, benchmark, batch size, model, release and device: the record says one thing and the log another."""
    said = [message for code, message in findings(kept(tmp_path, log, replace(RECORD, **record), **end))
            if code == "record-contradicts-log"]  # fmt: skip
    assert said == [f"{why}: one of the two is not of this run; do not publish it before you know which"]


FOUND = b"""2026-01-05 09:59:59.800530: I tensorflow/core/common_runtime/gpu/gpu_device.cc:1434] Found device 0 with properties:
name: NVIDIA A100-SXM4-40GB major: 8 minor: 0 memoryClockRate(GHz): 1.41
pciBusID: 0000:01:00.0
totalMemory: 39.59GiB freeMemory: 39.19GiB
"""


@pytest.mark.parametrize(
    ("gpus", "why"),
    [
        ((), ["the machine had no GPU, the log names A100-SXM4-40GB"]),
        ((Gpu("NVIDIA H200"),), ["the machine had H200, the log names A100-SXM4-40GB"]),
        ((Gpu("A100-SXM4-40GB"),), []),
        ((Gpu("NVIDIA H200"), Gpu("NVIDIA A100-SXM4")), []),
        (None, []),
    ],
)
def test_a_gpu_that_was_not_there_is_found(tmp_path, gpus, why):
    """The log of another machine; where no driver could be asked nothing is claimed."""
    record = replace(RECORD, machine=replace(MACHINE, gpus=gpus), packages={})
    said = [message.partition(":")[0] for _, message in findings(kept(tmp_path, FOUND + ALEXNET, record))]
    assert said == why


def test_a_gpu_that_the_log_does_not_name_is_known(tmp_path):
    """With its messages turned off TensorFlow names no device: the record does."""
    machine = replace(MACHINE, gpus=(Gpu("NVIDIA H200"),))
    run = only_run(kept(tmp_path, record=replace(RECORD, machine=machine)))
    assert (run["device_kind"], run["device"], run["device_source"]) == ("gpu", "H200", "record")
    hidden = replace(RECORD, machine=machine, environment={"CUDA_VISIBLE_DEVICES": "-1"})
    assert only_run(kept(tmp_path / "hidden", record=hidden))["device_kind"] == "cpu"


def test_a_training_without_a_last_line_is_complete_by_its_record(tmp_path):
    """cifar10 prints no last line: the log cannot say what the runner could."""
    record = replace(RECORD, benchmark="cifar10", command=("python", "cifar10_train.py"))
    log = kept(tmp_path, CIFAR10, record)
    assert (only_run(log)["status"], findings(log)) == ("complete", [])
    log.with_suffix(".run.json").unlink()
    assert only_run(log)["status"] == "unknown"


def test_a_run_without_end_is_truncated(tmp_path):
    """The runner was killed: nobody knows how the run went on; what has its last line is complete all the same."""
    record = replace(RECORD, end=None)
    run = only_run(kept(tmp_path / "a", ALEXNET[:300], record))
    assert (run["status"], run["status_reason"]) == ("truncated", "its record has no end")
    assert only_run(kept(tmp_path / "b", ALEXNET, record))["status"] == "complete"


@pytest.mark.parametrize("log", [NO_MODULE, b""])
def test_a_run_that_printed_nothing_known_is_a_run(tmp_path, log):
    """It failed before its first line: by its record it is a failed run of its benchmark, and two are two."""
    end = {"exit_status": 1, "status": "failed", "reason": "exit status 1: ImportError: no numpy here"}
    for number in (0, 1):
        record = replace(RECORD, started=RECORD.started.replace(minute=number))
        kept(tmp_path, log, record, name=f"run-{number}", **end)
    reading = reading_of(tmp_path)
    runs = list(reading.tables.rows("runs"))
    assert not reading.errors
    assert [(run["benchmark"], run["status"]) for run in runs] == [("alexnet_benchmark", "failed")] * 2
    assert runs[0]["run_id"] != runs[1]["run_id"]
    assert "no numpy here" in runs[0]["status_reason"]
    assert reading.tables.columns["findings"]["code"] == ["failed", "failed"]


def test_random_data_are_labelled(tmp_path):
    """A training on noise has a speed, and says of its data set that it is none."""
    record = replace(RECORD, benchmark="cifar10", data="random", command=("python", "cifar10_train.py"))
    log = kept(tmp_path, CIFAR10, record)
    assert only_run(log)["dataset"] == "cifar10 (random data)"
    assert [code for code, _ in findings(log)] == ["random-data"]
    assert environment(log)["data"] == "random"


def test_repeats_are_repeats_whatever_their_private_folders_are_called(tmp_path):
    """Analysis pools runs by command: a folder made for one run must not tell two repeats apart."""
    commands = set()
    for number in (1, 2):
        private = f"/tmp/private-{number}"  # noqa: S108 - a name
        command = ("python", "/x/cifar10_train.py", f"--train_dir={private}/train_dir")
        record = replace(RECORD, benchmark="cifar10", private=private, command=command, added=command[2:])
        commands.add(only_run(kept(tmp_path / str(number), CIFAR10, record))["command"])
    assert commands == {"python cifar10_train.py --train_dir=PRIVATE/train_dir"}


def test_a_report_shows_the_machine_and_not_each_measurement_of_it(tmp_path):
    """Processor and packages once; load and time of each run would fill pages, and stay in the tables."""
    shown = parts.table(logreport.report(kept(tmp_path)), "environment")
    names = {row.cells[0].text for row in shown.rows}
    assert {"cpu model", "packages", "system", "memory total bytes"} <= names
    assert not any(name.startswith("run ") for name in names)
    assert {"run_load_before", "run_seconds"} <= environment(tmp_path).keys()


def test_the_record_is_redacted_too(tmp_path):
    """`--redact` hides the host and the user in what came from the record."""
    record = replace(RECORD, environment={"PYTHONPATH": "/home/somebody/lib"})
    reading = api.read_logs(api.sources_of(kept(tmp_path, record=record)), redact=True)
    said = " ".join(map(str, reading.tables.columns["environment"]["value"]))
    assert "secret-box" not in said
    assert "somebody" not in said


def changed(path, value):
    """The text of a record that is otherwise sound, with another value at one place."""
    copy = json.loads(
        to_json(replace(RECORD, end=replace(END, log_sha256=hashlib.sha256(ALEXNET).hexdigest())))
    )
    copy["machine"]["gpus"] = [to_gpu_json()]
    place = copy
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return json.dumps(copy)


def to_gpu_json():
    """A GPU as it stands in a record."""
    return {
        "name": "NVIDIA H200", "pci_bus_id": None, "memory_total_bytes": 1, "memory_used_bytes": 0,
        "clock_max_hz": 1.0, "power_limit_watts": 1.0,
    }  # fmt: skip


def every_place(value, path=()):
    """The path of each value in JSON."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in items:
        yield (*path, key)
        yield from every_place(one, (*path, key))


def beside_good_logs(folder, content):
    """A folder of two good logs and, beside one of them, a record with this content."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.log").write_bytes(ALEXNET.replace(b"0.100", b"0.200"))
    (folder / "b.log").write_bytes(ALEXNET)
    (folder / "b.run.json").write_bytes(content)
    return folder


NO_RECORD = {
    "command": (("command",), []),
    "benchmark": (("benchmark",), "resnet_of_tomorrow"),
    "surrogate": (("machine", "host"), "a\ud800"),
    "surrogate in a key": (("packages",), {"a\udfff": "1"}),
    "no number": (("load_before", 0), float("nan")),
    "infinite": (("end", "samples", 0, "mean"), float("inf")),
    "huge": (("end", "seconds"), 10**400),
    "type": (("end",), [1]),
    "unit": (("end", "samples", 0, "unit"), 5),
}


@pytest.mark.parametrize("content", [
    *(pytest.param(changed(*change).encode(), id=name) for name, change in NO_RECORD.items()),
    pytest.param(b'{"a":' * 100_000, id="deep"),
    pytest.param(b"\xff\xfe", id="not UTF-8"),
])  # fmt: skip
def test_a_bad_record_is_one_named_error(tmp_path, content, capsys, monkeypatch):
    """Its log and all others are read, tabled and reported; the record is named once, and the status is 1."""
    folder = beside_good_logs(tmp_path / "logs", content)
    for words in (
        ("parse", "--table", "runs", "--format", "json"),
        ("report", "--format", "md", "-o", tmp_path / "out"),
    ):
        monkeypatch.setattr(sys, "argv", ["logreport", *map(str, words), str(folder)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        assert ended.value.code == 1
        (line,) = [line for line in said.err.splitlines() if "b.run.json" in line]
        assert line.startswith(f"logreport: {folder}/b.run.json: is ")
        assert "please report" not in line
        assert words[0] == "report" or len(json.loads(said.out)["runs"]) == 2
    assert "0.1" in (tmp_path / "out" / "report.md").read_text()


SOUND = json.loads(changed(("script",), "alexnet"))
ODD = st.sampled_from(
    [[], {}, "", "\ud800", "{x}", "a\nb|<i>", 1e308, 1e-5, float("nan"), float("-inf"), 10**30, 10**400, -1, 0, None,
     True, [[]], {"a": "\udfff"}, {"a": 1}, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)  # fmt: skip


@settings(max_examples=300, derandomize=True)
@given(st.sampled_from(sorted(every_place(SOUND), key=str)), ODD)
def test_whatever_is_in_a_record_the_logs_come_out(tmp_path_factory, place, value):
    """Any value at any place: each log gives its run, all tables can be written, and what is wrong names the record."""
    folder = beside_good_logs(tmp_path_factory.mktemp("odd"), changed(place, value).encode())
    reading = reading_of(folder)
    assert reading.tables.count("runs") == 2
    assert [str(error).partition(":")[0] for error in reading.errors] in ([], [f"{folder}/b.run.json"])
    assert not any("please report" in str(error) for error in reading.errors)
    for form in EXPORTERS.values():
        for table in ("runs", "environment", "findings"):
            assert isinstance(form(reading, [table]), bytes)


def test_what_nobody_foresaw_takes_nothing_with_it(tmp_path, monkeypatch):
    """Where a record makes reading fail it is left out, where a log does it is left out: no row is there twice."""

    def fail(run, *_rest):
        raise KeyError(run.source)

    folder = beside_good_logs(tmp_path, to_json(RECORD))
    by_itself = reading_of(folder / "a.log").tables
    with monkeypatch.context() as patch:
        patch.setattr("logreport.runs.run_record_facts.add_record_facts", fail)
        reading = reading_of(folder)
    assert reading.tables.columns["runs"]["source"] == [f"{folder}/a.log", f"{folder}/b.log"]
    assert reading.tables.count("steps") == 2 * by_itself.count("steps")
    assert [error.source for error in reading.errors] == [f"{folder}/b.run.json"]
    (folder / "b.run.json").unlink()
    build = building.build_run
    monkeypatch.setattr(
        "logreport.runs.reading.build_run",
        lambda run, *rest: (fail if "b.log" in run.source else build)(run, *rest),
    )
    reading = reading_of(folder)
    assert reading.tables.counts() == by_itself.counts()
    assert [str(error) for error in reading.errors] == [
        f"{folder}/b.log: could not be read (KeyError: '{folder}/b.log'); please report this file"
    ]


def test_a_bad_source_leaves_no_line_among_the_records(tmp_path, monkeypatch):
    """Records as lines of JSON: a source that fails on the way hands on nothing, the others all of theirs."""
    folder = beside_good_logs(tmp_path, to_json(RECORD))
    finish = Segmenter.finish

    def fail(segmenter):
        return finish(segmenter) if "a.log" in segmenter.source else 1 // 0

    monkeypatch.setattr(Segmenter, "finish", fail)
    lines = []
    reading = api.stream_records(api.sources_of([folder]), lines.append)
    assert {json.loads(line)["source"] for part in lines for line in part.splitlines()} == {f"{folder}/a.log"}
    assert reading.tables.columns["lines"]["source"] == [f"{folder}/a.log"]
    assert [error.source for error in reading.errors] == [f"{folder}/b.log"]


def test_a_gpu_that_was_slowed_by_heat_is_named(tmp_path):
    """By the share of the looks in which it was; none or more than all of them is nothing, nor is one that was not used."""
    shares = {"gpu 0": 0.125, "gpu 1": 0.0, "gpu 2": 1.0, "gpu 3": 1e300, "gpu 4": -1.0}
    sampled = tuple(
        Sampled("throttled_heat", "", 8, 0.0, mean, 1.0, device)
        for device, mean in (*shares.items(), ("gpu 5", 1.0))
    )
    there = tuple(Gpu("GeForce RTX 3090", uuid=f"GPU-{number}") for number in range(6))
    record = replace(
        RECORD,
        benchmark="command",
        machine=replace(MACHINE, gpus=there),
        environment={"CUDA_VISIBLE_DEVICES": "0,1,2,3,4"},
    )
    rows = reading_of(kept(tmp_path, b"x\n", record, samples=sampled)).tables.rows("findings")
    assert [row["message"].partition(":")[0] for row in rows if row["code"] == "throttled"] == [
        "GPU 0 was held down by heat in 12 % of the looks",
        "GPU 2 was held down by heat in 100 % of the looks",
    ]

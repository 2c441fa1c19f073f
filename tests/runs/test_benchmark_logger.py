"""The JSON files of --benchmark_log_dir, whatever became of them."""

import json
import tarfile
import zipfile
from pathlib import Path

import fsspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logreport import Archive, report
from logreport.analysis import analyze
from logreport.errors import SourceError
from logreport.runs.reading import read
from logreport.sources import find_sources
from logreport.sources.source import memory_source
from logreport.tables.exporting import EXPORTERS
from logreport.tables.schema import TABLES

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "benchmark_logger.log"
OBJECTS = [json.loads(line) for line in SAMPLE.read_text().splitlines()]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["x", "\ud800", "9" * 400]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "value"]), inner),
    max_leaves=4,
)


@settings(max_examples=200)
@given(whole=st.sampled_from(OBJECTS), value=VALUES, data=st.data())
def test_a_value_of_another_type_is_no_value(whole, value, data):
    """200 records with one value that is none: it is missing, and the record is read and exported."""
    changed = dict(whole)
    place = changed
    key = data.draw(st.sampled_from(sorted(place)))
    while isinstance(place[key], dict) and place[key] and data.draw(st.booleans()):
        place[key] = dict(place[key])
        place = place[key]
        key = data.draw(st.sampled_from(sorted(place)))
    place[key] = value
    reading = read([memory_source("a.log", json.dumps(changed).encode() + b"\n")], with_records=True)
    analyze(reading.tables)
    for export in EXPORTERS.values():
        for name in (*TABLES, "records"):
            assert isinstance(export(reading, [name]), bytes)


@pytest.mark.parametrize("size", [100, 100_000])
def test_a_record_that_is_nested_without_end_is_damage(size):
    """What no reader of JSON can follow is a line without values, and the others are read."""
    deep = b'{"model_name": "alexnet", "run_parameters": ' + b"[" * size + b"]" * size + b"}\n"
    rows = list(read([memory_source("a.log", deep + SAMPLE.read_bytes())]).tables.rows("runs"))
    assert [row["model"] for row in rows][-2:] == ["alexnet", "resnet50"]


def metric(name, value, step, second):
    """A line of metric.log."""
    stamp = f"2018-06-01T10:00:{second:02d}.000000Z"
    return json.dumps(
        {"name": name, "value": value, "unit": None, "global_step": step, "timestamp": stamp, "extras": []}
    )


def settings_file(model, **parameters):
    """What benchmark_run.log holds, as the logger collects it on a machine with two GPUs."""
    typed = {int: "long_value", float: "float_value", str: "string_value"}
    return json.dumps(
        {
            "model_name": model,
            "dataset": {"name": "imagenet"},
            "machine_config": {
                "cpu_info": {
                    "num_cores": 32,
                    "cpu_info": "Intel(R) Xeon(R) CPU @ 2.30GHz",
                    "mhz_per_cpu": 2300.0,
                },
                "gpu_info": {"count": 2, "model": "Tesla P100-PCIE-16GB"},
                "memory_total": 126000000000,
                "memory_available": 1,
            },
            "run_date": "2018-06-01T10:00:00.000000Z",
            "tensorflow_version": {"version": "1.8.0", "git_hash": "x"},
            "tensorflow_environment_variables": [{"name": "TF_X", "value": "1"}],
            "run_parameters": [
                {"name": name, typed[type(value)]: value} for name, value in parameters.items()
            ],
        }
    )


def of_tf_cnn(speeds):
    """The measurements of tf_cnn_benchmarks: means since the warm-up, and the total at the end."""
    lines = [metric("current_examples_per_sec", speed, 10 * n, 10 + n) for n, speed in enumerate(speeds, 1)]
    return "\n".join([*lines, metric("average_examples_per_sec", speeds[-1] - 1, 10 * len(speeds), 50), ""])


RESNET = settings_file(
    "resnet50", batch_size=128, batch_size_per_device=64.0, mode="training", optimizer="sgd",
    devices="['/job:worker/task:0/gpu:0', '/job:worker/task:0/gpu:1']",
)  # fmt: skip
VGG = settings_file("vgg16", batch_size=32, batch_size_per_device=32.0, devices="['/gpu:0']")
PAIRS = {
    "one/benchmark_run.log": RESNET + "\n", "one/metric.log": of_tf_cnn([400.0, 410.0, 406.0]),
    "two/benchmark_run.log": VGG + "\n", "two/metric.log": of_tf_cnn([200.0, 202.0, 201.0]),
}  # fmt: skip
FACTS = ("model", "batch_size", "batch_size_per_device", "num_devices", "device", "framework_version")
OF_PAIRS = [
    ("resnet50", 128, 64, 2, "Tesla P100-PCIE-16GB", "1.8.0"),
    ("vgg16", 32, 32, 1, "Tesla P100-PCIE-16GB", "1.8.0"),
]


def facts_in(tables):
    """What the runs table says of settings."""
    return [tuple(row[name] for name in FACTS) for row in tables.rows("runs")]


@pytest.fixture
def pairs(tmp_path):
    """A folder with two folders, each with measurements and their settings."""
    for name, text in PAIRS.items():
        (tmp_path / "logs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "logs" / name).write_text(text)
    return tmp_path / "logs"


def packed_zip(folder, path):
    """The pairs as a zip."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in PAIRS:
            archive.write(folder / name, name)


def packed_tar(folder, path):
    """The pairs as a compressed tar."""
    with tarfile.open(path, "w:gz") as archive:
        archive.add(folder, "logs")


@pytest.mark.parametrize("where", ["folder", "zip", "tar", "memory", "named"])
def test_measurements_have_the_settings_beside_them(pairs, tmp_path, where):
    """Two folders in a folder, a zip, a tar, behind a URL, and all files named: two runs, each with its own settings."""
    names = {"folder": [pairs], "named": sorted(pairs.rglob("*.log"))}.get(where, [tmp_path / f"all.{where}"])
    if where == "zip":
        packed_zip(pairs, names[0])
    elif where == "tar":
        names = [tmp_path / "all.tar.gz"]
        packed_tar(pairs, names[0])
    elif where == "memory":
        files = fsspec.filesystem("memory")
        for name, text in PAIRS.items():
            files.pipe_file(f"/pairs/{name}", text.encode())
        names = ["memory://pairs"]
    reading = read(find_sources(map(str, names)))
    assert reading.errors == []
    assert facts_in(reading.tables) == OF_PAIRS
    assert [row["examples_per_second"] for row in reading.tables.rows("phases")] == [406.0, 201.0]
    assert [row["end_to_end_examples_per_second"] for row in reading.tables.rows("phases")] == [405.0, 200.0]
    known = {(row["key"], row["value"]) for row in reading.tables.rows("environment")}
    assert {("cpu_threads", "32"), ("memory_total_bytes", "126000000000"), ("variables", "TF_X=1")} <= known


def test_each_line_of_the_settings_is_accounted_for(pairs):
    """A file of settings is a record of one line and a note that says what it is; no run and no error."""
    reading = read(find_sources([str(pairs / "one" / "benchmark_run.log")]))
    assert (reading.errors, reading.tables.count("runs")) == ([], 0)
    assert [(row["total"], row["record"]) for row in reading.tables.rows("lines")] == [(1, 1)]
    assert [(row["code"], row["line"]) for row in reading.tables.rows("findings")] == [("only-settings", 1)]
    with pytest.raises(
        SourceError, match=r"holds no benchmark run .*; line 1: these are the settings of a run"
    ):
        report(str(pairs / "one" / "benchmark_run.log"))


def test_settings_in_a_file_of_another_name_are_a_run_without_measurements():
    """Somebody kept them by themselves: what was run is known, how fast it was is not."""
    tables = read([memory_source("logs/1.log", (RESNET + "\n").encode())]).tables
    assert [row["model"] for row in tables.rows("runs")] == ["resnet50"]
    assert (tables.count("phases"), [row["record"] for row in tables.rows("lines")]) == (0, [1])


def test_measurements_without_settings_are_a_run(tmp_path):
    """metric.log alone has its speed, and no word about model or batch size."""
    (tmp_path / "metric.log").write_text(of_tf_cnn([400.0, 410.0]))
    tables = read(find_sources([str(tmp_path)])).tables
    assert facts_in(tables) == [(None,) * len(FACTS)]
    assert [row["examples_per_second"] for row in tables.rows("phases")] == [410.0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("an ordinary log\n", None),
        ('{"a": 1}\n', None),
        (RESNET[:200], "is no run record"),
    ],
)
def test_a_file_of_this_name_can_be_anything(tmp_path, text, problem):
    """Beside a metric.log, what is no settings is left alone; settings that are cut are an error, and the log counts."""
    (tmp_path / "metric.log").write_text(of_tf_cnn([400.0, 410.0]))
    (tmp_path / "benchmark_run.log").write_text(text)
    reading = read(find_sources([str(tmp_path)]))
    assert [row["model"] for row in reading.tables.rows("runs")] == [None]
    assert [str(one) for one in reading.errors] == (
        [f"{tmp_path}/benchmark_run.log: {problem}; remove it, or run again"] if problem else []
    )


def test_settings_without_parameters_and_nothing_measured(tmp_path):
    """The logger leaves out parameters where there are none; an empty metric.log is said, as any empty log is."""
    whole = json.loads(RESNET)
    del whole["run_parameters"]
    (tmp_path / "benchmark_run.log").write_text(json.dumps(whole) + "\n")
    (tmp_path / "metric.log").touch()
    reading = read(find_sources([str(tmp_path)]))
    assert [(row["record"], row["unknown"]) for row in reading.tables.rows("lines")] == [(1, 0)]
    assert [str(one).partition(";")[0] for one in reading.errors] == [f"{tmp_path}/metric.log: is empty"]
    (tmp_path / "metric.log").write_text(of_tf_cnn([400.0, 410.0]))
    (run,) = read(find_sources([str(tmp_path)])).tables.rows("runs")
    assert (run["model"], run["device"]) == ("resnet50", "Tesla P100-PCIE-16GB")


def test_settings_are_those_of_the_last_run(tmp_path):
    """A second run in the folder goes on in metric.log and writes its settings over the first ones: a finding says so."""
    (tmp_path / "metric.log").write_text(of_tf_cnn([400.0, 410.0]) + of_tf_cnn([500.0, 510.0]))
    (tmp_path / "benchmark_run.log").write_text(RESNET)
    tables = read(find_sources([str(tmp_path)])).tables
    assert [(row["first_line"], row["last_line"], row["model"]) for row in tables.rows("runs")] == [
        (1, 3, None),
        (4, 6, "resnet50"),
    ]
    assert [(row["code"], row["line"]) for row in tables.rows("findings")] == [
        ("only-settings", 1),
        ("settings-of-another", 1),
    ]


def test_the_official_models_log_the_speed_of_each_interval(tmp_path):
    """Their hook logs mean and interval at each step: the speed is that of the intervals, 3 / (1/790 + 1/820 + 1/805)."""
    speeds, lines = [790.0, 820.0, 805.0], []
    for n, speed in enumerate(speeds, 1):
        lines.append(metric("average_examples_per_sec", sum(speeds[:n]) / n, 100 * n, n))
        lines.append(metric("current_examples_per_sec", speed, 100 * n, n))
    (tmp_path / "metric.log").write_text("\n".join([*lines, ""]))
    (tmp_path / "benchmark_run.log").write_text(
        settings_file("resnet", batch_size=256, dtype="<dtype: 'float16'>")
    )
    tables = read(find_sources([str(tmp_path)])).tables
    analyze(tables)
    (run,), (phase,) = tables.rows("runs"), tables.rows("phases")
    assert (run["benchmark"], run["model"], run["batch_size"], run["precision"]) == (
        "benchmark_logger", "resnet", 256, "fp16",
    )  # fmt: skip
    assert phase["examples_per_second"] == pytest.approx(3 / (1 / 790 + 1 / 820 + 1 / 805))
    assert (run["device"], run["num_devices"]) == (
        "Tesla P100-PCIE-16GB",
        None,
    )  # of two, nobody says how many


def test_an_archive_keeps_the_settings_with_the_measurements(pairs, tmp_path):
    """Settings that came first, as a log of their own, are there when the tables are made again, and after a repair."""
    archive = Archive(tmp_path / "lab", create=True)
    archive.add(pairs / "one" / "benchmark_run.log")
    archive.add(pairs)
    for _ in range(2):
        archive.reparse(every=True)
        assert sorted(facts_in(archive.tables())) == OF_PAIRS
        for path in (tmp_path / "lab" / "tables" / "logs").iterdir():
            path.unlink()
        archive.repair()

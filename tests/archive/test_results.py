"""The view of results: ten questions of a lab, answered by one SELECT each of docs/archive.md and by pandas alone."""

import re

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from lab_logs import write_lab

import logreport
from logreport import Archive
from logreport.archive.queries.views import MEANINGS, SQL_TYPES, VIEWS
from logreport.cli import group

pytest.importorskip("duckdb")
RUN = ["run_id", "source"]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """An archive of the made lab, one host with a tag, and its logs as `parse` reads them: phases with their runs."""
    folder = tmp_path_factory.mktemp("lab")
    paths = write_lab(folder / "runs")
    archive = Archive(folder / "lab", create=True)
    archive.add(folder / "runs" / "lab1", tags={"room": "cold"})
    archive.add(folder / "runs" / "lab2")
    tables = logreport.parse([str(path) for path in paths])
    rows = tables["phases"].merge(tables["runs"], on=RUN, suffixes=("", "_of_run"))
    said = tables["environment"].pivot_table(index=RUN, columns="key", values="value", aggfunc="last")
    rows = rows.merge(said[["driver_version"]], on=RUN)
    devices = tables["devices"].groupby(RUN)[["memory_limit_bytes", "clock_hz"]].max()
    rows = rows.merge(devices, on=RUN)
    rows["room"] = np.where(rows["source"].str.contains("/runs/lab1/"), "cold", None)
    errors = tables["findings"][tables["findings"]["severity"] == "error"]
    rows["doubted"] = rows["run_id"].isin(errors["run_id"])
    assert len(rows) == 48
    return archive, rows, tables


@pytest.fixture(scope="module")
def questions(root):
    """The ten of the page, by their first word."""
    page = (root / "docs" / "archive.md").read_text("utf-8")
    block = page[page.index("## Ten questions") :].split("```sql\n")[1].split("```")[0]
    found = [text.strip() for text in block.split(";\n") if text.strip()]
    assert [text.count("SELECT") for text in found] == [1] * 10
    return found


def best(rows, _):
    """The fastest run of each network on each device."""
    own = rows[(rows["phase"] == "training")]
    top = own.loc[own.groupby(["device", "model"])["examples_per_second"].idxmax()]
    return top[["device", "model", "examples_per_second", "batch_size"]]


def slower(rows, _):
    """Geometric means of the newer release against the older one."""
    logs = rows.assign(log=np.log(rows["examples_per_second"].astype(float)))
    logs = logs[~logs["doubted"]]
    mean = logs.pivot_table(
        index=["device", "model", "batch_size"], columns="framework_version", values="log", aggfunc="mean"
    )
    change = (np.exp(mean["2.4.0"] - mean["1.15.4"]) - 1).rename("change").reset_index()
    return change[change["change"] < -0.05].sort_values("change")


def memory(rows, _):
    """Rows and medians."""
    of = rows.groupby(["device", "driver_version"])["memory_limit_bytes"]
    return of.agg(["size", "median"]).reset_index().assign(median=lambda d: d["median"] / 2**30)


def slowest(rows, _):
    """The first ten of all."""
    own = rows[rows["model"] == "resnet50"].sort_values(["examples_per_second", "source"]).head(10)
    return own[["examples_per_second", "device", "batch_size", "source", "line"]]


def history(rows, _):
    """First, last, how many, median."""
    of = rows[rows["device_kind"] == "gpu"].groupby(["device", "driver_version"])
    found = of.agg(
        first=("started_at", "min"), last=("started_at", "max"), runs=("run_id", "nunique"),
        speed=("examples_per_second", "median"),
    )  # fmt: skip
    return found.reset_index().sort_values(["device", "first"])


def steps(_, tables):
    """The lowest window against the median one."""
    own = tables["steps"]
    own = own[own["window_examples_per_second"].notna() & ~own["is_warmup"].fillna(value=False)]
    of = own.groupby("run_id")["window_examples_per_second"]
    found = pd.DataFrame({"n": of.size(), "lowest": of.min() / of.median()}).reset_index()
    return found.sort_values(["lowest", "run_id"]).head(10)


def hosts(rows, _):
    """Runs, those with an error, and one median."""
    found = []
    for host, own in rows.groupby("host"):
        same = own[(own["model"] == "resnet50") & (own["batch_size"] == 64)]
        found.append(
            (host, own["run_id"].nunique(), int(own["doubted"].sum()), same["examples_per_second"].median())
        )
    return pd.DataFrame(found)


def months(rows, _):
    """By calendar month."""
    own = rows[rows["model"] == "resnet50"]
    of = own.groupby(own["started_at"].dt.to_period("M").dt.to_timestamp())
    return of.agg(runs=("run_id", "nunique"), speed=("examples_per_second", "median")).reset_index()


def by_tag(rows, _):
    """What has no tag comes last."""
    own = rows.assign(room=rows["room"].fillna("~"))
    found = own.groupby(["room", "model"])["examples_per_second"].median().reset_index()
    return found.assign(room=found["room"].replace("~", None))


def correlation(rows, _):
    """Pearson's, by numpy."""
    own = rows[rows["batch_size"] == 64]
    found = [
        (
            model,
            np.corrcoef(of["clock_hz"].astype(float), of["examples_per_second"].astype(float))[0, 1],
            len(of),
        )
        for model, of in own.groupby("model")
    ]
    return pd.DataFrame(found)


ANSWERS = (best, slower, memory, slowest, history, steps, hosts, months, by_tag, correlation)


def plain(frame):
    """Rows as lists of plain values; a number as text of nine digits."""
    return [
        [
            None
            if value is pd.NA or value is None or value != value  # noqa: PLR0124 - what is no number
            else f"{float(value):.9g}"
            if isinstance(value, int | float | np.number)
            else str(value)
            for value in row
        ]
        for row in frame.astype(object).to_numpy().tolist()
    ]


@pytest.mark.parametrize("number", range(10))
def test_ten_questions(lab, questions, number):
    """Each SELECT of the page gives what pandas works out of the tables of `parse`, and something at all."""
    archive, rows, tables = lab
    expected = ANSWERS[number](rows, tables)
    assert len(expected) > 0
    assert plain(archive.query(questions[number])) == plain(expected)


@pytest.mark.parametrize("number", range(10))
def test_ten_questions_of_the_samples(samples, questions, number, tmp_path_factory):
    """They run over the logs that are shipped too, of four scripts, some without device, driver or time."""
    place = tmp_path_factory.getbasetemp() / "samples.archive"
    archive = Archive(place, create=True)
    archive.add(samples, tags={"room": "cold"})
    archive.query(questions[number])
    assert archive.problems == []
    precisions = archive.query("SELECT DISTINCT precision FROM results WHERE benchmark = 'alexnet_benchmark'")
    assert precisions["precision"].tolist() == ["fp32"]  # the log says nothing, the script has no other


def test_a_run_is_there_once_with_what_its_tables_say(lab):
    """One row a phase; each column is that of its table; what the view adds is what reports assume."""
    archive, rows, _ = lab
    found = archive.query("FROM results ORDER BY source")
    shared = [name for name in found.columns if name in rows.columns and name != "num_devices"]
    assert len(shared) > 30
    expected = rows.sort_values("source")
    for name in shared:
        assert plain(found[[name]]) == plain(expected[[name]]), name
    assert set(found["num_devices"]) == {1}
    assert set(found["cuda_version"]) == {"11.0"}


def test_a_run_in_two_logs_counts_once(tmp_path):
    """As in reports: the same lines under two names, and once in a document."""
    (first, *_) = write_lab(tmp_path / "runs")
    text = first.read_text().rpartition("-\n")[0] + "-\n"
    for name, content in (
        ("a.log", text),
        ("b.log", text + "\n\n"),
        ("c.md", f"# Notes\n\n```\n{text}```\n"),
    ):
        (tmp_path / name).write_text(content)
    archive = Archive(tmp_path / "lab", create=True)
    archive.add([tmp_path / "a.log", tmp_path / "b.log", tmp_path / "c.md"])
    assert archive.query("SELECT count(*) AS n FROM phases")["n"].tolist() == [3]
    assert archive.query("SELECT source FROM results")["source"].tolist() == [str(tmp_path / "a.log")]


def test_worst_finding(tmp_path):
    """An error goes before a warning, of the phase or of its run; a phase without any has none."""
    (first, *_) = write_lab(tmp_path / "runs")
    archive = Archive(tmp_path / "lab", create=True)
    text = first.read_text()
    (tmp_path / "x.log").write_text(text.replace("total images/sec: ", "total images/sec: 9"))
    archive.add([first, tmp_path / "x.log"])
    found = archive.query("FROM findings").query("run_id.notna()")
    order = {"error": 0, "warning": 1, "note": 2}
    for row in archive.query("FROM results").to_dict("records"):
        own = found[
            (found["run_id"] == row["run_id"]) & (found["phase"].isna() | (found["phase"] == row["phase"]))
        ]
        assert row["findings"] == len(own)
        if len(own):
            worst = min(own["severity"], key=order.get)
            assert row["worst_severity"] == worst
            assert row["worst_finding"] in set(own["code"][own["severity"] == worst])
        else:
            assert pd.isna(row["worst_finding"])
    assert len(found) > 0


def test_every_column_of_every_view_is_in_the_schema(lab):
    """Names, order and types are those that DuckDB gives; each has a meaning; measured numbers have a unit."""
    archive = lab[0]
    for name, columns in VIEWS.items():
        found = archive.query(f"DESCRIBE {name}")
        expected = [(column.name, SQL_TYPES.get(column.dtype, column.dtype)) for column in columns]
        got = [(row.column_name, row.column_type.partition("(")[0]) for row in found.itertuples()]
        assert got == expected, name
        assert all(column.meaning for column in columns)
    assert MEANINGS.keys() == VIEWS.keys()
    units = {column.name: column.unit for column in VIEWS["results"]}
    endings = {"_bytes": "bytes", "_hz": "Hz", "_watts": "W", "per_second": "examples/s", "joules": "J"}
    assert [
        name for name, unit in units.items() for end in endings if name.endswith(end) and unit != endings[end]
    ] == []


def test_the_page_of_the_schema_is_current(root):
    """docs/schema.md is what `archive schema --format md` writes: make it again when a column changes."""
    made = CliRunner().invoke(group, ["archive", "schema", "--format", "md"]).output
    assert (root / "docs" / "schema.md").read_text("utf-8") == made


def test_the_schema_of_one_view():
    """For people, as CSV, as JSON; a view that is none is refused with the choices."""
    said = CliRunner().invoke(group, ["archive", "schema", "results"]).output
    assert re.search(r"results +examples_per_second_low +DOUBLE +examples/s +95 % interval, low end", said)
    said = CliRunner().invoke(group, ["archive", "schema", "tags", "--format", "csv"]).output
    assert said.splitlines()[0] == "view,column,type,unit,meaning"
    refused = CliRunner().invoke(group, ["archive", "schema", "nothing"])
    assert (refused.exit_code, "there are results, runs" in refused.output) == (2, True)

"""Tables out of the command line: every format says the same."""

import csv
import io
import json
import sys

import pyarrow.parquet as pq
import pytest
from cli_calls import alexnet_log, write
from cli_running import run

from logreport.cli.archive.printing import ENCODERS
from logreport.tables.exporting import EXPORTERS
from logreport.tables.schema import TABLES


@pytest.fixture(scope="module")
def sample(root):
    """A log with runs, steps, devices and layers."""
    return root / "sample_logs" / "alexnet-gtx-1050-ti.log"


@pytest.mark.parametrize("table", TABLES)
def test_formats_agree(sample, tmp_path, table):
    """CSV, JSON, JSON lines and Parquet hold the same rows and columns."""
    lines = [
        json.loads(line)
        for line in run("parse", sample, "--table", table, "--format", "jsonl").out.splitlines()
    ]
    whole = json.loads(run("parse", sample, "--table", table, "--format", "json").out)[table]
    cells = list(csv.reader(io.StringIO(run("parse", sample, "--table", table, "--format", "csv").out)))
    assert (
        run("parse", sample, "--table", table, "--format", "parquet", "-o", tmp_path / "t.parquet").status
        == 0
    )
    arrow = pq.read_table(tmp_path / "t.parquet")
    names = [column.name for column in TABLES[table]]
    assert lines == whole
    assert cells[0] == arrow.column_names == names
    assert len(cells) - 1 == len(lines) == arrow.num_rows
    assert all(list(row) == names for row in lines)


def test_one_object_with_all_tables(sample):
    """--format json without --table is one object holding every table."""
    found = json.loads(run("parse", sample, "--format", "json").out)
    assert list(found) == list(TABLES)
    assert found["runs"]


def test_records(sample):
    """One line of JSON for each recognised line: source, line, kind, run, fields."""
    rows = [
        json.loads(line)
        for line in run("parse", sample, "--table", "records", "--format", "jsonl").out.splitlines()
    ]
    assert [row["line"] for row in rows] == sorted(row["line"] for row in rows)
    assert {"source", "line", "kind", "run", "fields"} <= set(rows[0])
    text = sample.read_text().splitlines()
    for row in rows:
        if row["kind"] == "alexnet_benchmark.step":
            assert (
                f"step {row['fields']['step']}, duration = {row['fields']['duration']:.3f}"
                in text[row["line"] - 1]
            )


def test_nan_is_valid_json(tmp_path):
    """A loss of nan is the text of the log in a record and null in a table: any JSON reader takes it."""
    path = tmp_path / "run.log"
    path.write_text("10\timages/sec: 51.8 +/- 0.2 (jitter = 0.1)\tnan\n")

    def refuse(text):
        raise AssertionError(text)

    [row] = run("parse", path, "--table", "records", "--format", "jsonl").out.splitlines()
    assert json.loads(row, parse_constant=refuse)["fields"]["loss"] == "nan"
    table = json.loads(run("parse", path, "--table", "steps", "--format", "json").out, parse_constant=refuse)
    assert table["steps"][0]["loss"] is None


def test_csv_says_what_json_says(tmp_path):
    """Text that a spreadsheet would take for a formula is as the log has it, and guarded where that is asked for."""
    path = write(tmp_path / "run.log", alexnet_log(0.1, device="=cmd()"))
    words = ("parse", path, "--table", "devices", "--format")
    (plain,) = csv.DictReader(io.StringIO(run(*words, "csv").out))
    (guarded,) = csv.DictReader(io.StringIO(run(*words, "csv", "--spreadsheet-safe").out))
    (row,) = json.loads(run(*words, "json").out)["devices"]
    assert plain["name"] == row["name"] == "=cmd()"
    assert guarded == {**plain, "name": "'=cmd()"}
    assert run("report", path, "--format", "csv", "-o", tmp_path / "r", "--spreadsheet-safe").status == 0
    assert "'=cmd()" in (tmp_path / "r" / "devices.csv").read_text()


@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "parquet"])
def test_some_columns(sample, tmp_path, form):
    """Those that are named and in that order, in every format; a wrong name gives the choices."""
    words = ("parse", sample, "--table", "runs", "--columns", "device,batch-size", "--format", form)
    assert run(*words, "-o", tmp_path / "t").status == 0
    text = (tmp_path / "t").read_bytes()
    if form == "parquet":
        rows = pq.read_table(tmp_path / "t").to_pylist()
    elif form == "csv":
        rows = [
            {**row, "batch_size": int(row["batch_size"])}
            for row in csv.DictReader(io.StringIO(text.decode()))
        ]
    else:
        rows = json.loads(text)["runs"] if form == "json" else [json.loads(text)]
    assert [list(row.items()) for row in rows] == [[("device", "GeForce GTX 1050 Ti"), ("batch_size", 128)]]
    wrong = run("parse", sample, "--columns", "colour", "--format", form)
    assert wrong.status == 2
    assert "phases has no column 'colour'; choose of run_id, source, phase" in wrong.err


def test_the_sentence_about_the_lines_counts_the_runs_whatever_table_was_asked_for(samples):
    """What a table does not need is left out of it, not out of what is said."""
    for table in ("lines", "devices", "phases"):
        ran = run("parse", samples / "cifar10-cpu.log", "--table", table)
        assert ran.err.startswith("1 run in 1 source"), table


def test_a_format_of_tables_is_one_of_answers_too():
    """What `parse` can write, `archive list` and `archive query` can."""
    assert list(ENCODERS) == list(EXPORTERS)


def test_a_workbook_holds_every_table(samples, tmp_path):
    """A sheet each, with the rows of `parse`; numbers are numbers, times are times, and no text is a formula."""
    openpyxl = pytest.importorskip("openpyxl")
    log = write(tmp_path / "run.log", alexnet_log(0.1, device="=cmd()\x1b"))
    assert run("report", log, samples / "published-1050-ti.md", "-o", tmp_path / "r.xlsx").status == 0
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    whole = json.loads(run("parse", log, samples / "published-1050-ti.md", "--format", "json").out)
    assert book.sheetnames == [name for name in TABLES if whole[name]]
    for sheet in book:
        heads, *rows = sheet.iter_rows(values_only=True)
        assert len(rows) == len(whole[sheet.title])
        for row, told in zip(rows, whole[sheet.title], strict=True):
            for head, value in zip(heads, row, strict=True):
                if isinstance(told[head], int | float):
                    assert value == pytest.approx(told[head], rel=1e-15)
    device = book["devices"]["E2"]
    assert (device.value, device.data_type) == ("=cmd()\\x1b", "s")
    assert book["steps"].cell(2, 1 + [column.name for column in TABLES["steps"]].index("timestamp")).is_date


def test_without_openpyxl_the_workbook_says_what_to_install(samples, tmp_path, monkeypatch):
    """The other formats are written all the same."""
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    ran = run("report", samples / "cifar10-cpu.log", "--format", "xlsx,md", "-o", tmp_path)
    assert ran.status == 1
    assert "xlsx needs openpyxl; install it with" in ran.err
    assert (tmp_path / "report.md").exists()

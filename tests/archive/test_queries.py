"""Answers of any type in every format, and tags of any key: at the door they are refused, in an archive that has them they are shown."""

import csv
import io
import json
import subprocess
import sys

import pyarrow.parquet as pq
import pytest
from archive_logs import files, write_logs
from hypothesis import given, settings
from hypothesis import strategies as st

from logreport import Archive
from logreport.archive.ingest.derive import now
from logreport.archive.ingest.facts import Fact, facts_file
from logreport.archive.queries.querying import unique_names
from logreport.archive.storage import commits
from logreport.cli.archive.printing import ENCODERS
from logreport.errors import UsageError

HUGE = 2**127 - 1


@pytest.fixture
def lab(tmp_path):
    """An archive of two logs."""
    archive = Archive(tmp_path / "lab", create=True)
    archive.add(write_logs(tmp_path / "runs", range(2)))
    return archive


def answers(archive, sql):
    """What each format gives, as lists of rows: CSV as text, JSON and JSON lines, Parquet."""
    frame = archive.query(sql)
    assert isinstance(ENCODERS["table"](frame), bytes)
    rows = json.loads(ENCODERS["json"](frame))
    assert [json.loads(line) for line in ENCODERS["jsonl"](frame).splitlines()] == rows
    text = list(csv.reader(io.StringIO(ENCODERS["csv"](frame).decode(), newline="")))
    packed = pq.read_table(io.BytesIO(ENCODERS["parquet"](frame))).to_pylist()
    assert len(text) - 1 == len(rows) == len(packed)
    return text, rows, packed


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        (f"{HUGE}", str(HUGE)),
        ("7::hugeint", 7),
        ("sum(total) FROM lines", 26),
        ("(2::uhugeint ** 100)::uhugeint", str(2**100)),
        ("18446744073709551615::ubigint", 2**64 - 1),
        ("200::utinyint", 200),
        ("1.5::decimal(38, 10)", 1.5),
        ("1e-12", 1e-12),
        ("'0.12345678901234567'::float8", 0.12345678901234567),
        ("'nan'::float8", None),
        ("null", None),
        ("interval 1 day", "1 day"),
        ("date '20000-01-01'", "20000-01-01"),
        ("time '10:00'", "10:00:00"),
        ("timestamp '2026-01-01 10:00'", "2026-01-01T10:00:00"),
        ("'101'::bit", "101"),
        ("'x'::blob", "x"),
        ("'a'::enum('a')", "a"),
        ("union_value(a := 1)", "1"),
        ("map([1], [2])", "{1=2}"),
        ("[1, 2]", [1, 2]),
        ("{a: 1, b: ['x']}", {"a": 1, "b": ["x"]}),
        ("[{a: date '2026-01-01'}]", "[{'a': 2026-01-01}]"),
    ],
)
def test_a_value_of_any_type(lab, sql, values):
    """No type ends a query, no digit is lost: what a format does not know is text."""
    _, rows, _ = answers(lab, f"SELECT {sql}" if " FROM " in sql else f"SELECT {sql} AS v")
    assert list(rows[0].values()) == [values]


def test_two_columns_of_one_name(lab):
    """As a join of two tables has them: the second gets a number, and keeps its values."""
    text, rows, packed = answers(lab, "SELECT 1 AS n, 2 AS n, 3 AS n_1, 4 AS n")
    assert text == [["n", "n_2", "n_1", "n_3"], ["1", "2", "3", "4"]]
    assert rows == packed == [{"n": 1, "n_2": 2, "n_1": 3, "n_3": 4}]
    text, rows, _ = answers(lab, "FROM phases JOIN runs USING (run_id)")
    assert {"source", "source_1", "log_sha256_1"} <= rows[0].keys()
    assert len(set(text[0])) == len(text[0])
    assert all(row["source"] == row["source_1"] for row in rows)


@given(st.lists(st.sampled_from(["n", "N", "n_1", "n_2", "n_1_1", ""])), st.booleans())
def test_names_are_all_different(names, fold):
    """The first of each keeps its name, and no two are the same."""
    found = unique_names(names, fold=fold)
    assert len(found) == len(names) == len({name.casefold() if fold else name for name in found})
    assert [found[names.index(name)] for name in names if not fold] == ([] if fold else names)


ODD_KEYS = [
    "a b",
    'a"b',
    "a'b",
    "Room",
    "",
    "a\0b",
    "\ud800",
    "1",
    "é",
    "a\n",
    "a;drop",
    5,
    None,
    "ROOM'); --",
]


@pytest.mark.parametrize("key", ODD_KEYS)
def test_a_key_that_sql_cannot_write_is_refused(lab, key, tmp_path):
    """From Python as on the command line, and before anything is written."""
    before, run = files(tmp_path / "lab"), lab.runs()["run_id"][0]
    with pytest.raises(UsageError, match="is no key of a tag; a key has small letters"):
        lab.add(tmp_path / "runs", tags={"sound": "1", key: "1"})
    with pytest.raises(UsageError, match="is no key of a tag"):
        lab.tag([run], {key: None})
    assert files(tmp_path / "lab") == before


@pytest.mark.parametrize("text", ["\ud800", 5, ["x"], b"x"])
def test_what_is_no_text_is_refused(lab, text, tmp_path):
    """A value or a note that no file could hold."""
    before, run = files(tmp_path / "lab"), lab.runs()["run_id"][0]
    for say in (
        lambda: lab.add(tmp_path / "runs", tags={"a": text}),
        lambda: lab.add(tmp_path / "runs", note=text),
        lambda: lab.tag([run], {"a": text}),
        lambda: lab.tag([run], note=text),
    ):
        with pytest.raises(UsageError, match="write text in UTF-8"):
            say()
    assert files(tmp_path / "lab") == before


def say(archive, run, keys):
    """Tags of any key, as an older logreport wrote them."""
    commits.write(
        archive.store, [facts_file([Fact(None, run, "tag", key, f"of {key}", now()) for key in keys])]
    )
    archive.refresh()


@pytest.mark.parametrize(
    "keys", [[key] for key in ODD_KEYS[:6]] + [[*ODD_KEYS[:6], "room", "ROOM'); --", "_", "ab"]]
)
def test_an_archive_with_odd_keys_can_be_asked(lab, keys):
    """Every reader works; each tag is a column of the runs and a field in SQL, none of them is SQL."""
    run = lab.runs()["run_id"][0]
    say(lab, run, keys)
    runs = lab.runs("batch_size > 0").set_index("run_id")
    assert [runs[f"tag.{key}"][run] for key in keys] == [f"of {key}" for key in keys]
    (row,) = answers(lab, f"SELECT tag FROM runs WHERE run_id = '{run}'")[1]  # noqa: S608 - a hash
    assert sorted(row["tag"].values()) == sorted(f"of {key}" for key in keys)
    assert lab.tables("batch_size > 0").count("runs") == 2
    assert lab.query("SELECT count(*) AS n FROM tags")["n"].tolist() == [len(keys)]


@settings(max_examples=12, derandomize=True)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=6), min_size=1, max_size=5, unique=True
    )
)
def test_any_keys_can_be_asked(tmp_path_factory, keys):
    """Whatever an archive holds."""
    folder = tmp_path_factory.mktemp("keys")
    archive = Archive(folder / "lab", create=True)
    archive.add(write_logs(folder / "runs", [1]))
    say(archive, archive.runs()["run_id"][0], keys)
    (row,) = archive.query("SELECT tag FROM runs")["tag"]
    assert sorted(row.values()) == sorted(f"of {key}" for key in keys)
    assert len(archive.runs("true").columns) == len(archive.query("FROM runs").columns) - 1 + len(keys)


LOADED = """
import sys
sys.argv = ["logreport", "archive", "query", sys.argv[2], "-a", sys.argv[1]]
from logreport.cli import main
try:
    main()
finally:
    print(*sorted({"duckdb", "pandas", "pyarrow", "lark"} & {*sys.modules}))
"""


@pytest.mark.parametrize(
    ("sql", "loaded"), [("select 1", ["duckdb"]), ("select count(*) from runs", ["duckdb", "pyarrow"])]
)
def test_a_query_loads_what_it_needs(lab, sql, loaded):
    """Start-up is most of a small query: what no view asks for is not loaded."""
    ran = subprocess.run(
        [sys.executable, "-c", LOADED, lab.store.url, sql],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert [one for one in ran.stdout.splitlines()[-1].split() if one != "pandas"] == loaded
    assert "pandas" not in ran.stdout or sql != "select 1"


@pytest.mark.parametrize(
    ("sql", "row"),
    [
        ("WITH runs AS (SELECT 1 AS n) FROM runs", [1]),
        ("SELECT count(*) FROM main.RUNS", [2]),
        ("SELECT (SELECT count(*) FROM tags) FROM logs LIMIT 1", [0]),
        ("SELECT count(*) FROM (DESCRIBE notes)", [4]),
        ("SELECT count(*) FROM duckdb_views() WHERE view_name = 'results'", [1]),
        ("FROM (PIVOT phases ON phase USING count(*) GROUP BY batch_size) SELECT forward", [2]),
    ],
)
def test_views_are_there_however_they_are_named(lab, sql, row):
    """Only those that a query names are made: by any letters, in subqueries, in the catalog, where DuckDB cannot say it."""
    assert lab.query(sql).iloc[0].tolist() == row

"""Whatever bytes come in: no error but our own, and every line is accounted for."""

import random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sample_texts import SAMPLE_LINES, SAMPLES

from logreport.errors import LogreportError
from logreport.runs.reading import read
from logreport.sources.source import memory_source
from logreport.tables.schema import LEDGER

NAMES = st.sampled_from(
    ["a.log", "README.md", "page.html", "notes.txt", "x.ipynb", "x.json", "x.cast", "x.log.gz", "a.rst"]
)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r", b"\n\n", b"\x00\n", b"<br>\n", b" \\\n"])
PIECES = st.one_of(
    st.sampled_from(SAMPLE_LINES),
    st.builds(lambda line, cut: line[:cut], st.sampled_from(SAMPLE_LINES), st.integers(0, 120)),
    st.builds(lambda line, cut: line[cut:], st.sampled_from(SAMPLE_LINES), st.integers(0, 120)),
    st.builds(
        lambda mark, line: mark + line,
        st.sampled_from([b"> ", b"```", b"    ", b"[1,2]<stdout>:", b"| "]),
        st.sampled_from(SAMPLE_LINES),
    ),
    st.binary(max_size=30),
)
MIXED = st.lists(st.tuples(PIECES, ENDS), min_size=1, max_size=30).map(
    lambda parts: b"".join(a + b for a, b in parts)
)


def check(content, name="a.log"):
    """Read some bytes; only our own errors may come of it, and each line is exactly one thing."""
    reading = read([memory_source(name, content)], with_records=True)
    lines = list(reading.tables.rows("lines"))
    assert len(reading.errors) + len(lines) >= 1
    assert all(isinstance(error, LogreportError) and "\n" not in str(error) for error in reading.errors)
    for row in lines:
        assert sum(row[name] for name in LEDGER) == row["total"], row
        assert all(row[name] >= 0 for name in LEDGER), row
    if not reading.errors:
        numbers = {record["line"] for record in reading.records}
        assert all(1 <= number <= lines[0]["total"] for number in numbers)
    return reading


@settings(max_examples=500)
@given(content=st.binary(), name=NAMES)
@example(content=b"", name="a.log")
@example(content=b"\xff\xfe", name="a.log")
@example(content=b"\xef\xbb\xbf", name="a.log")
@example(content=b"\x1f\x8b", name="a.log")
@example(content=b"\x28\xb5\x2f\xfd", name="a.log")
@example(content=b"BZh", name="a.log")
@example(content=b"{}", name="x.ipynb")
@example(content=b"[]", name="x.cast")
@example(content=b"a | b\r--- | ---", name="README.md")
def test_any_bytes(content, name):
    """500 random inputs: at worst one line that says what is wrong."""
    check(content, name)


@pytest.mark.slow
@settings(max_examples=2000, suppress_health_check=[HealthCheck.too_slow])
@given(content=st.binary(max_size=2000) | MIXED, name=NAMES)
def test_any_bytes_at_length(content, name):
    """2 000 of them; `make fuzz` has others."""
    check(content, name)


@settings(max_examples=500)
@given(content=MIXED, name=NAMES)
def test_real_lines_cut_and_mixed(content, name):
    """500 mixtures of real lines, cut, quoted, joined, with any line end."""
    check(content, name)


@pytest.mark.parametrize("seed", range(30))
def test_real_logs_shuffled(seed):
    """Lines of real logs in any order make runs that nobody ran, and no error."""
    rng = random.Random(seed)  # noqa: S311 - test data
    lines = [line for path in rng.sample(SAMPLES, 5) for line in path.read_bytes().splitlines()]
    rng.shuffle(lines)
    assert not check(b"\n".join(lines) + b"\n").errors


# Of 24 records of runs, which differ in their numbers, the first.
OF_ONE_SORT = [path for path in SAMPLES if path.suffix == ".log" or path.parent.name != "runs"] + [
    next(path for path in SAMPLES if path.name.endswith(".run.json"))
]


@pytest.mark.parametrize("path", OF_ONE_SORT, ids=lambda path: path.name)
def test_every_log_cut_anywhere(path):
    """A log whose run was killed: every place to cut it, by lines, and forty places inside lines."""
    content = path.read_bytes()
    cuts = [i + 1 for i, byte in enumerate(content) if byte == 10][::3]
    cuts += [len(content) * i // 41 for i in range(1, 41)]
    for cut in cuts:
        assert not check(content[:cut], path.name).errors


@pytest.mark.parametrize("seed", range(10))
def test_logs_one_after_another(seed):
    """Logs that were appended to one file hold as many lines together as alone."""
    rng = random.Random(seed)  # noqa: S311 - test data
    contents = [path.read_bytes() for path in rng.sample(SAMPLES, 6)]
    whole = check(b"".join(contents))
    alone = [check(content) for content in contents]
    total = sum(reading.tables.columns["lines"]["total"][0] for reading in alone)
    assert whole.tables.columns["lines"]["total"] == [total]


def test_what_the_analysis_and_exports_make_of_noise():
    """Shuffled logs go the whole way: analysis, every table, every format."""
    from logreport.analysis import analyze, check_across
    from logreport.tables.exporting import EXPORTERS
    from logreport.tables.schema import TABLES

    rng = random.Random(7)  # noqa: S311 - test data
    lines = [line for path in SAMPLES for line in path.read_bytes().splitlines()]
    rng.shuffle(lines)
    reading = check(b"\n".join(lines) + b"\n")
    analyze(reading.tables)
    check_across(reading.tables)
    for export in EXPORTERS.values():
        for name in (*TABLES, "records"):
            assert isinstance(export(reading, [name]), bytes)

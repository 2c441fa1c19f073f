"""The public functions, each as somebody calls it who has nothing but the documentation; `run` has tests of its own."""

import inspect
import pickle
import re
import subprocess
import sys

import pytest
from cli_calls import alexnet_log, write

import logreport
from logreport.errors import LogreportError, SourceError, UsageError
from logreport.reporting import render_html, render_markdown


@pytest.fixture
def logs(tmp_path):
    """Two runs: a step takes 100 ms in the first one and 80 ms in the second one, backward twice as long."""
    return [
        str(write(tmp_path / "logs" / f"{name}.log", alexnet_log(seconds, batch=128)))
        for name, seconds in (("old", 0.1), ("new", 0.08))
    ]


def test_all_that_is_public_is_there():
    """Every name that is offered, and no other."""
    for name in logreport.__all__:
        assert getattr(logreport, name) is not None
    assert re.fullmatch(r"\d+\.\d+\.\d+", logreport.__version__)
    with pytest.raises(AttributeError, match="no attribute 'pares'"):
        _ = logreport.pares


def test_parse_gives_frames(logs):
    """A frame for each table, with the numbers of the log and where each stands; every line is accounted for."""
    tables = logreport.parse(logs)
    assert tables["runs"]["source"].tolist() == logs
    assert tables["runs"]["batch_size"].tolist() == [128, 128]
    phases = tables["phases"]
    assert phases["phase"].tolist() == ["forward", "forward_backward"] * 2
    assert phases["seconds_per_batch"].tolist() == pytest.approx([0.1, 0.2, 0.08, 0.16], rel=0.01)
    for source, line, speed in zip(
        phases["source"], phases["line"], phases["examples_per_second"], strict=True
    ):
        with open(source) as file:  # noqa: PTH123 - a name is text
            printed = file.readlines()[line - 1]
        assert float(re.search(r"steps, (\S+) \+/-", printed)[1]) == pytest.approx(128 / speed, abs=0.0005)
    lines = tables["lines"]
    parts = ["record", "chatter", "blank", "prose", "malformed", "unknown"]
    assert lines["total"].tolist() == lines[parts].sum(axis=1).tolist()
    assert lines["unknown"].sum() == 0


@pytest.mark.parametrize(
    "given", [lambda logs: logs[0], lambda logs: logs[0].encode(), lambda logs: logs[:1]]
)
def test_a_path_may_be_given_alone(logs, given):
    """As text, as bytes, or in a list."""
    assert logreport.parse(given(logs))["runs"]["source"].tolist() == logs[:1]


def test_report_is_data_that_renders(logs):
    """The same report as a page and as markdown, with the title that was asked for."""
    report = logreport.report(logs, title="Two nights")
    assert report.title == "Two nights"
    assert b"<title>Two nights</title>" in render_html(report)
    text = render_markdown(report)["report.md"].decode()
    assert text.startswith("# Two nights\n")
    assert "2 runs · 1 device · 2 logs" in text


def test_compare_is_a_verdict_with_a_status(logs):
    """The new one is a quarter faster; the other way round it is a regression."""
    old, new = logs
    better = logreport.compare({"old": old, "new": new}, fail_under=-0.05)
    assert better.exit_status == 0
    assert [row.matched.comparison.ratio for row in better.rows] == pytest.approx([1.25, 1.25], rel=0.01)
    assert {row.matched.comparison.verdict for row in better.rows} == {"faster"}
    assert logreport.compare({"new": new, "old": old}, fail_under=-0.05).exit_status == 3
    with pytest.raises(UsageError, match="two labels are needed"):
        logreport.compare({"old": old})


def test_table_is_markdown(logs):
    """A cell for each workload, in the rows and columns that were asked for."""
    text = logreport.table(
        logs[0], rows=["phase", "batch_size"], columns=["model"], value="seconds_per_batch"
    )
    assert text.startswith(
        "**Time per batch in ms by phase and batch size and model**: GeForce GTX 1050 Ti, "
    )
    cells = re.findall(r"^\| (\S+) \| 128 \| (\S+) \|$", text, re.MULTILINE)
    assert [phase for phase, _ in cells] == ["forward", "forward-backward"]
    assert [float(cell) for _, cell in cells] == pytest.approx([100, 200], rel=0.01)
    with pytest.raises(UsageError, match="colour"):
        logreport.table(logs, rows=["colour"])


def test_an_archive_keeps_and_answers(logs, tmp_path):
    """What was added is there for whoever opens the archive next, as frames, by SQL, and as it was read."""
    logreport.Archive(tmp_path / "lab", create=True).add(logs, tags={"room": "north"})
    archive = logreport.Archive(tmp_path / "lab")
    runs = archive.runs("tag.room = 'north'")
    assert runs["source"].tolist() == sorted(logs)
    assert archive.query("SELECT count(*) AS n FROM phases")["n"].tolist() == [4]
    read = logreport.parse(sorted(logs))["phases"]
    assert archive.tables().frame("phases").equals(read)
    assert archive.verify().problems == []
    assert archive.problems == []


@pytest.mark.parametrize("call", [logreport.parse, logreport.report, logreport.table])
def test_what_cannot_be_read_is_one_error(call, tmp_path):
    """It names the input, and is of the one family."""
    with pytest.raises(LogreportError, match=r"nothing\.log: ") as error:
        call(tmp_path / "nothing.log")
    assert isinstance(error.value, SourceError)
    assert "\n" not in str(error.value)


def test_parse_gives_what_could_be_read(logs, tmp_path):
    """One input that is missing takes nothing from the others, and is among the errors."""
    parsed = logreport.parse([*logs, tmp_path / "nothing.log"])
    assert parsed["runs"]["source"].tolist() == logs
    assert [error.source for error in parsed.errors] == [str(tmp_path / "nothing.log")]
    assert "2 runs" in repr(parsed)
    assert set(parsed) == set(dict(parsed))


def test_wrong_names_give_the_choices(logs):
    """Of a table and of a column; for whoever catches KeyError too."""
    parsed = logreport.parse(logs)
    with pytest.raises(UsageError, match="there is no table 'run'; choose of runs, phases"):
        parsed.frame("run")
    for wrong in ("colour", ["source", "colour"]):
        with pytest.raises(
            KeyError, match=r"there is no column 'colour'; choose of run_id, source, first_line"
        ):
            parsed.frame("runs")[wrong]
    frame = parsed.frame("runs")
    assert list(frame[["source", "device"]]) == ["source", "device"]
    assert pickle.loads(pickle.dumps(frame)).equals(frame)  # noqa: S301 - our own


def results(logs):
    """One of each kind, with its frame of numbers and a text that it shows."""
    old, new = logs
    return {
        "parse": (logreport.parse(logs), "phases", "GeForce GTX 1050 Ti"),
        "report": (logreport.report(logs, title="Two nights"), "phases", "Two nights"),
        "compare": (logreport.compare({"old": old, "new": new}), "comparisons", "faster"),
        "table": (logreport.table(logs), "cells", "GeForce GTX 1050 Ti"),
    }


@pytest.mark.parametrize("kind", ["parse", "report", "compare", "table"])
def test_results_are_shown_and_saved(logs, tmp_path, kind):
    """As markdown and HTML, in a notebook, in files by their ending, and as a frame."""
    found, name, text = results(logs)[kind]
    assert text in found.to_markdown()
    assert text in found.to_html()
    assert ("<strong>" if kind == "report" else "<table>") in found._repr_html_()
    assert len(found.frame(name))
    with pytest.raises(UsageError, match="there is no table 'x'"):
        found.frame("x")
    for ending in ("html", "md"):
        found.save(tmp_path / f"out.{ending}")
        assert text in (tmp_path / f"out.{ending}").read_text()
    with pytest.raises(UsageError, match=r"out\.doc has no format that is known; end it in \.html, \.md"):
        found.save(tmp_path / "out.doc")


def test_frames_hold_the_numbers(logs):
    """The ratios of a comparison, and the cells of a table in base units."""
    found = results(logs)
    assert found["compare"][0].frame()["ratio"].tolist() == pytest.approx([1.25, 1.25], rel=0.01)
    times = logreport.table(logs[0], columns="phase", value="seconds_per_batch").frame()
    assert times["phase"].tolist() == ["forward", "forward-backward"]
    assert times["seconds_per_batch"].tolist() == pytest.approx([0.1, 0.2], rel=0.01)


def test_tab_sees_the_functions():
    """Names for completion, and signatures for help."""
    assert {"parse", "report", "compare", "table", "run", "Archive"} <= set(dir(logreport))
    assert "where" in inspect.signature(logreport.report).parameters


def test_type_checkers_see_the_functions(root, tmp_path):
    """Types: mypy finds a wrong argument and knows what comes back."""
    pytest.importorskip("mypy", reason="mypy is not installed")
    script = tmp_path / "script.py"
    script.write_text(
        'import logreport\nreveal_type(logreport.parse("a").errors)\nlogreport.report("a", titel="x")\n'
    )
    said = subprocess.run(
        [sys.executable, "-m", "mypy", script],  # with what `make lint` found
        cwd=root, capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip
    assert "list[logreport.errors.LogreportError]" in said
    assert 'Unexpected keyword argument "titel"' in said


def test_start_up_loads_little():
    """`import logreport` loads none of its own rooms and nothing heavy."""
    code = (
        "import sys; before = set(sys.modules); import logreport; print(*sorted(set(sys.modules) - before))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert [name for name in loaded if name.startswith("logreport")] == ["logreport", "logreport.version"]
    assert (
        len([name for name in loaded if not name.startswith(("_", "typing", "collections", "logreport"))])
        < 40
    )

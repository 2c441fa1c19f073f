"""The archive from the command line: what it says, where it says it, and its exit status."""

import io
import json
import shutil
import sys
from types import SimpleNamespace

import pytest
from archive_logs import change, cut, log_text, some_file, write_logs

from logreport import Archive, cli


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Call `logreport archive` on the archive lab of this test; gives exit status, output and errors."""
    monkeypatch.setenv("LOGREPORT_ARCHIVE", str(tmp_path / "lab"))

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["logreport", "archive", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return call


@pytest.fixture
def logs(tmp_path):
    """Three logs."""
    return write_logs(tmp_path / "runs", range(3))


def test_from_add_to_show(run, logs):
    """Add, list, tag, show: each says what a user does next with it."""
    assert run("add", *logs, "--tag", "version=2.20", "--note", "cold room", "--scheduler", "local[1]") == (
        0, "3 logs added (2.16 KiB, 3 runs), 0 there already; 6 new facts about them.\n", "",
    )  # fmt: skip
    status, out, _ = run("list", "--where", 'tag.version = "2.20"', "--format", "json")
    runs = json.loads(out)
    assert (status, [row["source"] for row in runs]) == (0, logs)
    run_id = runs[1]["run_id"]
    assert run("tag", run_id[:8], "room=warm", "--note", "fan was broken")[:2] == (
        0,
        "2 facts added about 1 run.\n",
    )
    status, out, _ = run("show", run_id[:8])
    assert status == 0
    for text in (
        run_id,
        logs[1],
        "tag.room",
        "warm",
        "phases",
        "forward_backward",
        "fan was broken",
        "cold room",
    ):
        assert text in out, text
    assert run("show", run_id, "--log") == (0, log_text(1), "")
    assert run("query", "select tag.room, count(*) n from runs group by all order by n", "--format", "csv") == (
        0, "room,n\nwarm,1\n,2\n", "",
    )  # fmt: skip


def test_what_is_wrong_is_one_line(run, logs, tmp_path):
    """A typing error gets a line that names it, and an exit status of its own kind."""
    assert run("list")[::2] == (
        1, f"logreport: {tmp_path / 'lab'}: there is no archive here; make one: logreport archive add\n",
    )  # fmt: skip
    run("add", *logs)
    for words, status, text in (
        (("query", "select nothing from runs"), 2, "this SQL does not work"),
        (("list", "--where", "tag.version = '1'"), 2, "runs have no 'tag.version'; choose of run_id"),
        (("show", "zzz"), 2, "no run has an id that begins with 'zzz'"),
        (("tag", "a", "B=c"), 2, "'B=c' is no tag; write key=value"),
        (("tag", "abc"), 2, "name runs, and what to say about them"),
        (("add", tmp_path / "missing.log"), 1, "missing.log: no such file or folder"),
        (("add", *logs, "--scheduler", "many"), 2, "many"),
        (("list", "-a", "nonsense://lab"), 1, "nonsense"),
    ):
        got, _, err = run(*words)
        assert got == status, words
        assert text in err, words


def test_damage_is_said_after_the_answer(run, logs, tmp_path):
    """What can be read is given; the exit status is 1, and `verify --repair` says what it did."""
    run("add", *logs)
    change(str(tmp_path / "lab"), some_file(str(tmp_path / "lab"), "tables/steps/"), cut)
    status, out, err = run("query", "select count(*) as n from runs")
    assert (status, out) == (1, "n\n3\n")
    assert err.count("\n") == 1
    assert "is damaged: it has" in err
    assert run("verify")[0] == 1
    status, out, err = run("verify", "--repair")
    assert (status, err.count("\n")) == (0, 1)
    assert out.startswith("Repair: rows of 3 logs made again.\n")
    assert run("verify", "--repair", "--grace", "0")[1].startswith("Repair: ")
    assert run("verify")[1].endswith(": 0 problems.\n")


def test_reparse_and_compact_say_what_changed(run, logs, monkeypatch):
    """Rows before and now of each table that differs, the runs whose numbers do, and what became of the files."""
    run("add", *logs[:2])
    run("add", *logs[2:])
    assert run("reparse")[:2] == (0, "0 logs read again.\n")
    monkeypatch.setattr("logreport.analysis.analyze", lambda _tables: None)  # a release that judges nothing
    status, out, _ = run("reparse", "--all", "--scheduler", "local[1]")
    assert status == 0
    assert out.startswith("3 logs read again.\nfindings: 3 rows before, 0 now\n3 runs with other numbers: ")
    monkeypatch.undo()


@pytest.mark.usefixtures("logs")
def test_an_archive_in_a_folder_of_logs_is_no_log(run, tmp_path):
    """`archive add .` where the archive itself is in the folder adds the logs beside it, again and again."""
    assert run("add", tmp_path)[1].startswith("3 logs added")
    assert run("add", tmp_path)[:2] == (
        0,
        "0 logs added (0 B, 0 runs), 3 there already; 0 new facts about them.\n",
    )
    shutil.copytree(tmp_path / "lab", tmp_path / "copy")
    assert run("add", tmp_path, "-a", tmp_path / "copy")[1].startswith("0 logs added")


def test_standard_input_is_a_log_too(run, monkeypatch, tmp_path):
    """What a script prints can be added without a file."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(log_text(7).encode())))
    assert run("add", "-")[1].startswith("1 log added")
    assert Archive(tmp_path / "lab").runs()["source"].tolist() == ["-"]


def test_help_is_there_for_every_verb(run):
    """Each verb explains itself with examples, and none needs the archive to exist for that."""
    from logreport.cli.archive import VERBS

    for verb in VERBS:
        status, out, _ = run(verb, "--help")
        assert (status, "Example" in out) == (0, True), verb

"""An archive where logs are named, and by the variable; lists in the order that is asked for; many problems in few lines."""

import csv
import io
import sys

import pytest
from archive_logs import change, cut, files, write_logs
from lab_logs import write_lab

import logreport
from logreport import Archive, cli
from logreport.cli.archive.options import FEW, grouped
from logreport.errors import ArchiveError, UsageError


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Call logreport in the folder of this test; gives exit status, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LOGREPORT_ARCHIVE", raising=False)

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["logreport", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return call


@pytest.fixture
def lab(tmp_path):
    """The made lab as logs in `runs`, and as archives: all of it, and each host's."""
    logs = write_lab(tmp_path / "runs")
    Archive(tmp_path / "lab", create=True).add(tmp_path / "runs", tags={"room": "cold"})
    for host in ("lab1", "lab2"):
        Archive(tmp_path / f"{host}.archive", create=True).add(tmp_path / "runs" / host)
    return logs


@pytest.mark.usefixtures("lab")
@pytest.mark.parametrize(
    "words",
    [
        ("parse", "--table", "runs", "--format", "csv", "--columns", "run_id,device,batch_size"),
        ("table", "--rows", "device,batch_size"),
        ("report", "--format", "md", "-o", "-"),
    ],
)
def test_an_archive_is_read_where_logs_are_named(run, monkeypatch, words):
    """It gives what its logs give: named like them, with --from where there is one, and by the variable."""
    verb, *rest = words
    named = run(verb, "lab", *rest)
    assert named[0] == 0, named
    if verb != "report":  # which says from where it read
        by_logs = run(verb, "runs", *rest)
        assert sorted(named[1].splitlines()) == sorted(by_logs[1].splitlines())
    if verb != "parse":
        assert run(verb, "--from", "lab", *rest)[0] == 0
    monkeypatch.setenv("LOGREPORT_ARCHIVE", "lab")
    by_variable = run(verb, *rest)
    assert by_variable[0] == 0
    if verb != "report":
        assert by_variable[1] == named[1]
    assert run(verb, "runs/lab1", *rest)[1] != named[1]  # what is named goes before it


@pytest.mark.usefixtures("lab")
def test_two_archives_are_compared_like_two_folders(run):
    """Each under its label; conditions choose in one of them."""
    words = ("--ignore", "device,host", "--format", "json")
    folders = run("compare", "A=runs/lab2", "B=runs/lab1", *words)
    archives = run("compare", "A=lab2.archive", "B=lab1.archive", *words)
    assert folders[0] == archives[0] == 0
    assert (
        archives[1].replace("lab2.archive!", "").replace("lab1.archive!", "").count("ratio")
        == folders[1].count("ratio")
        > 0
    )
    sides = ("A=framework_version = '1.15.4'", "B=framework_version = '2.4.0'", "--format", "json")
    by_logs, chosen = run("compare", "runs", *sides), run("compare", "lab", *sides)
    assert (chosen[0], chosen[1].count("ratio")) == (by_logs[0], by_logs[1].count("ratio"))
    assert "is under both A and B" in run("compare", "A=lab", "B=lab")[2]


@pytest.mark.usefixtures("lab")
def test_from_python_too(tmp_path):
    """`parse`, `report`, `table` and `compare` take a folder of logs or an archive."""
    place = tmp_path / "lab"
    assert sorted(logreport.parse(place)["runs"]["run_id"]) == sorted(
        logreport.parse(tmp_path / "runs")["runs"]["run_id"]
    )
    assert logreport.report(place, where="tag.room = 'cold'").sections
    assert str(logreport.table(place)).count("|") > 10
    found = logreport.compare({"A": tmp_path / "lab2.archive", "B": tmp_path / "lab1.archive"})
    assert found.exit_status == 0
    with pytest.raises(UsageError, match="its runs are as they were added"):
        logreport.parse(place, given="batch_size=1")


@pytest.mark.usefixtures("lab")
def test_what_an_archive_cannot_give_is_said(run):
    """Records, other grammars; and an archive among logs is left out as ever."""
    assert "an archive keeps tables, no records" in run("parse", "lab", "--table", "records")[2]
    assert "leave out --grammar" in run("report", "lab", "--grammar", "runs", "-o", "x")[2]
    status, _, said = run("parse", "lab", "runs")
    assert (status, "is an archive of logreport, not a log" in said) == (1, True)
    status, _, said = run("parse")
    assert (status, "name a log, or an archive with --from or LOGREPORT_ARCHIVE" in said) == (2, True)


@pytest.mark.usefixtures("lab")
def test_a_list_in_an_order(run, monkeypatch):
    """By several columns, the first counts most; a minus turns one round; what is missing comes last."""
    monkeypatch.setenv("LOGREPORT_ARCHIVE", "lab")

    def rows(*words):
        status, out, said = run("archive", "list", "--format", "csv", *words)
        assert status == 0, said
        return list(csv.reader(io.StringIO(out)))

    got = rows("--sort", "model,-started_at", "--columns", "model,started_at,tag.room", "--limit", "30")
    assert got[0] == ["model", "started_at", "tag.room"]
    assert len(got) == 31
    times = [row[1] for row in got[1:25]]
    assert [row[0] for row in got[1:]] == ["alexnet"] * 24 + ["resnet50"] * 6
    assert times == sorted(times, reverse=True)
    assert {row[2] for row in got[1:]} == {"cold"}
    assert len(rows("--limit", "0")) == 1
    assert len(rows("--where", "model = 'alexnet'")) == 25
    assert run("archive", "list", "--sort", "speed")[0] == 2
    assert "choose of run_id" in run("archive", "list", "--columns", "nothing")[2]
    assert run("archive", "diff", "--old", "model = 'alexnet'", "--new", "model = 'resnet50'")[0] == 0


def test_many_problems_are_few_lines(run, tmp_path):
    """The first of each kind are named, and how many more there are; the exit status is as ever."""
    logs = write_logs(tmp_path / "runs", range(12))
    for log in logs:
        Archive(tmp_path / "lab", create=True).add(log)
    for path in [path for path in files(tmp_path / "lab") if path.startswith("tables/steps/")]:
        change(tmp_path / "lab", path, cut)
    status, out, said = run("archive", "verify", "-a", "lab")
    assert status == 1
    assert "12 problems" in out
    lines = said.splitlines()
    assert len(lines) == FEW + 1
    assert lines[-1].startswith(f"logreport: and {12 - FEW} more like these; copy it from another copy")
    kinds = [ArchiveError("x", source=str(i), todo="a" if i % 2 else "b") for i in range(2 * FEW)]
    assert len(list(grouped(kinds))) == 2 * FEW

"""What logreport writes: never over what it reads, never read again as a log, and where the user says."""

import os
from pathlib import Path

import pytest
from cli_running import run

from logreport.sources.decoding import made_here
from logreport.tables.schema import TABLES

LOG = (
    "TensorFlow:  1.15\nModel:       resnet50\nMode:        training\nBatch size:  32 global\nDevices:     ['/gpu:0']\n"
    "1\timages/sec: 51.8 +/- 0.2 (jitter = 0.1)\t7.593\ntotal images/sec: 51.66\n"
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a log, as the current one."""
    (tmp_path / "a.log").write_text(LOG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lines_of(ran):
    """The sources that were read."""
    return [line.partition(",")[0] for line in ran.out.splitlines()[1:]]


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_a_report_of_a_folder_that_holds_one():
    """`report .` three times: the second and third read what the first read, say what they left out, and write anew."""
    forms = "html,pdf,md,json,csv,parquet"
    first = run("report", ".", "--format", forms)
    assert (first.status, first.err.count("left out")) == (0, 0)
    for _ in range(2):
        again = run("report", ".", "--format", forms)
        assert (again.status, again.out) == (0, first.out)
        assert again.err.splitlines()[0] == first.err.splitlines()[0]
        assert "logreport: report/report.md: is a report of logreport; left out\n" in again.err
        assert "logreport: report/report.html: is a report of logreport; left out\n" in again.err
    assert lines_of(run("parse", ".", "--table", "lines", "--format", "csv")) == ["a.log"]


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_everything_that_is_printed_into_files():
    """Each table in each format, each comparison, `explain`, `table`, and the tables of an archive: none is a log."""
    for name in (*TABLES, "records"):
        for form in ("table", "csv", "json", "jsonl"):
            run("parse", "a.log", "--table", name, "--format", form, "-o", f"{name}-{form}.txt")
            if not Path(f"{name}-{form}.txt").read_bytes():
                Path(f"{name}-{form}.txt").unlink()  # nothing at all is in it
    Path("explained.txt").write_text(run("explain", "a.log").out)
    run("table", "a.log", "-o", "speeds.md")
    for form in ("table", "md", "json"):
        run("compare", "A=a.log", "B=a.log", "--format", form, "-o", f"same-{form}.md")
        run("compare", "A=a.log", "B=speeds.md", "--format", form, "-o", f"other-{form}.md")
    run("archive", "add", "a.log", "-a", "lab")
    for form in ("csv", "json", "jsonl", "table"):
        run("archive", "list", "-a", "lab", "--format", form, "-o", f"list-{form}.txt")
    run("archive", "export", "-a", "lab", "-o", "tables")
    run("archive", "devices", "-a", "lab", "--format", "csv", "-o", "devices.csv")
    ran = run("parse", ".", "--table", "lines", "--format", "csv")
    assert lines_of(ran) == ["a.log"]
    assert ran.status == 0, ran.err


@pytest.mark.usefixtures("folder")
def test_what_looks_like_ours_is_none():
    """A name alone says nothing: a user's own report.md, report.html and runs.csv are read."""
    Path("report.md").write_text(f"# Report\n\nWe ran it.\n\n```\n{LOG}```\n")
    Path("report.html").write_text(f"<!DOCTYPE html>\n<html><head><title>x</title></head><pre>{LOG}</pre>\n")
    Path("runs.csv").write_text(f"run,source\n{LOG}")
    assert lines_of(run("parse", ".", "--table", "lines", "--format", "csv")) == [
        "a.log", "report.html", "report.md", "runs.csv",
    ]  # fmt: skip
    for text in (LOG, "source  of all evil\n", "{}", '{"runs": 5}', "1  record\n", "Workload: x\n"):
        assert made_here(text.encode()) is None


@pytest.mark.usefixtures("folder")
def test_nothing_but_what_is_left_out():
    """Where there is no log beside it, that is an error, also in the library."""
    run("parse", "a.log", "--format", "csv", "-o", "phases.csv")
    assert run("parse", "phases.csv").status == 1
    from logreport import parse
    from logreport.errors import LeftOut

    with pytest.raises(LeftOut, match=r"phases.csv: is a table of logreport; left out"):
        parse("phases.csv")
    assert len(parse(["phases.csv", "a.log"])["runs"]) == 1
    assert "Not everything" not in run("report", ".", "--format", "md", "-o", "-").out


@pytest.mark.parametrize("output", ["a.log", "./a.log", "soft", "hard", "b.run.json", "c.zip"])
@pytest.mark.parametrize(
    "words",
    [
        ("parse",), ("parse", "--table", "records", "--format", "jsonl"), ("parse", "--format", "csv"),
        ("table",), ("compare", "A=a.log", "B=b.log"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_an_input_is_never_overwritten(folder, words, output):
    """Under any name, through links of both kinds, as the record beside a log or the archive around it: refused."""
    import zipfile

    (folder / "b.log").write_text(LOG.replace("51.66", "61.66"))
    (folder / "b.run.json").write_text("{}")
    (folder / "soft").symlink_to("a.log")
    os.link("a.log", "hard")
    with zipfile.ZipFile("c.zip", "w") as archive:
        archive.writestr("c.log", LOG)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    names = ("B=c.zip",) if words[0] == "compare" else ("a.log", "b.log", "c.zip")
    ran = run(words[0], *words[1:], *names, "-o", output)
    assert ran.status == 2
    assert "is read and would be overwritten" in ran.err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.usefixtures("folder")
def test_a_users_own_report_is_not_overwritten():
    """A log called report.md is refused as the place of a report of it; its folder's own report is not."""
    Path("report.md").write_text(f"# Mine\n\n```\n{LOG}```\n")
    ran = run("report", "report.md", "-o", ".", "--format", "md")
    assert (ran.status, Path("report.md").read_text()[:6]) == (2, "# Mine")
    assert run("report", "report.md", "-o", "out", "--format", "md").status == 0
    assert run("report", "report.md", "out/report.md", "-o", "out", "--format", "md").status == 0


@pytest.mark.usefixtures("folder")
def test_standard_output():
    """`-o -` prints one format, and writes no folder called `-`; several, or tables in files of their own, are wrong."""
    for form, begins in (
        ("md", '# Benchmark report\n\n[//]: # "logreport report"\n'),
        ("html", "<!DOCTYPE html>"),
        ("json", '{"runs": ['),
    ):
        ran = run("report", "a.log", "--format", form, "-o", "-")
        assert ran.status == 0
        assert ran.out.startswith(begins)
        assert ".svg" not in ran.out or form != "md"
    for words in ((), ("--format", "csv"), ("--format", "html,md")):
        ran = run("report", "a.log", "-o", "-", *words)
        assert (ran.status, ran.out) == (2, "")
        assert "--format" in ran.err
    assert run("parse", "a.log", "-o", "-").out == run("parse", "a.log").out
    run("archive", "add", "a.log", "-a", "lab")
    for words in (("archive", "export", "-a", "lab"), ("run", "alexnet")):
        assert run(*words, "-o", "-").status == 2
    assert not Path("-").exists()


@pytest.mark.usefixtures("folder")
def test_the_ending_of_a_report():
    """An ending says the format, in any letters; one that is none is wrong usage with the choices; a folder may have one."""
    ran = run("report", "a.log", "-o", "r1.xyz")
    assert ran.status == 2
    assert "html, pdf, md, json, csv, parquet" in ran.err
    assert not Path("r1.xyz").exists()
    assert run("report", "a.log", "-o", "R.MD").status == 0
    assert Path("R.MD").read_text().startswith("# ")
    assert run("report", "a.log", "-o", "r-2.21/", "--format", "md").status == 0
    assert run("report", "a.log", "-o", "r-2.21", "--format", "md").out == "r-2.21/report.md\n"


@pytest.mark.usefixtures("folder")
def test_a_folder_whose_name_is_no_text():
    """A report goes there, and its place can be printed."""
    assert run("report", "a.log", "-o", "r\udcff", "--format", "md").out == "r\\xff/report.md\n"
    assert Path("r\udcff/report.md").exists()

"""What `logreport report` writes, and where."""

import json

import pytest
from cli_calls import call

LOG = "cifar10-gtx-1060-6gb.log"


def test_tables_come_beside_the_report(tmp_path, samples, capsysbinary, monkeypatch):
    """Who wants to compute on gets each table as CSV and all of them as one JSON object."""
    status, _, _ = call(
        capsysbinary, monkeypatch, "report", samples / LOG, "-o", tmp_path, "--format", "md,csv,json"
    )
    assert status == 0
    assert (tmp_path / "report.md").read_text().startswith("# Benchmark report")
    assert (tmp_path / "steps.csv").read_text().count("\n") == 1 + 5
    assert len(json.loads((tmp_path / "report.json").read_text())["steps"]) == 5


@pytest.mark.parametrize(
    ("name", "begins"), [("out.html", b"<!doctype html>"), ("out.md", b"# "), ("out.csv", b"run_id,")]
)
def test_one_file_is_named_by_its_ending(tmp_path, samples, capsysbinary, monkeypatch, name, begins):
    """`-o out.html` writes that file in that format."""
    status, said, _ = call(capsysbinary, monkeypatch, "report", samples / LOG, "-o", tmp_path / name)
    assert status == 0
    assert said.strip() == str(tmp_path / name)
    assert (tmp_path / name).read_bytes().lower().startswith(begins.lower())


def test_formats_that_are_named_one_by_one_are_all_written(samples, tmp_path, capsysbinary, monkeypatch):
    """`--format md --format json,csv` writes the three."""
    log = samples / "alexnet-gtx-1050-ti.log"
    words = ("--format", "md", "--format", "json,csv", "-o", tmp_path / "out")
    status, _, err = call(capsysbinary, monkeypatch, "report", log, *words)
    assert status == 0, err
    endings = {path.suffix for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert endings == {".md", ".json", ".csv", ".svg"}


def test_an_unknown_format_is_named(samples, capsysbinary, monkeypatch):
    """A format that does not exist is wrong usage, with those that do."""
    status, _, said = call(capsysbinary, monkeypatch, "report", samples / LOG, "--format", "html,docx")
    assert status == 2
    assert "docx is none of html, pdf, md" in said


def test_the_report_opens_when_it_is_there(tmp_path, samples, capsysbinary, monkeypatch):
    """`--open` shows the first file that was written."""
    shown = []
    monkeypatch.setattr("click.launch", shown.append)
    call(capsysbinary, monkeypatch, "report", samples / LOG, "-o", tmp_path / "a.md", "--open")
    assert shown == [str(tmp_path / "a.md")]


def test_the_appendix_makes_a_longer_pdf(tmp_path, samples, capsysbinary, monkeypatch):
    """What is folded on the page comes into the PDF where it is asked for."""
    import io

    from pypdf import PdfReader

    texts = []
    for more in ((), ("--appendix",)):
        place = tmp_path / f"{len(more)}.pdf"
        call(capsysbinary, monkeypatch, "report", samples / "cifar10-gtx-1060-6gb.log", "-o", place, *more)
        pages = PdfReader(io.BytesIO(place.read_bytes())).pages
        texts.append(" ".join(" ".join(page.extract_text() for page in pages).split()))
    assert ["Every line of every source" in text for text in texts] == [False, True]


def test_a_complete_run_without_a_speed_does_not_say_its_end_as_the_reason(
    tmp_path, capsysbinary, monkeypatch
):
    """An evaluation ends with its precision, and a run that was killed says that in place of a speed."""
    log = tmp_path / "eval.log"
    log.write_text("2017-10-05 18:34:40.288277: precision @ 1 = 0.118\n")
    call(capsysbinary, monkeypatch, "report", log, "--format", "md", "-o", tmp_path / "out")
    assert "No speed: the log holds no speed for this run." in (tmp_path / "out" / "report.md").read_text()
    log.write_text(
        "Model:       vgg11\nMode:        training\nBatch size:  48 global\nRunning warm up\nKilled\n"
    )
    call(capsysbinary, monkeypatch, "report", log, "--format", "md", "-o", tmp_path / "out")
    assert "No speed: Killed." in (tmp_path / "out" / "report.md").read_text()

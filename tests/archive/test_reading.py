"""What is read from an archive is what its logs say: reports, tables, comparisons, devices, exports."""

import re
import sys
from pathlib import Path

import pytest

from logreport import cli
from logreport.archive import Archive

pytest.importorskip("duckdb")


@pytest.fixture(scope="module")
def lab(root, tmp_path_factory):
    """An archive of the sample logs; those of one thread are tagged."""
    place = str(tmp_path_factory.mktemp("lab") / "archive")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        archive = Archive(place, create=True)
        archive.add("sample_logs")
        archive.add("sample_logs/runs/tf_cnn-resnet20-batch-128-1-thread.log", tags={"threads": "1"})
        archive.add("sample_logs/runs/tf_cnn-resnet20-batch-128-2-threads.log", tags={"threads": "2"})
    return place


@pytest.fixture
def call(root, capsysbinary, monkeypatch):
    """Run a command line at the root: exit status, standard output, standard error."""

    def run(*words):
        monkeypatch.chdir(root)
        monkeypatch.setattr(sys, "argv", ["logreport", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsysbinary.readouterr()
        return ended.value.code, said.out.decode(), said.err.decode()

    return run


def without_command(text):
    """A report without the line that says how and when it was made."""
    return re.sub(r"^Made .*$", "", text, flags=re.MULTILINE)


@pytest.mark.slow
def test_the_report_of_an_archive_is_that_of_its_logs(lab, call, tmp_path):
    """Every number, finding, source and line of it: nothing is lost on the way through the archive."""
    for name, words in (("a", ["--from", lab]), ("b", ["sample_logs"])):
        status, _, err = call("report", *words, "--format", "md", "-o", tmp_path / name)
        assert status == 0, err
    found = [without_command((tmp_path / name / "report.md").read_text()) for name in "ab"]
    assert found[0] == found[1]


def test_a_selection(lab, call):
    """Only runs for which the condition holds, quoted as a shell wants it."""
    status, out, _ = call("table", "--from", lab, "--where", 'tag.threads = "2"')
    assert status == 0
    assert "1\u202f188" in out
    assert "378" not in out


def test_a_block_of_a_readme_reads_an_archive(lab, call):
    """Its marker names the archive as seen from the README; a second run changes nothing."""
    readme = Path(lab).parent / "README.md"
    marker = "<!-- logreport:begin a --from archive --where \"benchmark = 'cifar10'\" --columns device -->"
    readme.write_text(f"{marker}\n<!-- logreport:end a -->\n")
    assert call("table", "--update", readme)[0] == 0
    assert "7 896" in readme.read_text().replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert call("table", "--update", readme, "--check")[0] == 0


def test_compare_by_tag(lab, call):
    """The same verdict as the two logs give."""
    status, out, _ = call(
        "compare", "--from", lab, 'A=tag.threads = "1"', 'B=tag.threads = "2"', "--fail-under", "-5%"
    )
    logs = [
        f"{n}=sample_logs/runs/tf_cnn-resnet20-batch-128-{t}.log"
        for n, t in (("A", "1-thread"), ("B", "2-threads"))
    ]
    assert (status, out) == call("compare", *logs, "--fail-under", "-5%")[:2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["report", "--from", "LAB", "x.log"], "not both"),
        (["report"], "name a log"),
        (["table", "--where", "x = 1"], "name a log, an archive with --from, or a README"),
        (["report", "--from", "LAB", "--grammar", "g"], "leave out --grammar"),
        (["report", "--from", "LAB", "--where", "nonsense ="], "'nonsense =' cannot be read: at its end"),
        (["report", "--from", "LAB", "--where", "tag.room = 1"], "have no 'tag.room'; choose of run_id"),
        (["report", "--from", "LAB", "--where", "batch_size = 12345"], "no run has batch_size = 12345"),
        (["compare", "--from", "LAB", "A=batch_size > 1", "B=batch_size > 8"], "under both A and B"),
        (["archive", "diff", "LAB"], "two archives, or two selections"),
        (["archive", "devices", "a", "b", "c", "-a", "LAB"], "two devices at most"),
        (["archive", "export", "-a", "LAB", "--logs", "--redact", "-o", "x"], "--redact is for tables"),
    ],
)
def test_wrong_usage(lab, call, words, said):
    """Each says what to do instead; nothing is guessed."""
    status, _, err = call(*[lab if word == "LAB" else word for word in words])
    assert status == 2
    assert said in err


def test_no_archive_there(call, tmp_path):
    """An error of one line."""
    status, _, err = call("report", "--from", tmp_path / "none")
    assert status == 1
    assert "there is no archive here" in err


def test_devices(lab, call):
    """The two cards of the samples, and the CPUs that runs are labelled with."""
    status, out, _ = call("archive", "devices", "-a", lab)
    assert status == 0
    assert re.search(r"GeForce GTX 1050 Ti +gpu +1 +1 +2019-01-08", out)
    assert "GeForce GTX 1060 6GB" in out
    assert "TF 2.21 CPU" in out
    _, out, _ = call("archive", "devices", "1050 ti", "-a", lab)
    assert re.search(r"clock +1\.39 GHz", out)


def test_diff(lab, call):
    """Two selections of one archive."""
    status, out, _ = call("archive", "diff", lab, "--old", 'tag.threads = "1"', "--new", 'tag.threads = "2"')
    assert status == 0
    assert "new: 1 run\n" in out
    assert "gone: 1 run\n" in out
    status, out, _ = call("archive", "diff", lab, lab)
    assert out.startswith("both hold the same: ")


def test_export_of_logs_is_what_was_added(lab, call, root, tmp_path):
    """Byte for byte, under the path where they were; adding them again adds nothing."""
    status, _, _ = call("archive", "export", "-a", lab, "--logs", "-o", tmp_path / "out")
    assert status == 0
    name = "sample_logs/alexnet-gtx-1050-ti.log"
    assert (tmp_path / "out" / name).read_bytes() == (root / name).read_bytes()
    assert Archive(lab).add(tmp_path / "out").logs == 0


def test_export_of_tables(lab, call, tmp_path):
    """A file a table, without names where that was asked for."""
    status, _, _ = call(
        "archive", "export", "-a", lab, "--where", 'tag.threads = "1"', "--redact", "-o", tmp_path
    )
    assert status == 0
    assert (tmp_path / "runs.csv").read_text().count("\n") == 2
    assert (tmp_path / "steps.csv").exists()


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("/home/a/x.log", "home/a/x.log"),
        ("../../x.log", "x.log"),
        ("s3://b/x", "s3/b/x"),
        ("..", "log"),
        ("C:\\x.log", "C/x.log"),
    ],
)
def test_an_export_stays_in_its_folder(source, name):
    """Whatever a log was called."""
    from logreport.cli.archive.export import safe

    assert safe(source) == name

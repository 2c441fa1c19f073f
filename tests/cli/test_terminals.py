"""What a terminal would obey never reaches it: names, lines and tags are shown with it written out."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import tarfile
import termios
import unicodedata
from pathlib import Path

import pytest
from cli_calls import alexnet_log, call, write
from cli_running import run

from logreport.errors import LogreportError, visible
from logreport.runner import view
from logreport.tables.exporting import json_bytes
from logreport.tables.schema import TABLES

# A title, a colour, a link, C1's CSI, right-to-left override, a bell, a line that is written over, a mark without width.
EVIL = (
    "\x1b]0;owned\x07\x1b[31mred\x1b]8;;http://x\x1b\\\x9b2J\u202egol.exe\u2066\x08\u200b\u2028\x85\x00\x7f"
)
IN_NAMES = EVIL.replace("\x00", "").replace("/", "")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@pytest.fixture
def logs(tmp_path, monkeypatch):
    """Logs with all of it in their names, lines and commands; one is a member of an archive."""
    monkeypatch.chdir(tmp_path)
    text = (
        alexnet_log(0.1).replace("python ", f"python {IN_NAMES} ", 1)
        + f"{IN_NAMES} unknown\nOSError: {IN_NAMES}\n"
    )
    write(tmp_path / "logs" / f"a{IN_NAMES}.log", text)
    inner = write(tmp_path / "inner.log", alexnet_log(0.2))
    with tarfile.open(tmp_path / "logs" / "b.tar", "w") as packed:
        packed.add(inner, f"m{IN_NAMES}.log")
    return tmp_path / "logs"


def obeyed(text):
    """What a terminal would obey, of a text; the ends of lines are ours."""
    return sorted({f"{ord(found):x}" for found in OBEYED.findall(text)})


def test_everything_that_is_shown_is_visible(logs, tmp_path, capsysbinary, monkeypatch):
    """Tables for people, explanations, lists, errors and notes, in a pipe as well: what is piped is shown in the end."""
    lab, missing = tmp_path / "lab", f"no{IN_NAMES}"
    tag = ("--tag", f"room={EVIL.replace(chr(0), '')}", "--note", EVIL.replace(chr(0), ""))
    for words in (
        ("archive", "add", logs, missing, "-a", lab, *tag),
        ("archive", "list", "-a", lab),
        ("archive", "show", "", "-a", lab),
        ("archive", "query", "from runs", "-a", lab),
        ("archive", "query", f"from {missing}", "-a", lab),
        ("archive", "devices", "-a", lab),
        ("archive", "devices", missing, "-a", lab),
        ("archive", "diff", lab, missing),
        ("archive", "export", "-a", lab, "-o", f"out{IN_NAMES}"),
        ("parse", logs, missing),
        ("parse", logs, "--table", "runs"),
        ("parse", logs, "--table", "records"),
        ("parse", logs, "--format", "json"),
        ("parse", logs, "--table", "records", "--format", "jsonl"),
        ("explain", *logs.glob("*.log")),
        ("explain", missing),
        ("report", logs, missing, "-o", tmp_path / f"r{IN_NAMES}", "--format", "md"),
        ("table", logs, missing, "--columns", "device"),
        ("table", "--update", missing),
        ("compare", f"A={logs}", f"B={missing}", "--across-batch-sizes"),
        ("grammar", "list", missing),
        ("grammar", "check", missing),
        (missing,),
        ("run", "alexnet", "--source", missing),
        ("run", missing),
    ):
        status, out, err = call(capsysbinary, monkeypatch, *words)
        assert obeyed(out) == obeyed(err) == [], words
        assert out or err or not status


def test_each_run_is_shown_visibly(logs, tmp_path, capsysbinary, monkeypatch):
    """Each value is a line of its own, and a text of several lines makes no more of them."""
    call(capsysbinary, monkeypatch, "archive", "add", logs, "-a", tmp_path / "lab")
    _, out, _ = call(
        capsysbinary, monkeypatch, "archive", "list", "-a", tmp_path / "lab", "--format", "jsonl"
    )
    for row in map(json.loads, out.splitlines()):
        _, shown, _ = call(
            capsysbinary, monkeypatch, "archive", "show", row["run_id"], "-a", tmp_path / "lab"
        )
        assert not obeyed(shown)
        assert "run_id" in shown


def test_data_keep_what_was_there(logs, tmp_path, capsysbinary, monkeypatch):
    """JSON escapes it and gives the same value; a file is for programs, and CSV has it as it is."""
    _, out, _ = call(capsysbinary, monkeypatch, "parse", logs, "--format", "json")
    runs = json.loads(out)["runs"]
    assert len(runs) == 2
    assert all(IN_NAMES in row["source"] for row in runs)
    call(
        capsysbinary,
        monkeypatch,
        "parse",
        logs,
        "--table",
        "lines",
        "--format",
        "csv",
        "-o",
        tmp_path / "x.csv",
    )
    assert "\x1b]0;owned" in (tmp_path / "x.csv").read_text()


def test_a_terminal_is_given_nothing_to_obey(logs, tmp_path, root):
    """Formats that keep everything are escaped where a terminal reads them, a raw log too."""
    csv = on_a_terminal(root, "parse", logs, "--table", "runs", "--format", "csv")
    assert "\\x1b" in csv
    on_a_terminal(root, "archive", "add", logs, "-a", tmp_path / "lab")
    rows = on_a_terminal(root, "archive", "list", "-a", tmp_path / "lab", "--format", "jsonl")
    for line in rows.splitlines():
        if line.startswith("{"):
            on_a_terminal(
                root, "archive", "show", json.loads(line)["run_id"], "--log", "-a", tmp_path / "lab"
            )


@pytest.mark.parametrize("width", [60, 80, 130])
@pytest.mark.parametrize("table", ["runs", "phases", "findings", "records"])
def test_a_table_fits_the_terminal(root, table, width):
    """The columns that matter first and as many as there is room for, the rest by name; a pipe is given all of them."""
    sample = root / "sample_logs" / "alexnet-tf-0.5-cpu-batch-128.log"
    text = on_a_terminal(root, "parse", sample, "--table", table, width=width)
    head, *_ = lines = text.splitlines()
    assert max(map(len, lines[:-1])) <= width
    if table == "records":
        return
    names = [column.name for column in TABLES[table] if column.name != "details"]
    told = re.search(r"^(\d+) more columns \(--columns\): ((?:.|\n)*?)\n\d+ runs? in", text, re.MULTILINE)
    rest = re.split(r",\s+", told[2]) if told else []
    assert len(rest) == int(told[1] if told else 0)
    assert not {*head.split()} & {*rest}
    assert {*head.split(), *rest} <= {*names}
    assert head.split()[0] == {"runs": "model", "phases": "phase", "findings": "severity"}[table]


def test_commands_end_with_the_answer(tmp_path, root):
    """After the names of files: the first sentences and a small table, which fits, in colour; a pipe gets no colour."""
    old, new = (
        write(tmp_path / "old.log", alexnet_log(0.1)),
        write(tmp_path / "new.log", alexnet_log(0.05, device="V100")),
    )
    report = ("report", old, new, "--format", "md", "-o", tmp_path / "out")
    for width in (70, 110):
        text = on_a_terminal(root, *report, width=width, colours=True)
        place, _, *answer = COLOUR.sub("", text).splitlines()
        assert place.startswith(str(tmp_path / "out")[:60])
        assert answer[0].startswith("V100 is 2.0")
        assert any(line.startswith("Workload ") and "Speedup" in line for line in answer)
        assert ("\x1b[32mfaster" in text) == (width > 100)
        assert max(map(len, answer)) <= width
    compare = ("compare", f"old={old}", f"new={new}")
    text = on_a_terminal(root, *compare, colours=True)
    assert re.search(
        r"^new against old: 2\.0\d× \(2 workloads, geometric mean; .*\)\.$",
        COLOUR.sub("", text),
        re.MULTILINE,
    )
    assert "\x1b[32mfaster" in text
    for words in (report, compare, (*compare, "--format", "json", "-o", tmp_path / "x.json")):
        ran = run(*words)
        assert not obeyed(ran.out + ran.err)
        assert re.search("V100 is 2.0|new against old: 2.0", ran.out + ran.err)
    assert run(*report).out == f"{tmp_path}/out/report.md\n"


def on_a_terminal(root, *words, width=80, colours=False):
    """What a terminal is given by a call; nothing of it may be obeyed but the ends of lines and of progress."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    command = [sys.executable, "-m", "logreport", *map(str, words)]
    # Workers of pytest say how wide their own terminal is.
    env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env={**env, "PYTHONPATH": str(root)},
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            block = os.read(ours, 1 << 16)
        except OSError:  # the other end is closed
            break
        if not block:
            break
        said += block
    child.wait()
    os.close(ours)
    text = said.decode().replace("\r", "")
    assert obeyed(COLOUR.sub("", text) if colours else text) == []
    return text


def test_a_comparison_that_is_too_long_ends_with_its_answer(tmp_path, root):
    """Of many rows the slowest, of many words some, how to see all, and the whole answer last; a pipe is given all of it."""
    for n in range(1, 41):
        for label, seconds in (("old", 0.1), ("new", 0.15 if n == 40 else 0.101)):
            write(tmp_path / label / f"{n}.log", alexnet_log(seconds, batch=n, seed=n + (label == "new")))
    labels = (f"A={tmp_path / 'old'}", f"B={tmp_path / 'new'}")
    whole = run("compare", *labels).out
    assert whole.count("(batch ") >= 80
    assert "more row" not in whole
    text = on_a_terminal(root, "compare", *labels, width=120, colours=True)
    short = COLOUR.sub("", text).splitlines()
    assert len(short) < 45
    rows = [line for line in short if re.match(r"\S+ \S+ \(batch \d+\)", line)]
    assert len(rows) == 8
    assert "(batch 40)" in rows[0]
    assert "slower" in rows[0]
    at = next(n for n, line in enumerate(short) if line.startswith("All of it:"))
    answer, conclusion = short[at + 1 : at + 3]
    assert answer in whole
    assert conclusion in whole
    assert re.match("B against A: .* geometric mean", answer)


def test_what_a_script_prints_is_shown_visibly(capsysbinary):
    """`run -v` shows it line by line, and notes name its flags; lines that end in CRLF end."""
    shown = view.Plain(verbose=True)
    shown.say(EVIL)
    shown.lines(f"{EVIL}\r\nnext --password=hunter2\n".encode())
    said = capsysbinary.readouterr().err.decode()
    assert obeyed(said) == []
    assert said.splitlines()[2:] == ["next --password=*****"]


def test_an_error_is_one_visible_line():
    """Whatever its source is called."""
    text = str(LogreportError(f"is {EVIL}", source=f"a\nlogreport: all is well\r{EVIL}", todo="look"))
    assert not obeyed(text)
    assert "\n" not in text
    assert text.startswith(r"a\nlogreport: all is well\r\x1b]0;owned\x07")


def test_what_is_visible_stays():
    """Text of any script, accents, thin spaces of our own numbers, tabs and ends of lines."""
    text = "Größe 1\u202f024 中文 עברית é\u0301 × – … \t a\nb 🙂"
    assert visible(text) == text
    assert visible(text, lines=False) == text.replace("\n", "\\n")


def test_every_control_is_written_out():
    """All of Unicode's controls, surrogates and marks of direction."""
    for number in range(0x110000):
        sign = chr(number)
        bad = unicodedata.category(sign) in ("Cc", "Cs") or unicodedata.bidirectional(sign) in (
            "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI",
        )  # fmt: skip
        if bad and sign not in "\n\t":
            assert visible(sign).isprintable(), hex(number)


def test_json_is_the_same_value():
    """Escapes change how it is written, not what it is; half a character can be written too."""
    value = {"a": EVIL + "\udc80", "ö": "\n"}
    written = json_bytes(json.dumps(value, ensure_ascii=False))
    assert json.loads(written) == value
    assert not obeyed(written.decode())


def test_names_that_are_no_utf8_can_be_said(tmp_path, capsysbinary, monkeypatch):
    """Linux allows them; the byte is written out."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    status, _, err = call(capsysbinary, monkeypatch, "parse", path)
    assert status == 1
    assert r"caf\xe9.txt: no such file" in err

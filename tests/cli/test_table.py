"""`logreport table`: what a cell shows, what it never mixes, and a README that stays up to date."""

import csv
import io
import re

import pytest
from cli_calls import alexnet_log, call, check_examples, write
from markdown_it import MarkdownIt

import logreport
from logreport.errors import LogreportError

BLOCK = "# T\n\n<!-- logreport:begin {0} {1} -->\n<!-- logreport:end {0} -->\n"


@pytest.fixture
def table(tmp_path, capsysbinary, monkeypatch):
    """Call `logreport table` in a folder with these logs."""

    def run(*arguments, **logs):
        monkeypatch.chdir(tmp_path)
        for name, text in logs.items():
            write(tmp_path / "logs" / f"{name}.log", text)
        return call(capsysbinary, monkeypatch, "table", *arguments)

    return run


def cells(markdown):
    """Rows of all tables in a markdown text, as their readers see them."""
    lines = [line for line in markdown.splitlines() if line.startswith("|") and "--:" not in line]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_batch_sizes_down_and_models_across(table):
    """Numbers in their order, three digits, right-aligned, an em dash for what was not measured."""
    logs = {f"b{n}": alexnet_log(n / 1000, batch=n, steps=60) for n in (8, 128, 32)}
    status, out, err = table("logs", "--columns", "phase", **logs)
    assert status == 0
    assert "3 runs in 3 sources" in err
    assert out.startswith("**Speed in images/s by batch size and phase**: GeForce GTX 1050 Ti, AlexNet,")
    assert "| --: | --: | --: |" in out
    rows = cells(out)
    assert rows[0] == ["Batch size", "forward", "forward-backward"]
    assert [row[0] for row in rows[1:]] == ["8", "32", "128"]
    assert all(950 < float(re.sub("<.*|\u202f", "", row[1])) < 1050 for row in rows[1:])


def test_what_differs_splits_tables(table):
    """Devices and phases that are neither rows nor columns get tables of their own."""
    logs = {"a": alexnet_log(0.1), "b": alexnet_log(0.05, device="Tesla T4")}
    status, out, _ = table("logs", **logs)
    captions = [line for line in out.splitlines() if line.startswith("**")]
    assert status == 0
    assert len(captions) == 4
    assert all(("GeForce GTX 1050 Ti" in c) != ("Tesla T4" in c) for c in captions)
    assert all(len(re.findall(", forward(?:-backward)?,", c)) == 1 for c in captions)


def test_what_each_column_settles_is_said(table, samples):
    """Two scripts in one table: the note names script and data set of each column."""
    cifar10 = (samples / "runs" / "cifar10-batch-64-1-thread.log").read_text()
    killed = (samples / "tf_cnn-resnet20-tf-2.21-cpu-killed.log").read_text()
    status, out, _ = table("logs", cifar10=cifar10, killed=killed)
    assert status == 0
    assert ["Batch size", "CIFAR-10", "ResNet-20"] in cells(out)
    assert "CIFAR-10: benchmark cifar10" in out
    assert (
        "ResNet-20: benchmark tf\\_cnn\\_benchmarks" in out or "ResNet-20: benchmark tf_cnn_benchmarks" in out
    )
    assert "</sup> truncated" in out
    assert ["32", "—", "830<sup>a</sup>"] in cells(out)


def test_repeats_are_pooled_and_said(table):
    """Three runs of one set-up are one number with a note."""
    logs = {f"a_run{i}": alexnet_log(0.1 + i / 1000, seed=i) for i in range(3)}
    status, out, _ = table("logs", "--rows", "model", "--columns", "phase", **logs)
    assert status == 0
    assert "geometric mean of 3 runs, the fastest 2" in out
    assert out.count("| AlexNet |") == 1


def test_set_ups_stay_apart(table):
    """Two commands in one cell are two numbers, never a mean."""
    slow = alexnet_log(0.2).replace("benchmark.py", "benchmark.py --slow")
    status, out, _ = table("logs", "--columns", "phase", a=alexnet_log(0.1), b=slow)
    assert status == 0
    assert re.search(r"\| 128 \| 6\d\d(\.\d)? / 1\u202f2\d\d(\.\d)?<sup>a</sup> \|", out), out
    assert "2 set-ups, kept apart" in out


def test_the_best_of_several_set_ups(table, samples):
    """--best shows the fastest alone, or the shortest time, and says so: 128 images in 0.0540 s are 2 372 a second."""
    runs = [samples / "runs" / f"cifar10-batch-128-{threads}.log" for threads in ("1-thread", "2-threads")]
    for value, shown in (("examples_per_second", "2\u202f372"), ("seconds_per_batch", "54.0")):
        _, out, _ = table(*runs, "--best", "--value", value)
        assert cells(out)[1:] == [["128", f"{shown}<sup>a</sup>"]]
        assert "Each cell shows the fastest of its set-ups." in out


def test_settings_and_tags_in_rows_and_columns(table, samples, tmp_path):
    """Threads, host and the like where they are asked for, tags of an archive too; then no note repeats them."""
    runs = [samples / "runs" / f"cifar10-batch-128-{threads}.log" for threads in ("1-thread", "2-threads")]
    _, out, _ = table(*runs, "--rows", "threads", "--columns", "xla,optimizer")
    assert cells(out)[1:] == [["1", "1\u202f383<sup>a</sup>"], ["2", "2\u202f372<sup>a</sup>"]]
    assert "the same threads" not in out
    archive = logreport.Archive(tmp_path / "lab", create=True)
    for run, room in zip(runs, ("north", "south"), strict=True):
        archive.add(run, tags={"room": room})
    _, out, _ = table("--from", tmp_path / "lab", "--rows", "tag.room", "--columns", "model")
    assert [row[0] for row in cells(out)] == ["room", "north", "south"]
    _, out, _ = table("--from", tmp_path / "lab", "--rows", "tag", "--where", "tag.room = 'north'")
    assert [row[0] for row in cells(out)] == ["Tags", "room north"]


def test_many_tables_are_one(table):
    """What would part them stands in its rows, and no cell mixes two devices."""
    logs = {f"l{i}": alexnet_log(0.1 + i / 100, device=f"Card {i}") for i in range(20)}
    _, out, _ = table("logs", **logs)
    assert out.count("**Speed") == 1
    found = cells(out)
    assert found[0][:3] == ["Device", "Phase", "Batch size"]
    assert [row[:3] for row in found[1:3]] == [
        ["Card 0", "forward", "128"],
        ["Card 0", "forward-backward", "128"],
    ]
    assert len(found) == 41


def test_a_long_table_says_how_to_get_a_short_one(table):
    """Beside the tables, not in them; and where logs lie on this machine is in none of their notes."""
    logs = {f"l{i}": alexnet_log(0.1 + i / 100, device=f"Card {i}") for i in range(60)}
    status, out, err = table("logs", **logs)
    assert status == 0
    assert "120 rows are many for a README; --preset leaderboard" in err
    assert "--preset" not in out
    assert "many for a README" not in table("logs", "--where", "device = 'Card 1'")[2]


def test_a_table_does_not_say_where_logs_lie_on_this_machine(table, tmp_path):
    """Set-ups that only their folders tell apart are called by these without what they share, and so is a log without a value."""
    for n, folder in enumerate("ab"):
        text = alexnet_log(0.1 + n / 100, device="Card").partition("\n")[2]  # without its command
        write(tmp_path / "logs" / folder / "x.log", text)
    write(tmp_path / "logs" / "a" / "bad.log", alexnet_log(0.1).partition("\n20")[0] + "\nKilled\n")
    _, out, _ = table(str(tmp_path / "logs"))
    assert "2 set-ups, kept apart: b / a" in out
    assert str(tmp_path) not in out


def test_a_time_without_a_speed(table):
    """A log that does not say its batch size has a time for each step all the same."""
    text = "".join(
        line
        for line in alexnet_log(0.1).splitlines(keepends=True)
        if "batch_size" not in line and "conv1" not in line
    )
    assert table("logs", "--columns", "phase", a=text)[0] == 1
    status, out, _ = table("logs", "--columns", "phase", "--value", "seconds_per_batch", a=text)
    assert status == 0
    assert re.search(r"^\| not in the log \| (99\.\d|100) \| (199|200) \|$", out, re.MULTILINE), out


def test_other_formats(table):
    """LaTeX whose names are text, HTML, and CSV with a row for each value in base units; a README takes markdown only."""
    logs = {
        "a": alexnet_log(0.1, device="Card_1 100% \\input{x} $x$"),
        "b": alexnet_log(0.05, device="<b>V100"),
    }
    words = ("logs", "--rows", "device", "--columns", "phase")
    _, latex, _ = table(*words, "--format", "latex", **logs)
    assert r"\begin{tabular}{lrr}" in latex
    assert re.search(
        r"^  Card\\_1 100\\% \\textbackslash\{\}input\\{x\\} \\\$x\\\$ & .* & .* \\\\$", latex, re.MULTILINE
    ), latex
    assert r"\textless{}b\textgreater{}V100 & 2\,5" in latex
    _, html, _ = table(*words, "--format", "html")
    assert html.count("<tr>") == 3
    assert "<b>" not in html
    _, text, _ = table(*words, "--format", "csv", "--value", "seconds_per_batch")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["device"][-4:], row["phase"]) for row in rows[:2]] == [
        ("V100", "forward"),
        ("V100", "forward-backward"),
    ]
    assert float(rows[0]["seconds_per_batch"]) == pytest.approx(0.05, rel=0.01)
    assert table("--update", "README.md", "--format", "csv")[0] == 2


def test_failed_runs_are_marked_not_hidden(table):
    """A run that failed keeps its value with a letter, or has its cell without one."""
    cut = alexnet_log(0.1, batch=64).splitlines(keepends=True)
    crash = 'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\nMemoryError: out\n'
    half = ("".join(cut[:-1]) + crash).replace("=64", "=32").replace("[64", "[32")
    logs = {"a": alexnet_log(0.1), "none": "".join(cut[:6]) + crash, "half": half}
    status, out, _ = table("logs", "--rows", "batch_size", "--columns", "model", **logs)
    assert status == 0
    forward = next(part for part in out.split("**Speed") if ", forward," in part)
    found = dict(cells(forward)[1:])
    assert re.fullmatch(r"3\d\d(\.\d)?<sup>a</sup>", found["32"])
    assert found["64"] == "—<sup>a</sup>"
    assert forward.rstrip().endswith("<sup>a</sup> failed: MemoryError: out")


@pytest.mark.parametrize("value", ["seconds_per_batch", "end_to_end_examples_per_second"])
def test_other_values(table, samples, value):
    """Times get a readable unit; the script's own total is another value."""
    log = (samples / "runs/tf_cnn-resnet20-batch-128-1-thread.log").read_text()
    status, out, _ = table("logs", "--value", value, a=log)
    assert status == 0
    batch, cell = cells(out)[1]
    assert batch == "128"
    if value == "seconds_per_batch":
        last = re.findall(r"^\d+\timages/sec: ([\d.]+)", log, re.MULTILINE)[-1]
        assert "Time per batch in s by" in out
        assert float(cell) == pytest.approx(128 / float(last), abs=0.0006)
    else:
        total = re.search(r"total images/sec: ([\d.]+)", log)[1]
        assert float(cell) == pytest.approx(float(total), abs=0.6)


def test_hostile_names_stay_text(table):
    """A device cannot end a comment or a cell, nor bring HTML."""
    hostile = "Evil | <img src=x> `x` --> <!-- logreport:end a --> GPU"
    status, out, _ = table("logs", "--rows", "device", a=alexnet_log(0.1, device=hostile))
    assert status == 0
    assert "<img" not in out
    assert "-->" not in out
    assert "<!--" not in out
    shown = MarkdownIt("commonmark").enable("table").render(out)
    assert "Evil | &lt;img src=x&gt; `x` --&gt; &lt;!-- logreport:end a --&gt; GPU" in shown


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("logs", "--rows", "colour"), 2, "colour is none of batch_size, model"),
        (("logs", "--rows", "model"), 2, "model cannot stand in rows and columns at once"),
        (("logs", "--rows", ","), 2, "name one of"),
        ((), 2, "name a log"),
        (("logs", "--check"), 2, "need --update"),
        (("logs", "--update", "README.md", "-o", "x"), 2, "leave out -o"),
        (("gone.log",), 1, "gone.log: no such file"),
        (("--update", "gone.md"), 1, "gone.md: cannot be read"),
        (("logs/a.log", "--value", "end_to_end_examples_per_second"), 1, "holds no run with end_to_end"),
    ],
)
def test_wrong_usage(table, arguments, status, said):
    """Each is one clear error."""
    got, out, err = table(*arguments, a=alexnet_log(0.1))
    assert (got, out) == (status, "")
    assert said in err


def test_an_input_that_failed_does_not_hide_the_others(table):
    """The table is there, and the status says that something was not."""
    status, out, err = table("logs", "gone.log", a=alexnet_log(0.1))
    assert status == 1
    assert "AlexNet" in out
    assert "gone.log" in err


def test_a_readme_is_refreshed_block_by_block(table, tmp_path):
    """Each marker has its own arguments, as seen from the README; a second run changes nothing."""
    readme = tmp_path / "docs" / "README.md"
    speeds = BLOCK.format("speeds", "../logs --columns phase")
    write(readme, speeds + "middle\n\n" + BLOCK.format("times", "'../logs/*.log' --value seconds_per_batch"))
    readme.chmod(0o640)
    logs = {"a": alexnet_log(0.1)}
    assert table("--update", "docs/README.md", "--check", **logs)[0] == 5
    assert readme.read_text().startswith(speeds)
    assert table("--update", "docs/README.md")[0] == 0
    text, before = readme.read_text(), readme.stat()
    assert "**Speed in" in text
    assert "**Time per batch in ms" in text
    assert "middle" in text
    assert before.st_mode & 0o777 == 0o640
    status, out, err = table("--update", "docs/README.md")
    assert (status, out) == (0, "")
    assert "up to date (speeds, times)" in err
    assert (readme.stat().st_mtime_ns, readme.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert table("--update", "docs/README.md", "--check")[0] == 0


def test_a_stale_readme_is_told_and_left_alone(table, tmp_path):
    """Exit 5, a unified diff on standard output, and the command that mends it."""
    readme = write(tmp_path / "README.md", BLOCK.format("a", "logs --columns phase"))
    table("--update", "README.md", a=alexnet_log(0.1))
    old = readme.read_bytes()
    status, out, err = table("--update", "README.md", "--check", a=alexnet_log(0.2))
    assert status == 5
    assert re.search(r"^-\| 128 \| 1.*\n\+\| 128 \| 6", out, re.MULTILINE), out
    assert "stale: a; run `logreport table --update README.md`" in err
    assert readme.read_bytes() == old


def test_one_block_by_name(table, tmp_path):
    """--name refreshes one block and leaves the others."""
    text = BLOCK.format("a", "logs") + BLOCK.format("b", "logs")
    readme = write(tmp_path / "README.md", text)
    assert table("--update", "README.md", "--name", "b", x=alexnet_log(0.1))[0] == 0
    assert readme.read_text().startswith(BLOCK.format("a", "logs"))
    status, _, err = table("--update", "README.md", "--name", "c")
    assert status == 1
    assert "has no block 'c'; name one of a, b" in err


def test_a_block_without_arguments_is_filled_from_the_command_line(table, tmp_path):
    """Only where it has none, and where it is clear which block is meant."""
    readme = write(tmp_path / "README.md", "<!-- logreport:begin a -->\n<!-- logreport:end a -->\n")
    status, _, err = table("--update", "README.md", x=alexnet_log(0.1))
    assert (status, "README.md:1: block 'a': its marker names no logs" in err) == (1, True)
    assert table("logs", "--update", "README.md")[0] == 0
    assert "AlexNet" in readme.read_text()
    readme.write_text(BLOCK.format("a", "logs"))
    assert "has arguments of its own" in table("logs", "--update", "README.md")[2]
    readme.write_text(BLOCK.format("a", "") + BLOCK.format("b", ""))
    status, _, err = table("logs", "--update", "README.md")
    assert (status, "say which one with --name" in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("logs --rows colour", "block 'b': Invalid value for '--rows': colour is none of"),
        ("logs --colour red", "block 'b': No such option"),
        ("logs 'x", "block 'b': its arguments cannot be read"),
        ("gone.log", "block 'b': gone.log: no such file"),
        ("-", "block 'b': its marker names no logs"),
        ("logs --rows model", "block 'b': model cannot stand"),
        ("logs --update README.md", "block 'b': No such option"),
    ],
)
def test_a_block_that_cannot_be_made_stops_all(table, tmp_path, arguments, said):
    """One error with the README's line, and nothing is written, not even the blocks before."""
    readme = write(tmp_path / "README.md", BLOCK.format("a", "logs") + BLOCK.format("b", arguments))
    old = readme.read_bytes()
    status, out, err = table("--update", "README.md", x=alexnet_log(0.1))
    assert (status, out) == (1, "")
    assert f"README.md:7: {said}" in err
    assert readme.read_bytes() == old


def test_a_broken_readme_is_not_written(table, tmp_path):
    """The whole README is checked, also where one block is asked for."""
    readme = write(tmp_path / "README.md", BLOCK.format("a", "logs") + "<!-- logreport:begin b -->\n")
    old = readme.read_bytes()
    status, _, err = table("--update", "README.md", "--name", "a", x=alexnet_log(0.1))
    assert (status, "README.md:5: block 'b' has no end" in err) == (1, True)
    assert readme.read_bytes() == old


def test_a_link_stays_a_link(table, tmp_path):
    """The file behind it is written."""
    real = write(tmp_path / "real" / "README.md", BLOCK.format("a", "../logs"))
    (tmp_path / "README.md").symlink_to(real)
    assert table("--update", "README.md", x=alexnet_log(0.1))[0] == 0
    assert (tmp_path / "README.md").is_symlink()
    assert "AlexNet" in real.read_text()


def test_foreign_bytes_stay(table, tmp_path):
    """CRLF, a BOM, Latin-1 and a missing last newline are none of our business."""
    text = BLOCK.format("a", "logs").replace("\n", "\r\n").encode()
    readme = tmp_path / "README.md"
    readme.write_bytes(b"\xef\xbb\xbfcaf\xe9\r\n" + text + b"end \xff")
    assert table("--update", "README.md", x=alexnet_log(0.1))[0] == 0
    new = readme.read_bytes()
    assert new.startswith(b"\xef\xbb\xbfcaf\xe9\r\n# T\r\n")
    assert new.endswith(b"\r\n<!-- logreport:end a -->\r\nend \xff")
    assert b"\n" not in new.replace(b"\r\n", b"")


def test_markers_do_not_look_at_settings(table, tmp_path):
    """A block is the same wherever it is refreshed; the command line does take its defaults from the settings."""
    (tmp_path / "logreport.toml").write_text('[table]\nrows = ["phase"]\n')
    readme = write(tmp_path / "README.md", BLOCK.format("a", "logs"))
    table("--update", "README.md", x=alexnet_log(0.1))
    assert "| Batch size |" in readme.read_text()
    assert "| Phase |" in table("logs")[1]


def test_the_python_function(table, tmp_path):
    """The same as a function."""
    _, out, _ = table("logs", "--columns", "phase,model", x=alexnet_log(0.1))
    assert logreport.table(tmp_path / "logs", columns=("phase", "model")) == out
    with pytest.raises(LogreportError):
        logreport.table(tmp_path / "gone")


def test_the_examples_of_the_documentation(root, tmp_path, capsysbinary, monkeypatch):
    """docs/readme-tables.md shows what is printed, and its block works beside the sample logs."""
    monkeypatch.chdir(root)
    page = root / "docs" / "readme-tables.md"
    assert check_examples(page, capsysbinary, monkeypatch) == 1
    example = re.search(r"^```markdown\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)[1]
    (tmp_path / "sample_logs").symlink_to(root / "sample_logs")
    readme = write(tmp_path / "README.md", example)
    assert call(capsysbinary, monkeypatch, "table", "--update", readme)[0] == 0
    assert "| Batch size | forward | forward-backward |" in readme.read_text()


def test_the_hooks_are_calls_that_exist(root, table, tmp_path):
    """Each entry of .pre-commit-hooks.yaml with its arguments runs."""
    text = (root / ".pre-commit-hooks.yaml").read_text()
    entries = re.findall(r"entry: logreport (.*)\n  args: \[(.*)\]", text)
    write(tmp_path / "README.md", BLOCK.format("a", "logs"))
    statuses = [table(*entry.split()[1:], files, x=alexnet_log(0.1))[0] for entry, files in entries]
    assert statuses == [0, 0]


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        ({"rows": ["batch"]}, "rows cannot be made of 'batch'; choose of batch_size, model"),
        ({"columns": ["model", "x", "y"]}, "columns cannot be made of 'x', 'y'; choose of batch_size"),
        ({"columns": "modell"}, "columns cannot be made of 'modell'"),
        ({"rows": ()}, "rows cannot be made of nothing"),
        ({"rows": "model"}, "model cannot stand in rows and columns at once"),
        ({"value": "speed"}, "no cell can show 'speed'; choose of examples_per_second"),
    ],
)
def test_wrong_arguments_of_the_library_are_told_with_the_choices(samples, arguments, wrong):
    """Before anything is read, and as an error of ours; one name may stand without a list around it."""
    with pytest.raises(LogreportError, match=re.escape(wrong)):
        logreport.table(samples, **arguments)
    assert "| Device |" in logreport.table(samples / "cifar10-gtx-1060-6gb.log", rows="device")


def test_a_baseline_that_is_no_text_is_told(samples):
    """Whatever a caller gives, the error says what is wrong and shows an example."""
    with pytest.raises(LogreportError, match="baseline 5 is no text; for example --baseline"):
        logreport.report(samples / "cifar10-gtx-1060-6gb.log", baseline=5)


def test_a_preset_is_a_table_of_the_report(table):
    """Batch sizes of one device are there, and of one device there is no leaderboard: that is said."""
    logs = {f"b{n}": alexnet_log(n / 1000, batch=n, steps=60) for n in (8, 128, 32)}
    status, out, _ = table("logs", "--preset", "batch", **logs)
    assert status == 0
    assert cells(out)[0] == ["Model", "Device", "Batch 8", "Batch 32", "Batch 128"]
    assert [row[0] for row in cells(out)[1:]] == ["AlexNet forward", "AlexNet forward-backward"]
    assert "<sup>" not in out
    status, out, err = table("logs", "--preset", "leaderboard")
    assert (status, out) == (1, "")
    assert "there is no leaderboard of these logs" in err

"""The one language in which runs are chosen: `--where`, `--baseline`, `--match`, labels, on logs and in archives."""

import re

import pytest
from cli_calls import alexnet_log, call, write

import logreport
from logreport.errors import UsageError
from logreport.tables.conditions import condition

RUN = {
    "device": "RTX 3090", "precision": "fp16", "batch_size": 32, "xla": None, "distortions": True,
    "framework_version": "2.9", "host": None, "command": "it's \"x\"", "tag.room": "b12",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("device = 'RTX 3090' and precision in ('fp16', 'fp32') and tag.room like 'b%'", True),
        ('device == "RTX 3090"', True),
        ("'RTX 3090' = device", True),
        ("command = 'it''s \"x\"'", True),
        ("device <> 'T4' AND NOT device != 'RTX 3090'", True),
        ("distortions", True),
        ("distortions = false or batch_size < 8", False),
        ("not (batch_size < 8 or batch_size > 64)", True),
        ("8 <= batch_size < 32", False),
        ("batch_size between 32 and 64 and distortions", True),
        ("batch_size = '32'", True),
        ("batch_size in [16, 32,]", True),
        ("precision not in ('fp16')", False),
        ("precision not like 'fp3_'", True),
        ("tag.room like 'b_'", False),
        ("host is null and device is not null", True),
        ("true", True),
    ],
)
def test_what_holds(text, holds):
    """Signs of SQL and of Python, words in letters of any size, either quotes."""
    assert condition(text).holds(RUN) is holds


@pytest.mark.parametrize(
    ("older", "newer"), [("2.9", "2.10"), ("1.15", "2.2"), ("2.2-rc9", "2.2-rc10"), ("9", "10")]
)
def test_releases_are_in_order(older, newer):
    """2.9 is before 2.10, which it is not letter by letter."""
    assert condition(f"framework_version < '{newer}'").holds({"framework_version": older})
    assert not condition(f"framework_version >= '{newer}'").holds({"framework_version": older})


@pytest.mark.parametrize(
    "text",
    ["xla", "not xla", "xla = true", "xla != true", "host = 'a'", "host != 'a'", "not host = 'a'", "host < 'a'",
     "host in ('a')", "host not in ('a')", "host like '%'", "host not like 'a'", "host = 'a' and distortions"],
)  # fmt: skip
def test_what_is_missing_is_never_chosen(text):
    """Neither by what it would be equal to nor by what it would not: nothing is known of it."""
    assert not condition(text).holds(RUN)


def test_three_values():
    """What is known decides where it can: a condition on something else may still choose or refuse a run."""
    assert condition("host = 'a' or distortions").holds(RUN)
    assert condition("not (host = 'a' and device = 'T4')").holds(RUN)
    assert not condition("not (host = 'a' or device = 'T4')").holds(RUN)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "at its end"),
        ("device =", "at its end"),
        ("device", "compared with nothing"),
        ("device = 'T4", "at 'T4"),
        ("batch_size = 'many'", "'many' is compared with a number"),
        ("started_at > 'noon'", "a time such as"),
        ("xla = 'perhaps'", "true or false"),
        ("__import__('os') = 1", r"at \('os'\)"),
        ("(lambda: 1)() == 1", "at : 1"),
        ("device = 'a'; drop table runs", "at ; drop"),
        ("not " * 9000 + "xla", "nested too deeply"),
    ],
)
def test_what_is_no_condition(text, why):
    """One line that says where it stops making sense, and what one looks like; nothing is ever run."""
    with pytest.raises(
        UsageError, match=f"^condition .* cannot be read: .*{why}.*; for example device = 'RTX"
    ):
        condition(text).holds(RUN)


def test_an_unknown_name_gives_the_choices():
    """As does a tag that nothing has."""
    with pytest.raises(
        UsageError, match=r"runs have no 'colour'; choose of device, precision, .*, tag\.room"
    ):
        condition("colour = 'red'").holds(RUN)
    with pytest.raises(UsageError, match=r"runs have no 'tag\.rack'"):
        condition("tag.rack = 1 or true").holds(RUN)


@pytest.fixture
def logs(tmp_path):
    """Three runs on two devices, of two batch sizes."""
    runs = {"a": (0.1, "T4", 64), "b": (0.05, "V100", 64), "c": (0.08, "V100", 128)}
    for name, (seconds, device, batch) in runs.items():
        write(tmp_path / "logs" / f"{name}.log", alexnet_log(seconds, device=device, batch=batch))
    return tmp_path / "logs"


def test_logs_are_chosen_without_an_archive(logs):
    """All tables hold the chosen runs and no other; what chose nothing says so."""
    report = logreport.report(logs, where="device = 'V100' and batch_size between 100 and 200")
    assert "1 run · 1 device · 1 log" in report.context
    assert "| 128 |" in logreport.table(logs, where="batch_size > 64")
    assert "| 64 |" not in logreport.table(logs, where="batch_size > 64")
    with pytest.raises(UsageError, match="no run has device = 'A100'"):
        logreport.report(logs, where="device = 'A100'")


def test_an_archive_gives_the_same(logs, tmp_path):
    """The same condition chooses the same runs of logs and of the archive that holds them."""
    archive = logreport.Archive(tmp_path / "lab", create=True)
    archive.add(logs)
    for text in (
        "device = 'V100'",
        "not batch_size = 128",
        "framework_version is null",
        "source like '%a.log'",
    ):
        chosen = [run for run in archive.tables().rows("runs") if condition(text).holds(run)]
        assert archive.runs(text)["run_id"].tolist() == [run["run_id"] for run in chosen]


def test_labels_by_condition(logs, capsysbinary, monkeypatch):
    """Labels choose of the logs beside them; --match and --where leave out what does not fulfil them on both sides."""
    verdicts = logreport.compare({"old": "device = 'T4'", "new": "device = 'V100'"}, logs=logs)
    assert [row.matched.comparison.ratio for row in verdicts.rows] == pytest.approx([2, 2], rel=0.02)
    assert len(verdicts.alone) == 2
    assert not logreport.compare(
        {"old": "device = 'T4'", "new": "device = 'V100'"}, logs=logs, match="batch_size = 64"
    ).alone
    words = ("compare", logs, "old=device = 'T4'", "new=device = 'V100'", "--format", "md")
    status, out, _ = call(capsysbinary, monkeypatch, *words, "--match", "batch_size in (64, 32)")
    assert (status, "only in" in out) == (0, False)
    assert call(capsysbinary, monkeypatch, *words, "--where", "batch_size = 64")[1] == out
    status, _, err = call(capsysbinary, monkeypatch, "compare", logs, "a=device = 'T4'", "b=batch_size = 64")
    assert (status, "a.log: is under both a and b" in err) == (2, True)


def test_tags_in_reports_of_an_archive(logs, tmp_path, capsysbinary, monkeypatch):
    """A baseline is named by a tag as by any column."""
    archive = logreport.Archive(tmp_path / "lab", create=True)
    archive.add(logs / "a.log", tags={"room": "b12"})
    archive.add(logs / "b.log", tags={"room": "c1"})
    words = ("report", "--from", tmp_path / "lab", "--format", "md", "-o", "-", "--baseline")
    for room, device in (("b%", "T4"), ("c%", "V100")):
        status, out, _ = call(capsysbinary, monkeypatch, *words, f"tag.room like '{room}'")
        assert status == 0
        assert re.search(rf"^\| AlexNet forward .*\| {device} .*\| baseline", out, re.MULTILINE)

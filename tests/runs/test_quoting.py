"""The line behind a number: as it stands, with those around it, the kind that read it, and no secret."""

import gzip

from logreport import api
from logreport.runs.explaining import explain
from logreport.runs.quoting import AROUND, LONGEST, NEAR, quote
from logreport.sources.source import memory_source
from logreport.tables.secrets import HIDDEN

STEP = "{}\timages/sec: {}.0 +/- 0.0 (jitter = 0.0)\t8.1"


def quoted(source, numbers):
    """The lines of one source."""
    ((_, found),) = quote([(source, numbers)])
    return found


def test_a_line_with_two_on_either_side():
    """By their numbers; at the ends of a source there are fewer, and what it does not hold is left out."""
    lines = [f"line {n}" for n in range(1, 11)]
    found = quoted(memory_source("a.log", "\n".join(lines).encode()), {1, 5, 10, 11})
    assert {n: (one.first, one.texts) for n, one in found.items()} == {
        1: (1, ("line 1", "line 2", "line 3")),
        5: (3, ("line 3", "line 4", "line 5", "line 6", "line 7")),
        10: (8, ("line 8", "line 9", "line 10")),
    }
    assert AROUND == 2


def test_the_kind_is_the_one_that_explains_the_line(samples):
    """For every line of some samples that a kind reads alone; a line that none reads has none."""
    compared = 0
    for source in [one for one in api.sources_of(samples) if not one.is_document][:8]:
        explained = {one.number: [kind for kind, _ in one.kinds] for one in explain(source)}
        for number, one in quoted(source, explained.keys()).items():
            assert one.kind in (explained[number] or [""])
            compared += bool(explained[number])
    assert compared > 100


def test_secrets_are_hidden_beside_the_line_as_in_it():
    """By name, in the line itself and in its neighbours; of a private key nothing, wherever the quote begins in it."""
    lines = [
        "--api_key=hunter2hunter2", STEP.format(1, 100), "-----BEGIN RSA PRIVATE KEY-----", "MIIEowIBAAKCAQEA", "c2VjcmV0",
        "-----END RSA PRIVATE KEY-----", STEP.format(10, 100), "export WANDB_API_KEY=0123456789abcdef0123",
    ]  # fmt: skip
    found = quoted(memory_source("a.log", "\n".join(lines).encode()), set(range(1, 9)))
    said = " ".join(text for one in found.values() for text in one.texts)
    for canary in ("hunter2", "MIIEow", "c2VjcmV0", "0123456789abcdef"):
        assert canary not in said
    assert HIDDEN in said
    assert found[2].texts[1] == lines[1]


def test_long_lines_are_cut():
    """The line itself later than those around it; both say so."""
    text = "\n".join(("x" * 5000, "y" * 5000, STEP.format(1, 100)))
    found = quoted(memory_source("a.log", text.encode()), {2})
    assert [len(one) for one in found[2].texts] == [NEAR + 1, LONGEST + 1, len(STEP.format(1, 100))]
    assert found[2].texts[1].endswith("…")


def test_a_packed_log_is_quoted_as_what_is_in_it(tmp_path):
    """Whatever it is read from."""
    path = tmp_path / "a.log.gz"
    path.write_bytes(gzip.compress("\n".join(["one", STEP.format(1, 100), "three"]).encode()))
    (source,) = api.sources_of(path)
    assert quoted(source, {2})[2].texts == ("one", STEP.format(1, 100), "three")


def test_a_log_that_is_gone_has_no_lines(tmp_path):
    """The others have theirs."""
    for name in ("a.log", "b.log"):
        (tmp_path / name).write_text(STEP.format(1, 100))
    gone, there = api.sources_of(tmp_path)
    (tmp_path / "a.log").unlink()
    found = [lines for _, lines in quote([(gone, {1}), (there, {1})])]
    assert [list(lines) for lines in found] == [[], [1]]

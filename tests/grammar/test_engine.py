"""The engine over chunks: nothing is found or lost because of where a chunk ends."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_texts import SAMPLE_LINES, SAMPLES

from logreport.grammar import load_engine
from logreport.sources import Source, decoding


def summary(scans):
    """All that scans say: matches, counts, and the lines that are left."""
    scans = list(scans)
    return (
        [
            (match.line, match.leaf.kind, repr(match.fields()), match.rank)
            for scan in scans
            for match in scan.matches
        ],
        [line for scan in scans for gap in scan.gaps for line in gap.lines()],
        sum(scan.record_lines for scan in scans),
        sum(scan.chatter_lines for scan in scans),
    )


def whole(text):
    """A text as one chunk."""
    return [(text, range(1, text.count(b"\n") + 1))]


def in_chunks(lines, sizes):
    """Lines as chunks of the given numbers of lines, the rest as the last."""
    first, chunks = 0, []
    for size in [*sizes, len(lines)]:
        part = lines[first : first + size]
        if part:
            chunks.append((b"".join(line + b"\n" for line in part), range(first + 1, first + len(part) + 1)))
        first += size
    return chunks


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
def test_every_sample_in_small_chunks(path, size):
    """A log reads the same one line a chunk: blocks that span lines are found across every edge."""
    lines = path.read_bytes().split(b"\n")[:-1]
    engine = load_engine()
    text = b"".join(line + b"\n" for line in lines)
    assert summary(engine.scan(in_chunks(lines, [size] * (len(lines) // size)))) == summary(
        engine.scan(whole(text))
    )


@settings(max_examples=300)
@given(
    lines=st.lists(
        st.sampled_from(SAMPLE_LINES) | st.binary(max_size=20).map(lambda x: x.replace(b"\n", b"")),
        min_size=1,
    ),
    sizes=st.lists(st.integers(1, 5)),
)
def test_any_lines_in_any_chunks(lines, sizes):
    """300 mixtures of sample lines and noise, cut into chunks anywhere: same matches, gaps and counts."""
    engine = load_engine()
    text = b"".join(line + b"\n" for line in lines)
    assert summary(engine.scan(in_chunks(lines, sizes))) == summary(engine.scan(whole(text)))


@settings(max_examples=100)
@given(
    lines=st.lists(st.sampled_from(SAMPLE_LINES), min_size=1, max_size=20),
    block=st.integers(1, 200),
    end=st.sampled_from([b"", b"\n", b"\r\n"]),
)
def test_any_size_of_block(lines, block, end):
    """100 mixtures read in blocks of any number of bytes: a line that is cut by a block is put together again."""
    content = b"\n".join(lines) + end
    engine = load_engine()
    source = Source("a.log", lambda: io.BytesIO(content))
    want = summary(engine.scan(source.chunks())) if content.strip(b"\r\n") else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "BLOCK", block)
        if want is not None and b"\x00" not in content:
            assert summary(engine.scan(source.chunks())) == want


@settings(max_examples=300)
@given(
    lines=st.lists(
        st.sampled_from(SAMPLE_LINES) | st.binary(max_size=20).map(lambda x: x.replace(b"\n", b"")),
        min_size=1,
    )
)
def test_every_line_is_counted_once(lines):
    """Records, chatter and what is left are all lines, each once."""
    engine = load_engine()
    text = b"".join(line + b"\n" for line in lines)
    matches, left, records, chatter = summary(engine.scan(whole(text)))
    assert records + chatter + len(left) == len(lines)
    assert len({number for number, _ in left}) == len(left)
    assert {match[0] for match in matches}.isdisjoint(number for number, _ in left)
    assert [match[0] for match in matches] == sorted(match[0] for match in matches)


def test_numbers_of_lines_that_were_split():
    """Pieces of one physical line (a progress bar) keep its number, and the line counts once."""
    engine = load_engine()
    text = b"total images/sec: 5.50\nnoise\ntotal images/sec: 6.50\nRunning warm up\n"
    matches, left, records, chatter = summary(engine.scan([(text, [3, 3, 4, 5])]))
    assert [(match[0], match[1].rpartition(".")[2]) for match in matches] == [
        (3, "total"),
        (4, "total"),
        (5, "phase"),
    ]
    assert (left, records, chatter) == ([], 3, 0)

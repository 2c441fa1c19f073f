"""What a run is called: the same wherever and however its log is kept, and by a recipe that anybody can follow."""

import gzip
import hashlib
import html

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sample_texts import SAMPLES

from logreport.runs.reading import read
from logreport.sources import decoding
from logreport.sources.source import memory_source

FILES = [
    path
    for path in SAMPLES
    if path.suffix == ".log"
    and path.stem != "prefixes"  # of many logs; some lines are headings in a document
]
COMMAND = """$ python tf_cnn_benchmarks.py --num_gpus=1 \\
    --model=resnet50 \\
    --batch_size=32
TensorFlow:  1.15
Model:       resnet50
1\timages/sec: 100.0 +/- 0.0 (jitter = 0.0)\t8.1
Traceback (most recent call last):
  File "tf_cnn_benchmarks.py", line 73, in <module>
    app.run(main)
  File "/usr/lib/python3.6/site-packages/absl/app.py", line 300, in run
    _run_main(main, args)
ValueError: Größe
""".encode()
TEXTS = [COMMAND, *(path.read_bytes() for path in FILES)]


def page(text):
    """As it stands in a web page."""
    return html.escape(text.decode("utf-8", "replace"), quote=False).encode()


def latin_1(text):
    """In one byte a letter, where that has all letters: it has none of the bars of Keras."""
    try:
        return text.decode().encode("latin-1")
    except UnicodeError:
        return text


def each(text, mark):
    """With a mark before each line."""
    return b"".join(mark + line for line in text.splitlines(keepends=True))


KEPT = {
    "CRLF": ("a.log", lambda text: text.replace(b"\n", b"\r\n")),
    "CR CR LF": ("a.log", lambda text: text.replace(b"\n", b"\r\r\n")),
    "CR": ("a.log", lambda text: text.replace(b"\n", b"\r")),
    "no end": ("a.log", lambda text: text.rstrip(b"\n")),
    "gzip": ("a.log.gz", gzip.compress),
    "BOM": ("a.log", lambda text: b"\xef\xbb\xbf" + text),
    "UTF-16": ("a.log", lambda text: text.decode("utf-8", "replace").encode("utf-16")),
    "Latin-1": ("a.log", latin_1),
    "quoted": ("a.log", lambda text: each(text, b"> ")),
    "quoted in a document": ("a.md", lambda text: each(text, b"> > ")),
    "indented": ("a.md", lambda text: each(text, b"    ")),
    "fence": ("a.md", lambda text: b"Text\n\n```\n" + text + b"```\n"),
    "pre": ("a.html", lambda text: b"<html><body>\n<pre>" + page(text) + b"</pre></body></html>\n"),
    "pre, code": ("a.html", lambda text: b"<pre><code>" + page(text).replace(b"\n", b"\r\n") + b"</code></pre>"),
    "br": ("a.html", lambda text: page(text).replace(b"\n", b"<br>\n")),
    "br alone": ("a.html", lambda text: page(text).replace(b"\n", b"<br/>")),
    "br in a fence": ("a.md", lambda text: b"```\n" + text.replace(b"\n", b"<br>\n") + b"```\n"),
    "after a progress bar": ("a.log", lambda text: b"10%\r20%\r30%\n" + text),
    "before a progress bar": ("a.log", lambda text: text + b"10%\r20%\r30%\n"),
    "after a tag": ("a.log", lambda text: b"a<br>b\n" + text),
}  # fmt: skip


def ids(text, name="a.log"):
    """The ids of the runs of a text."""
    return read([memory_source(name, text)]).tables.columns["runs"]["run_id"]


def rows(text):
    """The runs of a text."""
    return list(read([memory_source("a.log", text)]).tables.rows("runs"))


@pytest.mark.parametrize("way", KEPT)
def test_one_text_is_one_run(way):
    """However a log is kept, the runs in it are called the same."""
    name, kept = KEPT[way]
    for text in TEXTS:
        assert ids(kept(text), name) == ids(text), text[:200]


@pytest.mark.parametrize("block", [16, 64, 500, 5000])
def test_one_text_is_one_run_however_it_is_read(block, monkeypatch):
    """Whatever is read at once, also where that ends within a command or a line end."""
    want = [ids(text) for text in TEXTS]
    monkeypatch.setattr(decoding, "BLOCK", block)
    assert [ids(text) for text in TEXTS] == want
    assert [ids(text.replace(b"\n", b"\r\n")) for text in TEXTS] == want
    assert [ids(text.replace(b"\n", b"\r")) for text in TEXTS] == want


@pytest.mark.parametrize("block", [64, 500, 5000])
@pytest.mark.parametrize("prefix", [b"[1,0]<stdout>:", b"worker-0  | "])
def test_blocks_behind_prefixes_however_they_are_read(prefix, block, monkeypatch):
    """A block of lines behind prefixes is one block, also where what is read at once ends within it."""
    texts = [each(text, prefix) for text in TEXTS]
    want = [ids(text) for text in texts]
    monkeypatch.setattr(decoding, "BLOCK", block)
    assert [ids(text) for text in texts] == want


@settings(max_examples=200)
@given(
    texts=st.lists(st.sampled_from([text for text in TEXTS if len(text) < 8000]), min_size=1, max_size=3),
    way=st.sampled_from(["CRLF", "CR", "no end", "BOM", "quoted", "gzip", "after a progress bar"]),
    block=st.integers(4, 300),
    noise=st.text(alphabet="ab \t%<>|:", max_size=20),
)
@example(texts=[COMMAND], way="CR", block=7, noise="")
def test_several_logs_in_one(texts, way, block, noise):
    """200 logs one after another, with a line between them that means nothing."""
    text = (noise.encode() + b"\n").join(texts)
    name, kept = KEPT[way]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "BLOCK", block)
        found = ids(kept(text), name)
    assert found == ids(text)


def test_the_recipe_in_words():
    """Anybody can make an id from the lines of a run: this is how, to the byte."""
    lines = [
        b"logreport run_id 2",
        b"shell.command\0head=$ python\0script=tf_cnn_benchmarks.py\0arguments=--num_gpus=1 --model=resnet50",
        b"tf_cnn_benchmarks.header\0key=Model\0value=resnet50",
        b"tf_cnn_benchmarks.step\0step=1\0images_per_sec=100.0\0uncertainty=0.0\0jitter=0.0",
        b"tf_cnn_benchmarks.total\0images_per_sec=100.00",
        "python.exception\0exception_type=ValueError\0message=Größe".encode(),
        b"",
    ]
    text = """$ python tf_cnn_benchmarks.py --num_gpus=1 \\
  --model=resnet50
Model:       resnet50
1\timages/sec: 100.0 +/- 0.0 (jitter = 0.0)
a line that nobody knows
total images/sec: 100.00
ValueError: Größe
"""
    assert ids(text.encode()) == [hashlib.sha256(b"\n".join(lines)).hexdigest()[:16]]
    assert ids(text.encode("latin-1")) == ids(text.encode())


def test_other_results_are_another_run():
    """One digit of one line, or one line less, is another run."""
    other = COMMAND.replace(b"100.0 ", b"100.1 "), COMMAND.replace(b"Model:       resnet50\n", b"")
    assert len({*ids(COMMAND), *ids(other[0]), *ids(other[1])}) == 3


def test_flags_of_a_command_that_is_quoted():
    """The sign of a quote before a line of a command is no value of the flag above it."""
    text = each(COMMAND.replace(b"--batch_size=32", b"--batch_size \\\n  32"), b"> ")
    assert [(row["model"], row["batch_size_per_device"]) for row in rows(text)] == [("resnet50", 32)]


@pytest.mark.parametrize("at", [0, 60, 119])
@pytest.mark.parametrize("stamp", ["2019-01-08 10:00:00.000000", "2019-01-08 12:00:00.000000"])
def test_the_first_and_the_last_time_wherever_they_stand(at, stamp):
    """Two streams mix their lines: the earliest and the latest time may stand anywhere."""
    lines = [f"2019-01-08 11:00:{n // 2:02}.000000: step {n}, duration = 0.100\n" for n in range(120)]
    lines.insert(at, f"{stamp}: I tensorflow/core/platform/cpu_feature_guard.cc:140] hello\n")
    lines.append("9999-99-99 99:99:99: I tensorflow/core/platform/cpu_feature_guard.cc:140] a damaged line\n")
    (row,) = rows("".join(lines).encode())
    times = sorted([stamp[11:19], "11:00:00", "11:00:59"])
    assert [row[name].strftime("%H:%M:%S") for name in ("started_at", "ended_at")] == [times[0], times[-1]]

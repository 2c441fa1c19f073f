"""Logs that a web page, a wiki or a forum has put its markup around."""

import pytest

from logreport import api
from logreport.sources.cleaning import Markup
from logreport.sources.source import memory_source

LOG = (
    "$ cd x && python tf_cnn_benchmarks.py --model=vgg16 --batch_size=16 --variable_update=horovod > log 2>&1\n"
    "[1,0]<stdout>:10\timages/sec: 50.0 +/- 0.3 (jitter = 1.6)\t7.394\n"
    "[1,1]<stdout>:10\timages/sec: 51.0 +/- 0.3 (jitter = 1.6)\t7.394\n"
)
MARKED = LOG.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
MARKED = MARKED.replace("python", "<b>python").replace("horovod", "<em class='x'>horovod</em></b>")
COLUMNS = ("model", "batch_size_per_device", "variable_update", "ranks", "first_line")


def run_of(text, name):
    """Some columns of its one run."""
    (run,) = api.read_logs([memory_source(name, text.encode())]).tables.rows("runs")
    return tuple(run[column] for column in COLUMNS)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.rst", "a.html"])
@pytest.mark.parametrize(
    "pre", ["<pre>\n{}</pre>\n", '<PRE class="log">\n{}</PRE>\n', "<p>\n<pre><code>\n{}</code></pre>\n"]
)
def test_the_markup_of_a_log_in_a_page_or_in_pre_is_no_part_of_it(name, pre):
    """Tags go, and a character that is written by name is that character."""
    before, _, _ = pre.partition("{}")
    wanted = run_of("\n" * before.count("\n") + LOG, "a.txt")
    assert wanted[:4] == ("vgg16", 16, "horovod", 2)
    assert run_of(pre.format(MARKED), name) == wanted


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_what_looks_like_a_tag_and_is_none_stays(name):
    """Mpirun writes `<stdout>`, and forums do not always escape it."""
    assert run_of(f"<pre>\n{LOG}</pre>\n", name)[3] == 2


def test_outside_of_pre_and_in_logs_nothing_is_markup():
    """A log may print anything."""
    text = "$ python tf_cnn_benchmarks.py --model=<b>vgg16</b>\n10\timages/sec: 50.0 +/- 0.3 (jitter = 1.6)\t7.3\n"
    for name, whole in (("a.log", f"<pre>\n{text}</pre>\n"), ("a.txt", f"<pre></pre>\n{text}")):
        (run,) = api.read_logs([memory_source(name, whole.encode())]).tables.rows("runs")
        assert "<b>" in run["command"]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (b"a &lt;b&gt; &quot;c&quot; &#39;d&#x27; &amp;lt;", b"a <b> \"c\" 'd' &lt;"),
        (b"1&nbsp;2 &plusmn; &eacute;", "1\u00a02 ± é".encode()),
        (b"a &nosuchname; &b && c;", b"a &nosuchname; &b && c;"),
        (b"one&#10;line&#13;&NewLine;only", b"one\rline\r\ronly"),
        (b"&#xD800; &#0; &#9999999;", "\ufffd \ufffd \ufffd".encode()),
        (b"<stdout> <B>x</B> <hr/> < b> <b", b"<stdout> x  < b> <b"),
    ],
)
def test_characters_by_name_and_tags(text, plain):
    """Each is read once, and never gives a line more."""
    assert Markup(page=True).take_out(text) == plain


def test_pre_may_reach_over_chunks():
    """Its beginning and its end stand in different ones; what is nested or never opened changes nothing."""
    markup = Markup(page=False)
    chunks = [b"<b>\n</pre>\n<pre>\n", b"<b>x</b><pre>\n", b"<i>y</i></pre><b>\n", b"</pre><b>\n"]
    assert list(map(markup.take_out, chunks)) == [b"<b>\n</pre>\n\n", b"x\n", b"y<b>\n", b"</pre><b>\n"]

"""No word of a PDF stands beyond its page or its cell, and it is short: measured by the boxes of its words."""

import re
import shutil
import subprocess
from functools import cache

import pytest

from logreport.reporting import render_pdf

pytestmark = pytest.mark.slow
SIDE = 16 / 25.4 * 72  # pt, the margin left and right
_PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)
_WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')


# Pages without an appendix, at most.
MOST = {"samples": 6, "seeds": 6, "thirty-six": 6, "fleet": 10}


def pages(path):
    """Each page: its width, its height, and its words as (left, top, right, bottom, text)."""
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext: it is in the package poppler-utils")
    made = subprocess.run(
        ["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True
    ).stdout
    return [
        (float(width), float(height), [(*map(float, word[:4]), word[4]) for word in _WORD.findall(body)])
        for width, height, body in _PAGE.findall(made)
    ]


def overlapping(words):
    """Pairs of words that stand on each other: their boxes share more than a sliver."""
    ordered = sorted(words, key=lambda w: w[1])
    for n, (left, top, right, bottom, text) in enumerate(ordered):
        for other in ordered[n + 1 :]:
            if other[1] > bottom:
                break
            across = min(right, other[2]) - max(left, other[0])
            down = min(bottom, other[3]) - max(top, other[1])
            if across > 1 and down > 0.5 * min(bottom - top, other[3] - other[1]):
                yield text, other[4]


def check(found):
    """Every word between the margins of its page, and no two on each other, so that none stands beyond its cell."""
    assert found
    for width, height, words in found:
        beyond = [w for w in words if w[0] < SIDE - 1 or w[2] > width - SIDE + 1 or w[1] < 0 or w[3] > height]
        assert beyond == []
        assert list(overlapping(words)) == []


@pytest.fixture(scope="module")
def drawn(reported, tmp_path_factory):
    """A function from the name of a set of logs, a paper and whether there is an appendix to pages; each is drawn once."""

    @cache
    def of(logs, paper, *, appendix=False):
        path = tmp_path_factory.mktemp("drawn") / "report.pdf"
        path.write_bytes(render_pdf(reported(logs)[1], paper, appendix=appendix))
        return pages(path)

    return of


@pytest.mark.parametrize("paper", ["A4", "letter"])
@pytest.mark.parametrize("logs", MOST)
def test_every_word_is_on_its_page_and_on_no_other(drawn, logs, paper):
    """The PDF that everybody gets, and how many pages it has."""
    found = drawn(logs, paper)
    check(found)
    assert len(found) <= MOST[logs]


@pytest.mark.parametrize("paper", ["A4", "letter"])
@pytest.mark.parametrize("logs", ["samples", "seeds", "thirty-six"])
def test_the_appendix_stays_on_its_pages(drawn, logs, paper):
    """With all that is folded on a page, and the line of every number."""
    check(drawn(logs, paper, appendix=True))


def test_the_appendix_has_the_line_of_every_number(drawn):
    """Without it no number leads anywhere; with it each does, by a number in brackets that is no exponent."""
    texts = {False: drawn("samples", "A4"), True: drawn("samples", "A4", appendix=True)}
    texts = {appendix: " ".join(w[4] for page in found for w in page[2]) for appendix, found in texts.items()}
    assert not re.search(r"\[\d+\]", texts[False])
    number = re.search(r"974\.9 \[(\d+)\]", texts[True])[1]
    assert texts[True].count(f"[{number}]") >= 2
    assert "alexnet-gtx-1050-ti.log:34" in texts[True]

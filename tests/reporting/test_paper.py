"""No word of a PDF stands beyond its page or its cell, and it is short: measured by the boxes of its words."""

import re
import shutil
import subprocess
from datetime import UTC, datetime

import pytest

from logreport import api
from logreport.reporting import render_pdf

pytestmark = pytest.mark.slow
MADE_AT = datetime(2025, 1, 2, 3, 4, tzinfo=UTC)
SIDE = 16 / 25.4 * 72  # pt, the margin left and right
_PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)
_WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')


@pytest.fixture(scope="module", params=["samples", "seeds"])
def report(request):
    """The report over a folder of logs and documents."""
    name = request.param
    folder = (
        request.getfixturevalue("samples") if name == "samples" else request.getfixturevalue("corpus") / name
    )
    reading = api.read_logs(api.sources_of(folder))
    return api.report_of(reading, title="T", baseline=None, command="c", made_at=MADE_AT)


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


@pytest.mark.parametrize("paper", ["A4", "letter"])
@pytest.mark.parametrize("appendix", [False, True])
def test_every_word_is_on_its_page_and_on_no_other(report, tmp_path, paper, appendix):
    """Between the margins, and no two words on each other, so that none stands beyond its cell."""
    path = tmp_path / "report.pdf"
    path.write_bytes(render_pdf(report, paper, appendix=appendix))
    found = pages(path)
    assert found
    for width, height, words in found:
        beyond = [w for w in words if w[0] < SIDE - 1 or w[2] > width - SIDE + 1 or w[1] < 0 or w[3] > height]
        assert beyond == []
        assert list(overlapping(words)) == []
    assert appendix or len(found) <= 6


@pytest.mark.parametrize("report", ["samples"], indirect=True)
def test_the_appendix_has_the_line_of_every_number(report, tmp_path):
    """Without it no number leads anywhere; with it each does, by a number in brackets that is no exponent."""
    texts = {}
    for appendix in (False, True):
        path = tmp_path / f"{appendix}.pdf"
        path.write_bytes(render_pdf(report, appendix=appendix))
        texts[appendix] = " ".join(w[4] for page in pages(path) for w in page[2])
    assert not re.search(r"\[\d+\]", texts[False])
    number = re.search(r"974\.9 \[(\d+)\]", texts[True])[1]
    assert texts[True].count(f"[{number}]") >= 2
    assert "alexnet-gtx-1050-ti.log:34" in texts[True]

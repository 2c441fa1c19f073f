"""What readers of thousands of logs ask, and where the answer is: in the page's own words, in a few steps."""

import re

import pytest
import report_parts as parts

from logreport.reporting import render_markdown

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def report(reported):
    """The report over the fleet."""
    return reported("fleet")[1]


def test_which_card_for_fp16_training(report):
    """The first sentence names the fastest of all; one step on, a heading names that of fp16 training."""
    first, *_ = parts.answers(report)
    assert parts.said(first.sentence).startswith("Of 16 devices A100-PCIE-40GB comes first: ")
    second = [section.key for section in report.sections][1]
    assert second == "heatmap"
    captions = [table.caption for table in parts.tables(report, "heatmap")]
    assert "Training, fp16, synthetic data, images/s: A100-PCIE-40GB is fastest on 4 of 6" in captions[:2]


def test_what_did_a_release_change(report):
    """A part of the contents is called so, and opens with a sentence for each release."""
    scaling = next(section for section in report.sections if section.key == "scaling")
    assert scaling.heading == "Scaling and versions"
    told = "".join(span.text for span in scaling.blocks[0].sentence)
    assert re.fullmatch(
        r"TensorFlow 2\.2 against 1\.15: 1\.00× on GeForce RTX 2080 Ti and Quadro RTX 8000 \(geometric mean over \d+ "
        r"comparisons, from 0\.\d\d× to 1\.\d\d×\); a difference is shown for none of 7 set-ups\.",
        told,
    )
    other = "".join(span.text for span in scaling.blocks[1].sentence)
    assert other.startswith("TensorFlow 2.4 against 1.15: ")
    assert other.endswith("Their commands or paths differ in XLA and LambdaCloud, too.")


def test_is_this_number_sound(report):
    """The number furthest out of line has a mark; it leads to a sentence that says what is wrong, with the line of the log."""
    table = next(t for t in parts.tables(report, "heatmap") if t.caption.startswith("Training, fp16, syn"))
    cell = next(cell for row in table.rows for cell in row.cells if cell.text == "70.3")
    (number,) = cell.findings
    finding = next(f for f in report.findings if f.number == number)
    assert "times as slow as inference on the same set-up (70.3 examples/s against 2777.5" in finding.message
    assert cell.refs[0].line
    text = render_markdown(report)["report.md"].decode()
    assert f'<a id="finding-{number}"></a>' in text

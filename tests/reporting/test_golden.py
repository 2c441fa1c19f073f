"""Every word of the markdown and of each part of the page, as it was when somebody last looked at it.

LOGREPORT_UPDATE_GOLDEN=1 writes the files anew; look at the difference before you keep it.
"""

import re

import pytest
import report_samples as samples
from golden_files import same
from studies import build

from logreport.reporting import render_html, render_markdown

PARTS = ("answer", "speeds", "runs", "devices", "findings", "sources")


@pytest.fixture(scope="module")
def report():
    """The report of the founding documents, with command, version and date passed in."""
    return build(
        samples.founding(),
        samples.founding_comparisons(),
        title="GeForce cards against CPUs",
        command=samples.COMMAND,
        version="0.1.0",
        made_at=samples.MADE_AT,
    )


def test_the_markdown_is_what_it_was(report):
    """The whole file; its charts are others' to check."""
    assert same("report.md", render_markdown(report)["report.md"].decode())


@pytest.mark.parametrize("part", PARTS)
def test_each_part_of_the_page_is_what_it_was(report, part):
    """One section, with its charts left out: matplotlib draws them a little differently in each version."""
    page = render_html(report).decode()
    found = re.search(rf'<section id="{part}".*?</section>', page, re.DOTALL)[0]
    assert same(f"{part}.html", re.sub(r"<svg role.*?</svg>", "<svg/>", found, flags=re.DOTALL) + "\n")

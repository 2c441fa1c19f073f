"""What a reader sees of a page in a browser, and chooses on it; and the same as Python says it."""

import re

import report_parts as parts

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
BOARD = "#table-leaderboard tbody tr"
# The texts of a table's rows without marks of findings.
TEXTS = """
(rows) => rows.map((row) => [...row.cells].map((cell) => {
  const copy = cell.cloneNode(true);
  copy.querySelectorAll(".marks").forEach((mark) => mark.remove());
  return copy.textContent.trim();
}))
"""


def board(page):
    """The rows of the leaderboard without its bars."""
    return [[row[0], *row[2:]] for row in page.eval_on_selector_all(BOARD, TEXTS)]


def said(report):
    """The same as Python says it."""
    return [
        [cell.text for n, cell in enumerate(row.cells) if n != 1]
        for row in parts.table(report, "leaderboard").rows
    ]


def tick(page, facet, value):
    """Choose a value in the menu of a facet."""
    menu = page.locator(".facet", has=page.locator("legend", has_text=re.compile(f"^{facet}$")))
    menu.locator("summary").click()
    menu.locator("label", has=page.get_by_text(value, exact=True)).locator("input").check()
    page.keyboard.press("Escape")

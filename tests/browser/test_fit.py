"""No word stands beyond its cell or the page: measured by boxes in a real browser."""

import pytest

from logreport.reporting import render_html

pytestmark = pytest.mark.slow
PHONE, DESK, WALL = 390, 1280, 2000
# Every run of text, where it stands, and the cell and the box that hold it; what is hidden or folded has no box.
BEYOND = """
(phone) => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest("script, style, svg, .sr, .skip")) continue;
    if (!parent.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const cell = parent.closest("td, th");
    const box = parent.closest(".box");
    const inside = cell ? cell.getBoundingClientRect() : null;
    const frame = box ? box.getBoundingClientRect() : { left: 0, right: document.documentElement.clientWidth };
    for (const rect of range.getClientRects()) {
      const [left, right] = [rect.left + 0.5, rect.right - 0.5];
      if (inside && (left < inside.left || right > inside.right)) found.push(["cell", node.data]);
      if (!(phone && box) && (left < frame.left || right > frame.right)) found.push(["page", node.data]);
    }
  }
  return found;
}
"""


@pytest.fixture
def page_of(opened, reported, tmp_path):
    """A function that opens the report over a set of logs."""

    def open_with(logs, width):
        path = tmp_path / f"{logs}.html"
        path.write_bytes(render_html(reported(logs)[1]))
        return opened(path, viewport={"width": width, "height": 900})

    return open_with


@pytest.mark.parametrize("logs", ["samples", "seeds", "thirty-six", "fleet"])
def test_no_word_is_beyond_its_cell_or_the_page(page_of, logs):
    """Also in what is folded, once it is opened; tables scroll in their own box on a phone only."""
    page = page_of(logs, DESK)
    for fold in (False, True):
        if fold:
            page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
        for width in (PHONE, DESK, WALL):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(BEYOND, width == PHONE) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            if width != PHONE:
                wide = "(all) => all.filter((box) => box.scrollWidth > box.clientWidth).map((box) => box.ariaLabel)"
                assert page.eval_on_selector_all(".box", wide) == []


def test_the_speedup_is_in_view_on_a_phone(opened):
    """The first screen of the table shows workload, device and speedup without a scroll sideways."""
    page = opened(viewport={"width": PHONE, "height": 844})
    head = page.locator("#table-comparison thead th").nth(2)
    assert head.inner_text() == "Speedup"
    box = head.bounding_box()
    assert box["x"] + box["width"] <= PHONE


def test_the_page_is_short_and_says_what_matters(opened):
    """With everything folded that is folded at first it is under 8 000 px, and the findings and speeds are in it."""
    page = opened(viewport={"width": DESK, "height": 900})
    assert page.evaluate("document.documentElement.scrollHeight") < 8000
    for shown in ("p.answer", "#table-comparison", "#table-speed-1-2", "#findings li"):
        assert page.locator(shown).first.is_visible()
    assert not page.locator("#table-runs").is_visible()

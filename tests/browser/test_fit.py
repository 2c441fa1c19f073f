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
# Every two words of a chart that stand on each other, and those that no page shows whole.
CLASHING = """
() => {
  const found = [];
  for (const chart of document.querySelectorAll("main svg[role=img]")) {
    if (!chart.checkVisibility()) continue;
    const texts = [...chart.querySelectorAll("text")].map((text) => [text.getBoundingClientRect(), text.textContent]);
    texts.forEach(([one, words], n) => {
      if (one.left < -0.5 || one.right > document.documentElement.clientWidth + 0.5) found.push(["page", words]);
      for (const [other, more] of texts.slice(n + 1)) {
        const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
        const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
        if (across > 1 && down > 0.5 * Math.min(one.height, other.height)) found.push([words, more]);
      }
    });
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
            assert page.evaluate(CLASHING) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            captions = "(all) => all.filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect().right)"
            assert max(page.eval_on_selector_all("caption", captions), default=0) <= width
            if width != PHONE:
                wide = "(all) => all.filter((box) => box.scrollWidth > box.clientWidth).map((box) => box.ariaLabel)"
                assert page.eval_on_selector_all(".box", wide) == []


@pytest.mark.parametrize("table", ["leaderboard", "comparison"])
def test_the_speedup_is_in_view_on_a_phone(opened, table):
    """The first screen of the table shows workload, device and speedup without a scroll sideways."""
    page = opened(viewport={"width": PHONE, "height": 844})
    head = page.locator(f"#table-{table} thead th").nth(2)
    assert head.inner_text() == "Speedup"
    box = head.bounding_box()
    assert box["x"] + box["width"] <= PHONE


def test_the_page_is_short_and_says_what_matters(opened):
    """With everything folded that is folded at first it is under 8 000 px, and the findings and speeds are in it."""
    page = opened(viewport={"width": DESK, "height": 900})
    assert page.evaluate("document.documentElement.scrollHeight") < 8000
    for shown in ("p.answer", "#table-comparison", "#table-speed-1", "#findings li"):
        assert page.locator(shown).first.is_visible()
    assert not page.locator("#table-runs").is_visible()

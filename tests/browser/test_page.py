"""The report in a real browser: its controls, its themes, its accessibility, its print."""

import io
import math

import pytest

pytestmark = pytest.mark.slow
TALL = {"width": 1280, "height": 3000}  # all measurements of the samples are in view
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
RUNS = "#measurements"


def unfolded(page):
    """The page with its measurements in view: a press on how many there are."""
    page.locator(".found").get_by_role("button").first.click()
    page.wait_for_selector(f"{RUNS} tbody tr:not(.room)")
    return page


def column(page, table, number):
    """The texts of a column's visible cells, without marks."""
    return page.eval_on_selector_all(
        f"{table} tbody tr:not([hidden], .room)",
        """(rows, n) => rows.map((row) => {
             const cell = row.cells[n].cloneNode(true);
             cell.querySelectorAll(".marks").forEach((mark) => mark.remove());
             return cell.textContent.trim();
           })""",
        number,
    )


def whole_column(page, number):
    """The texts of a column of all measurements, once all of them are made."""
    page.wait_for_selector(f"{RUNS} .room", state="detached")
    return column(page, RUNS, number)


def heads(page, table):
    """The heads of a table, without their units."""
    return page.eval_on_selector_all(
        f"{table} thead th", "(all) => all.map((th) => th.textContent.trim().split(/\\s{1,}(?=\\S+\\/s)/)[0])"
    )


def numbers(texts):
    """Texts of a column as numbers; missing ones are NaN."""
    return [math.nan if t == "—" else float(t.replace("\u202f", "").rstrip("×")) for t in texts]


def test_a_click_sorts_and_another_sorts_back(opened):
    """Numbers by value, the largest first, missing ones last; then the other way, then the original order."""
    page = unfolded(opened(viewport=TALL))
    at = heads(page, RUNS).index("Speed")
    before = whole_column(page, at)
    head = page.locator(f"{RUNS} thead th").nth(at)
    for way, reverse in (("descending", True), ("ascending", False)):
        head.get_by_role("button").click()
        page.wait_for_selector(f"{RUNS} th[aria-sort={way}]")
        found = numbers(whole_column(page, at))
        known = [n for n in found if not math.isnan(n)]
        assert known == sorted(known, reverse=reverse)
        assert all(map(math.isnan, found[len(known) :]))
    head.get_by_role("button").click()
    assert page.locator(f"{RUNS} th[aria-sort]").count() == 0
    assert whole_column(page, at) == before


def test_the_keyboard_sorts(opened):
    """A head is a button: Enter sorts, text from A, and the focus stays."""
    page = unfolded(opened(viewport=TALL))
    button = page.locator(f"{RUNS} thead th").first.get_by_role("button")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{RUNS} th[aria-sort=ascending]")
    names = whole_column(page, 0)
    assert names == sorted(names, key=str.lower)
    assert page.evaluate("document.activeElement.className") == "sort"


def test_filtering_hides_rows_and_says_so(opened):
    """All words must be in a row; the number of rows left is said to screen readers too."""
    page = unfolded(opened(viewport=TALL))
    field = page.get_by_label("Words in device, model, file name, settings or findings")
    total = len(whole_column(page, 0))
    field.fill("gtx alexnet")
    status = page.locator(".choice .told")
    page.locator(".choice .told", has_text="chosen").wait_for(state="attached")
    rows = page.locator(f"{RUNS} tbody tr:not(.room)").all_inner_texts()
    assert 0 < len(rows) < total
    assert all("GTX" in row and "AlexNet" in row for row in rows)
    assert status.inner_text() == f"{len(rows)} of {total} measurements chosen"
    assert status.get_attribute("role") == "status"
    page.get_by_role("button", name="Clear").click()
    unfolded(page)
    assert len(whole_column(page, 0)) == total


def test_a_table_is_copied_as_markdown(opened):
    """The visible rows, without marks, with numbers to the right."""
    page = opened(viewport=WIDE, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_label("Filter: Speed and speedup by workload").fill("1060")
    page.get_by_role("button", name="Copy as markdown: Speed and speedup by workload").click()
    page.locator(".told", has_text="Copied").wait_for()
    lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert lines[0].startswith("| Workload | Device | Speedup |")
    assert lines[1].startswith("| :-- | :-- | --: |")
    assert len(lines) == 3
    assert "GeForce GTX 1060 6GB" in lines[2]
    assert len({line.count(" | ") for line in lines}) == 1


def test_a_device_is_lit_in_all_charts(opened):
    """Its button dims what belongs to other devices, in charts and tables; a second press ends it."""
    page = opened(viewport=WIDE)
    chip = page.locator(".devices").get_by_role("button", name="GeForce GTX 1050 Ti")
    chip.click()
    assert chip.get_attribute("aria-pressed") == "true"
    device = chip.get_attribute("data-dev")
    dimmed = page.eval_on_selector_all(
        "svg [data-dev]", "(all) => all.map((g) => [g.dataset.dev, getComputedStyle(g).opacity])"
    )
    assert {(dev == device, float(opacity) < 1) for dev, opacity in dimmed} == {(True, False), (False, True)}
    assert page.locator("tr.on").count() > 1
    chip.click()
    assert page.locator(".lit").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_follows_the_system_and_can_be_switched(opened, scheme):
    """The button changes the page's colours, and the choice lasts."""
    page = opened(viewport=WIDE, color_scheme=scheme)
    colour = "getComputedStyle(document.body).backgroundColor"
    first = page.evaluate(colour)
    button = page.get_by_role("button", name="Dark theme")
    assert button.get_attribute("aria-pressed") == str(scheme == "dark").lower()
    button.click()
    switched = page.evaluate(colour)
    assert {first, switched} == {"rgb(255, 255, 255)", "rgb(20, 23, 27)"}
    page.reload()
    assert page.evaluate(colour) == switched


def test_without_script_everything_is_there(opened):
    """All tables, charts and links; no control that does nothing."""
    page = opened(viewport=WIDE, java_script_enabled=False)
    assert page.locator("table").count() >= 5
    assert page.locator("figure svg").count() >= 5
    assert page.locator("button:visible, input:visible").count() == 0
    assert page.locator("p.answer").first.inner_text().startswith("GeForce GTX 1060 6GB is 14.4× as fast")


def test_the_answer_is_on_the_first_screen(opened):
    """All sentences of the answer and the chart under or beside them, without scrolling."""
    page = opened(viewport=WIDE)
    boxes = [p.bounding_box() for p in page.locator("p.answer").all()]
    boxes.append(page.locator(".speedupchart svg:visible").first.bounding_box())
    assert all(box["y"] + box["height"] <= WIDE["height"] for box in boxes)


@pytest.mark.parametrize("viewport", [WIDE, NARROW, {"width": 320, "height": 700}])
def test_only_tables_scroll_sideways(opened, viewport):
    """The page itself is never wider than the screen."""
    page = opened(viewport=viewport)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize(
    ("viewport", "scheme"), [(WIDE, "light"), (WIDE, "dark"), (NARROW, "light"), (NARROW, "dark")]
)
def test_axe_finds_nothing(opened, viewport, scheme):
    """No violation of any of axe-core's rules, those of WCAG 2.2 AA among them."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = unfolded(opened(hash_="#?text=alexnet&sort=speed:down", viewport=viewport, color_scheme=scheme))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": tags}}
    violations = axe.Axe().run(page, options=options).response["violations"]
    assert [(v["id"], [n["html"][:200] for n in v["nodes"][:3]]) for v in violations] == []


def test_print_is_light_and_has_no_controls(opened):
    """A dark page prints dark on light, without buttons, as pages of text."""
    from pypdf import PdfReader

    page = opened(viewport=WIDE, color_scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("button:visible:not(.sort, .link), input:visible, nav:visible").count() == 0
    reader = PdfReader(io.BytesIO(page.pdf(format="A4")))
    assert len(reader.pages) > 2
    assert "as fast as the TF 0.5 CPU" in " ".join(reader.pages[0].extract_text().split())

"""What a reader asks of a page: filters, another baseline, two devices, two runs, the line behind a number."""

import itertools
import random
import re
from pathlib import Path

import card_logs
import pytest
import report_parts as parts
from page_parts import BOARD, DESK, PHONE, TEXTS, board, said, tick

from logreport import api
from logreport.reporting import render_html
from logreport.reporting.text import formatting as fmt
from logreport.runs.explaining import explain

pytestmark = pytest.mark.slow
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MIDDLE = {"x": 15, "y": 9}  # of a mark, whose first box is that of its words for screen readers


@pytest.mark.parametrize("device", ["AMD EPYC (2 cores)", "GeForce GTX 1050 Ti"])
def test_another_baseline_says_what_python_says_of_it(opened, samples, device):
    """Every number and word of the leaderboard, in its order; it is marked as the reader's choice, and can be undone."""
    page = opened(viewport=DESK)
    first = board(page)
    page.get_by_label("Against", exact=True).select_option(label=device)
    expected = said(api.report(samples, baseline=f"device = '{device}'"))
    assert [row[:-1] for row in board(page)] == [row[:-1] for row in expected]
    assert [row[-1] for row in board(page) if row[0] != device] == [
        row[-1] for row in expected if row[0] != device
    ]
    assert "chosen by you" in page.locator("#leaderboard-note").inner_text()
    page.get_by_label("Against", exact=True).select_option(label="TF 0.5 CPU")
    assert board(page) == first
    assert "chosen by you" not in page.locator("#leaderboard-note").inner_text()


@pytest.mark.parametrize("device", ["TF 0.5 CPU", "AMD EPYC (2 cores)"])
def test_the_ends_of_a_range_are_marked(opened, samples, device):
    """The warnings about the least and the most of each device, as Python has them, by the report's baseline and another."""
    page = opened(hash_=f"#?baseline={device}", viewport=DESK)
    marks = "(rows) => rows.map((row) => [...row.querySelectorAll('.mark.warning')].map((mark) => Number(mark.lastChild.data.slice(1))))"
    table = parts.table(api.report(samples, baseline=f"device = '{device}'"), "leaderboard")
    expected = [[n for cell in row.cells for n in cell.findings[:2]] for row in table.rows]
    assert page.eval_on_selector_all(BOARD, marks) == expected
    assert any(expected)


def test_another_baseline_of_many_devices(opened, crowd):
    """The same where sixteen devices were compared."""
    page = opened(crowd.page, viewport=DESK)
    assert board(page) == said(crowd.report)
    page.locator(BOARD).get_by_role("button", name="RTX A6000", exact=True).click()
    chosen = api.report_of(crowd.reading, title="T", baseline="device = 'RTX A6000'", command="c")
    assert [row[:-1] for row in board(page)] == [row[:-1] for row in said(chosen)]


def test_how_batch_sizes_are_is_said_once(opened, tmp_path):
    """Against a baseline with which few devices share no batch size, and against one with which most do, as Python says it."""
    reading = api.read_logs(api.sources_of(card_logs.write(tmp_path / "logs", card_logs.FEW_AT_THEIR_BEST)))
    path = tmp_path / "cards.html"
    path.write_bytes(render_html(api.report_of(reading, title="T", baseline=None, command="c")))
    page = opened(path, viewport=DESK)
    for device in ("Card 7", "Card 5"):
        page.get_by_label("Against", exact=True).select_option(label=device)
        report = api.report_of(reading, title="T", baseline=f"device = '{device}'", command="c")
        rows = dict(zip([row[0] for row in board(page)], board(page), strict=True))
        expected = {row[0]: row[-1] for row in said(report) if row[0] != device}
        assert {name: row[-1] for name, row in rows.items() if name != device} == expected
        (how,) = re.findall(r"both ran(.*?);", parts.table(report, "leaderboard").remarks[0])
        assert f"both ran{how};" in page.locator("#leaderboard-note").inner_text()
        assert str(rows).count("each device at its best batch size") == 0


MODELS = ("alexnet", "vgg16", "resnet50", "inception3")
SET_UPS = [  # a card, its release, the networks that it ran so, and its speed on all of them
    ("Card 1", "2.2", MODELS, 100.0),
    ("Card 2", "2.2", MODELS[:2], 150.0), ("Card 2", "1.15", MODELS[2:], 150.0),
    ("Card 3", "2.2", MODELS, 200.0), ("Card 3", "2.4", MODELS[:3], 420.0),
]  # fmt: skip


def write_set_ups(folder, models):
    """A log of each set-up for some networks."""
    for card, release, ran, speed in SET_UPS:
        chosen = {(card, model, 64): speed for model in ran if model in models}
        place = card_logs.write(folder / f"{card} {release}".replace(" ", "-"), chosen)
        for log in place.iterdir():
            text = log.read_text().replace("TensorFlow:  2.2", f"TensorFlow:  {release}")
            if release == "2.4":  # three facts are told by their names alone
                text = text.replace("replicated", "parameter_server").replace("sgd", "momentum")
            log.write_text(text)
    return folder


@pytest.mark.parametrize("models", [MODELS[1:3], MODELS[1:], MODELS[:2], MODELS[3:]])
def test_what_differs_is_said_of_those_chosen(opened, tmp_path, models):
    """On how many workloads set-ups differ, and that another one is faster, as Python says it of the logs of these networks."""
    reading = api.read_logs(api.sources_of(write_set_ups(tmp_path / "all", MODELS)))
    path = tmp_path / "cards.html"
    path.write_bytes(
        render_html(api.report_of(reading, title="T", baseline="device = 'Card 1'", command="c"))
    )
    chosen = api.read_logs(api.sources_of(write_set_ups(tmp_path / "chosen", models)))
    report = api.report_of(chosen, title="T", baseline="device = 'Card 1'", command="c")
    names = {"alexnet": "AlexNet", "vgg16": "VGG-16", "resnet50": "ResNet-50", "inception3": "Inception v3"}
    page = opened(path, hash_="#?" + "&".join(f"model={names[model]}" for model in models), viewport=DESK)
    found = {row[0]: row[-1] for row in board(page)}
    rows = {row[0]: row[-1] for row in said(report)}
    assert len(found) == 3
    assert {name: found[name] for name in ("Card 2", "Card 3")} == {
        name: rows[name] for name in ("Card 2", "Card 3")
    }
    assert ("another set-up of Card 3 is" in found["Card 3"]) == (models != MODELS[3:])
    assert ("(on " in found["Card 2"]) == (models in (MODELS[1:3], MODELS[1:]))


def test_two_cards_in_three_presses(opened, crowd):
    """From opening the page to RTX A6000 against A100 on ResNet-50 fp16: the number that the logs were written with."""
    page = opened(crowd.page, viewport=DESK)
    page.locator(BOARD).get_by_role("button", name="A100-PCIE-40GB", exact=True).click()
    page.locator(BOARD, has_text="RTX A6000").locator("button.number").click()
    row = page.locator(".means tbody tr", has_text="ResNet-50")
    heads = page.locator(".means thead th").all_inner_texts()
    shown = dict(zip(heads[1:], row.locator("td").all_inner_texts(), strict=True))
    ratio = crowd.speed("RTX A6000", "resnet50", "fp16") / crowd.speed("A100-PCIE-40GB", "resnet50", "fp16")
    assert shown["fp16 training"] == fmt.ratio(ratio)
    assert "RTX A6000" in page.locator(".sheet h2").inner_text()


def test_every_row_of_many_is_there(opened, crowd):
    """The last one is found by scrolling, and few are ever in the page at once."""
    page = opened(crowd.page, viewport=DESK)
    page.locator(".found").get_by_role("button").first.click()
    page.wait_for_selector("#measurements tbody tr:not(.room)")
    count = len(crowd.report.explorer.phases)
    assert page.locator("#measurements").get_attribute("aria-rowcount") == str(count + 1)
    made = "#measurements tbody tr:not(.room)"
    assert page.locator(made).count() < count / 4
    page.evaluate(
        "document.querySelector('#measurements tbody:last-child').scrollIntoView({ behavior: 'instant', block: 'end' })"
    )
    last = page.locator(f'#measurements tr[aria-rowindex="{count + 1}"]')
    last.wait_for()
    assert page.locator(made).count() < count / 4


def test_a_view_can_be_sent(opened):
    """Filters, words, baseline and order stand in the address, and whoever opens it sees the same."""
    page = opened(viewport=DESK)
    tick(page, "Model", "AlexNet")
    tick(page, "Device", "AMD EPYC (2 cores)")
    page.get_by_label("Words in").fill("2-threads")
    page.get_by_label("Against", exact=True).select_option(label="GeForce GTX 1050 Ti")
    page.locator(".told", has_text="chosen").wait_for(state="attached")
    page.wait_for_url("**text=*")
    address = page.evaluate("location.hash")
    shown = page.locator(".found button").first.inner_text()
    assert 0 < int(shown.split(" ")[0]) < 41
    other = opened(hash_=address, viewport=DESK)
    assert other.locator(".found button").first.inner_text() == shown
    assert board(other) == board(page)
    assert other.get_by_label("Words in").input_value() == "2-threads"
    assert other.evaluate("location.hash") == address
    other.get_by_role("button", name="Clear").click()
    assert other.evaluate("location.hash") == "#?baseline=GeForce+GTX+1050+Ti"


def test_a_link_keeps_what_was_chosen(opened):
    """A place of the page is added to the address; an address with both goes to the place."""
    page = opened(hash_="#?model=AlexNet", viewport=DESK)
    page.get_by_role("link", name="Findings", exact=True).click()
    page.wait_for_url("**#findings?model=AlexNet")
    assert page.locator(".found button").first.inner_text().startswith("19 of 41")


def test_what_is_not_chosen_leaves_the_other_tables(opened, samples):
    """Rows of other workloads, findings of other runs, and runs one by one."""
    page = opened(hash_="#?model=CIFAR-10&batch=64", viewport=DESK)
    rows = page.locator("#table-comparison tbody tr:visible").all_inner_texts()
    assert rows
    assert all("CIFAR-10" in row and "batch 64" in row for row in rows)
    reading = api.read_logs(api.sources_of(samples))
    runs = reading.tables.frame("runs")
    meant = set(runs[(runs.model == "cifar10") & (runs.batch_size == 64)].run_id)
    doubts = reading.tables.frame("findings")
    expected = set(doubts[doubts.run_id.isin(meant)].code)
    page.locator(".findings details").evaluate_all("(all) => all.forEach((fold) => { fold.open = true; })")
    codes = "(all) => all.map((item) => logreport.data().findings[item.id.split('-')[1]][1])"
    shown = set(page.eval_on_selector_all(".findings li[id]:not(.left-out)", codes))
    assert expected <= shown
    assert "non-finite-loss" not in shown or "non-finite-loss" in expected


def test_a_number_is_followed_to_its_line(opened, samples):
    """The line as it stands in the file, two on either side, and the rule that explains it."""
    page = opened(viewport=DESK)
    link = page.locator("#answer a.from").first
    number = link.inner_text()
    link.click()
    place = page.locator(".sheet .place").inner_text()
    name, line = place.rsplit(":", 1)
    path = next(path for path in Path(samples).rglob("*") if str(path).endswith(name))
    lines = path.read_text().splitlines()
    at = int(line)
    shown = page.locator(".sheet .lines li")
    assert [int(n) for n in shown.evaluate_all("(all) => all.map((one) => one.value)")] == list(
        range(max(at - 2, 1), min(at + 2, len(lines)) + 1)
    )
    assert page.locator(".sheet .lines .meant code").inner_text().split() == lines[at - 1].split()
    (one,) = explain(api.sources_of(path)[0], only=at)
    assert page.locator(".sheet code").last.inner_text() in [kind for kind, _ in one.kinds]
    assert page.locator(".sheet h2").inner_text() == number
    page.keyboard.press("Escape")
    assert page.locator(".sheet[open]").count() == 0
    assert page.evaluate("document.activeElement.textContent") == number


def test_a_mark_says_what_it_stands_for(opened):
    """In place: the whole sentence, and of which runs; beside a number that is pressed, too. One more press leads to the list."""
    page = opened(viewport=DESK)
    mark = page.locator("#table-comparison tr:not(.left-out) a.mark", has_text=re.compile("[EWN]\\d")).first
    severity, message = mark.get_attribute("title").split(": ", 1)
    name = mark.inner_text().split()[-1]
    mark.click(position=MIDDLE)
    assert page.locator(".sheet h2").inner_text().startswith(f"{name}: {severity}, ")
    assert page.locator(".sheet p").first.inner_text() == f"{message}."
    assert page.locator(".sheet li").count() >= 1
    page.keyboard.press("Escape")
    mark.locator("xpath=ancestor::td").locator("a.from").click()
    assert message in page.locator(".sheet").inner_text()
    page.keyboard.press("Escape")
    mark.click(position=MIDDLE)
    page.locator(".sheet").get_by_role("link", name="In the list of findings").click()
    page.wait_for_url("**#finding-*")


def test_from_a_line_to_the_list_of_cited_lines(opened):
    """However deep it is folded."""
    page = opened(viewport=DESK)
    page.locator("#table-comparison a.from").first.click()
    link = page.locator(".sheet").get_by_role("link", name="In the list of cited lines")
    target = link.get_attribute("href")
    assert not page.locator(target).is_visible()
    link.click()
    page.locator(target).wait_for()


def test_two_runs_side_by_side(opened, samples):
    """The settings that differ and no other, a line each of the windows, and the findings of both; in the address, too."""
    page = opened(hash_="#?model=AlexNet&phase=forward&text=alexnet-batch", viewport=DESK)
    page.locator(".found").get_by_role("button").first.click()
    choose = page.locator("#measurements").get_by_role("button", name="Set beside another")
    choose.nth(0).click()
    choose.nth(1).click()
    heads = page.locator(".sheet .two tbody th").all_inner_texts()
    values = page.eval_on_selector_all(".sheet .two tbody tr", TEXTS)
    assert all(one != other for _, one, other in values)
    assert "Threads" in heads
    same = page.locator(".sheet dt").all_text_contents()
    assert not set(same) & set(heads)
    assert {"Model", "Phase"} <= set(same)
    reading = api.read_logs(api.sources_of(samples))
    steps = reading.tables.frame("steps")
    keys = page.evaluate("logreport.shown.runs").split("~")
    lines = page.locator(".sheet polyline").evaluate_all("(all) => all.map((one) => one.points.length)")
    assert lines == [
        steps[(steps.run_id == key.split(".")[0]) & (steps.phase == "forward")]
        .window_examples_per_second.notna()
        .sum()
        for key in keys
    ]
    again = opened(hash_=page.evaluate("location.hash"), viewport=DESK)
    assert again.eval_on_selector_all(".sheet .two tbody tr", TEXTS) == values


def test_the_numbers_are_written_as_python_writes_them(opened):
    """Single ones, columns and intervals, of every size; what cannot be told apart in base ten is left out."""
    page = opened(viewport=DESK)
    chance = random.Random(7)  # noqa: S311 - numbers to write, the same each time
    values = [10 ** chance.uniform(-4, 6) for _ in range(400)] + [
        0.0,
        1.0,
        0.999,
        1.0004,
        99.95,
        0.0286,
        1e-7,
    ]
    for name, of in (("number", fmt.number), ("ratio", fmt.ratio)):
        assert page.evaluate(f"(all) => all.map(logreport.numbers.{name})", values) == list(map(of, values))
    pairs = [sorted((v, v * (1 + 10 ** chance.uniform(-5, 0)))) for v in values]
    for unit in ("", fmt.TIMES):
        script = "([all, unit]) => all.map(([low, high]) => logreport.numbers.interval(low, high, unit))"
        assert page.evaluate(script, [pairs, unit]) == [fmt.interval(*pair, unit) for pair in pairs]
    columns = [[10 ** chance.uniform(-2, 2) for _ in range(chance.randint(1, 6))] for _ in range(200)]
    assert page.evaluate("(all) => all.map(logreport.numbers.ratioColumn)", columns) == [
        fmt.ratio_column(column) for column in columns
    ]
    assert page.evaluate("logreport.numbers.geometricMean([1, 10, 100])") == pytest.approx(10)


@pytest.mark.parametrize(("viewport", "scheme"), [*itertools.product((DESK, PHONE), ("light", "dark"))])
@pytest.mark.parametrize("state", ["menu", "pair", "line", "mark", "runs", "empty", "chosen"])
def test_axe_finds_nothing_in_any_state(opened, viewport, scheme, state):
    """With a menu open, with each kind of what opens over the page, and where nothing is left."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    hashes = {
        "pair": "#?pair=GeForce+GTX+1050+Ti~TF+0.5+CPU", "empty": "#?text=nothing-has-this-name",
        "chosen": "#?model=AlexNet&baseline=TF+0.5+CPU",
    }  # fmt: skip
    page = opened(hash_=hashes.get(state, ""), viewport=viewport, color_scheme=scheme)
    if state == "menu":
        if viewport is PHONE:
            page.get_by_role("button", name="Filters").click()
        page.locator(".facet summary").first.click()
    elif state == "line":
        page.locator("#answer a.from").first.click()
    elif state == "mark":
        page.locator("#answer a.mark").first.click(position=MIDDLE)
    elif state == "runs":
        page.evaluate("logreport.dialogs.side(4, 7)")
    options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": TAGS}}
    violations = axe.Axe().run(page, options=options).response["violations"]
    assert [(v["id"], [n["html"][:200] for n in v["nodes"][:3]]) for v in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    if sheet := page.locator(".sheet").all():
        box = sheet[0].bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= viewport["width"]


def test_all_of_it_by_keyboard(opened):
    """A menu, a box in it, a device, a speedup: Tab and Enter reach and work them, Escape leaves."""
    page = opened(viewport=DESK)
    page.locator(".facet summary").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.locator(".facet.on").count() == 1
    page.keyboard.press("Escape")
    assert page.locator(".facet[open]").count() == 0
    page.get_by_role("button", name="Clear").focus()
    page.keyboard.press("Enter")
    page.locator(f"{BOARD} button.link").first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    page.locator(f"{BOARD} button.number").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".sheet[open]").count() == 1
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.classList.contains('number')")


def test_without_script_the_pairs_are_a_table(opened):
    """Every two devices, folded; nothing that only a script fills."""
    page = opened(viewport=DESK, java_script_enabled=False)
    page.locator("summary", has_text="Every two devices").click()
    assert page.locator("#table-pairs tbody tr").count() == 4
    assert page.locator(".choice, .sheet, #measurements").count() == 0


def test_the_answer_waits_for_no_row(crowd):
    """What the script works with stands behind all that the page shows."""
    text = crowd.page.read_text()
    assert text.index("</main>") < text.index('<script type="application/json"')
    assert len(text) < 8_000_000

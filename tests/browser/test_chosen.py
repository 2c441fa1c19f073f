"""What the page says of the runs that a reader has chosen: as Python says it of these runs alone."""

import math
import random
import re
from datetime import datetime, timedelta
from itertools import cycle

import card_logs
import pytest
import report_parts as parts
from page_parts import DESK, PHONE, board, said, tick

from logreport import api
from logreport.analysis.comparison.ratios import LogSpeed
from logreport.analysis.comparison.repeats import Repeats, pool
from logreport.reporting import render_html
from logreport.reporting.text import formatting as fmt

pytestmark = pytest.mark.slow
ALONE = "#answer .of-chosen"


def without_differences(rows):
    """Rows of a leaderboard without the words on what differs."""
    return [row[:-1] for row in rows]


def leaderboard(reading, baseline):
    """What a report over these runs has there, by a baseline."""
    report = api.report_of(reading, title="", baseline=f"device = '{baseline}'", command="")
    return without_differences(said(report))


@pytest.mark.parametrize(
    ("chosen", "pattern"),
    [
        ("precision=fp16", "fp16-.*"),
        ("precision=fp32&batch=64", "fp32-64"),
        ("batch=96&batch=128", ".*-(96|128)"),
    ],
)
def test_a_filter_says_what_a_report_over_these_logs_says(opened, crowd, chosen, pattern):
    """Means, their intervals, ends and numbers of workloads, of runs that were repeated within a session, by either baseline."""
    logs = [log for log in crowd.folder.rglob("*.log") if re.fullmatch(pattern, log.parent.name)]
    reading = api.read_logs(api.sources_of(logs))
    for baseline in ("RTX A6000", "TITAN V"):
        page = opened(crowd.page, hash_=f"#?baseline={baseline}&{chosen}", viewport=DESK)
        assert without_differences(board(page)) == leaderboard(reading, baseline), baseline
        assert "only those of the runs chosen" in page.locator("#leaderboard-note").inner_text()


def test_a_filter_says_what_a_report_over_these_logs_says_of_the_samples(opened, samples):
    """The same of single runs, each device at its best batch size."""
    for device in ("TF 0.5 CPU", "GeForce GTX 1050 Ti"):
        page = opened(hash_=f"#?model=AlexNet&baseline={device}", viewport=DESK)
        logs = [*samples.rglob("*alexnet*.log"), *samples.rglob("*alexnet*.run.json")]
        report = api.report(logs, baseline=f"device = '{device}'")
        assert without_differences(board(page)) == without_differences(said(report))


# Of each set-up training and inference: what shows that a number is doubted is there in both.
FLEET = {
    "precision=fp16": "*fp16*/*",
    "precision=fp16&devices=1&data=synthetic": "syn-*-fp16-1gpus*/*",
    "precision=fp32&phase=inference": "*fp32*-inference/*",  # some pairs share no batch size there, but elsewhere
    "phase=inference&devices=2&devices=4": "*-[24]gpus-inference/*",
    "model=VGG-16&model=ResNet-152": "*/[vr][ge][gs][1n]*[2-6]-*",
}


def test_a_filter_says_what_a_report_over_these_logs_says_of_the_fleet(
    opened, reported, fleet_logs, tmp_path
):
    """The same of thousands of real logs, one run each."""
    path = tmp_path / "fleet.html"
    path.write_bytes(render_html(reported("fleet")[1]))
    baselines = cycle(("A100-SXM4-40GB", "GeForce RTX 3090"))
    for (chosen, pattern), baseline in zip(FLEET.items(), baselines, strict=False):
        reading = api.read_logs(api.sources_of(fleet_logs.rglob(f"{pattern}/**/*.log")))
        page = opened(path, hash_=f"#?baseline={baseline}&{chosen}", viewport=DESK)
        assert without_differences(board(page)) == leaderboard(reading, baseline), (chosen, baseline)


def _side(chance, count, level, *, dated):
    """Runs of one side: in one session or in several, some without a date or an error of their own."""
    for _ in range(count):
        hours = chance.choice([0, 1, 24, 48, 72]) if dated else chance.random()
        at = None if chance.random() < 0.1 else datetime(2020, 1, 1) + timedelta(hours=hours)  # noqa: DTZ001 - as in logs
        if chance.random() < 0.05:
            yield LogSpeed(level + chance.gauss(0, 0.02), 0.0, math.inf, 0.0, known=False, at=at)
        else:
            variance, df = chance.choice([0.0, 1e-6, 3e-5]), chance.choice([3, 9, math.inf])
            normal = chance.choice([0.0, 1e-8])
            yield LogSpeed(level + chance.gauss(0, 0.02), variance, df, normal, at=at)


def _workloads(chance):
    """Some workloads of two devices, with as many runs on each or with more on some."""
    dated, runs, alike = chance.random() < 0.6, chance.choice([1, 1, 2, 3]), chance.random() < 0.6
    return [
        Repeats(
            *(
                tuple(_side(chance, runs if alike else chance.randint(1, 3), level, dated=dated))
                for level in (0.3, 0.0)
            ),
            variation=0.01,
        )
        for _ in range(chance.randint(2, 7))
    ]


def _given(run):
    """A run as the page has it; JSON knows no infinity."""
    df = run.df if math.isfinite(run.df) else 1e300
    at = run.at and (run.at - datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001 - as in logs
    return {
        "value": run.value, "variance": run.variance, "df": df, "normal": run.normal, "known": run.known, "at": at,
    }  # fmt: skip


def test_every_mean_has_pythons_interval(opened):
    """However the runs lie: single ones, repeats of one session and of several, with gaps, with errors and without."""
    page = opened(viewport=DESK)
    chance = random.Random(7)  # noqa: S311 - runs to compare, the same each time
    found = [_workloads(chance) for _ in range(300)]
    script = "(all) => all.map((workloads) => logreport.meanInterval(workloads, 0.01))"
    shown = page.evaluate(
        script,
        [[[[*map(_given, w.side)], [*map(_given, w.baseline)]] for w in workloads] for workloads in found],
    )
    bases = {}
    for workloads, ends in zip(found, shown, strict=True):
        pooled = pool(workloads)
        bases.setdefault(pooled.basis, set()).add(pooled.mean is None)
        expected = pooled.mean.interval() if pooled.mean else (None, None)
        assert ends == [pytest.approx(end, rel=1e-6) if end is not None else None for end in expected]
    assert bases == {basis: {True, False} for basis in ("assumed", "one session", "sessions")}


def test_two_devices_have_an_interval_under_a_filter(opened, crowd):
    """What opens over the page says the mean of the workloads that are left, with the interval of the leaderboard."""
    page = opened(
        crowd.page,
        hash_="#?baseline=A100-SXM4-40GB&precision=fp16&pair=TITAN+V~A100-SXM4-40GB",
        viewport=DESK,
    )
    (row,) = (row for row in board(page) if row[0] == "TITAN V")
    _, ratio, sure, *_ = row
    assert f"TITAN V is {ratio} as fast as A100-SXM4-40GB" in page.locator(".sheet h2").inner_text()
    assert f"95 % interval {sure};" in page.locator(".sheet p").nth(1).inner_text()


def test_the_first_of_those_chosen_is_said(opened, crowd):
    """A sentence over the others, which says that these are of all runs; it takes no room before and after."""
    page = opened(crowd.page, viewport=DESK)
    note = page.locator("#of-chosen")
    assert note.get_attribute("aria-live") == "polite"
    height = "(note) => note.getBoundingClientRect().height"
    assert note.evaluate(height) == 0
    tick(page, "Model", "VGG-16")
    first, second = board(page)[:2]
    text = note.inner_text()
    assert text.startswith(f"Of the runs chosen, {first[0]} comes first of 16 devices: {first[0]} is ")
    assert "The other sentences of this page are about all runs." in text
    ratio = fmt.ratio(crowd.speed(first[0], "vgg16", "fp16") / crowd.speed(second[0], "vgg16", "fp16"))
    assert ratio in text
    ratios = [
        crowd.speed(first[0], "vgg16", kind) / crowd.speed(second[0], "vgg16", kind)
        for kind in ("fp16", "fp32")
    ]
    assert f"median {fmt.ratio(sum(ratios) / 2)}, 95 % interval " in text
    assert f": from {fmt.ratio(min(ratios))} to {fmt.ratio(max(ratios))}." in text
    page.get_by_role("button", name="Clear", exact=True).click()
    assert note.evaluate(height) == 0
    assert note.inner_text() == ""


def test_what_is_pressed_stays_where_it_is(opened, crowd):
    """What comes and goes over the bar does not move it."""
    page = opened(crowd.page, viewport=DESK)
    at = "document.querySelector('.choice').getBoundingClientRect().top"
    before = page.evaluate(at)
    tick(page, "Model", "VGG-16")
    assert page.evaluate(at) == pytest.approx(before, abs=1)


@pytest.mark.parametrize("viewport", [DESK, PHONE])
def test_the_chart_is_of_the_runs_chosen(opened, samples, viewport):
    """In place of that of all runs, a bar for each comparison that is left, with the numbers of the report; and back."""
    page = opened(viewport=viewport)
    whole = page.locator("#answer .speedupchart")
    assert whole.is_visible()
    page.goto(f"{page.url.split('#')[0]}#?model=CIFAR-10")
    page.locator(ALONE).wait_for()
    assert not whole.is_visible()
    (bar,) = (b for b in parts.chart(api.report(samples), "speedups").bars if "CIFAR-10" in b.tip)
    assert page.locator(f"{ALONE} li strong").inner_text().strip() == bar.label
    assert page.locator(f"{ALONE} li button").all_inner_texts() == [bar.text]
    assert page.locator(f"{ALONE} h2").inner_text().startswith(f"{bar.label} is {bar.text} as fast as ")
    page.locator(f"{ALONE} li button").click()
    assert page.locator(".sheet[open]").count() == 1
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Clear", exact=True).click()
    assert whole.is_visible()
    assert not page.locator(ALONE).is_visible()


def test_charts_of_other_workloads_are_left_out(opened):
    """Those of other models, and those of other devices alone; in what is left, other devices are dimmed."""
    page = opened(viewport=DESK)
    titles = "#speeds figure:visible h3"
    every = page.locator(titles).all_inner_texts()
    tick(page, "Model", "AlexNet")
    left = page.locator(titles).all_inner_texts()
    assert left == [title for title in every if title.startswith("AlexNet")]
    assert 0 < len(left) < len(every)
    tick(page, "Device", "TF 0.5 CPU")
    dimmed = page.eval_on_selector_all(
        "#speeds figure:not(.left-out) svg [data-dev]",
        "(all) => all.map((g) => [g.dataset.dev, getComputedStyle(g).opacity])",
    )
    own = page.evaluate(
        "logreport.data().runs.marks.map((mark) => mark?.[2])[logreport.data().runs.facet('device').values.indexOf('TF 0.5 CPU')]"
    )
    assert {(device == str(own), float(opacity) == 1) for device, opacity in dimmed} == {
        (True, True),
        (False, False),
    }


def test_workloads_without_a_shared_batch_size_are_told_of_the_runs_chosen(opened, tmp_path):
    """Beside the mean of the others, as in the report; those that a filter leaves out are not."""
    speeds = {
        (device, f"net{n}", 64): speed
        for device, speed in (("Card 1", 100.0), ("Card 2", 200.0))
        for n in range(7)
    }
    apart = {("Card 1", "lenet", 32): 100.0, ("Card 2", "lenet", 96): 150.0}
    report = api.report(card_logs.write(tmp_path / "logs", {**speeds, **apart}))
    path = tmp_path / "cards.html"
    path.write_bytes(render_html(report))
    told = "On 1 more workload they share no batch size; each at its best it is 1.50×."
    assert told in "".join(span.text for span in parts.answers(report)[0].sentence)
    page = opened(path, hash_="#?baseline=Card+1&batch=64&batch=32&batch=96", viewport=DESK)
    assert told in page.locator("#of-chosen").inner_text()
    page = opened(path, hash_="#?baseline=Card+1&batch=64", viewport=DESK)
    assert "share no batch size" not in page.locator("#of-chosen").inner_text()


def test_a_doubted_number_is_in_no_mean_of_the_page(opened, tmp_path):
    """As in the report: it is left out of means and said to be, and stands with its mark in the list of the two devices."""
    report = api.report(card_logs.write(tmp_path / "logs", card_logs.ONE_DOUBTED))
    path = tmp_path / "cards.html"
    path.write_bytes(render_html(report))
    page = opened(path, hash_="#?baseline=Card+1&batch=64", viewport=DESK)
    note = page.locator("#leaderboard-note")
    assert without_differences(board(page)) == without_differences(said(report))
    assert "2 comparisons with a doubted number are left out." in note.inner_text()
    assert "1 workload with a doubted number is left out." in page.locator("#of-chosen").inner_text()
    page.get_by_role("button", name="4.00×").first.click()
    two = page.locator("dialog[open]")
    assert "4.00× as fast" in two.locator("h2").inner_text()
    assert "over 8 workloads" in two.inner_text()
    assert "1 workload with a doubted number is left out." in two.inner_text()
    assert two.locator("table").last.locator("tbody tr").count() == 9
    page = opened(path, hash_="#?baseline=Card+1&model=net4", viewport=DESK)
    assert [row[1] for row in board(page)] == ["40.00×", "20.00×", "1.00×"]
    assert "left out" not in page.locator("#leaderboard-note").inner_text()

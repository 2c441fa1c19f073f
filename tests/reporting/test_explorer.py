"""What the script of a page works with: every phase as the tables have it, every two devices as the report says them."""

import json
import re
from dataclasses import replace

import pandas as pd
import pytest
import report_parts as parts

from logreport import api
from logreport.analysis import Study
from logreport.reporting import render_html
from logreport.reporting.rendering.html import LIMITS

DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)


def data_of(report):
    """The data of its page."""
    return json.loads(DATA.search(render_html(report).decode())[1])


@pytest.fixture(scope="module")
def report(samples):
    """The report over the samples."""
    return api.report(samples)


@pytest.fixture(scope="module")
def data(report):
    """What its page works with."""
    return data_of(report)


def test_every_phase_is_there_with_its_speed(report, data):
    """The speeds, by run and phase, and the lines that they come from, are those of the tables."""
    explorer = data["explorer"]
    phases, runs = report.frame("phases"), report.frame("runs")
    facets = [facet["key"] for facet in explorer["facets"]]
    names = explorer["facets"][facets.index("phase")]["values"]
    shown = pd.DataFrame(
        {
            "run_id": explorer["phases"]["run"],
            "phase": [names[place].replace("-", "_") for place in explorer["facts"][facets.index("phase")]],
            "speed": explorer["phases"]["speed"],
            "line": explorer["phases"]["line"],
        }
    )
    both = phases.merge(shown, on=["run_id", "phase"], suffixes=("", "_shown"))
    assert len(both) == len(phases)
    assert both.speed.astype(float).tolist() == pytest.approx(both.examples_per_second.astype(float).tolist())
    assert both.line_shown.tolist() == both.line.tolist()
    assert set(runs.run_id) == set(shown.run_id)


def test_every_place_has_its_line(data, samples):
    """Each speed can be followed: the text of its line is the one in the file."""
    phases, quotes = data["explorer"]["phases"], data["quotes"]
    files = {path.relative_to(samples).as_posix(): path for path in samples.rglob("*") if path.is_file()}
    compared = 0
    for source, line in zip(phases["source"], phases["line"], strict=True):
        name = data["sources"][source]
        if name not in files or not name.endswith(".log"):
            continue
        text = quotes["texts"][str(source)][str(line)]
        assert text.split() == files[name].read_text(errors="replace").split("\n")[line - 1].split()
        compared += 1
    assert compared > 20


def test_two_devices_are_what_the_study_says(samples, data):
    """Ratio, interval and differences of each comparison of every two devices, and of those at their best where sizes differ."""
    study = Study(api.read_logs(api.sources_of(samples)).tables)
    names = data["explorer"]["facets"][0]["values"]
    shown = {(names[side], names[base]): rest for side, base, *rest in data["explorer"]["together"]}
    assert shown.keys() == study.together.keys()
    for devices, (best, (ahead, _), *both) in shown.items():
        pair, at_best = study.together[devices], study.together_at_best.get(devices)
        assert bool(best) == pair.at_best_batch
        for met, of in zip(both, (pair, at_best), strict=True):
            every = (*of.comparisons, *of.left_out) if of else ()
            assert [one[4:7] for one in met] == [pytest.approx([c.ratio, c.low, c.high]) for c in every]
            assert [len(one) == 8 for one in met] == [c.is_sound for c in every]
        assert bool(ahead) == any(c.unlike for c in pair.comparisons)


def test_nothing_of_a_log_ends_the_data(tmp_path):
    """Text that would end a script element, or begin a comment, is text."""
    for n, device in enumerate(("</script><script>alert(1)</script>", "<!--<script>")):
        (tmp_path / f"{n}.log").write_text(
            f"Found device 0 with properties:\nname: {device}\n"
            + "".join(
                f"{step}\timages/sec: {100 + n}.0 +/- 0.0 (jitter = 0.0)\t7.0\n" for step in (1, 10, 20)
            )
            + f"</script><!-- {device}\n----\ntotal images/sec: 100.00\n----\n"
        )
    page = render_html(api.report(tmp_path)).decode()
    block = DATA.search(page)[1]
    assert "<" not in block
    assert ">" not in block
    assert page.count("<script") == 2
    assert any(
        "</script>" in text for own in json.loads(block)["quotes"]["texts"].values() for text in own.values()
    )


def test_names_are_taken_out_of_quoted_lines(tmp_path):
    """Where names are to be left out, they are left out of the text of lines, and of the names of sources."""
    for n in (1, 2):
        (tmp_path / f"{n}.log").write_text(
            "user=zaphod7\n" + "".join(f"{step}\timages/sec: 10{n}.0 +/- 0.0 (jitter = 0.0)\t7.0\n" for step in (1, 10))
            + "/home/zaphod7/secret.py\n"
        )  # fmt: skip
    open_page, shut = (render_html(api.report(tmp_path, redact=redact)).decode() for redact in (False, True))
    assert "zaphod7" in DATA.search(open_page)[1]
    assert "zaphod7" not in shut
    assert "user-1" in DATA.search(shut)[1]


def test_the_rows_that_the_page_leaves_out_are_among_the_data(report):
    """Each row of a long table once: first those of the page, then those of the data, with the same texts."""
    table = max((t for t in parts.tables(report) if t.whole == "phases"), key=lambda t: len(t.rows))
    longer = replace(table, rows=table.rows * (2 * LIMITS.rows // len(table.rows) + 1))
    sections = tuple(
        replace(s, blocks=tuple(longer if b is table else b for b in s.blocks)) for s in report.sections
    )
    data = data_of(replace(report, sections=sections))
    texts = data["texts"]
    rest = [
        [texts[cell[0] if isinstance(cell, list) else cell] for cell in cells]
        for *_, cells in data["rows"][table.key]
    ]
    room = LIMITS.room(longer)
    assert rest == [[cell.text for cell in row.cells] for row in longer.rows[room:]]


def test_one_run_has_nothing_to_choose(tmp_path):
    """There is no choice of one; its lines can be followed all the same."""
    (tmp_path / "a.log").write_text(
        "".join(f"{step}\timages/sec: 100.0 +/- 0.0 (jitter = 0.0)\t7.0\n" for step in (1, 10, 20))
    )
    data = data_of(api.report(tmp_path))
    assert data["explorer"] is None
    assert data["quotes"]["places"]

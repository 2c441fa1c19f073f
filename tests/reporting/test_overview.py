"""What makes many comparisons few, and what stands beside the numbers: short names, changes, shares."""

import pytest
import report_parts as parts
import report_samples as samples
from hypothesis import given
from hypothesis import strategies as st
from studies import build

from logreport.analysis.results import Difference, Remark
from logreport.reporting import render_html
from logreport.reporting.charts import charts
from logreport.reporting.text.short_names import telling_words


def made(tables, comparisons=()):
    """A report with fixed command, version and date."""
    return build(tables, comparisons, title="T", command="c", version="0.1.0", made_at=samples.MADE_AT)


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        (["x-2.21-1-thread.log", "x-2.21-2-threads.log"], ["1 thread", "2 threads"]),
        (["TF1_15.logs/a/b/c/d/e", "XLA_TF1_15.logs/a/b/c/d/e"], ["", "XLA"]),
        (["a.log", "a/log"], ["a.log", "a/log"]),
        (["only.log"], ["only.log"]),
    ],
)
def test_words_that_tell_paths_apart(paths, words):
    """What all paths share is left out; where nothing is left, the paths stay."""
    assert telling_words(paths) == words


@given(st.lists(st.text("ab-/.", min_size=1, max_size=9), min_size=1, max_size=5, unique=True))
def test_telling_words_tell_apart(paths):
    """Different paths never get the same words."""
    assert len(set(telling_words(paths))) == len(paths)


def test_many_that_cannot_be_compared_are_one_sentence():
    """How many, which, and the fields that differ."""
    alone = [
        samples.versus(samples.alexnet(), samples.side("CPU", "c", ("c", 1), 1.0), samples.side(name, name, (name, 1), 1.0),
                       ratio=None, low=None, high=None, verdict="not comparable", differences=(Difference("batch_size", 1, 2), Difference("precision", "fp16", "fp32")))
        for name in "ABCDEF"
    ]  # fmt: skip
    more, text = parts.notes(made(samples.founding(), alone))[:2]
    assert more == "1 more set-up; all speeds are in the table of runs."
    assert text.startswith(
        "6 devices or runs cannot be compared with any other, because these differ or are not known: A ("
    )
    assert "A (batch size and precision)" in text
    assert text.endswith("3 more.")


def test_what_is_compared_with_another_is_not_among_those_that_cannot_be():
    """A set-up that is not comparable with its baseline, but with another one, is not said to be alone."""
    sides = {name: samples.side(name, name, (name, 1), 1.0) for name in "ABCDE"}
    no = {
        "ratio": None,
        "low": None,
        "high": None,
        "verdict": "not comparable",
        "reason": Remark("other-network", ("conv1", "a", "b")),
    }
    found = [samples.versus(samples.alexnet(), sides["A"], sides[name], **no) for name in "BCD"]
    between = [samples.versus(samples.alexnet(), sides["E"], sides["B"])]
    report = build(
        samples.founding(),
        found,
        between=between,
        title="T",
        command="c",
        version="1",
        made_at=samples.MADE_AT,
    )
    (text,) = (note for note in parts.notes(report) if "cannot be compared" in note)
    assert text.startswith("2 devices or runs cannot be compared with any other")
    assert "C (layer) and D (layer)" in text


def test_a_change_of_speed_is_marked_at_its_step():
    """A dotted line with its step, and a word under the chart."""
    tables = samples.one_run()
    tables.add(
        "findings", run_id="resnet", source="r.log", phase="training", severity="warning", code="slows-down",
        details='{"percent": 4.0, "change": 4.0, "how": "at-once", "step": 60}', line=1,
    )  # fmt: skip
    (card,) = parts.cards(made(tables))
    assert ("Speed changes", "training after step 60") in card.settings
    chart = next(c for c in card.charts if c.key.startswith("steps"))
    assert chart.changes == (60.0,)
    assert "Dotted: the speed changes after step 60." in chart.caption
    assert ">step 60<" in charts.draw(chart)


def test_loss_has_a_chart_where_there_is_loss():
    """Three values make one; values that are no number are left out."""
    tables = samples.one_run()
    losses = [8.0, 7.5, float("nan"), 7.0]
    column = tables.columns["steps"]["loss"]
    column[: len(column)] = (losses + [None] * len(column))[: len(column)]
    found = [c for card in parts.cards(made(tables)) for c in card.charts if c.key.startswith("loss")]
    assert [(c.title, len(c.dots)) for c in found] == [("Loss: from 8 to 7", 3)]


def test_colours_and_styles_are_classes():
    """No style stands on an element, so that the policy can name every style by its hash."""
    page = render_html(made(samples.founding(), samples.founding_comparisons())).decode()
    assert " style=" not in page.partition("<body>")[2]
    assert 'class="s0"' in page

"""What one fact of a set-up is worth on its device, all else equal: XLA, a release, whatever folders are called."""

import pytest
import report_parts as parts
from analysis_logs import add_cumulative, add_run
from set_up_logs import log

from logreport import api
from logreport.analysis import Study, analyze
from logreport.tables.reading import Reading
from logreport.tables.tables import Tables

STEPS = [1, *range(10, 101, 10)]

# Release, XLA, folder, speed: the runs of `second` are half as fast for no reason that is known.
RUNS = (
    ("1.15", False, "first", 100), ("1.15", True, "first", 120),
    ("2.2", False, "first", 100), ("2.2", True, "first", 132), ("1.15", False, "second", 50),
)  # fmt: skip


def tables_of(*runs):
    """Analysed tables of runs (release, XLA, folder, speed, network) on one card."""
    tables = Tables()
    for n, (version, xla, folder, speed, model) in enumerate(runs):
        source = f"{folder}/{'xla' if xla else 'plain'}-{version}/{model}.log"
        add_run(
            tables, f"r{n}", "tf_cnn_benchmarks", source=source, model=model, device="T4", device_kind="gpu",
            precision="fp32", num_devices=1, framework_version=version, xla=xla,
        )  # fmt: skip
        add_cumulative(tables, f"r{n}", STEPS, [speed + 0.2 * (i % 2) for i in range(11)], source=source)
    analyze(tables)
    return tables


@pytest.fixture(scope="module")
def tables():
    """These set-ups on three networks."""
    return tables_of(*((*run, model) for model in ("a", "b", "c") for run in RUNS))


def test_one_fact_and_the_nearest_path(tables):
    """XLA: 132 ÷ 100 under 2.2, faster together than 120 ÷ 100; the release: 132 ÷ 120 with XLA. `second` is nearest to none."""
    found = Study(tables).single_facts
    ratios = {(c.side.label, c.baseline.label): c.ratio for c in found}
    assert len(found) == 6
    assert ratios == {
        ("T4, XLA", "T4, no XLA"): pytest.approx(1.32, rel=0.01),
        ("T4, TensorFlow 2.2", "T4, TensorFlow 1.15"): pytest.approx(1.1, rel=0.01),
    }


def test_the_answers_are_like_with_like(tables):
    """No sentence is on set-ups that differ in XLA and release; that two folders differ is said by itself."""
    report = api.report_of(Reading(tables), title="T", baseline=None, command="c")
    heads = [answer.sentence[0].text for answer in parts.answers(report)]
    assert heads == [
        "T4, TensorFlow 1.15, no XLA (first) is 2.00× as fast as T4, TensorFlow 1.15, no XLA (second)",
        "T4, XLA is 1.32× as fast as T4, no XLA",
        "T4, TensorFlow 2.2 is 1.10× as fast as T4, TensorFlow 1.15",
    ]


def test_each_device_has_its_own(tmp_path):
    """XLA is worth 1.2× on one card and 1.5× on another, of which only one can be the baseline."""
    for n, (device, speed, flag) in enumerate(
        (("A", 100, ""), ("A", 120, " --xla=True"), ("B", 200, ""), ("B", 300, " --xla=True"))
    ):
        (tmp_path / f"{n}.log").write_text(log(device, speed, flag))
    said = [answer.sentence[0].text for answer in parts.answers(api.report(tmp_path))]
    assert said[0] == "B is 2.50× as fast as A"
    assert sorted(said[1:]) == [
        "A, XLA is 1.20× as fast as A, no XLA",
        "B, XLA is 1.50× as fast as B, no XLA",
    ]


def test_values_are_held_against_the_usual_one():
    """Of three releases that which most set-ups have is the one that the others are divided by."""
    runs = [("1.14", False, "x", 90, "a"), ("1.15", False, "x", 100, "a"), ("2.2", False, "x", 110, "a")]
    found = Study(tables_of(*runs, ("1.15", False, "x", 100, "b"))).single_facts
    assert {(c.side.label, c.baseline.label) for c in found} == {
        ("T4, TensorFlow 1.14", "T4, TensorFlow 1.15"), ("T4, TensorFlow 2.2", "T4, TensorFlow 1.15"),
    }  # fmt: skip


def test_a_baseline_that_was_asked_for_is_the_baseline_of_the_answers(tables):
    """Who asks for 1.15 with XLA (120) gets the four others of each network divided by it."""
    chosen = "framework_version == '1.15' and xla == True"
    report = api.report_of(Reading(tables), title="T", baseline=chosen, command="c")
    heads = {answer.sentence[0].text for answer in parts.answers(report)}
    base = "T4, TensorFlow 1.15, XLA"
    assert heads == {
        f"T4, TensorFlow 2.2, XLA is 1.10× as fast as {base}",
        f"{base} is 1.20× as fast as T4, TensorFlow 1.15, no XLA (first)",
        f"{base} is 1.20× as fast as T4, TensorFlow 2.2, no XLA",
        f"{base} is 2.40× as fast as T4, TensorFlow 1.15, no XLA (second)",
    }

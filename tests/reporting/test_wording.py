"""The sentences that answer."""

import pytest
import report_samples as samples

from logreport.analysis.comparison.speedups import geometric_means
from logreport.analysis.results import GeometricMean, Remark, Workload
from logreport.reporting.text import wording


def said(sentence):
    """A sentence as text, its bold part between stars."""
    return "".join(f"*{s.text}*" if s.strong else s.text for s in sentence)


FORWARD = samples.founding_comparisons()[0]


def test_as_printed():
    """Without a correction or an interval the sentence says that the numbers are as printed."""
    assert said(wording.answer(FORWARD, "images/s")) == (
        "*GeForce GTX 1050 Ti is 17.4× as fast as the TF 0.5 CPU* on AlexNet forward (batch 128): "
        "977 against 56 images/s as printed."
    )


def test_corrected_with_its_interval():
    """The corrected ratio and speeds and how sure they are; then the printed ones, and why they are others."""
    assert said(wording.answer(samples.corrected(), "images/s")) == (
        "*GeForce GTX 1050 Ti is 17.6× as fast as the TF 0.5 CPU* on AlexNet forward (batch 128): 977 against 55.5 images/s; "
        "95 % interval 17.5–17.7×. As printed 17.4× (977 against 56): this old checkout divides the sum of 99 step times by 100."
    )


def test_the_reason_of_a_correction_comes_from_the_finding():
    """A finding about the summary, as compare() hands it on, gives the reason; it is not told twice."""
    remarks = (
        Remark("baseline-device", ("Xeon",)),
        samples.finding(
            "summary-contradicts-steps",
            why="one-step-less",
            summed=9,
            steps=10,
            printed=2.285,
            given=2.308,
            action="corrected",
        ),
    )
    text = said(wording.answer(samples.corrected()._replace(remarks=remarks), "images/s"))
    assert text.endswith(
        "As printed 17.4× (977 against 56): this old checkout divides the sum of 9 step times by 10."
    )
    assert [wording.remark(one) for one in remarks if wording.is_general(one)] == [
        "The baseline is Xeon; no device shares more workloads with others"
    ]


@pytest.mark.parametrize("name", ["cpu", "tensorflow cpu", "TF 0.5 CPU"])
def test_a_kind_of_device_has_an_article(name):
    """A kind that the name of a log gives is no product either, however it is written."""
    assert wording.the(name, name) == f"the {name}"


def test_a_note_is_no_reason_of_a_correction():
    """What else is said of two sides stands after the printed ratio, as a sentence of its own."""
    noted = samples.corrected()._replace(remarks=(Remark("days-weighted"),))
    text = said(wording.answer(noted, "images/s"))
    assert text.endswith(
        "As printed 17.4× (977 against 56). Every day of runs counts as one, however many runs it has."
    )


def test_a_start_that_was_left_out_is_the_reason_of_a_correction():
    """The ratio without it, then the printed one, and what was wrong with it."""
    details = {"step": 10, "percent": 100.0, "without": 20.0, "printed": 18.2, "unit": "examples/s"}
    remarks = (samples.finding("slow-start", "run", **details),)
    text = said(wording.answer(samples.corrected()._replace(remarks=remarks), "images/s"))
    assert "As printed 17.4× (977 against 56): up to step 10 the steps took 100.0 % longer than later" in text


def test_a_difference_that_only_stands_alone_is_not_called_none():
    """Where the interval leaves out 1 and Holm does not, the sentence says that, never "no difference"."""
    alone = FORWARD._replace(
        ratio=1.05, ratio_as_printed=None, low=1.01, high=1.09, verdict="no difference shown",
        remarks=(Remark("holm", (30,)),),
    )  # fmt: skip
    text = said(wording.answer(alone, "images/s"))
    assert text.startswith(
        "*That GeForce GTX 1050 Ti is faster than the TF 0.5 CPU is not shown among 30 comparisons*"
    )
    assert text.endswith(
        "1.05×, 95 % interval 1.01–1.09×. Different alone, but not among 30 comparisons (Holm)."
    )
    assert wording.verdict(alone) == "not shown among 30 comparisons"


def test_a_small_difference_that_is_shown_is_said():
    """1.004× with an interval above 1 is not 1.00×, nor no difference."""
    small = FORWARD._replace(ratio=1.0042, ratio_as_printed=None, low=1.0021, high=1.0063, verdict="faster")
    text = said(wording.answer(small, "images/s"))
    assert text.startswith("*GeForce GTX 1050 Ti is 1.004× as fast as the TF 0.5 CPU*")
    assert text.endswith("; 95 % interval 1.002–1.006×.")


def test_no_interval_is_said():
    """A ratio without an interval is shown, and why nobody can say how sure it is."""
    unsure = FORWARD._replace(verdict="no difference shown", reason=Remark("too-few-steps"))
    assert said(wording.answer(unsure, "images/s")).endswith(
        "as printed; no interval: a run has too few steps, or only a total."
    )
    assert wording.verdict(unsure) == "no interval"


@pytest.mark.parametrize(
    ("verdict", "start"),
    [
        ("the same", "*GeForce GTX 1050 Ti and the TF 0.5 CPU are equally fast within 2 %*"),
        ("no difference shown", "*No difference shown between GeForce GTX 1050 Ti and the TF 0.5 CPU*"),
    ],
)
def test_no_difference(verdict, start):
    """What is not different is said just as plainly."""
    same = FORWARD._replace(
        ratio=1.01, ratio_as_printed=None, low=0.99, high=1.02, verdict=verdict, margin=0.02
    )
    assert said(wording.answer(same, "images/s")).startswith(start)
    assert said(wording.answer(same, "images/s")).endswith("95 % interval 0.99–1.02×.")


def test_not_comparable():
    """The reason is in the reader's words."""
    assert said(wording.answer(samples.founding_comparisons()[3], "images/s")) == (
        "*GeForce GTX 1050 Ti cannot be compared with the TF 0.5 CPU* on AlexNet forward (batch 10): "
        "batch size 10 against 128."
    )


def test_many_workloads_are_one_sentence():
    """The geometric mean, and the two ends."""
    tables = samples.many(480)
    group = [c for c in samples.many_comparisons(tables) if c.side.label == "Device 39"]
    text = said(wording.group_answer(group, geometric_means(group)[0]))
    assert text.startswith("*Device 39 is ")
    assert f"over {len(group)} workloads (geometric mean" in text


@pytest.mark.parametrize(
    ("low", "high", "head"),
    [
        (
            0.98,
            1.06,
            "*No difference shown between A and B* over 2 workloads (geometric mean 1.02×, 95 % interval",
        ),
        (
            1.01,
            1.03,
            "*A is 1.02× as fast as B* over 2 workloads (geometric mean, 95 % interval 1.01–1.03×)",
        ),
        (None, None, "*A is 1.02× as fast as B* over 2 workloads (geometric mean), 1.02× on each."),
    ],
)
def test_many_workloads_say_faster_only_where_it_is_shown(low, high, head):
    """A mean whose interval holds 1 shows no difference, and the sentence says so, with the mean."""
    a, b = samples.side("A", "a", ("a", 1), 1.02), samples.side("B", "b", ("b", 1), 1.0)
    group = [samples.versus(samples.alexnet(size=n), b, a) for n in (1, 2)]
    mean = GeometricMean("B", "A", 1.02, low, high, tuple(c.workload for c in group))
    assert said(wording.group_answer(group, mean)).startswith(head)


def test_a_mean_of_nothing_may_hide_much():
    """Twice as fast on one workload and half as fast on two others: no difference is no word on each of them."""
    a, b = samples.side("A", "a", ("a", 1), 1.02), samples.side("B", "b", ("b", 1), 1.0)
    verdicts = ("faster", "slower", "slower", "no difference shown")
    group = [
        samples.versus(samples.alexnet(size=n), b, a)._replace(verdict=one) for n, one in enumerate(verdicts)
    ]
    workloads = tuple(c.workload for c in group)
    told = " A is shown to be faster on 1 of them, slower on 2."
    assert said(wording.group_answer(group, GeometricMean("B", "A", 1.02, 0.9, 1.2, workloads))).endswith(
        told
    )
    assert told not in said(wording.group_answer(group, GeometricMean("B", "A", 1.02, 1.01, 1.03, workloads)))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("resnet50", "ResNet-50"), ("resnet50_v1.5", "ResNet-50 v1.5"), ("ResNet-50 V1.5", "ResNet-50 v1.5"), ("vgg16", "VGG-16"),
        ("alexnet", "AlexNet"), ("my_net", "my_net"), (None, "unnamed model"),
    ],
)  # fmt: skip
def test_models_have_their_names(name, shown):
    """Known networks as their readers write them, others as the log does."""
    assert wording.model_name(name) == shown


def test_a_workload_names_what_is_unusual():
    """Precision and devices stand in the brackets only where they are not the plain case."""
    workload = Workload("tf_cnn_benchmarks", "resnet50", "training", 256, "fp16", "imagenet", 4)
    assert wording.workload_text(workload) == "ResNet-50 training (batch 256, fp16, 4 devices)"

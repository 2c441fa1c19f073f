"""Lines that are taken in together give the runs that they give one by one, and columns what their lines hold."""

import itertools
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from logreport.grammar import Records, load_engine
from logreport.runs.scripts.registry import OPENING_RULES, RULES, STEP_RULES
from logreport.runs.segmentation.segmenter import Rules, Segmenter, rising
from logreport.sources.source import memory_source

TF = "2020-03-13 16:32:30.000001: I tensorflow/core/common_runtime/gpu/gpu_device.cc:1555] "
STEP = "{}\timages/sec: 51.8 +/- 0.2 (jitter = 0.1)\t7.593"
STEPS = st.sampled_from([
    STEP,
    "[1,0]<stdout>:{}\timages/sec: 51.8 +/- 0.2 (jitter = 0.1)\t7.593",
    "[1,1]<stdout>:{}\timages/sec: 51.8 +/- 0.2 (jitter = 0.1)\t7.593",
    "2019-01-08 10:01:15.496202: step {}, duration = 0.131",
    "2019-01-08 10:01:15.496202: step {}, loss = 4.68 (27.8 examples/sec; 4.606 sec/batch)",
    "# one: step {}, loss = 4.68 (27.8 examples/sec; 4.606 sec/batch)",
])  # fmt: skip
NUMBERS = st.lists(st.integers(1, 6), min_size=1, max_size=5)
OTHERS = st.sampled_from([
    "total images/sec: 5.50", "TensorFlow:  1.15", "Model:       resnet50", "Model:       vgg16", "Running warm up",
    "Mode:        training", "Devices:", "             32 per device", "Generating model", "Successfully loaded model",
    "2019-01-08 10:01:15.496202: Forward across 100 steps, 0.131 +/- 0.013 sec / batch",
    "2019-01-08 10:01:15.496202: Forward-backward across 100 steps, 0.131 +/- 0.013 sec / batch",
    "2019-01-08 10:01:15.496202: precision @ 1 = 0.860", "conv1   [128, 56, 56, 64]", "Step 0 (epoch 0.00), 3.1 ms",
    TF + "Found device 0 with properties: ", TF + "something else", "name: Tesla T4", "KeyboardInterrupt",
    "$ python tf_cnn_benchmarks.py --model=vgg16",
])  # fmt: skip
BLOCKS = st.one_of(
    st.tuples(STEPS, st.one_of(NUMBERS, NUMBERS.map(sorted))).map(
        lambda block: [block[0].format(n) for n in block[1]]
    ),
    OTHERS.map(lambda line: [line]),
)
TEXTS = st.lists(BLOCKS, min_size=1, max_size=12).map(
    lambda blocks: "".join(f"{line}\n" for block in blocks for line in block).encode()
)


def matches_of(text):
    """All matches of a log."""
    return [
        match for scan in load_engine().scan(memory_source("a.log", text).chunks()) for match in scan.matches
    ]


def segmented(parts):
    """What segmentation finds in matches that come in these parts."""
    segmenter = Segmenter("a.log", Rules(RULES, STEP_RULES, OPENING_RULES))
    for part in parts:
        segmenter.feed(Records.of(part))
    found = segmenter.finish()
    others = (said(one) for one in (found.loose, found.published, found.stray))
    runs = [vars(run) | {"records": said(run.records), "steps": counted(run.steps)} for run in found.runs]
    return runs, *others


def counted(steps):
    """What is known of steps, however they came."""
    numbers = itertools.chain(steps.counts, *steps.once)
    return vars(steps) | {"counts": {step: steps.count_of(step) for step in numbers}, "once": None}


def said(records):
    """What records say, without where they stand."""
    return [match[:4] for match in records]


LATE = [STEP.format(n) for n in (1, 1, 2)] + ["total images/sec: 5.50"] + [STEP.format(n) for n in (2, 3)]


@settings(max_examples=400)
@given(TEXTS)
@example("".join(f"{line}\n" for line in LATE).encode())
def test_lines_together_are_lines_one_by_one(text):
    """Steps that go up, and lines that begin no run, are taken in together: each run is what it is line by line."""
    matches = matches_of(text)
    assert segmented([matches]) == segmented([[match] for match in matches])


def test_steps_of_two_formats_are_not_taken_in_together():
    """One rule reads the steps of all formats that are grammars alone, those of one format at a time."""
    rules = Rules({}, dict.fromkeys(("one.step", "other.step"), lambda _, __: None), {})
    kinds = ["one.step", "one.step", "other.step"]
    assert [rows for _, rows in rules.stretches(kinds, range(3))] == [range(2), range(2, 3)]


def test_the_lines_of_the_texts_are_read():
    """Each of the three scripts has runs among them, so that the test above compares something."""
    steps = b"".join(
        b"2019-01-08 10:01:15.496202: step %d, duration = 0.131\n" % step for step in (0, 10, 20, 0, 10)
    )
    runs, *_ = segmented([matches_of(steps)])
    assert [len(run["records"]) for run in runs] == [3, 2]


@given(st.lists(st.one_of(st.none(), st.integers(0, 5)), max_size=12))
def test_stretches_go_up_and_are_as_long_as_they_can_be(numbers):
    """Together they are all numbers; within one each is greater than the one before, at a border it is not."""
    parts = [numbers[part] for part in rising(numbers)]
    assert [number for part in parts for number in part] == numbers
    assert all(part == sorted(set(part)) for part in parts if None not in part)
    assert all(len(part) == 1 for part in parts if None in part)
    for part, other in pairwise(parts):
        assert part[-1] is None or other[0] is None or other[0] <= part[-1]


@settings(max_examples=100)
@given(TEXTS)
def test_a_column_holds_what_each_line_says(text):
    """Typed values by field, for lines of one kind and for any others."""
    matches = matches_of(text)
    groups = [
        [match for match in matches if match.leaf is leaf] for leaf in {match.leaf for match in matches}
    ]
    for lines in (matches, *groups):
        for name in ("step", "images_per_sec", "timestamp", "key", "comment", "nothing"):
            assert Records.of(lines).column(name) == [match.value(name) for match in lines]


@settings(max_examples=100)
@given(TEXTS, st.data())
def test_several_columns_and_forms_are_those_of_each_line(text, data):
    """Where records stand in their scan, what is taken of many at once is what each of them says."""
    for scan in load_engine().scan(memory_source("a.log", text).chunks()):
        start = data.draw(st.integers(0, len(scan.records)))
        some = scan.records[start : data.draw(st.integers(start, len(scan.records)))]
        names = ("step", "images_per_sec", "timestamp", "key", "nothing")
        assert some.table(*names) == [[match.value(name) for match in some] for name in names]
        kinds = frozenset(
            data.draw(st.sets(st.sampled_from(sorted({*some.kinds, "tensorflow.device_name"}))))
        )
        own = [match for match in some if match.leaf.kind in kinds]
        lines, forms = some.forms_of(kinds)
        assert lines == [match.line for match in own]
        assert [form.leaf for form in forms] == [match.leaf for match in own]

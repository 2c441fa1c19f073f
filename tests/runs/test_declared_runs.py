"""Runs of formats that are grammars alone: what directives say of beginnings, ends, epochs, evaluations and options."""

import pytest

from logreport import parse

TERMINALS = "%import .terminals (INT, FLOAT, NUMBER, DURATION, SCALED, PERCENT, REST)\n"
BASE = """
start: command | setup | epoch | step | test | checked | over | note

// $ train.py -b 64
command: "$ train.py" arguments
// model resnet50
setup: "model " model
// epoch 1
epoch: "epoch " epoch_
// step 10/100: 63ms, 331.5 images/s, loss 2.5
step: "step " step_ ("/" steps_per_epoch)? (": " seconds_per_batch)? (", " images_per_second " images/s")? (", loss " loss)?
// test 10: 20ms
test: "test " step_ ": " seconds_per_batch
// checked: 76.5 % right, loss 1.5
checked: "checked: " accuracy " right, loss " loss
// over after 12.5 s
over: "over after " seconds " s"
// note 1.5
note: "note " value

arguments: REST
model: REST
epoch_: INT
step_: INT
steps_per_epoch: INT
seconds_per_batch: DURATION
images_per_second: NUMBER
loss: NUMBER
accuracy: PERCENT
seconds: NUMBER
value: NUMBER
"""


@pytest.fixture
def tables(tmp_path):
    """Gives the tables of a log that is read with some directives."""

    def read(log, *directives, grammar=BASE):
        folder = tmp_path / f"mine-{len(list(tmp_path.iterdir()))}"  # engines are kept by their folders
        folder.mkdir()
        (folder / "trainer.lark").write_text(
            "".join(f"//! {one}\n" for one in directives) + grammar + TERMINALS
        )
        path = tmp_path / "a.log"
        path.write_text(log)
        found = parse(path, grammars=[folder])
        assert found.errors == []
        return found

    return read


def lines(*texts):
    """A log."""
    return "".join(f"{text}\n" for text in texts)


def spans(found):
    """First and last line of each run."""
    return found["runs"][["first_line", "last_line"]].to_numpy().tolist()


TWO = lines("model a", "step 1: 10ms", "step 2: 10ms", "model b", "step 3: 10ms", "note 5")


def test_a_header_after_a_result_begins_a_run(tables):
    """Named so by a directive, as the kind header is by its name."""
    found = tables(TWO, "header: setup")
    assert spans(found) == [[1, 3], [4, 6]]
    assert found["runs"].model.tolist() == ["a", "b"]


def test_facts_begin_nothing(tables):
    """The last word on a column counts."""
    found = tables(TWO, "facts: setup")
    assert spans(found) == [[1, 6]]
    assert found["runs"].model.tolist() == ["b"]


def test_a_step_may_have_facts(tables):
    """A batch size that stands in each step is that of the run."""
    grammar = """
start: step
// 5: 63ms, batch 64
step: step_ ": " seconds_per_batch ", batch " batch_size
step_: INT
seconds_per_batch: DURATION
batch_size: INT
"""
    found = tables(lines("5: 63ms, batch 64", "10: 65ms, batch 64"), "facts: step", grammar=grammar)
    assert found["runs"].batch_size.tolist() == [64]
    assert found["phases"].examples_per_second.tolist() == pytest.approx([1000], rel=0.02)


def test_each_beginning_begins_a_run(tables):
    """Also where the run before has no result: it was none."""
    log = lines("model a", "model b", "step 1: 10ms", "model c", "step 2: 10ms")
    assert spans(tables(log, "begins: setup")) == [[1, 3], [4, 5]]
    assert spans(tables(log, "facts: setup")) == [[1, 5]]


def test_the_end_ends(tables):
    """What follows is another run; without the last line a run is truncated, with it complete."""
    log = lines("step 1: 10ms", "over after 2.5 s", "step 2: 10ms", "step 3: 10ms")
    found = tables(log, "ends: over")
    assert spans(found) == [[1, 2], [3, 4]]
    assert found["runs"].status.tolist() == ["complete", "truncated"]
    found = tables(log, "completes: over")
    assert (spans(found), found["runs"].status.tolist()) == ([[1, 4]], ["complete"])
    assert tables(log)["runs"].status.tolist() == ["unknown"]


def test_a_command_begins_a_run_and_its_options_are_facts(tables):
    """In each way that options are written; a line of the log counts before the command, that before what always holds."""
    options = (
        "option: batch_size = -b, --batch-size",
        "option: model = --arch",
        "option: device_kind = --device",
    )
    directives = (
        "command: command",
        "facts: setup",
        *options,
        "always: framework = pytorch",
        "always: model = cnn",
    )
    for arguments in ("-b 64", "--batch-size 64", "--batch-size=64", "--batch_size=64", "-b 64 --arch=vgg"):
        log = lines(
            f"$ train.py {arguments} --device cuda",
            "step 1: 10ms",
            "$ train.py --epochs 5",
            "step 2: 10ms",
            "model own",
        )
        runs = tables(log, *directives)["runs"]
        assert runs.batch_size.fillna(0).tolist() == [64, 0]
        assert runs.model.tolist() == ["vgg" if "vgg" in arguments else "cnn", "own"]
        assert runs.device_kind.fillna("").tolist() == ["gpu", ""]
        assert runs.framework.tolist() == ["pytorch"] * 2
        assert runs.command[0] == arguments + " --device cuda"


def test_a_batch_of_each_device(tables):
    """Known with the number of devices, and of all of them only then."""
    options = ("command: command", "option: batch_size_per_device = -b", "option: num_devices = --gpus")
    both, one = (
        tables(lines(f"$ train.py {arguments}", "step 1: 10ms"), *options)["runs"].iloc[0]
        for arguments in ("-b 32 --gpus 8", "-b 32")
    )
    assert (both.batch_size, both.batch_size_per_device, both.num_devices) == (256, 32, 8)
    assert one.batch_size_per_device == 32
    assert one.isna().batch_size


EPOCHS = lines(
    "epoch 1", "step 10/30: 60ms", "step 20/30: 50ms", "step 30/30: 50ms", "checked: 60 % right, loss 2.0",
    "epoch 2", "step 10/30: 50ms", "step 20/30: 50ms", "step 30/30: 50ms", "checked: 70.5 % right, loss 1.5",
)  # fmt: skip


def test_steps_start_again_each_epoch(tables):
    """One run, whose steps are counted through; evaluations know their epoch's line, and its scores."""
    found = tables(EPOCHS, "restarts: epoch", "evaluation: checked")
    assert spans(found) == [[1, 10]]
    assert found["steps"].step.tolist() == [10, 20, 30, 40, 50, 60]
    assert found["steps"].epoch.tolist() == [1, 1, 1, 2, 2, 2]
    assert found["steps"]["rank"].isna().all()
    assert found["evaluations"].top_1.tolist() == pytest.approx([0.6, 0.705])
    assert found["evaluations"].loss.tolist() == [2.0, 1.5]
    assert found["evaluations"].line.tolist() == [5, 10]


def test_without_that_each_epoch_is_a_run(tables):
    """As for any grammar: a step that is not after the last begins another."""
    assert len(tables(EPOCHS)["runs"]) == 2


def test_an_epoch_that_goes_back_is_another_run(tables):
    """Training was started again, after three epochs or within the second."""
    assert spans(tables(EPOCHS + EPOCHS, "restarts: epoch")) == [[1, 10], [11, 20]]
    part = "".join(EPOCHS.splitlines(keepends=True)[:7])
    assert spans(tables(part + EPOCHS, "restarts: epoch")) == [[1, 7], [8, 17]]


@pytest.mark.parametrize(
    ("printed", "through"),
    [
        ((0, 5, 9, 0, 5, 9), [0, 5, 9, 10, 15, 19]),
        ((1, 5, 10, 1, 5, 10), [1, 5, 10, 11, 15, 20]),
        ((5, 10, 5, 10, 5, 10), [5, 10, 15, 20, 25, 30]),
    ],
)
def test_the_steps_of_an_epoch_as_they_are_seen(tables, printed, through):
    """Where no line says how many there are: up to the largest, and one more where they are counted from 0."""
    half = len(printed) // (3 if printed[2] == 5 else 2)
    parts = [printed[i : i + half] for i in range(0, len(printed), half)]
    log = lines(
        *(text for n, part in enumerate(parts) for text in (f"epoch {n}", *(f"step {s}: 10ms" for s in part)))
    )
    assert tables(log, "restarts: epoch")["steps"].step.tolist() == through


def test_an_epoch_that_is_not_in_the_log(tables):
    """Steps of the missing one are counted, too."""
    log = lines("epoch 1", "step 30/30: 50ms", "epoch 3", "step 30/30: 50ms")
    assert tables(log, "restarts: epoch")["steps"].step.tolist() == [30, 90]


def test_means_of_an_epoch_are_undone(tables):
    """Steps of 100, 50, 50 ms and of 50, 80, 50 ms by tens, printed as means: the windows are the steps again."""
    log = lines(
        *("epoch 1", "step 10/30: 100.00ms", "step 20/30: 75.00ms", "step 30/30: 66.67ms"),
        *("epoch 2", "step 10/30: 50.00ms", "step 20/30: 65.00ms", "step 30/30: 60.00ms"),
        *("epoch 3", "step 10/30: 50.00ms", "step 20/30: 50.00ms", "step 30/30: 50.00ms"),
    )
    found = tables(log, "restarts: epoch", "lines: cumulative", "always: batch_size = 10")
    windows = found["steps"].window_examples_per_second
    assert (10 / windows).round(3).tolist() == [0.1, 0.05, 0.05, 0.05, 0.08, 0.05, 0.05, 0.05, 0.05]
    phase = found["phases"].iloc[0]
    kept = found["steps"][~found["steps"].is_warmup]
    assert phase.seconds_per_batch == pytest.approx((10 / kept.window_examples_per_second).mean(), rel=1e-3)


def test_means_that_rounding_hides_are_longer_windows(tables):
    """Whole milliseconds over 2 000 steps of 10 ms: no window is shorter than ten times what rounding can add, none is negative."""
    seconds = [0.012] * 100 + [0.0103, 0.0097] * 950
    total = [sum(seconds[:n]) for n in range(len(seconds) + 1)]
    log = lines("epoch 1", *(f"step {n}/2000: {total[n] / n * 1000:.0f}ms" for n in range(10, 2001, 10)))
    found = tables(log, "restarts: epoch", "lines: cumulative", "always: batch_size = 10")
    windows = found["steps"].window_examples_per_second.dropna()
    assert 1 < len(windows) < 200
    assert (windows > 0).all()
    assert found["phases"].seconds_per_batch[0] == pytest.approx(0.0100, rel=0.05)


def test_speeds_of_an_evaluation_are_a_phase(tables):
    """Its steps start again each time, and are no ranks; the training's speed is its own."""
    log = lines(
        "step 10: 50ms", "step 20: 50ms", "test 0: 90ms", "test 10: 20ms", "test 20: 20ms",
        "step 30: 50ms", "step 40: 50ms", "test 0: 90ms", "test 10: 20ms", "test 20: 20ms",
    )  # fmt: skip
    found = tables(log, "evaluation_step: test", "always: batch_size = 10")
    assert spans(found) == [[1, 10]]
    training, evaluation = found["phases"].to_dict("records")
    assert (training["phase"], training["seconds_per_batch"]) == ("training", pytest.approx(0.05))
    assert evaluation["phase"] == "evaluation"
    steps = found["steps"][found["steps"].phase == "evaluation"]
    assert steps.step.tolist() == [0, 10, 20, 21, 31, 41]
    assert steps["rank"].isna().all()


def test_a_run_that_only_evaluates(tables):
    """Its mode says it: one phase, which is the evaluation."""
    log = lines("step 10: 50ms", "step 20: 50ms", "checked: 70 % right, loss 1.5")
    found = tables(log, "evaluation: checked", "always: mode = evaluation")
    assert found["phases"].phase.tolist() == ["evaluation"]
    assert found["runs"]["mode"].tolist() == ["evaluation"]


def test_the_validation_beside_a_training_in_one_line(tables):
    """Fields that begin with `evaluation_` go to the evaluations, the others to the steps."""
    grammar = """
start: step
// 5: loss 2.5 - val 2.0 70%
step: step_ ": loss " loss " - val " evaluation_loss " " evaluation_accuracy
step_: INT
loss: NUMBER
evaluation_loss: NUMBER
evaluation_accuracy: PERCENT
"""
    found = tables(lines("5: loss 2.5 - val 2.0 70%", "10: loss 2.25 - val 1.5 75%"), grammar=grammar)
    assert found["steps"].loss.tolist() == [2.5, 2.25]
    assert found["steps"].top_1.isna().all()
    assert found["evaluations"][["step", "loss", "top_1"]].to_numpy().tolist() == [
        [5, 2.0, 0.7],
        [10, 1.5, 0.75],
    ]


def test_a_progress_bar_is_steps_of_one_line(tables):
    """Pieces that a carriage return or backspaces rewrite; the last of one step counts, and none is another run."""
    log = (
        "step 1/3: 90ms\rstep 1/3: 80ms\rstep 2/3: 70ms\rstep 3/3: 60ms\rstep 3/3: 50ms, loss 2.5\n"
        "step 4/9: 50ms\x08\x08\x08\x08step 5/9: 40ms\n"
    )
    found = tables(log)
    assert len(found["runs"]) == 1
    assert found["steps"].seconds_per_batch.tolist() == [0.08, 0.07, 0.05, 0.05, 0.04]
    assert found["steps"].line.tolist() == [1, 1, 1, 2, 2]
    assert found["lines"][["total", "record"]].to_numpy().tolist() == [[2, 2]]


RATES = """
start: step
// 10 | 331.5 images/s | 12.3k tokens/s | 4.5 it/s
step: step_ " | " images_per_second " images/s | " tokens_per_second " tokens/s | " iterations_per_second " it/s"
step_: INT
images_per_second: NUMBER
tokens_per_second: SCALED
iterations_per_second: NUMBER
"""


def test_which_of_several_speeds_counts(tables):
    """The one that a directive names; its unit is what the run counts, and its last digit the rounding."""
    log = lines(
        "10 | 331.5 images/s | 12.3k tokens/s | 4.0 it/s", "20 | 330.5 images/s | 12.4k tokens/s | 5.0 it/s"
    )
    tokens = tables(log, "rate: tokens_per_second", grammar=RATES)
    assert tokens["runs"].item.tolist() == ["tokens"]
    assert tokens["steps"].examples_per_second.tolist() == [12300, 12400]
    assert tokens["steps"].seconds_per_batch.tolist() == [0.25, 0.2]
    assert tokens["phases"].rate_quantum.tolist() == [100]
    images = tables(log, "rate: images_per_second", "rounding: images_per_second 0.5", grammar=RATES)
    assert (images["runs"].item[0], images["phases"].rate_quantum[0]) == ("images", 0.5)
    assert images["steps"].examples_per_second.tolist() == [331.5, 330.5]


def test_a_speed_of_each_device(tables):
    """Times the devices that the run says."""
    grammar = """
start: header | step
// on 4 GPUs
header: "on " num_devices " GPUs"
// 10: 331.5 per GPU
step: step_ ": " images_per_second_per_device " per GPU"
num_devices: INT
step_: INT
images_per_second_per_device: NUMBER
"""
    found = tables(lines("on 4 GPUs", "10: 331.5 per GPU", "20: 330.0 per GPU"), grammar=grammar)
    assert found["steps"].examples_per_second.tolist() == [1326, 1320]
    assert found["phases"].rate_quantum.tolist() == pytest.approx([0.4])


def test_warm_up_that_is_not_printed(tables):
    """A slow first line counts where the format leaves its warm-up out, and does not where it prints it."""
    log = lines(*(f"step {n}: {90 if n == 10 else 50}ms" for n in range(10, 210, 10)))
    out, printed = (
        tables(log, "always: batch_size = 10", *more)["phases"].warmup_steps[0]
        for more in (["warm_up: left out"], [])
    )
    assert (out, printed) == (0, 10)


def test_results_without_a_run(tables):
    """Each number whose name says its unit is published, with what the line and the format say of it."""
    grammar = """
start: row
// gpt2 b8: 12.3k tok/s, first after 25 ms, 3.5 req/s
row: model " b" batch_size ": " tokens_per_second " tok/s, first after " first_token_milliseconds " ms, " requests_per_second " req/s"
model: NAME
batch_size: INT
tokens_per_second: SCALED
first_token_milliseconds: NUMBER
requests_per_second: NUMBER
NAME: /[a-z0-9]+/
"""
    found = tables(
        "gpt2 b8: 12.3k tok/s, first after 25 ms, 3.5 req/s\n",
        "published: row",
        "always: device = T4",
        grammar=grammar,
    )
    assert len(found["runs"]) == 0
    rows = (
        found["published"][["metric", "value", "unit", "model", "batch_size", "device", "line"]]
        .to_numpy()
        .tolist()
    )
    about = ["gpt2", 8, "T4", 1]
    assert rows == [
        ["speed", 12300, "tokens/s", *about],
        ["first_token", 0.025, "s", *about],
        ["requests", 3.5, "requests/s", *about],
    ]


def test_a_foreign_line_changes_no_other_run(tables):
    """A record of a format within an official run: that run is what it was."""
    official = "1\timages/sec: 51.8 +/- 0.0 (jitter = 0.0)\t7.608\n10\timages/sec: 51.7 +/- 0.1 (jitter = 0.1)\t7.849\n"
    before, after = official.splitlines(keepends=True)
    found = tables(
        before + "note 5\nepoch 7\n" + after + "total images/sec: 51.66\n",
        "restarts: epoch",
        "evaluation: checked",
    )
    assert found["runs"].benchmark.tolist() == ["tf_cnn_benchmarks"]
    assert found["steps"].step.tolist() == [1, 10]

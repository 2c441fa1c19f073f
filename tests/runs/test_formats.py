"""Formats that are grammars alone: their logs are read whole, and give the numbers that their lines say.

The expected values are worked out by hand from the lines; the lines themselves are our own runs or follow the code that
prints them, as tests/formats/README.md says of each.
"""

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from logreport import parse
from logreport.grammar import load_engine
from logreport.grammar.loading import grammar_files
from logreport.scripts import OFFICIAL

TESTS = Path(__file__).resolve().parents[1]
SAMPLES, LOGS = TESTS / "samples", TESTS / "formats"


class Expected(NamedTuple):
    """What a log must give; speeds in examples/s, times in s, within the digits that are printed.

    Args:
        log: its file.
        runs: what each run says of itself, as far as given.
        phases: of each phase: its name, steps, speed (None where the batch size is not known), seconds of a step.
        steps: rows of training, and of evaluation.
        scores: loss, top_1 and top_5 of each evaluation.
    """

    log: Path
    runs: tuple
    phases: tuple
    steps: tuple
    scores: tuple


CASES = [
    # Three epochs of 24 steps, (158 + y + z) ms; then evaluate(), whose bar stands in no epoch.
    Expected(
        LOGS / "keras-3.log",
        ({"benchmark": "keras", "framework": "keras", "mode": "training"}, {"mode": "evaluation"}),
        (("training", 72, None, 0.125667), ("evaluation", 32, None, 0.019)),
        (18, 6),
        ((2.3095, 0.1152, None), (2.3114, 0.1035, None), (2.3112, 0.0957, None), (2.2932, 0.1240, None)),
    ),
    # (30 + 10 + 8) / 3 ms
    Expected(
        LOGS / "keras-2.log",
        ({"benchmark": "keras", "status": "unknown"},),
        (("training", 72, None, 0.016),),
        (3, 0),
        ((2.3265, 0.0781, None), (2.3292, 0.0859, None), (2.3388, 0.0898, None)),
    ),
    # Two epochs of 12 steps with means of 5.451 and 4.316 s; batches of 8 are said by the command.
    Expected(
        LOGS / "pytorch-imagenet.log",
        ({
            "model": "squeezenet1_1", "framework": "pytorch", "device_kind": "cpu", "batch_size": 8, "status": "complete",
        },),
        (("training", 24, 8 / 4.8835, 4.8835), ("evaluation", None, None, None)),
        (24, 12),
        ((None, 0.02083, 0.0625), (None, 0.0, 0.0)),
    ),
    # Steps 1 to 20; step 0 is start-up.
    Expected(
        LOGS / "nanogpt.log",
        ({"dataset": "tiny", "batch_size_per_device": 4, "device_kind": "cpu", "framework": "pytorch"},),
        (("training", 20, None, 0.7012),),
        (21, 0),
        ((10.8220, None, None), (10.8406, None, None), (10.8283, None, None)),
    ),
    # Five iterations of 1.7, 1.6, 1.2, 1.4 and 2.3: their harmonic mean, as each is a time by the same number of batches.
    Expected(
        LOGS / "horovod-pytorch.log",
        ({
            "model": "squeezenet1_1", "batch_size": 4, "num_devices": 1, "device_kind": "cpu", "item": "images", "status": "complete",
        },),
        (("training", 5, 5 / (1 / 1.7 + 1 / 1.6 + 1 / 1.2 + 1 / 1.4 + 1 / 2.3), None),),
        (5, 0),
        (),
    ),
    # 80 samples/s over the whole time; the total batch size is 16.
    Expected(
        LOGS / "hf-trainer.log",
        ({
            "model": "bert-base-cased", "dataset": "mrpc", "batch_size": 16, "batch_size_per_device": 8, "item": "samples",
            "framework": "pytorch", "status": "complete",
        },),
        (("training", None, 80.0, 16 / 80.0),),
        (2, 0),
        ((0.4031, 0.8284, None), (0.3912, 0.8505, None)),
    ),
    # Warm from step 51 on: 49 steps in 49/500 of batches, the first of an epoch at 250/s, 50 and 49 at 500/s.
    Expected(
        LOGS / "timm.log",
        ({
            "model": "resnet50", "batch_size": 256, "num_devices": 1, "device_kind": "gpu", "item": "samples", "status": "complete",
        },),
        (("training", 149, 149 / (49 / 500 + 1 / 250 + 50 / 500 + 49 / 500), None), ("evaluation", 19, None, None)),
        (6, 4),
        (),
    ),
    Expected(
        LOGS / "timm-benchmark.log",
        ({"model": "resnet50", "mode": "inference", "batch_size": 256}, {"model": "resnet50", "mode": "training", "batch_size": 256}),
        (("inference", 40, 2034.0, 256 / 2034.0), ("training", 16, 612.4, 256 / 612.4)),
        (2, 0),
        (),
    ),
    # Two epochs of 100 steps at 5 steps/s
    Expected(
        LOGS / "lightning.log",
        ({"num_devices": 2, "device_kind": "gpu", "framework": "pytorch", "status": "complete"},),
        (("training", 200, None, 0.2),),
        (4, 0),
        ((2.11, 0.21, None), (1.81, 0.33, None)),
    ),
    # 32 images a device and step of 0.2 s, on two devices
    Expected(
        LOGS / "metric-logger.log",
        ({
            "model": "resnet18", "batch_size": 64, "batch_size_per_device": 32, "num_devices": 2, "device_kind": "gpu", "item": "images",
            "status": "complete",
        },),
        (("training", None, 320.0, 0.2), ("evaluation", None, 64 / 0.4091, 0.4091)),
        (5, 2),
        ((None, 0.00781, 0.02344),),
    ),
    *(
        Expected(
            LOGS / f"dllogger-{form}.log",
            ({"batch_size": 256, "item": "images", "status": "complete"},),
            (("training", 40, 2500.0, 256 / 2500),),
            (4, 0),
            (),
        )
        for form in ("text", "json")
    ),
    Expected(
        LOGS / "mllog.log",
        ({"model": "resnet", "batch_size": 3264, "item": "samples", "status": "complete"},),
        (("training", 400, 14200.0, 3264 / 14200),),
        (4, 0),
        ((None, 0.7198, None), (None, 0.7594, None)),
    ),
]  # fmt: skip


@pytest.mark.parametrize("expected", CASES, ids=lambda one: one.log.stem)
def test_a_log_gives_what_its_lines_say(expected):
    """No line is unknown; runs, speeds, steps and evaluations are those worked out by hand."""
    tables = parse(expected.log)
    lines = tables["lines"].iloc[0]
    assert (lines.unknown, lines.malformed) == (0, 0)
    runs = tables["runs"]
    assert len(runs) == len(expected.runs)
    for row, said in zip(runs.to_dict("records"), expected.runs, strict=True):
        assert {name: row[name] for name in said} == said
    phases = tables["phases"]
    assert phases.phase.tolist() == [name for name, *_ in expected.phases]
    for row, (_, steps, speed, seconds) in zip(phases.to_dict("records"), expected.phases, strict=True):
        if steps is not None:
            assert row["n_steps"] == steps
        if speed is not None:
            assert row["examples_per_second"] == pytest.approx(speed, rel=1e-3)
        if seconds is not None:
            assert row["seconds_per_batch"] == pytest.approx(seconds, rel=1e-3)
    steps = tables["steps"].phase.tolist()
    assert (steps.count("training"), steps.count("evaluation")) == expected.steps
    scores = tables["evaluations"][["loss", "top_1", "top_5"]].astype(object)
    found = [tuple(row) for row in scores.where(scores.notna(), None).to_numpy().tolist()]
    assert found == [
        tuple(one if one is None else pytest.approx(one) for one in row) for row in expected.scores
    ]


PUBLISHED_JSON = (
    (640.0, "tokens/s"), (3200.0, "tokens/s"), (2.5, "requests/s"), (1.2505, "s"), (0.0155, "s"),
)  # fmt: skip
PUBLISHED = {
    "llama_bench.log": [
        (1810.25, "tokens/s", "llama 8B Q4_K - Medium", "pp512"), (64.50, "tokens/s", "llama 8B Q4_K - Medium", "tg128"),
        (240.75, "tokens/s", "llama 8B Q4_K - Medium", "pp512+tg128"), (1810.25, "tokens/s", "llama 7B Q4_0", "512"),
    ],
    "serving_benchmark.log": [
        (2.5, "requests/s", None, None), (640.0, "tokens/s", None, None), (3200.0, "tokens/s", None, None),
        (1.2505, "s", None, None), (0.0155, "s", None, None),
        *((value, unit, "meta-llama/Llama-3.1-8B", None) for value, unit in PUBLISHED_JSON),
        (5.99, "requests/s", None, None), (8.39, "requests/s", None, None), (4014.25, "tokens/s", None, None),
        (24.76, "requests/s", None, None), (10163.39, "tokens/s", None, None), (5000.25, "tokens/s", None, None),
    ],
}  # fmt: skip


@pytest.mark.parametrize("log", PUBLISHED)
def test_results_without_a_run_are_published_values(log):
    """Means that a benchmark states at its end, in a table, in lines or as an object: values with their units, and no run."""
    tables = parse(SAMPLES / log)
    assert tables["runs"].empty
    rows = tables["published"][["value", "unit", "model", "row_label"]].round(6).astype(object)
    found = [tuple(row) for row in rows.where(rows.notna(), None).to_numpy().tolist()]
    assert sorted(map(str, found)) == sorted(map(str, PUBLISHED[log]))


def test_a_whole_document_of_results(tmp_path):
    """`llama-bench -o json` writes a list over many lines: each of its objects is a result where it begins."""
    result = {
        "gpu_info": "NVIDIA GeForce RTX 3090",
        "model_type": "llama 7B Q4_0",
        "n_prompt": 512,
        "n_gen": 0,
        "avg_ts": 2494.5,
    }
    log = tmp_path / "bench.json"
    log.write_text(json.dumps([result, result | {"n_prompt": 0, "n_gen": 128, "avg_ts": 72.5}], indent=2))
    found = parse(log)["published"]
    assert found.value.tolist() == [2494.5, 72.5]
    assert found.device.tolist() == ["NVIDIA GeForce RTX 3090"] * 2
    assert found.line.tolist() == [2, 9]


FORMATS = sorted(
    path.stem for path in grammar_files() if b"//!" in path.read_bytes() and path.stem not in OFFICIAL
)
NAMES = sorted({path.stem for path in SAMPLES.glob("*.log")})


@pytest.mark.parametrize("grammar", FORMATS)
def test_no_format_reads_a_line_of_another(grammar):
    """The sample of each grammar, and every log of a format, is read by its own grammar alone, in documents too."""
    for documents in (False, True):
        engine = load_engine(documents=documents)
        for name in NAMES:
            log = (SAMPLES / f"{name}.log").read_bytes()
            scans = engine.scan([(log, range(1, log.count(b"\n") + 1))])
            kinds = {match.leaf.kind for scan in scans for match in scan.matches}
            mine = {kind for kind in kinds if kind.startswith(f"{grammar}.")}
            assert not mine or name == grammar, (name, mine)


def test_devices_of_nvidia_smi_are_those_of_the_run_behind_it(tmp_path):
    """Its list and its table stand before a run: names, addresses, memory, the driver; a name that was cut is none."""
    log = tmp_path / "run.log"
    log.write_bytes(
        (SAMPLES / "nvidia_smi.log").read_bytes()
        + (LOGS / "horovod-pytorch.log").read_bytes().replace(b"CPU", b"GPU")
    )
    tables = parse(log)
    devices = tables["devices"]
    assert devices.name.tolist() == ["NVIDIA H100 80GB HBM3", "NVIDIA GeForce RTX 3090"]
    assert devices.memory_total_bytes.tolist()[0] == 81559 << 20
    assert devices.uuid.tolist()[1] == "GPU-5a1b2c3d-0000-1111-2222-333344445555"
    assert tables["runs"].device.tolist() == ["H100 80GB HBM3"]
    facts = dict(zip(tables["environment"].key, tables["environment"].value, strict=True))
    assert facts["driver_version"] == "535.183.01"


def test_a_log_of_the_trainer_behind_its_loggers_prefix(tmp_path):
    """`[INFO|trainer.py:2114] … >> ` stands before its facts, not before its numbers."""
    log = tmp_path / "run.log"
    lines = (LOGS / "hf-trainer.log").read_text().splitlines()
    log.write_text(
        "".join(
            f"[INFO|trainer.py:2114] 2024-02-15 10:11:12,345 >> {line}\n" if line[:1] in "* " else f"{line}\n"
            for line in lines
        )
    )
    tables = parse(log)
    assert tables["runs"].batch_size.tolist() == [16]
    assert tables["lines"].unknown.tolist() == [0]


def read(folder, text, name="run.log"):
    """The tables of a log."""
    (folder / name).write_text(text, encoding="utf-8")
    return parse(folder / name)


BAR = "━" * 20
FIT = f"Epoch 1/2\n24/24 {BAR} 3s 20ms/step - accuracy: 0.50 - loss: 1.50\nEpoch 2/2\n24/24 {BAR} 1s 10ms/step - accuracy: 0.60 - loss: 1.25\n"
SCORED = f"32/32 {BAR} 0s 5ms/step - accuracy: 0.55 - loss: 1.40\n"


@pytest.mark.parametrize(
    ("text", "modes", "seconds"),
    [
        (SCORED, ["evaluation"], [0.005]),
        (FIT + SCORED, ["training", "evaluation"], [0.015, 0.005]),
        (f"32/32 {BAR} 1s 2ms/step\n", ["evaluation"], [0.002]),
        (SCORED.replace("\n", " - val_loss: 1.45\n"), ["training"], [0.005]),
        (
            "Epoch 1/2\n      9/Unknown - 3s 20ms/step - loss: 1.5\n     24/Unknown - 5s 30ms/step - loss: 1.4\n",
            ["training"],
            [0.030],
        ),
    ],
    ids=["evaluate", "fit, then evaluate more", "predict", "fit without its epoch", "of unknown length"],
)
def test_a_bar_of_keras_outside_of_an_epoch_is_no_training(tmp_path, text, modes, seconds):
    """`evaluate` and `predict` print the bar of `fit`: only below an epoch, or with a validation, is it one."""
    tables = read(tmp_path, text)
    assert tables["runs"]["mode"].tolist() == modes
    assert tables["phases"].phase.tolist() == modes
    assert tables["phases"].seconds_per_batch.tolist() == pytest.approx(seconds)
    if text.endswith(SCORED):
        assert tables["evaluations"][["loss", "top_1"]].to_numpy().tolist() == [[1.40, 0.55]]


FETCHED = (
    "Downloading data from https://storage.example.org/datasets/digits.npz\n"
    " 8396800/11490434 [====================>.........] - ETA: 0s\n"
    "{done}/11490434 {bar} {dash}1s 0us/step\n"
)


@pytest.mark.parametrize(("bar", "dash"), [("[==============================]", "- "), (BAR, "")])
def test_what_keras_fetches_is_no_evaluation(tmp_path, bar, dash):
    """The bar of a download counts bytes, some more than there are, and is no run; the device above is that of the training."""
    text = (
        "Metal device set to: Apple M9 Max\n"
        + FETCHED.format(done=11493376, bar=bar, dash=dash)
        + "Epoch 1/1\n24/24 [==============================] - 3s 20ms/step - loss: 1.50\n"
    )
    tables = read(tmp_path, text)
    assert tables["runs"][["mode", "device"]].to_numpy().tolist() == [["training", "Apple M9 Max"]]
    assert tables["steps"].step.tolist() == [24]
    assert tables["lines"][["chatter", "unknown", "malformed"]].to_numpy().tolist() == [[3, 0, 0]]


def test_what_predicts_fast_is_an_evaluation(tmp_path):
    """A step of `predict` takes ten microseconds and more, a byte of a download less."""
    tables = read(tmp_path, "5000/5000 [==============================] - 0s 12us/step\n")
    assert tables["runs"]["mode"].tolist() == ["evaluation"]


def test_a_chip_that_a_section_above_names(tmp_path):
    """A notebook has its start-up in one section and the training in the next."""
    text = (
        "# Set-up\n\n```\nMetal device set to: Apple M9 Max\n```\n\n# Training\n\n"
        "```\nEpoch 1/1\n24/24 [==============================] - 3s 20ms/step - loss: 1.50\n```\n"
    )
    assert read(tmp_path, text, "notes.md")["runs"]["device"].tolist() == ["Apple M9 Max"]


def test_the_settings_of_a_convolutional_network(tmp_path):
    """Its batch size is that of one device; the network stands in a line of its own, in two spellings."""
    setting = "DLL 2020-10-07 12:00:00.123456 - PARAMETER arch : resnet50  batch_size : 96  optimizer_batch_size : -1  world_size : {}\n"
    step = "DLL 2020-10-07 12:00:0{0}.123456 - Epoch: 0 Iteration: {0}  train.loss : 6.95  train.total_ips : 768.00 img/s\n"
    for classes, devices, batch in (("", 1, 96), (", 1000", 8, 768)):
        text = f"=> creating model '('resnet50', 'fanin'{classes})'\n" + setting.format(devices)
        tables = read(tmp_path, text + "".join(map(step.format, range(1, 5))))
        (run,) = tables["runs"].to_dict("records")
        assert (run["model"], run["num_devices"], run["batch_size"]) == ("resnet50", devices, batch)
        assert tables["phases"].seconds_per_batch.tolist() == pytest.approx([batch / 768])
        assert (tables["lines"].unknown[0], tables["lines"].malformed[0]) == (0, 0)


METRIC = "Benchmark metric: {{'name': '{}_examples_per_sec', 'value': {}, 'unit': None, 'global_step': {}, 'extras': []}}\n"
PREFIXES = {
    "python": ["INFO:tensorflow:"],
    "absl": ["I1007 12:01:19.100000 140000000000000 tf_logging.py:115] "],
    "both": ["INFO:tensorflow:", "I1007 12:01:19.100000 140000000000000 logger.py:147] "],
}


def assert_four_steps(tables):
    """Steps of 40, 32, 32 and 32 s with 25 600 examples each, and their mean over 136 s."""
    assert tables["steps"][["step", "examples_per_second"]].to_numpy().tolist() == [
        [100, 640.0],
        [200, 800.0],
        [300, 800.0],
        [400, 800.0],
    ]
    assert tables["phases"].examples_per_second.tolist() == pytest.approx([102_400 / 136])


@pytest.mark.parametrize("prefixes", PREFIXES)
def test_the_hooks_of_official_models(tmp_path, prefixes):
    """Steps of 40, 32, 32 and 32 s with 25 600 examples each: once, also where two loggers print each line."""
    settings = (
        "Benchmark run: {'machine_config': {'gpu_info': {'model': 'Tesla T4', 'count': 2}}, 'dataset': {'name': 'ImageNet'}, "
        "'model_name': 'resnet', 'run_parameters': [{'long_value': 256, 'name': 'batch_size'}, {'bool_value': 'False', 'name': 'x'}]}\n"
    )
    lines = [settings]
    for step, speed, mean in (
        (100, 640.0, 640.0),
        (200, 800.0, 711.1),
        (300, 800.0, 738.5),
        (400, 800.0, 752.9),
    ):
        lines += [METRIC.format("current", speed, step), METRIC.format("average", mean, step)]
    tables = read(tmp_path, "".join(prefix + line for line in lines for prefix in PREFIXES[prefixes]))
    names = ["benchmark", "model", "dataset", "device", "batch_size", "item"]
    assert tables["runs"][names].to_numpy().tolist() == [
        ["estimator", "resnet", "ImageNet", "Tesla T4", 256, "examples"]
    ]
    assert_four_steps(tables)


HISTORY = {
    "TimeHistory": "TimeHistory: {time} seconds, {speed} examples/second between steps {first} and {step}\n",
    "BenchmarkMetric": "BenchmarkMetric: {{'global step':{step}, 'time_taken': {time}0000,'examples_per_second': {speed}0000}}\n",
}


@pytest.mark.parametrize("prefixes", PREFIXES)
@pytest.mark.parametrize("form", HISTORY)
def test_the_callback_of_official_models(tmp_path, form, prefixes):
    """Steps of 40, 32, 32 and 32 s with 25 600 examples each: once, also where two loggers print each line."""
    lines = [
        HISTORY[form].format(time=f"{25_600 / speed:.2f}", speed=f"{speed:.2f}", first=step - 100, step=step)
        for step, speed in ((100, 640), (200, 800), (300, 800), (400, 800))
    ]
    tables = read(tmp_path, "".join(prefix + line for line in lines for prefix in PREFIXES[prefixes]))
    assert tables["runs"][["benchmark", "framework"]].to_numpy().tolist() == [["time_history", "tensorflow"]]
    assert_four_steps(tables)


def test_a_notebook_of_keras_3_with_its_colours(tmp_path):
    """A notebook keeps the colours of a bar as text: they are none of it."""
    cell = json.dumps(
        f"\x1b[1m24/24\x1b[0m \x1b[32m{BAR}\x1b[0m\x1b[37m\x1b[0m \x1b[1m3s\x1b[0m 20ms/step - loss: 1.50\n"
    )
    tables = read(tmp_path, f'      "Epoch 1/2\\n",\n      {cell},\n')
    assert tables["steps"].seconds_per_batch.tolist() == [0.02]
    assert tables["lines"].unknown.tolist() == [0]


def test_a_bar_that_is_written_line_by_line_is_one_run(tmp_path):
    """Lightning writes a step twice, the second time with its loss; in a file each is a line: the step is there once."""
    half = "Epoch 0:  50%|█████     | 2/4 [00:02<00:02,  {speed}.00it/s{loss}]\n"
    lines = "".join(
        half.format(speed=speed, loss=loss).replace("2/4", f"{step}/4")
        for step, speed in ((2, 1), (3, 2))
        for loss in ("", f", loss={step}.5, v_num=0")
    )
    tables = read(tmp_path, lines)
    assert len(tables["runs"]) == 1
    assert tables["steps"][["step", "seconds_per_batch", "loss"]].to_numpy().tolist() == [
        [2, 1.0, 2.5],
        [3, 0.5, 3.5],
    ]


def test_what_only_validates_is_an_evaluation(tmp_path):
    """validate.py of timm prints the tests of a training and no training: that is what its run is."""
    tests = [
        line
        for line in (LOGS / "timm.log").read_text().splitlines(keepends=True)
        if line.startswith("Test: ")
    ]
    tables = read(tmp_path, "Model resnet18 created, param count:11689512\n" + "".join(tests))
    assert tables["runs"][["model", "mode"]].to_numpy().tolist() == [["resnet18", "evaluation"]]
    assert tables["phases"].phase.tolist() == ["evaluation"]


def test_devices_that_the_last_line_alone_says(tmp_path):
    """An excerpt of Horovod's benchmark without its head: `Total img/sec on 2 GPU(s)` says what the speeds are multiplied by."""
    steps = "".join(f"Iter #{i}: {100 + i}.0 img/sec per GPU\n" for i in range(4))
    tables = read(tmp_path, steps + "Img/sec per GPU: 101.5 +-2.2\nTotal img/sec on 2 GPU(s): 203.0 +-4.4\n")
    assert tables["runs"].num_devices.tolist() == [2]
    assert tables["steps"].examples_per_second.tolist() == [200.0, 202.0, 204.0, 206.0]


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        (
            "Epoch: [0][ 10/5005]\tTime  0.412 ( 0.593)\tData  0.003 ( 0.021)\tLoss 6.9 (6.8)\tAcc@1   0.00 (  4.00)",
            "top_1",
            0.04,
        ),
        (
            "Epoch: [0][ 10/5005]\tTime  0.412 ( 0.593)\tLoss 6.9 (6.8)\tAcc@1 0.00 (4.00)\tAcc@5 1.00 (2.00)\tlr 0.010 (0.005)",
            "learning_rate",
            0.01,
        ),
        (
            "Epoch: [0/100]  [  10/1563]  eta: 1:45:12  loss: 6.9 (7.0)  lr: 0.01 (0.02)  time: 0.593  data: 0.03",
            "loss",
            6.9,
        ),
    ],
    ids=["imagenet without the best 5", "imagenet with its rate", "DINO"],
)
def test_copies_that_print_less_or_more(tmp_path, line, column, value):
    """Scripts that were made of another print a meter more or fewer; what is left is read all the same."""
    tables = read(tmp_path, line + "\n")
    assert tables["steps"].seconds_per_batch.tolist() == [0.593]
    assert tables["steps"][column].tolist() == [pytest.approx(value)]


def test_the_number_of_devices_of_a_script_that_starts_others(tmp_path):
    """distributed_train.sh of timm takes it as its first argument; `-b` is the batch of one."""
    step = next(line for line in (LOGS / "timm.log").read_text().splitlines() if line.startswith("Train: "))
    tables = read(tmp_path, f"$ bash tools/distributed_train.sh 2 /data --model resnet18 -b 64\n{step}\n")
    run = tables["runs"].iloc[0]
    assert (run.model, run.num_devices, run.batch_size) == ("resnet18", 2, 128)


def test_a_bar_of_lightning_of_unknown_length(tmp_path):
    """Data without a length have bars without one, before 2.0 and since; the epoch still says where steps start again."""
    tables = read(
        tmp_path,
        "Epoch 0: : 0it [00:00, ?it/s]\nEpoch 0: : 20it [00:05,  4.00it/s, loss=2.15, v_num=0]\n"
        "Epoch 1: |          | 0/? [00:00<?, ?it/s]\nEpoch 1: |          | 10/? [00:05<00:00,  2.00it/s, v_num=0]\n",
    )
    assert len(tables["runs"]) == 1
    assert tables["steps"][["epoch", "step", "seconds_per_batch"]].to_numpy().tolist() == [
        [0, 20, 0.25],
        [1, 30, 0.5],
    ]
    assert tables["lines"].unknown.tolist() == [0]


def test_the_step_that_a_copy_of_the_trainer_prints(tmp_path):
    """TensorFlow's trainer, and others made of it, put the step among what they log."""
    tables = read(
        tmp_path,
        "{'loss': 2.5, 'learning_rate': 4.9e-05, 'epoch': 0.05, 'step': 10}\n"
        "{'loss': 2.25, 'learning_rate': 4.8e-05, 'epoch': 0.1, 'global_step': 20}\n"
        "{'eval_loss': 2.0, 'eval_acc': 0.5, 'eval_runtime': 3.2, 'epoch': 0.1, 'global_step': 20}\n",
    )
    assert tables["steps"].step.tolist() == [10, 20]
    assert tables["evaluations"][["step", "loss", "top_1"]].to_numpy().tolist() == [[20, 2.0, 0.5]]


def test_a_table_of_llama_bench_of_2023(tmp_path):
    """Until 2024 its tests had a blank: pp 512."""
    row = "| llama 7B Q4_0                  |   3.56 GiB |     6.74 B | CUDA       |  99 | tg 128     |     60.25 ± 2.35 |\n"
    tables = read(tmp_path, row)
    assert tables["published"][["value", "row_label"]].to_numpy().tolist() == [[60.25, "tg 128"]]


def test_steps_that_nemo_counts_through(tmp_path):
    """DLLogger as NeMo calls it: the step is a number, and the key of its time has blanks in it."""
    line = 'DLLL {"timestamp": "1.5", "type": "LOG", "step": %d, "data": {"reduced_train_loss": 7.5, "lr": 3.6e-05, "train_step_timing in s": 12.%d}}\n'
    tables = read(tmp_path, "".join(line % (step, step) for step in (1, 2)))
    assert tables["steps"][["step", "seconds_per_batch", "loss"]].to_numpy().tolist() == [
        [1, 12.1, 7.5],
        [2, 12.2, 7.5],
    ]


MLLOG = ':::MLLOG {"namespace": "", "time_ms": 1719844792117, "event_type": "POINT_IN_TIME", "key": "%s", "value": %s, "metadata": {%s}}\n'
BEGUN = (
    MLLOG % ("submission_benchmark", '"ssd"', "")
    + MLLOG % ("global_batch_size", 256, "")
    + MLLOG % ("run_start", "null", "")
)
OVER = MLLOG % ("run_stop", "null", '"status": "success"')


@pytest.mark.parametrize(
    ("places", "steps", "speed"),
    [
        (['"step": 1', '"step": 2'], [1, 2], 100.0),
        (['"epoch_num": 298592', '"epoch_num": 597184'], [298592, 597184], 100.0),
        (['"step": 0.75'], [], 100.0),
        (['"step": [2, 652]'], [], 100.0),
    ],
    ids=["steps", "samples", "a share of an epoch", "epoch and step"],
)
def test_a_throughput_of_mlperf_behind_the_end(tmp_path, places, steps, speed):
    """NVIDIA's scripts say the last one below `run_stop`: it is of that run; what is of no whole step is that of all."""
    stats = [MLLOG % ("tracked_stats", '{"throughput": 100.0}', place) for place in places]
    about = ':::SYSJSON {"submitter":"NVIDIA","accelerators_per_node":"8","accelerator_model_name":"NVIDIA H100-SXM5-80GB"}\n'
    tables = read(tmp_path, about + BEGUN + "".join(stats[:-1]) + OVER + stats[-1] + BEGUN + OVER)
    runs = tables["runs"]
    assert runs[["model", "batch_size", "status"]].to_numpy().tolist() == [["ssd", 256, "complete"]] * 2
    assert runs.device.tolist()[0] == "H100-SXM5-80GB"
    assert tables["steps"].step.tolist() == steps
    assert tables["phases"].examples_per_second.dropna().tolist() == [pytest.approx(speed)]


def test_a_loss_that_mlperf_calls_accuracy(tmp_path):
    """The key is the same for all benchmarks; what is above 1 is no share of right answers."""
    begun = BEGUN.replace("ssd", "resnet")
    tables = read(
        tmp_path, begun + MLLOG % ("eval_accuracy", 2.6895, "") + MLLOG % ("eval_accuracy", 0.75, "") + OVER
    )
    scores = tables["evaluations"][["loss", "top_1"]].astype(object)
    assert scores.where(scores.notna(), None).to_numpy().tolist() == [[2.6895, None], [None, 0.75]]


def test_a_score_that_is_no_share_of_right_answers(tmp_path):
    """What MLPerf calls the accuracy of a detector is a mean precision, that of a translation is BLEU: no top-1 accuracy."""
    tables = read(tmp_path, BEGUN + MLLOG % ("eval_accuracy", 0.214, '"epoch_num": 3') + OVER)
    assert tables["evaluations"].empty
    assert tables["lines"].record.tolist() == [5]


def test_a_run_of_mlperf_that_was_aborted_has_failed(tmp_path):
    """It ends by the same key as one that is complete; its status says how."""
    tables = read(tmp_path, BEGUN + OVER.replace("success", "aborted") + BEGUN + OVER)
    said = tables["runs"][["status", "status_reason"]].to_numpy().tolist()
    assert said == [["failed", "aborted"], ["complete", "the final line is there"]]
    assert tables["findings"].code.tolist() == ["failed"]


@pytest.mark.parametrize(
    ("step", "total"),
    [
        ("(0, {}) total_ips : {}.25", "() train_throughput : 812.125"),
        (
            "Iteration: {}  throughput_train : {}.25 seq/s mlm_loss : 10.4521",
            " throughput_train : 811.9 seq/s",
        ),
        (
            "Epoch: 0 Iteration: {}  train.loss : 6.91  train.total_ips : {}.25 img/s",
            "Summary: train.total_ips : 812.1 img/s",
        ),
    ],
    ids=["tuples", "iterations", "epochs and iterations"],
)
def test_steps_of_dllogger_in_the_form_of_each_script(tmp_path, step, total):
    """A script that gives no format for its steps prints the tuple; what has no speed in it is no step."""
    lines = [step.format(10 * place, 800 + place) for place in (1, 2, 3)] + [
        "(40, 50) dice_loss : 0.81",
        total,
    ]
    text = "".join(f"DLL 2020-06-20 01:16:4{place}.000001 - {line}\n" for place, line in enumerate(lines))
    tables = read(tmp_path, text)
    assert tables["steps"][["step", "examples_per_second"]].to_numpy().tolist() == [
        [10, 801.25],
        [20, 802.25],
        [30, 803.25],
    ]
    assert len(tables["runs"]) == 1


def test_the_object_of_a_tuple_of_dllogger(tmp_path):
    """The same in JSON, with the speed under the same name."""
    line = 'DLLL {"timestamp": "1.0", "elapsedtime": "1.0", "type": "LOG", "step": [0, %d], "data": {"total_ips": %d.5}}\n'
    tables = read(tmp_path, line % (10, 700) + line % (20, 710))
    assert tables["steps"].examples_per_second.tolist() == [700.5, 710.5]

"""alexnet_benchmark: steps of two passes and their summaries to phases, steps and layers."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from logreport.grammar import Match, Records
from logreport.runs.run import Run
from logreport.runs.scripts.common import is_theano, moment_of, moments_of, row_of, whole
from logreport.runs.scripts.progress import Progress, Shows
from logreport.runs.segmentation.segmenter import Rule, Segmenter, StepRule, is_repeat, read_rising
from logreport.runs.segmentation.states import has_results
from logreport.tables.tables import Tables

NAME = "alexnet_benchmark"
LAYER = "alexnet_benchmark.activation"
OTHER_MODELS = ("googlenet", "overfeat", "vgg")
BURN_IN = 10  # steps before step 0 of each pass, which are not printed
SOONEST = 0.9  # of the time that so many steps take
FOREIGN = re.compile(
    r"(?:lstm|gru|rnn|fcn|mlp|resnet|inception|mobilenet|densenet|lenet)[-_]?[0-9]*(?![a-z])"
)
# Height, width and channels behind a layer, in the variants that are about.
LAYERS: dict[str, dict[str, set[tuple[int | None, ...]]]] = {
    "alexnet": {
        "conv1": {(size, size, channels) for size in (54, 55, 56, 57) for channels in (64, 96)},
        "pool1": {(size, size, channels) for size in (26, 27, 28) for channels in (64, 96)},
        "conv2": {(size, size, channels) for size in (26, 27, 28) for channels in (192, 256)},
        "pool2": {(size, size, channels) for size in (12, 13, 14) for channels in (192, 256)},
        "conv3": {(size, size, 384) for size in (12, 13, 14)},
        "conv4": {(size, size, channels) for size in (12, 13, 14) for channels in (256, 384)},
        "conv5": {(size, size, 256) for size in (12, 13, 14)},
        "pool5": {(size, size, 256) for size in (5, 6, 7)},
    },
    "overfeat": {
        "conv1": {(56, 56, 96)}, "pool1": {(28, 28, 96)}, "conv2": {(24, 24, 256)}, "pool2": {(12, 12, 256)},
        "conv3": {(12, 12, 512)}, "conv4": {(12, 12, 1024)}, "conv5": {(12, 12, 1024)}, "pool5": {(6, 6, 1024)},
    },
    "vgg": {
        f"pool{n}": {(224 >> n, 224 >> n, channels)} for n, channels in enumerate((64, 128, 256, 512, 512), 1)
    },
}  # fmt: skip


def facts(run: Run, flags: dict[str, str]) -> dict[str, Any]:
    """What the runs table says: the batch size is the first number of a shape that was printed."""
    shape = next((value for key, value in run.headers.items() if key.startswith("layer ")), None)
    sizes = [fields["batch_size"] for _, fields in run.of_kind("theano.input_size")]
    batch = whole(shape) or next(iter(sizes), None) or whole(flags.get("batch_size"))
    return {
        "model": model_of(run),
        "mode": "forward and forward-backward",
        "dataset": "synthetic",
        "batch_size": batch,
        "batch_size_per_device": batch,
        "num_devices": 1,
    }


def model_of(run: Run) -> str | None:
    """The model by the shapes of its layers, else as the text around names it: no line of these scripts names one."""
    layers = run.only(LAYER).table("layer", "shape")
    shapes = [
        (layer.partition("/")[0], tuple(map(whole, shape.split(", ")[1:])))
        for layer, shape in zip(*layers, strict=True)
    ]
    if shapes and (model := model_by_shapes(shapes)):
        return model
    known = OTHER_MODELS if shapes else (*OTHER_MODELS, "alexnet")
    texts = (run.command, f"{run.source} {run.heading}")
    named = next((model for text in texts for model in known if model in text.lower()), None)
    foreign = FOREIGN.search(f"{PurePosixPath(run.source).name} {run.heading}".lower())
    return named or (foreign[0].rstrip("-_") if foreign else None)


def model_by_shapes(shapes: Sequence[tuple[str, tuple[int | None, ...]]]) -> str | None:
    """The one network whose layers have these shapes: a layer of another shape is that of another network.

    >>> model_by_shapes([("pool1", (27, 27, 64)), ("pool5", (6, 6, 256))])
    'alexnet'
    >>> model_by_shapes([("pool1", (112, 112, 64)), ("pool2", (56, 56, 128))])
    'vgg'
    """
    fits = []
    for model, layers in LAYERS.items():
        known = [shape in layers[name] for name, shape in shapes if len(shape) == 3 and name in layers]
        if known and all(known):
            fits.append(model)
    return fits[0] if len(fits) == 1 else None


def status(run: Run) -> tuple[str, str]:
    """Both passes present is complete; a distributed copy names no pass and prints one, Theano's twin prints the second."""
    if {"pass forward", "pass forward_backward"} <= run.headers.keys() or "pass None" in run.headers:
        return "complete", "both passes are there"
    if "pass forward_backward" in run.headers and is_theano(run):
        return "complete", "the pass of Theano's twin is there"
    return "truncated", "a pass has no summary"


def build(run: Run, row: dict[str, Any], tables: Tables) -> None:
    """Add phases, steps and layers."""
    layers = run.only(LAYER)
    names, shapes = layers.table("layer", "shape")
    shapes = [shape.replace(", ", "x") for shape in shapes]
    tables.add_rows("layers", len(layers), **row_of(row), name=names, shape=shapes, line=layers.lines)
    lines = run.records.where(("alexnet_benchmark.step", "alexnet_benchmark.summary"))
    start = 0
    for place, kind in enumerate(lines.kinds):
        if kind == "alexnet_benchmark.summary":
            add_pass(run, row, tables, lines[start:place], lines[place])
            start = place + 1
    if steps := lines[start:]:
        add_pass(run, row, tables, steps, None)


def add_pass(run: Run, row: dict[str, Any], tables: Tables, steps: Records, summary: Match | None) -> None:
    """Add one pass: its steps, the end of its last step from the summary's time stamp, and its phase."""
    fields = summary.fields() if summary else {}
    later = "forward_backward" if "pass forward" in run.headers else "forward"
    phase = fields.get("phase", "unnamed") if summary else later
    about = {**row_of(row), "phase": phase}
    numbers, durations = steps.table("step", "duration")
    tables.add_rows(
        "steps", len(steps), **about, rank=steps.ranks, step=numbers,
        timestamp=moments_of(steps), seconds_per_batch=durations, line=steps.lines,
    )  # fmt: skip
    mean = fields.get("mean") if summary else sum(durations) / len(durations)
    line = summary.line if summary else steps[-1].line
    if summary and steps:
        tables.add(
            "steps", **about, rank=summary.rank, step=fields["steps"], timestamp=moment_of(fields), line=line
        )
    batch = row["batch_size"]
    tables.add(
        "phases", **about, batch_size=batch, n_steps=fields.get("steps"), seconds_per_batch=mean,
        seconds_per_batch_sd=fields.get("sd"), examples_per_second=batch / mean if batch and mean else None,
        method="reported" if summary else "computed", line=line,
    )  # fmt: skip


# Where a run begins and ends


def read_layer(reader: Segmenter, match: Match) -> None:
    """Layers come before anything else; a list has one first layer and one batch size, but a label may be there twice."""
    run, layer = reader.of(NAME), f"layer {match.value('layer')}"
    if is_repeat(run, match):
        return
    if has_results(run) or (layer in run.headers and not goes_on(run, layer, match)):
        run = reader.begin_new(NAME)
    run.headers.setdefault(layer, match.value("shape"))
    run.add(match)


def read_layers(reader: Segmenter, records: Records) -> None:
    """Layers that follow one another: at once where a run without results has none of them, and none is there twice."""
    run, (names, shapes) = reader.of(NAME), records.table("layer", "shape")
    layers = {f"layer {name}": shape for name, shape in zip(names, shapes, strict=True)}
    if has_results(run) or len(layers) < len(names) or not layers.keys().isdisjoint(run.headers):
        for match in records:
            read_layer(reader, match)
    else:
        run.headers |= layers
        run.extend(records)


def goes_on(run: Run, layer: str, match: Match) -> bool:
    """Whether a layer that is there already is in the list that is being read: a script can name two layers alike."""
    last = run.records[-1]
    names = [key for key in run.headers if key.startswith("layer ")]
    batches = [(one.value("shape") or "").partition(",")[0] for one in (last, match)]
    return last.leaf.kind == match.leaf.kind and layer != names[0] and batches[0] == batches[1]


def read_step(reader: Segmenter, match: Match) -> None:
    """A step; the numbering starts anew for each pass, so a step back without a summary is another run."""
    run, step = reader.of(NAME), match.value("step")
    if is_repeat(run, match):
        return
    back = reader.last_step is not None and step <= reader.last_step
    mixed = back and is_of_another_process(run, match)
    run.is_mixed = run.is_mixed or mixed
    if back or "pass forward_backward" in run.headers or "pass None" in run.headers:
        run = reader.begin_new(NAME)
        run.is_mixed = mixed
    reader.last_step = step
    run.add(match)


def is_of_another_process(run: Run, match: Match) -> bool:
    """Whether a step that goes back comes sooner than one process could have come to it in a pass that began after the last line."""
    last = run.last_of(match.leaf.kind)
    before, now = (moment_of(one.fields()) if one is not None else None for one in (last, match))
    if before is None or now is None:
        return False
    least = SOONEST * (match.value("step") + BURN_IN) * match.value("duration")
    return bool(0 <= (now - before).total_seconds() < least)


def read_steps(reader: Segmenter, records: Records) -> None:
    """Steps that follow one another; those that go up belong to the run of the first."""
    read_rising(reader, NAME, records, read_step)


def read_summary(reader: Segmenter, match: Match) -> None:
    """The end of a pass; a pass that the run has already belongs, with its steps, to another run."""
    run = reader.of(NAME)
    if is_repeat(run, match):
        return
    key = f"pass {match.value('phase')}"
    if key in run.headers or (key == "pass forward" and "pass forward_backward" in run.headers):
        ends = (place for place, kind in enumerate(run.records.kinds, 1) if kind == match.leaf.kind)
        start = max(ends, default=0)
        steps = run.records[start:]
        run.hold(run.records[:start])
        is_mixed, run = run.is_mixed, reader.begin_new(NAME)
        run.is_mixed = is_mixed
        run.extend(steps)
    run.headers[key] = ""
    run.add(match)
    reader.last_step = None


RULES: dict[str, Rule] = {
    LAYER: read_layer,
    "alexnet_benchmark.step": read_step,
    "alexnet_benchmark.summary": read_summary,
}
STEP_RULES: dict[str, StepRule] = {LAYER: read_layers, "alexnet_benchmark.step": read_steps}


# What is shown while it runs


def show_step(progress: Progress, fields: dict[str, Any], now: float) -> None:
    """Seconds of one step."""
    progress.part = progress.part or "forward pass"
    progress.reached(fields["step"], now)
    progress.measured(fields["duration"])


def show_summary(progress: Progress, fields: dict[str, Any], _now: float) -> None:
    """A pass is over; after the first one, the second begins with step 0."""
    if fields.get("phase") == "forward":
        again = Progress(progress.total, progress.batch, part="forward-backward pass")
        vars(progress).update(vars(again))


PROGRESS: dict[str, Shows] = {
    "alexnet_benchmark.step": show_step,
    "alexnet_benchmark.summary": show_summary,
}

"""The rules of segmentation: what each kind of line says about where a run begins and ends."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from logreport.grammar import Match
from logreport.runs.run import Run
from logreport.runs.segmentation.commands import read_command, script_of
from logreport.runs.segmentation.states import has_results, has_started
from logreport.scripts import benchmark_of

if TYPE_CHECKING:
    from logreport.runs.segmentation.segmenter import Segmenter


OF_ALL_SECTIONS = ("container.", "tensorflow.device_", "tensorflow.physical_devices")


def fence(reader: "Segmenter", _match: Match) -> None:
    """A fence ends a run that has results; one that has only started may have them in the next."""
    reader.in_fence = not reader.in_fence
    if reader.run is not None and has_results(reader.run):
        reader.close()
    elif reader.run is not None and has_started(reader.run):
        reader.wait()
    reader.section_over = reader.run is None


def header_of_document(reader: "Segmenter", match: Match) -> None:
    """A heading ends a run that has results, and forgets a command and the errors of the section before.

    Devices and versions may have a section of their own, before those of the results.
    """
    if reader.in_fence:
        return
    reader.heading = match.value("text") or ""
    reader.found.published.append(match)
    if reader.run is not None and (has_results(reader.run) or reader.run.benchmark is None):
        reader.close()
    if reader.run is None:
        reader.section_over, reader.commands = True, []
        reader.found.loose += [one for one in reader.before if not one.leaf.kind.startswith(OF_ALL_SECTIONS)]
        reader.before = [one for one in reader.before if one.leaf.kind.startswith(OF_ALL_SECTIONS)]


def crash(reader: "Segmenter", match: Match) -> None:
    """A traceback through a benchmark script: it ran, and if no line of it is there it failed before it printed any."""
    script = script_of(match)
    if reader.run is None:
        started = reader.started is not None and reader.started.headers["script"] == script
        reader.begin(benchmark_of(script) if started else None).headers["script"] = script
    (reader.run or reader.begin(None)).add(match)


def command(reader: "Segmenter", match: Match) -> None:
    """A command line begins a run; one without any output is replaced by the next."""
    run = reader.begin(None, new=True)
    read_command(run, match)
    run.add(match)


# tf_cnn_benchmarks


def cnn_header(reader: "Segmenter", match: Match) -> None:
    """A header line; one that is there already is another rank's (same value, no step yet) or another run's."""
    if is_alone(reader, match):
        reader.before.append(match)
        return
    run = reader.of("tf_cnn_benchmarks")
    key, value = match.value("key"), match.value("value") or ""
    again = key in run.headers and (has_results(run) or run.headers[key] != value)
    if again or (key == "TensorFlow" and has_results(run)):
        run = reader.begin_new("tf_cnn_benchmarks")
    if key is not None:
        run.headers[key] = value
    run.add(match)


def is_alone(reader: "Segmenter", match: Match) -> bool:
    """Whether it is the first header line in another benchmark's log, where one `Model: x` proves nothing yet."""
    other = reader.run is not None and reader.run.benchmark not in (None, "tf_cnn_benchmarks")
    return other and all(waiting.leaf.kind != match.leaf.kind for waiting in reader.before)


def cnn_line(reader: "Segmenter", match: Match) -> None:
    """Other lines of the script: a model is built or warmed up again after the total of the run before.

    A model is loaded by other scripts in the same words.
    """
    event = match.value("event") or ""
    if event.startswith("Successfully loaded") and not is_open(reader, "tf_cnn_benchmarks"):
        reader.feed_other(match, match.leaf.kind)
        return
    run = reader.of("tf_cnn_benchmarks")
    starts = event.startswith(("Generating", "Initializing", "Running warm"))
    if (starts or match.leaf.kind.endswith(".columns")) and run.has("tf_cnn_benchmarks.total"):
        run = reader.begin_new("tf_cnn_benchmarks")
    run.add(match)


def is_open(reader: "Segmenter", benchmark: str) -> bool:
    """Whether a run of this benchmark is being read."""
    return reader.run is not None and reader.run.benchmark == benchmark


def cnn_step(reader: "Segmenter", match: Match) -> None:
    """A step; going back begins a new run, unless other ranks print the same steps or the run was resumed."""
    run = reader.of("tf_cnn_benchmarks")
    step = match.value("step")
    if run.has("tf_cnn_benchmarks.total") and run.has("tf_cnn_benchmarks.step"):
        if not is_late(run, match):
            run = reader.begin_new("tf_cnn_benchmarks")
    elif step is not None and reader.last_step is not None and step <= reader.last_step:
        if reader.speaks_since(run, match) and not is_owed(run, step, match):
            run = reader.begin_new("tf_cnn_benchmarks")
        elif step < reader.last_step:
            run = cnn_step_back(reader, run, step, match)
        run.repeats_steps = True
    if step is not None:
        run.headers.setdefault("first step", str(step))
        reader.last_step = step
    run.steps.add(step or 0, match.rank)
    run.add(match)


def is_owed(run: Run, step: int, match: Match) -> bool:
    """Whether another rank of the run has not printed this step yet."""
    if match.rank is not None:
        return match.rank not in run.steps.of_rank or step > run.steps.of_rank[match.rank]
    return run.steps.counts[step] < run.steps.most > 1


def is_late(run: Run, match: Match) -> bool:
    """Whether a step after a total is of another rank of the run, which ends a little later: it owes this step."""
    step, steps = match.value("step"), run.steps
    if step is None or match.rank not in steps.of_rank:
        return False
    if match.rank is not None:
        return step > steps.of_rank[match.rank] and match.rank not in steps.finished
    return step == steps.highest and steps.counts[step] < steps.most


def cnn_step_back(reader: "Segmenter", run: Run, step: int, match: Match) -> Run:
    """Steps jump back: a rank that lags behind, a run that was resumed, or the first step of another run."""
    lags = step in run.steps.counts and step >= run.steps.second and len(run.steps.counts) > 1
    if match.rank is not None or lags:
        return run
    if str(step) == run.headers.get("first step"):
        return reader.begin_new("tf_cnn_benchmarks")
    run.resumed_at.append((match.line, step))
    return run


def cnn_total(reader: "Segmenter", match: Match) -> None:
    """The total; a second one without steps between is another rank's where there are steps, else another run's."""
    run = reader.of("tf_cnn_benchmarks")
    totals = run.by_kind.get("tf_cnn_benchmarks.total", [])
    other = (
        bool(totals)
        and totals[-1].raw("images_per_sec") != match.raw("images_per_sec")
        and reader.speaks_since(run, match)
    )
    if other or (totals and not run.has("tf_cnn_benchmarks.step")):
        run = reader.begin_new("tf_cnn_benchmarks")
    run.steps.finished.add(match.rank)
    run.add(match)


def cnn_evaluation(reader: "Segmenter", match: Match) -> None:
    """A line of an evaluation, which may be the whole run or stand between training steps."""
    reader.of("tf_cnn_benchmarks").add(match)


# alexnet_benchmark


def alexnet_layer(reader: "Segmenter", match: Match) -> None:
    """Layers come before anything else; a list has one first layer and one batch size, but a label may be there twice."""
    run, layer = reader.of("alexnet_benchmark"), f"layer {match.value('layer')}"
    if has_results(run) or (layer in run.headers and not goes_on(run, layer, match)):
        run = reader.begin_new("alexnet_benchmark")
    run.headers.setdefault(layer, match.value("shape"))
    run.add(match)


def goes_on(run: Run, layer: str, match: Match) -> bool:
    """Whether a layer that is there already is in the list that is being read: a script can name two layers alike."""
    last = run.matches[-1]
    names = [key for key in run.headers if key.startswith("layer ")]
    batches = [(one.value("shape") or "").partition(",")[0] for one in (last, match)]
    return last.leaf.kind == match.leaf.kind and layer != names[0] and batches[0] == batches[1]


def alexnet_step(reader: "Segmenter", match: Match) -> None:
    """A step; the numbering starts anew for each pass, so a step back without a summary is another run."""
    run, step = reader.of("alexnet_benchmark"), match.value("step")
    back = reader.last_step is not None and step <= reader.last_step
    if back or "pass forward_backward" in run.headers or "pass None" in run.headers:
        run = reader.begin_new("alexnet_benchmark")
    reader.last_step = step
    run.add(match)


def alexnet_summary(reader: "Segmenter", match: Match) -> None:
    """The end of a pass; a pass that the run has already belongs, with its steps, to another run."""
    run = reader.of("alexnet_benchmark")
    key = f"pass {match.value('phase')}"
    if key in run.headers or (key == "pass forward" and "pass forward_backward" in run.headers):
        steps = run.matches[reader.pass_start :]
        run.hold(run.matches[: reader.pass_start])
        run = reader.begin_new("alexnet_benchmark")
        for step in steps:
            run.add(step)
    run.headers[key] = ""
    run.add(match)
    reader.last_step, reader.pass_start = None, len(run.matches)


# cifar10 and mnist


def cifar_filling(reader: "Segmenter", match: Match) -> None:
    """The start of a training run; old multi-GPU checkouts print it once per tower."""
    run = reader.of("cifar10")
    if has_results(run):
        run = reader.begin_new("cifar10")
    run.add(match)


def cifar_step(reader: "Segmenter", match: Match) -> None:
    """A step; going back, another machine's name, or a step after an evaluation begins a new run."""
    run = reader.of("cifar10")
    step, machine = match.value("step"), match.value("comment") or ""
    back = reader.last_step is not None and (
        step < reader.last_step or (step == reader.last_step and reader.speaks_since(run, match))
    )
    back = back and match.rank is None
    if back or run.has("cifar10.precision") or run.headers.get("machine", machine) != machine:
        run = reader.begin_new("cifar10")
    run.headers["machine"] = machine
    reader.last_step = step
    run.add(match)


def cifar_precision(reader: "Segmenter", match: Match) -> None:
    """A line of an evaluation belongs to the training before it, also in another section of a document; else it is a run."""
    trained = reader.found.runs[-1] if reader.found.runs else None
    waiting = reader.run is None or reader.run.benchmark is None
    if (
        waiting
        and trained is not None
        and trained.has("cifar10.step")
        and not trained.has("cifar10.precision")
    ):
        trained.add(match)
    else:
        reader.of("cifar10").add(match)


def logger_run(reader: "Segmenter", match: Match) -> None:
    """The settings of a run: each is another run."""
    reader.begin_new("benchmark_logger").add(match)


def mnist_step(reader: "Segmenter", match: Match) -> None:
    """A block of the training; going back, or a step after the test error, begins a new run."""
    run = reader.of("mnist")
    position = match.value(match.leaf.kind.removeprefix("mnist.")) or 0
    back = reader.last_step is not None and (
        position < reader.last_step or (position == reader.last_step and reader.speaks_since(run, match))
    )
    if back or run.has("mnist.test_error"):
        run = reader.begin_new("mnist")
    reader.last_step = position
    run.add(match)


Rule = Callable[["Segmenter", Match], None]
RULES: dict[str, Rule] = {
    "document.fence": fence,
    "document.heading": header_of_document,
    "python.script_frame": crash,
    "shell.command": command,
    "tf_cnn_benchmarks.header": cnn_header,
    "tf_cnn_benchmarks.per_device": cnn_line,
    "tf_cnn_benchmarks.group": cnn_line,
    "tf_cnn_benchmarks.columns": cnn_line,
    "tf_cnn_benchmarks.phase": cnn_line,
    "tf_cnn_benchmarks.step": cnn_step,
    "tf_cnn_benchmarks.total": cnn_total,
    "tf_cnn_benchmarks.eval_step": cnn_evaluation,
    "tf_cnn_benchmarks.eval_accuracy": cnn_evaluation,
    "alexnet_benchmark.activation": alexnet_layer,
    "alexnet_benchmark.step": alexnet_step,
    "alexnet_benchmark.summary": alexnet_summary,
    "cifar10.filling": cifar_filling,
    "cifar10.step": cifar_step,
    "cifar10.precision": cifar_precision,
    "cifar10.eval_step": cifar_precision,
    "benchmark_logger.run": logger_run,
    "mnist.step": mnist_step,
    "mnist.epoch": mnist_step,
}

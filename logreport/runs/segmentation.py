"""Where a run begins and ends: several runs in one file, interleaved ranks, appended sessions, excerpts in documents.

A run goes on until something says that another has begun: a command, a header, a layer or step that was there before,
the next log of a document. Each rule stands in the function that decides it.
"""

from collections.abc import Callable, Iterable
from typing import Any

from logreport.grammar import Match
from logreport.runs.run import Run, Segmented

RESULTS = {
    "alexnet_benchmark": ("alexnet_benchmark.step", "alexnet_benchmark.summary"),
    "cifar10": ("cifar10.step", "cifar10.precision"),
    "all_reduce_benchmark": ("all_reduce_benchmark.iteration", "all_reduce_benchmark.average"),
    "benchmark_logger": ("benchmark_logger.run", "benchmark_logger.metric"),
    "mnist": ("mnist.step", "mnist.test_error", "mnist.loss", "mnist.epoch"),
    "tf_cnn_benchmarks": (
        "tf_cnn_benchmarks.step",
        "tf_cnn_benchmarks.total",
        "tf_cnn_benchmarks.eval_step",
        "tf_cnn_benchmarks.eval_accuracy",
    ),
}
FEWEST_HEADER_LINES = 3  # `Model: x` alone can stand in any text
SCRIPTS = {
    "alexnet_benchmark": "alexnet_benchmark",
    "benchmark_alexnet": "alexnet_benchmark",
    "cifar10_train": "cifar10",
    "cifar10_multi_gpu_train": "cifar10",
    "cifar10_eval": "cifar10",
    "convolutional": "mnist",
    "tf_cnn_benchmarks": "tf_cnn_benchmarks",
}
DEVICE_KINDS = ("tensorflow.device_", "tensorflow.cpu_", "tensorflow.xla_", "tensorflow.library")
AROUND = ("document", "published")
WHOLE = ("mnist", "all_reduce_benchmark", "benchmark_logger")  # scripts whose lines all belong to the open run


class Segmenter:
    """Partitions the matches of one source into runs.

    Args:
        source: the name of the source.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.found = Segmented()
        self.run: Run | None = None
        self.before: list[Match] = []  # matches that may belong to the run that comes next
        self.in_fence = False
        self.heading = ""
        self.last_step: int | None = None
        self.pass_start = 0  # alexnet: index of the first match of the pass that is being read

    def feed(self, matches: Iterable[Match]) -> None:
        """Take the matches of one chunk in."""
        for match in matches:
            kind = match.leaf.kind
            rule = RULES.get(kind)
            if rule is not None:
                rule(self, match, match.fields())
            else:
                self.feed_other(match, kind)

    def finish(self) -> Segmented:
        """Close what is open; lines that waited for a run that did not come belong to the last one."""
        self.close()
        if self.before:
            if self.found.runs:
                for match in self.before:
                    self.found.runs[-1].add(match)
            else:
                self.found.loose = self.before
        return self.found

    # How a run begins and ends

    def close(self) -> None:
        """End the open run; it is kept if it holds a result, or a header or layers that only its script prints."""
        run, self.run = self.run, None
        self.last_step, self.pass_start = None, 0
        if run is None:
            return
        if is_run(run):
            run.benchmark = run.benchmark or SCRIPTS.get(run.headers.get("script", ""))
            self.found.runs.append(run)
        else:
            own = [match for match in run.matches if match.leaf.kind.partition(".")[0] in (*RESULTS, "shell")]
            self.found.stray += own
            self.before = [match for match in run.matches if match not in own] + self.before

    def begin(self, benchmark: str | None) -> Run:
        """Begin a run with the lines that waited for it; a command above it stays its command."""
        previous = self.run
        waiting = (
            previous is not None and not has_results(previous) and previous.benchmark in (None, benchmark)
        )
        if waiting and previous is not None:
            previous.benchmark = benchmark
            return previous
        self.close()
        self.run = Run(self.source, benchmark, self.heading)
        for match in self.before:
            self.run.add(match)
        self.before = []
        return self.run

    def begin_new(self, benchmark: str) -> Run:
        """Begin a run whatever is open; the command that opened it without a result is carried over."""
        if self.run is not None and (has_results(self.run) or self.run.benchmark not in (None, benchmark)):
            self.close()
        elif self.run is not None and self.run.benchmark == benchmark:
            self.close()
        return self.begin(benchmark)

    def of(self, benchmark: str) -> Run:
        """The open run if it is one of this benchmark, else a new one."""
        if self.run is not None and self.run.benchmark == benchmark:
            return self.run
        return self.begin(benchmark)

    # Rules: lines that are no results

    def feed_other(self, match: Match, kind: str) -> None:
        """Runtime lines, tracebacks and lines of the user's grammars."""
        grammar, _, short = kind.partition(".")
        if grammar in AROUND:
            self.found.published.append(match)
        elif grammar in WHOLE:
            self.of(grammar).add(match)
        elif grammar not in STANDARD and short in ("step", "total", "summary", "header"):
            self.user_result(match, grammar, short)
        elif self.run is None or (kind.startswith(DEVICE_KINDS) and has_results(self.run)):
            self.before.append(match)  # devices are announced before a session: they belong to the next run
        elif is_complete(self.run) and not kind.startswith("python."):
            self.before.append(match)
        else:
            self.run.add(match)

    def user_result(self, match: Match, grammar: str, short: str) -> None:
        """A result of a grammar that logreport does not know: a step that is not after the last begins a new run."""
        run = self.of(grammar)
        step = match.fields().get("step") if short == "step" else None
        if step is not None and self.last_step is not None and step <= self.last_step:
            run = self.begin_new(grammar)
        self.last_step = step if step is not None else self.last_step
        run.add(match)

    def fence(self, _match: Match, _fields: dict[str, Any]) -> None:
        """A fence ends a run that has results: the next log of the document is another run."""
        self.in_fence = not self.in_fence
        if self.run is not None and (has_results(self.run) or has_started(self.run)):
            self.close()

    def header_of_document(self, match: Match, fields: dict[str, Any]) -> None:
        """A heading ends a run that has results, and forgets a command of the section before."""
        if self.in_fence:
            return
        self.heading = str(fields.get("text", ""))
        self.found.published.append(match)
        if self.run is not None and (has_results(self.run) or self.run.benchmark is None):
            self.close()

    def command(self, match: Match, fields: dict[str, Any]) -> None:
        """A command line begins a run; one without any output is replaced by the next."""
        stem = fields["script"].rpartition("/")[2].removesuffix(".py")
        self.close()
        run = self.begin(None)
        run.command = " ".join(
            part for part in (fields["head"], fields["script"], fields.get("arguments", "")) if part
        )
        run.headers["script"] = stem
        run.add(match)

    # Rules: tf_cnn_benchmarks

    def cnn_header(self, match: Match, fields: dict[str, Any]) -> None:
        """A header line; one that is there already is another rank's (same value, no step yet) or another run's."""
        run = self.of("tf_cnn_benchmarks")
        key, value = fields.get("key"), fields.get("value", "")
        if key in run.headers and (has_results(run) or run.headers[key] != value):
            run = self.begin_new("tf_cnn_benchmarks")
        elif key == "TensorFlow" and has_results(run):
            run = self.begin_new("tf_cnn_benchmarks")
        if key is not None:
            run.headers[key] = value
        run.add(match)

    def cnn_line(self, match: Match, fields: dict[str, Any]) -> None:
        """Other lines of the script: a model is built or warmed up again after the total of the run before."""
        run = self.of("tf_cnn_benchmarks")
        starts = str(fields.get("event", "")).startswith(("Generating", "Initializing", "Running warm"))
        if (starts or match.leaf.kind.endswith(".columns")) and run.has("tf_cnn_benchmarks.total"):
            run = self.begin_new("tf_cnn_benchmarks")
        run.add(match)

    def cnn_step(self, match: Match, fields: dict[str, Any]) -> None:
        """A step; going back begins a new run, unless other ranks print the same steps or the run was resumed."""
        run = self.of("tf_cnn_benchmarks")
        step = fields.get("step")
        if run.has("tf_cnn_benchmarks.total") and run.has("tf_cnn_benchmarks.step"):
            run = self.begin_new("tf_cnn_benchmarks")
        elif step is not None and self.last_step is not None and step < self.last_step:
            run = self.cnn_step_back(run, step, match)
        if step is not None:
            run.headers.setdefault("first step", str(step))
            self.last_step = step
        run.add(match)

    def cnn_step_back(self, run: Run, step: int, match: Match) -> Run:
        """Steps jump back: a rank that lags behind, a run that was resumed, or the first step of another run."""
        counts = step_counts(run)
        lags = counts.get(step, 0) > 0 and step >= max((s for s in counts if s < max(counts)), default=step)
        if match.rank is not None or (
            lags and counts[step] < max(2, max(counts.values()) + 1) and len(counts) > 1
        ):
            return run
        if str(step) == run.headers.get("first step"):
            return self.begin_new("tf_cnn_benchmarks")
        run.resumed_at.append((match.line, step))
        return run

    def cnn_total(self, match: Match, _fields: dict[str, Any]) -> None:
        """The total; a second one without steps between is another rank's where there are steps, else another run's."""
        run = self.of("tf_cnn_benchmarks")
        if run.has("tf_cnn_benchmarks.total") and not run.has("tf_cnn_benchmarks.step"):
            run = self.begin_new("tf_cnn_benchmarks")
        run.add(match)

    def cnn_evaluation(self, match: Match, _fields: dict[str, Any]) -> None:
        """A line of an evaluation, which may be the whole run or stand between training steps."""
        self.of("tf_cnn_benchmarks").add(match)

    # Rules: alexnet_benchmark

    def alexnet_layer(self, match: Match, fields: dict[str, Any]) -> None:
        """Layers come once, before anything else."""
        run = self.of("alexnet_benchmark")
        if has_results(run) or f"layer {fields['layer']}" in run.headers:
            run = self.begin_new("alexnet_benchmark")
        run.headers[f"layer {fields['layer']}"] = fields["shape"]
        run.add(match)

    def alexnet_step(self, match: Match, fields: dict[str, Any]) -> None:
        """A step; the numbering starts anew for each pass, so a step back without a summary is another run."""
        run = self.of("alexnet_benchmark")
        back = self.last_step is not None and fields["step"] <= self.last_step
        if back or "pass forward_backward" in run.headers or "pass None" in run.headers:
            run = self.begin_new("alexnet_benchmark")
        self.last_step = fields["step"]
        run.add(match)

    def alexnet_summary(self, match: Match, fields: dict[str, Any]) -> None:
        """The end of a pass; a pass that the run has already belongs, with its steps, to another run."""
        run = self.of("alexnet_benchmark")
        key = f"pass {fields.get('phase')}"
        if key in run.headers or (key == "pass forward" and "pass forward_backward" in run.headers):
            steps, start = run.matches[self.pass_start :], self.pass_start
            kept = run.matches[:start]
            run.matches, run.kinds = [], {}
            for old in kept:
                run.add(old)
            run = self.begin_new("alexnet_benchmark")
            for step in steps:
                run.add(step)
        run.headers[key] = ""
        run.add(match)
        self.last_step, self.pass_start = None, len(run.matches)

    # Rules: cifar10 and mnist

    def cifar_filling(self, match: Match, _fields: dict[str, Any]) -> None:
        """The start of a training run; old multi-GPU checkouts print it once per tower."""
        run = self.of("cifar10")
        if has_results(run):
            run = self.begin_new("cifar10")
        run.add(match)

    def cifar_step(self, match: Match, fields: dict[str, Any]) -> None:
        """A step; going back, another machine's name, or a step after an evaluation begins a new run."""
        run = self.of("cifar10")
        step, machine = fields["step"], fields.get("comment", "")
        back = self.last_step is not None and step < self.last_step and match.rank is None
        if back or run.has("cifar10.precision") or run.headers.get("machine", machine) != machine:
            run = self.begin_new("cifar10")
        run.headers["machine"] = machine
        self.last_step = step
        run.add(match)

    def cifar_precision(self, match: Match, _fields: dict[str, Any]) -> None:
        """An evaluation belongs to the training before it, also in another section of a document; else it is a run."""
        trained = self.found.runs[-1] if self.found.runs else None
        waiting = self.run is None or self.run.benchmark is None
        if waiting and trained is not None and trained.has("cifar10.step") and not trained.has("cifar10.precision"):
            trained.add(match)
        else:
            self.of("cifar10").add(match)

    def logger_run(self, match: Match, _fields: dict[str, Any]) -> None:
        """The settings of a run: each is another run."""
        self.begin_new("benchmark_logger").add(match)

    def mnist_step(self, match: Match, fields: dict[str, Any]) -> None:
        """A block of the training; going back, or a step after the test error, begins a new run."""
        run = self.of("mnist")
        position = fields.get("step", fields.get("epoch"))
        if (self.last_step is not None and position < self.last_step) or run.has("mnist.test_error"):
            run = self.begin_new("mnist")
        self.last_step = position
        run.add(match)


def has_results(run: Run) -> bool:
    """Whether a run holds a line with a result."""
    if run.benchmark in RESULTS:
        return run.has(*RESULTS[run.benchmark])
    return run.benchmark is not None and run.has(f"{run.benchmark}.step", f"{run.benchmark}.total")


def has_started(run: Run) -> bool:
    """Whether TensorFlow announced devices after the command of a run."""
    return bool(run.command) and any(kind.startswith("tensorflow.device_") for kind in run.kinds)


OPENINGS = (
    "alexnet_benchmark.activation",
    "cifar10.filling",
    "tf_cnn_benchmarks.phase",
    "tf_cnn_benchmarks.columns",
)


def is_run(run: Run) -> bool:
    """Whether what was read is a run: a result, or enough of what only its script prints."""
    header_lines = run.kinds.get("tf_cnn_benchmarks.header", 0)
    return has_results(run) or has_started(run) or run.has(*OPENINGS) or header_lines >= FEWEST_HEADER_LINES


def is_complete(run: Run) -> bool:
    """Whether the last line that a script prints is there."""
    return run.has("tf_cnn_benchmarks.total", "mnist.test_error") or "pass forward_backward" in run.headers


def step_counts(run: Run) -> dict[int, int]:
    """How often each step of a tf_cnn_benchmarks run was printed."""
    counts: dict[int, int] = {}
    for _, fields in run.of_kind("tf_cnn_benchmarks.step"):
        step = fields.get("step", 0)
        counts[step] = counts.get(step, 0) + 1
    return counts


STANDARD = {*RESULTS, "tensorflow", "python", "shell", "document", "published", "nccl", "openmp", "container"}
Rule = Callable[[Segmenter, Match, dict[str, Any]], None]
RULES: dict[str, Rule] = {
    "document.fence": Segmenter.fence,
    "document.heading": Segmenter.header_of_document,
    "shell.command": Segmenter.command,
    "tf_cnn_benchmarks.header": Segmenter.cnn_header,
    "tf_cnn_benchmarks.per_device": Segmenter.cnn_line,
    "tf_cnn_benchmarks.group": Segmenter.cnn_line,
    "tf_cnn_benchmarks.columns": Segmenter.cnn_line,
    "tf_cnn_benchmarks.phase": Segmenter.cnn_line,
    "tf_cnn_benchmarks.step": Segmenter.cnn_step,
    "tf_cnn_benchmarks.total": Segmenter.cnn_total,
    "tf_cnn_benchmarks.eval_step": Segmenter.cnn_evaluation,
    "tf_cnn_benchmarks.eval_accuracy": Segmenter.cnn_evaluation,
    "alexnet_benchmark.activation": Segmenter.alexnet_layer,
    "alexnet_benchmark.step": Segmenter.alexnet_step,
    "alexnet_benchmark.summary": Segmenter.alexnet_summary,
    "cifar10.filling": Segmenter.cifar_filling,
    "cifar10.step": Segmenter.cifar_step,
    "cifar10.precision": Segmenter.cifar_precision,
    "benchmark_logger.run": Segmenter.logger_run,
    "mnist.step": Segmenter.mnist_step,
    "mnist.epoch": Segmenter.mnist_step,
}

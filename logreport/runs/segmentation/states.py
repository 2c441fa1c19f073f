"""What can be said of a run that is still being read: whether it has results, is complete, or is a run at all."""

from logreport.runs.run import Run

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
USERS = (
    "header",
    "step",
    "iteration",
    "total",
    "summary",
    "average",
)  # kinds of a user's grammar that make a run
FEWEST_HEADER_LINES = 3  # `Model: x` alone can stand in any text


def has_results(run: Run) -> bool:
    """Whether a run holds a line with a result."""
    if run.benchmark in RESULTS:
        return run.has(*RESULTS[run.benchmark])
    return run.benchmark is not None and run.has(*(f"{run.benchmark}.{kind}" for kind in USERS[1:]))


def has_started(run: Run) -> bool:
    """Whether TensorFlow announced devices after the command of a run."""
    return bool(run.command) and any(kind.startswith("tensorflow.device_") for kind in run.by_kind)


OPENINGS = (
    "alexnet_benchmark.activation",
    "cifar10.filling",
    "tf_cnn_benchmarks.phase",
    "tf_cnn_benchmarks.columns",
)


def is_run(run: Run) -> bool:
    """Whether what was read is a run: a result, or enough of what only its script prints."""
    header_lines = len(run.by_kind.get("tf_cnn_benchmarks.header", ()))
    return (
        has_results(run)
        or has_started(run)
        or run.has("python.script_frame")
        or run.has(*OPENINGS)
        or header_lines >= FEWEST_HEADER_LINES
    )


def is_complete(run: Run) -> bool:
    """Whether the last line that a script prints is there."""
    return run.has("tf_cnn_benchmarks.total", "mnist.test_error") or "pass forward_backward" in run.headers

"""What the printed lines of each benchmark script mean: the facts that the statistics depend on.

Source: the scripts themselves (tensorflow/models and tensorflow/benchmarks), read and run.
"""

from typing import Literal, NamedTuple


class Script(NamedTuple):
    """How one script prints its steps.

    `lines`: "timestamps" (single steps, time stamps give windows), "cumulative" (mean since warm-up) or
    "interval" (mean since the line before). `rate_quantum` and `seconds_quantum`: the step of the last printed
    digit, in examples/s and s. `warms_up`: whether warm-up steps are printed as if they were results.
    """

    lines: Literal["timestamps", "cumulative", "interval"]
    rate_quantum: float | None
    seconds_quantum: float | None
    warms_up: bool


_SCRIPTS = {
    # durations, mean and SD are printed with %.3f
    "alexnet_benchmark": Script("timestamps", None, 0.001, warms_up=False),
    # speeds are printed with %.1f
    "cifar10": Script("interval", 0.1, None, warms_up=True),
    # milliseconds are printed with %.1f
    "mnist": Script("interval", None, 0.0001, warms_up=True),
    # speeds and their errors are printed with %.1f, after a warm-up that is not printed
    "tf_cnn_benchmarks": Script("cumulative", 0.1, None, warms_up=False),
}
_OTHER = Script("interval", None, None, warms_up=True)
_EVALUATION = Script(
    "interval", 0.1, None, warms_up=False
)  # "%d\t%.1f examples/sec", speed since the line before


def script_of(benchmark: str | None, phase: str | None, command: str | None) -> Script | None:
    """How the step lines of a phase are to be read; None where they say nothing about single windows.

    tf_cnn_benchmarks prints a moving average with `--display_perf_ewma`, which cannot be undone.
    """
    if benchmark == "tf_cnn_benchmarks":
        if command and "display_perf_ewma" in command:
            return None
        if phase == "evaluation":
            return _EVALUATION
    return _SCRIPTS.get(benchmark or "", _OTHER)

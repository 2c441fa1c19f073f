"""Command lines: what each is of, and whether a run can be what it printed."""

import re

from logreport.grammar import Match
from logreport.runs.run import Run
from logreport.runs.scripts.common import flags_of, literal, whole

COMMAND = "shell.command"
SCRIPTS = {
    "alexnet_benchmark": "alexnet_benchmark",
    "benchmark_alexnet": "alexnet_benchmark",
    "cifar10_train": "cifar10",
    "cifar10_multi_gpu_train": "cifar10",
    "cifar10_eval": "cifar10",
    "convolutional": "mnist",
    "tf_cnn_benchmarks": "tf_cnn_benchmarks",
}
# Flags, and the lines of the header that print them.
PRINTED = {
    "model": "Model",
    "variable_update": "Variables",
    "data_format": "Data format",
    "optimizer": "Optimizer",
}


def script_of(match: Match) -> str:
    """The name of the script that a command or a traceback is of, without its folder and its ending."""
    return str(match.value("script").rpartition("/")[2].removesuffix(".py"))


def read_command(run: Run, match: Match) -> None:
    """Make a command line that of a run."""
    run.command = " ".join(filter(None, map(match.value, ("head", "script", "arguments"))))
    run.headers["script"] = script_of(match)


def can_print(command: Match, run: Run) -> bool:
    """Whether a command can have printed a run: its script prints such lines, and the header has what it asks for."""
    script = script_of(command)
    if run.benchmark in SCRIPTS.values() and SCRIPTS.get(script) != run.benchmark:
        return False
    if script == "cifar10_eval" and run.has("cifar10.step"):
        return False
    flags = flags_of(command.value("arguments") or "")
    pairs = [
        (plain(literal(flags, flag) or ""), plain(run.headers.get(key, ""))) for flag, key in PRINTED.items()
    ]
    # `lenet` prints `lenet5`, and `resnet50_v1.5` may be called by its shorter name.
    return not any(
        asked and printed and not asked.startswith(printed) and not printed.startswith(asked)
        for asked, printed in pairs
    )


def has_its_batch(command: Match, run: Run) -> bool:
    """Whether the batch size that a command asks for is that of a device in the header, where both say one."""
    asked = whole(flags_of(command.value("arguments") or "").get("batch_size"))
    printed = [
        match.value("batch_size_per_device") for match in run.by_kind.get("tf_cnn_benchmarks.per_device", ())
    ]
    return asked is None or not printed or asked == printed[0]


def plain(model: str) -> str:
    """The name of a model without what its spellings differ in."""
    return re.sub(r"[^a-z0-9]", "", model.lower())

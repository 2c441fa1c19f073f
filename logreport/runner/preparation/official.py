"""The benchmark scripts that can be run: where each is in its repository, what it needs, what its success is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from logreport.tables.tables import Tables

LOG_FREQUENCY = 10  # steps between two lines of cifar10, in scripts without a flag for it


@dataclass(frozen=True)
class Script:
    """One official script.

    Args:
        name: what the user calls it.
        repository: a key of `fetching.REPOSITORIES`.
        path: where it is in a checkout.
        benchmark: its name in `runs.benchmark`.
        private: flags that name folders which the script deletes when it starts.
        data: "flag" where `--data_dir` names the data, "folder" where that is `data/` in the working
            directory, None where the script reads none.
        last_line: whether a last line says that it is done; cifar10's training has none.
    """

    name: str
    repository: str
    path: str
    benchmark: str
    private: tuple[str, ...] = ()
    data: str | None = None
    last_line: bool = True


def _cifar10(name: str, script: str, folder: str, *, last_line: bool) -> Script:
    path = f"tutorials/image/cifar10/{script}.py"
    return Script(name, "models", path, "cifar10", (folder,), data="flag", last_line=last_line)


_TF_CNN = "scripts/tf_cnn_benchmarks/tf_cnn_benchmarks.py"
SCRIPTS = {
    script.name: script
    for script in (
        Script("alexnet", "models", "tutorials/image/alexnet/alexnet_benchmark.py", "alexnet_benchmark"),
        _cifar10("cifar10", "cifar10_train", "train_dir", last_line=False),
        _cifar10("cifar10-multi-gpu", "cifar10_multi_gpu_train", "train_dir", last_line=False),
        _cifar10("cifar10-eval", "cifar10_eval", "eval_dir", last_line=True),
        Script("mnist", "models", "tutorials/image/mnist/convolutional.py", "mnist", data="folder"),
        Script("tf-cnn", "benchmarks", _TF_CNN, "tf_cnn_benchmarks", data="flag"),
    )
}


def succeeded(
    script: Script, exit_status: int | None, tables: Tables, values: Mapping[str, Any]
) -> str | None:
    """Why a run did not succeed; None where it did: exit status 0 and the script's last line.

    cifar10's training has no last line: its last step must be in the last `log_frequency` of `max_steps`.

    Args:
        script: what ran.
        exit_status: of its process; None where a signal ended it.
        tables: of its log.
        values: of its flags, from `Prepared.values`.
    """
    if exit_status is None:
        return "a signal ended it"
    if exit_status:
        return f"it ended with exit status {exit_status}"
    runs = [run for run in tables.rows("runs") if run["benchmark"] == script.benchmark]
    if not runs:
        return "it printed no result"
    if script.last_line:
        return (
            None if runs[-1]["status"] == "complete" else f"it is not complete: {runs[-1]['status_reason']}"
        )
    last = max((step for step in tables.columns["steps"]["step"] if step is not None), default=None)
    steps = int(values["max_steps"])
    if last is None or last < steps - int(values.get("log_frequency", LOG_FREQUENCY)):
        return f"its last line is of step {last}, of {steps} steps"
    return None

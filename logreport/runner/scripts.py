"""The benchmark scripts that can be run: where each is in its repository, what it needs, what its success is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from logreport.runs.tables import Tables


@dataclass(frozen=True)
class Script:
    """One official script.

    Args:
        name: what the user calls it.
        repository: a key of `fetching.REPOSITORIES`.
        path: where it is in a checkout.
        benchmark: its name in `runs.benchmark`.
        private: flags that name folders which the script deletes or fills; each gets a folder of its own.
        data: "flag" where `--data_dir` names the data, "folder" where it is `data/` in the working
            directory, None where the script reads no data.
        refuses: whether the script itself refuses flags that it does not know.
    """

    name: str
    repository: str
    path: str
    benchmark: str
    private: tuple[str, ...] = ()
    data: str | None = None
    refuses: bool = False

    @property
    def trains_cifar(self) -> bool:
        """Whether the script is one that prints no last line."""
        return "train_dir" in self.private


_IMAGE = "tutorials/image"
SCRIPTS = {
    script.name: script
    for script in (
        Script("alexnet", "models", f"{_IMAGE}/alexnet/alexnet_benchmark.py", "alexnet_benchmark"),
        Script(
            "cifar10", "models", f"{_IMAGE}/cifar10/cifar10_train.py", "cifar10", ("train_dir",), data="flag"
        ),
        Script(
            "cifar10-multi-gpu",
            "models",
            f"{_IMAGE}/cifar10/cifar10_multi_gpu_train.py",
            "cifar10",
            ("train_dir",),
            data="flag",
        ),
        Script(
            "cifar10-eval",
            "models",
            f"{_IMAGE}/cifar10/cifar10_eval.py",
            "cifar10",
            ("eval_dir",),
            data="flag",
        ),
        Script("mnist", "models", f"{_IMAGE}/mnist/convolutional.py", "mnist", data="folder"),
        Script(
            "tf-cnn",
            "benchmarks",
            "scripts/tf_cnn_benchmarks/tf_cnn_benchmarks.py",
            "tf_cnn_benchmarks",
            data="flag",
            refuses=True,
        ),
    )
}


def succeeded(script: Script, exit_status: int, tables: Tables, values: Mapping[str, Any]) -> str | None:
    """Why a run did not succeed; None where it did.

    Args:
        script: what ran.
        exit_status: of the process; negative is the signal that ended it.
        tables: of its log.
        values: of its flags, from `Prepared.values`.
    """
    if exit_status:
        return f"exit status {exit_status}" if exit_status > 0 else f"ended by signal {-exit_status}"
    raise NotImplementedError

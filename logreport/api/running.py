"""`logreport.run`: the one public function that starts something and writes, a log and its record."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from logreport.runner.running import Ran

Folder = str | os.PathLike[str]


def run(
    script: str,
    arguments: Sequence[str] = (),
    *,
    source: Folder | None = None,
    python: str = sys.executable,
    output: Folder = "runs",
    timeout: float | None = None,
    data_dir: Folder | None = None,
    synthetic_data: bool = False,
    device: Literal["cpu", "gpu"] | None = None,
    threads: int | None = None,
) -> "Ran":
    """Run an official script once and keep its log and record; a run that failed is returned too, and says why.

    Args:
        script: alexnet, cifar10, cifar10-multi-gpu, cifar10-eval, mnist or tf-cnn.
        arguments: the script's own flags, such as `--batch_size=32`.
        source: a checkout of tensorflow/models or tensorflow/benchmarks; None fetches the pinned one.
        python: an interpreter with TensorFlow.
        output: the folder for log and record.
        timeout: seconds after which the run is stopped.
        data_dir: the data set.
        synthetic_data: train on a random data set in CIFAR-10's format.
        device: where to run; None is what the flags say, and the CPU where there is no GPU.
        threads: how many TensorFlow may use.

    Raises:
        LogreportError: where it cannot be started, or its log cannot be kept.
    """
    from logreport.runner.plan import Plan
    from logreport.runner.running import run_once

    plan = Plan(
        script=script, arguments=tuple(arguments), source=None if source is None else os.fspath(source),
        python=python, timeout=timeout, data_dir=None if data_dir is None else os.fspath(data_dir),
        synthetic=synthetic_data, device=device, threads=threads,
    )  # fmt: skip
    return run_once(plan, Path(output))

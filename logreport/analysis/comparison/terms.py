"""How speeds are held against each other: the same for runs, devices and labels."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Terms:
    """What a comparison stands on.

    Args:
        baseline: a condition on the columns of runs, a source, or a label; None: the device that shares most workloads.
        margin: relative difference that is called the same.
        run_variation: relative SD that is assumed from run to run; repeats correct it.
        across_batch_sizes: compare speed per example whatever the batch size.
    """

    baseline: str | None
    margin: float
    run_variation: float
    across_batch_sizes: bool

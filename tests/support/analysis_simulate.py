"""Simulated runs: lognormal step times, AR(1) in the logarithm, printed and rounded as the scripts do."""

from datetime import timedelta

import numpy as np
from analysis_logs import START, add_run
from numpy.typing import NDArray

from logreport.tables.tables import Tables

Times = NDArray[np.float64]


def step_times(
    rng: np.random.Generator, shape: tuple[int, int], *, mean: float, cv: float, phi: float
) -> Times:
    """Step times (runs × steps, s) with mean `mean` exactly, coefficient of variation `cv` and lag-1 correlation φ."""
    runs, steps = shape
    noise = rng.standard_normal((steps, runs))
    for i in range(1, steps):
        noise[i] = phi * noise[i - 1] + np.sqrt(1 - phi**2) * noise[i]
    sigma = np.sqrt(np.log1p(cv**2))
    return mean * np.exp(sigma * noise.T - sigma**2 / 2)


def tf_cnn(times: Times, batch: int, name: str = "t", **run: object) -> Tables:
    """One tf_cnn_benchmarks run per row of `times`: lines at step 1, 10, 20, …; %.1f; the jitter of the last alone."""
    tables, steps = Tables(), [1, *range(10, times.shape[1] + 1, 10)]
    elapsed, speeds = np.cumsum(times, axis=1), batch / times
    rates = np.round([n * batch / elapsed[:, n - 1] for n in steps], 1).T.tolist()
    sems = np.round([speeds[:, :n].std(axis=1) / np.sqrt(n) for n in steps], 1).T.tolist()
    middle = np.median(speeds, axis=1, keepdims=True)
    jitters = np.round(1.4826 * np.median(abs(speeds - middle), axis=1), 1).tolist()
    for i, (rate, sem) in enumerate(zip(rates, sems, strict=True)):
        where = {"run_id": f"{name}{i}", "source": f"{name}{i}.log", "phase": "training"}
        add_run(tables, f"{name}{i}", "tf_cnn_benchmarks", **run)
        for n, r, e in zip(steps, rate, sem, strict=True):
            jitter = jitters[i] if n == steps[-1] else None
            tables.add("steps", **where, step=n, examples_per_second=r, sem=e, jitter=jitter, line=n)
        speed = {"n_steps": steps[-1], "examples_per_second": rate[-1], "method": "reported"}
        tables.add("phases", **where, batch_size=batch, **speed)
    return tables


def cifar10(times: Times, batch: int) -> Tables:
    """One cifar10_train run per row of `times`: a line of step 0, then one for every 10 steps; %.1f."""
    tables = Tables()
    windows = times.reshape(times.shape[0], -1, 10).mean(axis=2)
    for i, rates in enumerate(np.round(batch / windows, 1).tolist()):
        where = {"run_id": f"c{i}", "source": f"c{i}.log", "phase": "training"}
        add_run(tables, f"c{i}", "cifar10")
        tables.add("steps", **where, step=0, examples_per_second=rates[0] / 20)
        for j, rate in enumerate(rates):
            tables.add("steps", **where, step=10 * (j + 1), examples_per_second=rate)
        tables.add("phases", **where, batch_size=batch, method="computed")
    return tables


def alexnet(times: Times, batch: int, *, stamped: bool = True) -> Tables:
    """One alexnet_benchmark pass per row of `times`: a line every 10 steps from 0, time stamps of 1 µs; %.3f."""
    tables, steps = Tables(), times.shape[1]
    elapsed = np.cumsum(times, axis=1)
    for i, (own, at) in enumerate(zip(times, elapsed, strict=True)):
        where = {"run_id": f"a{i}", "source": f"a{i}.log", "phase": "forward"}
        mean, sd = round(float(own.mean()), 3), round(float(own.std()), 3)
        add_run(tables, f"a{i}", "alexnet_benchmark")
        for n in range(0, steps, 10):
            stamp = START + timedelta(seconds=float(at[n])) if stamped else None
            tables.add("steps", **where, step=n, timestamp=stamp, seconds_per_batch=round(float(own[n]), 3))
        tables.add(
            "steps",
            **where,
            step=steps,
            timestamp=START + timedelta(seconds=float(at[-1])) if stamped else None,
        )
        tables.add(
            "phases", **where, batch_size=batch, n_steps=steps, seconds_per_batch=mean, seconds_per_batch_sd=sd,
            examples_per_second=batch / mean if mean else None, method="reported",
        )  # fmt: skip
    return tables


def coverage(tables: Tables, speed: float) -> float:
    """Share of runs whose interval holds the true speed (examples/s)."""
    phases = tables.columns["phases"]
    pairs = zip(phases["examples_per_second_low"], phases["examples_per_second_high"], strict=True)
    return float(np.mean([low is not None and low <= speed <= high for low, high in pairs]))


def half_width(tables: Tables) -> float:
    """Mean half width of the intervals in % of the speed."""
    phases = tables.columns["phases"]
    pairs = zip(phases["examples_per_second_low"], phases["examples_per_second_high"], strict=True)
    return float(np.mean([50 * np.log(high / low) for low, high in pairs if low is not None]))

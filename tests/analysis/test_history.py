"""Speed over time: which runs are one history, and where it changed."""

import random
from datetime import timedelta

import pytest
from analysis_logs import START, add_run
from studies import courses

from logreport.tables.tables import Tables


def tables_of(speeds, **columns):
    """Runs of one workload, one a day, with these speeds; `columns` are values of runs, or functions of the day."""
    tables = Tables()
    for day, speed in enumerate(speeds):
        own = {name: value(day) if callable(value) else value for name, value in columns.items()}
        row = {"device": "T4", "model": "resnet50", "source": f"nightly/2020-01-{day:02}/run.log"} | own
        source, driver = row["source"], row.pop("driver", None)
        add_run(tables, f"r{day}", "tf_cnn_benchmarks", started_at=START + timedelta(days=day), **row)
        ends = {"examples_per_second_low": speed * 0.99, "examples_per_second_high": speed * 1.01}
        tables.add(
            "phases", run_id=f"r{day}", source=source, phase="training", batch_size=64, n_steps=100, line=9,
            seconds_per_batch=64 / speed, examples_per_second=speed, interval_method="printed", **ends,
        )  # fmt: skip
        tables.add(
            "steps", run_id=f"r{day}", source=source, phase="training", step=1, examples_per_second=speed
        )
        if driver:
            tables.add("environment", run_id=f"r{day}", source=source, key="driver_version", value=driver)
    return tables


def noisy(*means, spread=0.005, seed=1):
    """Speeds around means."""
    rng = random.Random(seed)  # noqa: S311 - a fixed seed
    return [mean * rng.lognormvariate(0, spread) for mean in means]


def test_a_slowdown_is_found_where_it_happened():
    """Ten days at 100, ten at 92: one change, at the eleventh run, with the true ratio in its interval."""
    (course,) = courses(tables_of(noisy(*[100] * 10, *[92] * 10)))
    (turn,) = course.turns
    assert turn.index == 10
    assert turn.low < 0.92 < turn.high
    assert [len(stretch.runs) for stretch in course.stretches] == [10, 10]


def test_several_changes():
    """Down and up again: both."""
    (course,) = courses(tables_of(noisy(*[100] * 8, *[80] * 8, *[100] * 8)))
    assert [turn.index for turn in course.turns] == [8, 16]
    assert course.turns[1].ratio == pytest.approx(1.25, rel=0.02)


def test_a_steady_speed_does_not_change():
    """Two hundred histories of twenty days without a change: at most 2 % show one."""
    found = [courses(tables_of(noisy(*[100] * 20, spread=0.02, seed=seed)))[0].turns for seed in range(200)]
    assert sum(map(bool, found)) <= 4


def test_what_changed_with_the_speed_is_said():
    """A driver or version that no run before the change had."""
    tables = tables_of(
        noisy(*[100] * 6, *[110] * 6),
        framework_version=lambda day: "2.4" if day < 6 else "2.5",
        driver=lambda day: "450" if day % 2 else "460",
    )
    (course,) = courses(tables)
    assert course.turns[0].changed == (("framework_version", "2.4", "2.5"),)


@pytest.mark.parametrize("known", [range(6), range(6, 12)], ids=["before", "after"])
def test_what_the_logs_of_one_side_do_not_say_is_no_change(known):
    """A driver that only the logs before a change name, or only those after it, did not change with the speed."""
    (course,) = courses(
        tables_of(noisy(*[100] * 6, *[110] * 6), driver=lambda day: "450" if day in known else None)
    )
    assert [turn.changed for turn in course.turns] == [()]


def test_five_runs_are_a_history_without_a_test():
    """There are too few for one, even where the speed halves."""
    (course,) = courses(tables_of([100, 100, 100, 50, 50]))
    assert course.turns == ()


@pytest.mark.parametrize(
    "columns",
    [
        {"device": lambda day: f"T{day}"},
        {"batch_size": lambda day: 32 * (day + 1)},
        {"source": lambda day: f"box/{'abcdefgh'[day]}.log"},
        {"command": lambda day: f"python x.py --threads={day}"},
        {"device": None},
    ],
)
def test_other_runs_are_not_one_history(columns):
    """Another device, command or name, or none: no history of one."""
    tables = tables_of([100] * 4, **columns)
    if "batch_size" in columns:
        tables.columns["phases"]["batch_size"] = [32 * (day + 1) for day in range(4)]
    assert courses(tables) == []


def test_months_and_container_names_do_not_tell_set_ups_apart():
    """Folders called by their month, and Docker's random host names, are not other machines."""
    tables = tables_of([100] * 4, source=lambda day: f"{('jan', 'Feb', 'march', 'May')[day]}/run.log")
    for day in range(4):
        source = tables.columns["runs"]["source"][day]
        tables.add("environment", run_id=f"r{day}", source=source, key="host", value=f"{day:x}f2a91bc33de")
    assert len(courses(tables)) == 1


def test_a_number_with_an_error_is_no_point():
    """A run that failed its own checks says nothing about speed."""
    tables = tables_of([100] * 4)
    source = tables.columns["runs"]["source"][0]
    tables.add(
        "findings", run_id="r0", source=source, severity="error", code="x", message="y", phase="training"
    )
    (course,) = courses(tables)
    assert [run.run_id for run in course.runs] == ["r1", "r2", "r3"]

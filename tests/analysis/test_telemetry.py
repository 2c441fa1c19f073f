"""Power, images per joule, and what held a clock down: on a log whose series says so second by second."""

import json

import pytest
import recorded

from logreport import api

FAST, SLOW = 128.0, 64.0  # images/s: a window of ten steps of 64 takes 5 s, or 10 s


def tables_of(path):
    """The tables of a log, judged."""
    reading = api.read_logs(api.sources_of([path]))
    assert reading.errors == []
    return reading.tables


@pytest.fixture
def slowed(tmp_path):
    """60 s at full clock and 300 W, then 120 s at half of it and 200 W, in which heat held the clock down; a card beside idles."""
    speeds = [FAST] * 12 + [SLOW] * 12
    used = recorded.looks_of("gpu 0", [(300.0, 1.8e9, "power")] * 60 + [(200.0, 0.9e9, "heat power")] * 121)
    beside = recorded.looks_of("gpu 1", [(30.0, 0.2e9, "")] * 181)
    looks = sorted([*used, *beside], key=lambda look: (look.time, look.device))
    cards = (recorded.gpu(1), recorded.gpu(2))
    created = recorded.CREATED.format(at=recorded.START, name="GeForce RTX 3090", pci="0000:01:00.0")
    log = recorded.tf_cnn_log(speeds, created=created)
    return recorded.keep(tmp_path, "slowed", log, seconds=180.0, gpus=cards, looks=looks)


def test_the_cause_of_a_slow_down_is_named(slowed):
    """The step, the reason that was not there before, its share, and both clocks; the power limit was there all the time."""
    (found,) = [row for row in tables_of(slowed).rows("findings") if row["code"] == "slows-down"]
    details = json.loads(found["details"])
    assert (details["step"], details["how"], details["device"], details["share"]) == (
        120,
        "at-once-heat-clock",
        "GPU 0",
        100.0,
    )
    assert (details["before"], details["after"]) == pytest.approx((1.8, 0.9), rel=0.02)
    assert "heat held GPU 0 down in 100 % of the looks since then, from 1.80 to 0.90 GHz" in found["message"]


def test_a_slow_down_that_the_series_does_not_explain_has_no_cause(tmp_path):
    """The same steps, and a card that did the same all the time."""
    looks = recorded.looks_of("gpu 0", [(300.0, 1.8e9, "power")] * 181)
    created = recorded.CREATED.format(at=recorded.START, name="GeForce RTX 3090", pci="0000:01:00.0")
    log = recorded.tf_cnn_log([FAST] * 12 + [SLOW] * 12, created=created)
    path = recorded.keep(tmp_path, "a", log, seconds=180.0, gpus=(recorded.gpu(1),), looks=looks)
    (found,) = [row for row in tables_of(path).rows("findings") if row["code"] == "slows-down"]
    assert json.loads(found["details"])["how"] == "at-once"


def test_the_energy_is_that_of_the_device_that_was_used(slowed):
    """59 s at 300 W, one second between, 120 s at 200 W are 41 950 J; the card beside took 5 400, which are not of the run."""
    tables = tables_of(slowed)
    (run,) = tables.rows("runs")
    assert run["energy_joules"] == pytest.approx(59 * 300 + 250 + 120 * 200)
    assert (run["device_uuid"], run["device_kind"]) == ("GPU-111", "gpu")
    power = {row["device"]: row for row in tables.rows("telemetry") if row["quantity"] == "power_watts"}
    assert [(d, row["joules"], row["used"], row["uuid"]) for d, row in power.items()] == [
        ("gpu 0", pytest.approx(41950.0), True, "GPU-111"), ("gpu 1", pytest.approx(5400.0), False, "GPU-222"),
    ]  # fmt: skip


def test_images_per_joule_are_those_of_the_steps(tmp_path):
    """A minute before the steps at 50 W does not count: 24 windows of 5 s at 300 W, 128 images/s, are 0.4267 images/J."""
    looks = recorded.looks_of("gpu 0", [(50.0, 1.0e9, "")] * 60 + [(300.0, 1.8e9, "")] * 121)
    created = recorded.CREATED.format(at=recorded.START, name="GeForce RTX 3090", pci="0000:01:00.0")
    log = recorded.tf_cnn_log([FAST] * 24, created=created)
    path = recorded.keep(tmp_path, "a", log, seconds=180.0, gpus=(recorded.gpu(1),), looks=looks)
    tables = tables_of(path)
    (phase,) = tables.rows("phases")
    (run,) = tables.rows("runs")
    assert phase["power_watts"] == pytest.approx(300.0, rel=1e-3)
    assert phase["examples_per_joule"] == pytest.approx(FAST / 300, rel=1e-3)
    assert run["power_watts"] == pytest.approx((60 * 50 + 121 * 300) / 181)


def test_a_run_that_was_killed_has_its_series(tmp_path):
    """Its record has no end, and its series is the file of lines, of which the last was cut off."""
    looks = recorded.looks_of("gpu 0", [(300.0, 1.8e9, "")] * 10)
    created = recorded.CREATED.format(at=recorded.START, name="GeForce RTX 3090", pci="0000:01:00.0")
    log = recorded.tf_cnn_log([FAST] * 3, created=created).partition(b"---")[0]
    path = recorded.keep(tmp_path, "a", log, gpus=(recorded.gpu(1),), end=None)
    lines = recorded.HEAD_OF_SERIES + b"".join(map(recorded.line_of, looks))
    path.with_suffix(".telemetry.csv").write_bytes(lines[:-9])
    tables = tables_of(tmp_path)
    (run,) = tables.rows("runs")
    assert (run["status"], run["energy_joules"], tables.count("samples")) == ("truncated", 8 * 300.0, 9)


def test_a_long_series_is_thinned_and_its_energy_is_not(tmp_path):
    """Three hours are 10 800 looks; the tables have every nineteenth and the last, and the energy of all."""
    looks = recorded.looks_of("gpu 0", [(300.0, 1.8e9, "")] * 10801)
    path = recorded.keep(
        tmp_path, "a", recorded.tf_cnn_log([FAST] * 24), seconds=10800.0, gpus=(recorded.gpu(1),), looks=looks,
    )  # fmt: skip
    tables = tables_of(path)
    assert tables.count("samples") == 570
    assert tables.columns["runs"]["energy_joules"] == [pytest.approx(10800 * 300.0)]
    assert tables.columns["samples"]["joules"][-1] == pytest.approx(10800 * 300.0)


def test_a_damaged_series_is_one_error(tmp_path):
    """The run counts without it."""
    path = recorded.keep(tmp_path, "a", recorded.tf_cnn_log([FAST] * 24), gpus=())
    path.with_suffix(".telemetry.parquet").write_bytes(b"PAR1 and no more")
    reading = api.read_logs(api.sources_of([path]))
    assert [str(error).partition(";")[0] for error in reading.errors] == [
        f"{path.with_suffix('.telemetry.parquet')}: is a damaged series of a run"
    ]
    assert reading.tables.columns["runs"]["status"] == ["complete"]


def test_the_series_of_several_runs_of_one_log_is_parted_by_their_times(tmp_path):
    """Two runs in one log, one after the other: each has the energy of its own time."""
    lines = []
    for minute in (0, 1):
        stamps = [f"2020-11-02 10:0{minute}:{second:02}.000000" for second in range(0, 60, 5)]
        steps = [f"{stamp}: step {10 * n}, duration = 0.500" for n, stamp in enumerate(stamps)]
        lines += [
            "conv1   [128, 56, 56, 64]",
            *steps,
            f"{stamps[-1]}: Forward across 120 steps, 0.500 +/- 0.001 sec / batch",
        ]
    log = "\n".join([*lines, ""]).encode()
    looks = recorded.looks_of("cpu", [(100.0, 2e9, None)] * 58 + [(200.0, 2e9, None)] * 60)
    path = recorded.keep(
        tmp_path, "two", log, gpus=(), looks=looks, benchmark="alexnet_benchmark", command=("python", "alexnet_benchmark.py"),
    )  # fmt: skip
    runs = list(tables_of(path).rows("runs"))
    assert [run["energy_joules"] for run in runs] == [pytest.approx(55 * 100.0), pytest.approx(55 * 200.0)]


def test_no_card_is_named_where_names_are_taken_out(tmp_path):
    """UUID and serial number are placeholders, the same wherever they stand, also in the variable that chose the card."""
    uuid = "GPU-8a5e2f0c-1b2d-4c3e-9f00-a1b2c3d4e5f6"
    cards = (recorded.gpu(1, uuid=uuid, serial="0324517099999"), recorded.gpu(2))
    looks = recorded.looks_of("gpu 0", [(300.0, 1.8e9, "")] * 10)
    created = recorded.CREATED.format(at=recorded.START, name="GeForce RTX 3090", pci="0000:01:00.0")
    path = recorded.keep(
        tmp_path, "a", recorded.tf_cnn_log([FAST] * 24, created=created), gpus=cards, looks=looks,
        environment={"CUDA_VISIBLE_DEVICES": uuid},
    )  # fmt: skip
    tables = api.read_logs(api.sources_of([path]), redact=True).tables
    assert tables.columns["devices"]["uuid"] == tables.columns["runs"]["device_uuid"] == ["card-1"]
    assert set(tables.columns["telemetry"]["uuid"]) == {"card-1"}
    assert tables.columns["devices"]["serial"] == ["serial-1"]
    said = dict(
        zip(tables.columns["environment"]["key"], tables.columns["environment"]["value"], strict=True)
    )
    assert said["variables"] == "CUDA_VISIBLE_DEVICES=card-1"
    assert not any(secret in repr(tables.columns) for secret in (uuid, "0324517099999"))

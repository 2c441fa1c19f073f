"""Series over devices, batch sizes and versions."""

import pytest
from analysis_logs import add_cumulative, add_run
from studies import scaling_of

from logreport.analysis import analyze
from logreport.analysis.trends.scaling import Scaling
from logreport.tables.tables import Tables


def tables_of(*runs):
    """Analysed tables of resnet50 on T4s: (speed, devices, global batch, version), and a path of its own if given."""
    tables = Tables()
    for i, (speed, devices, batch, version, *path) in enumerate(runs):
        source = path[0] if path else f"d{i}/1.log"
        name = " + ".join(["T4"] * min(devices, 1))
        row = {
            "model": "resnet50",
            "device": name,
            "device_kind": "gpu",
            "num_devices": devices,
            "source": source,
        }
        add_run(tables, f"r{i}", "tf_cnn_benchmarks", framework_version=version, **row)
        rates = [speed + w for w in (0.0, 0.8, -0.6, 0.4, -0.2, 0.5, -0.5, 0.3, -0.1, 0.2, 0.0)]
        add_cumulative(tables, f"r{i}", [1, *range(10, 101, 10)], rates, batch=batch, sem=0.1, source=source)
    analyze(tables)
    return tables


def test_over_devices():
    """Twice the devices at the same batch a device give 1.9×: an efficiency of 95 %."""
    (series,) = scaling_of(
        tables_of((950.0, 2, 128, "2.2"), (500.0, 1, 64, "2.2"), (100.0, 1, 32, "2.2"))
    ).devices
    assert [p.at for p in series.points] == [1, 2]
    assert series.points[1].speedup == pytest.approx(1.9)
    assert series.points[1].efficiency == pytest.approx(0.95)
    assert series.points[1].low < 1.9 < series.points[1].high
    assert series.points[0].low is None


def test_over_devices_with_one_batch_for_all_of_them():
    """Four devices that share a batch of 64 give 2×: an efficiency of 50 %; weak scaling is another series."""
    found = scaling_of(
        tables_of(
            (500.0, 1, 64, "2.2"), (1000.0, 4, 64, "2.2"), (1800.0, 4, 256, "2.2"), (900.0, 1, 256, "1.15")
        )
    )
    (series,) = found.strong
    assert [(p.at, p.side.speed.value) for p in series.points] == [(1, 500.0), (4, 1000.0)]
    assert (series.points[1].speedup, series.points[1].efficiency) == (pytest.approx(2.0), pytest.approx(0.5))
    assert series.workload.batch_size == 64
    (weak,) = found.devices
    assert [p.side.speed.value for p in weak.points] == [500.0, 1800.0]


def test_over_batch_sizes():
    """Speed per example from the smallest batch up."""
    (series,) = scaling_of(
        tables_of((500.0, 1, 64, "2.2"), (300.0, 1, 16, "2.2"), (450.0, 1, 32, "2.2"))
    ).batch_sizes
    assert [p.at for p in series.points] == [16, 32, 64]
    assert series.workload.batch_size is None
    assert all(p.efficiency is None for p in series.points)


def test_over_versions():
    """1.9 comes before 1.15, and that before 2.2."""
    runs = [(500.0, 1, 64, v) for v in ("2.2", "1.15", "1.9")]
    (series,) = scaling_of(tables_of(*runs)).versions
    assert [p.at for p in series.points] == ["1.9", "1.15", "2.2"]


def test_a_single_point_is_no_series():
    """Nothing to compare with."""
    tables = tables_of((500.0, 1, 64, "2.2"))
    assert scaling_of(tables) == Scaling((), (), (), ())


def shape(series):
    """Name of the set-up and speedups of each series."""
    return sorted((s.setup, [round(p.speedup, 2) for p in s.points]) for s in series)


def test_set_ups_are_not_mixed_along_a_series():
    """With and without XLA on one machine: each has its own series, although the log does not say which is which."""
    runs = [
        (speed * count, count, 64 * count, "2.2", f"box{xla}/{count}gpus/1.log")
        for xla, speed in (("", 100.0), ("_XLA", 300.0))
        for count in (1, 2, 4)
    ]
    assert shape(scaling_of(tables_of(*runs)).devices) == [("", [1, 2, 4]), ("XLA", [1, 2, 4])]


def test_versions_meet_the_set_up_that_is_named_alike():
    """A second set-up, a running number and a folder whose name is wrong about the version change no pair."""
    runs = [
        (100.0, 1, 64, "1.15", "T4_trt_TF1_15/1.log"),
        (500.0, 1, 64, "1.15", "T4_XLA_trt_TF1_15/1.log"),
        (900.0, 1, 64, "1.15", "T4_NVLink_XLA_trt_TF2_2/1.log"),
        (110.0, 1, 64, "1.15", "T4_trt2_TF1_15/1.log"),
        (120.0, 1, 64, "2.2", "T4_trt_TF2_2/1.log"),
        (600.0, 1, 64, "2.2", "T4_XLA_trt_TF2_2/1.log"),
    ]
    assert shape(scaling_of(tables_of(*runs)).versions) == [("", [1, 1.2]), ("XLA", [1, 1.2])]


def test_what_cannot_be_told_apart_is_in_no_series():
    """Two set-ups that are equally near to the one before: which of them follows is not guessed."""
    runs = [
        (100.0, 1, 64, "2.2", "a/x.log"),
        (190.0, 2, 128, "2.2", "b/y.log"),
        (90.0, 2, 128, "2.2", "c/z.log"),
    ]
    assert scaling_of(tables_of(*runs)).devices == ()
    numbered = [
        (100.0, 1, 64, "2.2", "x1y.log"),
        (190.0, 2, 128, "2.2", "x2y.log"),
        (90.0, 2, 128, "2.2", "x3y.log"),
    ]
    assert scaling_of(tables_of(*numbered)).devices == ()


def test_a_word_that_tells_set_ups_apart_does_so_everywhere():
    """Where one workload ran with and without XLA, another that ran once each way is no series over versions."""
    runs = [
        (100.0, 1, 64, "1.15", "box/1.log"),
        (150.0, 1, 64, "1.15", "box_XLA/1.log"),
        (300.0, 1, 32, "1.15", "box_XLA/2.log"),
        (200.0, 1, 32, "2.2", "box/3.log"),
    ]
    assert scaling_of(tables_of(*runs)).versions == ()
    assert len(scaling_of(tables_of(*runs[2:])).versions) == 1


def test_other_words_of_a_path_are_told():
    """A series is along one thing as far as the log says; what its path says is told."""
    runs = [(100.0, 1, 64, "1.15", "box_XLA/1.log"), (90.0, 1, 64, "2.2", "box/1.log")]
    (series,) = scaling_of(tables_of(*runs)).versions
    assert series.differs == ("XLA",)

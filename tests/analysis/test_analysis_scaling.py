"""Series over devices, batch sizes and versions."""

import pytest
from analysis_logs import add_cumulative, add_run

from logreport.analysis import analyze, over_batch_sizes, over_devices, over_versions
from logreport.runs.tables import Tables


def tables_of(*runs):
    """Analysed tables of resnet50 on T4s: (speed, devices, global batch, version)."""
    tables = Tables()
    for i, (speed, devices, batch, version) in enumerate(runs):
        name = " + ".join(["T4"] * min(devices, 1))
        row = {
            "model": "resnet50",
            "device": name,
            "device_kind": "gpu",
            "num_devices": devices,
            "source": f"d{i}/1.log",
        }
        add_run(tables, f"r{i}", "tf_cnn_benchmarks", framework_version=version, **row)
        rates = [speed + w for w in (0.0, 0.8, -0.6, 0.4, -0.2, 0.5, -0.5, 0.3, -0.1, 0.2, 0.0)]
        add_cumulative(
            tables, f"r{i}", [1, *range(10, 101, 10)], rates, batch=batch, sem=0.1, source=f"d{i}/1.log"
        )
    analyze(tables)
    return tables


def test_over_devices():
    """Twice the devices at the same batch a device give 1.9×: an efficiency of 95 %."""
    (series,) = over_devices(tables_of((950.0, 2, 128, "2.2"), (500.0, 1, 64, "2.2"), (100.0, 1, 32, "2.2")))
    assert [p.at for p in series.points] == [1, 2]
    assert series.points[1].speedup == pytest.approx(1.9)
    assert series.points[1].efficiency == pytest.approx(0.95)
    assert series.points[1].low < 1.9 < series.points[1].high
    assert series.points[0].low is None


def test_over_batch_sizes():
    """Speed per example from the smallest batch up."""
    (series,) = over_batch_sizes(
        tables_of((500.0, 1, 64, "2.2"), (300.0, 1, 16, "2.2"), (450.0, 1, 32, "2.2"))
    )
    assert [p.at for p in series.points] == [16, 32, 64]
    assert series.workload.batch_size is None
    assert all(p.efficiency is None for p in series.points)


def test_over_versions():
    """1.9 comes before 1.15, and that before 2.2."""
    runs = [(500.0, 1, 64, v) for v in ("2.2", "1.15", "1.9")]
    (series,) = over_versions(tables_of(*runs))
    assert [p.at for p in series.points] == ["1.9", "1.15", "2.2"]


def test_a_single_point_is_no_series():
    """Nothing to compare with."""
    tables = tables_of((500.0, 1, 64, "2.2"))
    assert over_devices(tables) == over_batch_sizes(tables) == over_versions(tables) == []

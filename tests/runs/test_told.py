"""What a machine is told by: runs with the same lines share what was worked out, and nothing else."""

from logreport.runs.reading import read
from logreport.sources.source import memory_source

HEAD = "2020-03-13 16:32:3{}.000001: I tensorflow/core/common_runtime/gpu/gpu_device.cc:1555] Found device 0 with properties: \n"
NAME = "pciBusID: 0000:0{}:00.0 name: Tesla T4 computeCapability: 7.5\n"
OPENED = "2020-03-13 16:32:3{}.000002: I tensorflow/stream_executor/platform/default/dso_loader.cc:44] Successfully opened dynamic library libcudart.so.10.1\n"
RESULT = "1\timages/sec: 51.8 +/- 0.0 (jitter = 0.0)\t7.593\ntotal images/sec: 51.80\n"


def tables_of(text):
    """The columns of devices and environment of a log."""
    columns = read([memory_source("a.log", text.encode())]).tables.columns
    return columns["devices"], columns["environment"]


def test_the_same_lines_at_other_times_and_places_give_the_same_rows():
    """Only the line numbers differ, which are those of each log."""
    first = tables_of(HEAD.format(0) + NAME.format(1) + OPENED.format(1) + RESULT)
    later = tables_of("x\n" * 9 + HEAD.format(5) + NAME.format(1) + "x\n" + OPENED.format(6) + RESULT)
    for one, other in zip(first, later, strict=True):
        assert [one[name] for name in ("source", "line")] != [other[name] for name in ("source", "line")]
        for name in one.keys() - {"line", "run_id"}:
            assert one[name] == other[name], name
    assert (first[0]["line"], later[0]["line"]) == ([1], [10])
    assert (first[1]["line"], later[1]["line"]) == ([3, 3], [13, 13])


def test_one_other_value_is_another_machine():
    """Two cards that differ in their address alone are two cards."""
    one, _ = tables_of(HEAD.format(0) + NAME.format(1) + RESULT)
    two, _ = tables_of(HEAD.format(0) + NAME.format(2) + RESULT)
    assert (one["pci_bus_id"], two["pci_bus_id"]) == (["0000:01:00.0"], ["0000:02:00.0"])


def test_how_far_lines_are_apart_counts_for_devices():
    """A name so far below an announcement is another device's, though the lines are the same."""
    near, _ = tables_of(HEAD.format(0) + NAME.format(1) + RESULT)
    far, _ = tables_of(HEAD.format(0) + "x\n" * 70 + NAME.format(1) + RESULT)
    assert (near["line"], far["line"]) == ([1], [72])

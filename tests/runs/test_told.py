"""What a machine is told by: runs with the same lines share what was worked out, and nothing else."""

from logreport.grammar import load_engine, loading
from logreport.grammar.scanning import forms, records
from logreport.runs.machine import told
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


def test_what_is_remembered_of_machines_has_a_bound(monkeypatch):
    """Thousands of machines take no more memory than some, and one of very many lines none; the rows stay right."""
    monkeypatch.setattr(told, "MOST", 4000)
    monkeypatch.setattr(told._DEVICES, "known", {})
    monkeypatch.setattr(told._DEVICES, "size", 0)
    for place in range(1, 10):
        devices, _ = tables_of(HEAD.format(0) + NAME.format(place) + RESULT)
        assert devices["pci_bus_id"] == [f"0000:0{place}:00.0"]
        assert 0 < told._DEVICES.size <= told.MOST
        assert 1 <= len(told._DEVICES.known) <= 3
    many = "".join(
        HEAD.format(0).replace("device 0", f"device {place}") + NAME.format(place) for place in range(1, 10)
    )
    devices, _ = tables_of(many + RESULT)
    assert devices["pci_bus_id"] == [f"0000:0{place}:00.0" for place in range(1, 10)]
    assert (told._DEVICES.size, told._DEVICES.known) == (0, {})


def leaf_of(line):
    """The leaf and the raw values of a line."""
    [match] = [
        match for scan in load_engine().scan(memory_source("a.log", line).chunks()) for match in scan.records
    ]
    return match.leaf, match.values


def test_a_form_is_one_object_and_long_lines_are_not_remembered():
    """Lines that differ in their times have one form; lines of megabytes leave nothing of them behind."""
    known = forms.Forms()
    line = "2020-03-13 16:32:3{}.000001: W tensorflow/core/a.cc:1] {}\n"
    short = [known.of(*leaf_of(line.format(n, "word " * 10).encode())) for n in range(2)]
    assert short[0][0] is short[1][0]
    assert [times for _, times in short] == [(f"2020-03-13 16:32:3{n}.000001".encode(),) for n in range(2)]
    long = [known.of(*leaf_of(line.format(n, "word " * 1000).encode()))[0] for n in range(2)]
    assert long[0].template == long[1].template
    assert len(known.known) == 1
    assert known.size < 1000


def test_what_is_remembered_of_forms_has_a_bound(monkeypatch):
    """Where they are too many, all are forgotten, and the ids of runs stay what they were."""
    text = "".join(HEAD.format(place % 10) + NAME.format(place % 7) for place in range(40)) + RESULT
    source = memory_source("a.log", text.encode())
    whole = read([source]).tables.columns["runs"]["run_id"]
    monkeypatch.setattr(forms, "MOST", 2000)
    monkeypatch.setattr(forms, "FORMS", known := forms.Forms())
    monkeypatch.setattr(records, "FORMS", known)
    monkeypatch.setenv("LOGREPORT_ENGINE", "python")
    loading.engine_of.cache_clear()
    assert read([source]).tables.columns["runs"]["run_id"] == whole
    assert 0 < known.size < 3000
    loading.engine_of.cache_clear()

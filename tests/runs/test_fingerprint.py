"""The release from file and line numbers: own runs of 32 wheels, damaged evidence, and speed."""

import re
import time

import pytest

from logreport.grammar import Records, load_engine
from logreport.runs.machine.tensorflow_release import infer, proof, table
from logreport.sources.source import Source, memory_source

LINE = "2020-03-13 16:32:30.000001: I tensorflow/core/{}] {}"
FOUND = "Found device 0 with properties:"
VISIBLE = "Adding visible gpu devices: 0"
CLOCK = "CPU Frequency: 2596120000 Hz"


def infer_from(*lines):
    """What lines `(place, message)` prove."""
    return infer(records_of(*lines))


def records_of(*lines):
    """The records of such lines."""
    text = "\n".join(LINE.format(place, message) for place, message in lines) + "\n"
    return matches_of(memory_source("x.log", text.encode()))


def matches_of(source):
    """All records of a source."""
    return Records.of(match for scan in load_engine().scan(source.chunks()) for match in scan.records)


def test_one_line_can_prove_a_release():
    """gpu_device.cc:1555 announces devices in 2.1 and in no other release."""
    records = records_of(*[("common_runtime/gpu/gpu_device.cc:1555", FOUND)] * 2)
    found = infer(records)
    assert found is not None
    assert (found.release, proof(records, found), found.share) == ("2.1", [1], 1.0)


def test_a_place_counts_for_its_message_only():
    """Line 1030 of gpu_device.cc creates devices in 1.2 and announces them in 1.4."""
    assert infer_from(("common_runtime/gpu/gpu_device.cc:1030", FOUND)).release == "1.4"
    created = "Creating TensorFlow device (/gpu:0) -> (device: 0, name: Tesla K80, pci bus id: 0000:00:04.0)"
    assert infer_from(("common_runtime/gpu/gpu_device.cc:1030", created)).release == "1.2"


def test_lines_together_say_more_than_each():
    """Releases that all lines allow are left; several are a range."""
    assert infer_from(("profile_utils/cpu_utils.cc:94", CLOCK)).release == "1.11–2.1"
    both = infer_from(
        ("profile_utils/cpu_utils.cc:94", CLOCK), ("common_runtime/gpu/gpu_device.cc:1746", VISIBLE)
    )
    assert both.releases == ("1.15", "2.0")
    assert both.release == "1.15–2.0"


def test_windows_paths_and_base_names_are_places_too():
    """Only the file's own name counts, however its folders are written."""
    for prefix in (
        r"2018-03-22 03:07:54.623130: I T:\src\github\tensorflow\tensorflow\core\common_runtime\gpu\gpu_device.cc:1392] ",
        "I0000 00:00:1795299690.541702     321 gpu_device.cc:1392] ",
    ):
        assert infer(matches_of(memory_source("x.log", f"{prefix}{FOUND}\n".encode()))).release == "1.9"


def test_a_line_that_fits_no_release_is_no_evidence():
    """Distributors shift lines; what is not in the table says nothing."""
    assert infer_from(("common_runtime/gpu/gpu_device.cc:1544", FOUND)) is None
    assert (
        infer_from(("common_runtime/gpu/gpu_device.cc:1", FOUND), ("gpu_device.cc:1555", FOUND)).release
        == "2.1"
    )


def test_most_lines_decide_where_one_disagrees():
    """One shifted line that happens to fit another release does not outvote the others."""
    lines = [
        ("common_runtime/gpu/gpu_device.cc:1561", FOUND),
        ("common_runtime/gpu/gpu_device.cc:1703", VISIBLE),
        ("profile_utils/cpu_utils.cc:94", CLOCK),
    ]
    records = records_of(*lines)
    found = infer(records)
    assert (found.release, proof(records, found)) == ("2.2", [1, 2])
    assert found.share == pytest.approx(2 / 3)


def test_two_lines_that_disagree_prove_nothing():
    """Two releases with one line each: the log cannot tell."""
    assert (
        infer_from(("common_runtime/gpu/gpu_device.cc:1555", FOUND), ("gpu_device.cc:1703", VISIBLE)) is None
    )


def test_a_log_without_runtime_lines_proves_nothing():
    """Results alone have no release."""
    assert infer(matches_of(memory_source("x.log", b"total images/sec: 5.26\n"))) is None


def test_the_table_knows_every_minor_release():
    """From 0.5 to 2.21, in order."""
    releases = table().releases
    assert (releases[0], releases[-1], len(releases)) == ("0.5", "2.21", 46)
    assert list(releases) == sorted(releases, key=lambda name: tuple(map(int, name.split("."))))


def test_own_runs_of_each_release_are_recognised(corpus):
    """The release in the file's name is among those that its lines allow, and from 1.13 on it is the only one."""
    paths = sorted((corpus / "runtime").glob("*.log"))
    assert len(paths) == 32
    for path in paths:
        release = re.search(r"(\d+\.\d+)\.\d+", path.name)[1]
        found = infer(matches_of(Source(str(path), lambda path=path: path.open("rb"))))
        assert found is not None, path.name
        assert release in found.releases, path.name
        if tuple(map(int, release.split("."))) >= (1, 13):
            assert found.release == release, path.name


def test_it_costs_next_to_nothing():
    """It is called for each run, of which there may be a hundred thousand."""
    matches = matches_of(
        memory_source("x.log", (LINE.format("gpu_device.cc:1555", FOUND) + "\n").encode() * 1000)
    )
    infer(matches)
    began = time.process_time()
    for _ in range(10):
        infer(matches)
    assert (time.process_time() - began) / 10 < 0.05

"""Devices from runtime lines: one row per physical device, however often and however damaged it was announced."""

import json

import pytest
from runtime_facts import line_of

from logreport.grammar import load_engine
from logreport.runs.machine.devices import DeviceReader, canonical_name
from logreport.runs.machine.environment import EnvironmentReader, cuda_version, cudnn_version
from logreport.runs.reading import read
from logreport.sources.source import Source, memory_source

GPU = "2020-03-13 16:32:30.000001: I tensorflow/core/common_runtime/gpu/gpu_device.cc:1555] "
XLA = "2020-03-13 16:32:30.000001: I tensorflow/compiler/xla/service/service.cc:176]   "


def matches_of(text):
    """All matches of a text or a source."""
    source = text if isinstance(text, Source) else memory_source("x.log", text.encode() + b"\n")
    return [match for scan in load_engine().scan(source.chunks()) for match in scan.matches]


def devices_of(text):
    """The rows of the devices table for a text."""
    reader = DeviceReader()
    for match in matches_of(text):
        reader.feed([line_of(match)])
    return reader.rows()


def environment_of(text):
    """The environment that a text tells of, by key."""
    reader = EnvironmentReader()
    for match in matches_of(text):
        reader.feed([line_of(match)])
    return {row["key"]: row["value"] for row in reader.rows()}


def block(index, pci, name="Tesla T4"):
    """A block as TensorFlow 2.1 prints it."""
    return (
        f"{GPU}Found device {index} with properties: \n"
        f"pciBusID: {pci} name: {name} computeCapability: 7.5\n"
        "coreClock: 1.59GHz coreCount: 40 deviceMemorySize: 14.75GiB deviceMemoryBandwidth: 298.08GiB/s"
    )


def created(index, pci, name="Tesla T4", limit=13942, tf_device=0):
    """A creation line as TensorFlow 2.6 prints it."""
    return (
        f"{GPU}Created device /job:localhost/replica:0/task:0/device:GPU:{tf_device} with {limit} MB memory:  -> "
        f"device: {index}, name: {name}, pci bus id: {pci}, compute capability: 7.5"
    )


def test_a_block_of_2_1_fills_a_row():
    """Sizes in bytes, clock in hertz, and the line where the device was announced."""
    rows = devices_of("\n" + block(0, "0000:00:04.0"))
    assert [{name: value for name, value in row.items() if value is not None} for row in rows] == [
        {
            "index": 0,
            "kind": "gpu",
            "name": "Tesla T4",
            "pci_bus_id": "0000:00:04.0",
            "compute_capability": "7.5",
            "clock_hz": 1_590_000_000,
            "core_count": 40,
            "memory_total_bytes": round(14.75 * 2**30),
            "memory_bandwidth": round(298.08 * 2**30),
            "line": 2,
        }
    ]


def test_eight_devices_announced_three_times_are_eight_rows():
    """TensorFlow announces at start, at the session, and when it creates them."""
    once = "\n".join(block(i, f"0000:0{i}:00.0") for i in range(8))
    made = "\n".join(created(i, f"0000:0{i}:00.0", tf_device=i) for i in range(8))
    rows = devices_of(f"{once}\n{once}\n{made}")
    assert [row["pci_bus_id"] for row in rows] == [f"0000:0{i}:00.0" for i in range(8)]
    assert {row["memory_limit_bytes"] for row in rows} == {13942 << 20}


def test_blocks_of_two_workers_may_be_interleaved():
    """The lines of each go to one device each, whoever printed them."""
    lines = [*zip(block(0, "0000:01:00.0").split("\n"), block(0, "0000:02:00.0").split("\n"), strict=True)]
    rows = devices_of("\n".join(line for pair in lines for line in pair))
    assert sorted(row["pci_bus_id"] for row in rows) == ["0000:01:00.0", "0000:02:00.0"]
    assert [row["core_count"] for row in rows] == [40, 40]


def test_a_damaged_line_spoils_one_device_only():
    """A line that was cut takes nothing from the block after it."""
    text = (
        block(0, "0000:01:00.0").replace("coreClock: 1.59GHz", "coreCl0.12") + "\n" + block(1, "0000:02:00.0")
    )
    assert [row["core_count"] for row in devices_of(text)] == [None, 40]


def test_blank_lines_and_others_may_stand_in_a_block():
    """People's editors insert blank lines, and standard output goes in between."""
    text = block(0, "0000:01:00.0").replace("\n", "\n\nDone warm up\n")
    assert devices_of(text)[0]["core_count"] == 40


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (created(0, "0000:86:00.0", "NVIDIA A100-PCIE-40GB MIG 1g.5gb"), "NVIDIA A100-PCIE-40GB MIG 1g.5gb"),
        (
            XLA + "StreamExecutor device (0): GeForce GTX 1050 Ti, Compute Capability 6.1",
            "GeForce GTX 1050 Ti",
        ),
        (XLA + "StreamExecutor [0]: NVIDIA GB10, Compute Capability 12.1a", "NVIDIA GB10"),
        ("Metal device set to: Apple M1\n\nsystemMemory: 16.00 GB", "Apple M1"),
        ("name: Tesla V100-SXM2-16GB major: 7 minor: 0 memoryClockRate(GHz): 1.53", "Tesla V100-SXM2-16GB"),
        ("name: TITAN X (Pascal)\nmajor: 6 minor: 1 memoryClockRate (GHz) 1.531", "TITAN X (Pascal)"),
        (GPU + "Found device 0 with properties: \nname: Some Card 9\nmajor: 6 minor: 1", "Some Card 9"),
    ],
)
def test_one_line_is_enough_for_a_device(text, name):
    """An excerpt may hold the creation only, XLA's list only, or the end of a block."""
    assert [row["name"] for row in devices_of(text)] == [name]


def test_what_xla_names_is_no_second_device():
    """XLA counts what is visible, and a processor is called Host."""
    text = "\n".join(
        [
            block(1, "0000:02:00.0"),
            XLA + "StreamExecutor device (0): Tesla T4, Compute Capability 7.5",
            XLA + "StreamExecutor device (0): Host, Default Version",
            XLA + "StreamExecutor device (0): <undefined>, <undefined>",
        ]
    )
    assert len(devices_of(text)) == 1


def test_the_name_of_a_plug_in_gives_way_to_the_chip():
    """Apple's plug-in calls every device METAL, with no address and no memory."""
    text = (
        "Metal device set to: Apple M1\n"
        f"{GPU}Created TensorFlow device (/job:localhost/replica:0/task:0/device:GPU:0 with 0 MB memory) -> "
        "physical PluggableDevice (device: 0, name: METAL, pci bus id: <undefined>)"
    )
    (row,) = devices_of(text)
    assert (row["name"], row["pci_bus_id"], row["memory_limit_bytes"]) == ("Apple M1", None, None)


def test_virtual_devices_share_a_card_and_add_their_limits():
    """Two virtual devices of one card are one physical device, also when they are created again."""
    both = "\n".join(created(0, "0000:01:00.0", limit=2048, tf_device=i) for i in (0, 1))
    (row,) = devices_of(f"{both}\n{both}")
    assert row["memory_limit_bytes"] == 4096 << 20


def test_devices_without_an_address_differ_by_their_index():
    """Jetsons and some virtual machines print zeros."""
    rows = devices_of(
        block(0, "0000:00:00.0") + "\n" + block(1, "0000:00:00.0") + "\n" + block(0, "0000:00:00.0")
    )
    assert [row["index"] for row in rows] == [0, 1]


@pytest.mark.parametrize("printed", ["-1B/s", "194.55MiB/s"])
def test_an_absurd_bandwidth_is_none(printed):
    """ROCm prints -1, Jetsons a thousandth of theirs."""
    assert devices_of(block(0, "0000:01:00.0").replace("298.08GiB/s", printed))[0]["memory_bandwidth"] is None


@pytest.mark.parametrize(
    ("printed", "canonical"),
    [
        ("NVIDIA GeForce RTX 3080", "GeForce RTX 3080"),
        ("GeForce  RTX 3080 ", "GeForce RTX 3080"),
        ("NVIDIA A100-SXM4-40GB", "A100-SXM4-40GB"),
        ("AMD Radeon RX 9070 XT", "AMD Radeon RX 9070 XT"),
        ("Intel(R) Arc(TM) A770", "Intel Arc A770"),
    ],
)
def test_a_canonical_name_is_the_same_for_every_driver(printed, canonical):
    """Drivers from about 465 on put the maker before the name."""
    assert canonical_name(printed) == canonical


def test_the_corpus_names_the_devices_that_the_oracle_does(corpus):
    """Name and number of announcements, for every log whose devices were read by eye."""
    wrong, asked = {}, 0
    for row in map(json.loads, (corpus / "oracle.jsonl").read_text("utf-8").splitlines()):
        want = row["expect"].get("device_names")
        if want is None:
            continue
        asked += 1
        path = corpus / row["file"]
        rows = devices_of(Source(str(path), lambda path=path: path.open("rb")))
        names = sorted({device["name"] for device in rows if device["kind"] != "cpu"})
        if names != want:
            wrong[row["file"]] = names
    assert asked > 30
    assert wrong == {}


def test_the_environment_of_a_machine_without_a_driver():
    """Own run of 2.5 on a processor: what is missing, what failed, what the processor has."""
    text = """2022-01-01 00:00:00.000001: W tensorflow/stream_executor/platform/default/dso_loader.cc:64] Could not load dynamic library 'libcudart.so.11.0'; dlerror: libcudart.so.11.0: cannot open shared object file
2022-01-01 00:00:00.000002: W tensorflow/stream_executor/platform/default/dso_loader.cc:64] Could not load dynamic library 'libnvinfer.so.7'; dlerror: libnvinfer.so.7: cannot open shared object file
2022-01-01 00:00:00.000003: W tensorflow/stream_executor/cuda/cuda_driver.cc:326] failed call to cuInit: UNKNOWN ERROR (303)
2022-01-01 00:00:00.000004: I tensorflow/core/platform/cpu_feature_guard.cc:142] This TensorFlow binary is optimized with oneAPI Deep Neural Network Library (oneDNN) to use the following CPU instructions in performance-critical operations:  AVX2 FMA
To enable them in other operations, rebuild TensorFlow with the appropriate compiler flags.
2022-01-01 00:00:00.000005: I tensorflow/core/platform/profile_utils/cpu_utils.cc:114] CPU Frequency: 2596120000 Hz"""
    assert environment_of(text) == {
        "missing_libraries": "libcudart.so.11.0",
        "missing_optional_libraries": "libnvinfer.so.7",
        "cuinit_error": "UNKNOWN ERROR (303)",
        "binary_optimized_with": "oneAPI Deep Neural Network Library (oneDNN)",
        "cpu_features_unused": "AVX2 FMA",
        "cpu_clock_hz": "2596120000",
    }


def test_features_that_are_told_one_by_one_are_one_list():
    """TensorFlow 1.0 to 1.3 printed a line for each."""
    line = "W tensorflow/core/platform/cpu_feature_guard.cc:45] The TensorFlow library wasn't compiled to use {} instructions, but these are available on your machine and could speed up CPU computations."
    assert environment_of("\n".join(line.format(name) for name in ("SSE3", "AVX", "SSE3"))) == {
        "cpu_features_unused": "SSE3 AVX"
    }


@pytest.mark.parametrize(
    ("library", "version"),
    [
        ("libcudart.so.10.1", "10.1"),
        ("cudart64_110.dll", "11.0"),
        ("cudart64_80.dll", "8.0"),
        ("cudart64_12.dll", "12"),
        ("libcublas.so.8.0", "8.0"),
        ("libcublas.so.11", None),
        ("libcudnn.so.7", None),
    ],
)
def test_a_library_names_its_cuda_version(library, version):
    """From CUDA 11 on only the runtime carries the version of the toolkit."""
    assert cuda_version(library) == version


@pytest.mark.parametrize(
    ("printed", "version"),
    [("5105", "5.1.5"), ("8100", "8.1.0"), ("90300", "9.3.0"), ("92101", "9.21.1"), ("8.0.2", "8.0.2")],
)
def test_a_cudnn_number_is_a_version(printed, version):
    """From 9.0 on the number has a digit more."""
    assert cudnn_version(printed) == version


def test_a_list_that_names_nothing_is_no_fact():
    """`[PhysicalDevice()]`: an environment without it, and no error."""
    tables = read([memory_source("a.log", b"[PhysicalDevice(damaged)]\n")]).tables
    assert list(tables.rows("environment")) == []

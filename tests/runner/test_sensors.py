"""What sensors say while a run goes on: on a fake library of NVIDIA's, a fake nvidia-smi, a fake tree of the system, and on real /proc."""

import os
import sys
import time
from types import ModuleType, SimpleNamespace

import psutil
import pytest
from fake_nvml import Card, module

from logreport import api
from logreport.runner.machine import processor, sampling
from logreport.runner.machine.amd_smi import AmdSmi
from logreport.runner.machine.gpus import driver
from logreport.runner.machine.nvidia_smi import NvidiaSmi
from logreport.runner.machine.nvml import Nvml
from logreport.runner.machine.sampling import Energy, Sampler
from logreport.runner.plan import Plan
from logreport.runner.running import run_once
from logreport.runs.run_record import Gpu
from logreport.runs.telemetry import looks_in
from logreport.scripts import COMMAND


@pytest.fixture
def cards(monkeypatch):
    """Two equal cards and the library that tells of them."""
    there = [Card(), Card(uuid="GPU-2", pci="00000000:02:00.0")]
    monkeypatch.setitem(sys.modules, "pynvml", module(there))
    return there


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test turns."""
    now = SimpleNamespace(seconds=0.0)
    turned = SimpleNamespace(monotonic=lambda: now.seconds, thread_time=lambda: 0.0)
    monkeypatch.setattr(sampling, "time", turned)
    return now


def test_a_gpu_is_described_by_its_driver(cards):
    """Units are base units; a question that it does not support is answered by None, and bytes are text."""
    cards[1].name, cards[1].serial, cards[1].ecc, cards[1].limit = b"NVIDIA A40", "132022", (1, 0), None
    one, two = Nvml().gpus()
    assert one == Gpu(
        "NVIDIA GeForce RTX 3090", "00000000:01:00.0", 24 << 30, 1 << 30, 2.1e9, 350.0, uuid="GPU-1", serial=None,
        vbios="94.02.26.08", compute_capability="8.6", ecc=None, mig=None, pcie_generation=4, pcie_width=16,
        memory_clock_max_hz=9.751e9, compute_mode="default",
    )  # fmt: skip
    assert (two.name, two.serial, two.ecc, two.power_limit_watts) == ("NVIDIA A40", "132022", True, None)
    assert (Nvml().driver(), Nvml().cuda()) == ("460.39", "11.2")


def test_slices_are_told_with_their_gpu(cards):
    """A GPU that is cut has slices, each with a UUID and a memory of its own."""
    cards[0].mig = (1, 1)
    cards[0].slices = [Card(name="NVIDIA A100 MIG 1g.5gb", uuid="MIG-1", memory=(5 << 30, 0))]
    one, two = Nvml().gpus()
    assert (one.mig, [(part.name, part.uuid, part.memory_total_bytes) for part in one.slices]) == (
        True, [("NVIDIA A100 MIG 1g.5gb", "MIG-1", 5 << 30)],
    )  # fmt: skip
    assert (two.mig, two.slices) == (None, ())


def test_joules_are_power_times_time():
    """100 W, 200 W after one second, 100 W after two more: 150 J and 300 J, by hand."""
    energy = Energy()
    assert [energy.add(*look) for look in ((0.0, None, 100.0), (1.0, None, 200.0), (3.0, None, 100.0))] == [
        None
    ] * 3
    assert energy.joules == 450.0


def test_a_counter_of_energy_goes_before_power():
    """It misses nothing between two looks; where it begins again, as with a new driver, nothing is taken off."""
    energy = Energy()
    powers = [
        energy.add(*look)
        for look in ((0.0, 5000.0, 1.0), (2.0, 5300.0, 1.0), (3.0, 10.0, 1.0), (4.0, 20.0, 1.0))
    ]
    assert (powers, energy.joules) == ([None, 150.0, 0.0, 10.0], 310.0)


def test_a_device_that_says_nothing_of_energy_has_none():
    """None is not zero."""
    assert (Energy().add(0.0, None, None), Energy().joules) == (None, None)


def test_the_series_of_a_card(cards, clock, tmp_path):
    """Each second a row a device, in base units; a card is looked at no sooner than a second after the look before."""
    sampler = Sampler(Nvml(), tmp_path / "a.log")
    sampler.start(os.getpid())
    for second, (power, degrees, reasons) in enumerate(
        [(200, 61, 0x4), (300, 83, 0x20 | 0x1), (300, 84, 0x40 | 0x8)], 1
    ):
        clock.seconds = float(second)
        cards[0].power, cards[0].degrees, cards[0].reasons = power * 1000, degrees, reasons
        sampler.tick()
        clock.seconds += 0.5
        sampler.tick()  # too early to count
    samples = {(s.device, s.name): s for s in sampler.stop()}
    (series,) = tmp_path.glob("*.telemetry.parquet")
    assert {path.name for path in tmp_path.iterdir()} == {series.name}
    looks = [look for look in looks_in(series.read_bytes(), "x") if look.device == "gpu 0"]
    assert [look.power_watts for look in looks] == [100.0, 200.0, 300.0, 300.0, 300.0]
    assert [look.joules for look in looks] == [0.0, 150.0, 400.0, 700.0, 850.0]
    assert [look.throttled for look in looks] == ["", "power", "heat", "heat hardware", "heat hardware"]
    assert (looks[0].clock_hz, looks[0].memory_clock_hz, looks[0].utilisation) == (1.7e9, 9.501e9, 0.97)
    heat = samples["gpu 0", "throttled_heat"]
    assert (heat.count, heat.mean, samples["gpu 0", "throttled"].mean) == (5, 0.6, 0.8)
    degrees = samples["gpu 0", "temperature_celsius"]
    assert (degrees.low, degrees.mean, degrees.high, degrees.unit) == (60.0, 74.4, 84.0, "°C")
    assert samples["gpu 0", "power_watts"].joules == 850.0
    assert samples["gpu 1", "power_watts"].joules == 350.0  # 100 W for 3.5 s
    assert ("gpu 1", "throttled_heat") not in samples  # known, and never so


@pytest.mark.usefixtures("cards", "clock")
def test_where_looking_takes_long_it_is_done_less_often(monkeypatch):
    """A look that takes 0.1 s of a core is followed by 20 s without: half a percent; the first one costs more than others."""
    costs = iter([0.0, 0.3, 1.0, 1.1])
    monkeypatch.setattr(sampling.time, "thread_time", lambda: next(costs))
    sampler = Sampler(Nvml())
    sampler.look()
    assert sampler.next == 1.0
    sampler.look()
    assert sampler.next == pytest.approx(20.0)


def test_a_machine_without_sensors_loses_nothing(monkeypatch, tmp_path):
    """No library, no program, no counters: the processors are looked at, and nothing fails."""
    for name in ("pynvml", "amdsmi"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(processor, "SYSTEM", tmp_path)
    monkeypatch.setattr(psutil, "cpu_freq", lambda: None)
    monkeypatch.setattr(psutil, "sensors_temperatures", dict, raising=False)
    gpus = driver()
    assert (gpus.gpus(), gpus.driver(), gpus.looks()) == (None, None, [])
    sampler = Sampler(gpus, tmp_path / "a.log")
    sampler.start(os.getpid())
    assert {s.name for s in sampler.stop()} <= {"utilisation", "memory_used_bytes"}


@pytest.fixture
def system(tmp_path, monkeypatch):
    """A function that writes files of a system, by path; this one is what the runner sees then."""
    monkeypatch.setattr(processor, "SYSTEM", tmp_path)

    def write(files):
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(f"{text}\n")

    return write


CPU0, RAPL = "sys/devices/system/cpu/cpu0", "sys/class/powercap"


def test_a_processor_is_described_by_its_files(system):
    """Sockets, caches of each kind, the highest clock; what is not there is None."""
    system({
        f"{CPU0}/topology/physical_package_id": 0, "sys/devices/system/cpu/cpu1/topology/physical_package_id": 1,
        "sys/devices/system/cpu/cpu2/topology/physical_package_id": 1,
        f"{CPU0}/cache/index0/level": 1, f"{CPU0}/cache/index0/type": "Data", f"{CPU0}/cache/index0/size": "48K",
        f"{CPU0}/cache/index1/level": 1, f"{CPU0}/cache/index1/type": "Instruction", f"{CPU0}/cache/index1/size": "32K",
        f"{CPU0}/cache/index3/level": 3, f"{CPU0}/cache/index3/type": "Unified", f"{CPU0}/cache/index3/size": "32M",
        f"{CPU0}/cpufreq/cpuinfo_max_freq": 3500000,
    })  # fmt: skip
    assert processor.sockets() == 2
    assert processor.caches() == {"L1d": 48 << 10, "L1i": 32 << 10, "L3": 32 << 20}
    assert processor.clock_max() == 3.5e9


def test_without_such_files_nothing_is_claimed(system):
    """Nothing is there."""
    system({})
    assert (processor.sockets(), processor.caches(), processor.clock_max(), processor.Packages().read()) == (
        None, {}, None, None,
    )  # fmt: skip


def test_the_energy_of_the_chips_adds_up(system):
    """Two sockets; the counter of one begins again at its range. Memory and the whole machine are not the chip's."""
    files = {
        f"{RAPL}/intel-rapl:0/name": "package-0", f"{RAPL}/intel-rapl:0/max_energy_range_uj": 1_000_000_000,
        f"{RAPL}/intel-rapl:1/name": "package-1", f"{RAPL}/intel-rapl:1/max_energy_range_uj": 1_000_000_000,
        f"{RAPL}/intel-rapl:0:0/name": "dram", f"{RAPL}/intel-rapl:0:0/energy_uj": 7_000_000,
        f"{RAPL}/intel-rapl:2/name": "psys", f"{RAPL}/intel-rapl:2/energy_uj": 9_000_000,
    }  # fmt: skip
    zero, one = (f"{RAPL}/intel-rapl:{number}/energy_uj" for number in (0, 1))
    system({**files, zero: 5_000_000, one: 990_000_000})
    packages = processor.Packages()
    assert packages.read() == 0.0
    system({zero: 65_000_000, one: 15_000_000, f"{RAPL}/intel-rapl:0:0/energy_uj": 99_000_000})
    assert packages.read() == pytest.approx(60.0 + 25.0)


def test_counters_that_only_root_may_read_are_none(system):
    """They are there, and closed to us."""
    system({f"{RAPL}/intel-rapl:0/name": "package-0"})
    assert processor.Packages().read() is None


def test_the_memory_of_a_run_is_that_of_all_below_it():
    """On real /proc: of this process and a child that holds 64 MiB, the child alone is below; psutil sees the same."""
    code = "held = bytearray(64 << 20); print(len(held), flush=True); input()"
    with psutil.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1) as child:
        assert child.stdout.readline()
        processes = processor.Processes()
        processes.root = os.getpid()
        seen, also = processes.memory(), psutil.Process(child.pid).memory_info().rss
        child.communicate(b"\n")
    others = sum(1 for process in processes.known if process != child.pid)
    assert child.pid in processes.known
    assert seen >= also > 64 << 20
    assert others or seen == pytest.approx(also, rel=0.05)


def test_the_processors_are_busy_while_something_runs():
    """On real /proc: a share of all of them between none and all, after a first look that cannot know."""
    looked = processor.Processor()
    assert looked.utilisation() is None
    until = time.process_time() + 0.2
    while time.process_time() < until:
        pass
    assert 0.0 < looked.utilisation() <= 1.0


SMI = """#!/bin/sh
case "$*" in
*--loop*) echo "0, 98, 1700, 9501, 71, 320.5, 2048, 0x0000000000000020"; echo "1, [N/A], 210"; exec sleep 60 ;;
*compute_cap*) echo "Field \\"compute_cap\\" is not a valid field to query."; exit 2 ;;
*) echo "GeForce RTX 3090, 00000000:01:00.0, 24268, 2, 2100, 350.00, GPU-1, [N/A], 94.02, [N/A], 4, 16, 9751, Exclusive_Process, 455.28"
   echo "GeForce RTX 3090, 00000000:02:00.0, 24268, 2, 2100, 300.00, GPU-2, [N/A], 94.02, Enabled, 4, 8, 9751, Default, 455.28" ;;
esac
"""


def test_without_the_library_nvidias_program_is_asked(tmp_path, monkeypatch):
    """Of an older driver, which refuses two of the questions; one process says what goes on, and is ended."""
    program = tmp_path / "nvidia-smi"
    program.write_text(SMI)
    program.chmod(0o755)
    monkeypatch.setitem(sys.modules, "pynvml", None)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    gpus = driver()
    assert isinstance(gpus, NvidiaSmi)
    one, two = gpus.gpus()
    assert (one.uuid, one.ecc, one.compute_mode, one.memory_total_bytes) == (
        "GPU-1",
        None,
        "exclusive process",
        24268 << 20,
    )
    assert (two.power_limit_watts, two.ecc, two.pcie_width, gpus.driver()) == (300.0, True, 8, "455.28")
    until = time.monotonic() + 30
    while not any(seen := gpus.looks()) and time.monotonic() < until:
        time.sleep(0.01)
    assert seen[0] == {
        "utilisation": 0.98, "clock_hz": 1.7e9, "memory_clock_hz": 9.501e9, "temperature_celsius": 71.0,
        "power_watts": 320.5, "memory_used_bytes": 2048 << 20, "throttled": "heat",
    }  # fmt: skip
    process = gpus.process
    gpus.close()
    assert process.poll() is not None


def test_a_gpu_of_amd_is_asked_by_its_library(monkeypatch):
    """Sizes in MiB and clocks in MHz become base units; what it calls N/A is nothing."""
    library = ModuleType("amdsmi")
    library.__dict__.update(
        AmdSmiClkType=SimpleNamespace(GFX=0, MEM=1), AmdSmiTemperatureType=SimpleNamespace(HOTSPOT=1),
        AmdSmiTemperatureMetric=SimpleNamespace(CURRENT=0), amdsmi_init=lambda: None,
        amdsmi_get_processor_handles=lambda: [object()],
        amdsmi_get_gpu_asic_info=lambda _: {"market_name": "AMD Instinct MI250X", "asic_serial": "0x1A2B"},
        amdsmi_get_gpu_device_bdf=lambda _: "0000:c1:00.0", amdsmi_get_gpu_device_uuid=lambda _: "b1ff740c",
        amdsmi_get_gpu_vram_usage=lambda _: {"vram_total": 65520, "vram_used": 1024},
        amdsmi_get_clock_info=lambda _, kind: {"clk": (1500, 1600)[kind], "max_clk": (1700, 1600)[kind]},
        amdsmi_get_power_info=lambda _: {"current_socket_power": "N/A", "average_socket_power": 410, "power_limit": 560},
        amdsmi_get_gpu_driver_info=lambda _: {"driver_version": "6.7.0"},
        amdsmi_get_gpu_activity=lambda _: {"gfx_activity": 88},
        amdsmi_get_temp_metric=lambda *_: 67,
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "amdsmi", library)
    gpus = AmdSmi()
    (card,) = gpus.gpus()
    assert (card.name, card.uuid, card.serial, card.memory_total_bytes, card.clock_max_hz, card.power_limit_watts) == (
        "AMD Instinct MI250X", "b1ff740c", "0x1A2B", 65520 << 20, 1.7e9, 560,
    )  # fmt: skip
    assert (gpus.driver(), card.vbios) == ("6.7.0", None)
    assert gpus.looks() == [{
        "utilisation": 0.88, "temperature_celsius": 67.0, "clock_hz": 1.5e9, "memory_clock_hz": 1.6e9,
        "power_watts": 410.0, "memory_used_bytes": 1 << 30,
    }]  # fmt: skip


def test_a_run_from_the_sensor_to_the_tables(cards, tmp_path, monkeypatch):
    """A command on a machine with two cards, of which it may use the second: its device, driver, energy, and what held it down."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    cards[1].power, cards[1].reasons = 200_000, 0x20
    ran = run_once(
        Plan(script=COMMAND.name, arguments=(sys.executable, "-c", "import time; time.sleep(2.5)")), tmp_path
    )
    tables = api.read_logs(api.sources_of([tmp_path])).tables
    (run,) = tables.rows("runs")
    assert (run["device_kind"], run["device"], run["device_uuid"]) == ("gpu", "GeForce RTX 3090", "GPU-2")
    (device,) = tables.rows("devices")
    assert (device["uuid"], device["pci_bus_id"], device["driver_version"]) == (
        "GPU-2",
        "00000000:02:00.0",
        "460.39",
    )
    looks = [row for row in tables.rows("samples") if row["device"] == "gpu 1"]
    assert len(looks) >= 2
    assert run["energy_joules"] == looks[-1]["joules"] > 2.4 * 200
    assert run["power_watts"] == pytest.approx(200.0)
    (phase,) = tables.rows("phases")
    assert phase["power_watts"] == pytest.approx(200.0)
    assert [row["details"] for row in tables.rows("findings") if row["code"] == "throttled"] == [
        '{"device": "GPU 1", "reason": "heat", "percent": 100.0}'
    ]
    assert {sampled.device for sampled in ran.end.samples} == {"cpu", "gpu 0", "gpu 1"}

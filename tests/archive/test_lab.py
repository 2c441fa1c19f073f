"""A lab of two equal cards, a driver change, a slice of a card and a CPU: each device with the history that is its own."""

import json
from datetime import timedelta

import pytest
import recorded
from cli_calls import call

from logreport import Archive, api
from logreport.analysis import Study
from logreport.runs.run_record import Gpu

DAYS = [recorded.START + timedelta(days=day) for day in range(40)]
SLICE = Gpu("A100-PCIE-40GB MIG 1g.5gb", uuid="MIG-7", memory_total_bytes=5 << 30, mig=True)
A100 = Gpu(
    "A100-PCIE-40GB",
    "00000000:41:00.0",
    40 << 30,
    uuid="GPU-777",
    serial="1320220",
    mig=True,
    slices=(SLICE,),
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """An archive of the lab.

    Card 1 runs at 100 images/s twice with driver 455.28 and twice at 110 with 460.39; card 2 at 100 with both, until its
    power limit goes from 350 to 300 W, with which it has 80. A log without a record names such a card as well.
    """
    folder = tmp_path_factory.mktemp("lab")
    runs = [
        (0, 1, "455.28", 350.0, 100.0), (1, 1, "455.28", 350.0, 100.0), (10, 1, "460.39", 350.0, 110.0),
        (11, 1, "460.39", 350.0, 110.0), (0, 2, "455.28", 350.0, 100.0), (10, 2, "460.39", 350.0, 100.0),
        (20, 2, "460.39", 300.0, 80.0),
    ]  # fmt: skip
    for number, (day, card, driver, limit, speed) in enumerate(runs):
        cards = tuple(recorded.gpu(n, power_limit_watts=limit if n == card else 350.0) for n in (1, 2))
        created = recorded.CREATED.format(at=DAYS[day], name="GeForce RTX 3090", pci=f"0000:0{card}:00.0")
        log = recorded.tf_cnn_log([speed + number / 100] * 10, created=created)
        recorded.keep(
            folder, f"{number}", log, started=DAYS[day], gpus=cards, driver=driver,
            environment={"CUDA_VISIBLE_DEVICES": str(card - 1)},
        )  # fmt: skip
    created = recorded.CREATED.format(at=DAYS[5], name=SLICE.name, pci="0000:41:00.0")
    recorded.keep(
        folder,
        "slice",
        recorded.tf_cnn_log([40.0] * 10, created=created),
        started=DAYS[5],
        gpus=(A100,),
        driver="455.28",
    )
    recorded.keep(folder, "cpu", recorded.tf_cnn_log([3.0] * 10, device="cpu"), started=DAYS[6], gpus=())
    alone = recorded.tf_cnn_log(
        [90.0] * 10, created=recorded.CREATED.format(at=DAYS[8], name="GeForce RTX 3090", pci="0000:09:00.0")
    )
    (folder / "alone.log").write_bytes(alone)
    failed = (
        b'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\nImportError: no libcudart\n'
    )
    packages = {"nvidia-cuda-runtime-cu12": "12.5.82", "nvidia-cudnn-cu12": "9.3.0.75"}
    recorded.keep(
        folder,
        "failed",
        failed,
        started=DAYS[7],
        gpus=(recorded.gpu(3, name="Tesla T4"),),
        driver="555.1",
        packages=packages,
    )
    place = folder / "lab.archive"
    added = Archive(place, create=True).add(sorted(folder.glob("*.log")))
    assert (added.logs, added.errors) == (11, [])
    return str(place)


@pytest.fixture
def devices(lab, capsysbinary, monkeypatch):
    """A function that gives what `archive devices` says, by name and UUID."""

    def said(*names, form="json"):
        status, out, _ = call(
            capsysbinary, monkeypatch, "archive", "devices", *names, "--archive", lab, "--format", form
        )
        assert status == 0
        return {(d["name"], d["uuid"]): d for d in json.loads(out)} if form == "json" else out

    return said


def changes(device):
    """What changed, from what to what, the first day of the new value, and speeds before and after."""
    return [
        (
            c["what"], c["before"]["value"], c["after"]["value"], c["after"]["first"][:10],
            [(round(s["before"]), round(s["after"])) for s in c["speeds"]],
        )
        for c in device["changes"]
    ]  # fmt: skip


def test_two_equal_cards_have_two_histories(devices):
    """A driver that one of them was faster with, and a power limit that the other was slower with."""
    found = devices()
    name = "GeForce RTX 3090"
    assert {key for key in found if key[0] == name} == {(name, None), (name, "GPU-111"), (name, "GPU-222")}
    driver = ("driver_version", "455.28", "460.39", "2020-11-12")
    assert changes(found[name, "GPU-111"]) == [(*driver, [(100, 110)])]
    assert changes(found[name, "GPU-222"]) == [
        (*driver, [(100, 100)]), ("power_limit_watts", 350.0, 300.0, "2020-11-22", [(100, 80)]),
    ]  # fmt: skip
    assert [found[name, uuid]["runs"] for uuid in ("GPU-111", "GPU-222", None)] == [4, 3, 1]
    assert [round(s["speed"]) for s in found[name, None]["speeds"]] == [90]
    assert changes(found[name, None]) == []


def test_a_name_is_all_of_its_cards_and_a_uuid_is_one(devices):
    """`archive devices NAME`: who asks for the product gets all of them; how a UUID begins is one card."""
    (whole,) = devices("RTX 3090").values()
    assert (whole["runs"], whole["uuid"], len(whole["facts"]["uuid"])) == (8, None, 2)
    (one,) = devices("GPU-22").values()
    assert (one["runs"], one["uuid"]) == (3, "GPU-222")


def test_the_history_stands_in_the_tables_for_people(devices):
    """The list says what changed; a device in full which speeds came with it, with their ratio."""
    listed = devices(form="table")
    assert "driver 455.28 → 460.39 (2020-11-12), power limit 350 W → 300 W (2020-11-22)" in listed
    shown = devices("GPU-222", form="table")
    line = next(
        line
        for line in shown.splitlines()
        if line.startswith("power limit changed: ResNet-50 training (batch 64")
    )
    assert "100 examples/s → 80.1 examples/s (0.80×)" in line


def test_a_slice_is_a_device_of_its_own(devices):
    """With its UUID, its memory, and not that of the card that it is cut from."""
    found = devices()["A100-PCIE-40GB MIG 1g.5gb", "MIG-7"]
    assert [seen["value"] for seen in found["facts"]["memory_total_bytes"]] == [5 << 30]
    assert [seen["value"] for seen in found["facts"]["mig"]] == [True]
    assert [round(s["speed"]) for s in found["speeds"]] == [40]


def test_a_cpu_has_its_own_facts(devices):
    """Sockets, cores, threads, caches, memory, features, microcode and governor, from the record."""
    facts = devices()["AMD EPYC 7662 (128 cores)", None]["facts"]
    said = {name: [seen["value"] for seen in values] for name, values in facts.items()}
    assert said["cpu_cache_l3_bytes"] == [str(16 << 20)]
    assert [said[f"cpu_{name}"] for name in ("sockets", "cores", "threads", "features", "microcode", "governor")] == [
        ["1"], ["64"], ["128"], ["avx2 fma"], ["0x8301034"], ["performance"],
    ]  # fmt: skip
    assert said["memory_total_bytes"] == [str(256 << 30)]


def test_a_run_that_failed_at_its_start_tells_of_its_device(devices):
    """Its log names none; the record knows it, and which CUDA was installed."""
    found = devices()["Tesla T4", "GPU-333"]
    facts = {name: [seen["value"] for seen in values] for name, values in found["facts"].items()}
    assert (facts["driver_version"], facts["cuda_version"], facts["cudnn_version"]) == (
        ["555.1"],
        ["12.5.82"],
        ["9.3.0.75"],
    )
    assert (found["runs"], facts["power_limit_watts"], facts["pcie_width"]) == (1, [350.0], [16])


def test_equal_cards_have_a_history_each_in_a_report(tmp_path):
    """One at 100 and one at 90 images/s, day by day by turns: two histories without a change, and no wave of both."""
    for day in range(8):
        for card, speed in ((1, 100.0), (2, 90.0)):
            at = DAYS[day] + timedelta(hours=card)
            created = recorded.CREATED.format(at=at, name="GeForce RTX 3090", pci=f"0000:0{card}:00.0")
            recorded.keep(
                tmp_path, f"{day}-{card}", recorded.tf_cnn_log([speed + day / 100] * 10, created=created), started=at,
                gpus=(recorded.gpu(1), recorded.gpu(2)), environment={"CUDA_VISIBLE_DEVICES": str(card - 1)},
            )  # fmt: skip
    found = Study(api.read_logs(api.sources_of([tmp_path])).tables).histories
    assert [(c.card, len(c.runs), c.turns) for c in sorted(found, key=lambda c: c.card)] == [
        ("GPU-111", 8, ()), ("GPU-222", 8, ()),
    ]  # fmt: skip

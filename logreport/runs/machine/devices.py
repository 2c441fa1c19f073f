"""Physical devices from TensorFlow's runtime lines: announced in blocks, created one by one, or only named by XLA."""

import functools
import heapq
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from logreport.tables.schema import TABLES

BLOCK_REACH = 60  # lines; the lines of a block stand this near to its first, whatever is printed between them
MOST_DEVICES = 256  # of one machine; what is said of one that was announced is said of a recent one
LEAST_BANDWIDTH = 1 << 30  # bytes/s; Jetsons print 194.55MiB/s and ROCm -1B/s: neither is a bandwidth
# What plug-ins call every device; its real name stands elsewhere, if anywhere.
PLUGINS = {"METAL", "DML", "XPU"}
NO_DEVICE = {"Host", "<undefined>", "interpreter"}
CUT = "..."  # ends what nvidia-smi cut to its column: no name
LONG_ADDRESS = len("00000000:01:00.0")
NO_ADDRESS = {"<undefined>", "0000:00:00.0"}  # plug-ins; Jetsons and some virtual GPUs

COLUMNS = tuple(column.name for column in TABLES["devices"] if column.name not in ("run_id", "source"))

Facts = dict[str, Any]
Key = tuple[Any, ...]


class Line(NamedTuple):
    """A line as it is read here: its number, its kind, its fields but for its times, and the rank that a prefix named."""

    number: int
    kind: str
    fields: Facts
    rank: int | None = None


@functools.lru_cache(maxsize=1024)
def canonical_name(name: str) -> str:
    """A device name that is the same for every driver: newer ones put `NVIDIA ` before it."""
    plain = re.sub(r"\((?:R|TM|C)\)", "", name, flags=re.IGNORECASE)
    return re.sub(r"^(?:NVIDIA (?=\S)|ATI )", "", " ".join(plain.split()))


def short_name(tf_device: str) -> str:
    """`GPU:0` of `/job:localhost/replica:0/task:0/device:GPU:0`."""
    return tf_device.rpartition("/")[2].removeprefix("device:")


class DeviceReader:
    """Collects what the lines of one log say of devices; `rows` gives one row per physical device."""

    def __init__(self) -> None:
        self.devices: list[Facts] = []  # as announced, in order
        self.open: dict[int | None, list[Facts]] = {}  # by rank: announced, and lines of its block may follow
        self.mentions: list[Facts] = []  # by XLA: a name and an index, no address
        self.metal: Facts | None = None
        self.readers: dict[str, Callable[[Line, Facts], None]] = {
            "tensorflow.device_found": self.found,
            "tensorflow.device_name": self.block_line,
            "tensorflow.device_capability": self.block_line,
            "tensorflow.device_isa": self.block_line,
            "tensorflow.device_clock": self.block_line,
            "tensorflow.device_pci": self.block_line,
            "tensorflow.device_core": self.block_line,
            "tensorflow.device_memory": self.block_line,
            "tensorflow.device_created": self.created,
            "tensorflow.mapped_device": self.created,
            "tensorflow.device_ignored": self.ignored,
            "tensorflow.xla_device": self.mentioned,
            "tensorflow.metal_device": self.metal_device,
            "tensorflow.metal_memory": self.metal_memory,
            "tensorflow.directml_device": self.named,
            "tensorflow.tpu": self.tpu,
            "theano.using_gpu": self.named,
            "nvidia_smi.device_listed": self.named,
            "nvidia_smi.device_row": self.found,
            "nvidia_smi.memory_row": self.block_line,
        }

    def feed(self, lines: Iterable[Line]) -> None:
        """Take lines in, in the order of the log."""
        reader_of = self.readers.get
        for line in lines:
            if (reader := reader_of(line.kind)) is not None:
                reader(line, line.fields)

    def rows(self) -> list[Facts]:
        """One row per physical device, in the order in which they appear."""
        merger = _Merger()
        for device in self.devices:
            merger.add(device)
        rows = merger.rows
        named: dict[str, Facts] = {}
        for row in rows:
            named.setdefault(canonical_name(str(row.get("name") or "")), row)
        for mention in self.mentions:
            name = canonical_name(str(mention["name"]))
            if name in named:
                fill(named[name], mention)
            else:
                named[name] = dict(mention)
                rows.append(named[name])
        return [finished(row) for row in rows if row.get("name")]

    def found(self, line: Line, fields: Facts) -> None:
        """A device is announced; the lines of its block follow, if they are not on this line."""
        device = {"kind": "gpu", "line": line.number, **facts_of(fields)}
        self.devices.append(device)
        self.open.setdefault(line.rank, []).append(device)

    def block_line(self, line: Line, fields: Facts) -> None:
        """A line of a block belongs to the newest device that is open and does not know it yet.

        The newest, because a damaged line then spoils one device; the oldest would pass the damage on to all.
        """
        facts = facts_of(fields)
        for device in reversed(self.open.get(line.rank, [])[-BLOCK_REACH:]):
            if line.number - device["line"] > BLOCK_REACH:
                break
            if not facts.keys() & device.keys():
                device.update(facts)
                return
        if facts.get("name"):  # the paste begins in the middle of a block
            self.found(line, fields)

    def created(self, line: Line, fields: Facts) -> None:
        """A device that TensorFlow uses; virtual ones share an address, and their limits add up."""
        if "index" not in fields:  # `XLA_GPU device` of a device mapping
            return
        facts = facts_of(fields)
        limit = facts.pop("memory_limit_bytes", None)
        part = short_name(fields.get("tf_device", ""))
        device = {"kind": "gpu", "line": line.number, **facts}
        if limit is not None:
            device["limits"] = {part: limit}
        self.devices.append(device)

    def ignored(self, _line: Line, fields: Facts) -> None:
        """A device that is there and not used: it says something of one that was announced, and makes none."""
        facts = facts_of(fields)
        for device in self.devices[-MOST_DEVICES:]:
            if same_address(device, facts) or (
                device.get("index") == facts["index"] and same_name(device, facts)
            ):
                fill(device, facts)
                return

    def mentioned(self, line: Line, fields: Facts) -> None:
        """XLA names the devices that it could use; the processor is called Host."""
        if fields.get("name") not in NO_DEVICE and "name" in fields:
            self.mentions.append({"kind": "gpu", "line": line.number, **facts_of(fields)})

    def named(self, line: Line, fields: Facts) -> None:
        """A plug-in names its device."""
        self.devices.append({"kind": "gpu", "line": line.number, **facts_of(fields)})

    def metal_device(self, line: Line, fields: Facts) -> None:
        """Apple's plug-in names the chip, or the AMD card of an Intel Mac."""
        self.named(line, {"index": 0, **fields})
        self.metal = self.devices[-1]

    def metal_memory(self, _line: Line, fields: Facts) -> None:
        """The memory that an Apple chip shares with its processor."""
        if self.metal is not None and "memory_total" in fields:
            fill(self.metal, facts_of(fields))

    def tpu(self, line: Line, fields: Facts) -> None:
        """A core of a TPU."""
        if fields.get("device_type") == "TPU":
            index = re.search(r"\d{1,9}$", fields["tf_device"])
            self.devices.append(
                {
                    "kind": "tpu",
                    "name": "TPU",
                    "line": line.number,
                    "index": int(index[0]) if index else None,
                    "tpu": fields["tf_device"],
                    "limits": {"TPU": fields["memory_bytes"]},
                }
            )


def facts_of(fields: Facts) -> Facts:
    """The fields of a line as columns of the table."""
    if str(fields.get("name", "")).endswith(CUT):
        fields = {key: value for key, value in fields.items() if key != "name"}
    facts: Facts = {
        name: fields[name] for name in ("index", "name", "core_count", "pci_bus_id", "uuid") if name in fields
    }
    for name in ("memory_total", "memory_free", "memory_limit"):
        if name in fields:
            facts[f"{name}_bytes"] = fields[name]
    if "clock_ghz" in fields:
        facts["clock_hz"] = round(fields["clock_ghz"] * 1e9)
    if "major" in fields:
        facts["compute_capability"] = f"{fields['major']}.{fields['minor']}"
    elif "isa" in fields:
        facts["compute_capability"] = fields["isa"]
    elif not fields.get("compute_capability", ".").endswith("."):  # where it is cut off it is unknown
        facts["compute_capability"] = fields["compute_capability"]
    if fields.get("memory_bandwidth", 0) >= LEAST_BANDWIDTH:
        facts["memory_bandwidth"] = fields["memory_bandwidth"]
    return facts


class _Merger:
    """Announcements to one row per physical device: the same by address, else by name and index.

    Rows are found by keys, so that a log of many devices costs no more than its lines; a key holds numbers of rows, the
    first of them on top, of which some may have other keys by now.
    """

    def __init__(self) -> None:
        self.rows: list[Facts] = []
        self.keys: list[set[Key]] = []  # of each row
        self.by_key: dict[Key, list[int]] = {}

    def add(self, device: Facts) -> None:
        """Add a device, or what it says to the first row that is the same physical device."""
        found = [number for key in wanted_keys(device) if (number := self.first(key)) is not None]
        if found:
            number = min(found)
            fill(self.rows[number], device)
        else:
            number = len(self.rows)
            self.rows.append({**device, "limits": dict(device.get("limits", {}))})
            self.keys.append(set())
        known, self.keys[number] = self.keys[number], keys_of(self.rows[number])
        for key in self.keys[number] - known:
            heapq.heappush(self.by_key.setdefault(key, []), number)

    def first(self, key: Key) -> int | None:
        """The first row that has a key."""
        numbers = self.by_key.get(key, [])
        while numbers and key not in self.keys[numbers[0]]:
            heapq.heappop(numbers)
        return numbers[0] if numbers else None


def keys_of(row: Facts) -> set[Key]:
    """What a row is found by; whether it has an address counts, because two addresses that differ are two devices."""
    place, name = address(row), row.get("name")
    device = (row["kind"], row.get("tpu"))
    numbered = (*device, place is not None, row.get("index"))
    keys: set[Key] = {("index", *numbered)}
    if place is not None:
        keys.add(("address", *device, place))
    if name in PLUGINS:
        keys.add(("plug-in", *numbered))
    elif name:
        keys.add(("name", *numbered, canonical_name(str(name))))
    return keys


def wanted_keys(device: Facts) -> set[Key]:
    """The keys of rows that are the same device: what a plug-in calls a device is no name."""
    own = keys_of(device)
    if address(device) is not None:
        own = {key for key in own if key[0] == "address"} | {
            (*key[:3], False, *key[4:]) for key in own if key[0] != "address"
        }
    else:
        own |= {(*key[:3], True, *key[4:]) for key in own}
    by_number = {key for key in own if key[0] == "index"}
    plug_ins = {("plug-in", *key[1:]) for key in by_number}
    return (own if device.get("name") in PLUGINS else own - by_number) | plug_ins


def fill(row: Facts, device: Facts) -> None:
    """Add to a row what it does not know yet."""
    row.setdefault("limits", {}).update(device.get("limits", {}))
    for name, value in device.items():
        if row.get(name) is None:
            row[name] = value


def same_address(row: Facts, device: Facts) -> bool:
    """Whether both have one PCI address."""
    one = address(row)
    return one is not None and one == address(device)


def address(device: Facts) -> str | None:
    """The PCI bus id, None where it says nothing or was made unreadable."""
    return address_of(device.get("pci_bus_id"))


def address_of(pci: str | None) -> str | None:
    """The same of what a log or a driver prints: some write a domain of eight digits where others have four."""
    if not pci:
        return None
    pci = str(pci).lower().removeprefix("0000") if len(pci) == LONG_ADDRESS else str(pci).lower()
    return None if pci in NO_ADDRESS or "x" in pci else pci


def same_name(row: Facts, device: Facts) -> bool:
    """Whether both have one canonical name."""
    one, two = row.get("name"), device.get("name")
    return bool(one and two) and canonical_name(str(one)) == canonical_name(str(two))


def finished(row: Facts) -> Facts:
    """A row with all columns of the table and no others."""
    limits = row.get("limits")
    total = sum(limits.values()) if limits else None
    pci = row.get("pci_bus_id")
    known = {**row, "memory_limit_bytes": total or None, "pci_bus_id": None if pci == "<undefined>" else pci}
    return {name: known.get(name) for name in COLUMNS}

"""Physical devices from TensorFlow's runtime lines: announced in blocks, created one by one, or only named by XLA."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from logreport.grammar import Match

BLOCK_REACH = 60  # lines; the lines of a block stand this near to its first, whatever is printed between them
LEAST_BANDWIDTH = 1 << 30  # bytes/s; Jetsons print 194.55MiB/s and ROCm -1B/s: neither is a bandwidth
PLUGINS = {
    "METAL",
    "DML",
    "XPU",
}  # what plug-ins call every device; its real name stands elsewhere, if anywhere
NO_DEVICE = {"Host", "<undefined>", "interpreter"}
NO_ADDRESS = {"<undefined>", "0000:00:00.0"}  # plug-ins; Jetsons and some virtual GPUs

COLUMNS = (
    "index",
    "kind",
    "name",
    "pci_bus_id",
    "compute_capability",
    "clock_hz",
    "core_count",
    "memory_total_bytes",
    "memory_free_bytes",
    "memory_limit_bytes",
    "memory_bandwidth",
    "line",
)

Facts = dict[str, Any]


def canonical_name(name: str) -> str:
    """A device name that is the same for every driver: newer ones put `NVIDIA ` before it."""
    plain = re.sub(r"\((?:R|TM|C)\)", "", name, flags=re.IGNORECASE)
    return re.sub(r"^(?:NVIDIA (?=\S)|ATI )", "", " ".join(plain.split()))


class DeviceReader:
    """Collects what the lines of one log say of devices; `rows` gives one row per physical device."""

    def __init__(self) -> None:
        self.devices: list[Facts] = []  # as announced, in order
        self.open: dict[int | None, list[Facts]] = {}  # by rank: announced, and lines of its block may follow
        self.mentions: list[Facts] = []  # by XLA: a name and an index, no address
        self.metal: Facts | None = None
        self.readers: dict[str, Callable[[Match, Facts], None]] = {
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
        }

    def feed(self, matches: Iterable[Match]) -> None:
        """Take matches in, in the order of the log."""
        reader_of = self.readers.get
        for match in matches:
            if (reader := reader_of(match.leaf.kind)) is not None:
                reader(match, match.fields())

    def rows(self) -> list[Facts]:
        """One row per physical device, in the order in which they appear."""
        rows: list[Facts] = []
        for device in self.devices:
            merge(rows, device)
        for mention in self.mentions:
            if not any(same_name(row, mention) for row in rows):
                rows.append(dict(mention))
            else:
                fill(next(row for row in rows if same_name(row, mention)), mention)
        return [finished(row) for row in rows if row.get("name")]

    def found(self, match: Match, fields: Facts) -> None:
        """A device is announced; the lines of its block follow, if they are not on this line."""
        device = {"kind": "gpu", "line": match.line, **facts_of(fields)}
        self.devices.append(device)
        self.open.setdefault(match.rank, []).append(device)

    def block_line(self, match: Match, fields: Facts) -> None:
        """A line of a block belongs to the newest device that is open and does not know it yet.

        The newest, because a damaged line then spoils one device; the oldest would pass the damage on to all.
        """
        facts = facts_of(fields)
        for device in reversed(self.open.get(match.rank, [])):
            if match.line - device["line"] <= BLOCK_REACH and not facts.keys() & device.keys():
                device.update(facts)
                return
        if facts.get("name"):  # the paste begins in the middle of a block
            self.found(match, fields)

    def created(self, match: Match, fields: Facts) -> None:
        """A device that TensorFlow uses; virtual ones share an address, and their limits add up."""
        if "index" not in fields:  # `XLA_GPU device` of a device mapping
            return
        facts = facts_of(fields)
        limit = facts.pop("memory_limit_bytes", None)
        part = re.sub(r".*/(?:device:)?", "", fields.get("tf_device", ""))
        device = {"kind": "gpu", "line": match.line, **facts}
        if limit is not None:
            device["limits"] = {part: limit}
        self.devices.append(device)

    def ignored(self, _match: Match, fields: Facts) -> None:
        """A device that is there and not used: it says something of one that was announced, and makes none."""
        facts = facts_of(fields)
        for device in self.devices:
            if same_address(device, facts) or (
                device.get("index") == facts["index"] and same_name(device, facts)
            ):
                fill(device, facts)
                return

    def mentioned(self, match: Match, fields: Facts) -> None:
        """XLA names the devices that it could use; the processor is called Host."""
        if fields.get("name") not in NO_DEVICE and "name" in fields:
            self.mentions.append({"kind": "gpu", "line": match.line, **facts_of(fields)})

    def named(self, match: Match, fields: Facts) -> None:
        """A plug-in names its device."""
        self.devices.append({"kind": "gpu", "line": match.line, **facts_of(fields)})

    def metal_device(self, match: Match, fields: Facts) -> None:
        """Apple's plug-in names the chip, or the AMD card of an Intel Mac."""
        self.named(match, {"index": 0, **fields})
        self.metal = self.devices[-1]

    def metal_memory(self, _match: Match, fields: Facts) -> None:
        """The memory that an Apple chip shares with its processor."""
        if self.metal is not None and "memory_total" in fields:
            fill(self.metal, facts_of(fields))

    def tpu(self, match: Match, fields: Facts) -> None:
        """A core of a TPU."""
        if fields.get("device_type") == "TPU":
            index = re.search(r"\d{1,9}$", fields["tf_device"])
            self.devices.append(
                {
                    "kind": "tpu",
                    "name": "TPU",
                    "line": match.line,
                    "index": int(index[0]) if index else None,
                    "tpu": fields["tf_device"],
                    "limits": {"TPU": fields["memory_bytes"]},
                }
            )


def facts_of(fields: Facts) -> Facts:
    """The fields of a line as columns of the table."""
    facts: Facts = {
        name: fields[name] for name in ("index", "name", "core_count", "pci_bus_id") if name in fields
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


def merge(rows: list[Facts], device: Facts) -> None:
    """Add a device, or what it says to the row that is the same physical device."""
    for row in rows:
        if same_device(row, device):
            fill(row, device)
            return
    rows.append({**device, "limits": dict(device.get("limits", {}))})


def fill(row: Facts, device: Facts) -> None:
    """Add to a row what it does not know yet."""
    row.setdefault("limits", {}).update(device.get("limits", {}))
    for name, value in device.items():
        if row.get(name) is None:
            row[name] = value


def same_device(row: Facts, device: Facts) -> bool:
    """Whether two announcements are of one device: by address, else by name and index."""
    if row["kind"] != device["kind"] or row.get("tpu") != device.get("tpu"):
        return False
    one, two = address(row), address(device)
    if one and two:
        return one == two
    if PLUGINS & {row.get("name"), device.get("name")}:
        return row.get("index") == device.get("index")
    return same_name(row, device) and row.get("index") == device.get("index")


def same_address(row: Facts, device: Facts) -> bool:
    """Whether both have one PCI address."""
    one = address(row)
    return one is not None and one == address(device)


def address(device: Facts) -> str | None:
    """The PCI bus id, None where it says nothing or was made unreadable."""
    pci = device.get("pci_bus_id")
    if not pci:
        return None
    pci = str(pci).lower()
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

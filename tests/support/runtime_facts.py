"""What matches say, in the words of the catalogue of runtime lines: each expected field has one way to be read."""

import re

import pytest

from logreport.grammar import Records
from logreport.runs.machine.devices import DeviceReader, Line, facts_of
from logreport.runs.machine.environment import EnvironmentReader, cudnn_version
from logreport.runs.machine.tensorflow_release import infer

MADE = ("device_created", "device_ignored", "directml_device")
UNITS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}


def size(text):
    """`3.91GiB`, `104.43GiB/s` or `16.00 GB` in bytes."""
    number, unit = re.fullmatch(r"([0-9.]+) ?([KMGT]?)i?B(?:/s)?", text).groups()
    return round(float(number) * 1024 ** UNITS[unit])


def line_of(match):
    """A match as the readers take it."""
    return Line(match.line, match.leaf.kind, match.fields(), match.rank)


class Facts:
    """Everything that the readers and the fields of some matches say.

    Args:
        matches: the matches of one log.
    """

    def __init__(self, matches):
        self.matches = matches
        self.all = [(match.leaf.kind.removeprefix("tensorflow."), match.fields()) for match in matches]
        devices, environment = DeviceReader(), EnvironmentReader()
        for match in matches:
            devices.feed([line_of(match)])
            environment.feed([line_of(match)])
        self.rows = devices.rows()
        self.environment = {row["key"]: row["value"] for row in environment.rows()}

    def kinds(self, *kinds):
        """The fields of all matches of these kinds."""
        return [fields for kind, fields in self.all if kind in kinds]

    def first(self, name, *kinds):
        """The first value of a field, of any kind or of these."""
        return next((f[name] for kind, f in self.all if name in f and (not kinds or kind in kinds)), None)

    def each(self, name, *kinds):
        """All values of a field."""
        return [f[name] for kind, f in self.all if name in f and (not kinds or kind in kinds)]

    def matrix(self):
        """Columns and rows of a matrix of links."""
        columns = self.first("columns")
        return {
            "columns": [int(one) for one in re.findall(r"\d+", columns or "")],
            "rows": {fields["row"]: fields["links"].replace(" ", "") for fields in self.kinds("matrix_row")},
        }

    def made(self, *kinds):
        """Created, ignored or mapped devices."""
        return [created(f) for f in self.kinds(*(kinds or ("device_created",))) if "index" in f]

    def xla(self):
        """The devices that XLA names."""
        return [xla_device(f) for f in self.kinds("xla_device")]

    def mapping(self):
        """TensorFlow's names of devices, and what they stand for."""
        return {
            f["tf_device"]: f["xla_name"]
            if "xla_name" in f
            else {k: v for k, v in created(f).items() if k != "tf_device"}
            for f in self.kinds("mapped_device")
        }

    def os_hint(self):
        """The system, from the spelling of paths or a notice of NUMA."""
        if self.first("numa_platform") == "OS X":
            return "macOS"
        text = " ".join(self.each("file") + self.each("library"))
        return "Windows" if "\\" in text or ".dll" in text else None

    def releases(self):
        """The release that the places of the lines prove."""
        inferred = infer(Records.of(self.matches))
        return inferred.release if inferred else None


def created(fields):
    """A created device in the catalogue's words."""
    limit = fields.get("memory_limit")
    pci = fields.get("pci_bus_id")
    found = {
        "tf_device": fields.get("tf_device"),
        "ordinal": fields["index"],
        "name": fields["name"],
        "pci": None if pci == "<undefined>" else pci,
        "cc": facts_of(fields).get("compute_capability"),
        "memory_mb": None if limit is None else limit >> 20,
    }
    return {key: value for key, value in found.items() if value is not None}


def xla_device(fields):
    """A device of XLA in the catalogue's words."""
    name = fields.get("name")
    words = {"cuda_driver": "driver_cuda", "cuda_runtime": "runtime", "cuda_toolkit": "toolkit"}
    return {
        "index": fields["index"],
        "name": None if name == "<undefined>" else name,
        "version": "Default Version" if name == "Host" else None,
        "cc": fields.get("compute_capability"),
        "isa": fields.get("isa"),
        "dnn": fields.get("dnn"),
        "driver": fields.get("driver"),
        **{word: fields.get(key) for key, word in words.items()},
    }


def device_agrees(row, want):
    """Whether a row of the devices table is what the catalogue expects."""
    has = {
        "index": row["index"],
        "name": row["name"],
        "cc": row["compute_capability"],
        "isa": row["compute_capability"],
        "clock_ghz": (row["clock_hz"] or 0) / 1e9,
        "pci": row["pci_bus_id"],
        "core_count": row["core_count"],
        "total_memory": row["memory_total_bytes"],
        "memory_size": row["memory_total_bytes"],
        "free_memory": row["memory_free_bytes"],
        "memory_bandwidth": row["memory_bandwidth"],
    }
    expected = {
        key: size(value) if isinstance(value, str) and "memory" in key else value
        for key, value in want.items()
    }
    if (expected.get("memory_bandwidth") or 0) < 1 << 30:
        expected.pop("memory_bandwidth", None)  # a Jetson's is not a bandwidth
    return all(
        has[key] == pytest.approx(value) if isinstance(value, float) else has[key] == value
        for key, value in expected.items()
    )


def split(name):
    """A list that the environment holds as one text."""
    return lambda facts: facts.environment.get(name, "").split()


def of(name, *kinds):
    """The first value of a field."""
    return lambda facts: facts.first(name, *kinds)


def version(name, *kinds):
    """A cuDNN version."""
    return lambda facts: cudnn_version(facts.first(name, *kinds))


def made(key):
    """A fact of the first created, ignored or plug-in device."""
    return lambda facts: [{}, *facts.made(*MADE)][-1].get(key)


def numbers(text):
    """The whole numbers in a text."""
    return [int(one) for one in re.findall(r"\d+", text or "")]


LOOK = {
    "visible": lambda f: sorted({n for text in f.each("visible") for n in numbers(text)}),
    "created": lambda f: f.made(),
    "mapping": Facts.mapping,
    "dma": Facts.matrix,
    "columns": lambda f: f.matrix()["columns"],
    "rows": lambda f: f.matrix()["rows"],
    "strength": of("strength"),
    "interconnect": lambda f: {
        "name": f.first("interconnect"),
        "strength": f.first("strength"),
        **f.matrix(),
    },
    "os_hint": Facts.os_hint,
    "libraries": lambda f: f.each("library"),
    "failed": lambda f: f.each("missing"),
    "tf_version_by_fingerprint": lambda f: f"{f.releases()}.0",
    "line": of("file_line"),
    "build": lambda f: str(f.first("build")),
    "tf_device_wrapped": made("tf_device"),
    "name_wrapped": made("name"),
    "pci_wrapped": made("pci"),
    "name": lambda f: f.first("interconnect") or [{}, *f.made(*MADE)][-1].get("name"),
    "timestamp": of("timestamp", "device_found", "message"),
    "isa": lambda f: f.first("isa"),
    "epoch": of("unix_time"),
    "monthday": lambda f: (f.first("clock") or "")[:4],
    "time": lambda f: (f.first("clock") or "")[5:],
    "unused_features": split("cpu_features_unused"),
    "missing_feature": of("missing_features"),
    "cpu_frequency_hz": of("clock_hz"),
    "inter_op_threads": of("inter_op"),
    "intra_op_threads": of("intra_op"),
    "region_size_bytes": of("region_bytes"),
    "omp": lambda f: {
        "os_procs": f.first("processors"),
        "packages": f.first("packages"),
        "total_cores": f.first("cores"),
        "cores_per_package": f.first("cores_per_package"),
        "threads_per_core": f.first("threads_per_core"),
    },
    "onednn": lambda f: f.environment.get("onednn") == "on",
    "cudnn": version("cudnn"),
    "cudnn_raw": lambda f: int(f.first("cudnn")),
    "cudnn_runtime": version("cudnn"),
    "cudnn_compiled": version("cudnn_compiled"),
    "raw": lambda f: [int(f.first("cudnn")), int(f.first("cudnn_compiled"))],
    "gpu_used": lambda f: (
        not (f.environment.keys() & {"no_gpu", "cuinit_error"} or f.first("cuda_visible_devices") == '"-1"')
    ),
    "tensorrt": lambda f: not f.kinds("tensorrt"),
    "cuinit_error": of("error"),
    "hipinit_error": of("error"),
    "hostname": of("host_name"),
    "libcuda_version": of("driver"),
    "librocm_version": of("driver"),
    "driver_match": lambda f: f.environment.get("driver_match") == "yes",
    "failed_bytes": of("requested_bytes"),
    "requested": lambda f: (
        f"{f.first('requested') / 2**20:.2f}MiB"
        if f.first("requested") < 2**30
        else f"{f.first('requested') / 2**30:.2f}GiB"
    ),
    "allocating": lambda f: f"{f.first('allocating') / 2**30:.2f}GiB",
    "shape": lambda f: numbers(f.first("shape")),
    "limit": of("limit_bytes"),
    "in_use": of("in_use_bytes"),
    "max_in_use": of("max_in_use_bytes"),
    "num_allocs": of("allocations"),
    "max_alloc_size": of("max_allocation_bytes"),
    "tf_version": lambda f: f.first("value") or f.first("version"),
    "container": lambda f: f"NVIDIA NGC {f.first('release')}",
    "cuda_visible_devices": lambda f: f.first("cuda_visible_devices").strip('"'),
    "allow_growth": lambda f: bool(f.kinds("allow_growth")),
    "xla": lambda f: bool(f.kinds("xla_compiled")),
    "jit_from_ptx": lambda f: bool(f.kinds("ptx")),
    "metal_device": of("name", "metal_device"),
    "system_memory": lambda f: f"{f.first('memory_total') / 2**30:.2f} GB",
    "max_cache_size": lambda f: f"{f.first('cache_size') / 2**30:.2f} GB",
    "ordinals": lambda f: [one["ordinal"] for one in f.made()],
    "rank": lambda f: f.matches[0].rank,
    "ranks": lambda f: [match.rank for match in f.matches],
    "mig": lambda f: re.search(r"MIG (\S+)", f.first("name"))[1],
    "type": lambda f: f.first("type") or f.first("device_type"),
    "device": lambda f: f.first("tf_device"),
    **{key: made(key) for key in ("ordinal", "cc", "memory_mb", "pci")},
}


def disagreements(matches, example):
    """The expected fields of an example that the matches do not say, each with what they say instead."""
    facts, found = Facts(matches), {}
    for key, want in example["fields"].items():
        if want == ["/gpu:0"]:  # what the script was asked for
            has = f"{want}"
            agrees = has in facts.each("value", "tf_cnn_benchmarks.header")
        elif key == "devices":
            has = facts.xla() if facts.kinds("xla_device") else facts.rows
            agrees = all(any(device_says(row, one) for row in has) for one in want) and len(has) >= len(want)
        elif key == "created":
            has = facts.made()
            agrees = len(has) == len(want) and all(
                one.items() <= made.items() for one, made in zip(want, has, strict=True)
            )
        else:
            has = LOOK.get(key, of(key))(facts)
            agrees = has == want
        if not agrees:
            found[key] = has
    return found


def device_says(row, want):
    """Whether a row of the devices table, or a device of XLA, is the expected one."""
    if "clock_hz" in row:
        return device_agrees(row, want)
    return all(row.get(key) == value for key, value in want.items())

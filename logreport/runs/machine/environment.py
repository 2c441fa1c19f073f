"""Facts about the machine and its software that TensorFlow's runtime lines tell: processor, threads, libraries, driver."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from logreport.runs.machine.devices import Line, short_name

Facts = dict[str, Any]
Row = dict[str, Any]

# Missing, they cost no GPU.
OPTIONAL = re.compile(r"nvinfer|nvonnxparser|nvrtc|cupti|TensorRT", re.IGNORECASE)
CUDA_RUNTIME = re.compile(r"(?:lib)?cudart(?:64_(?P<windows>\d\d+)|(?:\.so)?\.(?P<unix>\d+(?:\.\d+)*))")
CUDA_BY_BLAS = re.compile(r"(?:lib)?cublas(?:64_(?P<windows>\d\d\d?)|(?:\.so)?\.(?P<unix>\d+\.\d+))")
PHYSICAL = re.compile(r"/(?:physical_)?device:(\w{1,40}:[0-9]{1,6})")
_DRIVER = {"driver_version": "driver", "kernel_driver_version": "kernel_version"}
_CORES = ("packages", "cores_per_package", "threads_per_core", "cores", "processors")
_TOPOLOGY = {f"cpu_{name}": name for name in _CORES}
_PYTHON = {"python_version": "python"}
_CONTAINER = {"container": "release", "tensorflow_version": "version"}
# Lines whose fields are facts as they stand: key and field.
TOLD: dict[str, dict[str, str]] = {
    "tensorflow.threads": {"intra_op_threads": "intra_op", "inter_op_threads": "inter_op"},
    "tensorflow.driver_failed": {"cuinit_error": "error"},
    # printed only where starting the driver failed
    "tensorflow.driver_version": _DRIVER,
    "nvidia_smi.driver": {"driver_version": "version"},
    "tensorflow.host": {"host": "host_name"},
    "tensorflow.tpu": {name: name for name in ("tpu_cores", "tpu_workers", "tpu_cores_per_worker")},
    "openmp.topology": _TOPOLOGY,
    "openmp.processors": _TOPOLOGY,
    "nccl.version": {"nccl_version": "nccl", "cuda_version": "cuda"},
    "python.library_frame": _PYTHON,
    "python.warning": _PYTHON,
    "container.ngc_release": _CONTAINER,
    "container.tensorflow_version": _CONTAINER,
}
# Lines that say one thing by being there.
ON = {
    "tensorflow.xla_compiled": "xla",
    "tensorflow.mixed_precision": "mixed_precision",
    "tensorflow.tensor_float_32": "tensor_float_32",
    "tensorflow.allow_growth": "allow_growth",
    "tensorflow.ptx": "kernels_compiled_at_start",
}


class EnvironmentReader:
    """Collects facts from the lines of one log; `rows` gives key, value and line of each, in base units."""

    def __init__(self) -> None:
        self.facts: dict[str, tuple[Any, int]] = {}
        self.lists: dict[str, dict[str, int]] = {}  # by key: items in order, and the line of each
        self.readers: dict[str, Callable[[Facts, int], None]] = {
            "tensorflow.cpu_features": self.cpu_features,
            "tensorflow.cpu_features_hint": self.cpu_features,
            "tensorflow.cpu_clock": self.cpu_clock,
            "tensorflow.onednn": self.onednn,
            "tensorflow.library": self.library,
            "tensorflow.gpus_skipped": self.no_gpu,
            "tensorflow.gpus_unused": self.no_gpu,
            "tensorflow.driver_missing": self.driver_missing,
            "tensorflow.driver_match": self.driver_match,
            "tensorflow.cudnn_loaded": self.cudnn,
            "tensorflow.cudnn_mismatch": self.cudnn,
            "theano.cudnn_used": self.cudnn,
            "tensorflow.visible_devices": self.visible_devices,
            "tensorflow.physical_devices": self.physical_devices,
            "tensorflow.xla_device": self.xla_versions,
            "tensorflow.placement": self.placement,
            "tensorflow.conv_picker": self.conv_picker,
            "openmp.setting": self.openmp,
            **{kind: partial(self.told, keys) for kind, keys in TOLD.items()},
            **{kind: partial(self.on, key) for kind, key in ON.items()},
        }

    def feed(self, lines: Iterable[Line]) -> None:
        """Take lines in, in the order of the log."""
        reader_of = self.readers.get
        for line in lines:
            if (reader := reader_of(line.kind)) is not None:
                reader(line.fields, line.number)

    def rows(self) -> list[Row]:
        """Key, value and line of each fact, in the order of the log."""
        found = [{"key": key, "value": value, "line": line} for key, (value, line) in self.facts.items()]
        found += [
            {"key": key, "value": " ".join(items), "line": min(items.values())}
            for key, items in self.lists.items()
        ]
        return sorted(found, key=lambda row: int(row["line"]))

    def say(self, key: str, value: object, line: int) -> None:
        """Keep a fact; what the log said first stands."""
        if value is not None:
            self.facts.setdefault(key, (str(value), line))

    def add(self, key: str, items: list[str], line: int) -> None:
        """Add items to a list that several lines tell."""
        for item in items:
            self.lists.setdefault(key, {}).setdefault(item, line)

    def told(self, keys: Mapping[str, str], fields: Facts, line: int) -> None:
        """Keep the facts of a line whose fields are facts as they stand."""
        for key, field in keys.items():
            self.say(key, fields.get(field), line)

    def on(self, key: str, _fields: Facts, line: int) -> None:
        """What a line says by being there."""
        self.say(key, "on", line)

    def cpu_features(self, fields: Facts, line: int) -> None:
        """What the processor has and the binary does not use outside oneDNN; several lists are united."""
        if "features" in fields:
            self.add("cpu_features_unused", fields["features"].split(), line)
        if "missing_features" in fields:
            self.add("cpu_features_missing", fields["missing_features"].split(), line)
        self.say("binary_optimized_with", fields.get("optimized_with"), line)

    def cpu_clock(self, fields: Facts, line: int) -> None:
        """The nominal clock; Apple's chips answer 0."""
        if fields.get("clock_hz"):
            self.say("cpu_clock_hz", fields["clock_hz"], line)

    def onednn(self, fields: Facts, line: int) -> None:
        """The library that replaces TensorFlow's own kernels on processors."""
        self.say("onednn", "on", line)
        if "ZenDNN" in fields["onednn"]:
            self.say("zendnn", "on", line)

    def library(self, fields: Facts, line: int) -> None:
        """A library that was opened, or is missing; the name of CUDA's runtime holds the CUDA version."""
        opened, missing = fields.get("library"), fields.get("missing")
        if opened:
            self.add("libraries", [opened], line)
            self.say("cuda_version", cuda_version(opened), line)
        elif missing:
            key = "missing_optional_libraries" if OPTIONAL.search(missing) else "missing_libraries"
            self.add(key, [missing], line)

    def no_gpu(self, _fields: Facts, line: int) -> None:
        """TensorFlow says that it uses no GPU."""
        self.say("no_gpu", "no GPU is used", line)

    def driver_missing(self, fields: Facts, line: int) -> None:
        """The driver does not run on this host."""
        self.say("no_gpu", "no driver is running", line)
        self.say("host", fields.get("host_name"), line)

    def driver_match(self, fields: Facts, line: int) -> None:
        """Whether the driver in the kernel and the one in the library are of one version."""
        self.told(_DRIVER, fields, line)
        self.say("driver_match", "no" if "driver" in fields else "yes", line)

    def cudnn(self, fields: Facts, line: int) -> None:
        """The cuDNN that was loaded, and the one that TensorFlow was compiled with where they do not fit."""
        self.say("cudnn_version", cudnn_version(fields["cudnn"]), line)
        if "cudnn_compiled" in fields:
            self.say("cudnn_compiled_version", cudnn_version(fields["cudnn_compiled"]), line)

    def visible_devices(self, fields: Facts, line: int) -> None:
        """The devices that the user left visible."""
        if "cuda_visible_devices" in fields:
            self.say("cuda_visible_devices", fields["cuda_visible_devices"].strip('"'), line)

    def physical_devices(self, fields: Facts, line: int) -> None:
        """What a script printed of `tf.config.list_physical_devices()`: `CPU:0 GPU:0`."""
        self.add("physical_devices", PHYSICAL.findall(fields["device_list"]), line)

    def placement(self, fields: Facts, line: int) -> None:
        """The devices that operations run on, where a script logs that: `CPU:0 GPU:0`."""
        self.add("operations_placed_on", [short_name(fields["tf_device"]).upper()], line)

    def xla_versions(self, fields: Facts, line: int) -> None:
        """From 2.21 on XLA names versions; on a processor they are all zero."""
        names = {
            "cuda_driver": "driver_cuda_version",
            "driver": "driver_version",
            "cuda_runtime": "cuda_version",
            "cuda_toolkit": "cuda_toolkit_version",
            "dnn": "cudnn_version",
        }
        for name, key in names.items():
            if set(fields.get(name, "0")) - set("0."):
                self.say(key, fields[name], line)

    def conv_picker(self, fields: Facts, line: int) -> None:
        """The one place where a healthy log of 2.x names its driver: XLA's complaint about unequal results."""
        self.say("driver_version", fields.get("driver"), line)
        if "cudnn" in fields:
            self.say("cudnn_version", cudnn_version(fields["cudnn"]), line)

    def openmp(self, fields: Facts, line: int) -> None:
        """How many threads OpenMP has, where they may run, how long they wait: what users of MKL tune."""
        self.say(fields["variable"].lower(), fields["value"].strip("'") or None, line)


def cuda_version(library: str) -> str | None:
    """The CUDA version in the name of its runtime (`libcudart.so.10.1`, `cudart64_110.dll`) or, to 10, of cuBLAS."""
    match = CUDA_RUNTIME.match(library) or CUDA_BY_BLAS.match(library)
    if match is None:
        return None
    if match["unix"]:
        return match["unix"]
    digits = match["windows"]  # 80, 110; from 12 on the major version alone
    return digits if len(digits) == 2 and digits[0] == "1" else f"{digits[:-1]}.{digits[-1]}"


def cudnn_version(printed: str) -> str:
    """A cuDNN version as `major.minor.patch`: 8100 is 8.1.0, and from 9.0 on 90300 is 9.3.0."""
    if "." in printed or not printed.isdigit():
        return printed
    number = int(printed)
    step = 10_000 if number >= 90_000 else 1_000
    return f"{number // step}.{number % step // 100}.{number % 100}"

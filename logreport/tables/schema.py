"""The one place for table and column names, dtypes and units.

Inside, times are seconds, sizes bytes, clocks hertz and speeds examples per second; they are scaled when shown.
Dtypes are pandas' nullable ones, so that "not in the log" stays different from zero.
"""

from typing import NamedTuple

VERSION = 1  # one more when a column is renamed or means something else; a column that is added needs none


class Column(NamedTuple):
    """A column: its name, its pandas dtype, its unit, and what it says."""

    name: str
    dtype: str
    unit: str
    meaning: str


TEXT, WHOLE, REAL, FLAG, TIME = "string", "Int64", "Float64", "boolean", "datetime64[us]"

_SOURCE = Column(
    "source", TEXT, "", "path as given; `path#2` the second log of a document, `path!member` of an archive"
)
_LINE = Column("line", WHOLE, "", "line in the source, numbered from 1 before any filtering")
_RUN = Column(
    "run_id",
    TEXT,
    "",
    "hash of the run's own lines (docs/archive.md says of which bytes); missing where a log holds no run",
)

_DEVICE = Column("device", TEXT, "", "`cpu`, or `gpu N` as the driver counts them")

TABLES: dict[str, tuple[Column, ...]] = {
    "runs": (
        _RUN,
        _SOURCE,
        Column("first_line", WHOLE, "", "first line of the run"),
        Column("last_line", WHOLE, "", "last line of the run"),
        Column("benchmark", TEXT, "", "script: alexnet_benchmark, cifar10, mnist, tf_cnn_benchmarks, or a user's grammar"),
        Column("model", TEXT, "", "network, as the log names it"),
        Column("mode", TEXT, "", "training, forward, evaluation, training + evaluation"),
        Column("dataset", TEXT, "", "data set, as the log names it"),
        Column("batch_size", WHOLE, "examples", "examples per step over all devices"),
        Column("batch_size_per_device", WHOLE, "examples", "examples per step on one device"),
        Column("num_devices", WHOLE, "", "devices that the log says were used"),
        Column("ranks", WHOLE, "", "workers of the job, also those whose lines are not in the log"),
        Column("precision", TEXT, "", "fp32, fp16, …"),
        Column("optimizer", TEXT, "", "optimizer"),
        Column("variable_update", TEXT, "", "how variables are kept and updated"),
        Column("item", TEXT, "", "what its speeds count where they say it: images, tokens, samples, …"),
        Column("data_format", TEXT, "", "NCHW or NHWC"),
        Column("xla", FLAG, "", "whether XLA compiled it"),
        Column("mixed_precision", FLAG, "", "whether TensorFlow turned fp32 into fp16 by itself"),
        Column("distortions", FLAG, "", "whether images were distorted"),
        Column("threads", WHOLE, "", "threads of one operation (intra-op)"),
        Column("interconnect", TEXT, "", "what connects the devices, such as NVLink, as the path says"),
        Column("host", TEXT, "", "name of the machine"),
        Column("framework", TEXT, "", "tensorflow, theano, …"),
        Column("framework_version", TEXT, "", "release, as printed or inferred"),
        Column("framework_version_source", TEXT, "", "printed, inferred, record, given"),
        Column("device_kind", TEXT, "", "cpu, gpu, tpu, other"),
        Column("device", TEXT, "", "canonical device name: `NVIDIA ` is dropped"),
        Column("device_source", TEXT, "", "where the device name comes from: log, heading, file name, host, framework, record, given"),
        Column("device_uuid", TEXT, "", "UUIDs of the devices that it used, as the driver says them, joined like their names"),
        Column("given", TEXT, "", "what the user said of the run with --set, not the log"),
        Column("command", TEXT, "", "command line above the log"),
        Column("status", TEXT, "", "complete, truncated, failed, unknown"),
        Column("status_reason", TEXT, "", "why, in words"),
        Column("started_at", TIME, "local time of the log", "first time stamp of the run"),
        Column("ended_at", TIME, "local time of the log", "last time stamp of the run"),
        Column("memory_peak_bytes", WHOLE, "bytes", "most memory that the processes of the run held at once (resident)"),
        Column("power_watts", REAL, "W", "mean power of the devices that it used, from its start to its end"),
        Column("energy_joules", REAL, "J", "energy that these devices took, from its start to its end"),
        Column("log_sha256", TEXT, "", "SHA-256 of the source's bytes"),
    ),
    "phases": (
        _RUN,
        _SOURCE,
        Column("phase", TEXT, "", "forward, forward_backward, training, inference, evaluation"),
        Column("batch_size", WHOLE, "examples", "examples per step"),
        Column("n_steps", WHOLE, "", "measured steps"),
        Column("warmup_steps", WHOLE, "", "steps left out by logreport"),
        Column("seconds_per_batch", REAL, "s", "mean step time"),
        Column("seconds_per_batch_sd", REAL, "s", "standard deviation of step times"),
        Column("seconds_per_batch_sem", REAL, "s", "standard error of the mean step time"),
        Column("examples_per_second", REAL, "examples/s", "speed"),
        Column("examples_per_second_low", REAL, "examples/s", "95 % interval, low end (analysis)"),
        Column("examples_per_second_high", REAL, "examples/s", "95 % interval, high end (analysis)"),
        Column("examples_per_second_printed", REAL, "examples/s", "speed before any correction"),
        Column("end_to_end_examples_per_second", REAL, "examples/s", "the script's own total over wall time"),
        Column("interval_method", TEXT, "", "how the interval was made: windows, conservative (analysis)"),
        Column("jitter", REAL, "examples/s", "1.4826 × median absolute deviation, as printed"),
        Column("method", TEXT, "", "reported or computed"),
        Column("power_watts", REAL, "W", "mean power of the devices that it used while its steps ran; over the whole run where it is not known when they did (analysis)"),
        Column("examples_per_joule", REAL, "examples/J", "speed over that power (analysis)"),
        Column("step_lines", TEXT, "", "what the numbers of its steps are, where a grammar says it: interval, cumulative, timestamps"),
        Column("rate_quantum", REAL, "examples/s", "step of the last printed digit of its speeds"),
        Column("seconds_quantum", REAL, "s", "step of the last printed digit of its step times"),
        Column("warms_up", FLAG, "", "whether steps of a warm-up are printed"),
        _LINE,
    ),
    "steps": (
        _RUN,
        _SOURCE,
        Column("phase", TEXT, "", "phase of the run"),
        Column("rank", WHOLE, "", "worker that printed the line"),
        Column("step", WHOLE, "", "step number as printed; counted through where it starts again each epoch"),
        Column("epoch", WHOLE, "", "epoch, as printed"),
        Column("timestamp", TIME, "local time of the log", "time stamp of the line"),
        Column("seconds_per_batch", REAL, "s", "step time"),
        Column("examples_per_second", REAL, "examples/s", "speed as printed (cumulative in tf_cnn_benchmarks)"),
        Column("window_examples_per_second", REAL, "examples/s", "speed since the line before (analysis)"),
        Column("sem", REAL, "examples/s", "standard error as printed"),
        Column("jitter", REAL, "examples/s", "jitter as printed"),
        Column("loss", REAL, "", "loss"),
        Column("learning_rate", REAL, "", "learning rate"),
        Column("top_1", REAL, "", "top-1 accuracy, 0–1"),
        Column("top_5", REAL, "", "top-5 accuracy, 0–1"),
        Column("is_warmup", FLAG, "", "left out of the result (analysis)"),
        _LINE,
    ),
    "devices": (
        _RUN,
        _SOURCE,
        Column("index", WHOLE, "", "device number in the process"),
        Column("kind", TEXT, "", "cpu, gpu, tpu, other"),
        Column("name", TEXT, "", "as printed"),
        Column("pci_bus_id", TEXT, "", "PCI bus id"),
        Column("compute_capability", TEXT, "", "CUDA compute capability, or the ISA of an AMD GPU"),
        Column("clock_hz", REAL, "Hz", "device core clock"),
        Column("core_count", WHOLE, "", "multiprocessors"),
        Column("memory_total_bytes", WHOLE, "bytes", "memory of the device"),
        Column("memory_free_bytes", WHOLE, "bytes", "memory free at start"),
        Column("memory_limit_bytes", WHOLE, "bytes", "memory that TensorFlow may use"),
        Column("memory_bandwidth", REAL, "bytes/s", "memory bandwidth"),
        Column("uuid", TEXT, "", "UUID, of a slice of a GPU its own (record)"),
        Column("serial", TEXT, "", "serial number of the board (record)"),
        Column("vbios", TEXT, "", "version of the VBIOS (record)"),
        Column("driver_version", TEXT, "", "driver (record)"),
        Column("ecc", FLAG, "", "whether memory errors are corrected (record)"),
        Column("mig", FLAG, "", "whether it is cut into slices, or is a slice (record)"),
        Column("pcie_generation", WHOLE, "", "PCI Express: the newest generation that card and slot have in common (record)"),
        Column("pcie_width", WHOLE, "lanes", "PCI Express: lanes that card and slot have in common (record)"),
        Column("power_limit_watts", REAL, "W", "power that it may take (record)"),
        Column("clock_max_hz", REAL, "Hz", "highest core clock (record)"),
        Column("memory_clock_max_hz", REAL, "Hz", "highest memory clock (record)"),
        Column("compute_mode", TEXT, "", "default, exclusive process, prohibited (record)"),
        _LINE,
    ),
    "telemetry": (
        _RUN,
        _SOURCE,
        _DEVICE,
        Column("uuid", TEXT, "", "UUID of the device"),
        Column("used", FLAG, "", "whether the run used it, as far as is known"),
        Column("quantity", TEXT, "", "column of `samples`; of `throttled`, `throttled_heat` and the like the share of looks"),
        Column("unit", TEXT, "", "its unit"),
        Column("n_samples", WHOLE, "", "how often it was looked at"),
        Column("mean", REAL, "see unit", "mean from the start of the run to its end"),
        Column("low", REAL, "see unit", "lowest"),
        Column("high", REAL, "see unit", "highest"),
        Column("joules", REAL, "J", "of power_watts: the energy of the run"),
    ),
    "samples": (
        _RUN,
        _SOURCE,
        Column("time", TIME, "local time of the log", "when it was looked at"),
        _DEVICE,
        Column("utilisation", REAL, "", "share of the time in which it worked, 0–1; of a CPU over all its threads"),
        Column("clock_hz", REAL, "Hz", "core clock"),
        Column("memory_clock_hz", REAL, "Hz", "memory clock"),
        Column("temperature_celsius", REAL, "°C", "temperature"),
        Column("power_watts", REAL, "W", "power"),
        Column("memory_used_bytes", WHOLE, "bytes", "memory in use: of a GPU all of it, of a CPU that of the run's processes"),
        Column("throttled", TEXT, "", "what held its clock down: power, heat, hardware, brake, sync; empty if nothing did"),
        Column("joules", REAL, "J", "energy since the run began"),
    ),
    "layers": (
        _RUN,
        _SOURCE,
        Column("name", TEXT, "", "layer"),
        Column("shape", TEXT, "", "output shape, batch first: `128x56x56x64`"),
        _LINE,
    ),
    "environment": (
        _RUN,
        _SOURCE,
        Column("key", TEXT, "", "cpu_features_unused, cpu_clock_hz, threads, cuda, cudnn, driver, host, …"),
        Column("value", TEXT, "", "value in base units"),
        _LINE,
    ),
    "evaluations": (
        _RUN,
        _SOURCE,
        Column("step", WHOLE, "", "training step that was evaluated"),
        Column("epoch", WHOLE, "", "epoch that was evaluated, as printed"),
        Column("loss", REAL, "", "loss"),
        Column("top_1", REAL, "", "top-1 accuracy, 0–1"),
        Column("top_5", REAL, "", "top-5 accuracy, 0–1"),
        Column("test_error", REAL, "", "share of wrong answers, 0–1"),
        Column("examples", WHOLE, "", "examples evaluated"),
        _LINE,
    ),
    "published": (
        _SOURCE,
        Column("value", REAL, "see unit", "published number; missing where the document has a placeholder"),
        Column("unit", TEXT, "", "unit; times are in seconds"),
        Column("metric", TEXT, "", "what it measures"),
        Column("row_label", TEXT, "", "row head, such as the batch size"),
        Column("column_label", TEXT, "", "column head, such as the model"),
        Column("batch_size", WHOLE, "examples", "batch size"),
        Column("model", TEXT, "", "network"),
        Column("device", TEXT, "", "device, from the row or the text around"),
        Column("num_devices", WHOLE, "", "number of devices, from the row or the text around"),
        Column("framework", TEXT, "", "framework, from the text around"),
        Column("precision", TEXT, "", "precision, from the text around"),
        Column("dataset", TEXT, "", "data set, from the text around"),
        Column("phase", TEXT, "", "training or inference, where the table or the text around says which"),
        Column("settings", TEXT, "", "what other columns of its table say of it, as published"),
        _LINE,
    ),
    "findings": (
        _RUN,
        _SOURCE,
        Column("phase", TEXT, "", "phase that it concerns; missing for the whole run"),
        Column("severity", TEXT, "", "error, warning, note"),
        Column("code", TEXT, "", "stable code"),
        Column("message", TEXT, "", "what it means and what to do"),
        Column("details", TEXT, "JSON", "the values of the message"),
        _LINE,
    ),
    "lines": (
        _SOURCE,
        Column("total", WHOLE, "lines", "physical lines"),
        Column("record", WHOLE, "lines", "recognised, with facts"),
        Column("chatter", WHOLE, "lines", "recognised, without facts"),
        Column("blank", WHOLE, "lines", "nothing on them"),
        Column("prose", WHOLE, "lines", "text of a document around its logs"),
        Column("malformed", WHOLE, "lines", "begin as a record and do not parse"),
        Column("unknown", WHOLE, "lines", "everything else"),
    ),
}  # fmt: skip

# Columns of the runs that a grammar, a command or the user can say.
FACTS = (
    "model", "mode", "dataset", "batch_size", "batch_size_per_device", "num_devices", "ranks", "precision", "optimizer",
    "variable_update", "data_format", "xla", "mixed_precision", "distortions", "threads", "interconnect", "host",
    "framework", "framework_version", "device_kind", "device", "command", "started_at", "ended_at",
)  # fmt: skip

JOINT = " + "  # between devices of several kinds in the column `device`

# Columns of hashes, also of those that only archives have.
IDENTIFIERS = {"run_id", "log_sha256", "record_sha256", "grammars", "replaces"}


def device_names(device: str | None) -> tuple[str, ...]:
    return tuple(device.split(JOINT)) if device else ()


CPU = "cpu"  # the device of telemetry that is all processors together
LEDGER = ("record", "chatter", "blank", "prose", "malformed", "unknown")

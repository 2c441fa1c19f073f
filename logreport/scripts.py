"""What is special about each official script, as data; what needs code stands in logreport.runs.scripts, by its name.

Formats that are grammars alone say the same in their files, by directives (`logreport.grammar.directives`).

Source: the scripts themselves (tensorflow/models and tensorflow/benchmarks), read and run.
"""

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

NOTHING: Mapping[str, str] = MappingProxyType({})


class StepFormat(NamedTuple):
    """How a script prints its steps.

    `lines`: "timestamps" (single steps, time stamps give windows), "cumulative" (mean since warm-up) or
    "interval" (mean since the line before). `rate_quantum` and `seconds_quantum`: the step of the last printed
    digit, in examples/s and s. `warms_up`: whether warm-up steps are printed as if they were results.
    """

    lines: Literal["timestamps", "cumulative", "interval"]
    rate_quantum: float | None
    seconds_quantum: float | None
    warms_up: bool


_OTHER = StepFormat("interval", None, None, warms_up=True)

# What the lines of a kind can be to a run of a format that is a grammar alone, and the kinds that are so by their names.
ROLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "header": ("header",),
        "facts": (),
        "begins": (),
        "command": (),
        "step": ("step", "iteration"),
        "total": ("total", "summary", "average"),
        "evaluation": ("evaluation", "validation"),
        "evaluation_step": (),
        "completes": (),
        "fails": (),
        "ends": (),
        "published": (),
    }
)
FACTS = ("header", "facts", "begins", "command")  # whose fields are columns of the runs
RESULTS = ("step", "total", "evaluation", "evaluation_step", "completes", "fails", "ends")


class Script(NamedTuple):
    """A script that can be run.

    Args:
        name: what the user calls it.
        path: where it is in a checkout.
        repository: a key of `fetching.REPOSITORIES` in the runner.
        private: flags that name folders which the script deletes when it starts.
        data: "flag" where `--data_dir` names the data, "folder" where that is `data/` in the working
            directory, None where the script reads none.
        log_frequency: steps between two of its lines in checkouts without such a flag, where its last step alone says
            that it is done; None where a last line does.
        cifar: the version of CIFAR-10 that it reads, as its home page calls it; None where it reads none.
        data_flags: what else it must be told to read CIFAR-10.
        checkpoint: the flag that names a folder in which a checkpoint must be.
        endless: flags with the value at which it runs until it is stopped.
        choices: flags whose values are the keys of dictionaries in a file beside the script.
        gone: modules that no TensorFlow has today; a checkout that imports one of them is too old.
        result: what it is run for.
    """

    name: str
    path: str
    repository: str = "models"
    private: tuple[str, ...] = ()
    data: Literal["flag", "folder"] | None = None
    log_frequency: int | None = None
    cifar: Literal["binary", "python"] | None = None
    data_flags: Mapping[str, str] = NOTHING
    checkpoint: str | None = None
    endless: Mapping[str, str] = NOTHING
    choices: Mapping[str, str] = NOTHING
    gone: tuple[str, ...] = ()
    result: str = "result"

    @property
    def benchmark(self) -> str:
        """The benchmark whose lines it prints."""
        return next((name for name, known in OFFICIAL.items() if self in known.scripts), self.name)


class Benchmark(NamedTuple):
    """One official script with its kin: what its files are called, what its lines mean, what it leaves unsaid.

    Args:
        results: the kinds that are results, each with its grammar's name.
        files: names of scripts that print such lines, without `.py`.
        scripts: those of it that can be run.
        steps: how its step lines are to be read.
        evaluation_steps: the same of an evaluation, where it differs.
        moving_average: the flag with which its speeds say nothing about single windows.
        whole: whether its lines all belong to the open run.
        openings: kinds that make a run without any result.
        last: kinds of which one is the last line of a run.
        last_key: what a rule of its notes in the run's headers at its end, where no kind alone says it.
        header: the kind of its header lines, each a key and a value.
        header_flags: flags, and the keys of the header that print their values.
        per_device: the kind that prints the batch size of a device.
        setup_flags: flags that are facts, by the column of the runs that they fill.
        never: for a file, the kind that others print and this one does not.
        network: the one that it trains, where it has one of its own.
        usual_precision: that of a run that names none; the script prints none.
        images: whether its examples are images.
        all_devices: whether a run uses all devices that it says, not the first alone.
        has_total: whether it prints the speed of the whole job beside that of its steps.
        names_model: whether the log itself names the network.
        roles: of a format that is a grammar alone, what each of its kinds is to a run, by the names of `ROLES`.
        restarts: whether its steps start again each epoch.
        outside_epochs: the mode of a run whose steps stand in no epoch.
        rate: the field of the speed that counts, where it prints several.
        accurate: the models whose `accuracy` is a share of right answers, where others have scores of another kind.
        rounding: the step of the last printed digit of fields, in the unit in which they are printed.
        always: columns of the runs, and what they are unless a line or a command says it.
        objects: fields that are JSON objects or pairs, each with the fields that their keys become.
    """

    results: tuple[str, ...]
    files: tuple[str, ...] = ()
    scripts: tuple[Script, ...] = ()
    steps: StepFormat = _OTHER
    evaluation_steps: StepFormat | None = None
    moving_average: str | None = None
    whole: bool = False
    openings: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    last_key: str | None = None
    header: str | None = None
    header_flags: Mapping[str, str] = NOTHING
    per_device: str | None = None
    setup_flags: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    never: Mapping[str, str] = NOTHING
    network: str | None = None
    usual_precision: str | None = None
    images: bool = False
    all_devices: bool = False
    has_total: bool = False
    names_model: bool = False
    roles: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    restarts: bool = False
    outside_epochs: str | None = None
    rate: str | None = None
    accurate: tuple[str, ...] = ()
    rounding: Mapping[str, float] = MappingProxyType({})
    always: Mapping[str, str] = NOTHING
    objects: Mapping[str, Mapping[str, str]] = MappingProxyType({})

    def kinds(self, *roles: str) -> tuple[str, ...]:
        """The kinds of some roles, in the order of these."""
        return tuple(kind for role in roles for kind in self.roles.get(role, ()))


UNKNOWN = Benchmark(())
_CIFAR10 = "tutorials/image/cifar10/cifar10"
OFFICIAL = {
    "alexnet_benchmark": Benchmark(
        results=("alexnet_benchmark.step", "alexnet_benchmark.summary"),
        files=("alexnet_benchmark", "benchmark_alexnet"),
        scripts=(Script("alexnet", "tutorials/image/alexnet/alexnet_benchmark.py"),),
        # durations, mean and SD are printed with %.3f
        steps=StepFormat("timestamps", None, 0.001, warms_up=False),
        openings=("alexnet_benchmark.activation",),
        last_key="pass forward_backward",
        network="alexnet",
        usual_precision="fp32",
        images=True,
    ),
    "all_reduce_benchmark": Benchmark(
        results=("all_reduce_benchmark.iteration", "all_reduce_benchmark.average"),
        whole=True,
    ),
    "benchmark_logger": Benchmark(
        results=("benchmark_logger.metric",),
        openings=("benchmark_logger.run",),
        all_devices=True,
        names_model=True,
    ),
    "cifar10": Benchmark(
        results=("cifar10.step", "cifar10.precision"),
        files=("cifar10_train", "cifar10_multi_gpu_train", "cifar10_eval"),
        scripts=(
            Script(
                "cifar10",
                f"{_CIFAR10}_train.py",
                private=("train_dir",),
                data="flag",
                log_frequency=10,
                cifar="binary",
            ),
            Script(
                "cifar10-multi-gpu",
                f"{_CIFAR10}_multi_gpu_train.py",
                private=("train_dir",),
                data="flag",
                log_frequency=10,
                cifar="binary",
            ),
            Script(
                "cifar10-eval",
                f"{_CIFAR10}_eval.py",
                private=("eval_dir",),
                data="flag",
                cifar="binary",
                checkpoint="checkpoint_dir",
                endless={"run_once": "False"},
                result="precision",
            ),
        ),
        # speeds are printed with %.1f
        steps=StepFormat("interval", 0.1, None, warms_up=True),
        openings=("cifar10.filling",),
        never={"cifar10_eval": "cifar10.step"},
        network="cifar10",
        usual_precision="fp32",
        images=True,
    ),
    "mnist": Benchmark(
        results=("mnist.step", "mnist.test_error", "mnist.loss", "mnist.epoch"),
        files=("convolutional",),
        scripts=(Script("mnist", "tutorials/image/mnist/convolutional.py", data="folder"),),
        # milliseconds are printed with %.1f
        steps=StepFormat("interval", None, 0.0001, warms_up=True),
        whole=True,
        last=("mnist.test_error",),
        images=True,
    ),
    "tf_cnn_benchmarks": Benchmark(
        results=(
            "tf_cnn_benchmarks.step",
            "tf_cnn_benchmarks.total",
            "tf_cnn_benchmarks.eval_step",
            "tf_cnn_benchmarks.eval_accuracy",
        ),
        files=("tf_cnn_benchmarks",),
        scripts=(
            Script(
                "tf-cnn",
                "scripts/tf_cnn_benchmarks/tf_cnn_benchmarks.py",
                "benchmarks",
                data="flag",
                cifar="python",
                data_flags={"data_name": "cifar10"},
                endless={"job_name": "ps"},
                choices={"model": "models/model_config.py"},
                # up to branch cnn_tf_v1.13_compatible, and up to cnn_tf_v2.1_compatible
                gone=("tensorflow.contrib", "tensorflow.python.data.experimental.ops.threadpool"),
            ),
        ),
        # speeds and their errors are printed with %.1f, after a warm-up that is not printed
        steps=StepFormat("cumulative", 0.1, None, warms_up=False),
        # "%d\t%.1f examples/sec", speed since the line before
        evaluation_steps=StepFormat("interval", 0.1, None, warms_up=False),
        moving_average="display_perf_ewma",
        openings=("tf_cnn_benchmarks.phase", "tf_cnn_benchmarks.columns"),
        last=("tf_cnn_benchmarks.total",),
        header="tf_cnn_benchmarks.header",
        header_flags={
            "model": "Model",
            "variable_update": "Variables",
            "data_format": "Data format",
            "optimizer": "Optimizer",
        },
        per_device="tf_cnn_benchmarks.per_device",
        # mixed precision: those of forks
        setup_flags={
            "xla": ("xla", "xla_compile"),
            "mixed_precision": ("auto_mixed_precision", "enable_auto_mixed_precision", "use_tf_amp", "amp"),
            "distortions": ("distortions",),
            "threads": ("num_intra_threads",),
        },
        images=True,
        all_devices=True,
        has_total=True,
        names_model=True,
    ),
}
# Any command of the user's, where its log is no known benchmark's.
COMMAND = Script("command", path="", repository="")
SCRIPTS = {script.name: script for benchmark in OFFICIAL.values() for script in benchmark.scripts}
# The names of all files, as a regular expression's alternatives.
FILES = "|".join(name for benchmark in OFFICIAL.values() for name in benchmark.files)


def official(benchmark: str | None) -> Benchmark:
    """What is known of a benchmark; of a user's own, nothing."""
    return OFFICIAL.get(benchmark or "", UNKNOWN)


@functools.cache
def is_header(kind: str) -> bool:
    """Whether a kind is that of the header lines of a script."""
    return official(kind.partition(".")[0]).header == kind


def benchmark_of(file: str | None) -> str | None:
    """The benchmark whose lines a script prints, by the name of its file without `.py`."""
    return next((name for name, benchmark in OFFICIAL.items() if file in benchmark.files), None)


def step_format(benchmark: str | None, phase: str | None, command: str | None) -> StepFormat | None:
    """How the step lines of a phase are to be read; None where they say nothing about single windows.

    A moving average that a flag asks for cannot be undone.
    """
    known = official(benchmark)
    if known.moving_average and known.moving_average in (command or ""):
        return None
    return (known.evaluation_steps if phase == "evaluation" else None) or known.steps

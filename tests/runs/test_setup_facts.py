"""What else makes a set-up: XLA, mixed precision, distortions, threads, interconnect and host, as columns of the runs."""

import pytest

from logreport import api

CC = "tensorflow/core/common_runtime/gpu/gpu_device.cc"
FACTS = ("xla", "mixed_precision", "distortions", "threads", "interconnect", "host")


def log(*, command="", version="", lines=(), notice=True):
    """A run of tf_cnn_benchmarks; its header names the release, a notice of TensorFlow's the device."""
    shown = [f"$ {command}"] if command else []
    shown += [f"TensorFlow:  {version}"] if version else []
    shown += ["Model:       resnet50", "Batch size:  64 global", "             64 per device"]
    shown += [f"2020-11-02 00:09:58.829781: I {CC}:1665] Found device 0 with properties:"] if notice else []
    shown += ["name: Tesla T4 major: 7 minor: 5 memoryClockRate(GHz): 1.59"] if notice else []
    shown += [*lines, "Step\tImg/sec\ttotal_loss", "1\timages/sec: 100.0 +/- 0.0 (jitter = 0.0)\t7.5"]
    return "\n".join([*shown, "-" * 64, "total images/sec: 100.00", "-" * 64]) + "\n"


def facts(tmp_path, text, name="a.log"):
    """The facts of one log that are known."""
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    (row,) = api.read_logs(api.sources_of(path)).tables.rows("runs")
    return {fact: row[fact] for fact in FACTS if row[fact] is not None}


COMPILED = (
    "2020-11-02 00:10:03.240610: I tensorflow/compiler/jit/xla_compilation_cache.cc:241] Compiled cluster using XLA!  "
    "This line is logged at most once for the lifetime of the process."
)
MIXED = "2020-11-02 00:10:01.100000: I tensorflow/core/grappler/optimizers/auto_mixed_precision.cc:1924] "
PYTHON = "python tf_cnn_benchmarks.py --model=resnet50 --batch_size=64"


@pytest.mark.parametrize(
    ("text", "name", "xla"),
    [
        (log(command=f"{PYTHON} --xla=True"), "a.log", True),
        (log(command=f"{PYTHON} --xla_compile"), "a.log", True),
        (log(command=f"{PYTHON} --xla=False"), "xla/a.log", False),
        (log(command=PYTHON), "xla/a.log", True),
        (log(command=PYTHON), "a.log", False),
        (log(command=f"{PYTHON} --xla=$XLA"), "a.log", False),
        (log(command=f"TF_XLA_FLAGS=--tf_xla_auto_jit=2 {PYTHON}"), "a.log", True),
        (log(command=f"TF_XLA_FLAGS='--tf_xla_auto_jit=0' {PYTHON}"), "a.log", False),
        (log(lines=[COMPILED]), "no_xla/a.log", True),
        (log(notice=False), "GeForce_RTX_3080_XLA.logs/a.log", True),
        (log(notice=False), "GeForce_RTX_3080_no-XLA.logs/a.log", False),
        (log(notice=False), "a.log", None),
        (log(version="2.2", notice=False), "a.log", None),
        (log(version="2.2"), "xla/a.log", False),
        (log(version="1.13"), "a.log", None),
    ],
)
def test_the_compiler(tmp_path, text, name, xla):
    """A line of the runtime, the flag, the variable, the silence of a log that would say it, and last a word of the path."""
    assert facts(tmp_path, text, name).get("xla") is xla


@pytest.mark.parametrize(
    ("text", "mixed"),
    [
        (log(lines=[f"{MIXED}Running auto_mixed_precision graph optimizer"]), True),
        (
            log(lines=[f"{MIXED}Converted 1233/8054 nodes to float16 precision using 3 cast(s) to float16"]),
            True,
        ),
        (log(command=f"TF_ENABLE_AUTO_MIXED_PRECISION=1 {PYTHON}"), True),
        (log(command=f"TF_ENABLE_AUTO_MIXED_PRECISION=0 {PYTHON}"), False),
        (log(command=f"{PYTHON} --use_tf_amp"), True),
        (log(command=PYTHON), False),
        (log(version="1.15"), False),
        (log(notice=False), None),
    ],
)
def test_mixed_precision(tmp_path, text, mixed):
    """It is no fp32, although the script was asked for nothing else."""
    assert facts(tmp_path, text).get("mixed_precision") is mixed


def test_facts_of_command_and_path(tmp_path):
    """Distortions and threads by flags or words, the interconnect by words; what nobody says stays open."""
    found = facts(
        tmp_path, log(command=f"{PYTHON} --distortions=False --num_intra_threads=4"), "x_NVLink/a.log"
    )
    assert found == {
        "xla": False, "mixed_precision": False, "distortions": False, "threads": 4, "interconnect": "NVLink",
    }  # fmt: skip
    path = "3970X-Radeon-PCIEGen4.logs/real-fp32-1gpus-distortions/a.log"
    assert facts(tmp_path, log(notice=False), path) == {"distortions": True, "interconnect": "PCIe 4"}
    assert (
        facts(tmp_path, log(command=f"{PYTHON} --num_intra_threads=0", notice=False), "b.log").get("threads")
        is None
    )


def test_a_grammar_of_ones_own_can_say_them(tmp_path):
    """Header fields that have the names of these columns go to them: yes and no are read as people write them."""
    grammar = """start: header | total
header: "compiled: " xla
total: "total " examples_per_second
xla: /[a-z]+/
examples_per_second: FLOAT
%import .terminals (FLOAT)
"""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "mine.lark").write_text(grammar)
    (tmp_path / "a.log").write_text("compiled: yes\ntotal 5.0\n")
    tables = api.read_logs(api.sources_of(tmp_path / "a.log"), grammars=tmp_path / "mine").tables
    assert tables.columns["runs"]["xla"] == [True]


def test_runs_that_were_read_before_there_were_such_columns(tmp_path):
    """What the environment said of them counts as before: threads, host, driver, and that XLA compiled."""
    from logreport.analysis.comparison.pooling import members

    (tmp_path / "a.log").write_text(log(lines=[COMPILED]))
    tables = api.read_logs(api.sources_of(tmp_path / "a.log")).tables
    for fact in FACTS:
        tables.columns["runs"][fact] = [None]
    (run_id,), (source,) = (tables.columns["runs"][name] for name in ("run_id", "source"))
    for key, value in (("intra_op_threads", "4"), ("host", "h"), ("driver_version", "450.1")):
        tables.add("environment", run_id=run_id, source=source, key=key, value=value)
    (member,) = members(tables)
    shown = {name: member.facts[name] for name in ("threads", "host", "driver_version", "xla")}
    assert shown == {"threads": 4, "host": "h", "driver_version": "450.1", "xla": True}

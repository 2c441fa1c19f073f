"""`--redact`: no name of a person or a private machine in anything that is written; numbers as they were."""

import json
import re
import string

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from logreport import api
from logreport.cli import group
from logreport.sources.source import memory_source
from logreport.tables.redactor import Redactor
from logreport.tables.schema import TABLES

LOG = b"""\
zaphod@betel-5:~/bench$ mpirun -H betel-5:4,betel-6:4 python alexnet_benchmark.py --data_dir=/home/zaphod/data
2019-01-08 10:01:12.607183: I tensorflow/core/platform/cpu_feature_guard.cc:141] Your CPU supports instructions that this TensorFlow binary was not compiled to use: AVX2 FMA
2019-01-08 10:01:12.607183: E tensorflow/stream_executor/cuda/cuda_driver.cc:397] failed call to cuInit: CUDA_ERROR_NO_DEVICE
2019-01-08 10:01:12.607183: I tensorflow/stream_executor/cuda/cuda_diagnostics.cc:163] retrieving CUDA diagnostic information for host: betel-5
2019-01-08 10:01:12.607183: I tensorflow/core/distributed_runtime/rpc/grpc_server_lib.cc:324] Started server with target: grpc://10.1.2.3:2222
conv1   [128, 56, 56, 64]
2019-01-08 10:01:15.496202: step 0, duration = 0.131
2019-01-08 10:01:28.494875: Forward across 100 steps, 0.131 +/- 0.001 sec / batch
Traceback (most recent call last):
  File "/scratch/zaphod/alexnet_benchmark.py", line 3, in <module>
OSError: /home/zaphod/model on betel-5.improb.edu: ask trillian@improb.edu
"""
SECRETS = re.compile(r"zaphod|betel|trillian|improb|10\.1\.2\.3", re.IGNORECASE)
NUMBERS = ("Int64", "Float64", "boolean", "datetime64[us]")


def read(*, redact, name="/home/zaphod/logs/betel-5.log"):
    """What logreport makes of the log."""
    return api.read_logs([memory_source(name, LOG)], with_records=True, redact=redact)


def redacted(*texts):
    """Texts that know of one another, without names."""
    redactor = Redactor()
    redactor.learn(texts)
    return [redactor.text(text) for text in texts]


@pytest.fixture
def logs(tmp_path):
    """A folder with the log, named for its host."""
    path = tmp_path / "betel-5.log"
    path.write_bytes(LOG)
    return path


def call(*words):
    """Run a command line in this process."""
    return CliRunner().invoke(group, list(map(str, words)), standalone_mode=False, catch_exceptions=False)


@pytest.mark.parametrize("form", ["table", "csv", "json", "jsonl"])
@pytest.mark.parametrize("table", [*TABLES, "records"])
def test_no_table_names_anybody(logs, form, table):
    """In each table and format."""
    assert not SECRETS.search(call("parse", logs, "--redact", "--table", table, "--format", form).stdout)


def test_without_the_option_nothing_is_replaced(logs):
    """Off by default: a report at home says where its numbers come from."""
    assert "zaphod@betel-5" in call("parse", logs, "--table", "runs", "--format", "csv").stdout


@pytest.mark.slow
def test_the_report_names_nobody(logs, tmp_path):
    """Neither does any file of a report, in its provenance either."""
    call("report", logs, "--redact", "--format", "html,md", "-o", tmp_path / "out", "--title", "betel-5")
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert not SECRETS.search(path.read_text("utf-8", "replace")), path


def test_a_report_says_whether_names_were_taken_out(logs, tmp_path):
    """Its reader knows what may be passed on."""
    for options, said in (((), "takes the names out"), (("--redact",), "were taken out")):
        call("report", logs, *options, "--format", "md", "-o", tmp_path / "out")
        assert said in (tmp_path / "out" / "report.md").read_text()


@pytest.mark.parametrize("columns", ["device", "model"])
def test_the_table_names_nobody(logs, columns):
    """Neither in its cells nor in its notes."""
    assert "betel-5" in call("table", logs, "--columns", "device").stdout
    text = call("table", logs, "--redact", "--rows", "phase", "--columns", columns).stdout
    assert "977" in text
    assert not SECRETS.search(text)


def test_a_block_of_a_readme_names_nobody_where_its_marker_says_so(logs, tmp_path):
    """The marker carries the option; on the command line alone it would be lost at the next update."""
    readme = tmp_path / "README.md"
    readme.write_text(
        f"<!-- logreport:begin a {logs.name} --columns device --redact -->\n<!-- logreport:end a -->\n"
    )
    call("table", "--update", readme)
    assert "host-1 CPU" in readme.read_text()
    with pytest.raises(click.UsageError, match="into its marker"):
        call("table", "--update", readme, "--redact")


def test_the_same_name_has_the_same_placeholder_everywhere():
    """Tables, records and messages can still be read together."""
    reading = read(redact=True)
    run = next(reading.tables.rows("runs"))
    assert run["source"] == "/home/user-1/logs/host-1.log"
    assert run["command"].startswith("user-1@host-1:~/bench$ mpirun -H host-1:4,host-2:4 python")
    assert run["device"] == "host-1 CPU"
    host = [row["value"] for row in reading.tables.rows("environment") if row["key"] == "host"]
    assert host == ["host-1"]
    assert {record["source"] for record in reading.records} == {run["source"]}
    assert reading.said("--baseline /home/zaphod/logs/betel-5.log") == f"--baseline {run['source']}"


def test_numbers_are_untouched():
    """Every number, time and flag of every table is what it was, and so are the numbers of records."""
    bare, covered = read(redact=False), read(redact=True)
    for table, columns in TABLES.items():
        for column in columns:
            if column.dtype in NUMBERS or column.name == "run_id":
                assert bare.tables.columns[table][column.name] == covered.tables.columns[table][column.name]
    for one, two in zip(bare.records, covered.records, strict=True):
        for name, value in one["fields"].items():
            assert isinstance(value, str) or two["fields"][name] == value
        assert json.dumps(two)


CASES = {
    "bob@gpu-1:~$ ls": "user-1@host-1:~$ ls",
    "root@4f2a91bc33de:/workspace# ls": "root@host-1:/workspace# ls",
    "/home/bob/x and /Users/eve/x": "/home/user-1/x and /Users/user-2/x",
    r"C:\Users\John Smith\logs": r"C:\Users\user-1\logs",
    "~bob/logs/x": "~user-1/logs/x",
    "bob.smith@corp.example": "mail-1",
    "http://bob:secret@git.corp.example/x": "http://user-1@host-1/x",
    "https://github.com/tensorflow/benchmarks": "https://github.com/tensorflow/benchmarks",
    "--worker_hosts=10.0.0.2:2222,gpu-7:2222": "--worker_hosts=address-1:2222,host-1:2222",
    "listening on 192.168.1.20 and fe80::1ff:fe23:4567:890a": "listening on address-1 and address-2",
    "grpc://localhost:2222 127.0.0.1": "grpc://localhost:2222 127.0.0.1",
    "kernel driver is not running on this host (box): x": "kernel driver is not running on this host (host-1): x",
    "USER=bob": "USER=user-1",
    "node n12.hpc.uni.edu": "node host-1",
}  # fmt: skip


@pytest.mark.parametrize("text", CASES)
def test_what_is_a_name(text):
    """One by one."""
    assert redacted(text) == [CASES[text]]


@pytest.mark.parametrize(
    "text",
    [
        "2019-01-08 10:01:15.496202: step 0, duration = 0.131",
        "10\timages/sec: 51.8 +/- 0.2 (jitter = 0.1)\t7.593",
        "pciBusID: 0000:01:00.0 name: Tesla T4 computeCapability: 7.5",
        "cuDNN version 7.6.5.32, TensorRT 5.1.5.0, driver 440.33.01",
        "7.6.5.32",
        "loc:@conv1/weights std::vector abc::def precision @ 1 = 0.862",
        "/job:localhost/replica:0/task:0/device:GPU:0",
        "tensorflow.python.framework.errors_impl.InternalError: x",
        "Created device /job:localhost -> device: 0, name: GeForce GTX 1050 Ti, pci bus id: 0000:01:00.0",
        "AVX2 AVX512F FMA",
        "host-1 user-2 mail-3 address-4",
    ],
)
def test_what_is_no_name(text):
    """Times, versions, devices, PCI addresses and words of the log stay."""
    assert redacted(text) == [text]


def test_a_name_is_known_wherever_it_stands():
    """Once a text says that it is one; a name that is a word of the logs only where it is one."""
    assert redacted("bob7@gpu-box:~$ x", "logs/gpu-box/run.log", "of bob7") == [
        "user-1@host-1:~$ x",
        "logs/host-1/run.log",
        "of user-1",
    ]
    assert redacted("/home/tensorflow/x", "import tensorflow", "/opt/tensorflow/y") == [
        "/home/user-1/x",
        "import tensorflow",
        "/opt/tensorflow/y",
    ]
    assert redacted("/home/alice/x", "/scratch/alice/y", "alice") == [
        "/home/user-1/x",
        "/scratch/user-1/y",
        "alice",
    ]


def test_placeholders_that_are_there_are_not_given_again():
    """A log in which another host is called host-1 already."""
    assert redacted("host-1", "bob@gpu-1:~$") == ["host-1", "user-1@host-2:~$"]


PIECES = st.sampled_from(
    ["bob", "gpu-1", "@", ":", "/home/", "/Users/", "~", "http://", "10.0.0.1", "::1", "fe80::2:3", ".", "/", " ", "=",
     "user-1", "host-2", "--hosts", "-H", ",", "a1.uni.edu", "USER", "x", "7", "hostname: ", "\\Users\\", "\n", "$", "(", ")"]
)  # fmt: skip
TEXTS = (
    st.lists(PIECES, max_size=12).map("".join)
    | st.text(st.sampled_from(string.printable), max_size=40)
    | st.text(max_size=20)
)


@given(st.lists(TEXTS, max_size=4))
def test_doing_it_again_changes_nothing(texts):
    """What is written once can be read and written again."""
    once = redacted(*texts)
    assert redacted(*once) == once


@given(
    st.lists(st.one_of(st.integers(), st.floats(allow_nan=False)), min_size=1),
    st.sampled_from([" ", ", ", "\t", "; "]),
)
def test_rows_of_numbers_are_untouched(numbers, between):
    """Whatever the numbers are."""
    text = between.join(map(str, numbers))
    assert redacted(text) == [text]
    assert redacted(f"loss {text} images/sec") == [f"loss {text} images/sec"]


MORE_CASES = {
    "sudo -u bob python -u x.py --user eve": "sudo -u user-1 python -u x.py --user user-2",
    "docker run -u 1000:1000 x; env -u VAR y": "docker run -u 1000:1000 x; env -u VAR y",
    "{0 -> localhost:2222, 1 -> betel:2222, 2 -> heart-of-gold:2222}": "{0 -> localhost:2222, 1 -> host-1:2222, 2 -> host-2:2222}",
    "link/ether 00:1a:2b:3c:4d:5e, 00-1A-2B-3C-4D-5E": "link/ether address-1, address-1",
    "https://github.com/bob/x git@github.com:bob/x.git": "https://github.com/user-1/x git@github.com:user-1/x.git",
    "https://x.example/~bob/y https://x.example/users/bob/y": "https://host-1/~user-1/y https://host-1/users/user-1/y",
    "s3://bobs-bucket/x hdfs://nn1:8020/user/bob/x": "s3://host-1/x hdfs://host-2:8020/user/user-1/x",
    "a.tar!home/bob/x %2Fhome%2Fbob%2Fx HOME=/data/bob": "a.tar!home/user-1/x %2Fhome%2Fuser-1%2Fx HOME=/data/user-1",
    'TF_CONFIG={"worker": ["betel:2222", "b2:2222"]}': 'TF_CONFIG={"worker": ["host-1:2222", "host-2:2222"]}',
    "SLURM_NODELIST=n7 SLURM_JOB_USER=bob MASTER_ADDR=n8": "SLURM_NODELIST=host-1 SLURM_JOB_USER=user-1 MASTER_ADDR=host-2",
    "[betel:12345] *** Process received signal ***": "[host-1:12345] *** Process received signal ***",
    "https://bob:secret@git.corp.example/eve/x": "https://user-1@host-1/eve/x",
}  # fmt: skip


@pytest.mark.parametrize("text", MORE_CASES)
def test_what_is_a_name_in_commands_and_addresses(text):
    """Who runs something, lists of hosts, hardware addresses, whose folder of a server it is."""
    assert redacted(text) == [MORE_CASES[text]]
    assert redacted(MORE_CASES[text]) == [MORE_CASES[text]]


def test_a_host_is_known_by_its_short_name():
    """The full one stands in one text, the short one in others, in names of files too; words that hold it stay."""
    assert redacted(
        "on node deepthought.uni.edu", "deepthought is busy", "logs/deepthought_1.log", "deepthoughtful"
    ) == [
        "on node host-1",
        "host-1 is busy",
        "logs/host-1_1.log",
        "deepthoughtful",
    ]
    assert redacted("gpu-7.uni.edu", "gpu-7 gpu-7.log gpu-7.corp.com") == [
        "host-1",
        "host-1 host-1.log host-1",
    ]


def test_a_user_is_known_in_the_names_of_files():
    """A part of a name between separators; a word of running text may be anything."""
    assert redacted("/home/alice/x", "alice_run.log", "run-alice.log", "malice.log", "alice") == [
        "/home/user-1/x",
        "user-1_run.log",
        "run-user-1.log",
        "malice.log",
        "alice",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "https://github.com/tensorflow/benchmarks https://github.com/google/jax",
        "device: 0 -> name: GPU, [GPU:0], epoch:10, step -> loss:3",
        "resnet50 vgg16 inception3 v2.0.1 GeForce RTX 2080 Ti @ 1.545 GHz",
    ],
)
def test_what_is_no_name_in_commands_and_addresses(text):
    """Publishers of code that everybody runs, devices, models and releases."""
    assert redacted(text) == [text]


def test_errors_are_redacted_too(tmp_path):
    """What a command says of an input that failed is shown where its tables are."""
    (tmp_path / "betel-5.log").write_bytes(LOG)
    said = call("parse", tmp_path / "betel-5.log", "/home/zaphod/no-such.log", "--redact", "--table", "runs")
    assert "no such file" in said.stderr
    assert not SECRETS.search(said.stdout + said.stderr)

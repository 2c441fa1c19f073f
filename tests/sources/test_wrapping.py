"""One run, however its log reached us: each wrapper gives the same run, steps, totals and devices as the bare log."""

import bz2
import csv
import gzip
import html
import io
import json
import lzma
import tarfile
import zipfile

import pytest

from logreport import api
from logreport.sources.source import memory_source

TABLES = ("runs", "phases", "steps", "devices", "layers", "evaluations")
PLACES = {"source", "line", "first_line", "last_line", "log_sha256", "rank", "ranks"}
LOGS = (
    "alexnet-gtx-1050-ti.log",
    "cifar10-gtx-1060-6gb.log",
    "runs/mnist-self-test-1-thread.log",
    "tf_cnn-resnet50-gtx-1050-ti.log",
    "runs/tf_cnn-resnet20-batch-128-1-thread.log",
)
DEVICES = b"""\
2019-01-08 10:01:11.607183: I tensorflow/core/common_runtime/gpu/gpu_device.cc:1432] Found device 0 with properties:
name: GeForce GTX 1050 Ti major: 6 minor: 1 memoryClockRate(GHz): 1.392
pciBusID: 0000:01:00.0
totalMemory: 3.94GiB freeMemory: 3.63GiB
2019-01-08 10:01:11.607231: I tensorflow/core/common_runtime/gpu/gpu_device.cc:1511] Adding visible gpu devices: 0
2019-01-08 10:01:11.821407: I tensorflow/core/common_runtime/gpu/gpu_device.cc:982] Device interconnect StreamExecutor with strength 1 edge matrix:
2019-01-08 10:01:11.821440: I tensorflow/core/common_runtime/gpu/gpu_device.cc:988]      0
2019-01-08 10:01:11.821448: I tensorflow/core/common_runtime/gpu/gpu_device.cc:1001] 0:   N
"""


def each(prefix, suffix=b""):
    """A wrapper that puts something around every line."""
    return lambda log: b"".join(prefix + line + suffix + b"\n" for line in log.splitlines())


def stamped(line_of):
    """A wrapper whose prefix counts the lines, as a time does."""
    return lambda log: b"".join(
        line_of(number).encode() + line + b"\n" for number, line in enumerate(log.splitlines())
    )


def seconds(number):
    """A time of day for a line."""
    return f"{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}"


def notebook(log):
    """The output cell of a notebook."""
    text = [line + "\n" for line in log.decode().splitlines()]
    outputs = [{"name": "stdout", "output_type": "stream", "text": text}]
    cells = [{"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": outputs, "source": []}]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 2}, indent=1).encode()


def cast(log):
    """A terminal recording of asciinema."""
    lines = [json.dumps({"version": 2, "width": 200, "height": 50})]
    lines += [json.dumps([n / 10, "o", line + "\r\n"]) for n, line in enumerate(log.decode().splitlines())]
    return "\n".join(lines).encode() + b"\n"


def listed(log):
    """What Ansible shows of a command: all of its output as one string, and as a list of lines."""
    text = log.decode()
    return json.dumps({"changed": True, "stdout": text, "stdout_lines": text.splitlines()}, indent=4).encode()


def collected(key, indent=None, before=""):
    """A wrapper that keeps each line in an object, as collectors of logs do."""

    def wrap(log):
        objects = [
            {"time": f"2021-05-01T{seconds(n)}Z", key: line, "level": "INFO"}
            for n, line in enumerate(log.decode().splitlines())
        ]
        if indent is not None:
            return json.dumps({"events": objects}, indent=indent).encode()
        return "".join(f"{before}{json.dumps(one)}\n" for one in objects).encode()

    return wrap


def exported(log):
    """A table as CSV with a time and a line in each row; a line with a comma or quotes is quoted."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["@timestamp", "@message"])
    rows.writerows([f"2021-05-01 {seconds(n)}.607", line] for n, line in enumerate(log.decode().splitlines()))
    return out.getvalue().encode()


def page(log):
    """A web page."""
    return (
        b"<html><body><pre>\n" + html.escape(log.decode(), quote=False).encode() + b"</pre></body></html>\n"
    )


def zipped(log):
    """A zip archive with a folder."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("logs/run.log", log)
    return out.getvalue()


def tarred(log):
    """A compressed tar archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        info = tarfile.TarInfo("logs/run.log")
        info.size = len(log)
        archive.addfile(info, io.BytesIO(log))
    return out.getvalue()


WRAPPERS = {
    "mpirun": ("run.log", each(b"[1,0]<stdout>:")),
    "mpirun, errors": ("run.log", each(b"[1,0]<stderr>: ")),
    "mpirun with date": ("run.log", each(b"Thu Jun 18 14:28:35 2020[1,0]<stdout>:")),
    "mpirun with date, one digit": ("run.log", each(b"Tue Jan  8 14:28:35 2019[1,0]<stderr>:")),
    "Intel MPI": ("run.log", each(b"[0] ")),
    "srun -l": ("run.log", each(b"0: ")),
    "srun -l, many tasks": ("run.log", each(b" 0: ")),
    "Ray": ("run.log", each(b"(gpu_operation pid=2277) ")),
    "Ray on another machine": ("run.log", each(b"(Trainer pid=2277, ip=10.0.0.7) ")),
    "docker compose": ("run.log", each(b"trainer-1  | ")),
    "docker compose, old names": ("run.log", each(b"bench_trainer_1    | ")),
    "docker logs -t": ("run.log", stamped(lambda n: f"2019-01-08T{seconds(n)}.607183000Z ")),
    "kubectl logs --timestamps": ("run.log", stamped(lambda n: f"2021-05-01T{seconds(n)}.607183123+02:00 ")),
    "kubectl logs --prefix": ("run.log", each(b"[pod/bench-abcde-x1/tensorflow] ")),
    "torchrun --tee": ("run.log", each(b"[default0]:")),
    "a stream in brackets": ("run.log", each(b"[stdout] ")),
    "GitLab": ("run.log", stamped(lambda n: f"2024-05-22T{seconds(n)}.962646Z 01O ")),
    "GitLab, cut lines": ("run.log", stamped(lambda n: f"2024-05-22T{seconds(n)}.962646Z 01O+")),
    "containerd": ("run.log", stamped(lambda n: f"2021-05-01T{seconds(n)}.607183123Z stdout F ")),
    "launcher": ("run.log", stamped(lambda n: f"INFO|2018-01-29T{seconds(n)}|/opt/launcher.py|27| ")),
    "Airflow": ("run.log", stamped(lambda n: f"[2020-01-02 {seconds(n)},345] {{bash_operator.py:110}} INFO - ")),
    "Python's logging": ("run.log", stamped(lambda n: f"2020-01-02 {seconds(n)},345 - INFO - ")),
    "CI timestamps": ("run.log", stamped(lambda n: f"[2020-01-02T{seconds(n)}.345Z] ")),
    "ts": ("run.log", stamped(lambda n: f"Jan 08 {seconds(n)} ")),
    "syslog": ("run.log", stamped(lambda n: f"Jan  8 {seconds(n)} gpu1 bench[2277]: ")),
    "journalctl -o short-iso": ("run.log", stamped(lambda n: f"2019-01-08T{seconds(n)}+0100 gpu1 bench[2277]: ")),
    "container in container": ("run.log", each(b"2019-01-08T10:01:11Z pod-0 | [1,0]<stdout>:")),
    "quoted mail": ("run.log", each(b"> ")),
    "twice quoted mail": ("run.log", each(b"> > ")),
    "quoted without a blank": ("run.log", each(b">")),
    "indented": ("run.log", each(b"    ")),
    "indented by tabs": ("run.log", each(b"\t")),
    "list bullets": ("run.log", each(b"- ")),
    "list of stars, indented": ("run.log", each(b"  * ")),
    "numbered list": ("run.log", stamped(lambda n: f"{n + 1}. ")),
    "patch": ("run.log", lambda log: b"diff --git a/run.log b/run.log\n+++ b/run.log\n" + each(b"+")(log)),
    "comment of Python": ("run.log", each(b"# ")),
    "comment of C": ("run.log", each(b"// ")),
    "comment in a text": ("run.txt", each(b"# ")),
    "comment in a fence": ("run.md", lambda log: b"# Results\n\n```python\n" + each(b"# ")(log) + b"```\n"),
    "line numbers of cat -n": ("run.log", stamped(lambda n: f"{n + 1:6}\t")),
    "grep -n": ("run.log", stamped(lambda n: f"{n + 1}:")),
    "grep, file names": ("run.log", each(b"logs/run.log:")),
    "CRLF": ("run.log", lambda log: log.replace(b"\n", b"\r\n")),
    "CR CR LF": ("run.log", lambda log: log.replace(b"\n", b"\r\r\n")),
    "ANSI colours": ("run.log", each(b"\x1b[32m", b"\x1b[0m")),
    "ANSI, written out": ("run.log", each(b"^[[1;5H")),
    "NUL bytes": ("run.log", lambda log: b"\x00\x00" + log.replace(b"\n", b"\n\x00")),
    "blank lines between": ("run.log", lambda log: log.replace(b"\n", b"\n\n")),
    "blanks at the ends": ("run.log", each(b"", b"   ")),
    "HTML breaks": ("run.html", each(b"", b"<br>")),
    "HTML breaks, one line": ("run.html", lambda log: log.rstrip().replace(b"\n", b"<br/>") + b"\n"),
    "web page": ("run.html", page),
    "Markdown fence": ("run.md", lambda log: b"# Results\n\n```console\n" + log + b"```\n"),
    "Markdown, indented": ("run.md", lambda log: b"# Results\n\n" + each(b"    ")(log)),
    "reStructuredText": ("run.rst", lambda log: b"Results\n=======\n\n::\n\n" + each(b"    ")(log)),
    "notebook": ("run.ipynb", notebook),
    "asciinema": ("run.cast", cast),
    "Ansible": ("run.json", listed),
    "Ansible, in a log": ("run.log", listed),
    "Docker's files": ("run-json.log", collected("log")),
    "fluentd": ("run.log", collected("log", before="2021-05-01T10:00:00+00:00\tdocker.bench\t")),
    "CloudWatch, as JSON": ("run.json", collected("message", indent=4)),
    "Google's, as JSON": ("run.json", collected("textPayload", indent=2)),
    "python-json-logger": ("run.log", collected("message")),
    "table of a log explorer": ("run.csv", exported),
    "UTF-8 with mark": ("run.log", lambda log: b"\xef\xbb\xbf" + log),
    "UTF-16": ("run.log", lambda log: log.decode().encode("utf-16")),
    "UTF-16, big end first": ("run.log", lambda log: b"\xfe\xff" + log.decode().encode("utf-16-be")),
    "no newline at the end": ("run.log", lambda log: log.rstrip(b"\n")),
    "gzip": ("run.log.gz", gzip.compress),
    "bzip2": ("run.log.bz2", bz2.compress),
    "xz": ("run.log.xz", lzma.compress),
    "gzip twice": ("run.log", lambda log: gzip.compress(gzip.compress(log))),
    "zip": ("run.zip", zipped),
    "tar": ("run.tar.gz", tarred),
}  # fmt: skip


def facts(name, content, folder):
    """All rows of the tables that are about runs, without where they stand."""
    if name.endswith((".zip", ".tar.gz")):
        (folder / name).write_bytes(content)
        sources = api.sources_of(folder / name)
    else:
        sources = [memory_source(f"bench/{name}", content)]
    reading = api.read_logs(sources)
    assert reading.errors == []
    return {
        table: [
            {key: value for key, value in row.items() if key not in PLACES}
            for row in reading.tables.rows(table)
        ]
        for table in TABLES
    }


@pytest.fixture(scope="module")
def logs(samples):
    """Logs to wrap, with a device announced by lines that belong together."""
    found = {name: (samples / name).read_bytes() for name in LOGS}
    command, _, rest = found["tf_cnn-resnet50-gtx-1050-ti.log"].partition(b"\n")
    found["with devices"] = command + b"\n" + DEVICES + rest
    return found


@pytest.mark.parametrize("log", [*LOGS, "with devices"])
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_wrapped_log_is_the_same_run(logs, log, wrapper, tmp_path):
    """Same run_id, same numbers: what a launcher, a mail or an archive puts around a log is no part of it."""
    name, wrap = WRAPPERS[wrapper]
    bare = facts("run.log", logs[log], tmp_path)
    assert len(bare["runs"]) == 1
    assert facts(name, wrap(logs[log]), tmp_path) == bare

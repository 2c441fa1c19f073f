"""The command line as tests call it, logs that they compare, and the examples of the documentation."""

import random
import re
import shlex
import sys
from datetime import datetime, timedelta

import pytest

from logreport import cli

DEVICE = """2019-01-{:02} 10:01:11.800530: I tensorflow/core/common_runtime/gpu/gpu_device.cc:1434] Found device 0 with properties:
name: {} major: 6 minor: 1 memoryClockRate(GHz): 1.392
pciBusID: 0000:01:00.0
totalMemory: 3.94GiB freeMemory: 3.63GiB
"""


def call(capsysbinary, monkeypatch, *arguments):
    """Exit status, standard output and standard error of one call."""
    monkeypatch.setattr(sys, "argv", ["logreport", *map(str, arguments)])
    capsysbinary.readouterr()
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsysbinary.readouterr()
    return ended.value.code, said.out.decode(), said.err.decode()


def alexnet_log(seconds, *, seed=1, noise=0.01, device="GeForce GTX 1050 Ti", batch=128, steps=100, day=8):
    """What alexnet_benchmark prints: a step of `seconds` with relative noise; forward-backward takes twice as long."""
    rng, at = random.Random(seed), datetime(2019, 1, day, 10, 1, 15)  # noqa: DTZ001, S311 - logs carry local time
    lines = [f"python alexnet_benchmark.py --batch_size={batch}", f"conv1   [{batch}, 56, 56, 64]"]
    for name, mean in (("Forward", seconds), ("Forward-backward", 2 * seconds)):
        times = [mean * rng.lognormvariate(0, noise) for _ in range(steps)]
        for step, own in enumerate(times):
            at += timedelta(seconds=own)
            if step % 10 == 0:
                lines.append(f"{at:%Y-%m-%d %H:%M:%S.%f}: step {step}, duration = {own:.3f}")
        average = sum(times) / steps
        spread = (sum((t - average) ** 2 for t in times) / steps) ** 0.5
        lines.append(
            f"{at:%Y-%m-%d %H:%M:%S.%f}: {name} across {steps} steps, {average:.3f} +/- {spread:.3f} sec / batch"
        )
        at += timedelta(seconds=5)
    return "\n".join([lines[0], lines[1], DEVICE.format(day, device).rstrip(), *lines[2:]]) + "\n"


def write(path, text):
    """Write a log, and give its path back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def examples(document):
    """(command, what it prints, exit status or None) of each `$ logreport …` in a document."""
    for block in re.findall(r"^```console\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL):
        parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)[1:]
        calls = list(zip(parts[::2], parts[1::2], strict=True))
        for i, (command, printed) in enumerate(calls):
            if command.startswith("logreport "):
                status = (
                    int(calls[i + 1][1]) if calls[i + 1 : i + 2] and calls[i + 1][0] == "echo $?" else None
                )
                yield shlex.split(command)[1:], printed, status


def check_examples(document, capsysbinary, monkeypatch):
    """Every example prints what the document says; returns how many there are."""
    count = 0
    for arguments, printed, status in examples(document):
        got, out, err = call(capsysbinary, monkeypatch, *arguments)
        assert out == printed, shlex.join(arguments)
        assert status is None or got == status, err
        count += 1
    return count

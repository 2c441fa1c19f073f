#!/usr/bin/env python3
"""Write generated logs to measure on; the same arguments give the same bytes on every machine."""

import argparse
import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

GPUS = (
    "GeForce GTX 1050 Ti",
    "GeForce GTX 1060 6GB",
    "Tesla K40m",
    "Tesla P100-PCIE-16GB",
    "TITAN X (Pascal)",
)
MODELS = ("resnet50", "vgg16", "inception3", "alexnet", "trivial")
LAYERS = (
    ("conv1", 56, 64),
    ("pool1", 27, 64),
    ("conv2", 27, 192),
    ("pool2", 13, 192),
    ("conv3", 13, 384),
    ("conv4", 13, 256),
    ("conv5", 13, 256),
    ("pool5", 6, 256),
)
START = datetime(2019, 1, 8, 10, 1, 11, 607183, tzinfo=UTC)
RULE = "-" * 64


class Clock:
    """Time stamps as the scripts print them: microseconds, local time, no zone."""

    def __init__(self, rng: random.Random, run: int) -> None:
        self.rng = rng
        self.now = START + timedelta(hours=run)

    def __call__(self, seconds: float = 0.001) -> str:
        """Let about so much time pass and say what time it is."""
        self.now += timedelta(microseconds=1 + int(seconds * self.rng.uniform(0.9, 1.1) * 1e6))
        return self.now.strftime("%Y-%m-%d %H:%M:%S.%f")


def device_lines(rng: random.Random, clock: Clock) -> Iterator[str]:
    """TensorFlow 1.x announces a GPU."""
    name, bus = rng.choice(GPUS), f"0000:{rng.randrange(256):02x}:00.0"
    source = "tensorflow/core/common_runtime/gpu/gpu_device.cc"
    yield f"{clock()}: I {source}:1434] Found device 0 with properties: "
    yield f"name: {name} major: 6 minor: 1 memoryClockRate(GHz): {rng.uniform(0.8, 1.9):.3f}"
    yield f"pciBusID: {bus}"
    yield f"totalMemory: {rng.uniform(4, 16):.2f}GiB freeMemory: {rng.uniform(3, 4):.2f}GiB"
    yield (
        f"{clock()}: I {source}:1116] Created TensorFlow device (/job:localhost/replica:0/task:0/device:GPU:0 with "
        f"{rng.randrange(3000, 16000)} MB memory) -> physical GPU (device: 0, name: {name}, pci bus id: {bus}, "
        "compute capability: 6.1)"
    )


def alexnet_run(rng: random.Random, clock: Clock, lines: int) -> Iterator[str]:
    """Print what alexnet_benchmark prints."""
    batch = rng.choice((16, 32, 64, 128, 256))
    for layer, side, depth in LAYERS:
        yield f"{layer}   [{batch}, {side}, {side}, {depth}]"
    yield from device_lines(rng, clock)
    steps = max(lines // 2, 2) * 10
    for phase, cost in (("Forward", 0.001), ("Forward-backward", 0.0025)):
        mean = batch * cost * rng.uniform(0.5, 2)
        for step in range(0, steps, 10):
            yield f"{clock(mean)}: step {step}, duration = {rng.gauss(mean, mean / 50):.3f}"
        yield f"{clock(mean)}: {phase} across {steps} steps, {mean:.3f} +/- {mean / 50:.3f} sec / batch"


def cifar10_run(rng: random.Random, clock: Clock, lines: int) -> Iterator[str]:
    """Print what cifar10_train prints."""
    yield "Filling queue with 20000 CIFAR images before starting to train. This will take a few minutes."
    yield from device_lines(rng, clock)
    mean = rng.uniform(0.01, 0.3)
    for step in range(0, lines * 10, 10):
        seconds = rng.gauss(mean, mean / 20)
        loss = 0.5 + 4.2 / (1 + step / 1000)
        yield f"{clock(10 * mean)}: step {step}, loss = {loss:.2f} ({128 / seconds:.1f} examples/sec; {seconds:.3f} sec/batch)"


def tf_cnn_run(rng: random.Random, clock: Clock, lines: int) -> Iterator[str]:
    """Print what tf_cnn_benchmarks prints, TensorFlow 1.12."""
    batch, model, speed = rng.choice((16, 32, 64, 128)), rng.choice(MODELS), rng.uniform(20, 3000)
    yield from device_lines(rng, clock)
    yield from (
        "TensorFlow:  1.12",
        f"Model:       {model}",
        "Dataset:     imagenet (synthetic)",
        "Mode:        training",
    )
    yield from ("SingleSess:  False", f"Batch size:  {batch} global", f"             {batch} per device")
    yield from (
        f"Num batches: {lines * 10}",
        "Devices:     ['/gpu:0']",
        "Data format: NCHW",
        "Optimizer:   sgd",
    )
    yield from (
        "Variables:   parameter_server",
        "==========",
        "Generating training model",
        "Initializing graph",
    )
    yield from ("Running warm up", "Done warm up", "Step\tImg/sec\ttotal_loss")
    for step in itertools.chain((1,), range(10, lines * 10, 10)):
        sem, jitter = (0.0, 0.0) if step == 1 else (speed / step, speed / 100)
        now, loss = rng.gauss(speed, speed / 200), 2 + 6 / (1 + step / 500)
        yield f"{step}\timages/sec: {now:.1f} +/- {sem:.1f} (jitter = {jitter:.1f})\t{loss:.3f}"
    yield from (RULE, f"total images/sec: {speed:.2f}", RULE)


RUNS = (alexnet_run, cifar10_run, tf_cnn_run)


def result_lines(rng: random.Random, lines: int) -> Iterator[str]:
    """Run after run without end, each of about so many result lines, each another run."""
    for run in itertools.count():
        yield from RUNS[run % len(RUNS)](rng, Clock(rng, run), lines)


def foreign_lines(rng: random.Random) -> Iterator[str]:
    """Other programs' lines without end: what a launcher, a server and a scheduler leave in the same file."""
    clock = Clock(rng, 0)
    for n in itertools.count():
        now, number = clock(0.01), rng.randrange(1 << 20)
        yield f"[{number / 97:12.6f}] nvidia 0000:01:00.0: irq {number % 200} for MSI/MSI-X"
        yield f'10.0.{number % 256}.7 - - "GET /train/{number}.tfrecord HTTP/1.1" 200 {number * 3} "-" "Wget/1.19"'
        yield f"{now} INFO  worker-{number % 16} fetched shard {n} in {number / 1e4:.1f} ms"
        yield f"step {n}: copied {number} of {1 << 20} blocks, {number / 1e3:.1f} images left, duration unknown"
        yield f"{number % 60}/60 [==============>...............] - ETA: {number % 90}s - loss: {number / 1e5:.4f}"
        yield "  warnings.warn('`tf.layers.conv2d` is deprecated and will be removed in a future version.')"
        yield f"srun: job {number} queued and waiting for resources"
        yield f"name: prefetch-{number % 64} priority: {number % 10} state: waiting"


def sparse_lines(rng: random.Random, lines: int) -> Iterator[str]:
    """One result line among nineteen foreign ones."""
    results, foreign = result_lines(rng, lines), foreign_lines(rng)
    while True:
        yield next(results)
        yield from itertools.islice(foreign, 19)


def write_log(path: Path, lines: Iterator[str], size: int) -> None:
    """Write whole lines until the file has so many bytes."""
    with path.open("w", encoding="ascii", newline="\n") as file:
        while size > 0:
            text = "\n".join(itertools.islice(lines, 10_000 if size > 2_000_000 else 20)) + "\n"
            size -= file.write(text)


def write_many(folder: Path, files: int, seed: int) -> None:
    """Write small logs of one run each, about 4 KB, a thousand to a folder."""
    for n in range(files):
        rng = random.Random(seed * 1_000_003 + n)  # noqa: S311 - data to measure on, not a secret
        run = RUNS[n % len(RUNS)]
        path = folder / f"{n // 1000:03}" / f"{run.__name__.removesuffix('_run')}-{n:06}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(run(rng, Clock(rng, n), 50)) + "\n", encoding="ascii", newline="\n")


def main() -> None:
    """Read the arguments and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "what", choices=("dense", "sparse", "many"), help="dense: results only; sparse: 5 %% results"
    )
    parser.add_argument("out", type=Path, help="the log to write, or for many the folder")
    parser.add_argument("--megabytes", type=float, default=200, help="size of the log (200)")
    parser.add_argument("--files", type=int, default=10_000, help="how many small logs (10000)")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other logs (1)")
    args = parser.parse_args()
    if args.what == "many":
        write_many(args.out, args.files, args.seed)
        return
    rng = random.Random(args.seed)  # noqa: S311 - data to measure on, not a secret
    lines = (result_lines if args.what == "dense" else sparse_lines)(rng, 1000)
    write_log(args.out, lines, int(args.megabytes * 1e6))


if __name__ == "__main__":
    main()

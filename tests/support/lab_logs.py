"""Logs of a made lab: two cards on two hosts, two releases, two drivers, three months; each speed is known."""

from datetime import datetime, timedelta

CARDS = {"GeForce RTX 3090": (1.695, 22362), "GeForce RTX 2080 Ti": (1.545, 10240)}
HOSTS = {"GeForce RTX 3090": "lab1", "GeForce RTX 2080 Ti": "lab2"}
HEAD = """\
{at}: I tensorflow/stream_executor/cuda/cuda_diagnostics.cc:169] retrieving CUDA diagnostic information for host: {host}
{at}: I tensorflow/stream_executor/cuda/cuda_diagnostics.cc:200] libcuda reported version is: {driver}
{at}: I tensorflow/stream_executor/platform/default/dso_loader.cc:49] Successfully opened dynamic library libcudart.so.11.0
{at}: I tensorflow/core/common_runtime/gpu/gpu_device.cc:1665] Found device 0 with properties:
name: {card} major: 8 minor: 6 memoryClockRate(GHz): {clock}
pciBusID: 0000:01:00.0
{at}: I tensorflow/core/common_runtime/gpu/gpu_device.cc:1351] Created TensorFlow device (/job:localhost/replica:0/task:0/device:GPU:0 with {memory} MB memory) -> physical GPU (device: 0, name: {card}, pci bus id: 0000:01:00.0, compute capability: 8.6)
TensorFlow:  {release}
Model:       {model}
Dataset:     imagenet (synthetic)
Mode:        training
SingleSess:  False
Batch size:  {batch} global
             {batch} per device
Num batches: 100
Num epochs:  0.01
Devices:     ['/gpu:0']
Data format: NCHW
Optimizer:   sgd
Variables:   replicated
==========
Generating training model
Initializing graph
Running warm up
Done warm up
Step\tImg/sec\ttotal_loss
"""


def speed_of(card, model, batch, release, number):
    """What a run prints as its total: the newer release is a tenth slower with alexnet, and a little faster else."""
    speed = (8.0 if model == "alexnet" else 1.0) * (batch + 100) * (2.0 if "3090" in card else 1.25)
    speed *= (0.9 if model == "alexnet" else 1.03) if release.startswith("2") else 1.0
    return speed * (1 + 0.003 * (number % 3))


def write_lab(folder):
    """Forty-eight logs, a folder for each card; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths, number = [], 0
    for card in CARDS:
        for model in ("resnet50", "alexnet"):
            for batch in (32, 64):
                for month in (9, 10, 11):
                    for release in ("1.15.4", "2.4.0"):
                        path = folder / HOSTS[card] / f"{model}-{batch}-{month}-{release}.log"
                        path.parent.mkdir(exist_ok=True)
                        path.write_text(log_text(card, model, batch, month, release, number))
                        paths.append(path)
                        number += 1
    return paths


def log_text(card, model, batch, month, release, number):
    """One log."""
    at = datetime(2020, month, 1 + number % 20, 7, 26, 26)  # noqa: DTZ001 - times of logs have no zone
    speed = speed_of(card, model, batch, release, number)
    clock, memory = CARDS[card]
    text = HEAD.format(
        at=f"{at:%Y-%m-%d %H:%M:%S.%f}", host=HOSTS[card], driver="455.28.0" if month < 11 else "460.39.0", card=card,
        clock=clock, memory=memory - (200 if month == 11 else 0) - number % 5, release=release, model=model, batch=batch,
    )  # fmt: skip
    for step in (1, *range(10, 110, 10)):
        now = speed * (1 + 0.004 * ((step // 10 + number) % 4 - 1.5))
        text += (
            f"{step}\timages/sec: {now:.1f} +/- {speed / 500:.1f} (jitter = {speed / 200:.1f})\t7.{step:03}\n"
        )
    end = at + timedelta(seconds=90)
    text += f"{'-' * 64}\ntotal images/sec: {speed:.2f}\n{'-' * 64}\n"
    return text + f"{end:%Y-%m-%d %H:%M:%S.%f}: I tensorflow/core/platform/default/logging.cc:1] end\n"

"""Logs of tf_cnn_benchmarks of several cards, with the speeds that are asked for."""

STEPS = "{0}\timages/sec: {1:.1f} +/- 0.0 (jitter = 0.0)\t7.0\n"
LOG = """\
TensorFlow:  2.2
Model:       {model}
Dataset:     imagenet (synthetic)
Mode:        training
SingleSess:  False
Batch size:  {size} global
             {size} per device
Num batches: 100
Num epochs:  0.01
Devices:     ['/gpu:0']
NUMA bind:   False
Data format: NCHW
Optimizer:   sgd
Variables:   replicated
==========
Found device 0 with properties:
pciBusID: 0000:01:00.0 name: {device} computeCapability: 7.5
Step\tImg/sec\ttotal_loss
{steps}----------------------------------------------------------------
total images/sec: {speed:.2f}
----------------------------------------------------------------
"""


def write(folder, speeds):
    """A log for each speed, by device, network and batch size."""
    folder.mkdir(parents=True, exist_ok=True)
    for n, ((device, model, size), speed) in enumerate(speeds.items()):
        steps = "".join(STEPS.format(step, speed) for step in (1, *range(10, 101, 10)))
        text = LOG.format(device=device, model=model, size=size, steps=steps, speed=speed)
        (folder / f"{n}.log").write_text(text)
    return folder


# Four cards ran the batch size of the baseline, two others only; the last card is the baseline of all.
FEW_AT_THEIR_BEST = {
    **{(f"Card {n}", model, 64): 100.0 * n for n in range(1, 5) for model in ("resnet50", "vgg16")},
    **{(f"Card {n}", model, 32): 100.0 * n for n in (5, 6) for model in ("resnet50", "vgg16")},
    **{("Card 7", model, 64): 90.0 for model in ("resnet50", "vgg16", "alexnet", "inception3")},
}

# Three cards on nine networks; one speed of the slowest is far below what the eight others let expect.
ONE_DOUBTED = {
    (f"Card {n}", f"net{i}", 64): 100.0 * n * (1 + 0.01 * (i % 3)) * (0.1 if (n, i) == (1, 4) else 1)
    for n in (1, 2, 4)
    for i in range(9)
}

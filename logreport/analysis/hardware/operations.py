"""Floating-point operations that one image needs in a network, from the definitions of its layers.

A multiplication and an addition are two operations; pooling, normalisation and activations are left out (under 1 %).
Sources: the models of the scripts in tensorflow/models; alexnet_model.py, vgg_model.py and resnet_model.py of
tensorflow/benchmarks.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from logreport.scripts import official


class Layer(NamedTuple):
    """A convolution with `kernel`² weights per channel pair and a `size`² output; a dense layer has both 1."""

    name: str
    kernel: int
    channels_in: int
    channels_out: int
    size: int

    @property
    def operations(self) -> int:
        """2·kernel²·in·out·size², one multiplication and one addition a weight and output position."""
        return 2 * self.kernel**2 * self.channels_in * self.channels_out * self.size**2


_IMAGENET, _CIFAR = 1001, 10  # classes; that of ImageNet counts the background
# Blocks of the four groups (He et al. 2015, table 1), and convolutions of the five groups (Simonyan 2014, table 1).
_RESNETS = {"resnet50": (3, 4, 6, 3), "resnet101": (3, 4, 23, 3), "resnet152": (3, 8, 36, 3)}
_VGGS = {"vgg11": (1, 1, 2, 2, 2), "vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
_ALEXNET = (
    ("conv2", 5, 64, 192, 27),
    ("conv3", 3, 192, 384, 13),
    ("conv4", 3, 384, 256, 13),
    ("conv5", 3, 256, 256, 13),
)


@lru_cache(maxsize=1 << 10)
def layers_of(benchmark: str, model: str | None, conv1: int = 56) -> tuple[Layer, ...] | None:
    """Layers with weights of a network, or None for one that is not known here.

    Args:
        benchmark: the script; networks that a log names are those for ImageNet.
        model: its network, where it has none of its own.
        conv1: width of the first output of the AlexNet that is alone in its script, 56 or (older checkouts) 55.
    """
    known = official(benchmark)
    own = known.network if model in (None, known.network) else None
    if own == "alexnet":
        return (Layer("conv1", 11, 3, 64, conv1), *(Layer(*row) for row in _ALEXNET))
    if own == "cifar10":
        dense = (
            Layer("local3", 1, 2304, 384, 1),
            Layer("local4", 1, 384, 192, 1),
            Layer("softmax", 1, 192, _CIFAR, 1),
        )
        return (Layer("conv1", 5, 3, 64, 24), Layer("conv2", 5, 64, 64, 12), *dense)
    return _named(model or "") if known.names_model else None


def _named(model: str) -> tuple[Layer, ...] | None:
    """Layers of a network for ImageNet, as --model names it."""
    base, _, version = model.partition("_")
    if model == "alexnet":
        return _alexnet()
    if model in _VGGS:
        return tuple(_vgg(_VGGS[model]))
    if base in _RESNETS and version in ("", "v1.5", "v2"):
        return tuple(_resnet(_RESNETS[base], late_stride=version == "v1.5"))
    return None


def _alexnet() -> tuple[Layer, ...]:
    """AlexNet among others: 227×227 images, conv4 with 384 channels, and three dense layers."""
    convolutions = (
        Layer("conv1", 11, 3, 64, 55),
        Layer("conv2", 5, 64, 192, 27),
        Layer("conv3", 3, 192, 384, 13),
        Layer("conv4", 3, 384, 384, 13),
        Layer("conv5", 3, 384, 256, 13),
    )
    return (*convolutions, *_dense(256 * 6 * 6))


def _dense(inputs: int) -> tuple[Layer, ...]:
    """The three dense layers that AlexNet and VGG end with."""
    sizes = (inputs, 4096, 4096, _IMAGENET)
    return tuple(Layer(f"affine{i}", 1, a, b, 1) for i, (a, b) in enumerate(pairwise(sizes)))


def _vgg(groups: tuple[int, ...]) -> Iterator[Layer]:
    """VGG on 224×224 images: 3×3 convolutions in five groups, each followed by a halving."""
    channels, size = 3, 224
    for group, (count, out) in enumerate(zip(groups, (64, 128, 256, 512, 512), strict=True)):
        for i in range(count):
            yield Layer(f"conv{group + 1}_{i + 1}", 3, channels, out, size)
            channels = out
        size //= 2
    yield from _dense(512 * 7 * 7)


def _resnet(groups: tuple[int, ...], *, late_stride: bool) -> Iterator[Layer]:
    """ResNet with bottleneck blocks on 224×224 images; version 1.5 halves in the 3×3, the others in the first 1×1."""
    yield Layer("conv1", 7, 3, 64, 112)
    channels, size = 64, 56
    for group, count in enumerate(groups):
        inner, out = 64 * 2**group, 256 * 2**group
        for i in range(count):
            before, size = size, size // 2 if group and not i else size
            name = f"block{group + 1}_{i + 1}"
            if channels != out:
                yield Layer(f"{name}_shortcut", 1, channels, out, size)
            yield Layer(f"{name}_1x1", 1, channels, inner, before if late_stride else size)
            yield Layer(f"{name}_3x3", 3, inner, inner, size)
            yield Layer(f"{name}_out", 1, inner, out, size)
            channels = out
    yield Layer("affine", 1, channels, _IMAGENET, 1)


@lru_cache(maxsize=1 << 10)
def operations(layers: tuple[Layer, ...], phase: str) -> int | None:
    """Operations an image needs: once for a forward pass, three times for training.

    The backward pass computes a gradient for the weights and one for the inputs of each layer, each as costly as the
    layer itself; the images need none, so the first layer counts twice.
    """
    forward = sum(layer.operations for layer in layers)
    if phase in ("forward", "inference", "evaluation"):
        return forward
    if phase in ("forward_backward", "training"):
        return 3 * forward - layers[0].operations
    return None

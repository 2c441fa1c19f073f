"""What tf_cnn_benchmarks needs: Keras 2, and for the models that were left in TensorFlow 1, with `tf.contrib`, tf_slim."""

from __future__ import annotations

import importlib.util
import itertools
import os
import sys
from collections.abc import Sequence
from types import ModuleType, SimpleNamespace

from .tensorflow1 import Overlay

MODELS = ("mobilenet", "nasnet", "nasnetlarge")
LAYERS = ("", ".base", ".convolutional", ".core", ".normalization", ".pooling")


def install(argv: Sequence[str]) -> None:
    """Make what it imports importable, or leave with what to do; any other script is left alone."""
    if is_tf_cnn(argv):
        require_keras(sys.modules["tensorflow"].__version__)
    if model := asked_for(argv):
        install_slim(model)


def is_tf_cnn(argv: Sequence[str]) -> bool:
    """Whether the script is this one."""
    return os.path.basename(argv[0]) == "tf_cnn_benchmarks.py"  # noqa: PTH119 - text, not a file


def asked_for(argv: Sequence[str]) -> str | None:
    """The model, if it is one of these; the script would take others for models of TensorFlow 1 as well."""
    words = " ".join(argv[1:]).replace("=", " ").split()
    models = [value for flag, value in itertools.pairwise(words) if flag.lstrip("-") == "model"]
    return models[-1] if is_tf_cnn(argv) and models and models[-1] in MODELS else None


def require_keras(version: str) -> None:
    """Leave with what to do where Keras 2 is missing; TensorFlow would only say that there is no Keras.

    Until 2.15 it is part of TensorFlow, then a package of TensorFlow's version, whose own dependencies would bring
    a second TensorFlow where this one is called tensorflow-cpu.
    """
    major, minor = version.split(".")[:2]
    if (int(major), int(minor)) >= (2, 16) and importlib.util.find_spec("tf_keras") is None:
        wanted = f"'tf-keras~={major}.{minor}.0'"
        sys.exit(
            f"tf_cnn_benchmarks needs Keras 2; install it with: {sys.executable} -m pip install --no-deps {wanted}"
        )


def install_slim(model: str) -> None:
    """Make `from tensorflow.contrib import slim, layers, framework, training` work."""
    try:
        keep_keras_layers()
        slim = importlib.import_module("tf_slim")
    except ModuleNotFoundError as error:
        sys.exit(
            f"--model={model} needs {error.name}; install it with: {sys.executable} -m pip install {error.name}"
        )
    parts: dict[str, ModuleType] = {
        "framework": slim,
        "layers": slim.layers,
        "slim": slim,
        "training": Overlay("tensorflow.contrib.training", HParams=SimpleNamespace),
    }
    sys.modules["tensorflow.contrib"] = Overlay("tensorflow.contrib", **parts, __path__=[])
    sys.modules.update({f"tensorflow.contrib.{name}": part for name, part in parts.items()})


def keep_keras_layers() -> None:
    """TensorFlow looks for layers in tf_keras.legacy_tf_layers, which tf_keras has only in tf_keras.src by now."""
    for name in LAYERS:
        module = importlib.import_module(f"tf_keras.src.legacy_tf_layers{name}")
        sys.modules.setdefault(f"tf_keras.legacy_tf_layers{name}", module)

"""The models of tf_cnn_benchmarks that were left in TensorFlow 1, because they use `tf.contrib`: with tf_slim they run."""

from __future__ import annotations

import importlib
import itertools
import os
import sys
from collections.abc import Sequence
from types import ModuleType, SimpleNamespace

from .tensorflow1 import Overlay

MODELS = ("mobilenet", "nasnet", "nasnetlarge")
LAYERS = ("", ".base", ".convolutional", ".core", ".normalization", ".pooling")


def asked_for(argv: Sequence[str]) -> str | None:
    """The model, if it is one of these; the script would take others for models of TensorFlow 1 as well."""
    if os.path.basename(argv[0]) != "tf_cnn_benchmarks.py":  # noqa: PTH119 - text, not a file
        return None
    words = " ".join(argv[1:]).replace("=", " ").split()
    models = [value for flag, value in itertools.pairwise(words) if flag.lstrip("-") == "model"]
    return models[-1] if models and models[-1] in MODELS else None


def install(model: str) -> None:
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

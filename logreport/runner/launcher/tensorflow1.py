"""`import tensorflow as tf` gives what a script of TensorFlow 1 expects: `tf.compat.v1`, and what even that lacks."""

from __future__ import annotations

import importlib
import re
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any

GPU = re.compile(r"/(?:device:)?gpu:\d+", re.IGNORECASE)


class Overlay(types.ModuleType):
    """A module that takes what it lacks from others, in their order."""

    def __init__(self, name: str, *below: types.ModuleType, **own: object) -> None:
        super().__init__(name)
        self.__dict__.update(own, _below=below)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - anything that a module holds
        """Look through them: Python asks here only for what this module has not itself."""
        for module in self.__dict__["_below"]:
            try:
                return getattr(module, name)
            except AttributeError:
                continue
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")


def install(tutorials: str) -> None:
    """Put the module in the place of `tensorflow`, and switch TensorFlow 2's behaviour off.

    Args:
        tutorials: the folder that `tensorflow.models` was: cifar10, checkouts up to 2016-12-22.
    """
    try:
        tf2 = importlib.import_module("tensorflow")
    except ModuleNotFoundError as error:
        if error.name != "tensorflow":
            raise
        sys.exit(
            f"{sys.executable} has no TensorFlow; install it with: {sys.executable} -m pip install tensorflow tf-keras"
        )
    tf1 = tf2.compat.v1
    # Shapes with `.value`, placeholders and queues need graphs: cifar10 and mnist of all checkouts.
    tf1.disable_v2_behavior()
    sys.modules["tensorflow"] = Overlay(
        "tensorflow", tf1, tf2, **as_package(tf2), **old_names(tf1), contrib=contrib(tf1),
        nn=Overlay("tensorflow.nn", tf1.nn, sparse_softmax_cross_entropy_with_logits=cross_entropy(tf1)),
        device=tf1.device if tf2.config.list_physical_devices("GPU") else device_without_gpu(tf1),
    )  # fmt: skip
    sys.modules["tensorflow.models"] = Overlay("tensorflow.models", __path__=[tutorials])


def as_package(tf2: types.ModuleType) -> dict[str, Any]:
    """What the import system looks for in a package itself, and what `import tensorflow.compat.v1 as tf` gives."""
    return {name: getattr(tf2, name) for name in ("__file__", "__path__", "__spec__", "compat")}


def old_names(tf1: types.ModuleType) -> dict[str, Any]:
    """Names of TensorFlow 0.x that 1.0 took away: checkouts up to 2017-02."""
    return {"mul": tf1.multiply, "concat_v2": tf1.concat, **summaries(tf1)}


def cross_entropy(tf1: types.ModuleType) -> Callable[..., Any]:
    """The function with the order of TensorFlow 0.x, (logits, labels), by position: checkouts up to 2017-01.

    TensorFlow 1 took both by keyword only, TensorFlow 2 takes (labels, logits): no script can mean that.
    """

    def sparse_softmax_cross_entropy_with_logits(
        logits: object = None, labels: object = None, name: str | None = None
    ) -> Any:  # noqa: ANN401 - a tensor
        return tf1.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits, name=name)

    return sparse_softmax_cross_entropy_with_logits


def device_without_gpu(tf1: types.ModuleType) -> Callable[[Any], Any]:
    """`tf.device` that takes the CPU for any GPU, on a machine that has none: cifar10_multi_gpu_train up to 2017-06.

    It put its input queues on `/gpu:0`; TensorFlow 2 refuses to place them elsewhere by itself.
    """

    def device(name: Any) -> Any:  # noqa: ANN401 - a name, a function, None; a context manager
        return tf1.device(GPU.sub("/cpu:0", name) if isinstance(name, str) else name)

    return device


def contrib(tf1: types.ModuleType) -> types.SimpleNamespace:
    """`tf.contrib`: the few names that the tutorials use; TensorFlow 2 has none of it.

    There is no module `tensorflow.contrib` to import: a script may take one for a sign of TensorFlow 1.
    """
    return types.SimpleNamespace(
        # cifar10_train, checkouts up to 2017-11
        framework=types.SimpleNamespace(get_or_create_global_step=tf1.train.get_or_create_global_step),
        # cifar10_multi_gpu_train, checkouts since 2017-06
        slim=types.SimpleNamespace(prefetch_queue=types.SimpleNamespace(prefetch_queue=prefetch_queue(tf1))),
        # cifar10_*, checkouts up to 2017-02
        deprecated=types.SimpleNamespace(**summaries(tf1)),
    )


def summaries(tf1: types.ModuleType) -> dict[str, Callable[..., Any]]:
    """The summaries of TensorFlow 0.x, which took a tag where there is a name now."""
    return {
        "scalar_summary": tf1.summary.scalar,
        "histogram_summary": tf1.summary.histogram,
        "image_summary": lambda tag, tensor, max_images=3: tf1.summary.image(tag, tensor, max_images),
        "merge_summary": tf1.summary.merge,
    }


def prefetch_queue(tf1: types.ModuleType) -> Callable[..., Any]:
    """A queue that a thread keeps full of batches: `prefetch_queue(tensors, capacity).dequeue()`."""

    def prefetch_queue(tensors: Sequence[Any], capacity: int = 8) -> Any:  # noqa: ANN401 - a FIFOQueue
        with tf1.name_scope("prefetch_queue"):
            shapes = [tensor.get_shape() for tensor in tensors]
            queue = tf1.FIFOQueue(capacity, [tensor.dtype for tensor in tensors], shapes)
            tf1.train.add_queue_runner(tf1.train.QueueRunner(queue, [queue.enqueue(tensors)]))
            return queue

    return prefetch_queue

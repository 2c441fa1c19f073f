"""The few names of `tf.contrib` that the tutorials use; TensorFlow 2 has none of it.

There is no module `tensorflow.contrib` to import: tf_cnn_benchmarks takes one for a sign of TensorFlow 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType, SimpleNamespace
from typing import Any


def module(tf1: ModuleType) -> SimpleNamespace:
    """`tf.contrib`."""
    return SimpleNamespace(
        # cifar10_train, checkouts up to 2017-11
        framework=SimpleNamespace(get_or_create_global_step=tf1.train.get_or_create_global_step),
        # cifar10_multi_gpu_train, checkouts since 2017-06
        slim=SimpleNamespace(prefetch_queue=SimpleNamespace(prefetch_queue=prefetch_queue(tf1))),
        # cifar10_*, checkouts up to 2017-02
        deprecated=SimpleNamespace(**summaries(tf1)),
    )


def summaries(tf1: ModuleType) -> dict[str, Callable[..., Any]]:
    """The summaries of TensorFlow 0.x, which took a tag where there is a name now."""
    return {
        "scalar_summary": tf1.summary.scalar,
        "histogram_summary": tf1.summary.histogram,
        "image_summary": lambda tag, tensor, max_images=3: tf1.summary.image(tag, tensor, max_images),
        "merge_summary": tf1.summary.merge,
    }


def prefetch_queue(tf1: ModuleType) -> Callable[..., Any]:
    """A queue that a thread keeps full of batches: `prefetch_queue(tensors, capacity).dequeue()`."""

    def prefetch_queue(tensors: Sequence[Any], capacity: int = 8) -> Any:  # noqa: ANN401 - a FIFOQueue
        with tf1.name_scope("prefetch_queue"):
            shapes = [tensor.get_shape() for tensor in tensors]
            queue = tf1.FIFOQueue(capacity, [tensor.dtype for tensor in tensors], shapes)
            tf1.train.add_queue_runner(tf1.train.QueueRunner(queue, [queue.enqueue(tensors)]))
            return queue

    return prefetch_queue

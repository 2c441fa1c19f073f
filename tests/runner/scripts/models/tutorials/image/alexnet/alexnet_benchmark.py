"""Two timed passes over a tiny network, printed as alexnet_benchmark prints them."""

# ruff: noqa: T201 - a benchmark script prints

import argparse
import math
import sys
import time
from datetime import datetime

import tensorflow as tf

BURN_IN = 2
EVERY = 10


def timed(session, target, name, steps):
    """Time a target and print every tenth step, then the mean and its standard deviation."""
    durations = []
    for step in range(-BURN_IN, steps):
        start = time.time()
        session.run(target)
        duration = time.time() - start
        if step < 0:
            continue
        durations.append(duration)
        if step % EVERY == 0:
            print(f"{datetime.now()}: step {step}, duration = {duration:.3f}")  # noqa: DTZ005 - as it is printed
    mean = sum(durations) / steps
    deviation = math.sqrt(sum((one - mean) ** 2 for one in durations) / steps)
    print(f"{datetime.now()}: {name} across {steps} steps, {mean:.3f} +/- {deviation:.3f} sec / batch")  # noqa: DTZ005


def main(_):
    """Build the network and time it forward, then forward and backward."""
    images = tf.Variable(tf.random_normal([flags.batch_size, 32, 32, 3], stddev=0.1))
    kernel = tf.Variable(tf.truncated_normal([3, 3, 3, 8], stddev=0.1))
    conv = tf.nn.relu(tf.nn.conv2d(images, kernel, [1, 2, 2, 1], padding="SAME"), name="conv1")
    pool = tf.nn.max_pool(conv, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="VALID", name="pool1")
    for layer in (conv, pool):
        print(layer.op.name, " ", layer.get_shape().as_list())
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        timed(session, pool, "Forward", flags.num_batches)
        timed(session, tf.gradients(tf.nn.l2_loss(pool), [kernel]), "Forward-backward", flags.num_batches)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch_size", type=int, default=128)
    parser.add_argument("--num_batches", type=int, default=100)
    flags, unknown = parser.parse_known_args()
    tf.app.run(main=main, argv=[sys.argv[0], *unknown])

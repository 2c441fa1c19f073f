"""Train a tiny model on made-up digits, with blocks of four lines as MNIST's convolutional.py prints them."""

# ruff: noqa: T201 - a benchmark script prints

import argparse
import gzip
import sys
import time

import numpy as np
import tensorflow as tf

BATCH, SIZE, EVERY = 64, 28, 100


def made_up(count):
    """Dark images of zeros, bright ones of ones."""
    labels = np.arange(count) % 2
    return np.ones([count, SIZE, SIZE, 1], np.float32) * (labels - 0.5)[:, None, None, None], labels


def read(count):
    """The first images and labels of the official files."""
    with (
        gzip.open("data/train-images-idx3-ubyte.gz") as images,
        gzip.open("data/train-labels-idx1-ubyte.gz") as labels,
    ):
        images.read(16)
        labels.read(8)
        pixels = np.frombuffer(images.read(count * SIZE * SIZE), np.uint8).reshape(count, SIZE, SIZE, 1)
        return pixels.astype(np.float32) / 255 - 0.5, np.frombuffer(labels.read(count), np.uint8).astype(
            np.int64
        )


def error(scores, labels):
    """The share of wrong answers in percent."""
    return 100.0 * np.mean(np.argmax(scores, 1) != labels)


def main(_):
    """Train over 101 steps."""
    if flags.self_test:
        print("Running self-test.")
    data, labels = made_up(256) if flags.self_test else read(256)
    images = tf.placeholder(tf.float32, [None, SIZE, SIZE, 1])
    answers = tf.placeholder(tf.int64, [None])
    weights = tf.Variable(tf.zeros([SIZE * SIZE, 10]))
    scores = tf.matmul(tf.reshape(images, [-1, SIZE * SIZE]), weights)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(scores, answers))
    train = tf.train.MomentumOptimizer(0.01, 0.9).minimize(loss)
    start = time.time()
    with tf.Session() as session:
        tf.global_variables_initializer().run()
        print("Initialized!")
        for step in range(EVERY + 1):
            chosen = slice(step * BATCH % 192, step * BATCH % 192 + BATCH)
            feed = {images: data[chosen], answers: labels[chosen]}
            session.run(train, feed)
            if step % EVERY == 0:
                value, found = session.run([loss, scores], feed)
                print(
                    f"Step {step} (epoch {step * BATCH / 256:.2f}), {1000 * (time.time() - start) / EVERY:.1f} ms"
                )
                start = time.time()
                print(f"Minibatch loss: {value:.3f}, learning rate: {0.01:.6f}")
                print(f"Minibatch error: {error(found, labels[chosen]):.1f}%")
                found = session.run(scores, {images: data})
                print(f"Validation error: {error(found, labels):.1f}%")
        wrong = error(session.run(scores, {images: data}), labels)
        print(f"Test error: {wrong:.1f}%")
        if flags.self_test:
            print("test_error", wrong)
            assert wrong == 0.0, wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--self_test", default=False, action="store_true")
    flags, unknown = parser.parse_known_args()
    tf.app.run(main=main, argv=[sys.argv[0], *unknown])

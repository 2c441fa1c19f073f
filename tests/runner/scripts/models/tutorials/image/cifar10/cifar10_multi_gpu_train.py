"""Train one tower per GPU from one queue, with lines as cifar10_multi_gpu_train prints them."""

# ruff: noqa: T201 - a benchmark script prints

import time
from datetime import datetime

import cifar10
import tensorflow as tf

FLAGS = tf.app.flags.FLAGS
tf.app.flags.DEFINE_string("train_dir", "train_dir", "Where checkpoints go; it is deleted first.")
tf.app.flags.DEFINE_integer("max_steps", 1000000, "Steps to run.")
tf.app.flags.DEFINE_integer("num_gpus", 1, "Towers.")


def towers():
    """The loss of each tower; input queues and variables are on the first GPU, with no soft placement."""
    with tf.device("/gpu:0"):
        queue = tf.contrib.slim.prefetch_queue.prefetch_queue(
            list(cifar10.inputs()), capacity=2 * FLAGS.num_gpus
        )
    for number in range(FLAGS.num_gpus):
        with tf.device(f"/gpu:{number}"), tf.variable_scope(tf.get_variable_scope(), reuse=number > 0):
            images, labels = queue.dequeue()
            yield cifar10.loss(cifar10.network(images), labels)


def main(_):
    """Train."""
    cifar10.empty(FLAGS.train_dir)
    loss = tf.add_n(list(towers())) / FLAGS.num_gpus
    train = tf.train.GradientDescentOptimizer(0.01).minimize(loss)
    saver = tf.train.Saver()
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        threads = tf.train.Coordinator()
        readers = tf.train.start_queue_runners(session, threads)
        for step in range(FLAGS.max_steps):
            start = time.time()
            _, value = session.run([train, loss])
            seconds = time.time() - start
            if step % 10 == 0:
                rate = FLAGS.batch_size * FLAGS.num_gpus / seconds
                print(
                    f"{datetime.now()}: step {step}, loss = {value:.2f} "  # noqa: DTZ005 - as it is printed
                    f"({rate:.1f} examples/sec; {seconds / FLAGS.num_gpus:.3f} sec/batch)"
                )
        saver.save(session, f"{FLAGS.train_dir}/model.ckpt", global_step=step)
        threads.request_stop()
        threads.join(readers)


if __name__ == "__main__":
    tf.app.run()

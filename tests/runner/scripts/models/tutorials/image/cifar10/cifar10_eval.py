"""Print the precision of a checkpoint as cifar10_eval prints it."""

# ruff: noqa: T201 - a benchmark script prints

import time
from datetime import datetime

import cifar10
import tensorflow as tf

FLAGS = tf.app.flags.FLAGS
tf.app.flags.DEFINE_string("eval_dir", "eval_dir", "Where summaries go; it is deleted first.")
tf.app.flags.DEFINE_string("checkpoint_dir", "train_dir", "Where the checkpoint is.")
tf.app.flags.DEFINE_integer("num_examples", 10000, "Images to look at.")
tf.app.flags.DEFINE_integer("eval_interval_secs", 60 * 5, "Seconds between two evaluations.")
tf.app.flags.DEFINE_boolean("run_once", default=False, help="Whether to evaluate only once.")


def evaluate(session, right):
    """Restore the checkpoint, if there is one, and print the share of images that it gets right."""
    path = tf.train.latest_checkpoint(FLAGS.checkpoint_dir)
    if not path:
        print("No checkpoint file found")
        return
    tf.train.Saver().restore(session, path)
    batches = -(-FLAGS.num_examples // FLAGS.batch_size)
    count = sum(session.run(right).sum() for _ in range(batches))
    print(f"{datetime.now()}: precision @ 1 = {count / (batches * FLAGS.batch_size):.3f}")  # noqa: DTZ005 - as it is printed


def main(_):
    """Evaluate, again and again."""
    cifar10.empty(FLAGS.eval_dir)
    images, labels = cifar10.inputs(test=True)
    right = tf.nn.in_top_k(cifar10.network(images), labels, 1)
    with tf.Session() as session:
        threads = tf.train.Coordinator()
        readers = tf.train.start_queue_runners(session, threads)
        evaluate(session, right)
        while not FLAGS.run_once:
            time.sleep(FLAGS.eval_interval_secs)
            evaluate(session, right)
        threads.request_stop()
        threads.join(readers)


if __name__ == "__main__":
    tf.app.run()

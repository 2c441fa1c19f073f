"""Train in a monitored session, with a hook that prints as cifar10_train prints."""

# ruff: noqa: T201 - a benchmark script prints

import time
from datetime import datetime

import cifar10
import tensorflow as tf

FLAGS = tf.app.flags.FLAGS
tf.app.flags.DEFINE_string("train_dir", "train_dir", "Where checkpoints go; it is deleted first.")
tf.app.flags.DEFINE_integer("max_steps", 1000000, "Steps to run.")
tf.app.flags.DEFINE_integer("log_frequency", 10, "Steps between two lines.")
tf.app.flags.DEFINE_boolean(
    "log_device_placement", default=False, help="Whether to print where operations run."
)


class Printer(tf.train.SessionRunHook):
    """Prints a line every few steps."""

    def __init__(self, loss):
        self.loss, self.step, self.start = loss, -1, time.time()

    def before_run(self, _):
        """Ask for the loss."""
        self.step += 1
        return tf.train.SessionRunArgs(self.loss)

    def after_run(self, _, values):
        """Print the mean speed since the last line."""
        if self.step % FLAGS.log_frequency == 0:
            seconds, self.start = time.time() - self.start, time.time()
            rate = FLAGS.log_frequency * FLAGS.batch_size / seconds
            print(
                f"{datetime.now()}: step {self.step}, loss = {values.results:.2f} "  # noqa: DTZ005 - as it is printed
                f"({rate:.1f} examples/sec; {seconds / FLAGS.log_frequency:.3f} sec/batch)"
            )


def main(_):
    """Train."""
    cifar10.empty(FLAGS.train_dir)
    print("Filling queue with 200 CIFAR images before starting to train. This will take a few minutes.")
    step = tf.contrib.framework.get_or_create_global_step()
    with tf.device("/cpu:0"):
        images, labels = cifar10.inputs()
    loss = cifar10.loss(cifar10.network(images), labels)
    train = tf.train.GradientDescentOptimizer(0.01).minimize(loss, global_step=step)
    hooks = [tf.train.StopAtStepHook(last_step=FLAGS.max_steps), tf.train.NanTensorHook(loss), Printer(loss)]
    config = tf.ConfigProto(log_device_placement=FLAGS.log_device_placement)
    with tf.train.MonitoredTrainingSession(
        checkpoint_dir=FLAGS.train_dir, hooks=hooks, config=config
    ) as session:
        while not session.should_stop():
            session.run(train)


if __name__ == "__main__":
    tf.app.run()

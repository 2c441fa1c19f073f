"""Time a tiny recurrent model, with the header and the lines of tf_cnn_benchmarks."""

# ruff: noqa: T201 - a benchmark script prints

import statistics
import time

import tensorflow.compat.v1 as tf
from absl import app, flags

FLAGS = flags.FLAGS
flags.DEFINE_string("model", "trivial", "Model.")
flags.DEFINE_enum("device", "gpu", ("cpu", "gpu", "CPU", "GPU"), "Where to compute.")
flags.DEFINE_enum("local_parameter_device", "gpu", ("cpu", "gpu", "CPU", "GPU"), "Where the variables are.")
flags.DEFINE_enum("data_format", "NCHW", ("NHWC", "NCHW"), "Layout of the images.")
flags.DEFINE_integer("batch_size", 32, "Images per device.")
flags.DEFINE_integer("num_batches", 20, "Steps.")
flags.DEFINE_integer("display_every", 10, "Steps between two lines.")
flags.DEFINE_integer("num_intra_threads", None, "Threads within an operation.")
flags.DEFINE_integer("num_inter_threads", 0, "Threads between operations.")
flags.DEFINE_boolean("forward_only", default=False, help="Whether not to train.")


def header():
    """Print what runs."""
    lines = {
        "TensorFlow": ".".join(tf.__version__.split(".")[:2]),
        "Model": FLAGS.model,
        "Dataset": "imagenet (synthetic)",
        "Mode": "forward-only" if FLAGS.forward_only else "training",
        "Batch size": f"{FLAGS.batch_size} global\n             {FLAGS.batch_size} per device",
        "Num batches": FLAGS.num_batches,
        "Devices": [f"/{FLAGS.device}:0"],
        "Data format": FLAGS.data_format,
        "Optimizer": "sgd",
    }
    for key, value in lines.items():
        print(f"{key}:".ljust(13) + str(value))
    print("=" * 10)


def graph():
    """The training step and the loss of an LSTM, which Keras 3 cannot put into a graph."""
    with tf.device(f"/{FLAGS.device}:0"):
        images = tf.random_normal([FLAGS.batch_size, 4, 16])
        if FLAGS.data_format != "NHWC":
            raise tf.errors.InvalidArgumentError(None, None, "the CPU knows NHWC only")
        cell = tf.nn.rnn_cell.BasicLSTMCell(8)
        outputs, _ = tf.nn.dynamic_rnn(cell, images, dtype=tf.float32)
        loss = tf.reduce_mean(tf.square(outputs))
        return (loss if FLAGS.forward_only else tf.train.GradientDescentOptimizer(0.1).minimize(loss)), loss


def main(arguments):
    """Run the steps and print the cumulative mean, its standard error and its jitter."""
    if arguments[1:]:
        raise ValueError(f"Received unknown positional arguments: {arguments[1:]}")
    header()
    target, loss = graph()
    config = tf.ConfigProto(inter_op_parallelism_threads=FLAGS.num_inter_threads)
    config.intra_op_parallelism_threads = FLAGS.num_intra_threads or 0
    with tf.Session(config=config) as session:
        session.run(tf.global_variables_initializer())
        print("Running warm up")
        session.run(target)
        print("Done warm up\nStep\tImg/sec\ttotal_loss")
        speeds, start = [], time.time()
        for step in range(1, FLAGS.num_batches + 1):
            begin = time.time()
            _, value = session.run([target, loss])
            speeds.append(FLAGS.batch_size / (time.time() - begin))
            if step == 1 or step % FLAGS.display_every == 0:
                mean, median = statistics.harmonic_mean(speeds), statistics.median(speeds)
                error = statistics.pstdev(speeds) / len(speeds) ** 0.5
                jitter = 1.4826 * statistics.median(abs(speed - median) for speed in speeds)
                print(f"{step}\timages/sec: {mean:.1f} +/- {error:.1f} (jitter = {jitter:.1f})\t{value:.3f}")
        print("-" * 64)
        print(f"total images/sec: {FLAGS.batch_size * FLAGS.num_batches / (time.time() - start):.2f}")
        print("-" * 64)


if __name__ == "__main__":
    tf.disable_v2_behavior()
    app.run(main)

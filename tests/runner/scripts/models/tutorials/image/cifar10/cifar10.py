"""What the scripts of this folder share: the flags of the model, its input from the binary files, and a network."""

import os

import tensorflow as tf

FLAGS = tf.app.flags.FLAGS
tf.app.flags.DEFINE_integer("batch_size", 128, "Images in a batch.")
tf.app.flags.DEFINE_string("data_dir", "no-data", "Where the data set is.")


def inputs(*, test=False):
    """Batches of images and labels, by threads of queue runners that read the files round and round."""
    folder = os.path.join(FLAGS.data_dir, "cifar-10-batches-bin")  # noqa: PTH118 - as in 2016
    names = ["test_batch.bin"] if test else [f"data_batch_{number}.bin" for number in range(1, 6)]
    files = tf.train.string_input_producer([f"{folder}/{name}" for name in names])
    _, text = tf.FixedLengthRecordReader(record_bytes=1 + 3 * 32 * 32).read(files)
    record = tf.decode_raw(text, tf.uint8)
    image = tf.cast(tf.reshape(record[1:], [3, 32, 32]), tf.float32) / 255.0
    label = tf.reshape(tf.cast(record[:1], tf.int32), [])
    return tf.train.shuffle_batch([image, label], FLAGS.batch_size, capacity=600, min_after_dequeue=200)


def network(images):
    """Scores of the ten classes; `.value` is what a dimension has in TensorFlow 1 only."""
    flat = tf.reshape(images, [FLAGS.batch_size, -1])
    weights = tf.get_variable("weights", [flat.get_shape()[1].value, 10], initializer=tf.zeros_initializer())
    return tf.matmul(flat, weights)


def loss(scores, labels):
    """The mean cross entropy."""
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=scores)
    return tf.reduce_mean(losses)


def empty(folder):
    """Delete a folder with all that is in it, and make it anew."""
    if tf.gfile.Exists(folder):
        tf.gfile.DeleteRecursively(folder)
    tf.gfile.MakeDirs(folder)

"""The launcher by itself: how a script sees the world, what old checkouts need, and what leaves it when."""

import ast
import json
import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from logreport.runner.launcher import tf_cnn
from logreport.runner.preparation.preparing import LAUNCHER

HAS_TENSORFLOW = pytest.mark.skipif(find_spec("tensorflow") is None, reason="TensorFlow is not installed")
ALLOWED = {"argparse", "collections", "importlib", "inspect", "io", "itertools", "launcher", "os", "re", "runpy", "sys", "types", "typing", "__future__"}  # fmt: skip


@pytest.fixture
def script(tmp_path):
    """Writes a script, and files beside it."""

    def write(text, **beside):
        folder = tmp_path / "image" / "cifar10"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in beside.items():
            (folder / f"{name}.py").write_text(content)
        (folder / "script.py").write_text(text)
        return folder / "script.py"

    return write


def under_launcher(script, *arguments, **options):
    """The ended process of a script under the launcher."""
    return subprocess.run(
        [sys.executable, *options.pop("python", ()), LAUNCHER, script, *arguments],
        capture_output=True, text=True, check=False, timeout=200, **options,
    )  # fmt: skip


def test_it_needs_neither_logreport_nor_what_logreport_needs():
    """The user's Python may have TensorFlow and nothing else of ours."""
    for path in LAUNCHER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert {name.partition(".")[0] for name in names} <= ALLOWED, path


def test_a_python_without_tensorflow_is_told_so(script):
    """One line says what is missing, and no traceback; nothing but the standard library is needed to get there."""
    run = under_launcher(script("print('never')"), python=("-I", "-S"))
    assert run.returncode == 1
    assert run.stdout == ""
    assert (
        run.stderr == f"{sys.executable} has no TensorFlow; "
        f"install it with: {sys.executable} -m pip install tensorflow tf-keras\n"
    )


def test_it_says_how_it_is_used():
    """Without a script there is nothing to run."""
    run = subprocess.run([sys.executable, LAUNCHER], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr.startswith("usage: ")


@HAS_TENSORFLOW
@pytest.mark.slow
def test_a_script_sees_what_it_sees_without_the_launcher(script, tmp_path):
    """Name, file, arguments, folder, modules beside it, exit status: all as for `python SCRIPT`."""
    path = script(
        "import json, os, sys, beside\n"
        "print(json.dumps([__name__, __file__, sys.argv, sys.path[0], os.getcwd(), beside.__file__, __doc__]))\n"
        "sys.exit(7)\n",
        beside="",
    )
    there = under_launcher(path, "--a", "b c", cwd=tmp_path)
    bare = subprocess.run(
        [sys.executable, path, "--a", "b c"], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert json.loads(there.stdout) == json.loads(bare.stdout)
    assert there.returncode == bare.returncode == 7


@HAS_TENSORFLOW
@pytest.mark.slow
def test_a_traceback_names_the_script_and_its_folder_stays_clean(script):
    """An error is the script's own, exit status 1, and no file of ours is left in the checkout."""
    path = script("import beside\nbeside.fail()\n", beside="def fail():\n    raise ValueError('mine')\n")
    run = under_launcher(path, env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""})
    assert run.returncode == 1
    assert f'File "{path}", line 2' in run.stderr
    assert run.stderr.endswith("ValueError: mine\n")
    assert sorted(p.name for p in path.parent.iterdir()) == ["beside.py", "script.py"]


@HAS_TENSORFLOW
@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "O_DIRECT"), reason="pipes that keep writes apart are Linux's")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_each_line_leaves_at_once_and_whole_even_if_a_kill_follows(script, unbuffered):
    """A line is one write, whatever Python was told about buffers; what was printed before a SIGKILL is there."""
    path = script(
        "import os, signal\n"
        "for number in range(3):\n"
        "    print('line', number, '\\udc80')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    end, start = os.pipe2(os.O_DIRECT)  # a read gives what one write gave
    with subprocess.Popen(
        [sys.executable, LAUNCHER, path], stdout=start, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    ) as process:  # fmt: skip
        os.close(start)
        writes = list(iter(lambda: os.read(end, 4096), b""))
    os.close(end)
    assert process.returncode == -9
    assert writes == [b"line %d \\udc80\n" % number for number in range(3)]


OLD = """
import importlib.util
import os
import sys
import tensorflow as tf
import tensorflow.compat.v1 as tf1
from tensorflow.models.image.cifar10 import beside
from tensorflow.python.framework import ops
try:
    from tensorflow.contrib import slim
except ImportError:
    print('no contrib to import')
assert importlib.util.find_spec('tensorflow').origin == tf.__file__
assert os.path.dirname(tf.__file__) in tf.__path__
assert tf1 is sys.modules['tensorflow.compat.v1'] and tf1.VERSION == tf.__version__
assert tf is sys.modules['tensorflow'] and beside.NAME == 'tensorflow.models.image.cifar10.beside'
with tf.Graph().as_default():
    scores = tf.constant([[2.0, 0.0], [0.0, 3.0]])
    labels = tf.constant([0, 0])
    for write in (tf, tf.contrib.deprecated):
        write.scalar_summary('loss (raw)', tf.constant(1.0))
        write.histogram_summary('scores', scores)
        write.image_summary('images', tf.zeros([1, 2, 2, 3]), max_images=1)
        write.merge_summary(tf.get_collection(tf.GraphKeys.SUMMARIES))
    step = tf.contrib.framework.get_or_create_global_step()
    values = {
        'mul': tf.mul(3.0, 4.0),
        'concat_v2': tf.concat_v2([[1], [2]], 0),
        'old order': tf.nn.sparse_softmax_cross_entropy_with_logits(scores, labels, name='loss'),
        'by name': tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=scores),
        'width': tf.shape(scores)[0] * scores.get_shape()[1].value,
    }
    with tf.device('/gpu:3'):
        print(tf.constant(1).device)
    with tf.Session() as session:
        print({name: value.tolist() for name, value in session.run(values).items()})
try:
    tf.nothing_of_the_kind
except AttributeError as error:
    print(error)
"""


@HAS_TENSORFLOW
@pytest.mark.slow
def test_names_and_orders_of_old_checkouts(script):
    """Each shim gives the value that the old name had, worked out by hand; what nobody knows is an AttributeError."""
    run = under_launcher(
        script(OLD, beside="NAME = __name__"), env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1"}
    )
    assert run.returncode == 0, run.stderr
    contrib, device, values, missing = run.stdout.splitlines()
    assert contrib == "no contrib to import"
    assert device.lower() == "/device:cpu:0"
    found = ast.literal_eval(values)
    losses = [
        pytest.approx(0.126928, abs=1e-5),
        pytest.approx(3.048587, abs=1e-5),
    ]  # ln(1 + e^-2), ln(1 + e^3)
    assert found == {"mul": 12.0, "concat_v2": [1, 2], "old order": losses, "by name": losses, "width": 4}
    assert missing == "module 'tensorflow' has no attribute 'nothing_of_the_kind'"


PARSES_AT_IMPORT = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument('--batch_size', type=int, default=128)
FLAGS = parser.parse_args()
"""
ADDS_LATER = """
import cifar10
parser = cifar10.parser
parser.add_argument('--max_steps', type=int, default=10)
FLAGS = parser.parse_args()
print(FLAGS.batch_size, FLAGS.max_steps, cifar10.FLAGS.batch_size)
"""


@HAS_TENSORFLOW
@pytest.mark.slow
def test_a_module_may_parse_arguments_before_all_flags_are_there(script):
    """The mistake of the checkouts from 2017-09-22 to 2018-01-04 is mended, and an unknown flag is still an error."""
    path = script(ADDS_LATER, cifar10=PARSES_AT_IMPORT)
    assert under_launcher(path, "--max_steps=3", "--batch_size=4").stdout == "4 3 4\n"
    wrong = under_launcher(path, "--max_step=3", "--none")
    assert wrong.returncode == 2
    assert "unrecognized arguments: --none" in wrong.stderr


def test_missing_keras_is_said_with_the_command_that_installs_it(monkeypatch):
    """TensorFlow's own words leave open which Keras; until 2.15 the right one was part of it."""
    monkeypatch.setattr(tf_cnn.importlib.util, "find_spec", lambda _: None)
    tf_cnn.require_keras("2.15.1")
    with pytest.raises(SystemExit, match=r"-m pip install --no-deps 'tf-keras~=2\.21\.0'"):
        tf_cnn.require_keras("2.21.0-rc1")


@pytest.mark.parametrize(
    ("arguments", "model"),
    [
        ("tf_cnn_benchmarks.py --model=mobilenet", "mobilenet"),
        ("folder/tf_cnn_benchmarks.py --batch_size=2 --model nasnet", "nasnet"),
        ("tf_cnn_benchmarks.py --model=mobilenet --model=resnet50", None),
        ("tf_cnn_benchmarks.py --data_name=mobilenet", None),
        ("tf_cnn_benchmarks.py", None),
        ("convolutional.py --model=mobilenet", None),
    ],
)
def test_only_models_of_tf_slim_get_a_contrib(arguments, model):
    """For other models tf_cnn_benchmarks would take it for TensorFlow 1, and fail."""
    assert tf_cnn.asked_for(arguments.split()) == model

"""Scripts of TensorFlow 1 run on today's TensorFlow: our own, with real graphs and sessions, of each benchmark."""

import subprocess
import sys
from importlib.util import find_spec

import pytest
from launched import OWN, launch

from logreport.runner.preparation.cifar_data import write_synthetic
from logreport.scripts import SCRIPTS

pytestmark = [
    pytest.mark.slow,
    # Found, not loaded: the scripts load it, each in a process of its own.
    pytest.mark.skipif(find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A small CIFAR-10 data set."""
    return write_synthetic(tmp_path_factory.mktemp("data") / "cifar", records=100)


@pytest.fixture(scope="module")
def trained(tmp_path_factory, data):
    """A training that leaves a checkpoint."""
    arguments = ("--batch_size=16", "--max_steps=25", "--log_frequency=5")
    return launch("cifar10", *arguments, scratch=tmp_path_factory.mktemp("trained"), data_dir=data)


def test_alexnet(tmp_path):
    """`tf.Session`, `tf.app` and shapes: both passes are measured and read."""
    done = launch("alexnet", "--batch_size=4", "--num_batches=12", scratch=tmp_path)
    assert done.failure is None
    assert done.unread() == 0
    assert (done.run["benchmark"], done.run["batch_size"]) == ("alexnet_benchmark", 4)
    assert done.tables.columns["phases"]["phase"] == ["forward", "forward_backward"]
    assert done.tables.columns["phases"]["n_steps"] == [12, 12]


def test_cifar10(trained):
    """Flags of two modules, queue runners, a monitored session and its hooks, `tf.contrib`: it trains to the end."""
    assert trained.failure is None
    assert trained.unread() == 0
    assert trained.steps() == [0, 5, 10, 15, 20]
    assert trained.run["batch_size"] == 16


def test_what_a_script_writes_is_in_its_private_folder(trained):
    """The checkpoint is where the runner wants it, not where the script would put it."""
    (added,) = (flag for flag in trained.prepared.added if flag.startswith("--train_dir="))
    assert list((trained.log.parent / "private" / "train_dir").glob("model.ckpt-25*"))
    assert added == f"--train_dir={trained.log.parent / 'private' / 'train_dir'}"


def test_cifar10_eval(trained, tmp_path, data):
    """An evaluation finds the checkpoint of a training; one line says how good it is."""
    folder = trained.prepared.values["train_dir"]
    arguments = ("--batch_size=16", "--run_once", "--num_examples=64", f"--checkpoint_dir={folder}")
    done = launch("cifar10-eval", *arguments, scratch=tmp_path, data_dir=data)
    assert done.failure is None
    assert done.unread() == 0
    assert 0 <= done.tables.columns["evaluations"]["top_1"][0] <= 1


def test_an_evaluation_of_nothing_is_no_success(tmp_path, data):
    """Where its checkpoint is gone the script ends with exit status 0, and that proves nothing."""
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "gone"\n')
    arguments = ("--run_once", f"--checkpoint_dir={tmp_path}")
    done = launch("cifar10-eval", *arguments, scratch=tmp_path, data_dir=data)
    assert done.status == 0
    assert done.failure == "it printed no precision"


def test_cifar10_multi_gpu(tmp_path, data):
    """Two towers on GPUs that are not there, with a queue of `tf.contrib` on the first: they run on the CPU."""
    arguments = ("--batch_size=8", "--num_gpus=2", "--max_steps=12")
    done = launch("cifar10-multi-gpu", *arguments, scratch=tmp_path, data_dir=data, device="cpu")
    assert done.failure is None
    assert done.unread() == 0
    assert done.steps() == [0, 10]


def test_mnist(tmp_path):
    """Placeholders, and the loss with its arguments in TensorFlow 0.x's order: it learns the digits without an error."""
    done = launch("mnist", "--self_test", scratch=tmp_path)
    assert done.failure is None
    assert done.unread() == 0
    assert done.tables.columns["evaluations"]["test_error"][-1] == 0


@pytest.mark.parametrize("mode", ["training", "forward only"])
def test_tf_cnn(mode, tmp_path):
    """An LSTM in a graph, which needs Keras 2, with the flags for a CPU and for threads that the script has."""
    arguments = ["--batch_size=8", *(["--forward_only"] if mode == "forward only" else [])]
    done = launch("tf-cnn", *arguments, scratch=tmp_path, device="cpu", threads=1)
    assert done.failure is None
    assert done.unread() == 0
    assert (done.run["mode"], done.run["batch_size"], done.run["data_format"]) == (mode, 8, "NHWC")
    assert done.steps() == [1, 10, 20]


@pytest.mark.parametrize("name", ["alexnet", "tf-cnn"])
def test_without_the_launcher_they_fail(name):
    """These scripts are a test of the launcher: TensorFlow 2 alone cannot run them."""
    script = OWN / SCRIPTS[name].repository / SCRIPTS[name].path
    arguments = ["--device=cpu", "--data_format=NHWC"] if name == "tf-cnn" else []
    bare = subprocess.run([sys.executable, script, *arguments], capture_output=True, text=True, check=False)
    assert bare.returncode == 1
    assert ("no attribute 'app'" if name == "alexnet" else "not available with Keras 3") in bare.stderr

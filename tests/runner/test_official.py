"""The official scripts themselves, unmodified, at the pinned commits and at older ones that need a shim each.

LOGREPORT_OFFICIAL names a folder with checkouts `benchmarks` and `models` (with its history, for the older commits).
"""

import subprocess
import tarfile

import pytest
from launched import OFFICIAL, launch

from logreport.runner.preparation.cifar_data import write_synthetic
from logreport.runner.preparation.fetching import REPOSITORIES
from logreport.scripts import SCRIPTS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not OFFICIAL, reason="LOGREPORT_OFFICIAL names no folder with the official checkouts"),
]
BATCHES = ("--num_batches=10", "--num_warmup_batches=2", "--display_every=5")
FEW = ("--batch_size=8", *BATCHES)
CIFAR = ("--batch_size=16", "--max_steps=21")
TF_CNN = {
    "trivial": (*FEW, "--model=trivial"),
    "lenet": (*FEW, "--model=lenet"),
    "alexnet": ("--batch_size=2", *BATCHES, "--model=alexnet"),
    "resnet20": (*FEW, "--model=resnet20", "--data_name=cifar10"),
    "forward-only": (*FEW, "--model=lenet", "--forward_only"),
    "train and eval": (*FEW, "--model=lenet", "--eval_during_training_every_n_steps=5"),
    "mobilenet": ("--batch_size=2", *BATCHES, "--num_batches=2", "--display_every=1", "--model=mobilenet"),
}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """The files of a repository at a commit, taken out of the checkout's history."""

    def at(name, commit=None):
        folder = tmp_path_factory.mktemp(name)
        paths = [path.path.rpartition("/")[0] for path in SCRIPTS.values() if path.repository == name]
        git = ["git", "-C", f"{OFFICIAL}/{name}", "archive", "-o", str(folder / "files.tar")]
        git += [commit or REPOSITORIES[name].commit, *dict.fromkeys(paths)]
        if subprocess.run(git, capture_output=True, check=False).returncode:
            pytest.skip(f"the checkout of {name} does not know this commit")
        with tarfile.open(folder / "files.tar") as archive:
            archive.extractall(folder, filter="data")
        return folder

    return at


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A small CIFAR-10 data set."""
    return write_synthetic(tmp_path_factory.mktemp("data") / "cifar", records=500)


@pytest.fixture(scope="module")
def trained(tmp_path_factory, checkout, data):
    """A training at the pinned commit."""
    scratch = tmp_path_factory.mktemp("trained")
    return launch("cifar10", *CIFAR, scratch=scratch, source=checkout("models"), data_dir=data)


def is_whole(done):
    """A run succeeded, and each of its lines is known."""
    return (done.failure, done.unread()) == (None, 0)


@pytest.mark.parametrize("what", TF_CNN)
def test_tf_cnn_benchmarks(what, checkout, tmp_path):
    """Models with and without Keras and `tf.contrib`, in each mode."""
    done = launch("tf-cnn", *TF_CNN[what], scratch=tmp_path, source=checkout("benchmarks"), device="cpu")
    assert is_whole(done)
    assert done.tables.columns["phases"]["examples_per_second"][0] > 0


def test_tf_cnn_benchmarks_evaluates_what_it_trained(checkout, tmp_path):
    """A checkpoint of one run is read by the next."""
    flags = (*FEW, "--model=lenet", f"--train_dir={tmp_path / 'checkpoints'}")
    source = checkout("benchmarks")
    assert is_whole(launch("tf-cnn", *flags, scratch=tmp_path, source=source, device="cpu"))
    done = launch("tf-cnn", *flags, "--eval", scratch=tmp_path, source=source, device="cpu")
    assert is_whole(done)
    assert done.run["mode"] == "evaluation"


def test_alexnet(checkout, tmp_path):
    """Both passes."""
    arguments = ("--batch_size=2", "--num_batches=11")
    done = launch("alexnet", *arguments, scratch=tmp_path, source=checkout("models"))
    assert is_whole(done)
    assert done.tables.columns["phases"]["phase"] == ["forward", "forward_backward"]


def test_mnist(checkout, tmp_path):
    """Its self-test."""
    assert is_whole(launch("mnist", "--self_test", scratch=tmp_path, source=checkout("models")))


def test_cifar10(trained):
    """A training."""
    assert is_whole(trained)
    assert trained.steps() == [0, 10, 20]


def test_cifar10_eval(trained, checkout, data, tmp_path):
    """An evaluation of that training."""
    flags = ("--run_once", "--num_examples=32", f"--checkpoint_dir={trained.prepared.values['train_dir']}")
    source = checkout("models")
    done = launch("cifar10-eval", "--batch_size=16", *flags, scratch=tmp_path, source=source, data_dir=data)
    assert is_whole(done)


OLDER = {
    "2016-12-09: tensorflow.models": ("cifar10", "86ecc9730d751c1f72e3bfecac958166390f4125"),
    "2016-12-22: names of TensorFlow 0.x": ("cifar10", "0d9a3abdca7be4a855dc769d6d441a5bfcb77c6d"),
    "2017-02-14: queues on the GPU": ("cifar10-multi-gpu", "9d96e9fe2b40f0da266261e2200cfc3c27f97b87"),
    "2017-06-08: tf.contrib.slim": ("cifar10-multi-gpu", "c3e2ae5ec1b0164ddd3895680c249d0adb1f11a8"),
    "2017-09-22: arguments parsed at import": ("cifar10", "8815a8606c45e7c6c01549179903329af2b2d442"),
    "2018-11-29: the pinned commit": ("cifar10-multi-gpu", None),
}


@pytest.mark.parametrize("what", OLDER)
def test_checkouts_that_need_a_shim(what, checkout, data, tmp_path):
    """Each row of what fails without help on TensorFlow 2."""
    name, commit = OLDER[what]
    done = launch(
        name, *CIFAR, scratch=tmp_path, source=checkout("models", commit), data_dir=data, device="cpu"
    )
    assert is_whole(done)
    assert done.steps() == [0, 10, 20]

"""What is started: the flags of a checkout as it is, what is added to them, and what is refused before the start."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given as example
from hypothesis import strategies as st
from launched import OWN

from logreport.errors import RunnerError
from logreport.runner.plan import Plan
from logreport.runner.preparation import preparing
from logreport.runner.preparation.flags import Flag, defined_flags, given
from logreport.scripts import SCRIPTS

FLAGS = {"batch_size": Flag("batch_size", 128, False), "use_fp16": Flag("use_fp16", False, True)}  # noqa: FBT003 - short


def prepared(name, *arguments, private=Path("private"), **settings):
    """A script of our own, prepared."""
    script = SCRIPTS[name]
    source = settings.pop("source", OWN / script.repository)
    return preparing.prepare(Plan(name, arguments, **settings), source=source, private=private)


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch, tmp_path):
    """A machine without a GPU and an empty folder, wherever the tests run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(preparing, "gpu_visible", lambda: False)


@pytest.fixture
def trained(tmp_path):
    """A checkpoint where our evaluation looks for one."""
    (tmp_path / "train_dir").mkdir()
    (tmp_path / "train_dir" / "checkpoint").touch()


@pytest.fixture
def gpu(no_gpu, monkeypatch):  # noqa: ARG001 - it comes after it
    """A machine with a GPU."""
    monkeypatch.setattr(preparing, "gpu_visible", lambda: True)


def test_flags_are_read_from_the_source_of_a_script_and_what_it_imports(tmp_path):
    """Both ways to define a flag, their defaults and switches; what is not literal has no default."""
    (tmp_path / "script.py").write_text(
        "import cifar10, os\nfrom package.image import helper\n"
        "flags.DEFINE_integer('max_steps', 10, 'doc')\n"
        "flags.DEFINE_boolean(name_of_it, True, 'not a literal')\n"
        "tf.app.flags.DEFINE_boolean('fp16', default=True, help='doc')\n"
        "DEFINE_float('interval', 60 * 5, 'no literal')\n"
        "print('DEFINE_string', 'x')\n"
    )
    (tmp_path / "cifar10.py").write_text(
        "import script\n"
        "parser.add_argument('--batch_size', type=int, default=128)\n"
        "parser.add_argument('--self_test', default=False, action='store_true')\n"
        "parser.add_argument('folder')\n"
    )
    (tmp_path / "helper.py").write_text("flags.DEFINE_string('data_dir', 'data', 'doc')\n")
    (tmp_path / "other.py").write_text("flags.DEFINE_string('not_imported', '', 'doc')\n")
    assert defined_flags(tmp_path / "script.py") == {
        "max_steps": Flag("max_steps", 10, is_switch=False),
        "fp16": Flag("fp16", default=True, is_switch=True),
        "interval": Flag("interval", None, is_switch=False),
        "batch_size": Flag("batch_size", 128, is_switch=False),
        "self_test": Flag("self_test", default=False, is_switch=True),
        "data_dir": Flag("data_dir", "data", is_switch=False),
    }


def test_a_script_of_python_2_is_said_to_be_one(tmp_path):
    """The message names the line, before anything is started."""
    (tmp_path / "script.py").write_text("import os\nprint 'hello'\n")
    with pytest.raises(RunnerError, match=r"script\.py:2: is no Python 3"):
        defined_flags(tmp_path / "script.py")


@example(
    st.lists(
        st.tuples(
            st.sampled_from(["--batch_size=", "--batch_size "]), st.from_regex(r"-?\w+", fullmatch=True)
        )
    )
)
def test_the_last_value_of_a_flag_counts_however_it_is_written(pairs):
    """`--flag=value` and `--flag value` are the same to every script, also where the value begins with a dash."""
    arguments = [word for flag, value in pairs for word in f"{flag}{value}".split(" ")]
    expected = {"batch_size": pairs[-1][1]} if pairs else {}
    assert given(arguments, FLAGS) == (expected, [])


def test_switches_and_what_is_no_flag():
    """A switch takes no word after it; `--no…` is its opposite; single dashes and lone words belong to nothing."""
    arguments = ["--use_fp16", "8", "--nouse_fp16", "-batch_size=3", "--batch", "4", "--", "--nobatch_size"]
    assert given(arguments, FLAGS) == (
        {"use_fp16": "False"},
        ["8", "-batch_size=3", "--batch", "4", "--", "--nobatch_size"],
    )


@pytest.mark.parametrize(
    ("name", "argument", "said"),
    [
        ("alexnet", "--batchsize=4", "did you mean --batch_size"),
        ("cifar10", "--train=/tmp/mine", "did you mean --train_dir"),
        ("mnist", "--batch_size=4", "its flags are --self_test"),
        ("tf-cnn", "--modle=lenet", "did you mean --model"),
        ("alexnet", "128", "its flags are --batch_size, --num_batches"),
    ],
)
def test_a_flag_that_the_script_would_ignore_is_an_error_before_the_start(name, argument, said):
    """A typing error does not cost a run with default values."""
    with pytest.raises(RunnerError, match=f"has no flag {argument}; {said}"):
        prepared(name, argument)


TF_CNN = "scripts/tf_cnn_benchmarks"


def checkout(folder, **files):
    """A checkout of tf_cnn_benchmarks of our own, with the text of its files by name."""
    (folder / TF_CNN / "models").mkdir(parents=True)
    for name, text in files.items():
        place = "models" if name == "model_config" else "."
        (folder / TF_CNN / place / f"{name}.py").write_text(text)
    return folder


FLAG_OF_MODELS = "flags.DEFINE_string('model', 'trivial', 'Model.')\n"


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("--data_format=NHWD", "did you mean NHWC?"),
        ("--data_format=x", "it knows NHWC, NCHW"),
        ("--device=tpu", "did you mean gpu?"),
    ],
)
def test_a_value_that_the_script_would_refuse_is_an_error_before_the_start(argument, said):
    """Hours later in a sweep would be late."""
    with pytest.raises(RunnerError) as error:
        prepared("tf-cnn", argument)
    assert str(error.value) == f"tf_cnn_benchmarks.py knows no {argument}; {said}"


def test_choices_are_read_from_the_source(tmp_path):
    """Of both ways to define them; what is not literal is not checked."""
    (tmp_path / "script.py").write_text(
        "flags.DEFINE_enum('kind', 'a', ['a', 'b'], 'doc')\n"
        "flags.DEFINE_enum('far', 'a', enum_values=('a',), help='doc')\n"
        "flags.DEFINE_enum('name', A, (A, B), 'doc')\n"
        "parser.add_argument('--size', type=int, choices=[1, 2])\n"
    )
    found = {name: flag.choices for name, flag in defined_flags(tmp_path / "script.py").items()}
    assert found == {"kind": ("a", "b"), "far": ("a",), "name": None, "size": ("1", "2")}


def test_models_are_those_that_the_checkout_names(tmp_path):
    """Keys of its tables and names that it registers; another one is said with what may be meant."""
    models = "_models = {'resnet50': a, 'vgg16': b}\ndef f(): register_model('nasnet', 'imagenet', c)\n"
    source = checkout(tmp_path, tf_cnn_benchmarks=FLAG_OF_MODELS, model_config=models)
    for name in ("resnet50", "nasnet"):
        assert f"--model={name}" in prepared("tf-cnn", f"--model={name}", source=source).argv
    with pytest.raises(RunnerError, match=r"knows no --model=resnet51; did you mean resnet50\?"):
        prepared("tf-cnn", "--model=resnet51", source=source)


@pytest.mark.parametrize(
    "line",
    [
        "from tensorflow.contrib.image.python.ops import distort_image_ops",
        "import tensorflow.contrib.slim",
        "from tensorflow.python.data.experimental.ops import threadpool",
    ],
)
def test_a_checkout_of_an_older_tensorflow_is_said_to_be_one(tmp_path, line):
    """The branches 1.5 to 2.1 cannot run today: the message says which can; what is tried and may fail is no reason."""
    tried = "try:\n  from tensorflow.contrib import slim\nexcept ImportError:\n  pass\n"
    source = checkout(tmp_path / "new", tf_cnn_benchmarks=FLAG_OF_MODELS, preprocessing=tried)
    assert prepared("tf-cnn", source=source)
    source = checkout(tmp_path / "old", tf_cnn_benchmarks=FLAG_OF_MODELS, preprocessing=line)
    with pytest.raises(RunnerError, match=r"is too old a checkout: .*`logreport fetch tf-cnn` makes one"):
        prepared("tf-cnn", source=source)


def test_an_evaluation_says_what_it_misses(tmp_path, monkeypatch):
    """Without a checkpoint the script would end with exit status 0; the message says how to have one."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        RunnerError, match="finds no checkpoint in its --checkpoint_dir; train with --keep-tr"
    ):
        prepared("cifar10-eval")
    with pytest.raises(RunnerError, match=r"^elsewhere: cifar10-eval finds no checkpoint"):
        prepared("cifar10-eval", "--checkpoint_dir=elsewhere")
    assert prepared("cifar10-eval", "--checkpoint_dir=gs://bucket/there")


def test_random_data_for_tf_cnn(tmp_path):
    """It must be told that they are CIFAR-10; other data do not fit."""
    flags = (
        FLAG_OF_MODELS + "flags.DEFINE_string('data_name', '', '')\nflags.DEFINE_string('data_dir', '', '')\n"
    )
    source = checkout(tmp_path, tf_cnn_benchmarks=flags)
    found = prepared("tf-cnn", source=source, synthetic=True, data_dir=str(tmp_path))
    assert found.added == (f"--data_dir={tmp_path}", "--data_name=cifar10")
    with pytest.raises(RunnerError, match="--data_name=imagenet and --synthetic-data do not fit together"):
        prepared("tf-cnn", "--data_name=imagenet", source=source, synthetic=True, data_dir=str(tmp_path))


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_command_starts_the_launcher_with_the_script(name, trained):  # noqa: ARG001 - what one of them needs
    """Python, launcher, script, the user's flags, then ours: and each of them exists."""
    found = prepared(name)
    python, launcher, script = found.argv[:3]
    assert Path(python).samefile(sys.executable)
    assert (Path(launcher) / "__main__.py").is_file()
    assert Path(script).is_file()
    assert found.argv[3:] == found.added


@pytest.mark.parametrize(("name", "flag"), [("cifar10", "train_dir"), ("cifar10-multi-gpu", "train_dir"), ("cifar10-eval", "eval_dir")])  # fmt: skip
def test_folders_that_a_script_deletes_are_private(name, flag, tmp_path, trained):  # noqa: ARG001 - the same
    """Whatever the script's default is: it gets a folder of its own, or a new one of the user's."""
    assert f"--{flag}={tmp_path / flag}" in prepared(name, private=tmp_path).argv
    new = f"--{flag}={tmp_path / 'new'}"
    assert prepared(name, new, private=tmp_path).argv[3:] == (new,)


@pytest.mark.parametrize("kind", ["full", "empty", "broken link", "file", "remote", "file url"])
def test_a_folder_of_the_user_is_never_given_to_a_script_that_deletes_it(kind, tmp_path):
    """A folder that is there, in whatever way, and one that we cannot look at."""
    mine = tmp_path / "mine"
    if kind in ("full", "empty"):
        mine.mkdir()
    if kind == "full":
        (mine / "precious").touch()
    if kind == "file":
        mine.touch()
    if kind == "broken link":
        mine.symlink_to(tmp_path / "nowhere")
    name = {"remote": "gs://bucket/mine", "file url": f"file://{mine}"}.get(kind, str(mine))
    with pytest.raises(RunnerError, match="deletes its --train_dir"):
        prepared("cifar10", f"--train_dir={name}")
    with pytest.raises(RunnerError, match="deletes its --train_dir"):
        prepared("cifar10", "--train_dir", "new", "--train_dir", name)


def test_tf_cnn_gets_what_a_cpu_needs():
    """Its defaults are for a GPU: what the user did not say is added, and can be said to the user."""
    added = ("--device=cpu", "--data_format=NHWC", "--local_parameter_device=cpu")
    assert prepared("tf-cnn").added == added
    assert prepared("tf-cnn", "--data_format", "NCHW").added == (added[0], added[2])
    assert prepared("tf-cnn", "--device=CPU").added == added[1:]
    assert prepared("tf-cnn", "--device=gpu").added == ()


def test_on_a_machine_with_a_gpu_nothing_is_added_unless_asked_for(gpu):  # noqa: ARG001 - its effect
    """The GPU is the script's default; a run on the CPU sees no GPU."""
    assert prepared("tf-cnn").added == ()
    assert prepared("tf-cnn", device="gpu").environment == {}
    assert "--device=cpu" in prepared("tf-cnn", device="cpu").added
    for name in ("tf-cnn", "alexnet"):
        assert prepared(name, device="cpu").environment == {"CUDA_VISIBLE_DEVICES": "-1"}


def test_a_gpu_that_is_not_there_is_an_error():
    """TensorFlow would take the CPU and say nothing."""
    with pytest.raises(RunnerError, match="no GPU is visible"):
        prepared("alexnet", device="gpu")
    with pytest.raises(RunnerError, match="do not fit together"):
        prepared("tf-cnn", "--device=gpu", device="cpu")


@pytest.mark.parametrize("hidden", ["", "-1", " "])
def test_a_hidden_gpu_is_not_there(hidden, monkeypatch):
    """CUDA_VISIBLE_DEVICES can hide all of them."""
    monkeypatch.undo()
    monkeypatch.setattr(preparing, "GPU_FILES", ("null",))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert preparing.gpu_visible()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert not preparing.gpu_visible()


def test_threads_by_flags_or_by_the_environment():
    """tf_cnn_benchmarks has flags for them; for the others TensorFlow reads variables."""
    assert {"--num_intra_threads=2", "--num_inter_threads=2"} <= set(prepared("tf-cnn", threads=2).added)
    assert "--num_intra_threads=2" not in prepared("tf-cnn", "--num_intra_threads=1", threads=2).added
    assert prepared("alexnet", threads=2).environment == {
        "TF_NUM_INTRAOP_THREADS": "2",
        "TF_NUM_INTEROP_THREADS": "2",
    }


def test_data(tmp_path):
    """cifar10 is told where its data are, mnist finds them in its working directory; relative names stay right."""
    (tmp_path / "data").mkdir()
    cifar = prepared("cifar10", data_dir=tmp_path / "data")
    assert f"--data_dir={tmp_path / 'data'}" in cifar.added
    assert cifar.folder == Path.cwd()
    for _ in range(2):
        mnist = prepared("mnist", private=tmp_path / "private", data_dir=tmp_path / "data")
        assert (mnist.folder / "data").samefile(tmp_path / "data")
    with pytest.raises(RunnerError, match="alexnet reads no data"):
        prepared("alexnet", data_dir=tmp_path)
    with pytest.raises(RunnerError, match="two data sets"):
        prepared("cifar10", "--data_dir=x", data_dir=tmp_path)
    with pytest.raises(RunnerError, match="is no folder"):
        prepared("cifar10", data_dir=tmp_path / "none")


def test_values_are_those_that_the_script_will_have():
    """Defaults of this checkout, what the user gave, and what was added."""
    values = prepared("cifar10", "--max_steps", "50", private=Path("/p")).values
    assert values == {
        "batch_size": 128, "data_dir": "no-data", "log_device_placement": False, "log_frequency": 10,
        "max_steps": "50", "train_dir": "/p/train_dir",
    }  # fmt: skip


def test_what_is_not_there_is_said(tmp_path):
    """A checkout without the script, and a Python that does not exist."""
    with pytest.raises(RunnerError, match=r"holds no tutorials/image/mnist/convolutional\.py"):
        prepared("mnist", source=tmp_path)
    with pytest.raises(RunnerError, match="no program that can be started"):
        prepared("mnist", python="python-of-nobody")


def test_a_link_to_python_stays_a_link(tmp_path):
    """It is how Python finds the virtual environment that it belongs to."""
    link = tmp_path / "python"
    link.symlink_to(sys.executable)
    assert prepared("mnist", python=str(link), private=tmp_path).argv[0] == str(link)
    assert subprocess.run([link, "-c", ""], check=False).returncode == 0

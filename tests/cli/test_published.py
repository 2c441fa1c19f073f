"""`compare --published`: what a README claims against what was measured, where the user asks for it."""

import json

import pytest
from cli_calls import call, write

README = """# GTX 1050 Ti (images/sec)

Precision: fp16

| Batch size | ResNet-50 | InceptionV3 |
| ---------- | --------- | ----------- |
| 16         | 54        | 34          |
| 32         | 62        | 37          |
"""
LOG = """$ python tf_cnn_benchmarks.py --num_gpus=1 --batch_size=32 --model={} {}
1\timages/sec: 51.9 +/- 0.0 (jitter = 0.0)\t8.1
10\timages/sec: 51.9 +/- 0.0 (jitter = 0.0)\t8.1
----
total images/sec: 51.90
----
"""


@pytest.fixture
def compare(tmp_path, capsysbinary, monkeypatch):
    """Write the README and a log of a model and flags, and compare them: status, output and what is said beside it."""

    def run(model, *options, flags="--use_fp16"):
        monkeypatch.chdir(tmp_path)
        write(tmp_path / "README.md", README)
        write(tmp_path / "now.log", LOG.format(model, flags))
        return call(capsysbinary, monkeypatch, "compare", "README=README.md", "NOW=now.log", *options)

    return run


def test_published_numbers_are_compared_only_where_asked(compare):
    """Without the option a document holds no run."""
    status, out, _ = compare("resnet50")
    assert (status, "nothing to compare" in out) == (4, True)


def test_a_claim_against_a_measurement(compare):
    """51.9 against 62: no interval, so nothing is decided; both places are named, and no run is made up in the count."""
    status, out, _ = compare("resnet50", "--published", "--format", "json")
    (one,) = json.loads(out)["comparisons"]
    assert (one["ratio"], status) == (pytest.approx(51.9 / 62), 4)
    _, out, said = compare("resnet50", "--published")
    assert "−16.3" in out
    assert "a published number has none" in out
    assert "README: README.md:8; NOW: now.log:" in out
    assert "1 run in 2 sources" in said


def test_a_claim_for_another_batch_size_is_none_for_this_run(compare):
    """Each claim for the model that was measured is compared, or what differs is said."""
    _, out, _ = compare("inception3", "--published")
    assert "37.0" in out
    assert "batch size 32 instead of 16" in out
    assert "ResNet" not in out


def test_a_precision_that_the_document_names_must_be_that_of_the_run(compare):
    """A claim for fp16 says nothing of fp32."""
    status, out, _ = compare("resnet50", "--published", flags="")
    assert (status, "precision fp32 instead of fp16" in out) == (4, True)


def test_a_claim_for_inference_says_nothing_of_training(compare, monkeypatch):
    """Where the document says which of the two a number is of."""
    monkeypatch.setitem(
        compare.__globals__, "README", README.replace("# GTX 1050 Ti", "# Inference on a GTX 1050 Ti")
    )
    status, out, _ = compare("resnet50", "--published", "--format", "json")
    assert (status, json.loads(out)["comparisons"]) == (4, [])


def comparisons(compare, monkeypatch, readme):
    """The comparisons of a README with a measurement of 51.9 images/s, and how the command ended."""
    monkeypatch.setitem(compare.__globals__, "README", readme)
    status, out, _ = compare("resnet50", "--published", "--format", "json")
    return status, json.loads(out)["comparisons"]


ONE = "# GTX 1050 Ti, ResNet-50, batch 32, fp16 (images/sec)\n\n"


def test_claims_that_differ_are_no_repeats(compare, monkeypatch):
    """Nobody published the mean of 50 and 60: which of them the run is to be held against, nobody says."""
    readme = f"{ONE}| | Before | After |\n|---|---|---|\n| fp16 | 50 | 60 |\n"
    status, (one,) = comparisons(compare, monkeypatch, readme)
    assert (status, one["verdict"]) == (4, "not comparable")
    assert "equally near" in json.dumps(one)


def test_one_claim_in_two_places_is_one(compare, monkeypatch):
    """A summary repeats what a table says."""
    readme = f"{ONE}| | img/s |\n|---|---|\n| fp16 | 60 |\n\n* fp16: 60 images/sec\n"
    _, (one,) = comparisons(compare, monkeypatch, readme)
    assert one["ratio"] == pytest.approx(51.9 / 60)


def test_a_claim_for_another_framework_is_none_for_this_run(compare, monkeypatch):
    """Of TensorFlow and PyTorch side by side the script's own counts."""
    readme = f"{ONE}| | TensorFlow | PyTorch |\n|---|---|---|\n| fp16 | 50 | 60 |\n"
    _, (one,) = comparisons(compare, monkeypatch, readme)
    assert one["ratio"] == pytest.approx(51.9 / 50)


def test_a_claim_for_the_release_of_the_run_is_the_nearest(compare, monkeypatch):
    """A release that the document names is that of its number, in a head or in a heading."""
    monkeypatch.setitem(compare.__globals__, "LOG", LOG.replace("\n1\t", "\nTensorFlow:  2.4\n1\t", 1))
    for readme in (
        f"{ONE}| | TensorFlow 1.15 | TensorFlow 2.4 |\n|---|---|---|\n| fp16 | 50 | 60 |\n",
        f"{ONE}## TensorFlow v1.15\n| | img/s |\n|---|---|\n| fp16 | 50 |\n## TF 2.4.1\n| | img/s |\n|---|---|\n| fp16 | 60 |\n",
    ):
        _, (one,) = comparisons(compare, monkeypatch, readme)
        assert one["ratio"] == pytest.approx(51.9 / 60)

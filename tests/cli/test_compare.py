"""`logreport compare`: exit statuses, the limit, what cannot be compared."""

import json
import re
from zlib import crc32

import card_logs
import pytest
from cli_calls import alexnet_log, call, check_examples, write

import logreport
from logreport.reporting.verdicts.verdicts import change


@pytest.fixture
def compare(tmp_path, capsysbinary, monkeypatch):
    """Write logs below a folder (name: text), and compare what is in old/ with what is in new/."""

    def run(logs, *options, labels=("A=old", "B=new")):
        monkeypatch.chdir(tmp_path)
        for name, text in logs.items():
            write(tmp_path / name, text)
        return call(capsysbinary, monkeypatch, "compare", *labels, *options)

    return run


def pair(old, new, **how):
    """One log a side, with step times in seconds."""
    return {"old/a.log": alexnet_log(old, seed=1, **how), "new/a.log": alexnet_log(new, seed=2, **how)}


def repeats(folder, seconds, runs, spread=0.0, *, days=True):
    """Several runs of one set-up, on as many days or on one; their mean step times differ by `spread`."""
    return {
        f"{folder}/a_run{i}.log": alexnet_log(
            seconds * (1 + spread * (i - (runs + 1) / 2)),
            seed=crc32(folder.encode()) % 9973 + i,
            day=8 + i * days,
        )
        for i in range(1, runs + 1)
    }


@pytest.mark.parametrize(
    ("new", "limit", "status", "word"),
    [
        (0.100, "-5%", 0, "kept"),
        (0.080, "-5%", 0, "kept"),
        (0.120, "-5%", 3, "broken"),
        (0.120, "-25%", 0, "kept"),
        (0.105, "-5%", 4, "undecided"),
        (0.100, "-1%", 4, "undecided"),
        (0.100, "10%", 3, "broken"),
    ],
)
def test_the_limit(compare, new, limit, status, word):
    """Wholly above it fine, wholly below it a regression, across it undecided: noise decides nothing."""
    got, out, err = compare(pair(0.1, new), "--fail-under", limit)
    assert got == status, out + err
    assert out.count(word) >= 2


def test_a_noisy_run_neither_passes_nor_fails(compare):
    """A slowdown of 6 % under noise of 60 % is undecided, although the estimate is below the limit."""
    status, out, _ = compare(pair(0.1, 0.106, noise=0.6), "--fail-under", "-5%")
    assert status == 4
    assert "too few samples" in out


def test_without_a_limit_a_slowdown_is_told_and_is_no_failure(compare):
    """Only who asks for a limit gets a gate."""
    status, out, _ = compare(pair(0.1, 0.12))
    assert (status, out.count("slower")) == (0, 2)
    assert "geometric mean" in out


def test_runs_of_several_days_measure_the_variation(compare):
    """Then nothing is assumed, and a limit of 2 % can be kept."""
    status, out, _ = compare(repeats("old", 0.1, 4) | repeats("new", 0.1, 4), "--fail-under", "-2%")
    assert status == 0, out
    assert "assumes" not in out
    assert "Mann–Whitney" in out


def test_runs_of_one_day_do_not_show_how_days_differ(compare):
    """However well they agree, another day's may be 1 % off: a limit of 2 % stays undecided, and the reason is said."""
    logs = repeats("old", 0.1, 4, days=False) | repeats("new", 0.1, 4, days=False)
    status, out, _ = compare(logs, "--fail-under", "-2%")
    assert status == 4
    assert "assumes that runs of different days vary by 1 % (SD)" in out


def test_a_limit_that_runs_scatter_across_is_undecided(compare):
    """Runs that differ by 5 % from one to the next cannot keep a limit of 2 %."""
    logs = repeats("old", 0.1, 3, 0.05) | repeats("new", 0.1, 3, 0.05)
    assert compare(logs, "--fail-under", "-2%")[0] == 4


def test_something_missing_in_the_new_label_is_never_fine(compare):
    """A workload that was lost is named, with what the nearest one has instead."""
    status, out, _ = compare({**pair(0.1, 0.1), "old/b.log": alexnet_log(0.1, batch=64)})
    assert status == 4
    assert "AlexNet forward (batch 64), GeForce GTX 1050 Ti (old/b.log:" in out
    assert "the nearest in B has batch size 128 instead of 64" in out


def test_something_new_is_listed_and_is_fine(compare):
    """A benchmark that was added cannot be slower than nothing."""
    status, out, _ = compare({**pair(0.1, 0.1), "new/b.log": alexnet_log(0.1, batch=64)})
    assert status == 0
    assert "only in B" in out


def test_set_ups_meet_their_like(compare):
    """Two devices a side: each meets itself, not the slowest of the other side."""
    logs = pair(0.1, 0.1)
    logs |= {f"{d}/b.log": alexnet_log(0.05, seed=i, device="Tesla T4") for i, d in enumerate(("old", "new"))}
    status, out, _ = compare(logs, "--format", "json")
    found = json.loads(out)["comparisons"]
    assert status == 0
    assert sorted((c["baseline_setup"], c["side_setup"]) for c in found) == [
        ("GeForce GTX 1050 Ti", "GeForce GTX 1050 Ti"), ("GeForce GTX 1050 Ti", "GeForce GTX 1050 Ti"),
        ("Tesla T4", "Tesla T4"), ("Tesla T4", "Tesla T4"),
    ]  # fmt: skip
    assert all(abs(c["ratio"] - 1) < 0.02 for c in found)


def test_set_ups_that_only_a_folder_tells_apart(compare):
    """old/xla/1.log meets new/xla/1.log, not the other one of its own device; without a hint nothing is guessed."""
    logs = {
        f"{label}/{folder}/1.log": alexnet_log(seconds, seed=i + len(folder))
        for i, label in enumerate(("old", "new"))
        for folder, seconds in (("xla", 0.05), ("plain", 0.1))
    }
    logs = {name: text.replace("python alexnet_benchmark.py", "") for name, text in logs.items()}
    status, out, _ = compare(logs, "--format", "json")
    found = json.loads(out)["comparisons"]
    assert status == 0
    assert len(found) == 4
    assert all(abs(c["ratio"] - 1) < 0.02 for c in found)


def test_two_partners_that_are_equally_near_are_not_guessed(compare):
    """The old label holds two set-ups of one workload, and nothing says which one is meant."""
    one, two = alexnet_log(0.1), alexnet_log(0.05).replace("benchmark.py", "benchmark.py --x")
    new = alexnet_log(0.05, seed=3).replace("benchmark.py", "benchmark.py --y")
    status, out, _ = compare({"old/a.log": one, "old/b.log": two, "new/c.log": new})
    assert status == 4
    assert "A holds 2 set-ups that are equally near" in out


def test_batch_sizes_meet_only_when_asked(compare):
    """Without the option nothing is compared; with it the speed per example is, and the table says so."""
    logs = {"old/a.log": alexnet_log(0.1, batch=64), "new/a.log": alexnet_log(0.1, batch=128, seed=2)}
    status, out, _ = compare(logs)
    assert status == 4
    assert "nothing to compare" in out
    status, out, _ = compare(logs, "--across-batch-sizes", "--format", "json")
    found = json.loads(out)
    assert status == 0
    assert [c["ratio"] for c in found["comparisons"]] == pytest.approx([2, 2], rel=0.02)
    assert "GeForce GTX 1050 Ti (batch 64)" in found["comparisons"][0]["baseline_setup"]
    _, out, _ = compare(logs, "--across-batch-sizes")
    assert "Speed per example, whatever the batch size." in out
    assert "batch size 64 against 128" in out


def test_another_device_is_compared_and_said(compare):
    """A CPU against two GPUs: both are divided by it, and the device is named as a difference."""
    logs = {
        "old/a.log": alexnet_log(0.1, device="Tesla T4"),
        "new/b.log": alexnet_log(0.05, device="Tesla V100"),
    }
    status, out, _ = compare({**logs, "new/c.log": alexnet_log(0.02, device="Tesla K80")})
    assert status == 0
    assert "B ÷ A" in out
    assert "device Tesla T4 against Tesla V100" in out
    assert re.search(r" (4\.9|5\.0)\d× ", out)


def test_several_labels(compare, tmp_path):
    """The first label is the baseline of all others."""
    write(tmp_path / "c.log", alexnet_log(0.2, seed=5))
    status, out, _ = compare(pair(0.1, 0.1), "--fail-under", "-5%", labels=("A=old", "B=new", "C=c.log"))
    assert status == 3
    assert "B (images/s)" in out
    assert "C (images/s)" in out


def test_the_same_run_on_both_sides_is_no_comparison(compare):
    """A copied log would always pass."""
    text = alexnet_log(0.1)
    status, out, _ = compare({"old/a.log": text, "new/b.log": text}, "--fail-under", "-5%")
    assert status == 4
    assert "the same run stands on both sides" in out


def test_a_run_that_failed_is_no_result(compare):
    """Its speed is shown, and nothing is concluded from it."""
    logs = pair(0.1, 0.05)
    cut = "".join(logs["new/a.log"].splitlines(keepends=True)[:-1])
    logs["new/a.log"] = (
        f'{cut}Traceback (most recent call last):\n  File "x.py", line 1, in <module>\nValueError: no\n'
    )
    status, out, _ = compare(logs, "--fail-under", "-5%")
    assert status == 4
    assert "not comparable" in out
    assert "failed" in out


def test_without_an_interval_nothing_is_decided(compare, samples):
    """A total alone says nothing about its error."""
    text = (samples / "runs/tf_cnn-resnet20-batch-128-1-thread.log").read_text()
    bare = re.sub(r"^\d+\timages/sec: .*\n", "", text, flags=re.MULTILINE)
    total = re.search(r"total images/sec: ([\d.]+)", bare)[1]
    status, out, _ = compare(
        {"old/a.log": bare, "new/a.log": bare.replace(total, f"{float(total) * 0.98:.2f}")}
    )
    assert status == 4, out
    assert "no interval" in out


def test_nothing_shared(compare, samples):
    """Two scripts have nothing in common."""
    cifar = (samples / "cifar10-gtx-1060-6gb.log").read_text()
    status, out, _ = compare({"old/a.log": alexnet_log(0.1), "new/a.log": cifar})
    assert status == 4
    assert "nothing to compare" in out


def test_an_input_that_failed(compare):
    """The rest is compared all the same; the status is 1 whatever the verdict."""
    status, out, err = compare(pair(0.1, 0.2), "--fail-under", "-5%", labels=("A=old", "B=new", "B=gone.log"))
    assert status == 1
    assert "gone.log: no such file" in err
    assert "broken" in out


@pytest.mark.parametrize(
    ("labels", "options", "said"),
    [
        (("A=old",), (), "two labels"),
        (("old", "new"), (), "has no label"),
        (("logs/x=1.log", "B=new"), (), "has no label"),
        (("A=old", "B=old/a.log"), (), "under both A and B"),
        (("A=old", "B=new"), ("--fail-under", "five"), "no percentage"),
        (("A=old", "B=new"), ("--margin", "-2%"), "out of range"),
        (("A=old", "B=new"), ("--format", "xml"), "xml"),
    ],
)
def test_wrong_usage(compare, labels, options, said):
    """Each is one clear error and exit 2."""
    status, _, err = compare(pair(0.1, 0.1), *options, labels=labels)
    assert status == 2
    assert said in err


def test_json_says_all_and_names_its_sources(compare, tmp_path):
    """For programs: the same exit status, ratios as factors, file and line of each number."""
    status, out, err = compare(pair(0.1, 0.12), "--fail-under", "-5%", "--format", "json", "-o", "out/v.json")
    assert (status, out) == (3, "")
    assert "below the limit" in err
    found = json.loads((tmp_path / "out/v.json").read_text())
    first = found["comparisons"][0]
    assert (found["exit_status"], first["outcome"], first["verdict"]) == (3, "regression", "slower")
    assert first["low"] < first["ratio"] < first["high"] < 0.95
    assert first["side"]["sources"][0][0] == "new/a.log"


def test_hostile_names_stay_text_in_markdown(compare):
    """A device cannot end a cell, nor bring HTML into a job summary."""
    hostile = "Evil | <img src=x onerror=1> `x` --> GPU"
    status, out, _ = compare(pair(0.1, 0.1, device=hostile), "--format", "md")
    assert status == 0
    assert "<img" not in out
    assert "-->" not in out
    rows = [line for line in out.splitlines() if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1


def test_the_python_function(compare, tmp_path):
    """The same as a function, with the exit status as an attribute."""
    compare(pair(0.1, 0.12))
    found = logreport.compare({"A": tmp_path / "old", "B": [tmp_path / "new"]}, fail_under=-0.05)
    assert found.exit_status == 3
    assert [row.matched.comparison.verdict for row in found.rows] == ["slower", "slower"]


@pytest.mark.parametrize(
    ("ratio", "text"), [(1.016, "+1.6"), (0.5, "−50.0"), (1.0001, "0.0"), (0.9999, "0.0"), (None, "—")]
)
def test_changes(ratio, text):
    """A change has a sign, unless it is none."""
    assert change(ratio) == text


def test_settings_of_a_folder(compare, tmp_path):
    """logreport.toml gives defaults, the command line goes before them, an unknown key is one error."""
    settings = tmp_path / "logreport.toml"
    settings.write_text('[compare]\nfail-under = "-5%"\nmargin = 30\n')
    assert compare(pair(0.1, 0.12))[0] == 3
    assert compare({}, "--fail-under", "-50%")[0] == 0
    assert "the same within 30 %" in compare({}, "--fail-under", "-50%")[1]
    for text, said in [
        ("[compare]\nmargn = 1\n", "unknown key 'margn' in [compare]"),
        ("[compere]\n", "unknown table or key 'compere'"),
        ("compare = 1\n", "is no table"),
        ("[compare\n", "cannot be read"),
    ]:
        settings.write_text(text)
        status, out, err = compare({})
        assert (status, out) == (2, "")
        assert f"logreport.toml: {said}" in err or (said in err and "logreport.toml: " in err)
    settings.unlink()
    (tmp_path / "pyproject.toml").write_text('[tool.logreport.compare]\nfail_under = "-5%"\n')
    assert compare({})[0] == 3


def test_the_examples_of_the_documentation(root, capsysbinary, monkeypatch):
    """docs/compare.md shows what is printed."""
    monkeypatch.chdir(root)
    assert check_examples(root / "docs" / "compare.md", capsysbinary, monkeypatch) == 4


def plain(text):
    """A log without its command line."""
    return text.replace("python alexnet_benchmark.py", "")


def test_the_same_job_with_and_without_its_command_line(compare):
    """What only one of the two says is no difference."""
    status, out, _ = compare({"old/a.log": alexnet_log(0.1), "new/a.log": plain(alexnet_log(0.1, seed=2))})
    assert status == 0
    assert "the set-ups differ" not in out


def of_folders(label, *names, seconds=0.1):
    """A log without a command line in each of some folders of a label, as archives have them."""
    return {f"{label}/{n}/1.log": plain(alexnet_log(seconds, seed=len(n) + i)) for i, n in enumerate(names)}


def test_set_ups_meet_by_what_is_known_not_by_folder_names(compare):
    """Two folders that differ in nothing known are repeats; XLA meets XLA, whatever else a folder is called."""
    logs = of_folders("old", "card_one", "card_two") | of_folders("old", "card_one_XLA", seconds=0.05)
    logs |= of_folders("new", "other") | of_folders("new", "other_XLA", seconds=0.05)
    status, out, _ = compare(logs, "--format", "json")
    found = json.loads(out)["comparisons"]
    assert status == 0
    assert sorted(len(c["baseline"]["run_ids"]) for c in found) == [1, 1, 2, 2]
    assert all(abs(c["ratio"] - 1) < 0.02 for c in found)


def test_facts_that_are_ignored_and_facts_that_must_match(compare):
    """With --ignore xla the old run with it and the new one without meet; with --match xla they do not."""
    logs = of_folders("old", "XLA", seconds=0.05) | of_folders("new", "no_XLA")
    _, out, _ = compare(logs)
    assert "the set-ups differ: with XLA against without" in out
    status, out, _ = compare(logs, "--ignore", "xla,host")
    assert status == 0
    assert "the set-ups differ" not in out
    status, out, _ = compare(logs, "--match", "xla")
    assert status == 4
    assert "nothing to compare" in out


@pytest.mark.parametrize("wrong", [("--ignore", "colour"), ("--match", "xla", "--ignore", "xla")])
def test_facts_that_there_are_not(compare, wrong):
    """The error names those that there are, or what cannot be both."""
    status, _, err = compare(pair(0.1, 0.1), *wrong)
    assert status == 2
    assert "choose" in err


def test_a_limit_is_not_held_against_another_device(compare):
    """A faster card hides any regression; who means it says so."""
    logs = {
        "old/a.log": alexnet_log(0.1, device="Tesla T4"),
        "new/b.log": alexnet_log(0.05, device="Tesla V100"),
    }
    status, out, _ = compare(logs, "--fail-under", "-5%")
    assert status == 4
    assert "not comparable" in out
    assert "the devices differ, Tesla T4 against Tesla V100" in out
    assert compare(logs, "--fail-under", "-5%", "--ignore", "device")[0] == 0


def test_a_mean_that_mixes_devices_says_so(compare):
    """Where some set-ups meet one of another device; where all do, the labels mean devices, and nothing is to be said."""
    logs = {
        "old/a.log": alexnet_log(0.1), "old/b.log": alexnet_log(0.05, device="Tesla V100", batch=64),
        "new/a.log": alexnet_log(0.1, seed=2), "new/c.log": alexnet_log(0.05, device="Tesla T4", batch=64, seed=2),
    }  # fmt: skip
    words = "; 2 of them of two devices, which --match device leaves out)"
    assert "of two devices" not in compare({name: logs[name] for name in ("old/b.log", "new/c.log")})[1]
    assert words in compare(logs)[1]
    assert words not in compare(logs, "--match", "device")[1]


def tf_cnn_log(model, speeds):
    """A log of tf_cnn_benchmarks with these mean speeds since the warm-up, every ten steps."""
    steps = "".join(
        f"{10 * n}\timages/sec: {speed:.1f} +/- 0.1 (jitter = 0.3)\t7.0\n"
        for n, speed in enumerate(speeds, 1)
    )
    return card_logs.LOG.format(device="Card", model=model, size=64, steps=steps, speed=speeds[-1])


def means_of(windows):
    """The mean speeds since the beginning of windows of the same number of steps."""
    return [n / sum(1 / speed for speed in windows[:n]) for n in range(1, len(windows) + 1)]


def test_a_doubted_number_in_the_mean_is_said_in_the_last_line(compare):
    """Of three workloads one gets slower while it runs; of one workload, its number is doubted; of sound ones, nothing is said."""
    steady = [100.0 + n % 3 / 10 for n in range(12)]
    slower = means_of([100.0] * 4 + [90.0] * 4 + [80.0] * 4)
    models = ("vgg16", "resnet50", "alexnet")
    old = {f"old/{model}.log": tf_cnn_log(model, steady) for model in models}
    new = {f"new/{model}.log": tf_cnn_log(model, steady[::-1]) for model in models}
    _, out, _ = compare({**old, **new})
    assert "doubted" not in out
    new["new/vgg16.log"] = tf_cnn_log("vgg16", slower)
    _, out, _ = compare({**old, **new})
    assert "; 1 of them with a number that is doubted: slows-down)." in out.splitlines()[-2]
    _, out, _ = compare({}, labels=("A=old/vgg16.log", "B=new/vgg16.log"))
    assert "; its number is doubted: slows-down)." in out.splitlines()[-2]

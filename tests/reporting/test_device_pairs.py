"""Device against device: fastest against fastest, whatever the baseline, and as anybody can recompute it."""

import math
import re
from itertools import combinations
from statistics import median

import card_logs
import pytest
import report_parts as parts
import report_samples as samples
from said_intervals import check
from set_up_logs import log
from studies import compare_devices

from logreport import api
from logreport.analysis import Study
from logreport.analysis.comparison import fastest
from logreport.analysis.comparison.pairs import label_pairs
from logreport.reporting.sections.leaderboard import apart
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import wording
from logreport.tables.exporting import EXPORTERS
from logreport.tables.reading import Reading

SET_UPS = {
    "titan": ("TITAN Xp", 250.0, ""),
    "plain": ("GeForce GTX 1080 Ti", 100.0, ""),
    "xla": ("GeForce GTX 1080 Ti", 240.0, " --xla=True"),
}


@pytest.fixture
def logs(tmp_path):
    """One card that ran once, and one that ran without XLA and with it."""
    for name, set_up in SET_UPS.items():
        (tmp_path / f"{name}.log").write_text(log(*set_up))
    return tmp_path


def said(answer):
    """An answer as text."""
    return "".join(span.text for span in answer.sentence)


@pytest.mark.parametrize(
    "baseline",
    [None, "titan.log", "plain.log", "xla.log", 'device == "TITAN Xp"', 'device == "GeForce GTX 1080 Ti"'],
)
def test_like_with_like_does_not_depend_on_the_baseline(logs, baseline):
    """250 images/s are 2.50× of the 100 of the other card without XLA; its 240 with XLA are no match for them."""
    report = api.report(logs, baseline=baseline)
    first = said(parts.answers(report)[0])
    assert re.match(
        r"TITAN Xp is 2\.50× as fast as GeForce GTX 1080 Ti on ResNet-50 training \(batch 64\)", first
    )
    assert "the fastest set-up of each device, like with like first" in parts.notes(report)[0]
    assert not any("1.04×" in said(answer) for answer in parts.answers(report))


def test_unlike_set_ups_are_said_to_be(logs):
    """Where the only other set-up ran with XLA, the sentence says so, and the bar and the table."""
    (logs / "plain.log").unlink()
    report = api.report(logs)
    assert said(parts.answers(report)[0]).startswith("TITAN Xp is 1.04× as fast as GeForce GTX 1080 Ti")
    assert said(parts.answers(report)[0]).endswith("The set-ups differ: without XLA against with.")
    assert "without XLA against with" in {
        cell.text for row in parts.table(report, "comparison").rows for cell in row.cells
    } | {"with XLA against without"}


def test_fastest_pair_of_those_that_are_alike():
    """Of two pairs without any known difference the one that is faster as a whole is shown."""
    runs = [("A", True, 9.0), ("A", False, 1.0), ("B", True, 6.0), ("B", False, 5.0)]
    (c,) = compare_devices(with_xla(*runs))
    assert (c.side.label, c.ratio) == ("A", pytest.approx(1.5))


def test_a_device_that_is_faster_in_another_set_up_is_said_to_be(logs):
    """Without XLA the 250 images/s are 2.50× of 100; with it the other card has 240, which are 2.40× of its 100."""
    report = api.report(logs)
    assert said(parts.answers(report)[0]).endswith(
        "Another set-up of GeForce GTX 1080 Ti is 2.4× as fast (with XLA against without)."
    )
    (logs / "xla.log").write_text(
        log(SET_UPS["xla"][0], 120.0, " --xla=True")
    )  # a fifth more is not worth a word
    assert "nother set-up" not in said(parts.answers(api.report(logs))[0])


def test_of_several_workloads_the_mean_is_said():
    """4× on one of two workloads is 2× on the mean: √4; on three it is 1.59×, on seven 1.22×, which is not said."""
    for others, told in ((1, "2×"), (2, "1.59×"), (6, "")):
        tables = measured(
            ("A", "x", 8, 2.0), ("B", "x", 8, 1.0), ("B", "x", 8, 4.0),
            *((device, f"m{n}", 8, 2.0) for n in range(others) for device in ("A", "B")), same=True,
        )  # fmt: skip
        tables.columns["runs"]["xla"] = [False, False, True, *[False] * (2 * others)]
        (pair,) = Study(tables).together.values()
        says = f"another set-up of B is {told} as fast (with XLA against without)"
        assert wording.faster_otherwise(pair.comparisons) == [says][: bool(told)]


def test_what_differs_on_some_workloads_is_not_said_of_all():
    """A card ran one of three workloads under another release: the sentence and the table count it, and all three are three."""
    tables = measured(
        *((device, model, 8, speed) for model in "xyz" for device, speed in (("A", 2.0), ("B", 1.0))),
        same=True,
    )
    for newer, told, cell in (
        (1, "On 1 of them the set-ups differ", " (on 1)"),
        (3, "The set-ups differ", ""),
    ):
        releases = ["2.2" if n % 2 == 0 and n // 2 < newer else "1.15" for n in range(6)]
        tables.columns["runs"]["framework_version"] = releases
        (pair,) = Study(tables).together.values()
        sentence = "".join(span.text for span in wording.group_answer(pair.comparisons, pair.mean))
        assert sentence.endswith(f"2.00× on each. {told}: TensorFlow 2.2 against 1.15.")
        assert apart(pair) == f"TensorFlow 2.2 against 1.15{cell}"


@pytest.mark.parametrize("severity", ["error", "warning"])
def test_a_doubted_number_is_no_faster_set_up(severity):
    """What an error was found about is nothing to point at; a warning that leaves a number in its means is."""
    tables = with_xla(("A", False, 2.0), ("B", False, 1.0), ("B", True, 4.0))
    (c,) = compare_devices(tables)
    (told,) = wording.faster_otherwise([c])
    tables.add(
        "findings", run_id="r2", source="logs/2.log", severity=severity, code="odd", message="", line=1
    )
    (c,) = compare_devices(tables)
    assert wording.faster_otherwise([c]) == [told][severity == "error" :]


def test_what_is_known_of_one_side_only_parts_nobody_but_comes_later():
    """A set-up of which XLA is not known meets one of which it is, where there is no better pair."""
    (c,) = compare_devices(with_xla(("A", None, 4.0), ("B", True, 2.0)))
    assert (c.ratio, wording.unlike(c)) == (pytest.approx(2.0), "")
    (c,) = compare_devices(with_xla(("A", None, 4.0), ("B", True, 8.0), ("B", None, 2.0)))
    assert c.ratio == pytest.approx(2.0)


def test_mixed_precision_does_not_pass_for_single_precision():
    """Where one side computed in it the sentence says so, and where both did it says that, too."""
    for mixed, words in (
        ((True, False), "without mixed precision against with."),
        ((True, True), "Both in mixed precision."),
    ):
        tables = measured(("A", "x", 8, 1.0), ("B", "x", 8, 2.0), same=True)
        tables.columns["runs"]["mixed_precision"] = list(mixed)
        report = api.report_of(Reading(tables), title="T", baseline=None, command="c")
        assert said(parts.answers(report)[0]).endswith(words)
        rows = [row for row in parts.table(report, "comparison").rows if row.about]
        found = {row.cells[1].text: dict(row.about)["precision"] == "mixed precision" for row in rows}
        assert found == dict(zip("AB", mixed, strict=True))
    alone = measured(("A", "x", 8, 1.0))
    alone.columns["runs"]["mixed_precision"] = [True]
    report = api.report_of(Reading(alone), title="T", baseline=None, command="c")
    assert "in mixed precision" in said(parts.answers(report)[0])


def test_hosts_and_drivers_are_said_and_part_nobody():
    """Two machines are no reason not to be alike."""
    tables = measured(("A", "x", 8, 1.0), ("B", "x", 8, 2.0), same=True)
    tables.columns["runs"]["host"] = ["lab1", "lab2"]
    (c,) = compare_devices(tables)
    assert c.unlike == ()
    report = api.report_of(Reading(tables), title="T", baseline=None, command="c")
    assert said(parts.answers(report)[0]).endswith("Host lab2 against lab1.")


def test_facts_of_the_workload_are_never_relaxed():
    """Half precision against single precision is no comparison, however alike the rest is."""
    tables = measured(("A", "x", 8, 1.0), ("B", "x", 8, 2.0))
    tables.columns["runs"]["precision"] = ["fp16", "fp32"]
    assert compare_devices(tables) == []


def test_devices_that_share_no_batch_size():
    """One sentence, each at its best, marked as such; the sizes of the others do not matter."""
    runs = [("A", "x", 8, 1.0), ("A", "x", 16, 4.0), ("B", "x", 32, 10.0), ("B", "x", 64, 9.0)]
    tables = measured(*runs, same=True)
    (c,) = compare_devices(tables)
    assert (c.side.label, c.baseline.label, c.ratio) == ("B (batch 32)", "A (batch 16)", pytest.approx(2.5))
    report = api.report_of(Reading(tables), title="T", baseline=None, command="c")
    (answer,) = parts.answers(report)
    assert said(answer).startswith(
        "B (batch 32) is 2.50× as fast as A (batch 16) on x training, each at its best batch size: 10 against 4 images/s"
    )
    assert said(answer).count("best batch size") == 1
    assert not any("cannot be compared" in note for note in parts.notes(report))
    shared = compare_devices(measured(*runs, ("B", "x", 8, 3.0), same=True))
    assert [c.workload.batch_size for c in shared] == [8]


def test_devices_that_share_a_batch_size_are_known_at_their_best_where_they_share_none():
    """On another model each is at its best, seen from the same side; the report itself holds like against like."""
    runs = (
        ("A", "x", 8, 4.0),
        ("B", "x", 8, 2.0),
        ("A", "y", 16, 4.0),
        ("A", "y", 32, 3.0),
        ("B", "y", 64, 10.0),
    )
    study = Study(measured(*runs, same=True))
    assert [(c.side.label, c.workload.model, c.ratio) for c in study.between] == [
        ("A", "x", pytest.approx(2))
    ]
    (pair,) = study.together_at_best.values()
    (c,) = pair.comparisons
    assert [*study.together_at_best] == [*study.together] == [("A", "B")]
    assert (c.side.label, c.workload.model, c.ratio) == ("A", "y", pytest.approx(0.4))
    assert pair.at_best_batch


MODELS = ("resnet50", "alexnet", "googlenet", "vgg16", "inception3", "resnet152", "overfeat")
OTHERS = {("RTX A6000", "lenet", 32): 300.0, ("TITAN V", "lenet", 64): 200.0}
SLOWER = {("RTX A6000", "vgg11", 32): 100.0, ("TITAN V", "vgg11", 64): 150.0}


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, ""),
        (OTHERS, " On 1 more workload they share no batch size; each at its best it is 1.50×."),
        (SLOWER, " On 1 more workload they share no batch size; each at its best it is 0.67×."),
        (
            {**OTHERS, **SLOWER},
            " On 2 more workloads they share no batch size; each at its best it is 1.00×.",
        ),
    ],
)
def test_workloads_without_a_shared_batch_size_are_not_passed_over(tmp_path, more, found):
    """The sentence on two devices says on how many of their workloads they share none, and what they reach there."""
    both = (("RTX A6000", 120.0), ("TITAN V", 100.0))
    speeds = {(device, model, 64): speed for device, speed in both for model in MODELS}
    report = api.report(card_logs.write(tmp_path / "logs", {**speeds, **more}))
    assert re.fullmatch(
        r"RTX A6000 is 1\.20× as fast as TITAN V over 7 workloads \([^)]*\), 1\.20× on each\."
        + re.escape(found),
        said(parts.answers(report)[0]),
    )


def test_beside_sentences_of_one_workload_each_stands_one_of_those_without_a_shared_batch_size(tmp_path):
    """Of few workloads each has a sentence, also that on which two devices share no batch size."""
    speeds = {("RTX A6000", "vgg16", 64): 120.0, ("TITAN V", "vgg16", 64): 100.0, **OTHERS}
    first, second = map(said, parts.answers(api.report(card_logs.write(tmp_path / "logs", speeds))))
    assert first.startswith("RTX A6000 is 1.20× as fast as TITAN V on VGG-16 training (batch 64)")
    assert second == (
        "RTX A6000 is 1.50× as fast as TITAN V on LeNet training, each at its best batch size: 300 against 200 images/s;"
        " 95 % interval 1.46–1.54×."
    )


def test_a_baseline_of_both_devices_compares_their_own_set_ups(logs):
    """Against all that ran without XLA, the card that ran with it is compared with itself, and no devices are."""
    report = api.report(logs, baseline='framework == "tensorflow" and source != "xla"')
    assert all("than TITAN Xp" not in said(answer) for answer in parts.answers(report))


def with_xla(*speeds):
    """Tables of runs (device, XLA, speed) of one workload."""
    tables = measured(*((device, "x", 8, speed) for device, _, speed in speeds), same=True)
    tables.columns["runs"]["xla"] = [xla for _, xla, _ in speeds]
    return tables


def measured(*speeds, same=False):
    """Tables of runs (device, model, batch size, speed) that can be compared; each with an optimizer of its own, or not."""
    tables = samples.Tables()
    for n, (device, model, size, speed) in enumerate(speeds):
        source = f"logs/{n}.log"
        samples.add_run(
            tables, f"r{n}", source, device, first=1, last=40, benchmark="tf_cnn_benchmarks", model=model,
            mode="training", batch_size=size, num_devices=1, optimizer="sgd" if same else f"o{n}",
        )  # fmt: skip
        samples.add_measured(tables, f"r{n}", source, size, speed)
    return tables


def test_the_device_that_is_faster_on_the_whole_is_named_first():
    """On one workload it may be the slower one; each side is the fastest of its device."""
    tables = measured(
        ("A", "x", 8, 1.0), ("A", "x", 8, 4.0), ("B", "x", 8, 2.0), ("A", "y", 8, 9.0), ("B", "y", 8, 10.0)
    )  # fmt: skip
    found = compare_devices(tables)
    assert [(c.side.label, c.baseline.label) for c in found] == [("A", "B")] * 2
    assert sorted(c.ratio for c in found) == pytest.approx([0.9, 2.0])
    assert sorted(c.verdict for c in found) == ["faster", "slower"]


def test_chart_and_table_have_one_baseline():
    """However fast it is: bars below 1 for what is slower, and pairs without it by the next, which each bar names."""
    tables = measured(("A", "x", 8, 9.0), ("B", "x", 8, 6.0), ("C", "x", 8, 3.0), same=True)
    report = api.report_of(Reading(tables), title="T", baseline=None, command="c")
    chart = parts.chart(report, "speedups")
    assert [(bar.label, bar.text, bar.details[1]) for bar in chart.bars] == [
        ("B", "0.67×", "against A"), ("C", "0.50×", "against B"), ("C", "0.33×", "against A")
    ]  # fmt: skip
    assert chart.title == "A is 3.00× as fast as C on x training (batch 8): the largest difference"
    told = "The baseline is A; no device shares more workloads with others."
    assert told in parts.table(report, "comparison").remarks
    two = measured(("A", "x", 8, 9.0), ("B", "x", 8, 6.0), ("A", "y", 8, 5.0), ("B", "y", 8, 5.5), same=True)
    report = api.report_of(Reading(two), title="T", baseline=None, command="c")
    chart, rows = parts.chart(report, "speedups"), parts.table(report, "comparison").rows
    assert chart.caption.startswith("Speed divided by that of A, ")
    assert [bar.value for bar in chart.bars] == pytest.approx([5.5 / 5, 6 / 9])
    assert [row.cells[2].text for row in rows if not row.baseline] == [bar.text for bar in chart.bars][::-1]


def test_set_ups_that_are_not_told_one_by_one_are_counted():
    """A device that ran eight workloads opens with six sentences, and says that there are two more."""
    tables = measured(*(("A", model, 8, 1.0) for model in "stuvwxyz"), same=True)
    report = api.report_of(Reading(tables), title="T", baseline=None, command="c")
    assert len(parts.answers(report)) == 6
    assert parts.notes(report)[0] == "2 more set-ups; all speeds are in the table of runs."


def test_set_ups_of_one_device_are_no_pair():
    """They are compared with the baseline only."""
    assert compare_devices(measured(("A", "x", 8, 1.0), ("A", "x", 8, 4.0))) == []


def test_a_run_of_an_unknown_device_is_in_no_pair():
    """What ran on what is not known: it stands in the table, beside the baseline, and makes no first sentence."""
    runs = [(None, "x", 8, 1.0), (None, "x", 8, 4.0), ("A", "x", 8, 2.0), ("B", "x", 8, 3.0)]
    found = compare_devices(measured(*runs))
    assert [(c.side.label, c.baseline.label) for c in found] == [("B", "A")]
    report = api.report_of(Reading(measured(*runs[:3])), title="T", baseline=None, command="c")
    assert sorted(said(answer).partition(" on ")[0] for answer in parts.answers(report)) == [
        "A is 2.00× as fast as the unknown device (0.log)",
        "The unknown device (1.log) is 2.00× as fast as A",
    ]


def test_two_set_ups_are_one_group_whichever_is_the_baseline():
    """The slowest of each workload is its baseline: over all of them the two set-ups make one sentence, not two."""
    found = []
    for n, (one, two) in enumerate(((1.0, 4.0), (1.0, 2.0), (8.0, 4.0))):
        sides = [samples.side(name, f"{name}{n}", ("x", 1), v) for name, v in (("one", one), ("two", two))]
        found.append(samples.versus(samples.alexnet(size=2**n), *sorted(sides, key=lambda s: s.speed.value)))
    (group,) = label_pairs(found)
    assert {(c.side.label, c.baseline.label) for c in group.comparisons} == {("two", "one")}
    assert [(c.ratio, c.verdict) for c in group.comparisons] == [
        (4.0, "faster"),
        (2.0, "faster"),
        (0.5, "slower"),
    ]


def test_very_many_devices_are_not_paired_all_with_all():
    """The pairs are those of the devices that share most workloads: their number has a limit, not a square."""
    many = [(f"D{n:04}", "x", 8, 1.0 + n) for n in range(2 * fastest.MOST)]
    often = [(f"D{n:04}", f"m{n}", 8, 1.0) for n in (7, 90)] + [("Z", f"m{n}", 8, 2.0) for n in (7, 90)]
    found = compare_devices(measured(*many, *often))
    assert len(found) <= fastest.MOST * (fastest.MOST - 1) // 2
    assert {"D0007", "D0090", "Z"} <= {side.label for c in found for side in (c.side, c.baseline)}
    report = api.report_of(Reading(measured(*many, *often)), title="T", baseline=None, command="c")
    assert f"of all devices the {fastest.MOST} that share most workloads." in parts.notes(report)[0]


@pytest.fixture(scope="module")
def fleet(reported):
    """The reading of thousands of real logs, and its report."""
    return reported("fleet")


DOUBTED = {"slow-training", "slow-input", "implausible-ratio"}
FACTS = (
    "framework", "framework_version", "xla", "mixed_precision", "variable_update", "data_format", "optimizer", "distortions",
    "threads", "interconnect",
)  # fmt: skip


@pytest.fixture(scope="module")
def measurements(fleet, tmp_path_factory):
    """Every phase with a speed beside its run, as `parse --table phases` and `--table runs` write them."""
    pd = pytest.importorskip("pandas")
    folder = tmp_path_factory.mktemp("tables")
    frames = []
    for table in ("phases", "runs", "findings"):
        (folder / table).write_bytes(EXPORTERS["csv"](fleet[0], [table]))
        frames.append(pd.read_csv(folder / table, dtype={"framework_version": str}))
    both = frames[0].merge(frames[1], on=["run_id", "source"], suffixes=("", "_of_run"))
    both = both.drop_duplicates(["run_id", "phase"])
    codes = frames[2].groupby(["run_id", "phase"])["code"].agg(" ".join).rename("codes").reset_index()
    both = both.merge(codes, on=["run_id", "phase"], how="left").fillna({"codes": ""})
    both["doubted"] = [not DOUBTED.isdisjoint(found.split()) for found in both["codes"]]
    return both[both["examples_per_second"] > 0].assign(
        size=both["batch_size"].fillna(both["batch_size_of_run"]), count=both["num_devices"].fillna(1)
    )


def differing(one, two):
    """The facts that are known of two runs and differ, and how many only one of them has."""
    known = [(fact, one[fact] == one[fact], two[fact] == two[fact]) for fact in FACTS]
    both = [fact for fact, ours, theirs in known if ours and theirs and one[fact] != two[fact]]
    return tuple(both), sum(ours != theirs for _, ours, theirs in known)


WORDS = {
    "framework_version": "TensorFlow {} against {}", "variable_update": "variable update {} against {}",
    "interconnect": "{} against {}",
}  # fmt: skip


def words(one, two):
    """What a report must say of the facts that differ, ours first."""
    told = {"xla": "XLA", "mixed_precision": "mixed precision", "distortions": "distortions"}
    for fact in differing(one, two)[0]:
        if fact in told:
            yield f"{'with' if one[fact] else 'without'} {told[fact]} against {'with' if two[fact] else 'without'}"
        else:
            yield WORDS[fact].format(one[fact], two[fact])


@pytest.fixture(scope="module")
def recomputed(measurements):
    """Every pair of devices by the tables alone: the ratios of like set-ups, and of others by what differs in them.

    Doubted numbers are left out: in the fleet every two devices have others.
    """
    workload = ["benchmark", "model", "phase", "size", "precision", "dataset", "count"]
    chosen = {}
    for at, group in measurements.groupby(workload, dropna=False):
        rows = sorted(group.dropna(subset="device").to_dict("records"), key=lambda row: row["device"])
        for a, b in combinations(rows, 2):
            if a["device"] != b["device"]:
                facts, one_sided = differing(a, b)
                rank = (len(facts), one_sided, -a["examples_per_second"] * b["examples_per_second"])
                key = (a["device"], b["device"], at)
                chosen[key] = min(chosen.get(key, (rank, a, b)), (rank, a, b), key=lambda found: found[0])
    groups = {}
    for (one, two, _), (_, a, b) in chosen.items():
        if a["doubted"] or b["doubted"]:
            continue
        ratio = a["examples_per_second"] / b["examples_per_second"]
        for pair, said_of_it, value in ((one, two), words(a, b), ratio), ((two, one), words(b, a), 1 / ratio):
            groups.setdefault((*pair, ", ".join(said_of_it)), []).append(value)
    return groups


@pytest.mark.slow
def test_the_first_sentences_over_the_fleet_can_be_recomputed(fleet, recomputed):
    """Devices, what differs, number of workloads, mean, median, least and most of each sentence and bar, within rounding."""
    _, report = fleet
    form = re.compile(
        r"(.+) is ([\d.]+)× as fast as (.+) over (\d+) workloads \(geometric mean, median ([\d.]+)×.*?\): "
        r"from ([\d.]+)× on .* to ([\d.]+)× on [^)]*\)\.(?: As printed [\d.]+×\.)?(?: The set-ups differ: (.*?)\.)?(?: (?:Hosts|Drivers) .*?)?"
        r"(?: \d+ workloads? with a doubted number (?:is|are) left out\.)?"
    )
    first, *others = parts.answers(report)
    assert len(others) >= 5
    for answer in others:
        device, mean, other, count, middle, least, most, unlike = form.fullmatch(said(answer)).groups()
        ratios = recomputed[device, other, unlike or ""]
        assert int(count) == len(ratios)
        values = (
            math.exp(math.fsum(map(math.log, ratios)) / len(ratios)),
            median(ratios),
            min(ratios),
            max(ratios),
        )
        for shown, value in zip((mean, middle, least, most), values, strict=True):
            assert float(shown) == pytest.approx(value, abs=0.5 * 10 ** -len(shown.partition(".")[2]) + 1e-9)
    board = parts.table(report, "leaderboard").rows
    base = next(row.cells[0].text for row in board if row.baseline)
    assert said(first).startswith(f"Of 16 devices {board[0].cells[0].text} comes first: it is ")
    like = [row for row in board if "same batch sizes" in row.cells[-1].text]
    assert len(like) == 1
    for row in like:
        ratios = [
            r
            for (one, two, _), own in recomputed.items()
            if (one, two) == (row.cells[0].text, base)
            for r in own
        ]
        mean = math.exp(math.fsum(map(math.log, ratios)) / len(ratios))
        assert (row.cells[2].text, row.cells[5].text) == (fmt.ratio(mean), str(len(ratios)))
        assert row.cells[4].text == fmt.interval(min(ratios), max(ratios), fmt.TIMES)


@pytest.mark.slow
def test_what_slow_input_held_back_in_the_fleet_can_be_recomputed(measurements):
    """Real data beside synthetic data, all else but distortions equal, repeats averaged: over 1.5 times as slow, and no other."""
    import numpy as np

    other = [fact for fact in FACTS if fact != "distortions"]
    held = ["benchmark", "model", "phase", "size", "precision", "count", "device", "host", *other]
    known = measurements.assign(log=np.log(measurements["examples_per_second"]))
    known["log"] = known.groupby([*held, "dataset", "distortions"], dropna=False)["log"].transform("mean")
    synthetic = known["dataset"] == "imagenet (synthetic)"
    most = known[synthetic].groupby(held, dropna=False)["log"].max().rename("most").reset_index()
    real = known[~synthetic].merge(most, on=held)
    slow = real[np.exp(real["most"] - real["log"]) > 1.5]
    found = known[known["codes"].str.contains("slow-input")]
    assert len(slow) == 166
    assert {*zip(slow["run_id"], slow["phase"], strict=True)} == {
        *zip(found["run_id"], found["phase"], strict=True)
    }


@pytest.mark.slow
def test_like_pairs_of_the_fleet_come_first(fleet, recomputed):
    """No pair that is left out of the first sentences is more alike, or as alike on more workloads, than one shown."""
    _, report = fleet
    order = sorted((bool(unlike), -len(ratios)) for (*_, unlike), ratios in recomputed.items())[::2]
    told = parts.answers(report)[1:]  # after the one about all devices
    shown = [int(re.search(r"over (\d+) workloads", said(answer))[1]) for answer in told]
    differ = ["The set-ups differ" in said(answer) for answer in told]
    assert [(unlike, -count) for unlike, count in zip(differ, shown, strict=True)] == order[: len(shown)]


@pytest.mark.slow
def test_no_known_confounder_of_the_fleet_is_unnamed(fleet, measurements):
    """Of all comparisons in the table, none differs in a known fact without the words for it in its row."""
    _, report = fleet
    runs = {row["run_id"]: row for row in measurements.to_dict("records")}
    compared = unlike = 0
    baseline = None
    for row in parts.table(report, "comparison").rows:
        run = runs[row.cells[1].href.removeprefix("run-")]
        if row.baseline:
            baseline = run
            continue
        compared += 1
        needed = list(words(run, baseline))
        unlike += bool(needed)
        assert row.cells[-1].text == ", ".join(needed)
    assert compared > 1000
    assert unlike > 100


@pytest.mark.slow
def test_words_and_intervals_agree_over_the_fleet(fleet):
    """Of thousands of comparisons none says "no difference" beside an interval that leaves out 1, nor the reverse."""
    assert len(check(fleet[1])) > 3000

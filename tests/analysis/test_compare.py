"""Comparisons: pooling, baselines, verdicts, and what cannot be compared."""

from datetime import timedelta

import pytest
from analysis_known import alexnet_tables, cifar_tables
from analysis_logs import START, add_cumulative, add_run
from studies import compare

from logreport.analysis import analyze
from logreport.errors import UsageError
from logreport.reporting.text import reasons, wording
from logreport.tables.tables import Tables

STEPS = [1, *range(10, 101, 10)]
WOBBLE = [0.0, 0.8, -0.6, 0.4, -0.2, 0.5, -0.5, 0.3, -0.1, 0.2, 0.0]


def tables_of(*runs):
    """Analysed tables of tf_cnn_benchmarks runs: (run_id, speed, columns of runs)."""
    tables = Tables()
    for name, speed, values in runs:
        row = {
            "model": "resnet50",
            "device": "T4",
            "device_kind": "gpu",
            "precision": "fp32",
            "num_devices": 1,
        }
        row |= {"framework_version": "1.15", "source": f"logs/{name}.log", "command": "python x.py"}
        phase = {k: values[k] for k in ("batch", "sem", "end_to_end_examples_per_second") if k in values}
        add_run(
            tables,
            name,
            "tf_cnn_benchmarks",
            **{**row, **{k: v for k, v in values.items() if k not in phase}},
        )
        source = values.get("source", f"logs/{name}.log")
        add_cumulative(tables, name, STEPS, [round(speed + w, 1) for w in WOBBLE], source=source, **phase)
    analyze(tables)
    return tables


P100, T4 = {"device": "P100"}, {"device": "T4"}


def test_repeats_are_pooled():
    """Three runs a side are two sides; without dates they are of one session, which the verdict says."""
    runs = [(f"a{i}", 500 + i, T4) for i in range(3)] + [(f"b{i}", 600 + i, P100) for i in range(3)]
    (c,) = compare(tables_of(*runs), baseline='device == "T4"')
    assert (len(c.baseline.run_ids), len(c.side.run_ids)) == (3, 3)
    assert c.verdict == "faster"
    assert any("assumes that runs of different days vary by 1 %" in note for note in reasons.notes(c))


def on_days(name, speeds, device):
    """Runs of one set-up, each on a day of its own."""
    return [
        (f"{name}{i}", speed, {**device, "started_at": START + timedelta(days=i)})
        for i, speed in enumerate(speeds)
    ]


def test_runs_that_disagree_are_told_apart_by_nobody():
    """640 and 582 against 660 and 604: their own spread counts, although each run is known to 0.2 %."""
    tables = tables_of(*on_days("a", (640, 582), T4), *on_days("b", (660, 604), P100))
    (c,) = compare(tables, baseline='device == "T4"')
    assert (c.low, c.high) == (pytest.approx(0.873, abs=0.0005), pytest.approx(1.226, abs=0.0005))
    assert c.verdict == "no difference shown"
    assert not any("assumes" in note for note in reasons.notes(c))


def test_a_workload_borrows_from_the_others_of_its_pair():
    """Nine workloads whose runs agree make a tenth, with as few runs, surer than it is alone."""
    runs = [*on_days("a", (500, 506, 503), T4), *on_days("b", (516, 510, 513), P100)]
    others = [
        (f"{name}{model}", speed, {**values, "model": f"model{model}"})
        for model in range(9)
        for name, speed, values in [*on_days("a", (500, 504, 502), T4), *on_days("b", (502, 500, 504), P100)]
    ]
    (alone,) = compare(tables_of(*runs))
    among = next(c for c in compare(tables_of(*runs, *others)) if c.workload.model == "resnet50")
    assert among.ratio == pytest.approx(alone.ratio)
    assert among.high / among.low < alone.high / alone.low


def test_a_day_counts_once():
    """Two runs on one day and one on the next: the ratio is that of the days' means, and a note says so."""
    days = [*on_days("a", (500, 520), T4), ("a2", 510, {**T4, "started_at": START + timedelta(hours=1)})]
    (c,) = compare(tables_of(*days, *on_days("b", (400, 400), P100)), baseline='device == "P100"')
    assert c.ratio == pytest.approx((500 * 510) ** 0.25 * 520**0.5 / 400)
    assert c.ratio_as_printed == pytest.approx(c.ratio)
    assert any("counts as one" in note for note in reasons.notes(c))
    assert c.low < c.ratio < c.high


def test_repeats_that_print_the_same_digits_are_not_without_error():
    """Three runs of one printed line each: what the last digit hides is left, ±0.05 of 500 spread evenly, 1.96·q/√12."""
    tables = Tables()
    for name in ("a1", "a2", "a3", "b1", "b2", "b3"):
        speed = 500.0 if name < "b" else 600.0
        row = {
            "model": "resnet50",
            "device": name[0],
            "device_kind": "gpu",
            "num_devices": 1,
            "command": "python x.py",
        }
        add_run(tables, name, "tf_cnn_benchmarks", source=f"logs/{name}.log", **row)
        add_cumulative(tables, name, [100], [speed], source=f"logs/{name}.log")
    analyze(tables)
    (c,) = compare(tables)
    side = c.baseline.speed
    assert side.value == pytest.approx(500.0)
    assert side.high / side.low == pytest.approx(1 + 2 * 1.96 * (0.1 / 500) / 12**0.5, abs=1e-6)


@pytest.mark.parametrize(
    "other",
    [
        {"command": "python x.py --foo"},
        {"framework_version": "2.2"},
        {"variable_update": "replicated"},
        {"device": "P100"},
    ],
)
def test_different_set_ups_are_not_pooled(other):
    """Command, version, device and what the header says must agree."""
    found = compare(tables_of(("a", 500, {}), ("b", 500, other)))
    assert [len(c.side.run_ids) for c in found] == [1]


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        ("d/1.log", "d/2.log", 0),
        ("d/x_run1.log", "d/x_run2.log", 0),
        ("1.log", "2.log", 0),
        ("d/x_t1.log", "d/x_t2.log", 1),  # threads, perhaps
        ("d/x.log", "d/x_omp1.log", 1),
        ("d/1.log", "e/2.log", 1),
        ("d/a.md#1", "d/a.md#2", 1),
    ],
)
def test_repeats_without_a_command(first, second, count):
    """Then only logs of one folder whose names differ in a running number are repeats."""
    plain = {"command": None}
    found = compare(
        tables_of(("a", 500, {**plain, "source": first}), ("b", 500, {**plain, "source": second}))
    )
    assert len(found) == count


def test_unknown_devices_are_never_pooled():
    """Two logs that name no device may be of two machines."""
    (c,) = compare(tables_of(("a", 500, {"device": None}), ("b", 510, {"device": None})))
    assert c.side.label != c.baseline.label
    assert "unknown device" in c.side.label


def test_threads_and_host_must_agree():
    """The environment counts: 4 threads are not 8."""
    tables = tables_of(("a", 500, {}), ("b", 500, {}))
    tables.add("environment", run_id="a", source="logs/a.log", key="intra_op_threads", value="4")
    tables.add("environment", run_id="b", source="logs/b.log", key="intra_op_threads", value="8")
    (c,) = compare(tables)
    assert {c.side.label, c.baseline.label} == {"T4, 4 threads", "T4, 8 threads"}


def test_the_same_run_in_two_sources_counts_once():
    """Its copy is no second run."""
    tables = tables_of(("a", 500, {}))
    tables.extend(tables_of(("a", 500, {"source": "copy/a.log"})))
    assert compare(tables) == []


@pytest.mark.parametrize(
    ("speed", "variation", "verdict"),
    [
        (550, 0.01, "faster"),
        (450, 0.01, "slower"),
        (508, 0.01, "no difference shown"),
        (500.5, 0.0, "the same"),
        (506, 0.0, "the same"),
    ],
)
def test_verdicts(speed, variation, verdict):
    """By the interval with run-to-run variation; the same only where all of it lies within the margin."""
    found = compare(
        tables_of(("a", 500, T4), ("b", speed, P100)), baseline="logs/a.log", run_variation=variation
    )
    assert [c.verdict for c in found] == [verdict]


def test_the_margin():
    """With a margin of 10 % a gain of 5 % is the same."""
    tables = tables_of(("a", 500, T4), ("b", 525, P100))
    (c,) = compare(tables, margin=0.1)
    assert (c.verdict, c.margin, reasons.verdict(c)) == ("the same", 0.1, "the same within 10 %")


def test_holm():
    """A difference that stands alone falls among many."""
    lone = tables_of(("a", 500, T4), ("b", 515.5, P100))
    assert compare(lone, baseline="a.log")[0].verdict == "faster"
    many = [(f"{d}{i}", 500, {"device": d, "model": f"m{i}"}) for i in range(30) for d in ("T4", "P100")]
    found = compare(tables_of(("a", 500, T4), ("b", 515.5, P100), *many), baseline='device == "T4"')
    (c,) = [c for c in found if c.workload.model == "resnet50"]
    assert c.verdict == "no difference shown"
    assert any("Holm" in note for note in reasons.notes(c))


def test_benchstat_notes():
    """With four runs a side, medians and Mann–Whitney's exact p stand beside the verdict: 2/C(8,4)."""
    runs = [(f"a{i}", 500 + i, T4) for i in range(4)] + [(f"b{i}", 600 + i, P100) for i in range(4)]
    (c,) = compare(tables_of(*runs), baseline='device == "T4"')
    assert any("p = 0.0286, medians 601.5 and 501.5" in note for note in reasons.notes(c))


def test_a_name_holds_what_the_log_says():
    """Releases stand as people write them; a name that another one goes on from says what its log does not."""
    old, new = {"framework": "tensorflow"}, {"framework": "tensorflow", "framework_version": "2.2"}
    found = compare(
        tables_of(
            ("a", 500, old), ("b", 600, new), ("c", 700, {**new, "distortions": True}),
            ("d", 800, {**new, "distortions": True, "xla": True}),
            ("e", 900, {**old, "framework_version": None}),
        )
    )  # fmt: skip
    assert {side.label for c in found for side in (c.side, c.baseline)} == {
        "T4, TensorFlow 1.15", "T4, TensorFlow 2.2, XLA and distortions not in the log", "T4, TensorFlow 2.2, distortions",
        "T4, TensorFlow 2.2, XLA", "T4, TensorFlow",
    }  # fmt: skip


def test_the_default_baseline():
    """One device for all workloads, whatever its speed: that which shares most; of several a CPU, then by name."""
    cpu = {"device": "Xeon", "device_kind": "cpu"}
    tie = compare(tables_of(("gpu", 10, {}), ("other", 60, P100), ("cpu", 50, cpu)))
    assert {c.baseline.label for c in tie} == {"Xeon"}
    assert reasons.notes(tie[0])[0] == "the baseline is Xeon; no device shares more workloads with others"
    many = [(f"{d}-{m}", 500, {"device": d, "model": m}) for d in ("T4", "P100") for m in ("a", "b", "c")]
    found = compare(
        tables_of(
            *many, ("cpu", 50, {**cpu, "model": "a"}), ("v100", 900, {"device": "V100"}), ("x", 10, cpu)
        )
    )
    by_model = {c.workload.model: c.baseline.label for c in found if c.ratio}
    assert by_model == {"a": "P100", "b": "P100", "c": "P100", "resnet50": "Xeon"}
    notes = next(reasons.notes(c) for c in found if c.workload.model == "resnet50")
    assert (
        notes[0] == "on what P100 did not run, the baseline is the device that shares most workloads after it"
    )


def test_what_nobody_else_ran_makes_no_baseline():
    """Of a card with twenty workloads one is shared; two others share three: one of them is the baseline of all four."""
    lonely = [(f"r{i}", 9, {"device": "A", "model": f"own{i}"}) for i in range(19)]
    shared = [(f"{d}-{m}", 50, {"device": d, "model": m}) for d in ("B", "C") for m in ("x", "y", "z")]
    found = compare(tables_of(*lonely, ("a", 80, {"device": "A", "model": "x"}), *shared))
    ratios = sorted((c.workload.model, c.side.label, c.baseline.label) for c in found if c.ratio)
    assert ratios == [("x", "A", "B"), ("x", "C", "B"), ("y", "C", "B"), ("z", "C", "B")]


def test_the_baseline_of_one_device_is_a_set_up():
    """Where there is no other device, none is named as the baseline."""
    found = compare(tables_of(("slow", 50, {**T4, "xla": False}), ("fast", 80, {**T4, "xla": True})))
    assert reasons.notes(found[0])[0] == (
        "the baseline of each workload is the set-up that ran most of the workloads"
    )


@pytest.mark.parametrize("speeds", [(500, 510, 505, 490, 515), (515, 490, 500, 510, 505)])
def test_no_device_is_the_baseline_for_being_slow(speeds):
    """Which of five equal devices was slowest is chance: it does not choose what the others are divided by."""
    runs = [(f"r{i}", speed, {"device": f"D{i}"}) for i, speed in enumerate(speeds)]
    assert {c.baseline.label for c in compare(tables_of(*runs))} == {"D0"}


def test_the_set_up_of_the_baseline_is_the_nearest():
    """With XLA against with XLA; what differs all the same is said."""
    runs = [
        ("plain", 500, {**T4, "xla": False}), ("fast", 900, {**T4, "xla": True}),
        ("other", 1000, {**P100, "xla": True}), ("new", 700, {**P100, "xla": False, "framework_version": "2.2"}),
    ]  # fmt: skip
    found = compare(tables_of(*runs), baseline='device == "T4"')
    met = {c.side.speed.value: (round(c.baseline.speed.value), wording.unlike(c)) for c in found}
    assert met == {1000.0: (900, ""), 700.0: (500, "TensorFlow 2.2 against 1.15")}


@pytest.mark.parametrize(
    "baseline",
    [
        'device_kind == "cpu"',
        "logs/cpu.log",
        "cpu.log",
        'device in ["Xeon"] and not framework_version == "2.2"',
        'num_devices < 2 and (device != "T4" or batch_size == 1)',
    ],
)
def test_baselines(baseline):
    """By expression or by file."""
    tables = tables_of(("gpu", 10, {}), ("cpu", 50, {"device": "Xeon", "device_kind": "cpu"}))
    assert [c.baseline.label for c in compare(tables, baseline=baseline)] == ["Xeon"]


@pytest.mark.parametrize(
    "baseline",
    ["nothing.log", "device_kind ==", "colour == 1", "__import__('os') == 1", "(lambda: 1)() == 1"],
)
def test_baselines_that_cannot_be(baseline):
    """One clear error each, and nothing is run."""
    with pytest.raises(UsageError):
        compare(tables_of(("a", 500, {})), baseline=baseline)


def test_labels():
    """Sides by label, as `compare A=old B=new` asks; sources without one are left out."""
    tables = tables_of(("a", 500, {}), ("b", 600, {}), ("c", 700, {}))
    (c,) = compare(tables, labels={"logs/a.log": "A", "logs/b.log": "B"}, baseline="A")
    assert (c.baseline.label, c.side.label, c.verdict) == ("A", "B", "faster")


def test_other_batch_sizes_are_not_compared():
    """What differs is said, and speed per example across batch sizes is there when asked for."""
    tables = tables_of(("a", 500, {"batch": 128}), ("b", 600, {**P100, "batch": 32}))
    found = compare(tables)
    assert {c.verdict for c in found} == {"not comparable"}
    assert reasons.why(found[0]) == "batch_size 128 vs 32"
    (c,) = compare(tables, across_batch_sizes=True, baseline='device == "T4"')
    assert c.verdict == "faster"


def test_across_batch_sizes_only_when_asked():
    """Then speed per example is compared, each side names its batch size, and a note says so; nothing is pooled."""
    runs = [("a-small", 500, T4 | {"batch": 32}), ("b-large", 700, T4 | {"batch": 64})]
    tables = tables_of(*[(name, speed, values | {"command": None}) for name, speed, values in runs])
    assert all(c.ratio is None for c in compare(tables))
    (c,) = compare(tables, across_batch_sizes=True)
    assert (c.baseline.label, c.side.label) == ("T4 (batch 32)", "T4 (batch 64)")
    assert c.ratio == pytest.approx(1.4, rel=0.001)
    assert c.verdict == "faster"
    assert "speed per example, whatever the batch size" in reasons.notes(c)


def test_logs_with_a_running_number_are_no_repeats_across_batch_sizes():
    """x-32.log and x-64.log differ in a number as repeats do, but they are two set-ups."""
    runs = [(f"x-{n}", 500 + n, T4 | {"batch": n, "command": None}) for n in (32, 64)]
    (c,) = compare(tables_of(*runs), across_batch_sizes=True)
    assert len(c.side.run_ids) == len(c.baseline.run_ids) == 1


def test_other_networks_are_not_compared():
    """alexnet_benchmark names no network: its layers do, and 13×13×192 is not 56×56×128."""
    tables = alexnet_tables()
    tables.add("layers", run_id="cpu", source="cpu.log", name="pool2", shape="128x13x13x192", line=2)
    tables.add("layers", run_id="gpu", source="gpu.log", name="pool2", shape="128x56x56x128", line=2)
    analyze(tables)
    assert {(c.ratio, c.verdict) for c in compare(tables)} == {(None, "not comparable")}
    assert "layer pool2" in reasons.why(compare(tables)[0])


def test_no_baseline_for_a_workload():
    """A machine that the baseline never met is listed, not dropped."""
    runs = [("a", 500, T4), ("b", 600, {**P100, "model": "vgg16"})]
    (c,) = compare(tables_of(*runs), baseline='device == "T4"')
    assert (c.side.label, c.verdict, reasons.why(c)) == ("P100", "not comparable", "model vgg16 vs resnet50")


def test_totals_and_step_lines_are_not_mixed():
    """A log with a total only meets one with step lines at their totals, without an interval; else not at all."""
    both = ("a", 500, {**T4, "end_to_end_examples_per_second": 495.0})
    tables = tables_of(both)
    add_run(
        tables, "b", "tf_cnn_benchmarks", model="resnet50", device="P100", precision="fp32", num_devices=1
    )
    total = {
        "examples_per_second": 600.0,
        "end_to_end_examples_per_second": 600.0,
        "batch_size": 64,
        "n_steps": 100,
    }
    tables.add("phases", run_id="b", source="b.log", phase="training", method="reported", line=1, **total)
    (c,) = compare(tables, baseline='device == "T4"')
    assert c.ratio == pytest.approx(600 / 495)
    assert (c.low, c.verdict) == (None, "no difference shown")
    tables.columns["phases"]["end_to_end_examples_per_second"][0] = None
    (c,) = compare(tables)
    assert (c.ratio, reasons.why(c)) == (None, "total images/sec on one side, step lines on the other")


def test_analysing_twice_changes_nothing():
    """Columns stay as they are when they are filled again."""
    for make in (alexnet_tables, cifar_tables):
        once, twice = make(), make()
        analyze(once)
        analyze(twice)
        analyze(twice)
        rows = [list(t.rows("phases")) for t in (once, twice)]
        for a, b in zip(*rows, strict=True):
            assert {k: v for k, v in a.items() if isinstance(v, float)} == pytest.approx(
                {k: v for k, v in b.items() if isinstance(v, float)}
            )


def test_the_order_of_flags_is_no_difference():
    """Repeats are repeats also where somebody typed the flags in another order."""
    one = {"command": "python bench.py --model=resnet50 --batch_size 64", "device": "T4"}
    two = {"command": "python  bench.py --batch_size=64 --model resnet50", "device": "T4"}
    other = {"command": "python bench.py --model=resnet50 --batch_size 32", "device": "T4"}
    assert compare(tables_of(("a", 500, one), ("b", 510, two))) == []
    assert len(compare(tables_of(("a", 500, one), ("c", 510, other)))) == 1

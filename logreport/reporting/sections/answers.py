"""The answer in sentences: which is faster, by how much, and what cannot be said."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from logreport.analysis.comparison.likeness import apart_in, facts_of
from logreport.analysis.comparison.pairs import Pair, device_pairs, faster_first, label_pairs
from logreport.analysis.comparison.pooling import workload_of
from logreport.analysis.comparison.set_ups import SetUp
from logreport.analysis.measurement.phases import Phase
from logreport.analysis.results import Comparison, Workload
from logreport.reporting.report import Answer, Answers, Block, Note, Ref, Section, Sentence, Span
from logreport.reporting.sections import history
from logreport.reporting.sections.comparison import comparison_table, how, speedup_chart
from logreport.reporting.sections.facts import Facts, Row, refs
from logreport.reporting.sections.leaderboard import (
    board,
    differs,
    doubts_left_out,
    doubts_of_ends,
    leaderboard_table,
)
from logreport.reporting.sections.pairs import pairs_table
from logreport.reporting.text import formatting as fmt
from logreport.reporting.text import reasons, wording
from logreport.scripts import COMMAND

NOTHING = "No benchmark run with a speed was found in these logs."
_SENTENCES = 6  # for one pair of devices, and in all; beyond that one sentence speaks for many


def section(facts: Facts) -> Section:
    """The answers with the chart that shows them, all devices against one, and the table of all comparisons."""
    makers = {
        "answers": _first,
        "leaderboard": leaderboard_table,
        "every two devices": pairs_table,
        "speed and speedup by workload": comparison_table,
    }
    made = facts.blocks(makers)
    return Section("answer", "", made, name="The answer")


def _first(facts: Facts) -> Iterator[Block]:
    """The answers; what goes wrong in a part of them leaves the others."""
    part = facts.attempts.part
    apart = part("histories, answer", lambda: history.without(facts, facts.comparisons), facts.comparisons)
    apart = part("single facts", lambda: single_facts(facts, apart), apart)
    given = apart, facts.between
    found, more = part("answer", lambda: answers(facts, *given), ((), ""))
    found = (*part("what changed", lambda: history.answers(facts), ()), *found)
    cannot = part("what cannot be compared", lambda: not_comparable(facts, *given), ())
    chart = part("speedups, chart", lambda: speedup_chart(facts, *given), None)
    notes = (Note((Span(more),) if more else ()), Note(cannot, role="cannot"))
    yield Answers(
        found,
        tuple(note for note in notes if note.sentence),
        (chart,) if chart else (),
    )


def single_facts(facts: Facts, comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Comparisons in which set-ups of one device that differ in several facts give way to those that differ in one."""
    single = history.without(facts, facts.study.single_facts)
    told = {(c.workload, facts.name_of(c.side)) for c in single}
    rest = [
        c
        for c in comparisons
        if c.ratio is None
        or facts.name_of(c.side) != facts.name_of(c.baseline)
        or (c.workload, facts.name_of(c.side)) not in told
        or not apart_in(*(facts_of(facts.run[side.run_ids[0]]) for side in (c.side, c.baseline)))
    ]
    return [*single, *rest]


def _strength(comparison: Comparison) -> float:
    """How far a ratio is from one, either way."""
    ratio = comparison.ratio or 1.0
    return max(ratio, 1 / ratio)


def _answer(facts: Facts, comparison: Comparison, told: set[str], first_of: int = 0) -> Answer:
    """One sentence, the faster side first; a reason that an earlier one gave (in `told`) is not given again."""
    run_ids = (*comparison.side.run_ids, *comparison.baseline.run_ids)
    faster = facts.short.comparison(faster_first(comparison))
    sentence = wording.answer(faster, facts.unit, told, facts.both_data, first_of)
    return _doubted(
        facts, (*sentence, *_over_changes(facts, [comparison])), run_ids, comparison.workload.phase
    )


def _over_changes(facts: Facts, comparisons: Sequence[Comparison]) -> Sentence:
    more = history.over_changes(facts, comparisons)
    return (Span(more),) if more else ()


def _doubted(facts: Facts, sentence: Sentence, run_ids: Sequence[str], phase: str) -> Answer:
    """A sentence with what was found about its runs: errors in full, the rest by number."""
    doubts = facts.doubts(run_ids, phase)
    errors = tuple(f for f in doubts if f.severity == "error")
    return Answer(sentence, errors=errors, findings=tuple(f.number for f in doubts if f not in errors))


def _first_of_all(facts: Facts, pairs: Sequence[Pair]) -> tuple[tuple[Answer, ...], Sequence[Pair]]:
    """Which of all devices comes first, and which last, and the pairs that are to be told beside it.

    The first is told against the baseline or, where it is that itself, against the next. Where all devices were run
    alike, the leaderboard says the rest.
    """
    standings = board(facts)
    if not standings or len(standings) < len({run["device"] for run in facts.runs if run["device"]}):
        return (), pairs
    top, second, last = standings[0], standings[1], standings[-1]
    pair = top.pair or (second.pair and second.pair.turned())
    if pair is None:
        return (), pairs
    both = {pair.side.device, pair.baseline.device}
    others = [other for other in pairs if {other.side.device, other.baseline.device} != both]
    if not any(differs(standing.pair) for standing in standings if standing.pair):
        others = []
    answer = _group_answer(facts, pair, first_of=len(standings))
    if last.pair is None or 0 < len(others) < _SENTENCES:
        return (answer,), others
    end = last.pair.turned()
    names = facts.the(fmt.clean(last.device)), facts.the(fmt.clean(end.side.label))
    told = Span(f" Last comes {names[0]}: {names[1]} is {fmt.ratio(end.ratio)} as fast.")
    return (replace(answer, sentence=(*answer.sentence, told)),), others


def _group_answer(facts: Facts, pair: Pair, first_of: int = 0) -> Answer:
    """One sentence for all comparisons of two sides, and which are not in it: of a doubted number, or of no shared batch size."""
    answer = _of_group(facts, pair, first_of)
    more = wording.left_out(len(pair.left_out), "workload") + _of_other_batches(facts, pair)
    if not more:
        return answer
    findings = (*answer.findings, *doubts_left_out(facts, pair))
    return replace(answer, sentence=(*answer.sentence, Span(more)), findings=findings)


def _of_other_batches(facts: Facts, pair: Pair) -> str:
    """What is known of two devices where they share no batch size, beside all workloads on which they share one."""
    if pair.at_best_batch:
        return ""
    two = pair.side.label, pair.baseline.label
    is_turned = two not in facts.study.together_at_best
    known, other = (
        found.get(two[::-1] if is_turned else two)
        for found in (facts.study.together, facts.study.together_at_best)
    )
    if not (known and other and len(known.comparisons) == len(pair.comparisons) >= len(other.comparisons)):
        return ""
    return wording.of_other_batches(len(other.comparisons), (other.turned() if is_turned else other).ratio)


def _of_group(facts: Facts, pair: Pair, first_of: int) -> Answer:
    if pair.mean is None:
        return _answer(facts, pair.comparisons[0], set(), first_of)
    run_ids = [r for c in pair.comparisons for side in (c.side, c.baseline) for r in side.run_ids]
    doubts = facts.doubts(run_ids)
    errors = tuple(f for f in doubts if f.severity == "error")[:3]
    sentence = wording.group_answer(pair.comparisons, pair.mean, facts.both_data, first_of)
    more = _over_changes(facts, pair.comparisons)
    return Answer((*sentence, *more), errors, doubts_of_ends(facts, pair))


def answers(
    facts: Facts, comparisons: Sequence[Comparison], between: Sequence[Comparison]
) -> tuple[tuple[Answer, ...], str]:
    """The sentences of the answer, and what to say about those that are not shown.

    Where devices are compared (`between`), they are the answer; set-ups of one device, such as threads, come after
    them in short.
    """
    decided, devices = (
        sorted((c for c in given if c.ratio is not None), key=_strength, reverse=True)
        for given in (comparisons, between)
    )
    if not devices:
        return _said(facts, decided, label_pairs(decided), "") if decided else speed_answers(facts)
    pairs: Sequence[Pair] = device_pairs(sorted(facts.study.by_devices, key=_strength, reverse=True))
    first, pairs = _first_of_all(facts, pairs) if len(devices) > _SENTENCES else ((), pairs)
    found, more = _said(facts, devices, pairs, how(devices), _SENTENCES - len(first))
    found = (*first, *found)
    at_best = _at_best(facts, beside=len(devices) <= _SENTENCES)
    found += tuple(_group_answer(facts, pair) for pair in at_best[: _SENTENCES - len(found)])
    within = label_pairs([c for c in decided if facts.name_of(c.side) == facts.name_of(c.baseline)])
    return (*found, *(_group_answer(facts, group) for group in within[: _SENTENCES - len(found)])), more


def _at_best(facts: Facts, *, beside: bool) -> list[Pair]:
    """Devices on the workloads on which they share no batch size, each at its best.

    Only where these are more than the others, unless the sentences `beside` it are of one workload each.
    """
    known = facts.study.together
    found = [
        pair if pair.log >= 0 else pair.turned()
        for two, pair in facts.study.together_at_best.items()
        if beside or len(pair.comparisons) > len(known[two].comparisons)
    ]
    return sorted(found, key=lambda pair: (-len(pair.comparisons), -pair.log))


def _said(
    facts: Facts, decided: Sequence[Comparison], groups: Sequence[Pair], way: str, most: int = _SENTENCES
) -> tuple[tuple[Answer, ...], str]:
    """A sentence for each comparison, or for each group of them where there are many, and these to a number."""
    kinds = {remark.kind for c in decided for remark in c.remarks}
    per_example = reasons.PER_EXAMPLE if "per-example" in kinds else ""
    ways = "; ".join(filter(None, (per_example, way)))
    compared = f"Compared: {ways}." if ways else ""
    if len(decided) <= _SENTENCES:
        told: set[str] = set()
        return tuple(_answer(facts, c, told) for c in decided), compared
    rest = len(groups) - most
    more = (
        f"{fmt.count(rest, 'more pair')} of devices or set-ups; all speeds are in the table."
        if rest > 0
        else ""
    )
    return tuple(_group_answer(facts, group) for group in groups[:most]), f"{compared} {more}".strip()


def speed_answers(facts: Facts) -> tuple[tuple[Answer, ...], str]:
    """Where nothing is compared: what each of the first set-ups reached, repeats pooled, or that there is none.

    What to say about those that are not shown stands beside it.

    A history speaks for its own runs: those between which the speed changed have no mean that says anything.
    """
    rows = {(p["run_id"], p["phase"]): p for p in facts.phases}
    told = history.told(facts)
    others = [s for s in facts.study.set_ups if not any((r, s.workload.phase) in told for r in s.run_ids)]
    found = []
    for set_up in others[:_SENTENCES]:
        phase = set_up.workload.phase
        sentence = (
            repeats_sentence(facts, set_up)
            if set_up[1:]
            else speed_sentence(facts, rows[set_up.run_ids[0], phase])
        )
        found.append(_doubted(facts, sentence, set_up.run_ids, phase))
    timed = [phase for phase in facts.phases if is_timed(phase)]
    found += [Answer(time_sentence(facts, phase)) for phase in timed[: _SENTENCES - len(found)]]
    rest = len(others) - _SENTENCES
    more = f"{fmt.count(rest, 'more set-up')}; all speeds are in the table of runs." if rest > 0 else ""
    return tuple(found) or (() if told else (Answer((Span(NOTHING),)),)), more


def phase_workload(run: Row, phase: Row) -> Workload:
    """The workload of a row of the phases table."""
    return workload_of(Phase(0, phase, run))


def speed_sentence(facts: Facts, phase: Row) -> Sentence:
    """What one phase reached: `GTX 1050 Ti runs ResNet-50 training (batch 32) at 51.7 images/s.`."""
    run = facts.run[phase["run_id"]]
    interval = fmt.interval(phase["examples_per_second_low"], phase["examples_per_second_high"])
    sure = f", 95 % interval within the run {interval}" if interval != fmt.MISSING else ""
    step = phase["seconds_per_batch"]
    what = "run" if run["benchmark"] == COMMAND.name else "step"
    each = f"; one {what} takes {fmt.duration(step)}" if fmt.usable(step) else ""
    place = refs([(phase["source"] or run["source"], phase["line"])], "")
    return _reached(
        facts, run, phase_workload(run, phase), phase["examples_per_second"], place, f"{sure}{each}."
    )


def is_timed(phase: Row) -> bool:
    """Whether the time of a step is known and no speed, because nobody knows the size of the batches."""
    return fmt.usable(phase["seconds_per_batch"]) and not fmt.usable(phase["examples_per_second"])


def time_sentence(facts: Facts, phase: Row) -> Sentence:
    """What a step took: `The unknown device runs GPT training at 63 ms a step …`."""
    run = facts.run[phase["run_id"]]
    place = refs([(phase["source"] or run["source"], phase["line"])], "")
    error = phase["seconds_per_batch_sem"]
    sure = f", standard error {fmt.duration(error)}" if fmt.usable(error) else ""
    return (
        Span(f"{_runs(facts, run, phase_workload(run, phase))} at ", strong=True),
        Span(fmt.duration(phase["seconds_per_batch"]), strong=True, refs=place),
        Span(" a step", strong=True),
        Span(f"{sure}; the log says no batch size, so that its speed is not known: "),
        Span("--set batch_size=…", code=True),
        Span(" gives it."),
    )


def repeats_sentence(facts: Facts, set_up: SetUp) -> Sentence:
    """What several runs of one set-up reached together, and how far they lie apart."""
    speed, run = set_up.side.speed, facts.run[set_up.run_ids[0]]
    low, high = fmt.pair(*(end(m.speed for m in set_up) for end in (min, max)))
    times = [facts.run[run_id]["started_at"] for run_id in set_up.run_ids]
    days = len({time.date() for time in times if time is not None})
    interval = fmt.interval(speed.low, speed.high)
    sure = f", 95 % interval of the mean {interval}" if interval != fmt.MISSING else ""
    apart = f": the mean of {len(set_up)} runs{f' on {days} days' if days > 1 else ''}, from {low} to {high}{sure}."
    places = facts.refs(set_up.places, "")
    return _reached(facts, run, set_up.workload, speed.value, places, apart)


def _reached(
    facts: Facts, run: Row, workload: Workload, speed: float, places: tuple[Ref, ...], how_sure: str
) -> Sentence:
    return (
        Span(f"{_runs(facts, run, workload)} at ", strong=True),
        Span(fmt.number(speed), strong=True, refs=places),
        Span(f" {wording.speed_unit([workload.benchmark], [workload.item])}", strong=True),
        Span(f"{' in mixed precision' if run['mixed_precision'] else ''}{how_sure}"),
    )


def _runs(facts: Facts, run: Row, workload: Workload) -> str:
    device = wording.capital(wording.the(wording.device_name(run), run["device"]))
    return f"{device} runs {facts.workload(workload)}"


def not_comparable(
    facts: Facts, comparisons: Sequence[Comparison], between: Sequence[Comparison]
) -> Sentence:
    """What is in no comparison, and why: one sentence, however many."""
    at_best = [c for c in between if c.at_best_batch]
    told = {facts.name_of(side) for c in at_best for side in (c.side, c.baseline)}
    left = [
        c for c in comparisons if c.ratio is None and not (c.differences and facts.name_of(c.side) in told)
    ]
    if len(left) > 1:
        decided = (c for c in (*comparisons, *between) if c.ratio is not None)
        met = {run for c in decided for side in (c.side, c.baseline) for run in side.run_ids}
        left = [c for c in left if not met.issuperset(c.side.run_ids)]
    if len(left) == 1:
        return wording.no_answer(left[0], facts.both_data)
    names = list(dict.fromkeys(f"{wording.the_side(c.side)} ({wording.differing(c)})" for c in left))
    if not names:
        return ()
    head = f"{fmt.count(len(names), 'device or run', 'devices or runs')} cannot be compared with any other"
    return Span(head, strong=True), Span(
        f", because these differ or are not known: {fmt.listed(names, most=4)}."
    )

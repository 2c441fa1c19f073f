"""Run the plan of a campaign, one run after the other: parallel benchmarks disturb each other."""

import math
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from logreport.analysis import Study, analyze
from logreport.analysis.comparison.pooling import Member
from logreport.analysis.comparison.set_ups import SetUp
from logreport.errors import LogreportError
from logreport.runner import hooks
from logreport.runner.campaign.state import Campaign, Done, save
from logreport.runner.plan import Plan
from logreport.runner.running import run_once
from logreport.runner.view import View, time_left
from logreport.runs.reading import read
from logreport.scripts import COMMAND
from logreport.sources import find_sources

_REPEATS = 3  # of a combination at least, before its interval can be tight
GIVE_UP = 2  # failures without a success after which a combination is not repeated for its interval
STOPPED = ("Ctrl-C", "SIGTERM", "SIGHUP")


@dataclass(frozen=True)
class CombinationResult:
    """What a combination gave so far: its runs that are complete, and its speed in each phase."""

    values: dict[str, str]
    runs: int
    complete: int
    set_ups: tuple[SetUp, ...]


def run_all(campaign: Campaign, folder: Path, view: View) -> tuple[Campaign, str | None]:
    """Run what is left of a campaign; returns how far it got, and the signal that stopped it, if one did.

    A run that fails, or cannot be started, is kept as such, and the next one is run; one that was being made when a
    signal came, or when logreport was killed, is made again when the campaign is resumed.

    Raises:
        RunnerError: where what is to be cleaned up after a combination is not.
    """
    speeds, combinations = Speeds(campaign, folder), campaign.plan.combinations()
    with ExitStack() as stack:
        begun: set[int] = set()
        for repeat, number in turns(campaign, speeds):
            view.say(announced(campaign, repeat, number))
            plan = campaign.plan.single(combinations[number])
            try:
                if number not in begun:
                    stack.enter_context(hooks.around(plan))
                    begun.add(number)
                run, stopped_by = one(plan, number, repeat, folder, view)
            except LogreportError as error:
                run, stopped_by = Done(number, repeat, None, "failed", str(error), 0.0), None
            if stopped_by is not None:
                return campaign, stopped_by
            campaign = replace(campaign, done=(*campaign.done, run))
            save(campaign, folder)
            speeds.take(run)
            view.say(
                speeds.so_far(number) if run.status == "complete" else f"that run {run.status}: {run.reason}"
            )
    return campaign, None


def turns(campaign: Campaign, speeds: "Speeds") -> Iterator[tuple[int, int]]:
    """Repeat and combination of each run that is still to be made, decided when its turn comes."""
    plan, before = campaign.plan, {(run.repeat, run.combination) for run in campaign.done}
    for repeat in range(plan.repeat):
        for number in plan.order(repeat):
            if (repeat, number) not in before and not speeds.enough(number):
                yield repeat, number


def one(plan: Plan, number: int, repeat: int, folder: Path, view: View) -> tuple[Done, str | None]:
    """One run of a combination, and the signal that stopped it.

    Raises:
        LogreportError: where it cannot be started.
    """
    ran = run_once(plan, folder, view)
    end = ran.end
    stopped_by = end.stopped_by if end.stopped_by in STOPPED else None
    return Done(number, repeat, ran.log.name, end.status, end.reason, end.seconds), stopped_by


def is_over(campaign: Campaign, folder: Path) -> bool:
    """Whether nothing is left to run of a campaign."""
    return next(turns(campaign, Speeds(campaign, folder)), None) is None


def unreached(campaign: Campaign, folder: Path) -> dict[int, float | None]:
    """The combinations whose interval is not as tight as it was to be: its relative half width, None without one."""
    speeds = Speeds(campaign, folder)
    loose = [n for n in range(len(campaign.plan.combinations())) if not speeds.tight(n)]
    return {number: speeds.half_width(number) for number in loose} if campaign.plan.until else {}


def resumed(campaign: Campaign, folder: Path, *, retry: bool = False) -> Campaign:
    """A campaign as its folder shows it: a run whose log is gone is run again, to `retry` also one that did not end well."""
    there = tuple(
        run
        for run in campaign.done
        if (run.log is None or (folder / run.log).exists()) and not (retry and run.status != "complete")
    )
    return replace(campaign, done=there)


def announced(campaign: Campaign, repeat: int, number: int) -> str:
    """What comes next, and how long all of it will take, once that can be said."""
    plan = campaign.plan
    total = plan.repeat * len(plan.combinations())
    values = " ".join(f"{name}={value}" for name, value in plan.combinations()[number].items())
    again = f" repeat {repeat + 1}" if plan.repeat > 1 else ""
    of = "at most " if plan.until is not None else ""
    left = remaining(campaign)
    time = f"; {of}{time_left(left)}" if left is not None else ""
    return f"run {len(campaign.done) + 1} of {of}{total}: {values or plan.name}{again}{time}"


def remaining(campaign: Campaign) -> float | None:
    """Seconds that the runs to come will take, by those of the same combination so far, else by the others."""
    timed = [run.seconds for run in campaign.done if run.seconds]
    if not timed:
        return None
    plan, total = campaign.plan, 0.0
    for number in range(len(plan.combinations())):
        own = campaign.of(number)
        seconds = [run.seconds for run in own if run.seconds]
        total += max(0, plan.repeat - len(own)) * fmean(seconds or timed)
    return total


def is_timed(one: SetUp) -> bool:
    """Whether the wall time of whole runs is all that is known of it."""
    return one.workload.benchmark == COMMAND.name


def said(one: SetUp, speed: float) -> str:
    """A speed of a set-up in words; that of whole runs is how long one takes."""
    return f"{1 / speed:.4g} s" if is_timed(one) else f"{speed:.4g} examples/s"


class Speeds:
    """The speeds that a campaign has measured so far.

    Args:
        campaign: with the runs that were made before.
        folder: where their logs are.
    """

    def __init__(self, campaign: Campaign, folder: Path) -> None:
        self.folder, self.until = folder, campaign.plan.until
        self.grammars = tuple(map(Path, campaign.plan.grammars))
        self.members: dict[int, dict[str, list[Member]]] = defaultdict(lambda: defaultdict(list))
        self.failures: dict[int, int] = defaultdict(int)
        self.runs: dict[int, list[Done]] = defaultdict(list)
        for run in campaign.done:
            self.take(run)

    def take(self, run: Done) -> None:
        if run.status != "complete" or run.log is None or not (self.folder / run.log).exists():
            self.failures[run.combination] += 1
            return
        self.runs[run.combination].append(run)
        tables = read(find_sources([str(self.folder / run.log)]), grammars=self.grammars).tables
        analyze(tables)
        for member in Study(tables).members:
            self.members[run.combination][member.workload.phase].append(member)

    def enough(self, number: int) -> bool:
        """Whether a combination needs no more repeats: its intervals are tight, or it only fails."""
        if self.until is None:
            return False
        if not self.members[number]:
            return self.failures[number] >= GIVE_UP
        return self.tight(number)

    def tight(self, number: int) -> bool:
        """Whether the intervals of a combination are as tight as they were to be."""
        found = self.set_ups(number)
        return bool(found) and all(
            len(one) >= _REPEATS and one.side.speed.half_width <= (self.until or math.inf) for one in found
        )

    def half_width(self, number: int) -> float | None:
        """The widest interval of a combination, relative; None where one of its phases has none."""
        widest = max((one.side.speed.half_width for one in self.set_ups(number)), default=math.inf)
        return widest if math.isfinite(widest) else None

    def so_far(self, number: int) -> str:
        """What the runs of a combination measured until now, in words."""
        words = []
        for one in self.set_ups(number):
            speed = one.side.speed
            spread = "" if speed.low is None else f" ±{speed.half_width * 100:.1f} %"
            words.append(f"{one.workload.phase} {said(one, speed.value)}{spread}")
        count = len(self.runs[number])
        return f"so far, of {count} {'run' if count == 1 else 'runs'}: {', '.join(words) or 'no speed'}"

    def set_ups(self, number: int) -> tuple[SetUp, ...]:
        """The runs of a combination in each phase: repeats, whatever their logs say."""
        return tuple(map(SetUp, self.members[number].values()))


def results(campaign: Campaign, folder: Path) -> list[CombinationResult]:
    speeds = Speeds(campaign, folder)
    found = []
    for number, values in enumerate(campaign.plan.combinations()):
        said = [run.status for run in campaign.of(number)]
        found.append(CombinationResult(values, len(said), said.count("complete"), speeds.set_ups(number)))
    return found

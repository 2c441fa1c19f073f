"""`logreport run` with sweeps and repeats: the plan first, then the runs, then one table of all of them."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

from logreport.cli import output as out
from logreport.cli.fetch import at_hand
from logreport.errors import UsageError
from logreport.runner.campaign.campaign import (
    CombinationResult,
    is_over,
    is_timed,
    results,
    resumed,
    run_all,
    unreached,
)
from logreport.runner.campaign.state import Campaign, alone, checked, save, saved
from logreport.runner.machine.machine import warnings
from logreport.runner.plan import Plan
from logreport.runner.preparation import fetching
from logreport.runner.running import script_in
from logreport.runner.view import View

UNREACHED = 4  # the exit status where --until-ci was not reached
DISTURBED = ("busy-machine", "stolen-time", "powersave", "throttled")


def begin(plan: Plan, folder: Path, view: View, *, dry_run: bool) -> int:
    """Show a plan, and unless it is only to be shown, run it.

    Raises:
        UsageError: where the folder holds another campaign that is not over.
        RunnerError: where one is at work in it.
    """
    if dry_run:
        out.show(planned(plan, checked(plan, fetch=False)))
        todo = None if plan.source else fetching.plan(script_in(plan).repository)
        if todo:
            out.say(
                f"logreport: the scripts are not here, so nothing is checked yet: before the runs, {todo}"
            )
        return 0
    with alone(folder):
        before = saved(folder)
        if before is not None and not is_over(before, folder):
            raise UsageError(
                "holds a campaign that is not over",
                source=str(folder),
                todo="finish it with --resume, or choose another folder with -o",
            )
        plan = replace(plan, source=str(at_hand(script_in(plan), plan.source)))
        commands = checked(plan)
        view.say(planned(plan, commands))
        campaign = Campaign(plan)
        save(campaign, folder)
        return run(campaign, folder, view)


def resume(script: str | None, folder: Path, view: View, *, retry: bool) -> int:
    """Finish the campaign of a folder; to `retry` is to make runs again that did not end well.

    Raises:
        UsageError: where the folder holds none, or one of another script.
    """
    with alone(folder):
        campaign = saved(folder)
        if campaign is None:
            raise UsageError(
                "holds no campaign", source=str(folder), todo="name the folder of the campaign with -o"
            )
        if script not in (None, campaign.plan.script):
            raise UsageError(
                f"holds a campaign of {campaign.plan.name}",
                source=str(folder),
                todo="name that script, or none",
            )
        return run(resumed(campaign, folder, retry=retry), folder, view)


def run(campaign: Campaign, folder: Path, view: View) -> int:
    """Run what is left of a campaign, and print what it gave."""
    for text in warnings():
        view.say(text)
    campaign, stopped_by = run_all(campaign, folder, view)
    summarize(campaign, folder)
    if stopped_by is not None:
        out.say(f"logreport: {folder}: stopped ({stopped_by}); `logreport run -o {folder} --resume` goes on")
        return out.INTERRUPTED if stopped_by == "Ctrl-C" else 1
    failed = [run for run in campaign.done if run.status != "complete"]
    for one in failed:
        where = folder / one.log if one.log else folder
        out.say(f"logreport: {where}: a run {one.status} ({one.reason})")
    loose = unreached(campaign, folder)
    for number, width in loose.items():
        values = campaign.plan.combinations()[number].items()
        about = " ".join(f"{name}={value}" for name, value in values) or campaign.plan.name
        wide = "no interval" if width is None else f"±{width * 100:.1f} %"
        times = out.plural(len(campaign.of(number)), "run")
        out.say(f"logreport: {about}: --until-ci was not reached: {wide} after {times}")
    return 1 if failed else UNREACHED if loose else 0


def planned(plan: Plan, commands: list[str]) -> str:
    """A plan in words, with the command of each combination."""
    count = len(commands)
    runs = out.plural(count * plan.repeat, "run")
    if plan.until is not None:
        times = f"each until its interval is within ±{plan.until * 100:g} %, at most {out.plural(plan.repeat, 'time')}"
    else:
        times = f"each {out.plural(plan.repeat, 'time')}"
    head = f"{out.plural(count, 'combination')}, {times}: {'at most ' if plan.until else ''}{runs}, in mixed order, one at a time"
    return "\n".join((head, *(f"  {command}" for command in commands)))


def summarize(campaign: Campaign, folder: Path) -> None:
    """Print the speeds of all combinations, what disturbed the runs, and how to get a report."""
    from logreport.tables.exporting import text_of

    names = [sweep.name for sweep in campaign.plan.sweeps]
    found = results(campaign, folder)
    rows = [row for result in found for row in rows_of(result, names)]
    timed = any(is_timed(one) for result in found for one in result.set_ups)
    heads = [*names, "phase", "runs", "seconds" if timed else "examples/s", "95 % interval", "±"]
    out.emit(text_of(heads, rows), None)
    logs = [folder / run.log for run in campaign.done if run.log]
    for code, count in disturbed(logs).items():
        out.show(f"{code}: {out.plural(count, 'run')}")
    if logs:
        out.show(f"All of it: logreport report {folder}")


def rows_of(result: CombinationResult, names: list[str]) -> list[list[object]]:
    """A row for each phase of a combination; a combination without a speed has one too."""
    about: list[object] = [result.values[name] for name in names]
    runs = str(result.complete) if result.complete == result.runs else f"{result.complete} of {result.runs}"
    rows = []
    for one in result.set_ups:
        speed = one.side.speed
        ends = None if speed.low is None or speed.high is None else (speed.low, speed.high)
        value = 1 / speed.value if is_timed(one) else speed.value
        if ends and is_timed(one):
            ends = 1 / ends[1], 1 / ends[0]
        of = "" if one[1:] else " within the run"
        interval = ends and f"{ends[0]:.4g} to {ends[1]:.4g}{of}"
        spread = None if interval is None else f"{speed.half_width * 100:.1f} %"
        rows.append([*about, one.workload.phase, runs, value, interval, spread])
    return rows or [[*about, None, runs, None, None, None]]


def disturbed(logs: list[Path]) -> dict[str, int]:
    """How many runs with these logs were disturbed, by what."""
    from logreport import api

    there = [log for log in logs if log.exists()]
    findings = api.read_logs(api.sources_of(there)).tables.rows("findings") if there else []
    return dict(Counter(row["code"] for row in findings if row["code"] in DISTURBED))

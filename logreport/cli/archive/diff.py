"""`logreport archive diff`: what two archives, or two selections of one, do not share."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from logreport.cli import options
from logreport.cli.archive import options as own

if TYPE_CHECKING:
    from logreport.analysis.comparison.tables_diff import Diff

EPILOG = """\b
Examples:
  logreport archive diff monday.archive friday.archive
  logreport archive diff lab.archive --old "tag.version = '2.19'" --new "tag.version = '2.20'"

NEW is OLD itself where only one is named; LOGREPORT_ARCHIVE names OLD where none is. A run is the same by its own lines, wherever its
log lies. To compare speeds, see logreport compare --from.

\b
Exit status: 0 compared, whether or not anything differs; 1 something could not be read, 2 wrong usage."""
_MOST = 20  # runs that are named


@click.command("diff", epilog=EPILOG)
@click.argument("old", required=False, envvar=options.PLACE, metavar="[OLD]")
@click.argument("new", required=False, metavar="[NEW]")
@click.option("--old", "old_where", metavar="CONDITION", help="Only these runs of OLD.")
@click.option("--new", "new_where", metavar="CONDITION", help="Only these runs of NEW.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@options.output
def command(
    old: str | None,
    new: str | None,
    old_where: str | None,
    new_where: str | None,
    form: str,
    output: str | None,
) -> int:
    """Say what is new in NEW, what is gone from OLD, and what is in both with other values."""
    from logreport.analysis.comparison.tables_diff import diff
    from logreport.archive import Archive
    from logreport.cli import output as out

    if old is None or (new is None and old_where == new_where):
        raise click.UsageError("name two archives, or two selections with --old and --new")
    archives = [Archive(old), Archive(new or old)]
    found = diff(archives[0].tables(old_where), archives[1].tables(new_where))
    out.emit(to_json(found) if form == "json" else to_text(found), output)
    return max(own.finish(archive) for archive in archives)


def to_json(found: "Diff") -> bytes:
    """Everything, for programs."""
    import json
    from dataclasses import asdict

    from logreport.tables.exporting import json_bytes

    workloads = {"new_workloads": found.new_workloads, "gone_workloads": found.gone_workloads}
    data = asdict(found) | {name: [w._asdict() for w in own] for name, own in workloads.items()}
    return json_bytes(json.dumps(data, default=str, ensure_ascii=False, indent=1)) + b"\n"


def to_text(found: "Diff") -> bytes:
    """For people: a line each, many of one kind are counted."""
    text = "\n".join(_lines(found))
    return f"{text}\n".encode("utf-8", "replace")


def _lines(found: "Diff") -> Iterator[str]:
    from logreport.reporting.text import formatting as fmt
    from logreport.reporting.text import wording

    workloads = (*found.new_workloads, *found.gone_workloads)
    both = wording.on_both_data((w.benchmark, w.dataset) for w in workloads)
    kinds: tuple[tuple[str, Sequence[Any], Any], ...] = (
        ("device", found.new_devices, found.gone_devices),
        ("workload", [wording.workload_text(w, both) for w in found.new_workloads],
         [wording.workload_text(w, both) for w in found.gone_workloads]),
        ("run", [_run(row) for row in found.new_runs], [_run(row) for row in found.gone_runs]),
    )  # fmt: skip
    for kind, new, gone in kinds:
        for word, names in (("new", new), ("gone", gone)):
            if names:
                yield f"{word}: {fmt.count(len(names), kind)}"
                yield from _some([fmt.clean(name) for name in names])
    for kind, changes in (("device", found.changed_devices), ("run", found.changed_runs)):
        if changes:
            names = {change.name for change in changes}
            yield f"changed: {fmt.count(len(names), kind)}"
            yield from _some(
                [f"{fmt.clean(c.name)}: {c.what} {_said(c.old)} → {_said(c.new)}" for c in changes]
            )
    same = fmt.count(found.same_runs, "run")
    yield "both hold the same: " + same if found.empty else f"the same in both: {same}"


def _some(lines: Sequence[str]) -> list[str]:
    from logreport.reporting.text import formatting as fmt

    more = [f"and {fmt.count(len(lines) - _MOST, 'more', 'more')}"] if len(lines) > _MOST else []
    return [f"  {line}" for line in (*lines[:_MOST], *more)]


def _run(row: Any) -> str:  # noqa: ANN401 - a row of runs
    what = " ".join(str(row[name]) for name in ("benchmark", "model", "device") if row[name])
    return f"{row['run_id']} {what} {row['source']}:{row['first_line']}"


def _said(value: Any) -> str:  # noqa: ANN401 - any value of a table
    from logreport.reporting.text import formatting as fmt

    if isinstance(value, list):
        return ", ".join(map(_said, value)) or fmt.MISSING
    if isinstance(value, float):
        return fmt.number(value)
    return fmt.MISSING if value is None else fmt.clean(value)

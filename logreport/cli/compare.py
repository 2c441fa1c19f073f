"""`logreport compare`: is the new one slower? A verdict with its interval, and a gate for CI."""

import re
import sys
from pathlib import Path
from typing import NamedTuple

import click

from logreport.cli import options

EPILOG = """\b
Examples:
  logreport compare A=old/ B=new/
  logreport compare A=old1.log A=old2.log B=new1.log B=new2.log --fail-under -5%
  logreport compare main=main.log branch=branch.log --format md -o summary.md
  logreport compare README=README.md now=runs/ --published
  logreport compare A=tf1/ B=tf2/ --match xla --ignore host
  logreport compare runs/ plain='not xla' xla=xla --match "precision = 'fp16'"
  logreport compare --from lab.archive A="tag.version = '2.20'" B="tag.version = '2.21'"

The first label is what the others are divided by; several paths for one label: repeat it.
With logs that have no label, or an archive, labels are conditions on their runs.
Set-ups meet by what is known of them: device, TensorFlow release, XLA, mixed precision,
variable update, data format, optimizer, distortions, threads, interconnect; then host and
driver. --ignore and --match choose among these: framework_version, driver_version, …

\b
--fail-under -5% looks at the whole 95 % interval of each change, variation from
run to run included:
  all of it below -5 %   exit 3, a regression
  all of it above -5 %   exit 0
  across -5 %            exit 4: too few samples to tell
Two devices are never held against a limit, unless --ignore device asks for it.
One run a side cannot show how runs vary; 1 % (SD) is assumed. Where they vary by
2 %, one in three unchanged workloads is called different. So repeat each side, on
two days or more: runs of one day do not show how days differ.

\b
Exit status: 0 compared (and above the limit), 1 an input failed, 2 wrong usage, 3 regression,
4 not comparable, without interval, too few samples, or something of the first label is missing in another."""
_NAMES = re.compile(r"[\w\s,-]*")
_LABELLED = re.compile(r"([^=/\\]+)=(.+)", re.DOTALL)


class Sides(NamedTuple):
    """What each label means: paths, or conditions where there are logs to choose from."""

    labels: dict[str, list[str]]
    logs: tuple[str, ...]


def labelled(_context: click.Context, _option: click.Parameter, value: tuple[str, ...]) -> Sides:
    """Paths or conditions by label, and the logs without one."""
    labels: dict[str, list[str]] = {}
    logs: list[str] = []
    for argument in value:
        match = _LABELLED.fullmatch(argument)
        if match is None:
            logs.append(argument)
        else:
            labels.setdefault(match[1], []).append(match[2])
    if len(labels) < 2 and logs:
        raise click.BadParameter(f"{logs[0]!r} has no label; write A={logs[0] or 'PATH'}")
    if len(labels) < 2:
        raise click.BadParameter("two labels are needed; write A=OLD B=NEW")
    return Sides(labels, tuple(logs))


def names(_context: click.Context, option: click.Parameter, value: str) -> tuple[str, ...]:
    """A list such as `xla,host`; what must be the same may be a condition too."""
    if option.name == "match" and not _NAMES.fullmatch(value):
        return (value,)
    return tuple(dict.fromkeys(part.strip().replace("-", "_") for part in value.split(",") if part.strip()))


@click.command("compare", epilog=EPILOG, context_settings={"ignore_unknown_options": False})
@click.argument("sides", nargs=-1, required=True, metavar="[LOG…] A=OLD… B=NEW…", callback=labelled)
@click.option(
    "--from", "archive", metavar="ARCHIVE", help="Labels are conditions on the runs of this archive."
)
@options.where
@click.option(
    "--fail-under", metavar="PCT", callback=options.share, help="Lowest change that is accepted, such as -5%."
)
@click.option(
    "--margin",
    default="2%",
    show_default=True,
    metavar="PCT",
    callback=options.share,
    help="Called the same.",
)
@click.option(
    "--run-variation",
    default="1%",
    show_default=True,
    metavar="PCT",
    callback=options.share,
    help="SD that is assumed from run to run; repeats correct it.",
)
@click.option(
    "--format", "form", type=click.Choice(["table", "md", "json"]), default="table", show_default=True
)
@options.output
@click.option(
    "--published", is_flag=True, help="Speeds that documents publish count as results of their label."
)
@click.option(
    "--ignore", default="", metavar="FACTS", callback=names, help="Facts that do not count, such as xla,host."
)
@click.option(
    "--match",
    default="",
    metavar="FACTS",
    callback=names,
    help="Facts that must be the same, such as xla, or a condition on both sides.",
)
@options.across_batch_sizes
@options.grammars
@options.given
def command(
    sides: Sides, archive: str | None, where: str | None, fail_under: float | None, margin: float, run_variation: float, form: str,
    output: str | None, published: bool, ignore: tuple[str, ...], match: tuple[str, ...], across_batch_sizes: bool,  # noqa: FBT001 - click's flags
    grammars: tuple[Path, ...], given: tuple[str, ...],
) -> int:  # fmt: skip
    """Compare the runs of one label with those of another, workload by workload."""
    from logreport import api
    from logreport.cli import output as out
    from logreport.cli.answer import coloured, show, show_verdicts
    from logreport.reporting.verdicts.renderers import RENDERERS, answers, conclusion

    labels, logs = sides
    if logs:
        logs, archive = options.archive_among(logs, archive)
    if archive is not None:
        options.check_input(logs, archive, grammars, given)
    match, where = api.facts_and_condition(match, where)
    reading, label_of = api.read_labels(
        labels, logs=logs, archive=archive, where=where, grammars=grammars, given=given
    )
    ledger = out.ledger_sentence(reading.tables)
    found = api.compare_of(
        reading, labels, label_of, margin=margin, run_variation=run_variation, fail_under=fail_under,
        across_batch_sizes=across_batch_sizes, published=published, ignore=ignore, match=match,
    )  # fmt: skip
    own = {error.source for error in reading.errors if not error.exit_status}
    out.refuse_inputs(output, label_of.keys() - own)
    text = RENDERERS[form](found)
    on_terminal = form == "table" and out.terminal_width(output) is not None
    if on_terminal:
        show_verdicts(found, text)
    else:
        out.emit(text.encode("utf-8", "replace"), output)
    out.say(ledger)
    status = out.report_errors(reading.errors)
    if form != "table" or output not in (None, "-"):
        show(coloured("\n".join(answers(found))), sys.stderr)
        if found.exit_status:
            out.say(f"logreport: {conclusion(found)}")
    return status or found.exit_status

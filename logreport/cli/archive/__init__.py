"""`logreport archive`: keep logs and ask about them; one module per verb, loaded when it is called."""

import click

from logreport.cli.verbs import Verbs

VERBS = {
    "add": "Add logs: files, folders, patterns, archives, URLs.",
    "list": "List the runs.",
    "show": "Show all about one run, or its log.",
    "tag": "Tag runs, or write a note about them.",
    "query": "Ask in SQL.",
    "schema": "Say what the columns of the views mean.",
    "devices": "List every device ever seen, show one, or compare two.",
    "diff": "Say what is new, gone or changed between two archives or selections.",
    "export": "Write tables or logs to a folder.",
    "verify": "Hash everything; --repair mends what can be mended.",
    "reparse": "Make tables again that older code or grammars made.",
    "forget": "Remove logs and all that was made of them; --older-than for retention.",
    "compact": "Merge many small files into few.",
}
EPILOG = """\b
Examples:
  logreport archive add runs/ --tag host=lab7
  logreport archive list --where "batch_size >= 128"
  logreport archive query "select device, max(examples_per_second) from results group by device"

An archive is a folder, or a URL such as s3://bucket/logs; --archive or LOGREPORT_ARCHIVE
says which, else there is one in your data folder. docs/archive.md has the rest."""


@click.group("archive", cls=Verbs, verbs=VERBS, package=__name__, epilog=EPILOG)
def command() -> None:
    """Keep logs for good, and ask anything about them."""

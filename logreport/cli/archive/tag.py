"""`logreport archive tag`: say something about runs."""

import click

from logreport.cli.archive import options as own

EPILOG = """\b
Examples:
  logreport archive tag 3fa9c1 version=2.20 room=cold    the first digits of a run's id
  logreport archive tag 3fa9c1 room=                      take a tag away
  logreport archive tag 3fa9c1 77b0e2 --note "fan was broken"

What was said before is kept; what was said last counts."""


@click.command("tag", epilog=EPILOG)
@click.argument("words", nargs=-1, required=True, metavar="RUN… [KEY=VALUE]…")
@click.option("--note", metavar="TEXT", help="A sentence about these runs.")
@own.place
def command(words: tuple[str, ...], note: str | None, place: str) -> int:
    """Tag RUNs, or write a note about them."""
    from logreport.archive import Archive
    from logreport.archive.ingest.facts import tags_of
    from logreport.cli import output as out

    runs = [word for word in words if "=" not in word]
    tags = {key: value or None for key, value in tags_of(word for word in words if "=" in word).items()}
    if not runs or not (tags or note):
        raise click.UsageError("name runs, and what to say about them: RUN KEY=VALUE")
    archive = Archive(place)
    count = archive.tag(runs, tags, note)
    out.show(f"{out.plural(count, 'fact')} added about {out.plural(len(runs), 'run')}.")
    return own.finish(archive)

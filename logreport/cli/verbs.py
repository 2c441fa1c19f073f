"""A group of verbs, each a module of its own that is loaded when it is called."""

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click


class ReaderGoneError(Exception):
    """Nobody reads any more what is printed; click would take the system's own error for a failure."""


@contextmanager
def reader_gone() -> Iterator[None]:
    """Call a broken pipe by a name that click does not know.

    Raises:
        ReaderGoneError: for a broken pipe.
    """
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderGoneError from error


class Verbs(click.Group):
    """A group that imports a verb's module when the verb is called: `--help` stays fast.

    Args:
        verbs: what each does, the main job first.
        package: where their modules are.
        rest: what click takes.
    """

    def __init__(self, *, verbs: Mapping[str, str], package: str, **rest: Any) -> None:  # noqa: ANN401 - click's
        super().__init__(**rest)
        self.verbs, self.package = verbs, package

    def make_context(self, *words: Any, **rest: Any) -> click.Context:  # noqa: ANN401 - click's
        """As click's; `--help` prints here."""
        with reader_gone():
            return super().make_context(*words, **rest)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's
        with reader_gone():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in self.verbs:
            return None
        command: click.Command = importlib.import_module(f"{self.package}.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the verbs without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.verbs.items()))

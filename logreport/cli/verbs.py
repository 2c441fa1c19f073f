"""A group of verbs, each a module of its own that is loaded when it is called."""

import importlib
from collections.abc import Mapping
from typing import Any

import click


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

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The verbs."""
        return list(self.verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of a verb."""
        if cmd_name not in self.verbs:
            return None
        command: click.Command = importlib.import_module(f"{self.package}.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the verbs without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.verbs.items()))

"""Arguments of the tutorials between 2017-09-22 and 2018-01-04."""

from __future__ import annotations

import argparse
import inspect
from typing import Any


def install() -> None:
    """Have a parser that runs while a module is imported leave the arguments that it does not know.

    cifar10.py of those checkouts parses the command line when it is imported, before cifar10_train.py has added
    `--train_dir` and its other flags to the same parser: "unrecognized arguments", upstream's own mistake.
    """
    parse_args = argparse.ArgumentParser.parse_args

    def parse_known_when_imported(
        self: argparse.ArgumentParser,
        args: Any = None,  # noqa: ANN401 - as argparse has it
        namespace: Any = None,  # noqa: ANN401 - the same
    ) -> Any:  # noqa: ANN401 - the same
        frame = inspect.currentframe()
        caller = frame.f_back if frame else None
        if args is None and caller and caller.f_globals.get("__name__") != "__main__":
            return self.parse_known_args(None, namespace)[0]
        return parse_args(self, args, namespace)

    argparse.ArgumentParser.parse_args = parse_known_when_imported  # type: ignore[method-assign]  # that is the point

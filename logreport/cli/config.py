"""What a team always wants: defaults of options, from `logreport.toml` or `[tool.logreport]` in pyproject.toml."""

import importlib
from pathlib import Path
from typing import Any

import click

from logreport.errors import LogreportError

VERBS = ("report", "table", "compare")


class ConfigError(LogreportError):
    """A settings file that says something that no option knows."""

    exit_status = 2


def defaults(folder: Path) -> dict[str, dict[str, Any]]:
    """Defaults for each verb's options, from the settings file of a folder; empty where there is none.

    Raises:
        ConfigError: for a file that is no TOML, and for a table or key that is unknown.
    """
    source, found = _read(folder)
    if unknown := sorted(found.keys() - set(VERBS)):
        todo = f"known are {', '.join(f'[{verb}]' for verb in VERBS)}"
        raise ConfigError(f"unknown table or key {unknown[0]!r}", source=source, todo=todo)
    return {verb: _of_verb(verb, values, source) for verb, values in found.items()}


def _read(folder: Path) -> tuple[str, dict[str, Any]]:
    """The settings and the name of their file; logreport.toml goes before pyproject.toml."""
    own, project = folder / "logreport.toml", folder / "pyproject.toml"
    if own.is_file():
        return own.name, _toml(own)
    if project.is_file() and b"tool.logreport" in project.read_bytes():
        return project.name, _toml(project).get("tool", {}).get("logreport", {})
    return "", {}


def _toml(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"cannot be read ({error})", source=path.name, todo="mend it, or remove it"
        ) from error


def _of_verb(verb: str, values: object, source: str) -> dict[str, Any]:
    """The settings of one verb, by the names of its parameters."""
    command: click.Command = importlib.import_module(f"logreport.cli.{verb}").command
    options = {
        name.lstrip("-"): p
        for p in command.params
        if isinstance(p, click.Option)
        for name in p.opts
        if len(name) > 2
    }
    if not isinstance(values, dict):
        raise ConfigError(f"{verb!r} is no table", source=source, todo=f"write [{verb}] and its keys below")
    found = {}
    for key, value in values.items():
        option = options.get(key.replace("_", "-"))
        if option is None or option.name is None:
            todo = f"known are {', '.join(sorted(options))}"
            raise ConfigError(f"unknown key {key!r} in [{verb}]", source=source, todo=todo)
        found[option.name] = _value(value, many=option.multiple)
    return found


def _value(value: Any, *, many: bool) -> Any:  # noqa: ANN401 - any TOML value
    """A value as the command line would give it."""
    if many:
        return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
    if isinstance(value, list):
        return ",".join(map(str, value))
    return value if isinstance(value, bool) else str(value)

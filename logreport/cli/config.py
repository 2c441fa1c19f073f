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
        ConfigError: for a file that cannot be read or is no TOML, and for a table or key that is unknown.
    """
    source, found = _read(folder)
    if not isinstance(found, dict):
        todo = f"write [tool.logreport.{VERBS[0]}] and its keys below"
        raise ConfigError(f"'logreport' is no table but {found!r:.40}", source=source, todo=todo)
    if unknown := sorted(found.keys() - set(VERBS)):
        todo = f"known are {', '.join(f'[{verb}]' for verb in VERBS)}"
        raise ConfigError(f"unknown table or key {unknown[0]!r}", source=source, todo=todo)
    return {verb: _of_verb(verb, values, source) for verb, values in found.items()}


def _read(folder: Path) -> tuple[str, Any]:
    """The settings and the name of their file; logreport.toml goes before pyproject.toml."""
    own, project = folder / "logreport.toml", folder / "pyproject.toml"
    if own.is_file():
        return own.name, _toml(own, _content(own))
    # A pyproject.toml that does not speak of logreport is none of our business, whatever is wrong with it.
    if project.is_file() and b"logreport" in (content := _content(project)):
        tool = _toml(project, content).get("tool")
        return project.name, tool.get("logreport", {}) if isinstance(tool, dict) else {}
    return "", {}


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error


def _toml(path: Path, content: bytes) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except RecursionError as error:
        raise _unreadable(path, "its brackets are too deep") from error
    except ValueError as error:
        raise _unreadable(path, str(error)) from error


def _unreadable(path: Path, why: str) -> ConfigError:
    return ConfigError(f"cannot be read ({why})", source=path.name, todo="mend it, or remove it")


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
        try:
            found[option.name] = _value(value, option)
            option.process_value(click.Context(command), found[option.name])
        except click.UsageError as error:
            what = f"{key!r} in [{verb}] cannot be {value!r:.40}: {error.message.rstrip('.')}"
            raise ConfigError(what, source=source, todo="mend it, or remove it") from error
    return found


def _value(value: Any, option: click.Option) -> Any:  # noqa: ANN401 - any TOML value
    """A value as the command line would give it.

    Raises:
        click.UsageError: where the command line could not give it.
    """
    parts = value if isinstance(value, list) and not option.is_flag else [value]
    if not all(isinstance(part, str | int | float) and "\0" not in str(part) for part in parts):
        raise click.UsageError(
            "true or false is expected" if option.is_flag else "text or a number is expected"
        )
    if option.multiple:
        return tuple(map(str, parts))
    return value if isinstance(value, bool) else ",".join(map(str, parts))

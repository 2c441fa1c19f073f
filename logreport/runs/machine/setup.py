"""What else makes a set-up: XLA, mixed precision, distortions, threads, host and interconnect, each only where it is known.

What the runtime prints counts before the flags of the command, these before variables, and words around the log come
later; that a command names no flag is the weakest sign.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from logreport.grammar import Form
from logreport.runs.run import Run
from logreport.runs.scripts.common import SCRIPT_FILE, is_on, literal, whole
from logreport.scripts import official

_VARIABLE = re.compile(r"(?<![\w$])(TF_\w+)=(\"[^\"]*\"|'[^']*'|\S*)")
_AUTO_JIT = re.compile(r"--?tf_xla_auto_jit=(?:fusible|single-gpu\()?(-?[0-9]+|fusible)")
_MIXED = ("TF_ENABLE_AUTO_MIXED_PRECISION", "TF_ENABLE_AUTO_MIXED_PRECISION_GRAPH_REWRITE")
_WORD = r"(?<![A-Za-z0-9])(?P<no>(?:no|non|not|without)[-_ ]?)?(?:{})(?P<off>[-_ =]?(?:off|false|0))?(?![A-Za-z0-9])"
_WORDS = {
    "xla": re.compile(_WORD.format("xla"), re.IGNORECASE),
    "distortions": re.compile(_WORD.format("distort(?:ions?|ed)"), re.IGNORECASE),
}
_LINKS = re.compile(
    r"(?<![A-Za-z0-9])(?P<no>(?:no|non|not|without)[-_ ]?)?(?P<link>nvlink|nvswitch|infiniband|roce|pcie?[-_ ]?(?:gen)?[-_ ]?[1-6](?:\.0)?)(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_CALLED = {"nvlink": "NVLink", "nvswitch": "NVSwitch", "infiniband": "InfiniBand", "roce": "RoCE"}
# Of a log that holds TensorFlow's notices, silence says something: both are printed once where they are on.
_FROM = {"xla": (1, 15), "mixed_precision": (1, 14)}
_NOTICE = b"I"
_RELEASE = re.compile(r"([0-9]+)\.([0-9]+)")


class _Words(NamedTuple):
    """What words around a log say of its set-up; `links` between its devices."""

    xla: bool | None
    distortions: bool | None
    links: frozenset[str]


def setup_facts(
    run: Run, flags: dict[str, str], environment: Mapping[str, str], version: str | None
) -> dict[str, Any]:
    """Columns of the runs table.

    Args:
        run: the run.
        flags: those that its command gives to the script.
        environment: what log and record say of the machine, by key.
        version: the release, as printed or inferred.
    """
    variables = dict(_variables(run))
    known = official(run.benchmark).setup_flags
    is_command = bool(known) and SCRIPT_FILE.search(run.command) is not None
    of_path = _words_of(run.source)
    words = [*_words_of(run.heading), *of_path]  # the nearest first
    facts: dict[str, Any] = {"host": environment.get("host")}
    facts["interconnect"] = " + ".join(sorted(frozenset().union(*(part.links for part in of_path)))) or None
    facts["threads"] = whole(environment.get("intra_op_threads")) or _threads(flags, known.get("threads", ()))
    facts["distortions"] = _first(
        _flag(flags, known.get("distortions", ())), *(part.distortions for part in words)
    )
    release = _release_of_notices(run, version)
    for name, variable, said in (
        ("xla", _xla(variables), _first(*(part.xla for part in words))),
        ("mixed_precision", _mixed(variables), None),
    ):
        printed = True if environment.get(name) == "on" else None
        silent = False if release >= _FROM[name] else None
        default = False if is_command else None
        facts[name] = _first(printed, _flag(flags, known.get(name, ())), variable, silent, said, default)
    return {name: value for name, value in facts.items() if value is not None}


def _first(*values: bool | None) -> bool | None:
    return next((value for value in values if value is not None), None)


def _variables(run: Run) -> Iterator[tuple[str, str]]:
    """Variables of TensorFlow's that the command sets, and those that the record of the run holds."""
    if run.record is not None:
        yield from run.record.environment.items()
    for name, value in _VARIABLE.findall(run.command):
        yield name, value.strip("\"'")


def _xla(variables: Mapping[str, str]) -> bool | None:
    """Whether TF_XLA_FLAGS turns the compiler on; other flags there say nothing."""
    found = _AUTO_JIT.search(variables.get("TF_XLA_FLAGS", ""))
    return None if found is None else found[1] == "fusible" or int(found[1]) > 0


def _mixed(variables: Mapping[str, str]) -> bool | None:
    """Whether one of TensorFlow's two variables turns mixed precision on."""
    values = [variables[name] for name in _MIXED if variables.get(name)]
    return any(value.lower() not in ("0", "false") for value in values) if values else None


def _flag(flags: dict[str, str], names: tuple[str, ...]) -> bool | None:
    """Whether one of these flags is on; nothing of a flag whose value is a variable of the shell."""
    given = [name for name in names if name in flags and not (flags[name] and not literal(flags, name))]
    return any(is_on(flags, name) for name in given) if given else None


def _threads(flags: dict[str, str], names: tuple[str, ...]) -> int | None:
    """The number that a flag gives; 0 leaves it to the system."""
    return next((count for name in names if (count := whole(flags.get(name)))), None)


def _words_of(text: str) -> list[_Words]:
    """What the words of a name or a heading say, part by part of a path, the last first."""
    return list(filter(None, map(_words_in, reversed(text.split("/")))))


@functools.lru_cache(maxsize=1 << 12)  # logs share their folders
def _words_in(text: str) -> _Words | None:
    """The same of a part: the last word counts, `no-xla` is none. None where it says nothing."""
    said = {}
    for name, pattern in _WORDS.items():
        found = list(pattern.finditer(text))
        said[name] = not (found[-1]["no"] or found[-1]["off"]) if found else None
    links = [found["link"].lower() for found in _LINKS.finditer(text) if not found["no"]]
    names = frozenset(_CALLED.get(link) or f"PCIe {_generation(link)}" for link in links)
    words = _Words(said["xla"], said["distortions"], names)
    return None if words == _Words(None, None, frozenset()) else words


def _generation(link: str) -> str:
    return "".join(re.findall(r"[0-9]", link)[:1])


def _release_of_notices(run: Run, version: str | None) -> tuple[int, ...]:
    """The release whose notices the log of a run holds; none where it holds none."""
    found = _RELEASE.match(version or "")
    if found is None or not any(map(_is_notice_of_devices, run.forms)):
        return ()
    return int(found[1]), int(found[2])


@functools.lru_cache(maxsize=1 << 12)
def _is_notice_of_devices(form: Form) -> bool:
    """Whether a source file about devices printed lines of a form, and as notices."""
    return (
        form.kind.startswith("tensorflow.")
        and form.leaf.source_at is not None
        and b"device" in (form.raw("file") or b"")
        and form.raw("severity") == _NOTICE
    )

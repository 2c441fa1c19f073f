"""What stands around the results of a document: sections with their headings, the paragraphs in them, and commands."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from logreport.runs.headings import NEGATION, QUESTION, is_name
from logreport.runs.published import names
from logreport.runs.published.columns import Around, said_by
from logreport.runs.published.quantities import Measure, unit_said
from logreport.runs.scripts.common import flags_of, is_on, whole

Facts = dict[str, Any]
NEAR = 3  # lines; a paragraph so near above a table is its caption
MOST_WORDS, LONGEST = 40, 400  # words and characters of a line that is looked at for a unit or names
MOST_LINES = 10  # of a caption
PROCESSOR = "processor"  # a setting, which is the device where no card is named
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
SETTING = re.compile(
    r"\W*(?P<what>[CGT]PUs?|graphics cards?|devices?|hardware|cards?|accelerators?|machines?|instances?|models?|networks?|precision"
    r"|(?:mini)?-?batch[ _-]?size)(?:\s*\([^)]*\))?\W{0,4}[:=]\W*(?P<value>\w.*)",
    re.IGNORECASE,
)
# A heading of another quantity ends the search for a unit further out.
QUANTITY = re.compile(
    r"\b(?:accuracy|loss|errors?|memory|power|energy|speed-?ups?|scaling|efficiency|latency|times?|durations?|costs?|prices?"
    r"|parameters?|flops|utili[sz]ation|requirements?)\b",
    re.IGNORECASE,
)
# What a section of such a name says of the machine holds for the sections beside it.
SETUP = re.compile(
    r"\b(?:hardware|systems?|environments?|(?:test )?set-?ups?|machines?|test ?beds?|configurations?|specs?|specifications?"
    r"|platforms?)\b",
    re.IGNORECASE,
)
LETTERS_V = re.compile(r"(?<=[a-z])v(?=\d)")
UNIT_NOTE = re.compile(
    r"\W*(?:units?|all (?:numbers|values|results|figures)|numbers|values)\b", re.IGNORECASE
)
KEYS: dict[str, Callable[[str], list[Any]]] = {
    "model": names.models_in,
    "device": names.devices_in,
    "framework": names.frameworks_in,
    "phase": names.phases_in,
    "num_devices": lambda text: [count] if (count := names.count_in(text)) else [],
    "precision": lambda text: [found] if (found := names.precision_in(text)) else [],
    "batch_size": lambda text: [size] if (size := names.batch_in(text)) else [],
}


@dataclass
class OpenSection:
    """A section: its level and heading, and what its text and its commands that made no run have said so far.

    Args:
        level: of the heading.
        heading: its text.
        unit: what the last line that gives a unit gives.
        settings: what lines such as `GPU: Titan X` name.
        seen: all names of a kind in other lines.
        commanded: what all commands say alike; None before the first.
        is_empty: whether nothing stands below its heading.
        has_results: whether a result or a table does.
    """

    level: int = 0
    heading: str = ""
    unit: Measure | None = None
    settings: Facts = field(default_factory=dict)
    seen: dict[str, set[Any]] = field(default_factory=dict)
    commanded: Facts | None = None
    waiting: list[str] = field(default_factory=list)  # lines that no result has asked for yet
    is_empty: bool = True
    has_results: bool = False

    def take(self, settings: Facts) -> None:
        """Take the settings of a section below; where two of them contradict each other, neither."""
        for name, value in settings.items():
            self.settings[name] = value if self.settings.get(name, value) == value else None

    def read(self) -> "OpenSection":
        """Itself, with all lines looked at."""
        for text in self.waiting:
            self.unit = unit_said(text) or self.unit
            if setting := SETTING.fullmatch(text):
                facts = said_by(f"{setting['what']}: {setting['value']}")
                if setting["what"].lower() == "cpu" and "device" in facts:
                    facts[PROCESSOR] = facts.pop("device")
                self.settings |= facts
            elif is_plain(text):
                for name in ("device", "num_devices", "precision", "batch_size"):
                    names_so_far = self.seen.setdefault(name, set())
                    if len(names_so_far) < 2:
                        names_so_far.update(KEYS[name](text))
        self.waiting.clear()
        return self


@dataclass
class Context:
    """The sections that are open, the outermost first, and the paragraph that was read last."""

    sections: list[OpenSection] = field(default_factory=lambda: [OpenSection()])
    last: list[tuple[int, str]] = field(default_factory=list)
    reach: int = 0  # the last line of the list that the paragraph introduces
    precision: str | None = None
    dataset: str | None = None

    def enter(self, level: int, heading: str) -> None:
        """A heading: it closes the sections that are not above it; one with nothing below it is a line of text."""
        while len(self.sections) > 1 and self.sections[-1].level >= level:
            closed = self.sections.pop()
            if closed.is_empty:
                self.sections[-1].waiting.append(closed.heading)
                self.sections[-1].is_empty = False
            elif SETUP.search(closed.heading) and not closed.has_results:
                self.sections[-1].take(closed.read().settings)
        self.sections.append(OpenSection(level, heading))
        self.last = []

    def say(self, line: int, text: str) -> None:
        """A line of text."""
        if len(text) <= LONGEST and len(text.split()) <= MOST_WORDS:
            self.sections[-1].waiting.append(text)
        if self.last and line > self.last[-1][0] + 1:
            self.last = []
        self.last = [*self.last[-MOST_LINES:], (line, text)]
        self.reach = line

    def command(self, arguments: str) -> None:
        """A command that printed no log."""
        flags = flags_of(arguments)
        facts = {
            "model": flags.get("model"),
            "batch_size": whole(flags.get("batch_size")),
            "num_devices": whole(flags.get("num_gpus")),
            "precision": "fp16" if is_on(flags, "use_fp16") else None,
        }
        section = self.sections[-1]
        before = facts if section.commanded is None else section.commanded
        section.commanded = {
            name: value for name, value in facts.items() if value and before.get(name) == value
        }

    def forget_command(self) -> None:
        """A log came after the commands, which are its own."""
        self.sections[-1].commanded = None

    def reach_to(self, line: int) -> None:
        """An item of a list, which goes on."""
        self.reach = line if line - self.reach <= NEAR else self.reach

    def around(self, line: int, *, below: str = "") -> tuple[Around, Facts]:
        """What is said around a result, and what of it a command says otherwise than the text.

        Args:
            line: of the result.
            below: the text that follows it; it may say the unit.
        """
        caption = [text for _, text in self.last] if line - self.reach <= NEAR else []
        said: Facts = {}
        for nearer in (*self.of_sections(), of_caption(caption)):
            said |= {name: fuller(name, said.get(name), value) for name, value in nearer.items()}
        # The cards count where any are named.
        processor = said.pop(PROCESSOR, None)
        if "device" not in said and not any(section.seen.get("device") for section in self.sections):
            said["device"] = processor
        commanded = self.sections[-1].commanded or {}
        model = said.get("model")
        is_other = model and "model" in commanded and differ(model, commanded["model"])
        against = {"model": model} if is_other else {}
        said = {"precision": self.precision, "dataset": self.dataset, **said, **commanded}
        facts = {name: value for name, value in said.items() if value is not None}
        self.sections[-1].has_results = True
        return Around(self.measure(caption, below), facts), against

    def measure(self, caption: list[str], below: str) -> Measure | None:
        """The unit that is said nearest: above the result, in its section, in the headings, or below it."""
        if found := unit_said(" ".join(caption)[-LONGEST:]):
            return found
        for section in reversed(self.sections):
            if found := section.read().unit or unit_said(section.heading):
                return found
            if QUANTITY.search(section.heading):
                break
        notes = (unit_said(text) for text in below.split("\n") if UNIT_NOTE.match(text))
        return next(filter(None, notes), None)

    def of_sections(self) -> Iterator[Facts]:
        """What headings and settings name, the outermost first, then the text of the innermost section where it names one."""
        settled: set[str] = set()
        for section in self.sections:
            yield of_heading(section.heading)
            yield section.read().settings
            settled |= section.settings.keys()
        seen = self.sections[-1].seen
        yield {
            name: next(iter(found)) for name, found in seen.items() if len(found) == 1 and name not in settled
        }


def of_heading(heading: str) -> Facts:
    """What a heading names; None where it names several of a kind, which ends what those further out say."""
    said: Facts = {}
    for name, find in KEYS.items():
        if not heading or (name == "device" and not is_name(heading)):
            continue
        found = find(heading)
        if name == "model" and not found and (tutorial := names.model_in(heading)):
            found = [tutorial]  # of a data set
        if found:
            said[name] = names.only(found)
    return said


def differ(one: str, other: str) -> bool:
    """Whether two names are of different networks; `Inception-V3` and `inception3` are one, `ResNet` may be `ResNet-50`.

    >>> differ("Inception-V3", "inception3"), differ("resnet50", "ResNet-50 v1.5"), differ("resnet10", "resnet101")
    (False, False, True)
    """
    short, long = sorted((LETTERS_V.sub("", names.key_of(name)) for name in (one, other)), key=len)
    rest = long.removeprefix(short)
    return short != long and (rest == long or (rest[0].isdigit() and short[-1].isdigit()))


def fuller(name: str, before: Any, now: Any) -> Any:  # noqa: ANN401 - a name or a number
    """What is said nearer, or the fuller spelling of the same: `K80` says less than `Tesla K80`, `ResNet` than `ResNet-50`."""
    if not isinstance(before, str) or not isinstance(now, str):
        return now
    same = not differ(before, now) if name == "model" else names.key_of(before) == names.key_of(now)
    if name == "framework":
        same = names.RELEASE.sub("", before).lower() == now.lower()
    return max(before, now, key=len) if same else now


def is_plain(text: str) -> bool:
    """Whether a line says what is, and neither asks, denies nor compares."""
    return not any(pattern.search(text) for pattern in (QUESTION, NEGATION, names.COMPARES))


def of_caption(caption: list[str]) -> Facts:
    """What the paragraph above a result names: all of a short one, of a long one its last sentence."""
    text = " ".join(caption)
    if len(text.split()) > MOST_WORDS or not is_plain(text):
        text = SENTENCE.split(caption[-1])[-1] if caption else ""
    if not is_plain(text) or len(text.split()) > MOST_WORDS:
        return {}
    phase = names.only(names.phases_in(text))
    return said_by(text) | ({"phase": phase} if phase else {})

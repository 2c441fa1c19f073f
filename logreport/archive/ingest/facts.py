"""Facts about logs and runs: tags, notes, and other paths under which a log was added; the last word counts."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from logreport.archive.ingest.derive import now
from logreport.archive.storage import commits
from logreport.archive.storage.layout import Arrow, arrow_of_rows, parquet_file
from logreport.archive.storage.snapshot import Snapshot
from logreport.archive.storage.succession import FORGOTTEN, LONG_AGO, SKEW, mark_of, unreplaced
from logreport.errors import UsageError

About = tuple[str | None, ...]
KEY = re.compile(r"[a-z][a-z0-9_]*")
RULE = "a key has small letters, digits and _, such as version=2.20"

Tags = dict[str, dict[str, str | None]]  # tags by key, of each log or run; None where one was taken away


class Fact(NamedTuple):
    """One row of the table `facts`."""

    log_sha256: str | None
    run_id: str | None
    kind: str
    key: str | None
    value: str | None
    said_at: datetime
    replaces: str | None = None

    @property
    def about(self) -> About:
        """What a later fact takes the place of: the same tag of the same run or log; a note stands for itself."""
        return (*self[:4], None if self.kind in ("tag", FORGOTTEN) else self.value)

    @property
    def mark(self) -> str:
        """What later facts about the same name it by."""
        return mark_of((self.value, self.said_at, self.replaces))

    @property
    def order(self) -> tuple[datetime, str]:
        """Of facts whose writers did not see each other's the last of these holds."""
        return self.said_at or LONG_AGO, self.value or ""


def tags_of(words: Iterable[str]) -> dict[str, str]:
    """Tags from `key=value`.

    Raises:
        UsageError: where a word is no such pair, or its key cannot be written in SQL.
    """
    found = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not KEY.fullmatch(key):
            raise UsageError(f"{word!r} is no tag", todo=f"write key=value; {RULE}")
        found[key] = value
    return found


def check(tags: Mapping[str, str | None], note: str | None = None) -> None:
    """Say what cannot be kept, before anything is written.

    Raises:
        UsageError: where a key cannot be written in SQL, or a value or the note is no text that UTF-8 knows.
    """
    for key, value in tags.items():
        if not isinstance(key, str) or not KEY.fullmatch(key):
            raise UsageError(f"{key!r} is no key of a tag", todo=RULE)
        check_text(value, f"the value of the tag {key!r}")
    check_text(note, "the note")


def check_text(text: object, what: str) -> None:
    """Say what is no text.

    Raises:
        UsageError: where it is none.
    """
    try:
        sound = text is None or (isinstance(text, str) and text.encode() is not None)
    except UnicodeEncodeError:
        sound = False
    if not sound:
        raise UsageError(f"{what} is {text!r:.40}", todo="write text in UTF-8")


def arrow_of_facts(facts: Iterable[Fact]) -> Arrow:
    return arrow_of_rows("facts", (fact._asdict() for fact in facts))


def facts_file(facts: Sequence[Fact]) -> tuple[str, bytes]:
    """Path and content of a Parquet file of facts."""
    return parquet_file("facts", arrow_of_facts(facts))


def replacements(before: Arrow, after: Arrow) -> list[Fact]:
    """What to say where runs are called otherwise now: rows of `runs` of the same logs, read twice.

    A run is the same where it begins at the same line of the same log.
    """
    old = {(row["log_sha256"], row["first_line"]): row["run_id"] for row in before.to_pylist()}
    new = {(row["log_sha256"], row["first_line"]): row["run_id"] for row in after.to_pylist()}
    kept, at = set(new.values()), now()
    return [
        Fact(place[0], new[place], "replaces", None, run, at)
        for place, run in old.items()
        if place in new and run not in kept
    ]


def present_ids(facts: Iterable[Fact]) -> dict[str | None, str]:
    """The id by which each run is called now that was called otherwise, by each id that it had."""
    later = {
        fact.value: fact.run_id for fact in facts if fact.kind == "replaces" and fact.value and fact.run_id
    }
    found: dict[str | None, str] = {}
    for old, new in later.items():
        seen, run = {old}, new
        while run in later and run not in seen:
            seen.add(run)
            run = later[run]
        found[old] = run
    return found


def heads_of(rows: Arrow) -> dict[About, list[Fact]]:
    """The facts that no other takes the place of, by what they are about; the last of several holds.

    What was said about a run by an id that it had is about the run: `about` has the id that it has now.
    """
    facts = [Fact(**row) for row in rows.to_pylist()]
    present = present_ids(facts)
    found: dict[About, list[Fact]] = {}
    for fact in facts:
        found.setdefault(fact._replace(run_id=present.get(fact.run_id, fact.run_id)).about, []).append(fact)
    for about, said in found.items():
        if len(said) > 1:
            heads = unreplaced({fact.mark: fact for fact in said}, (fact.replaces for fact in said))
            found[about] = sorted(heads, key=lambda fact: fact.order)
    return found


def standing(rows: Arrow) -> list[Fact]:
    """The facts that hold now, of the rows of the table `facts`, each about the id that its run has now."""
    return [heads[-1]._replace(run_id=about[1]) for about, heads in heads_of(rows).items()]


def news(said: Iterable[Fact], known: Mapping[About, Sequence[Fact]]) -> list[Fact]:
    """Those that say what is not known yet, each once, and what they take the place of.

    What is known since a moment that has not come yet is said again: a clock was wrong.
    """
    new = []
    for about, fact in {fact.about: fact for fact in said}.items():
        heads = known.get(about, ())
        if not heads or heads[-1].value != fact.value or heads[-1].order[0] > fact.said_at + SKEW:
            new.append(fact._replace(replaces=" ".join(head.mark for head in heads) or None))
    return new


def told(
    log: str | None, run: str | None, tags: Iterable[tuple[str, str | None]], note: str | None
) -> list[Fact]:
    """Tags and a note of a log, or of a run, as facts."""
    at = now()
    said = [Fact(log, run, "tag", key, value, at) for key, value in tags]
    return said if note is None else [*said, Fact(log, run, "note", None, note, at)]


def say(snapshot: Snapshot, runs: Sequence[str], tags: Mapping[str, str | None], note: str | None) -> int:
    """Add what is new of some tags and a note about runs; returns how much it is.

    Raises:
        ArchiveError: where the archive cannot be read or written.
    """
    said = [fact for run in runs for fact in told(None, run, tags.items(), note)]
    new = news(said, heads_of(snapshot.rows("facts")))
    if new:
        commits.write(snapshot.store, [facts_file(new)])
    return len(new)


def tags_in(snapshot: Snapshot) -> tuple[Tags, Tags]:
    """The tags of logs by their SHA-256, and those of runs by their id, which go before them."""
    logs: Tags = defaultdict(dict)
    runs: Tags = defaultdict(dict)
    for fact in standing(snapshot.rows("facts")):
        if fact.kind == "tag" and fact.key is not None:
            if fact.run_id is not None:
                runs[fact.run_id][fact.key] = fact.value
            elif fact.log_sha256 is not None:
                logs[fact.log_sha256][fact.key] = fact.value
    return logs, runs


def tag_keys(*tags: Tags) -> list[str]:
    return sorted({key for some in tags for own in some.values() for key in own})

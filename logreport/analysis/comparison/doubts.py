"""What a comparison inherits from its runs: their findings, and networks that differ in a layer."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from logreport.analysis.comparison.pooling import Member
from logreport.analysis.measurement.phases import Key, Row, by_run, whole
from logreport.analysis.results import Remark
from logreport.tables.findings import KINDS
from logreport.tables.tables import Tables

_SHOWN = ("error", "warning")
Layers = dict[Key, dict[str, Row]]


class Doubts:
    """What is known against the runs of some tables, read once for many comparisons."""

    def __init__(self, tables: Tables) -> None:
        self._layers = layers_of(tables)
        self._findings: dict[Key, list[Row]] = defaultdict(list)
        for row in tables.rows("findings"):
            if row["severity"] in _SHOWN:
                self._findings[row["run_id"], row["source"]].append(row)

    def between(self, base: Sequence[Member], side: Sequence[Member]) -> tuple[Remark, ...]:
        """What was found about the runs of a comparison, and layers that differ."""
        layers = (Remark("layer", (n, a["shape"], b["shape"])) for n, a, b in self._different(base, side))
        return (*self._about(base, "baseline"), *self._about(side, "run"), *layers)

    def other_network(self, base: Sequence[Member], side: Sequence[Member]) -> Remark | None:
        """Why two runs are not of one network, by their layers; a size that differs by 1 is a matter of padding."""
        for name, a, b in self._different(base, side):
            sizes = [sorted(map(whole, _inner(row).split("x"))) for row in (a, b)]
            if len(sizes[0]) != len(sizes[1]) or any(abs(x - y) > 1 for x, y in zip(*sizes, strict=True)):
                return Remark("other-network", (name, a["shape"], b["shape"]))
        return None

    def _different(self, base: Sequence[Member], side: Sequence[Member]) -> Iterator[tuple[str, Row, Row]]:
        """Layers of both that differ; most logs name none."""
        if self._layers:
            own, other = (self._layers.get(key_of(x[0]), {}) for x in (side, base))
            yield from different(own, other)

    def about(self, member: Member) -> list[Row]:
        """Errors and warnings about a phase, or about its run as a whole."""
        where = None, member.phase.row["phase"]
        return [row for row in self._findings.get(key_of(member), ()) if row["phase"] in where]

    def errors(self, member: Member) -> list[Row]:
        """What makes the number of a phase no result; what is about the whole run first."""
        found = (row for row in self.about(member) if row["severity"] == "error")
        return sorted(found, key=lambda row: row["phase"] is not None)

    def is_sound(self, side: Sequence[Member]) -> bool:
        """Whether nothing was found about the runs of a side that keeps it out of means."""
        found = (row for m in side for row in self.about(m))
        return all(row["severity"] != "error" and _is_averaged(row["code"]) for row in found)

    def _about(self, side: Sequence[Member], what: str) -> Iterator[Remark]:
        """Warnings and errors about the runs of one side, each code once."""
        told: set[str] = set()
        for row in (row for m in side for row in self.about(m)):
            if row["code"] in KINDS.keys() - told:
                told.add(row["code"])
                yield remark_on(what, row)


def _is_averaged(code: str) -> bool:
    return code not in KINDS or KINDS[code].averaged


def remark_on(what: str, row: Row) -> Remark:
    """A finding about one side of a comparison, with what its words are made of."""
    return Remark("finding", (what, row["code"], row["details"], row["message"]))


def key_of(member: Member) -> Key:
    """(run_id, source) of a member."""
    return member.phase.row["run_id"], member.phase.row["source"]


def layers_of(tables: Tables) -> Layers:
    """Layers by run and name."""
    return {key: {str(r["name"]): r for r in rows} for key, rows in by_run(tables, "layers").items()}


def different(own: dict[str, Row], other: dict[str, Row]) -> Iterator[tuple[str, Row, Row]]:
    """Layers of both whose shapes differ in anything but the batch, which comes first."""
    for name, row in own.items():
        if name in other and _inner(row) != _inner(other[name]):
            yield name, row, other[name]


def _inner(row: Row) -> str:
    """A shape without its batch dimension."""
    return str(row["shape"]).partition("x")[2]

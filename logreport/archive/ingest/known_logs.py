"""Which logs an archive has already: looked up for every log that is added, so it is small and fast."""

import functools
from collections.abc import Collection, Iterable

from logreport.archive.ingest.facts import About, Fact, heads_of
from logreport.archive.storage.layout import Arrow, one_of
from logreport.archive.storage.snapshot import Snapshot
from logreport.archive.storage.store import Store
from logreport.archive.storage.succession import replaced_by_next


class KnownLogs:
    """The logs of an archive and what is said about them, as they were at one moment.

    Args:
        snapshot: that moment.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        import numpy as np

        rows = snapshot.kept(["sha256", "source"])  # what is missing is not known: it can be added again
        digests = np.array(rows.column("sha256").to_pylist(), "S64")
        order = np.argsort(digests, kind="stable")
        self.digests, self.sources = digests[order], rows.column("source").take(order)
        self.snapshot = snapshot
        self.added: dict[str, set[str]] = {}  # by this process since that moment: digests and their names

    def is_forgotten(self, sha256: str) -> bool:
        """Whether it was forgotten, and not added again since by this process."""
        return sha256 in self.snapshot.forgotten.logs and sha256 not in self.added

    def names(self, sha256: str) -> set[str] | None:
        """The paths under which some content was added; None where it was not."""
        import numpy as np

        first, last = (
            int(np.searchsorted(self.digests, sha256.encode(), side)) for side in ("left", "right")
        )
        if first == last and sha256 not in self.added:
            return None
        return {*self.sources[first:last].to_pylist(), *self.added.get(sha256, ())}

    def add(self, items: Iterable[tuple[str, str]]) -> None:
        """Take in what this process has added: digests and paths."""
        for sha256, name in items:
            self.added.setdefault(sha256, set()).add(name)

    @functools.cached_property
    def _facts(self) -> Arrow:
        return self.snapshot.rows("facts")

    def facts(self, logs: Collection[str]) -> dict[About, list[Fact]]:
        """The facts about some logs that no other takes the place of."""
        return heads_of(self._facts.filter(one_of("log_sha256", logs)))

    @functools.cached_property
    def _lost(self) -> frozenset[str]:
        """Logs that have rows and no bytes."""
        import numpy as np

        read = np.array(self.snapshot.read("lines", ["log_sha256"]).column(0).to_pylist(), "S64")
        return frozenset(digest.decode() for digest in np.setdiff1d(read, self.digests).tolist())

    def replaced_by(self, logs: Collection[str]) -> dict[str, str]:
        """What rows that are made of these logs now take the place of: few of them have any."""
        again = [log for log in logs if log in self._lost or self.names(log) is not None]
        return replaced_by_next(self.snapshot.readings(again)) if again else {}


@functools.lru_cache(maxsize=1)
def known_of(url: str, moment: str) -> KnownLogs:  # noqa: ARG001 - another call of add looks again
    """What an archive knew when a call of `add` began; loaded once in each worker process."""
    return KnownLogs(Snapshot(Store(url)))

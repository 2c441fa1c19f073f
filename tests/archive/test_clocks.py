"""A clock that was wrong: what is said afterwards counts, in whatever order copies, writers and compactions come."""

import shutil
from datetime import UTC, datetime

import pytest
from archive_logs import files, log_text, state, write_logs
from hypothesis import given, settings
from hypothesis import strategies as st

from logreport import Archive
from logreport.archive.ingest import derive as making
from logreport.archive.ingest.adding import Adding
from logreport.archive.ingest.known_logs import known_of

YEARS = {"past": 1999, "now": 2026, "later": 2027, "future": 2062}


class Clock(datetime):
    """A clock that shows what a test sets; it stands still."""

    moment = datetime(2026, 1, 1, tzinfo=UTC)

    @classmethod
    def now(cls, tz=None):
        """The moment that was set."""
        return cls.moment.astimezone(tz)


@pytest.fixture
def clock(monkeypatch):
    """Set the clock of all that writes into archives to a year."""
    monkeypatch.setattr(making, "datetime", Clock)

    def set_to(year):
        Clock.moment = datetime(YEARS.get(year, year), 1, 1, tzinfo=UTC)

    set_to("now")
    return set_to


@pytest.fixture
def lab(tmp_path, clock):
    """An archive of two logs, added by a machine of the present."""
    clock("now")
    Archive(tmp_path / "lab", create=True).add(write_logs(tmp_path / "runs", range(2)))
    return tmp_path / "lab"


def rooms(place):
    """The tag `room` of each run, by pandas and by SQL, which agree."""
    archive = Archive(place)
    found = archive.runs()["tag.room"].fillna("none").tolist()
    asked = archive.query("SELECT coalesce(tag.room, 'none') AS room FROM runs JOIN lines USING (source)")[
        "room"
    ]
    assert sorted(asked) == sorted(found)
    return found


def copy(source, target):
    """Merge an archive into another one, or make a copy of it."""
    shutil.copytree(source, target, dirs_exist_ok=True)
    return target


@pytest.mark.parametrize("then", ["past", "now"])
@pytest.mark.parametrize("first", ["future", "now", "past"])
def test_a_tag_that_was_said_later_counts(lab, clock, first, then):
    """By the order in which they were said; no clock makes a tag stay for ever. Compacting changes nothing."""
    run = Archive(lab).runs()["run_id"][0]
    for year, room in ((first, "cold"), (then, "warm"), (then, None), (then, "hot")):
        clock(year)
        assert Archive(lab).tag([run], {"room": room}) == 1
        assert rooms(lab)[0] == (room or "none")
    Archive(lab).compact()
    Archive(lab).repair(grace=0)
    assert rooms(lab)[0] == "hot"
    clock(first)
    Archive(lab).tag([run], {"room": "cold"})
    assert rooms(lab)[0] == "cold"


def test_tags_of_logs_too(lab, clock, tmp_path):
    """Those that `add` gives; what is known already is said again only where it is dated in the future."""
    log = str(tmp_path / "runs" / "0.log")
    clock("future")
    Archive(lab).add(log, tags={"room": "cold"})
    clock("now")
    assert Archive(lab).add(log, tags={"room": "warm"}).facts == 1
    assert rooms(lab) == ["warm", "none"]
    assert Archive(lab).add(log, tags={"room": "warm"}).facts == 0


def test_two_who_did_not_see_each_other(lab, clock, tmp_path):
    """Of two statements in two copies that of the later time counts, however often each was said; then what follows."""
    run = Archive(lab).runs()["run_id"][0]
    other = copy(lab, tmp_path / "other")
    for room in ("cold", "warm", "cold"):
        Archive(lab).tag([run], {"room": room})
    clock("later")
    Archive(other).tag([run], {"room": "hot"})
    merged = copy(other, copy(lab, tmp_path / "merged"))
    back = copy(lab, copy(other, tmp_path / "back"))
    assert rooms(merged)[0] == rooms(back)[0] == "hot"
    clock("past")
    Archive(merged).tag([run], {"room": "last"})
    assert rooms(copy(lab, merged))[0] == "last"
    assert rooms(copy(other, merged))[0] == "last"


def test_one_who_writes_at_the_same_time(lab, clock, tmp_path):
    """An addition that began before a tag was said has not seen it: the time decides, and a third one over both."""
    log = str(tmp_path / "runs" / "0.log")
    clock("later")
    slow = Adding(str(lab), tags=(("room", "slow"),))
    known_of(slow.url, slow.moment)
    clock("now")
    Archive(lab).add(log, tags={"room": "quick"})
    clock("later")
    slow.work([log])
    assert rooms(lab)[0] == "slow"
    clock("past")
    Archive(lab).add(log, tags={"room": "third"})
    assert rooms(lab)[0] == "third"


@pytest.mark.parametrize("then", ["past", "now"])
def test_reading_again_counts(lab, clock, then, monkeypatch):
    """Rows that a clock of the future dated give way to those that are made now, and are not made again and again."""
    clock("future")
    Archive(lab).reparse(every=True)
    assert any("2 readings of logs are dated in the future" in str(p) for p in present(clock, lab).problems)
    clock(then)
    before = state(lab)
    monkeypatch.setattr("logreport.archive.ingest.derive.__version__", "0.0.9")
    assert Archive(lab).reparse(every=True).logs == 2
    assert set(Archive(lab).table("lines")["made_by"]) == {"0.0.9"}
    monkeypatch.undo()
    monkeypatch.setattr(making, "datetime", Clock)
    assert Archive(lab).reparse().logs == 2
    assert Archive(lab).reparse().logs == 0
    Archive(lab).compact()
    assert Archive(lab).reparse().logs == 0
    assert Archive(lab).compact().merged == 0
    Archive(lab).repair(grace=0)
    assert Archive(lab).table("lines")["derived_at"].dt.year.tolist() == [YEARS[then]] * 2
    assert state(lab) == before
    assert present(clock, lab).problems == []


def test_an_old_copy_changes_nothing(lab, clock, tmp_path):
    """What came of a reading that is gone stays replaced where a copy brings it back."""
    clock("future")
    Archive(lab).reparse(every=True)
    old = copy(lab, tmp_path / "old")
    clock("now")
    for _ in range(2):
        Archive(lab).reparse(every=True)
        Archive(lab).repair(grace=0)
    assert not files(lab).keys() >= set(Archive(old).files("lines"))
    copy(old, lab)
    assert Archive(lab).table("lines")["derived_at"].dt.year.tolist() == [YEARS["now"]] * 2
    Archive(lab).compact()
    assert Archive(lab).table("lines")["derived_at"].dt.year.tolist() == [YEARS["now"]] * 2


def test_a_log_that_was_lost_and_a_record_that_came_late(lab, clock, tmp_path):
    """Added again by a clock of the past, their rows take the place of those that are there; the last record counts."""
    record = tmp_path / "runs" / "0.run.json"
    log = str(record.with_name("0.log"))
    for year, key in (("future", "a1"), ("past", "a2")):
        clock(year)
        record.write_text(f'{{"logreport_run": 1, "{key}": 1}}')
        Archive(lab).add(log)
        assert Archive(lab).table("lines").set_index("source")["derived_at"][log].year == YEARS[year]
        clock("now")
        (error,) = Archive(lab).reparse(every=True).errors
        assert f"{key} is unknown" in str(error)
    kept = Archive(lab).table("logs").set_index("sha256")
    used = Archive(lab).table("lines").set_index("source")["record_sha256"][log]
    assert Archive(lab).store.get(kept["pack"][used])
    assert kept["bytes"][used] == len(record.read_bytes())
    for path in [path for path in files(lab) if path.startswith("logs/")]:
        Archive(lab).store.remove([path])
    Archive(lab).repair(grace=0)
    clock("past")
    assert Archive(lab).add(tmp_path / "runs").logs == 2
    assert Archive(lab).table("lines")["derived_at"].dt.year.tolist() == [YEARS["past"]] * 2


def present(clock, place):
    """What `verify` finds by a clock that is right."""
    clock("now")
    return Archive(place).verify()


def test_verify_finds_a_clock_of_the_future(lab, clock):
    """It says what is dated so and what to do; then all is well."""
    run = Archive(lab).runs()["run_id"][0]
    clock("future")
    Archive(lab).tag([run], {"room": "cold"}, note="from the future")
    (problem,) = present(clock, lab).problems
    assert str(problem).startswith(
        f"{lab}: 2 facts are dated in the future, up to 2062-01-01 00:00 UTC: a clock is wrong;"
    )
    assert Archive(lab).tag([run], {"room": "cold"}, note="from the future") == 2
    assert present(clock, lab).problems == []
    assert rooms(lab)[0] == "cold"


def test_an_archive_of_before(lab, clock):
    """Facts and readings that name nothing that they replace: the last by their time, and what is said now over them."""
    run = Archive(lab).runs()["run_id"][0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "logreport.archive.ingest.facts.unreplaced", lambda heads, _replaces: list(heads.values())
        )
        patch.setattr("logreport.archive.ingest.facts.Fact._replace", lambda fact, **_: fact)
        patch.setattr("logreport.archive.maintenance.reparsing.replaced_by_next", lambda _rows: {})
        for year, room in (("past", "old"), ("future", "cold"), ("now", "warm")):
            clock(year)
            Archive(lab).tag([run], {"room": room})
        Archive(lab).reparse(every=True)
    assert Archive(lab).table("facts")["replaces"].isna().all()
    assert Archive(lab).table("lines")["replaces"].isna().all()
    assert rooms(lab)[0] == "cold"
    Archive(lab).tag([run], {"room": "hot"})
    assert rooms(lab)[0] == "hot"
    assert Archive(lab).reparse(every=True).logs == 2
    assert Archive(lab).table("lines")["replaces"].notna().all()


STEPS = st.lists(
    st.tuples(st.sampled_from(["tag 0", "tag 1", "reparse", "compact", "repair", "add"]), st.integers(1990, 2090)),
    min_size=1, max_size=7,
)  # fmt: skip


@settings(max_examples=12, derandomize=True)
@given(STEPS)
def test_whatever_the_clock_does_the_last_word_counts(tmp_path_factory, steps):
    """Tags, readings, compactions and repairs by clocks that jump: the archive says what was said last."""
    folder = tmp_path_factory.mktemp("clocks")
    logs = write_logs(folder / "runs", range(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(making, "datetime", Clock)
        archive = Archive(folder / "lab", create=True)
        archive.add(logs[0])
        run = archive.runs()["run_id"][0]
        last, read = "none", None
        for number, (step, year) in enumerate(steps):
            Clock.moment = datetime(year, 1, 1, tzinfo=UTC)
            if step.startswith("tag"):
                last = f"room {number}"
                (archive if step.endswith("0") else Archive(folder / "lab")).tag([run], {"room": last})
            elif step == "add":
                archive.add(logs)
            elif step == "reparse":
                archive.reparse(every=True)
                read = year
            else:
                getattr(archive, step)(*([0] if step == "repair" else []))
            tags = Archive(folder / "lab").runs().set_index("run_id")
            assert (tags["tag.room"][run] if "tag.room" in tags else "none") == last
            reading = Archive(folder / "lab").table("lines").set_index("source")["derived_at"][logs[0]]
            assert read in (None, reading.year)
    assert log_text(0).encode() == archive.log(archive.table("logs").set_index("source")["sha256"][logs[0]])

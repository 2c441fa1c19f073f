"""Small logs of known contents, the state of an archive to compare, and damage to its files."""

import ctypes

import fsspec

from logreport.archive import Archive
from logreport.archive.storage.snapshot import Snapshot

CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, PR_CAPBSET_DROP = 1, 2, 24
STEP = "2019-01-08 10:01:{:02}.000000: step {}, duration = {:.3f}\n"
END = "2019-01-08 10:01:59.000000: {} across 100 steps, {:.3f} +/- 0.010 sec / batch\n"


def log_text(number):
    """A run of alexnet_benchmark that differs from those of other numbers."""
    seconds = 0.1 + number / 1000
    steps = "".join(STEP.format(i, 10 * i, seconds + i / 10000) for i in range(10))
    return f"conv1   [128, 56, 56, 64]\n{steps}{END.format('Forward', seconds)}{END.format('Forward-backward', 2 * seconds)}"


def write_logs(folder, numbers):
    """Write logs `0.log`, `1.log`, … into a folder; returns their paths as text."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number}.log" for number in numbers]
    for path, number in zip(paths, numbers, strict=True):
        path.write_text(log_text(number))
    return [str(path) for path in paths]


def state(place):
    """All that an archive says, in an order of its own; equal archives give equal text."""
    archive = Archive(place)
    tables = archive.tables()
    found = {name: list(tables.rows(name)) for name in tables.columns}
    logs = archive.table("logs")[["sha256", "source", "bytes", "kind"]].sort_values(["sha256", "source"])
    assert archive.problems == []
    return repr(found), logs.to_csv(index=False)


def files(place):
    """The files of an archive and their sizes."""
    return Snapshot(Archive(place).store).sizes


def some_file(place, beginning):
    """The path of the largest file of an archive whose path begins so."""
    return max((size, path) for path, size in files(place).items() if path.startswith(beginning))[1]


def change(place, path, how):
    """Change the bytes of a file of an archive as only damage does; `how` gives None to remove it."""
    store = Archive(place).store
    content = how(store.get(path))
    store.remove([path])
    if content is not None:
        with fsspec.open(store.name(path), "wb") as file:
            file.write(content)


def scratch(content):
    """Some bytes are zero: of Parquet in its data, which has checksums."""
    at = len(content) // 10
    return content[:at] + bytes(60) + content[at + 60 :]


def flip(content):
    """One bit is another one."""
    at = len(content) // 10
    return content[:at] + bytes([content[at] ^ 16]) + content[at + 1 :]


def cut(content):
    """The second half is missing."""
    return content[: len(content) // 2]


def gone(_content):
    """The file is missing."""


def readers(place):
    """What each reader gives: the number of runs, by pandas, by SQL, as Tables; and what they said."""
    found, said = [], []
    for read in (
        lambda archive: len(archive.runs()),
        lambda archive: len(archive.query("SELECT * FROM runs")),
        lambda archive: archive.tables().count("runs"),
        lambda archive: archive.query("SELECT * FROM steps")["run_id"].nunique(),
    ):
        archive = Archive(place)
        found.append(read(archive))
        said += archive.problems
    return found, {str(problem) for problem in said}


def without_rights():
    """Root too must ask for permission."""
    for right in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, right)

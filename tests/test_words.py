"""Data between the stages: no words of ours are taken apart again."""

import re
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "logreport"
ROOMS = ("analysis", "reporting", "archive", "api")
APART = re.compile(
    r"\.(?:r?partition|r?split|remove(?:prefix|suffix)|(?:starts|ends)with)\("
    r"|\bre\.(?:compile|match|search|findall|finditer|split|sub|fullmatch)\("
)
WHOLE = [""]  # a file that does nothing else
# What is taken apart all the same, by why: pieces of the lines, by file.
ALLOWED = {
    "paths and names of sources, which users give": {
        "analysis/comparison/baseline.py": ['source.endswith("/"'],
        "analysis/comparison/labelled.py": ['"source"))).split("/")'],
        "analysis/comparison/pooling.py": ["REPEAT =", "removeprefix(folder)"],
        "analysis/trends/history.py": ['facts.get("source")'],
        "archive/queries/selecting.py": ["removeprefix(place_of(source))"],
        "reporting/text/short_names.py": [
            "removeprefix(self.folder)", 'source.rpartition("/")', 'r"[^-_./ ]+", path',
        ],
    },
    "labels that users give, held against the log under them": {"analysis/findings/labels.py": WHOLE},
    "words of logs: commands, flags, releases, devices, models, shapes": {
        "analysis/comparison/labelled.py": ['facts["command"]).split()'],
        "analysis/comparison/pooling.py": ['command.split(" -"', "[A-Za-z0-9]+"],
        "analysis/comparison/published.py": ["model.lower())"],
        "analysis/comparison/doubts.py": ['.split("x")', '.partition("x")'],
        "analysis/comparison/likeness.py": ["version.partition(", "version)", 'found[0].split(".")'],
        "analysis/findings/machine.py": WHOLE,
        "analysis/hardware/operations.py": ['model.partition("_")'],
        "analysis/hardware/utilisation.py": ['removeprefix("NVIDIA ")', '.split("x")'],
        "analysis/trends/history.py": ['facts["command"]).split()'],
        "analysis/hardware/seen_devices.py": ["device.uuid"],
        "analysis/trends/scaling.py": ["[A-Za-z]+", 'str(at).split(".")'],
        "reporting/sections/facts.py": ["name.split()"],
        "reporting/sections/published.py": ["plain, named =", "{_BATCH}"],
        "reporting/sections/machines.py": ['removeprefix("NVIDIA ")'],
        "reporting/text/formatting.py": ["_UNSAFE", r"(?:[a-z_][a-z0-9_]*\.)+"],
        "reporting/text/wording.py": ["_RESNET =", 'endswith("/sec")', "device.upper().split()[-1:]"],
        "reporting/readme/pivot_cells.py": [r're.split(r"(\d+)"'],
    },
    "keys and files, which are names and no words": {
        "archive/archive.py": ["startswith(run)"],
        "archive/maintenance/forgetting.py": ["startswith(word)"],
        "archive/ingest/facts.py": ["KEY =", 'word.partition("=")'],
        "archive/maintenance/repairing.py": ['startswith("logs/")', "BESIDE.items()", 'startswith("commits/")'],
        "archive/maintenance/verifying.py": ['startswith("logs/")', 'startswith("commits/")'],
        "archive/storage/commits.py": ["FILE ="],
        "archive/storage/layout.py": ['path.split("/")'],
        "archive/storage/snapshot.py": ['startswith("commits/")', 'startswith("logs/")'],
        "archive/storage/store.py": ["removeprefix(self.root)"],
        "archive/storage/succession.py": ['"").split()'],
        "reporting/readme/pivot_cells.py": ['("tag.")'],
        "reporting/sections/machines.py": ['startswith("run_")'],
    },
    "what other programs wrote: SQL of users, errors of Arrow and DuckDB, README files, SVG of matplotlib": {
        "archive/queries/querying.py": ['partition("LINE 1")', "OF_CATALOG", "DECIMAL", '",0)")'],
        "archive/storage/snapshot.py": ["str(error).partition(chr(10))"],
        "reporting/charts/svg.py": WHOLE,
        "reporting/readme/markers.py": WHOLE,
    },
    "marks and spaces for HTML and markdown; the meaning stays": {
        "reporting/rendering/html.py": WHOLE,
        "reporting/rendering/markdown.py": WHOLE,
        "reporting/rendering/page.py": ["_LONG =", "NO-BREAK SPACE"],
        "reporting/rendering/widths.py": ["_HYPHEN"],
    },
    "words of logs, of which a dictionary is trained": {"archive/storage/dictionaries.py": WHOLE},
    "the decimals of a number": {"reporting/text/formatting.py": ['f"{v:.6f}".rstrip("0").partition']},
}  # fmt: skip


def test_no_words_of_ours_are_taken_apart():
    """What passes from stage to stage is data: each place that looks into a text looks into one that others wrote."""
    allowed = {
        (file, piece) for files in ALLOWED.values() for file, pieces in files.items() for piece in pieces
    }
    used, found = set(), []
    for path in sorted(path for room in ROOMS for path in (PACKAGE / room).rglob("*.py")):
        file = path.relative_to(PACKAGE).as_posix()
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if not APART.search(line) or line.lstrip().startswith(">>>"):
                continue
            pieces = {(own, piece) for own, piece in allowed if own == file and piece in line}
            used |= pieces
            found += [] if pieces else [f"{file}:{number}: {line.strip()}"]
    assert found == []
    assert allowed - used == set()

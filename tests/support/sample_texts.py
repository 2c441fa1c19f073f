"""The logs, records and pages of this project's samples: what a test of all of them reads."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("tests/samples", "sample_logs")
SAMPLES = sorted(
    path
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*")
    if path.is_file() and path.suffix != ".parquet"  # what a run's devices did is no text
)
SAMPLE_LINES = list(dict.fromkeys(line for path in SAMPLES for line in path.read_bytes().splitlines()))

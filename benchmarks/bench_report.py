#!/usr/bin/env python3
"""Time, memory and size of reports: over sample_logs, over generated logs, and over folders that are named."""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FORMATS = ("html,md", "html,md,pdf")


def pages(path: Path) -> str:
    """How many pages a PDF has."""
    from pypdf import PdfReader

    return f", {len(PdfReader(path).pages)} pages"


def measure(logs: Path, forms: str) -> str:
    """One report in a process of its own, in words."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "logreport", "report", str(logs), "-o", folder, "--format", forms]
        began = time.perf_counter()
        child = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )  # wait4 below: the usage of this child alone, and of the processes that it started
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - began
        made = [path for path in sorted(Path(folder).iterdir()) if path.suffix in (".html", ".pdf", ".md")]
        sizes = ", ".join(
            f"{path.suffix[1:]} {path.stat().st_size / 1e6:.2f} MB{pages(path) if path.suffix == '.pdf' else ''}"
            for path in made
        )
    failed = f" (exit code {os.waitstatus_to_exitcode(status)})" if status else ""
    return (
        f"{logs.name:16} {forms:12} {usage.ru_utime + usage.ru_stime:6.1f} s of process time, {wall:6.1f} s, "
        f"{peak(usage):5.0f} MB; {sizes}{failed}"
    )


def peak(usage: resource.struct_rusage) -> float:
    """Peak memory of the largest process in MB."""
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def main() -> None:
    """Measure sample_logs, the generated logs where they are, and what is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the generated logs are")
    parser.add_argument("logs", type=Path, nargs="*", help="further logs or folders")
    given = parser.parse_args()
    for logs in (ROOT / "sample_logs", given.folder / "many", *given.logs):
        for forms in FORMATS if logs.exists() else ():
            print(measure(logs.resolve(), forms), flush=True)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Measure when the page of a report shows its answer and when it can be asked, in a browser; print a table."""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 7
NAMES = ("chromium", "chromium-browser", "google-chrome")
TIMES = """
async () => {
  const paint = await new Promise((done) => new PerformanceObserver((list) => {
    const [first] = list.getEntriesByName("first-contentful-paint");
    if (first) done(first.startTime);
  }).observe({ type: "paint", buffered: true }));
  const ready = performance.getEntriesByName("explored")[0].startTime;
  return [paint, ready, performance.getEntriesByType("navigation")[0].loadEventEnd];
}
"""


def measured(browser: Browser, page: Path) -> list[float]:
    """Medians of the first paint, of the moment from which the page can be asked, and of the end of loading, ms."""
    rounds = []
    for _ in range(ROUNDS):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        opened = context.new_page()
        opened.goto(page.as_uri())
        opened.wait_for_selector("html.explored", state="attached")
        rounds.append(opened.evaluate(TIMES))
        context.close()
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def main() -> None:
    """Make and open the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("generated", type=Path, help="folder with many/")
    parser.add_argument("logs", nargs="*", type=Path, help="other folders of logs")
    given = parser.parse_args()
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        print(f"no browser: none of {', '.join(NAMES)} is installed")
        return
    print("logs                 MB  first paint, ms  can be asked, ms  loaded, ms  first paint of loaded")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        for logs in (ROOT / "sample_logs", given.generated / "many", *given.logs):
            page = Path(folder) / "report.html"
            command = [sys.executable, "-m", "logreport", "report", str(logs), "-o", str(page)]
            subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
            paint, ready, loaded = measured(browser, page)
            size = page.stat().st_size / 1e6
            print(
                f"{logs.name:<18} {size:>5.2f} {paint:>16.0f} {ready:>17.0f} {loaded:>11.0f} {paint / loaded:>22.2f}"
            )
        browser.close()


if __name__ == "__main__":
    main()

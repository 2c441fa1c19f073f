#!/usr/bin/env python3
"""Draw docs/report.png: the first screen of the report over sample_logs, in Chromium at 1280 pixels, light."""

import io
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from logreport import api
from logreport.reporting import render_html

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SIZE = {"width": 1280, "height": 1180}


def main() -> None:
    """Make the report, open it, and take its picture."""
    reading = api.read_logs(api.sources_of(ROOT / "sample_logs"))
    report = api.report_of(
        reading,
        title="GeForce cards against CPUs",
        baseline=None,
        command="logreport report sample_logs",
        made_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    browser = next(path for name in BROWSERS if (path := shutil.which(name)))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = Path(folder) / "report.html"
        page_file.write_bytes(render_html(report))
        opened = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = opened.new_page(viewport=SIZE, color_scheme="light")
        page.goto(page_file.as_uri())
        picture = Image.open(io.BytesIO(page.screenshot()))
        opened.close()
    picture.quantize(256).save(ROOT / "docs" / "report.png", optimize=True)


if __name__ == "__main__":
    main()

"""A report over the sample logs, opened in Debian's Chromium; skipped with a word where there is none."""

import shutil
from datetime import UTC, datetime

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser():
    """A headless browser."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed")
    with sync_api.sync_playwright() as playwright:
        # Tests may run as root, and a container has a small /dev/shm.
        made = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield made
        made.close()


@pytest.fixture(scope="session")
def report_file(samples, tmp_path_factory):
    """The report over sample_logs as a file."""
    from logreport import api
    from logreport.reporting import render_html

    made_at = datetime(2025, 1, 2, 3, 4, tzinfo=UTC)
    report = api.report(samples, title="Samples", command="logreport report", made_at=made_at)
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_bytes(render_html(report))
    return path


@pytest.fixture
def opened(browser, report_file):
    """A function that opens the report; afterwards nothing was fetched and nothing complained."""
    contexts, complaints, requests, addresses = [], [], [], []

    def open_with(path=report_file, hash_="", **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri() + hash_)
        addresses.append(path.as_uri())
        if options.get("java_script_enabled", True):
            page.wait_for_selector("html.explored", state="attached")
        return page

    yield open_with
    for context in contexts:
        context.close()
    assert complaints == []
    assert [url for url in requests if url.partition("#")[0] not in addresses] == []

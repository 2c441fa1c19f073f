"""A report over the sample logs, opened in Debian's Chromium; skipped with a word where there is none."""

import shutil
from datetime import UTC, datetime
from itertools import product

import card_logs
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


CARDS = (
    "A100-SXM4-40GB", "A100-PCIE-40GB", "RTX A6000", "GeForce RTX 3090", "GeForce RTX 3080", "GeForce RTX 3070",
    "Tesla V100-SXM3-32GB", "Quadro RTX 8000", "Quadro RTX 6000", "GeForce RTX 2080 Ti", "GeForce GTX 1080 Ti",
    "TITAN RTX", "TITAN V", "Tesla T4", "Tesla P100-PCIE-16GB", "GeForce GTX 1050 Ti",
)  # fmt: skip
NETS = {
    "alexnet": 9000,
    "vgg16": 800,
    "resnet50": 1400,
    "resnet152": 500,
    "inception3": 900,
    "inception4": 400,
}
SIZES = (8, 16, 24, 32, 48, 64, 96, 128, 192, 256)


class Crowd:
    """Logs of sixteen cards, six networks, two precisions and ten batch sizes, each run twice, and the page over them."""

    def __init__(self, folder):
        from logreport import api
        from logreport.api.quoting import with_quotes
        from logreport.reporting import render_html

        self.folder = folder
        for card, model, precision, size, again in product(CARDS, NETS, ("fp16", "fp32"), SIZES, (1, 2)):
            speed = self.speed(card, model, precision)
            steps = "".join(
                f"{step}\timages/sec: {speed:.1f} +/- 0.1 (jitter = 0.3)\t7.0\n"
                for step in (1, *range(10, 101, 10))
            )
            log = card_logs.LOG.format(device=card, model=model, size=size, steps=steps, speed=speed)
            command = f"$ python tf_cnn_benchmarks.py --model={model} --use_fp16={precision == 'fp16'}\n"
            place = folder / f"{card} {model}".replace(" ", "-") / f"{precision}-{size}"
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{again}.log").write_text(command + log)
        sources = api.sources_of(folder)
        self.reading = api.read_logs(sources)
        report = api.report_of(self.reading, title="Crowd", baseline=None, command="logreport report")
        self.report = with_quotes(report, self.reading, sources)
        self.page = folder.parent / "crowd.html"
        self.page.write_bytes(render_html(self.report))

    @staticmethod
    def speed(card, model, precision):
        """What every log of these prints."""
        return round(NETS[model] * 0.93 ** CARDS.index(card) * (1.0 if precision == "fp16" else 0.57), 1)


@pytest.fixture(scope="session")
def crowd(tmp_path_factory):
    """A set as large as the fleet, with known speeds."""
    return Crowd(tmp_path_factory.mktemp("crowd") / "logs")


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

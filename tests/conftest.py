"""What the tests share: where things are, and a user's settings kept out of the way."""

import os
import signal
import tarfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
CORPUS = Path(os.environ.get("LOGREPORT_CORPUS", ROOT.parent / "shared" / "corpus"))

os.environ["MPLBACKEND"] = "Agg"
# A shell's background job ignores Ctrl-C, one under nohup a terminal that closes, and so would all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
# No deadline: a slow machine is no failure. `make test` tries the same examples each time, `make fuzz` fresh ones.
settings.register_profile("logreport", deadline=None, print_blob=True, derandomize=True)
settings.register_profile("fuzz", deadline=None, print_blob=True, derandomize=False)
settings.load_profile("logreport")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    """Keep what logreport caches out of the user's folders, and each worker's apart.

    Matplotlib's list of fonts stays where it is and is made here: on a busy machine it says that it takes long.
    """
    import matplotlib.font_manager

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPLCONFIGDIR", matplotlib.get_cachedir())
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def root():
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def samples():
    """The folder of sample logs."""
    return ROOT / "sample_logs"


@pytest.fixture(scope="session")
def corpus():
    """The folder of real logs with known facts, which not every checkout has beside it."""
    if not (CORPUS / "oracle.jsonl").is_file():
        pytest.skip("no corpus beside this checkout; LOGREPORT_CORPUS can name one")
    return CORPUS


MADE_AT = datetime(2025, 1, 2, 3, 4, tzinfo=UTC)
# Of the fleet: three cards, each alone, six networks trained in two precisions.
THIRTY_SIX = ("7502-A100-PCIE-40GB", "7662-GeForce_RTX_3090", "LambdaCloud-RTX_A6000")


@pytest.fixture(scope="session")
def fleet_logs(corpus, tmp_path_factory):
    """The folder of thousands of real logs."""
    folder = tmp_path_factory.mktemp("fleet")
    with tarfile.open(corpus / "fleet.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="session")
def reported(request):
    """A function from the name of a set of logs to what was read of it and its report; each is made once."""
    from logreport import api

    def logs_of(name):
        if name == "samples":
            return [request.getfixturevalue("samples")]
        if name in ("seeds", "official"):
            return [request.getfixturevalue("corpus") / name]
        fleet = request.getfixturevalue("fleet_logs")
        if name == "fleet":
            return [fleet]
        return sorted(
            log
            for cards in THIRTY_SIX
            for log in fleet.glob(f"*/{cards}.logs/syn-replicated-fp*-1gpus/**/*.log")
        )

    @cache
    def made(name):
        reading = api.read_logs(api.sources_of(logs_of(name)))
        report = api.report_of(
            reading, title=name, baseline=None, command="logreport report", made_at=MADE_AT
        )
        return reading, report

    return made


@pytest.fixture(scope="module")
def cluster():
    """A scheduler and two workers, each a process of its own."""
    import dask
    from distributed import LocalCluster

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as running,
    ):
        yield running

"""What the tests share: where things are, and a user's settings kept out of the way."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
CORPUS = Path(os.environ.get("LOGREPORT_CORPUS", ROOT.parent / "shared" / "corpus"))

os.environ["MPLBACKEND"] = "Agg"
# No deadline: a slow machine is no failure. `make test` tries the same examples each time, `make fuzz` fresh ones.
settings.register_profile("logreport", deadline=None, print_blob=True, derandomize=True)
settings.register_profile("fuzz", deadline=None, print_blob=True, derandomize=False)
settings.load_profile("logreport")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    """Keep what logreport caches out of the user's folders, and each worker's apart."""
    with pytest.MonkeyPatch.context() as patch:
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

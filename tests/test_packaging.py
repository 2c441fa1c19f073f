"""What is published is what was written: the wheel's exact contents, and that it works where it is installed."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest

import logreport

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ("logreport", "grammars", "templates")
INFO = f"logreport-{logreport.__version__}.dist-info"
KERNEL = "logreport/kernel/kernel.so"
COMPILES = shutil.which(os.environ.get("CC", "cc")) is not None
SAMPLE = ROOT / "sample_logs" / "alexnet-gtx-1050-ti.log"

pytestmark = pytest.mark.slow


def _run(*command, cwd=ROOT, **env):
    run = subprocess.run(
        command, cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def _build(folder, *which, **env):
    """Build with the hatchling that the tests' environment has: seconds, and no network."""
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), *which, **env)
    return folder


def _wheel_files(folder):
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        return {name: wheel.read(name) for name in wheel.namelist()}


@pytest.fixture(scope="module")
def ours():
    """Every file of this checkout that is tracked, or new and not ignored."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a git checkout, or no git: nothing says which files are ours")
    # safe.directory: continuous integration may run as another user than the one who cloned
    command = [
        "git",
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    listed = _run(*command).split("\0")
    return {name for name in listed if name and (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def wheel_dir(tmp_path_factory):
    """A folder with the wheel that is built from the checkout itself."""
    return _build(tmp_path_factory.mktemp("wheel"), "--wheel")


@pytest.fixture(scope="module")
def dist_dir(tmp_path_factory):
    """A folder with the source archive, and the wheel that is built from it."""
    return _build(tmp_path_factory.mktemp("dist"))


def test_the_wheel_holds_exactly_our_files(ours, wheel_dir):
    """Someone who installs gets the package, its grammars and its templates; once, and nothing else."""
    expected = {
        f"{INFO}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    }
    for name in ours:
        top = PurePosixPath(name).parts[0]
        if top in SHIPPED:
            expected.add(name if top == "logreport" else f"logreport/{name}")
    assert set(_wheel_files(wheel_dir)) == expected | ({KERNEL} if COMPILES else set())


def test_the_wheel_says_what_it_runs_on(wheel_dir):
    """With a kernel it is for any Python 3 on one platform; the kernel knows nothing of Python."""
    name = next(wheel_dir.glob("*.whl")).name
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_") if COMPILES else "any"
    assert name == f"logreport-{logreport.__version__}-py3-none-{platform}.whl"


@pytest.mark.parametrize("compiler", ["no-such-compiler", "false"], ids=["missing", "failing"])
def test_a_wheel_without_a_compiler(compiler, wheel_dir, tmp_path):
    """Where nothing compiles, one line says so, and the wheel is the same without the kernel, for any machine."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(tmp_path)]
    run = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "CC": compiler}, capture_output=True, text=True, check=True
    )
    said = [line for line in (run.stdout + run.stderr).splitlines() if "Python alone" in line]
    assert len(said) == 1
    assert next(tmp_path.glob("*.whl")).name.endswith("-py3-none-any.whl")
    described = {f"{INFO}/WHEEL", f"{INFO}/RECORD"}
    files, others = _wheel_files(tmp_path), _wheel_files(wheel_dir)
    assert files.keys() == others.keys() - {KERNEL}
    assert all(files[name] == others[name] for name in files.keys() - described)


def test_a_wheel_for_another_platform(tmp_path):
    """A release is built on one machine for all: a compiler for another platform, and that platform's name."""
    if not COMPILES:
        pytest.skip("no C compiler")
    _build(tmp_path, "--wheel", CC="cc -DOTHER=1", LOGREPORT_PLATFORM="manylinux_2_17_x86_64")
    assert next(tmp_path.glob("*.whl")).name.endswith("-py3-none-manylinux_2_17_x86_64.whl")
    assert KERNEL in _wheel_files(tmp_path)


def test_the_wheel_holds_each_file_as_it_is(ours, wheel_dir):
    """Installed code and grammars are byte for byte those of the checkout."""
    files = _wheel_files(wheel_dir)
    for name in ours:
        if PurePosixPath(name).parts[0] in SHIPPED:
            assert (
                files[name if name.startswith("logreport/") else f"logreport/{name}"]
                == (ROOT / name).read_bytes()
            )


def test_the_source_archive_makes_the_same_wheel(wheel_dir, dist_dir):
    """Whoever builds from the source archive gets the same package."""
    assert _wheel_files(dist_dir) == _wheel_files(wheel_dir)


def test_the_source_archive_is_whole(ours, dist_dir):
    """The source archive holds the sample logs, the tests and all that `make report` needs."""
    with tarfile.open(next(dist_dir.glob("*.tar.gz"))) as archive:
        names = {str(PurePosixPath(*PurePosixPath(name).parts[1:])) for name in archive.getnames()}
    hidden = {name for name in ours if name.startswith(".github/")}
    assert ours - hidden <= names
    assert names - ours == {"PKG-INFO"}


def test_the_metadata_is_clean(dist_dir):
    """The package index shows the README as it was written, and accepts the upload."""
    files = [str(path) for path in dist_dir.iterdir()]
    assert _run(sys.executable, "-m", "twine", "check", "--strict", *files).count("PASSED") == len(files) == 2


@pytest.fixture(scope="module")
def installed(wheel_dir, tmp_path_factory):
    """The scripts folder of a fresh environment with our wheel, in a folder of its own.

    What logreport depends on is lent to it from the environment of the tests, on the search path: downloading
    it again takes minutes and tests nothing of ours. A path in a `.pth` file lends packages but not the `.pth`
    files among them, so an editable logreport there stays out of sight; pip runs from outside.
    """
    venv = tmp_path_factory.mktemp("installed") / "venv"
    _run(sys.executable, "-m", "venv", "--without-pip", str(venv))
    python = venv / "bin" / "python"
    wheel = next(wheel_dir.glob("*.whl"))
    _run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        str(wheel),
    )
    site = next(venv.glob("lib/python*/site-packages"))
    (site / "lent.pth").write_text("\n".join({sysconfig.get_path(p) for p in ("purelib", "platlib")}) + "\n")
    return venv / "bin"


def test_an_installed_logreport_is_the_wheel(installed, tmp_path):
    """What runs is what was installed, with its grammars and templates, not something beside it."""
    code = "import logreport, pathlib; print(pathlib.Path(logreport.__file__).parent)"
    package = Path(_run(str(installed / "python"), "-c", code, cwd=tmp_path, PYTHONPATH="").strip())
    assert package.is_relative_to(installed.parent)
    assert list(package.glob("grammars/*.lark"))
    assert (package / "templates").is_dir()


def test_an_installed_logreport_says_its_version(installed, tmp_path):
    """`logreport --version` works from any folder."""
    out = _run(str(installed / "logreport"), "--version", cwd=tmp_path, PYTHONPATH="")
    engine = "native" if COMPILES else "python, because there was no C compiler when it was installed"
    assert out == f"logreport, version {logreport.__version__} (engine: {engine})\n"


def test_an_installed_logreport_reads_a_log(installed, tmp_path):
    """A log parses from any folder: the grammars came along."""
    command = [str(installed / "logreport"), "parse", str(SAMPLE), "--table", "records", "--format", "jsonl"]
    records = [json.loads(line) for line in _run(*command, cwd=tmp_path, PYTHONPATH="").splitlines()]
    summaries = [r["fields"] for r in records if r["kind"] == "alexnet_benchmark.summary"]
    assert [(s["phase"], s["mean"]) for s in summaries] == [("forward", 0.131), ("forward_backward", 0.315)]

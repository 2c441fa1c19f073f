"""Settings files: what is wrong with one is a line that names it, and never a traceback."""

import ctypes
import os
import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logreport.cli.config import ConfigError, defaults

CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, PR_CAPBSET_DROP = 1, 2, 24


def outcome(folder, name, content):
    """The settings of a folder that holds such a file, and what is wrong with it."""
    (folder / name).write_bytes(content)
    try:
        return defaults(folder), ""
    except ConfigError as error:
        return {}, str(error)


@pytest.fixture
def said(tmp_path):
    """What is wrong with a settings file, in the words of the error; empty where nothing is."""

    def read(content, name="pyproject.toml"):
        return outcome(tmp_path, name, content if isinstance(content, bytes) else content.encode())[1]

    return read


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("[tool]\nlogreport = 5\n", "'logreport' is no table but 5; write [tool.logreport.report]"),
        ("tool.logreport = []\n", "'logreport' is no table but []"),
        ("[tool.logreport]\ntable = [1]\n", "'table' is no table"),
        ("[[tool.logreport.table]]\nrows = 'model'\n", "'table' is no table"),
        (b"# logreport\xff\n", "cannot be read ('utf-8' codec can't decode byte 0xff"),
        ("[tool.logreport.report]\n" + "title = " + "[" * 100_000, "cannot be read (its brackets are too deep)"),
        ("[tool.logreport.compare]\nmargin = 1979-05-27\n", "'margin' in [compare] cannot be datetime.date"),
        ("[tool.logreport.compare]\nmargin = 'much'\n", "'much' is no percentage"),
        ("[tool.logreport.table]\nrows = {a = 1}\n", "'rows' in [table] cannot be {'a': 1}: text or a number"),
        ("[tool.logreport.table]\nrows = ['model', 'colour']\n", "colour is none of batch_size, model"),
        ("[tool.logreport.table]\nredact = ['yes']\n", "'redact' in [table] cannot be ['yes']: true or false"),
        ('[tool.logreport.report]\noutput = "a\\u0000"\n', "'output' in [report] cannot be"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(said, content, why):
    """The file, the table and the key; also where the key is right and its value is none that the option takes."""
    assert why in said(content)


@pytest.mark.parametrize(
    "content", [b"\xff", "[project\n", "name = 'other'\n", "tool = 'logreport'\n", "[tool]\nlogreport = {}\n"]
)
def test_what_does_not_speak_of_logreport_is_left_alone(said, content):
    """A pyproject.toml of something else may be as broken as it likes."""
    assert said(content) == ""


def test_a_byte_order_mark_is_no_error(said, tmp_path):
    """As editors on Windows write it."""
    assert said(b"\xef\xbb\xbf[table]\nrows = ['phase']\n", "logreport.toml") == ""
    assert defaults(tmp_path) == {"table": {"rows": "phase"}}


def without_rights():
    """Root too must ask for permission."""
    for right in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, right)


def test_a_file_that_may_not_be_read(tmp_path):
    """One line, status 2."""
    (tmp_path / "pyproject.toml").touch(mode=0)
    ran = subprocess.run(
        [sys.executable, "-m", "logreport", "table", "x.log"], cwd=tmp_path, capture_output=True, text=True,
        check=False, timeout=60, preexec_fn=without_rights, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert ran.returncode == 2
    assert (
        ran.stderr == "logreport: pyproject.toml: cannot be read (Permission denied); mend it, or remove it\n"
    )


KEYS = st.sampled_from(
    ["tool", "logreport", "report", "table", "compare", "rows", "title", "format", "margin", "redact"]
)
VALUES = st.sampled_from(
    [
        "5",
        "-inf",
        "nan",
        "'x'",
        '"\\u0000"',
        "true",
        "[]",
        "[[1]]",
        "{a=1}",
        "1979-05-27",
        "07:32:00",
        "9" * 5000,
    ]
)
LINES = st.one_of(
    st.lists(KEYS, min_size=1, max_size=3).map(lambda keys: f"[{'.'.join(keys)}]"),
    st.lists(KEYS, min_size=1, max_size=3).map(lambda keys: f"[[{'.'.join(keys)}]]"),
    st.builds("{} = {}".format, KEYS, VALUES),
    st.text(max_size=9),
)


@settings(max_examples=500, derandomize=True)
@given(st.lists(LINES, max_size=6).map("\n".join), st.sampled_from(["logreport.toml", "pyproject.toml"]))
@example("[tool]\nlogreport = 5\n", "pyproject.toml")
@example("[table]\nredact = [[1]]\n", "logreport.toml")
def test_any_text_gives_settings_or_one_error(tmp_path_factory, text, name):
    """Whatever stands in a settings file."""
    content = text.encode("utf-8", "surrogatepass")
    found, wrong = outcome(tmp_path_factory.mktemp("settings"), name, content)
    assert wrong == "" or wrong.startswith(f"{name}: ")
    assert all(isinstance(values, dict) for values in found.values())

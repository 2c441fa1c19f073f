"""The action: its scripts run as GitHub would run them, also on hostile files and inputs, and install by hashes."""

import os
import re
import shutil
import subprocess
import sys
import tomllib

import pytest
import yaml
from cli_calls import alexnet_log, write


def steps_of(root):
    """The shell scripts of action.yml, by the name of their step."""
    action = yaml.safe_load((root / "action.yml").read_text())
    return {step["name"]: step["run"] for step in action["runs"]["steps"]}


@pytest.fixture
def action(root, tmp_path):
    """Run a step of the action as GitHub would; gives its exit status and what stands in the job's summary."""
    tools = tmp_path / "tools"
    tools.mkdir()
    script = f'#!/bin/sh\nPYTHONPATH={root} exec {sys.executable} -m logreport "$@"\n'
    (tools / "logreport").write_text(script)
    (tools / "logreport").chmod(0o755)
    summary = tmp_path / "summary.md"

    def run(step, **inputs):
        env = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "RUNNER_TEMP": str(tmp_path)}
        env |= {"GITHUB_STEP_SUMMARY": str(summary), **inputs}
        bash = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", steps_of(root)[step]]
        done = subprocess.run(bash, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        return done.returncode, summary.read_text() if summary.exists() else "", done.stdout + done.stderr

    return run


needs_bash = pytest.mark.skipif(not shutil.which("bash"), reason="no bash, which the action runs in")


@needs_bash
def test_the_action_writes_the_comparison_and_fails_on_a_regression(action, tmp_path):
    """The summary holds the table, also where the step fails."""
    for name, seconds in (("old", 0.1), ("new", 0.12)):
        write(tmp_path / name / "a.log", alexnet_log(seconds, seed=len(name) + ord(name[0])))
    inputs = {"OLD": "old\n", "NEW": "new/a.log", "FAIL_UNDER": "-5%", "MARGIN": "2%"}
    status, summary, said = action("Compare old with new", **inputs)
    assert status == 3, said
    assert "| Workload | Device | old (images/s) | new (images/s) |" in summary
    status, summary, _ = action("Compare old with new", **{**inputs, "FAIL_UNDER": ""})
    assert status == 0
    assert action("Compare old with new", OLD="", NEW="", FAIL_UNDER="", MARGIN="2%")[0] == 0
    assert action("Compare old with new", **{**inputs, "OLD": ""})[0] == 2


@needs_bash
def test_the_action_checks_the_tables(action, tmp_path):
    """A stale table fails the job and shows the diff; a fresh one, or no README, does not."""
    write(tmp_path / "a.log", alexnet_log(0.1))
    readme = write(tmp_path / "READ ME.md", "<!-- logreport:begin x a.log -->\n<!-- logreport:end x -->\n")
    status, summary, said = action("Check the tables of the README", README="READ ME.md\n")
    assert status == 5, said
    assert "    +| 128 | 1" in summary
    assert "begin x" in readme.read_text()
    assert action("Check the tables of the README", README="")[0] == 0


def test_the_action_takes_ten_lines_and_no_input_into_a_script(root):
    """Inputs reach the shell through the environment only: a branch name cannot run anything."""
    assert len(steps_of(root)) == 3
    assert not any("${{" in script for script in steps_of(root).values())
    example = re.findall(r"^#   .*", (root / "action.yml").read_text(), re.MULTILINE)
    assert len(example) <= 10


HOSTILE = (
    "::set-output name=x::y", "::add-mask::1", "##[error]x", "::stop-commands::t", "$(touch owned)", "`touch owned`",
    "; touch owned", "'; touch owned; '", '" && touch owned; "', "--check", "-", "a\r::set-env name=x::y",
)  # fmt: skip


def commands_in(said):
    """The lines that a runner would take for commands, between the two that we write."""
    lines = [line.strip() for line in said.replace("\r", "\n").split("\n")]
    obeyed, token = [], None
    for line in lines:
        if token is None and line.startswith("::stop-commands::"):
            token = line.removeprefix("::stop-commands::")
        elif token is not None and line == f"::{token}::":
            token = None
        elif token is None and line.startswith(("::", "##[")):
            obeyed.append(line)
    assert token is None, "commands were never allowed again"
    return obeyed


@needs_bash
def test_no_line_of_a_readme_is_a_command_to_the_runner(action, tmp_path):
    """A pull request could set outputs, hide words of the log, or stop what we say; the token is another each time."""
    write(tmp_path / "a.log", alexnet_log(0.1))
    rows = "".join(f"{line}\n" for line in HOSTILE)
    (tmp_path / "R.md").write_bytes(
        f"<!-- logreport:begin x a.log -->\n{rows}<!-- logreport:end x -->\n".encode()
    )
    status, summary, said = action("Check the tables of the README", README="R.md\n")
    assert status == 5, said
    assert "-::set-output name=x::y" in said
    assert commands_in(said) == []
    for line in summary.replace("\r", "\n").splitlines():
        assert not line.strip() or line.startswith(("    ", "### "))
    tokens = {
        re.search(r"::stop-commands::(\w{32})", action("Check the tables of the README", README=readme)[2])[1]
        for readme in ("R.md", "")
    }
    assert len(tokens) == 2


@needs_bash
@pytest.mark.parametrize("text", HOSTILE)
def test_inputs_run_nothing(action, tmp_path, text):
    """Whatever stands in them: names of files, of labels, limits. They are words, never shell."""
    write(tmp_path / "a.log", alexnet_log(0.1))
    _, _, said = action("Check the tables of the README", README=text)
    assert commands_in(said) == []
    for inputs in (
        {"OLD": text, "NEW": "a.log", "FAIL_UNDER": "", "MARGIN": "2%"},
        {"OLD": "a.log", "NEW": text, "FAIL_UNDER": text, "MARGIN": text},
    ):
        status, _, said = action("Compare old with new", **inputs)
        assert status != 0
        assert commands_in(said) == []
    assert not (tmp_path / "owned").exists()


def test_the_action_installs_what_its_lock_names(root):
    """Each file by its hash, the build's own packages too; the lock covers what pyproject.toml asks for, and names no server."""
    from packaging.requirements import Requirement

    install = steps_of(root)["Install logreport"]
    assert "--require-hashes" in install
    assert "--no-deps --no-build-isolation" in install
    lock = (root / "action.lock").read_text()
    assert "://" not in lock
    entries = re.findall(
        r"^(\S+)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", lock, re.MULTILINE
    )
    code = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(entries) == len(code) > 10
    pinned = {name: version for name, version, _ in entries}
    project = tomllib.loads((root / "pyproject.toml").read_text())
    for text in (*project["project"]["dependencies"], *project["build-system"]["requires"]):
        wanted = Requirement(text)
        assert pinned[wanted.name.lower()] in wanted.specifier, text

"""What the pages show is what happens: their commands run, their output is the output, their options exist."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from logreport.cli import VERBS, group
from logreport.cli.archive import VERBS as OF_ARCHIVES

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`([\w\-]+/[\w.\-]+\.(?:lark|log))`")
CODE = re.compile(r"`([^`\n]+)`")
OPTION = re.compile(r"(?<![\w\-])--[a-z]+(?:-[a-z]+)*(?![\w\-])")
RUN_ID = re.compile(r"\b[0-9a-f]{16}\b")
WRITTEN = {"text", "lark", "log"}  # blocks that are files, where a file is named above them
RUN = """
( {command}
) >out.{number} 2>err.{number}
status=$?; echo $status >status.{number}; (exit $status)
"""


def blocks(page):
    """Language, content, and the text above each fenced block of a page."""
    text, end = page.read_text(encoding="utf-8"), 0
    for match in FENCE.finditer(text):
        yield match[1], match[2], text[end : match.start()]
        end = match.end()


def commands(block):
    """The commands of a console block, each with the output that is shown below it."""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found:
            found[-1][1].append(line.rstrip())
    return found


@pytest.fixture
def checkout(tmp_path):
    """The repository as it is, with room to write; and a `logreport` on the path."""
    for entry in ROOT.iterdir():
        if not entry.name.startswith(".") and entry.name not in {"report", "mine", "build", "dist"}:
            (tmp_path / entry.name).symlink_to(entry)
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "logreport"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m logreport "$@"\n')
    script.chmod(0o755)
    return tmp_path


def run(block, folder, monkeypatch):
    """Run the commands of a block in one shell, so that `$?` is that of the one before."""
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("NO_COLOR", "1")
    script = "".join(RUN.format(command=command, number=i) for i, (command, _) in enumerate(commands(block)))
    subprocess.run(["bash", "-c", script], cwd=folder, check=False, timeout=300)


def shown(text):
    """Output as a page can show it: no blanks at the ends of lines, no empty lines at its own, any run_id."""
    return RUN_ID.sub("run_id", "\n".join(line.rstrip() for line in text.splitlines()).strip("\n"))


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_do_what_it_shows(page, checkout, monkeypatch):
    """From top to bottom: files that the page shows are written, commands run, shown output is the output."""
    for language, block, above in blocks(page):
        named = FILE.findall(above.rpartition("\n\n```")[0] or above)
        if language in WRITTEN and named:
            (checkout / named[-1]).parent.mkdir(exist_ok=True)
            (checkout / named[-1]).write_text(block, encoding="utf-8")
        if language != "console":
            continue
        run(block, checkout, monkeypatch)
        for number, (command, lines) in enumerate(commands(block)):
            out, err, status = (
                (checkout / f"{name}.{number}").read_text("utf-8") for name in ("out", "err", "status")
            )
            assert "Traceback" not in err, err
            assert status.strip() not in {"2", "126", "127"}, f"{command}: {err}"
            if "\n".join(lines).strip():
                assert shown("\n".join(lines)) in (shown(out), shown(out + err)), command


def helped(*words):
    """The options in a command's help."""
    return set(OPTION.findall(CliRunner().invoke(group, [*words, "--help"]).output))


def options_of(verb):
    """The options of a verb, and of the verbs below it."""
    below = {"grammar": ("list", "check", "new"), "archive": tuple(OF_ARCHIVES)}.get(verb, ())
    return helped(verb).union(*(helped(verb, word) for word in below))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_option_of_a_page_exists(page):
    """An option in a command is one of that verb; one that stands alone is one of some verb."""
    by_verb = {verb: options_of(verb) for verb in VERBS}
    anywhere = set().union(*by_verb.values()) | {"--version"}
    text = page.read_text(encoding="utf-8")
    spans = [
        span for span in CODE.findall(FENCE.sub("", text)) if span.startswith(("--", "logreport ", *VERBS))
    ]
    spans += [command for _, block, _ in blocks(page) for command, _ in commands(block)]
    for span in spans:
        words = span.removeprefix("logreport ").split()
        known = by_verb.get(words[0], anywhere)
        assert set(OPTION.findall(span)) <= known, span


def test_every_page_is_in_the_index():
    """No page is lost."""
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert all(f"({page.name})" in index for page in PAGES[1:] if page.name != "index.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    """Links between pages and to files are right, and so are the headings that they name."""
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"(?<!!)\[[^\]]*\]\((?!https?:|#)([^)\s]+)\)", text):
        path, _, heading = target.partition("#")
        there = page.parent / path
        assert there.exists(), target
        if heading:
            heads = re.findall(r"^#+ (.+)$", there.read_text("utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^\w\- ]", "", head).lower().replace(" ", "-") for head in heads}, (
                target
            )

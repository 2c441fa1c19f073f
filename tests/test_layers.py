"""One way down: who may import whom, so that no stage looks back up the pipeline."""

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "logreport"
LOWER = {"tables", "sources", "grammar", "runs", "analysis", "workers", "archive", "runner", "reporting"}
MAY_IMPORT = {
    "errors": set(),
    "resources": set(),
    "scripts": set(),
    "spool": set(),
    "version": set(),
    "tables": set(),
    "sources": set(),
    "grammar": {"tables"},  # the columns that directives may name
    "runs": {"grammar", "sources", "tables"},
    "analysis": {"runs", "tables"},
    "workers": set(),
    "runner": {"analysis", "runs", "grammar", "sources", "tables"},
    "archive": {"analysis", "runs", "grammar", "sources", "tables", "workers"},
    "reporting": {"analysis", "runs", "tables"},
    "api": LOWER,
    "cli": LOWER | {"api"},
    "__init__": {"api"},  # the public names, loaded on first use
    "__main__": {"cli"},
}
# The error family, where data files are, the scripts, the file of what waits, the version.
ANYONE = {"errors", "resources", "scripts", "spool", "version"}
HEAVY = {"matplotlib", "pandas", "pyarrow", "scipy", "weasyprint"}
MODULES = sorted(PACKAGE.rglob("*.py"))


def _layer(module):
    """The layer of a dotted name below `logreport`; the package itself is `__init__`."""
    return module.split(".")[1] if "." in module else "__init__"


def _dotted(path):
    return ".".join(("logreport", *path.relative_to(PACKAGE).with_suffix("").parts))


def _imports(path):
    """Every logreport module that a file imports, at its top or inside a function, and each name that it takes of one."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = _dotted(path).split(".")[: -node.level] if node.level else []
            base = ".".join([*above, node.module] if node.module else above)
            names = [(base, alias.name) for alias in node.names]
        else:
            continue
        yield from (name for name in names if name[0].split(".")[0] == "logreport")


def _layers(path):
    """The layer of each: `from logreport import api` imports one, `from logreport import parse` a public name."""
    for base, name in _imports(path):
        yield name if base == "logreport" and name in MAY_IMPORT else _layer(base)


def _modules(path, modules):
    """The module of each: `from logreport.runs import identity` imports that, not its package."""
    for base, name in _imports(path):
        full = f"{base}.{name}"
        yield full if full in modules else base


@pytest.mark.parametrize("path", MODULES, ids=_dotted)
def test_a_module_imports_only_what_its_layer_may(path):
    """A change in one stage cannot reach a stage before it, nor a reader skip one."""
    layer = _layer(_dotted(path))
    assert layer in MAY_IMPORT, f"logreport/{layer} is no layer of the design"
    allowed = MAY_IMPORT[layer] | ANYONE | {layer}
    wrong = sorted(set(_layers(path)) - allowed)
    assert not wrong, f"{layer} may not import {', '.join(wrong)}"


def test_the_rule_sees_every_way_to_import(tmp_path, monkeypatch):
    """An import inside a function, a relative one and a renamed one count like any other."""
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
    path = tmp_path / "runs" / "tables.py"
    path.parent.mkdir()
    path.write_text(
        "import os, logreport.cli as c\n"
        "from logreport import parse, api\n"
        "def late():\n"
        "    from ..reporting import charts\n"
        "    from . import schema\n"
        "    from logreport.analysis.results import Result\n"
    )
    assert set(_layers(path)) == {"cli", "__init__", "api", "reporting", "runs", "analysis"}
    modules = {"logreport.cli", "logreport.api", "logreport.reporting.charts", "logreport.runs.schema"}
    assert modules < set(_modules(path, modules))


def test_no_module_waits_for_itself():
    """No module imports, by whatever way round, one that imports it; an import for types alone counts like any other."""
    modules = {_dotted(path).removesuffix(".__init__"): path for path in MODULES}
    graph = {name: set(_modules(path, modules)) & modules.keys() - {name} for name, path in modules.items()}
    cycle: list[str] = []
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle = error.args[1][::-1]
    assert cycle == [], " imports ".join(cycle)


def test_starting_up_loads_nothing_heavy():
    """`logreport --help` answers at once: what is heavy is imported by the function that needs it."""
    code = "import sys, logreport.cli; print(*{name.split('.')[0] for name in sys.modules})"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )
    assert not HEAVY & set(run.stdout.split())


@pytest.mark.parametrize("words", ["--version", "grammar --help", "grammar list", "explain --help"])
def test_what_reads_no_log_loads_no_arrays(words):
    """The version and the grammars are shown without waiting for numpy."""
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "logreport", *words.split()],
        capture_output=True,
        text=True,
        check=True,
        cwd=PACKAGE.parent,
    )
    assert "logreport.cli" in run.stderr
    assert "numpy" not in run.stderr


def test_writing_a_size_loads_no_report():
    """`archive add` and its kin say how large things are without waiting for all that makes a report."""
    code = "import sys, logreport.reporting.text.formatting; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )
    assert not {"logreport.reporting.build", "logreport.reporting.report"} & set(run.stdout.split())

"""One way down: who may import whom, so that no stage looks back up the pipeline."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "logreport"
LOWER = {"tables", "sources", "grammar", "runs", "analysis", "workers", "archive", "runner", "reporting"}
MAY_IMPORT = {
    "errors": set(),
    "resources": set(),
    "scripts": set(),
    "tables": set(),
    "sources": set(),
    "grammar": set(),
    "runs": {"grammar", "tables"},
    "analysis": {"runs", "tables"},
    "workers": set(),
    "runner": {"analysis", "runs", "grammar", "tables"},
    "archive": {"analysis", "runs", "grammar", "sources", "tables", "workers"},
    "reporting": {"analysis", "runs", "tables"},
    "api": LOWER,
    "cli": LOWER | {"api"},
    "__init__": {"api"},  # the public names, loaded on first use
    "__main__": {"cli"},
}
ANYONE = {
    "errors",
    "resources",
    "scripts",
    "__init__",
}  # the error family, where data files are, the scripts, the version
HEAVY = {"matplotlib", "pandas", "pyarrow", "scipy", "weasyprint"}
MODULES = sorted(PACKAGE.rglob("*.py"))


def _layer(module):
    """The layer of a dotted name below `logreport`; the package itself is `__init__`."""
    return module.split(".")[1] if "." in module else "__init__"


def _dotted(path):
    return ".".join(("logreport", *path.relative_to(PACKAGE).with_suffix("").parts))


def _imports(path):
    """Every logreport module that a file imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = _dotted(path).split(".")[: -node.level] if node.level else []
            base = ".".join([*above, node.module] if node.module else above)
            # `from logreport import api` imports a layer, `from logreport import __version__` a name.
            names = [f"logreport.{a.name}" for a in node.names] if base == "logreport" else [base]
            names = [n for n in names if _layer(n) in MAY_IMPORT] or [base]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] == "logreport")


@pytest.mark.parametrize("path", MODULES, ids=_dotted)
def test_a_module_imports_only_what_its_layer_may(path):
    """A change in one stage cannot reach a stage before it, nor a reader skip one."""
    layer = _layer(_dotted(path))
    assert layer in MAY_IMPORT, f"logreport/{layer} is no layer of the design"
    allowed = MAY_IMPORT[layer] | ANYONE | {layer}
    wrong = sorted(name for name in _imports(path) if _layer(name) not in allowed)
    assert not wrong, f"{layer} may not import {', '.join(wrong)}"


def test_the_rule_sees_every_way_to_import(tmp_path, monkeypatch):
    """An import inside a function, a relative one and a renamed one count like any other."""
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
    path = tmp_path / "runs" / "tables.py"
    path.parent.mkdir()
    path.write_text(
        "import os, logreport.cli as c\n"
        "from logreport import __version__, api\n"
        "def late():\n"
        "    from ..reporting import charts\n"
        "    from . import schema\n"
        "    from logreport.analysis.results import Result\n"
    )
    found = {
        "logreport.cli",
        "logreport.api",
        "logreport.reporting",
        "logreport.runs",
        "logreport.analysis.results",
    }
    assert set(_imports(path)) == found


def test_starting_up_loads_nothing_heavy():
    """`logreport --help` answers at once: what is heavy is imported by the function that needs it."""
    code = "import sys, logreport.cli; print(*{name.split('.')[0] for name in sys.modules})"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )
    assert not HEAVY & set(run.stdout.split())

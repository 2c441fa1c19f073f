"""Code that stays readable: small files and small functions."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "logreport"
MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_file_is_long(path):
    """A reader finds one job in a file: none has more than 300 lines."""
    assert len(path.read_text().splitlines()) <= 300


def test_most_functions_are_short():
    """Nine functions in ten have under 25 lines."""
    functions = [
        (node.end_lineno - node.lineno + 1, f"{path.relative_to(PACKAGE)}:{node.lineno} {node.name}")
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = sorted((f for f in functions if f[0] >= 25), reverse=True)
    assert len(long) <= 0.1 * len(functions), long

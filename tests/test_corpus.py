"""Real logs with facts that were counted by other means, where they lie beside the checkout."""

import os
import re
import subprocess
import sys

import pytest


def check(corpus, root, cache, only, at_least):
    """Run the checker of the corpus; returns its exit status and what it printed."""
    run = subprocess.run(
        [sys.executable, str(corpus / "check.py"), "oracle", "--only", only, "--at-least", str(at_least)],
        env={
            **os.environ,
            "LOGREPORT": f"{sys.executable} -m logreport",
            "PYTHONPATH": str(root),
            "XDG_CACHE_HOME": str(cache),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    return run.returncode, run.stdout + run.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("only", "at_least"), [("seeds/", 1), ("official/", 0.97)])
def test_the_facts_hold(corpus, root, tmp_path, only, at_least):
    """Every fact of the founding documents holds, and at least 97 % of those of the official scripts' logs."""
    status, said = check(corpus, root, tmp_path, only, at_least)
    assert status == 0, said[-4000:]
    assert re.search(r"of [1-9][0-9]* facts hold", said), said

"""A program of ours in place of a script: runs without the launcher and TensorFlow, in a moment."""

import sys
from dataclasses import replace
from pathlib import Path

from logreport.runner import running
from logreport.runner.campaign import state
from logreport.runner.plan import Plan
from logreport.runner.preparation.preparing import Prepared
from logreport.scripts import SCRIPTS

ALEXNET = """
import sys, time
def say(text): print(f"2026-01-05 10:00:{{say.seconds:02}}.000000: {{text}}", flush=True); say.seconds += 1
say.seconds = 0
print("conv1   [32, 56, 56, 64]")
for name, mean in (("Forward", 0.1), ("Forward-backward", 0.3)):
    for step in range(0, 50, 10):
        say(f"step {{step}}, duration = {{mean:.3f}}")
        {each}
    {before_last}
    say(f"{{name}} across 50 steps, {{mean:.3f}} +/- 0.001 sec / batch")
"""


def instead_of_a_script(monkeypatch, each="pass", before_last="pass", code=None, added=(), values=None):
    """Have a program run in place of any script: alexnet's lines, with something in each step or before the last."""
    script = Path.cwd() / "alexnet_benchmark.py"
    script.write_text(code or ALEXNET.format(each=each, before_last=before_last))

    def prepare(plan, *, private, **_):
        flags = tuple(flag.replace("PRIVATE", str(private)) for flag in added)
        argv = (sys.executable, "-u", str(script), *plan.arguments, *flags)
        return Prepared(
            argv,
            {},
            Path.cwd(),
            flags,
            {"num_batches": 50, "batch_size": 32} if values is None else values,
            SCRIPTS[plan.script],
            Path.cwd(),
            name=plan.name,
        )

    monkeypatch.setattr(running, "prepare", prepare)
    monkeypatch.setattr(state, "prepare", prepare)


def plan(**fields):
    """A plan with a source, so that nothing is fetched."""
    return replace(Plan("alexnet", source="."), **fields)

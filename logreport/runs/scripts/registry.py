"""The scripts that have a file here, by their benchmark, the rules of segmentation of all of them, and what shows how far each is."""

import functools

from logreport.grammar import Engine
from logreport.runs.scripts import alexnet, benchmark_logger, cifar10, command, generic, mnist, tf_cnn
from logreport.runs.scripts.progress import Shows
from logreport.runs.segmentation import rules
from logreport.runs.segmentation.segmenter import Rule, Rules, Segmenter, StepRule

BENCHMARKS = {script.NAME: script for script in (alexnet, benchmark_logger, cifar10, command, mnist, tf_cnn)}
RULES: dict[str, Rule] = rules.RULES | {
    kind: rule for script in BENCHMARKS.values() for kind, rule in script.RULES.items()
}
STEP_RULES: dict[str, StepRule] = {
    kind: rule for script in BENCHMARKS.values() for kind, rule in getattr(script, "STEP_RULES", {}).items()
}
OPENING_RULES: dict[str, StepRule] = {
    kind: rule
    for script in BENCHMARKS.values()
    for kind, rule in getattr(script, "OPENING_RULES", {}).items()
}
PROGRESS: dict[str, Shows] = {
    kind: show
    for script in BENCHMARKS.values()
    for kind, show in getattr(script, "PROGRESS", {}).items()  # one that prints only at its end has none
}


def segmenter_for(source: str, engine: Engine) -> Segmenter:
    """What cuts a source that an engine reads into runs."""
    return Segmenter(source, rules_for(engine), engine.formats)


@functools.lru_cache(maxsize=8)
def rules_for(engine: Engine) -> Rules:
    """The rules of scripts, and of the formats that an engine reads."""
    kinds = [(leaf.kind, [name for name, _, _ in leaf.fields]) for leaf in engine.leaf_list]
    rules = generic.rules_of(engine.formats, kinds)
    return Rules(RULES | rules, STEP_RULES | generic.step_rules_of(engine.formats), OPENING_RULES)

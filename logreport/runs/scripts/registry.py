"""The scripts that have a file here, by their benchmark, the rules of segmentation of all of them, and what shows how far each is."""

from logreport.runs.scripts import alexnet, benchmark_logger, cifar10, command, mnist, tf_cnn
from logreport.runs.scripts.progress import Shows
from logreport.runs.segmentation import rules
from logreport.runs.segmentation.segmenter import Rule, StepRule

BENCHMARKS = {script.NAME: script for script in (alexnet, benchmark_logger, cifar10, command, mnist, tf_cnn)}
RULES: dict[str, Rule] = rules.RULES | {
    kind: rule for script in BENCHMARKS.values() for kind, rule in script.RULES.items()
}
STEP_RULES: dict[str, StepRule] = {
    kind: rule for script in BENCHMARKS.values() for kind, rule in getattr(script, "STEP_RULES", {}).items()
}
PROGRESS: dict[str, Shows] = {
    kind: show
    for script in BENCHMARKS.values()
    for kind, show in getattr(script, "PROGRESS", {}).items()  # one that prints only at its end has none
}

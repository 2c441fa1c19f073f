"""Validity, steady state, intervals, speedups: what the numbers in the tables are worth."""

from logreport.analysis.analyzing import analyze
from logreport.analysis.crossrun import check_across
from logreport.analysis.hardware import utilisation
from logreport.analysis.scaling import over_batch_sizes, over_devices, over_versions
from logreport.analysis.speedups import compare, geometric_means

__all__ = [
    "analyze",
    "check_across",
    "compare",
    "geometric_means",
    "over_batch_sizes",
    "over_devices",
    "over_versions",
    "utilisation",
]

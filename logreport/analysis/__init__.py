"""Validity, steady state, intervals, speedups: what the numbers in the tables are worth."""

from logreport.analysis.analyzing import analyze
from logreport.analysis.crossrun import check_across
from logreport.analysis.speedups import compare, geometric_means

__all__ = ["analyze", "check_across", "compare", "geometric_means"]

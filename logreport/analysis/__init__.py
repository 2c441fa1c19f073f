"""Validity, steady state, intervals, speedups: what the numbers in the tables are worth."""

from logreport.analysis.analyzing import analyze

__all__ = ["analyze"]

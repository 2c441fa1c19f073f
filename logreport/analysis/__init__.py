"""Validity, steady state, intervals, speedups: what the numbers in the tables are worth."""

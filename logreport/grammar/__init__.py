"""Grammars: load `.lark` files, lower them to regular expressions, match lines, explain a line.

A line is of kind `grammar.rule` if Lark, started at that rule, consumes it whole. Lark is the reference; what runs is
one regular expression over chunks of bytes that tests hold equal to it.
"""

from logreport.grammar.emission import Leaf
from logreport.grammar.engine import Engine
from logreport.grammar.loading import load_engine
from logreport.grammar.scans import Gap, Match, Scan

__all__ = ["Engine", "Gap", "Leaf", "Match", "Scan", "load_engine"]

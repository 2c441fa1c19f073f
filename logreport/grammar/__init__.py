"""Grammars: load `.lark` files, lower them to regular expressions, match lines, explain a line.

A line is of kind `grammar.rule` if Lark, started at that rule, consumes it whole. Lark is the reference; what runs is
one regular expression over chunks of bytes that tests hold equal to it.

What a file says of its runs stands in `directives`, which fill what `logreport.scripts` knows of a script; an engine holds
them as its `formats`. Names of fields say their unit (`fields`).
"""

from logreport.grammar.loading import load_engine
from logreport.grammar.lowering.pattern import Leaf
from logreport.grammar.scanning.engine import Engine
from logreport.grammar.scanning.forms import Form
from logreport.grammar.scanning.records import Match, Records
from logreport.grammar.scanning.scan import Gap, Scan

__all__ = ["Engine", "Form", "Gap", "Leaf", "Match", "Records", "Scan", "load_engine"]

"""Where a line stops making sense: a blank that is missing, or one too many, is called by that name."""

import pytest

from logreport.grammar.linting.nearest import nearest
from logreport.grammar.lowering.lower import lower_file

GRAMMAR = """
start: step | ending
step: "Step " step_ _WS "| loss " loss " | " seconds " s"
ending: "Done in " seconds " s" _NL "Best loss " loss
step_: INT
loss: FLOAT
seconds: FLOAT
%import .terminals (INT, FLOAT, _WS, _NL)
"""
STOPS = {
    "Step 10| loss 2.5 | 0.25 s": (7, "a blank"),
    "Step 10 | loss  2.5 | 0.25 s": (15, "loss (float) without a blank before it"),
    "Step 10 | loss 2.5| 0.25 s": (18, "a blank and '| '"),
    "Step 10 | loss 2.5 |0.25 s": (20, "a blank"),
    "Step 10 | loss 2.5 | 0.25  s": (26, "'s' without a blank before it"),
    "Step 10 | loss 2.5 | 0.25s": (25, "a blank and 's'"),
    "Step 10 | lost 2.5 | 0.25 s": (13, "'s '"),
    "Step 10 | loss x | 0.25 s": (15, "loss (float)"),
    "Step 10 | loss 2.5 | 0.25 s more": (27, "the end of the line"),
    "Done in 2.5 s": (13, "a new line"),
}


@pytest.mark.parametrize("line", STOPS)
def test_where_a_line_stops(tmp_path, line):
    """The column, and what is expected there."""
    path = tmp_path / "a.lark"
    path.write_text(GRAMMAR)
    found = nearest(line.encode(), lower_file(path))
    assert (found.column, found.expected) == STOPS[line]

"""What reports said when somebody last looked at them."""

import os
from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "reporting" / "golden"


def same(name, text):
    """Whether a text is that of its golden file."""
    path = GOLDEN / name
    if os.environ.get("LOGREPORT_UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return text == path.read_text(encoding="utf-8")

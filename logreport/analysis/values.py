"""Small helpers for values that may be missing, nan, infinite or not positive."""

import math
from typing import Any


def number(value: Any) -> float | None:  # noqa: ANN401 -- table values are what the log held
    """The value as a finite float; None for missing values, nan, infinities, and text."""
    try:
        result = float(value)
    except (TypeError, ValueError):
        return None
    return result if math.isfinite(result) else None


def positive(value: Any) -> bool:  # noqa: ANN401 -- table values are what the log held
    """Whether a value is there, finite and above zero."""
    result = number(value)
    return result is not None and result > 0

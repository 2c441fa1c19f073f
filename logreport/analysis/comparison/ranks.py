"""Mann–Whitney's U test, as benchstat uses it: for repeats, with no assumption about their distribution."""

import math
from collections import Counter
from collections.abc import Sequence

ENOUGH = 4  # runs a side; with fewer, p < 0.05 cannot be reached


def mann_whitney(a: Sequence[float], b: Sequence[float]) -> float:
    """Two-sided p-value that neither of two samples tends to be larger.

    Exact without ties (Mann & Whitney 1947), else the normal approximation with the variance corrected for ties and
    half a unit of continuity.
    """
    u = sum((x > y) + (x == y) / 2 for x in a for y in b)
    least = min(u, len(a) * len(b) - u)
    ties = [count for count in Counter((*a, *b)).values() if count > 1]
    if ties:
        return _normal(least, len(a), len(b), ties)
    ways = _ways(len(a), len(b))
    return min(1.0, 2 * sum(ways[: int(least) + 1]) / math.comb(len(a) + len(b), len(a)))


def _ways(m: int, n: int) -> list[int]:
    """Number of orders of m and n values for each U, from the generating function ∏(1−x^{n+i})/(1−x^i)."""
    ways = [1] + [0] * (m * n)
    for i in range(1, m + 1):
        for u in range(m * n, n + i - 1, -1):
            ways[u] -= ways[u - n - i]
        for u in range(i, m * n + 1):
            ways[u] += ways[u - i]
    return ways


def _normal(u: float, m: int, n: int, ties: Sequence[int]) -> float:
    """Normal approximation: variance mn/12·(N + 1 − Σ(t³−t)/(N(N−1)))."""
    total = m + n
    variance = m * n / 12 * (total + 1 - sum(t**3 - t for t in ties) / (total * (total - 1)))
    if variance <= 0:
        return 1.0
    z = (m * n / 2 - u - 0.5) / math.sqrt(variance)
    return min(1.0, math.erfc(z / math.sqrt(2)))

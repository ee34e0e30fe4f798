"""How far a metric measured on n rows may be from its true value."""

from __future__ import annotations

import math

Z = 1.959964
"""Of a two-sided 95 % interval of the normal distribution."""


def accuracy_half_width(rows: int) -> float:
    """Half the width of the 95 % interval of an accuracy of 0.5 measured on `rows` rows.

    Wilson's score interval (JASA 22, 1927; recommended by Brown, Cai and DasGupta, Statistical
    Science 16, 2001) at p = 0.5, where it is widest: z / (2 sqrt(n + z²)). From 0 to 0.5.
    """
    return Z / (2 * math.sqrt(rows + Z * Z))


def rows_for_accuracy(half_width: float) -> int:
    """The fewest rows whose `accuracy_half_width` is at most `half_width` (above 0)."""
    return max(0, math.ceil((Z / (2 * half_width)) ** 2 - Z * Z))


def rmse_half_width(rows: int) -> float:
    """Half the relative width of the 95 % interval of an RMSE measured on `rows` rows.

    The relative standard error of a standard deviation of normal errors is 1 / sqrt(2 (n - 1))
    (Ahn and Fessler, 2003). Infinite for one row or none.
    """
    return Z / math.sqrt(2 * (rows - 1)) if rows > 1 else math.inf


def rows_for_rmse(half_width: float) -> int:
    """The fewest rows whose `rmse_half_width` is at most `half_width` (above 0)."""
    return math.ceil((Z / half_width) ** 2 / 2 + 1)

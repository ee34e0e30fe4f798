"""How far a second sample of the same data may go beyond the first: ranges, rates, sets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]

RARITY = 9.2
"""Margin of a range, in mean excesses of its tail: the maximum of a second sample of as many rows
lies that far beyond the first's by a chance of about 1 in 10,000 where the tail is exponential
(the difference of two Gumbel variables is logistic, 1 / (1 + e**9.2))."""

HEAVY = 0.25
"""Index that the tail of a skewed or peaked column has at least; few excesses show too light a
one."""

TIED = 0.25
"""Share of the range that is the margin where the largest values are all the same, of three
distinct ones or more: a step that a discrete column may still go."""

PEAKED = 3.4
"""Middle 95 % over middle 50 % from which on a column is peaked: 2.9 for normal values, 4.2 for
Student's t with 3 degrees of freedom."""

VERY_SKEWED = 0.7
"""Skewness from which on the upper end is that of the logarithms: a lognormal column's is 0.68."""

SPREADS, FEW = 4.5, 9
"""Margin of a count, in standard deviations of a Poisson variable, and in rows: 4.5 deviations
alone are too few where the count is small."""

SKEWED = 0.3
"""Skewness by quantiles (Bowley's, at 5, 50 and 95 %) from which on positive numbers end at 0."""

AT_ZERO = 16
"""Values just above 0 which, without one below, make 0 the natural end: with a tail that went on,
some of so many would be below."""


def bounds(values: Numbers) -> tuple[float, float]:
    """Smallest and largest value that a second sample may hold, rounded outwards.

    Each tail is taken for a generalised Pareto one, whose index is that of the mean and variance
    of its excesses (Hosking and Wallis 1987), and never lighter than an exponential one. Zero is
    the lower end where the values are such that it is a natural one.

    Args:
        values: At least two finite numbers, in any order.
    """
    import numpy as np

    ordered = np.sort(values)
    first, last = float(ordered[0]), float(ordered[-1])
    skew, peaked = _shape(ordered)
    high = last + _margin(ordered, HEAVY if peaked or skew > SKEWED else 0.0)
    low = first - _margin(-ordered[::-1], HEAVY if peaked or skew < -SKEWED else 0.0)
    if first > 0 and skew > VERY_SKEWED:
        high = math.exp(min(math.log(last) + _margin(np.log(ordered), 0.0), 700.0))
    if low < 0 <= first and (skew > SKEWED or _ends_at_zero(ordered)):
        low = 0.0
    return _rounded(low, first, math.floor), _rounded(high, last, math.ceil)


def _shape(ordered: Numbers) -> tuple[float, bool]:
    """Skewness by quantiles, -1 to 1, and whether the column is peaked."""
    import numpy as np

    points = np.quantile(ordered, [0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975])
    least, low, lower, middle, upper, high, most_ = map(float, points)
    skew = (high + low - 2 * middle) / (high - low) if high > low else 0.0
    return skew, most_ - least > PEAKED * (upper - lower)


def _tail(ordered: Numbers) -> Numbers:
    """The excesses of the largest values over the one below them."""
    size = len(ordered)
    count = min(max(10, int(1.5 * math.sqrt(size))), size // 2, 500)
    excesses: Numbers = ordered[size - count :] - ordered[size - count - 1]
    return excesses


def _margin(ordered: Numbers, least: float) -> float:
    """How far above the largest value a second sample may reach; `least` is the index at least."""
    excesses = _tail(ordered)
    mean, spread = float(excesses.mean()), float(excesses.var())
    if not math.isfinite(mean) or not math.isfinite(spread):
        return 0.0
    if mean <= 0:
        middle = bool(((ordered > ordered[0]) & (ordered < ordered[-1])).any())
        return TIED * float(ordered[-1] - ordered[0]) if middle else 0.0
    index = max(least, 0.5 * (1 - mean * mean / spread) if spread else 0.0)
    if index < 0.01:
        return RARITY * mean
    scale = mean * (1 - index) + index * float(excesses[-1])
    return scale / index * math.expm1(RARITY * index)


def _ends_at_zero(ordered: Numbers) -> bool:
    """Whether so many values are just above zero that some would be below, if any could."""
    import numpy as np

    near = float(_tail(-ordered[::-1]).mean())
    return bool(np.count_nonzero(ordered <= near) >= AT_ZERO)


def _rounded(bound: float, end: float, outwards: object) -> float:
    """The bound with as many digits as its distance from the data deserves, two."""
    distance = abs(bound - end)
    if distance == 0 or not math.isfinite(bound) or not callable(outwards):
        return bound
    digits = 1 - math.floor(math.log10(distance))
    if digits > 300:
        return bound
    step = 10.0**-digits
    whole = float(outwards(bound / step))
    return round(whole * step, max(digits, 0)) if digits >= 0 else whole * 10.0 ** (-digits)


def most(count: int, rows: int) -> float:
    """Largest share that a second sample may have of what `count` of `rows` rows have."""
    return (count + SPREADS * math.sqrt(count + 1) + FEW) / rows if rows else 1.0


def mostly(count: int, rows: int) -> float | None:
    """Least share of the rows without what `count` rows have; None where that says little.

    Rounded down to three digits; 1.0 where no row has it.
    """
    if count == 0:
        return 1.0
    share = math.floor(1000 * (1 - most(count, rows))) / 1000
    return share if share >= 0.5 else None

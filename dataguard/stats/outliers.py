"""Numbers far from all others of their column: limits that do not mind heavy tails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

LEAST_VALUES = 12
"""Values below which nothing can be said of the others."""

MOST_OUTSIDE = 0.15
"""Share of the values beyond which those outside are no outliers but a part of the column."""

WIDER = 2.5
"""A factor of ten explains an outlier where the usual values differ by a factor of four at most."""

GAP = 4.0
"""The factor by which an outlier that a slip explains differs from the nearest usual value."""

ONE_VALUE = 0.7
"""Share of the values that are the same for a column to be one of a single value."""

ALONE = 0.75
"""Distinct over all deviations from the single value, from which on they are entry errors."""


class Limits(msgspec.Struct, frozen=True):
    """Between which numbers a column's values are usual.

    Attributes:
        low: Numbers below are outliers; minus infinity where none is.
        high: Numbers above are outliers; infinity where none is.
        usual_low: 5 % quantile of the usual values.
        usual_high: 95 % quantile of the usual values.
        least: Smallest size of a usual value.
        most: Largest size of one.
        positive: Whether all usual values are above zero.
        middle: Median of the usual values, on the scale that they were judged on.
        below: Spread below the median, on this scale.
        above: Spread above it.
        logarithmic: Whether the scale is logarithmic.
        single: The value that nearly all rows have, else None.
    """

    low: float
    high: float
    usual_low: float
    usual_high: float
    least: float
    most: float
    positive: bool
    middle: float
    below: float
    above: float
    logarithmic: bool = False
    single: float | None = None

    def slip(self, value: float) -> str:
        """Which slip of the pen would explain an outlier; "" where none does.

        A factor explains one only if it is `WIDER` times as large as the range of usual values,
        and no value lies in between.
        """
        if self.usual_low <= 0 <= self.usual_high:
            return ""
        if self.positive and value < 0 and self.usual_low <= -value <= self.usual_high:
            return "negative"
        sizes = sorted((abs(self.usual_low), abs(self.usual_high)))
        next_to = self.least if abs(value) < sizes[0] else self.most
        if value == 0 or value * self.usual_low < 0 or next_to == 0:
            return ""
        gap = max(abs(value) / next_to, next_to / abs(value))
        for power in (1, 2, 3):
            factor = 10.0**power
            if factor < WIDER * sizes[1] / sizes[0] or gap < GAP:
                continue
            if self.usual_low <= value / factor <= self.usual_high:
                return f"{factor:,.0f} times as large as a usual value"
            if self.usual_low <= value * factor <= self.usual_high:
                return f"{factor:,.0f} times as small as a usual value"
        return ""


def limits(values: Values, far: float) -> Limits | None:
    """The limits of a column's values; None where there is no outlier among them.

    The spread is taken on each side of the median from the nearer half and the nearer nine tenths
    of the values, on a logarithmic scale where the column is less skewed there; values count as
    outliers beyond `far` such spreads where a gap parts them from the usual ones.

    Args:
        values: Finite numbers of a sample.
        far: Spreads, as many standard deviations of a normal distribution.
    """
    import numpy as np

    if len(values) < LEAST_VALUES:
        return None
    ordered = np.sort(values)
    if (single := _single(ordered)) is not None:
        return single
    logarithmic = _is_skewed(ordered)
    scaled = np.log(ordered) if logarithmic else ordered
    low, high, (middle, under, over) = _outside(scaled, far, logarithmic=logarithmic)
    outside = low + high
    if not outside or outside > max(2, MOST_OUTSIDE * len(values)):
        return None
    usual = ordered[low : len(ordered) - high]
    outer = np.concatenate((ordered[:low], ordered[len(ordered) - high :]))
    if len(outer) >= 4 and 2 * len(np.unique(outer)) <= len(outer):
        return None
    below = ordered[low - 1] if low else -np.inf
    above = ordered[len(ordered) - high] if high else np.inf
    return Limits(
        low=float((below + usual[0]) / 2) if low else -np.inf,
        high=float((above + usual[-1]) / 2) if high else np.inf,
        usual_low=float(np.quantile(usual, 0.05)),
        usual_high=float(np.quantile(usual, 0.95)),
        least=float(np.abs(usual).min()),
        most=float(np.abs(usual).max()),
        positive=bool(usual[0] > 0),
        middle=middle,
        below=under,
        above=over,
        logarithmic=logarithmic,
    )


def spreads(value: float, one: Limits) -> float:
    """How many spreads a value lies from the median; infinity where a logarithm has none."""
    import math

    if one.single is not None or (one.logarithmic and value <= 0):
        return math.inf
    scaled = math.log(value) if one.logarithmic else value
    distance = scaled - one.middle
    return distance / one.above if distance > 0 else -distance / one.below


def may_hold(ordered: pl.Series, far: float) -> bool:
    """Whether sorted values may hold an outlier, by a few of them: a quick test for `limits`."""
    import math

    n = len(ordered)
    if n < LEAST_VALUES:
        return False
    places = (0, n // 20, n // 4, n // 2, (3 * n) // 4, n - 1 - n // 20, n - 1)
    low, q05, q25, q50, q75, q95, high = (float(ordered[place]) for place in places)
    if q25 == q50 or q50 == q75:
        return bool(low < high)
    for scale in (float, math.log) if low > 0 else (float,):
        a, b, c, d, e, f, g = (scale(v) for v in (low, q05, q25, q50, q75, q95, high))
        below = max((d - c) / 0.6745, (d - b) / 1.645, (e - d) / 2)
        above = max((e - d) / 0.6745, (f - d) / 1.645, (d - c) / 2)
        if a < d - 0.9 * far * below or g > d + 0.9 * far * above:
            return True
    return False


def _single(ordered: Values) -> Limits | None:
    """The limits of a column that holds one value, not zero, but for numbers that stand alone."""
    import numpy as np

    middle = float(ordered[len(ordered) // 2])
    same = ordered == middle
    others = ordered[~same]
    if same.mean() < ONE_VALUE or middle == 0 or len(others) < 1:
        return None
    if same.sum() < LEAST_VALUES or not _are_scattered(others, middle):
        return None
    return Limits(
        low=float((np.max(others[others < middle], initial=-np.inf) + middle) / 2),
        high=float((np.min(others[others > middle], initial=np.inf) + middle) / 2),
        usual_low=middle,
        usual_high=middle,
        least=abs(middle),
        most=abs(middle),
        positive=middle > 0,
        middle=middle,
        below=1.0,
        above=1.0,
        single=middle,
    )


def _are_scattered(others: Values, middle: float) -> bool:
    """Whether deviations stand alone, or many different ones lie on both sides."""
    import numpy as np

    kinds, counted = np.unique(others, return_counts=True)
    both = min((others < middle).mean(), (others > middle).mean()) >= 0.2
    return len(kinds) >= ALONE * len(others) or (
        both and len(kinds) >= 5 and counted.max() <= 0.25 * len(others)
    )


def _is_skewed(ordered: Values) -> bool:
    """Whether the middle nine tenths are more symmetric on a logarithmic scale."""
    import numpy as np

    if np.quantile(ordered, 0.1) <= 0 or ordered[0] <= 0:
        return False
    skews = [_skew(np.quantile(s, (0.05, 0.5, 0.95))) for s in (ordered, np.log(ordered))]
    return skews[1] < skews[0]


def _skew(quantiles: Values) -> float:
    low, middle, high = quantiles.tolist()
    return abs(high + low - 2 * middle) / (high - low) if high > low else 0.0


def _outside(
    ordered: Values, far: float, *, logarithmic: bool
) -> tuple[int, int, tuple[float, float, float]]:
    """How many values lie too low, how many too high; the median and the spreads around it."""
    import numpy as np

    q05, q25, q50, q75, q95 = np.quantile(ordered, (0.05, 0.25, 0.5, 0.75, 0.95)).tolist()
    below = max((q50 - q25) / 0.6745, (q50 - q05) / 1.645, (q75 - q50) / 2)
    above = max((q75 - q50) / 0.6745, (q95 - q50) / 1.645, (q50 - q25) / 2)
    if below <= 0 or above <= 0:
        return 0, 0, (q50, 1.0, 1.0)
    low = int((ordered < q50 - far * below).sum())
    high = int((ordered > q50 + far * above).sum())
    usual = ordered[low : len(ordered) - high]
    if low and usual[0] - ordered[low - 1] < (1.5 if logarithmic else 0.5) * below:
        low = 0
    if high and ordered[len(ordered) - high] - usual[-1] < 0.5 * above:
        high = 0
    return low, high, (q50, below, above)

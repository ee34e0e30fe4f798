"""Whether columns were scaled or filled with numbers that come from several splits together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, sqrt

import msgspec

EXACT = 1e-4
"""How far mean and deviation may be from 0 and 1. Scaled values written with three decimals stay
within 1e-5; a column scaled by one of two parts is off by some hundredths with a thousand rows."""

ALONE = 1e-6
"""The same for a single column, which no other one confirms."""

APART = 5.0
"""The training part alone must be so many times further off than `EXACT`."""


class Moments(msgspec.Struct, frozen=True):
    """Sums over the numbers of a column.

    Attributes:
        count: How many numbers there are.
        total: Their sum.
        squares: The sum of their squares.
        low: The smallest; infinity where there is none.
        high: The largest.
    """

    count: int
    total: float
    squares: float
    low: float
    high: float

    @property
    def mean(self) -> float:
        """The mean; 0 for no number."""
        return self.total / self.count if self.count else 0.0

    def deviations(self) -> tuple[float, float]:
        """The standard deviation, divided by n and by n - 1."""
        if self.count < 2:
            return 0.0, 0.0
        spread = max(0.0, self.squares - self.total * self.total / self.count)
        return sqrt(spread / self.count), sqrt(spread / (self.count - 1))


def pooled(parts: Sequence[Moments]) -> Moments:
    """The moments of several parts together."""
    return Moments(
        sum(p.count for p in parts),
        sum(p.total for p in parts),
        sum(p.squares for p in parts),
        min((p.low for p in parts), default=inf),
        max((p.high for p in parts), default=-inf),
    )


def off_standard(moments: Moments) -> float:
    """How far a column is from mean 0 and deviation 1: the larger of both distances."""
    return max(abs(moments.mean), min(abs(d - 1) for d in moments.deviations()))


def standardised(train: Mapping[str, Moments], both: Mapping[str, Moments]) -> list[str]:
    """The columns that have mean 0 and deviation 1 over both parts, and not over the first.

    A column that a scaler fitted on the training part gave mean 0 and deviation 1 is off over both
    parts by what they differ, about 1 / sqrt(n).
    """
    exact = {n for n in both if off_standard(both[n]) <= EXACT}
    own = {n for n in exact if off_standard(train[n]) >= APART * EXACT}
    if len(own) < 2:
        own = {n for n in own if off_standard(both[n]) <= ALONE}
    if not own:
        return []
    if any(off_standard(train[n]) <= ALONE and off_standard(both[n]) > ALONE for n in both):
        return []  # others were fitted on the training part, so this is chance
    return [n for n in both if n in own]


def squeezed(
    train: Mapping[str, Moments], both: Mapping[str, Moments], continuous: Sequence[str]
) -> tuple[list[str], list[str]]:
    """The columns squeezed into 0 to 1 (or -1 to 1) over both parts, and those that prove it.

    A column proves it where the training part alone does not reach both ends, and the ends are
    values that only scaling makes: the column is continuous. Nothing, unless all continuous columns
    that reach the ends over both parts would be so by one scaler, and three at least.
    """
    for low in (0.0, -1.0):
        ends = [n for n in continuous if both[n].low == low and both[n].high == 1.0]
        proof = [n for n in ends if train[n].low > low or train[n].high < 1.0]
        if len(ends) >= 3 and proof and not any(_overshoots(train[n], both[n], low) for n in both):
            return ends, proof
    return [], []


def _overshoots(train: Moments, both: Moments, low: float) -> bool:
    """Whether the training part has the ends and the other part goes beyond: a proper scaler."""
    return train.low == low and train.high == 1.0 and (both.low < low or both.high > 1.0)

"""Whether missing numbers were filled with the mean or median of several splits together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import polars as pl

LEAST_COUNT = 5
"""Cells that hold the value in the sample of the training part."""

SPIKE = 5.0
"""It stands so many times as often as the next commonest value."""

COARSEST = 1e-3
"""The value must be written so exactly, measured by the spread of the others, that few numbers
would fit by chance."""

MOST_OFF = 1
"""By how many rows the counts above and below a median may differ."""


class Others(msgspec.Struct, frozen=True):
    """The numbers of a column that are not the repeated value.

    Attributes:
        count: How many there are.
        total: Their sum.
        below: How many are smaller than the value.
    """

    count: int
    total: float
    below: int

    @property
    def mean(self) -> float:
        """The mean; 0 for no number."""
        return self.total / self.count if self.count else 0.0

    @property
    def unbalanced(self) -> int:
        """By how many rows those below and those above differ; 0 or 1 where it is the median."""
        return abs(self.count - 2 * self.below)


def spike(numbers: pl.Series) -> float | None:
    """The value that is repeated far more than all others, or None.

    It is neither the smallest nor the largest (those are ends of a scale), nor 0.
    """
    import polars as pl

    counted = numbers.drop_nulls().alias("x").value_counts(name="n")
    if counted.height < 2 * LEAST_COUNT:
        return None
    first = counted.sort(["n", "x"], descending=[True, False]).head(2)
    (value, times), (_, second) = first.rows()
    low, high = counted.select(pl.col("x").min().alias("a"), pl.col("x").max().alias("b")).row(0)
    if times < LEAST_COUNT or times < SPIKE * second or value in (low, high, 0.0):
        return None
    return float(value)


def written_step(value: float) -> float:
    """Half the last digit with which a value is written, 0.005 for 29.68; at most 15 digits."""
    digits = f"{value:.15g}"
    if "e" in digits or "." not in digits:
        return abs(value) * 1e-9 if "e" in digits else 0.5
    return max(0.5 * 10.0 ** -len(digits.partition(".")[2]), abs(value) * 1e-9)


def filled_with(value: float, train: Others, both: Others, spread: float) -> str:
    """ "mean" or "median" where the value is that of both parts and not of the first; else empty.

    Args:
        value: The repeated value.
        train: The other numbers of the training part.
        both: Those of both parts.
        spread: Their standard deviation, about.
    """
    step = 1.01 * written_step(value)
    if step > COARSEST * spread:
        return ""
    if abs(both.mean - value) <= step:
        return "mean" if abs(train.mean - value) > 2 * step else ""
    balanced = both.unbalanced <= MOST_OFF
    return "median" if balanced and train.unbalanced > MOST_OFF + 2 else ""

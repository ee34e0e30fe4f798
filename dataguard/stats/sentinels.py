"""Numbers that stand for "no value", told from measurements by where they lie and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec

if TYPE_CHECKING:
    import polars as pl

SENTINELS = tuple(
    sorted(
        {-1.0, -9.0, -88.0, -98.0, 88.0, 98.0, -888.0, 888.0, 998.0, -998.0, 1e20, 1e36, -1e20}
        | {sign * (10.0**k - 1) for k in range(2, 10) for sign in (1, -1)}
        | {sign * x for x in (99.9, 99.99, 999.9, 999.99, 9999.9, 9999.99) for sign in (1, -1)}
        | {-32768.0, 32767.0, -2147483648.0, 2147483647.0, 4294967295.0}
    )
)
"""Numbers that data sets use for "missing": codebooks of surveys (-9, 99, 998), weather data
(999.9), nodata of rasters (-9999, -32768) and the limits of integers."""

SURE = 998.0
"""Beyond this size one such number is enough; smaller ones must repeat."""


class Rest(msgspec.Struct, frozen=True):
    """The values of a column that are no sentinels.

    Attributes:
        low: Smallest one.
        high: Largest one.
        usual_low: 0.5 % quantile, of a sample.
        usual_high: 99.5 % quantile, of a sample.
        distinct: Distinct ones in the sample.
        repeats: How often the most frequent one stands in the column, by the sample.
        whole: Whether all of them are whole numbers.
    """

    low: float
    high: float
    usual_low: float
    usual_high: float
    distinct: int
    repeats: float
    whole: bool


def rest_of(sample: pl.Series, low: float | None, high: float | None, scale: float) -> Rest | None:
    """The values of a column that are no sentinels; None where there are none.

    Args:
        sample: Numbers of a sample of the column, without missing ones.
        low: Smallest value of the whole column that is no sentinel.
        high: Largest one.
        scale: Rows of the column over rows of the sample.
    """
    number = sample.filter(~sample.is_in(SENTINELS)).alias("value")
    if low is None or high is None or number.is_empty():
        return None
    return Rest(
        low=low,
        high=high,
        usual_low=cast("float", number.quantile(0.005)),
        usual_high=cast("float", number.quantile(0.995)),
        distinct=number.n_unique(),
        repeats=max(1.0, cast("int", number.value_counts()["count"].max()) * scale),
        whole=bool((number == number.floor()).all()),
    )


def may_hold_sentinels(low: float | None, high: float | None, sample: pl.Series) -> bool:
    """Whether a column is worth a count of its sentinels.

    A number outside all others is the smallest or the largest; one that repeats is in the sample.

    Args:
        low: Smallest value of the column; None where there is none.
        high: Largest one.
        sample: Numbers of a sample of the column, without missing ones.
    """
    if low in SENTINELS or high in SENTINELS:
        return True
    sample = sample.alias("value")  # a column may be called count
    candidates = sample.filter(sample.is_in(SENTINELS) & (sample.abs() >= 99))
    if len(candidates) < 2:
        return False
    others = sample.filter(~sample.is_in(SENTINELS)).value_counts()["count"].max()
    most = cast("int", candidates.value_counts()["count"].max())
    return others is None or most >= cast("int", others)


def is_sentinel(value: float, count: int, rest: Rest | None, spike: float = 5.0) -> bool:
    """Whether `value`, one of `SENTINELS`, stands for "missing" in a column.

    It does where it lies far outside all other values (by twice their usual range), or is a
    negative number among others that are never negative; and where a number of at least two
    digits repeats `spike` times as often as any other value.

    Args:
        value: The number.
        count: How often it stands in the column.
        rest: The other values; where there are none, nothing can be told.
        spike: See above.
    """
    if rest is None:
        return False
    if value == -1:
        counted = rest.whole and rest.low >= 0 and rest.high >= 10 and rest.distinct > 10
        return counted and count >= 2
    if abs(value) >= 99 and count >= max(5.0, spike * rest.repeats):
        return True
    if count < _enough(value):
        return False
    if value < 0 <= rest.low:
        return True
    width = rest.usual_high - rest.usual_low
    if value < rest.low:
        return rest.low - value > width and rest.usual_low - value > 2 * width
    if value > rest.high:
        return value - rest.high > width and value - rest.usual_high > 2 * width
    return False


def _enough(value: float) -> int:
    """Repetitions without which a number of this size may be a measurement."""
    if abs(value) >= SURE:
        return 1
    return 2 if value < 0 else 3

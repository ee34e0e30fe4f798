"""How the rows of two splits lie in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from dataguard.dataset import Split

    F64 = NDArray[np.float64]

LEAST_PAIRS = 30
"""Rows whose neighbours in time are compared."""

APART = 0.9
"""Chance of a held-out row to be later (or earlier), from which on a split was made by time."""


class Order(msgspec.Struct, frozen=True):
    """Two splits in time.

    Attributes:
        later: The chance that a held-out row is later than a training row; ties count half.
        cut: The time that parts them best: training rows before it, held-out rows from it on.
        early: Held-out rows before the cut.
        late: Training rows from the cut on.
    """

    later: float
    cut: float
    early: int
    late: int


def order(train: F64, test: F64) -> Order:
    """How two splits lie in time.

    Args:
        train: Times of the training rows, finite; shape (n,), not empty.
        test: Times of the held-out rows; shape (m,), not empty.
    """
    import numpy as np

    from dataguard.stats.two_samples import auc

    times = np.unique(test)
    sorted_train, sorted_test = np.sort(train), np.sort(test)
    early = np.searchsorted(sorted_test, times, side="left")
    # Rows of the same day may be in both: only those after it are too late.
    late = len(train) - np.searchsorted(sorted_train, times, side="right")
    best = int(np.argmin(early + late))
    second = np.arange(len(train) + len(test)) >= len(train)
    later = auc(np.concatenate([train, test]), second).value
    return Order(later, float(times[best]), int(early[best]), int(late[best]))


def neighbours_alike(rows: pl.DataFrame) -> tuple[float, float]:
    """How alike a number is in rows that follow each other in time, and the error of that.

    The correlation of each time of a group with the next one (lag one), by rank within the group so
    that neither outliers nor the groups' levels count; rows of one time count as their mean, for
    what they share may have other causes. The standard error of a serial correlation
    of independent rows is 1 / sqrt(n) (Bartlett, 1946).

    Args:
        rows: The columns "t" (time), "y" (number) and "g" (group), in an order that says nothing.
    """
    import polars as pl

    ordered = rows.group_by("g", "t").agg(pl.col("y").mean()).sort("g", "t")
    rank = pl.col("y").rank("average")
    steps = ordered.with_columns(r=(rank - rank.mean()).over("g")).select(
        product=pl.col("r") * pl.col("r").shift(1).over("g"), square=pl.col("r") ** 2
    )
    pairs = steps.height - steps.get_column("product").null_count()
    squares = float(steps.get_column("square").sum())
    if pairs < LEAST_PAIRS or not squares:
        return 0.0, 1.0
    return float(steps.get_column("product").sum()) / squares, pairs**-0.5


def apart_in_time(train: Split, split: Split) -> str:
    """The column of time, where the samples of two splits are apart by it; else empty."""
    from dataguard.stats.clock import moments, time_column
    from dataguard.stats.two_samples import auc

    column = time_column(train)
    if column is None or column.name not in split:
        return ""
    import numpy as np

    times = []
    for part in (train, split):
        form = moments(part, part[column.name])
        if form is None:
            return ""
        times.append(part.preview.select(form.alias("t")).to_series().drop_nulls().to_numpy())
    second = np.arange(sum(map(len, times))) >= len(times[0])
    return column.name if auc(np.concatenate(times), second).apart >= APART else ""

"""Whether the rows of a file are sorted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataguard.queries import ROW

if TYPE_CHECKING:
    import polars as pl

    from dataguard.dataset import Split

LEAST_ROWS = 50
LEAST_VALUES = 20
"""Different numbers that must be in order."""

RUNS_A_CLASS = 1.5
"""Runs of equal labels that sorted rows have, a class: one, and some that were added later."""

RARER = 5.0
"""There must be so many times fewer runs than in random order."""

FEW, NEARLY = 300, 0.9
"""Rows looked at first, and the share of their steps that must go in one direction."""

IN_ORDER = 0.995
"""Share of the steps between neighbours that go in one direction."""


def may_be_sorted(split: Split, value: pl.Expr) -> bool:
    """A cheap test before `direction`: whether a few rows of the sample are nearly in order."""
    few = in_file_order(split, value, FEW).drop_nulls()
    steps = few.diff().drop_nulls()
    up, down = ((s.mean() or 0) for s in (steps >= 0, steps <= 0))
    return len(steps) > 0 and max(float(up), float(down)) >= NEARLY  # type: ignore[arg-type]


def in_file_order(split: Split, value: pl.Expr, rows_of: int | None = None) -> pl.Series:
    """A value of the sample's rows as they stand in the file, one a group: those stand together."""
    import polars as pl

    groups = [pl.col(c.name).alias(f"g{i}") for i, c in enumerate(split.of_role("group"))]
    sample = split.preview if rows_of is None else split.preview.head(rows_of)
    rows = sample.select(pl.col(ROW), value.alias("y"), *groups).sort(ROW)
    for i in range(len(groups)):
        rows = rows.unique(f"g{i}", keep="first", maintain_order=True)
    return rows.get_column("y")


def sorted_by_class(labels: pl.Series) -> tuple[int, int] | None:
    """The numbers of runs and of classes, where each class stands together; else None.

    Args:
        labels: The labels in the order of the rows.
    """
    labels = labels.drop_nulls()
    if len(labels) < LEAST_ROWS:
        return None
    runs = int((labels != labels.shift(1)).sum()) + 1
    counts = labels.alias("y").value_counts(name="n").get_column("n")
    expected = 1 + (len(labels) - 1) * (1 - float(((counts / len(labels)) ** 2).sum()))
    few = runs <= max(2, RUNS_A_CLASS * len(counts)) and RARER * runs <= expected
    return (runs, len(counts)) if len(counts) > 1 and few else None


def direction(numbers: pl.Series) -> str:
    """ "ascending" or "descending", where numbers are so ordered; else empty."""
    numbers = numbers.drop_nulls()
    if len(numbers) < LEAST_ROWS or numbers.n_unique() < LEAST_VALUES:
        return ""
    steps = numbers.diff().drop_nulls()
    if float((steps >= 0).mean() or 0) >= IN_ORDER:  # type: ignore[arg-type]
        return "ascending"
    return "descending" if float((steps <= 0).mean() or 0) >= IN_ORDER else ""  # type: ignore[arg-type]

"""The values of text columns with how often they stand there, counted once for all checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataguard.expressions import DISGUISED_MISSING, PLAIN_NUMBER

if TYPE_CHECKING:
    import polars as pl

    from dataguard.dataset import Column, Dataset, Split

Counts = dict[str, int]

LONGEST = 300
"""Characters of the longest value that is compared; longer cells are documents, not values."""


async def text_values(data: Dataset) -> dict[tuple[str, str], Counts]:
    """Rows of the preview by stripped value, for each (split, column) stored as text.

    Blanks are left out, and so are columns of plain numbers alone and columns of long texts.
    Sorted by count, then by value.
    """
    found: dict[tuple[str, str], Counts] = {}
    for split in data.splits:
        for column in split.columns:
            if column.is_string and column.distinct > 1:
                counted = _counted(split.preview[column.name])
                if counted:
                    found[split.name, column.name] = counted
    return found


def _counted(cells: pl.Series) -> Counts:
    import polars as pl

    some = cells.drop_nulls().head(50)
    if (some.str.len_chars().mean() or 0) > LONGEST:  # type: ignore[operator]
        return {}
    table = cells.drop_nulls().str.strip_chars().alias("text").value_counts(name="count")
    text = pl.col("text")
    values = table.filter(text != "")
    if values["text"].str.contains(PLAIN_NUMBER).all():
        return {}
    values = values.sort(["count", "text"], descending=[True, False])
    return dict(values.iter_rows())


def without_missing(values: Counts) -> Counts:
    """The values that are no words for "missing"."""
    return {v: n for v, n in values.items() if v.lower() not in DISGUISED_MISSING}


def found_in(column: Column, values: list[str]) -> pl.Expr:
    """Whether a cell, stripped, is one of `values`."""
    import polars as pl

    return pl.col(column.name).str.strip_chars().is_in(sorted(values))


def is_role(split: Split, column: Column, *roles: str) -> bool:
    """Whether the column plays one of `roles`."""
    return any(c.name == column.name for role in roles for c in split.of_role(role))

"""Rows flagged in several columns at once, for findings that tell columns together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


def rows_with_columns(flagged: Mapping[str, Sequence[int]]) -> pl.DataFrame:
    """One line a row that is flagged in any column.

    Args:
        flagged: The row numbers by column; a row stands in a column's list once at most.

    Returns:
        "row" (UInt64, ascending) and "columns" (String): "`a`, `b`", in the order of `flagged`.
    """
    import polars as pl

    parts = [pl.DataFrame(schema={"row": pl.UInt64, "columns": pl.String})]
    for name, rows in flagged.items():
        row = pl.Series("row", rows, dtype=pl.UInt64)
        parts.append(pl.DataFrame({"row": row}).with_columns(pl.lit(f"`{name}`").alias("columns")))
    named = pl.concat(parts).group_by("row", maintain_order=True).agg("columns")
    return named.sort("row").with_columns(pl.col("columns").list.join(", "))

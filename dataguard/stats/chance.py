"""How many equal pairs of rows a table would hold by chance, judged by the pairs that nearly agree.

Rows of few coarse columns are equal without one being a copy of another. Were that the cause, many
pairs would agree in all columns but one as well: a column in which two rows agree with probability
q sends (1 - q) / q pairs that differ in it for every pair that does not. Real copies have no such
company. This needs no model of how the columns depend on each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

SEED = 0xC4A9CE
TEXT_WORDS = 4.0
"""Mean words from which on mostly distinct values are texts: nobody writes one twice by chance."""

MOST_COLUMNS = 64
"""Columns looked at, the coarsest ones; a table with more is not full of chance repeats."""


def chance_pairs(
    cells: pl.DataFrame, side: pl.Series | None = None, unjudged: tuple[str, ...] = ()
) -> float:
    """The equal pairs of rows that chance explains.

    Each column gives one estimate, (pairs that differ in it alone) × q / (1 - q), where q is the
    chance that two different rows agree in it; texts never agree by chance. The largest estimate
    counts: rows of one brood that differ in a count agree in the count by chance as well.

    Args:
        cells: The compared columns of some rows, as `String`; shape (rows, columns).
        unjudged: Columns that give no estimate: rows that differ in the label alone are faults.
        side: Which of two tables each row is of (booleans): only pairs of one row from each count.

    Returns:
        A number of pairs, 0 or more; infinity where a single column varies that holds no texts, so
        that there is nothing to judge by.
    """
    import polars as pl

    hashes = cells.select(pl.col(c).hash(SEED + i) for i, c in enumerate(cells.columns))
    distinct = hashes.with_row_index("\ue000n").unique(hashes.columns, keep="any")
    rows = cells[distinct.get_column("\ue000n")] if cells.width > 1 else cells
    agree = {c: _agreement(rows.get_column(c).alias("value")) for c in cells.columns}
    varied = sorted((c for c in hashes.columns if agree[c] < 1), key=lambda c: -agree[c])
    if len(varied) < 2:
        return 0.0 if varied and agree[varied[0]] == 0 else float("inf")
    key = pl.lit(0, pl.UInt64)
    for column in varied:
        key = key ^ pl.col(column)
    keyed = hashes.with_columns(key=key, side=pl.lit(True) if side is None else side)
    equal = _pairs(keyed, pl.col("key"), side is not None)
    estimates = []
    for column in [c for c in varied if c not in unjudged][:MOST_COLUMNS]:
        others = _pairs(keyed, pl.col("key") ^ pl.col(column), side is not None)
        estimates.append(max(0.0, others - equal) * agree[column] / (1 - agree[column]))
    return max(estimates, default=0.0)


def _agreement(values: pl.Series) -> float:
    """The chance that two rows, of rows that all differ somewhere, agree in this column."""
    import polars as pl

    if len(values) < 2:
        return 1.0
    words = values.str.count_matches(r"\S+").mean()
    if isinstance(words, float) and words >= TEXT_WORDS and values.n_unique() * 2 > len(values):
        return 0.0
    counts = values.value_counts(name="n").get_column("n").cast(pl.Float64)
    return float((counts * (counts - 1)).sum()) / (len(values) * (len(values) - 1))


def _pairs(keyed: pl.DataFrame, key: pl.Expr, across: bool) -> float:
    """Pairs of rows with the same key: all, or those of one row from each side."""
    import polars as pl

    left, total = pl.col("side").sum().cast(pl.Float64), pl.len().cast(pl.Float64)
    count = left * (total - left) if across else total * (total - 1) / 2
    pairs = keyed.group_by(key.alias("k")).agg(count.alias("n")).get_column("n").sum()
    return float(pairs)

"""How many equal pairs of rows a table would hold by chance, judged by the pairs that nearly agree.

Rows of few coarse columns are equal without one being a copy of another. Were that the cause, many
pairs would agree in all columns but one as well: a column in which two rows agree with probability
q sends (1 - q) / q pairs that differ in it for every pair that does not. Real copies have no such
company. This needs no model of how the columns depend on each other.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from dataguard.expressions import WORD

if TYPE_CHECKING:
    import polars as pl

SEED = 0xC4A9CE
TEXT_WORDS = 4.0
"""Mean words from which on mostly distinct values are texts: nobody writes one twice by chance."""

FEW_COPIES, MANY_COPIES, LEAST_TEXTS = 2, 10, 20
"""Texts stand twice each at most; up to ten times where there are 20 different ones, so that the
answers of a survey ("I agree with that") are none but a table written three times is one."""

LEAST_ROWS = 20
"""Rows of each table from which on a single column is judged by how often it repeats in one."""

LOOKED_AT = 2_000
"""Values by which a column is taken for texts; samples come in the order of a hash."""

MOST_COLUMNS = 64
"""Columns looked at, the coarsest ones; a table with more is not full of chance repeats."""


def chance_pairs(
    cells: pl.DataFrame,
    side: pl.Series | None = None,
    unjudged: Collection[str] = (),
    texts: Collection[str] = (),
) -> float:
    """The equal pairs of rows that chance explains.

    Each column gives one estimate, (pairs that differ in it alone) × q / (1 - q), where q is the
    chance that two different rows agree in it; texts never agree by chance. The largest estimate
    counts: rows of one brood that differ in a count agree in the count by chance as well.

    Args:
        cells: The compared columns of some rows, as `String`; shape (rows, columns).
        unjudged: Columns that give no estimate: rows that differ in the label alone are faults.
        texts: Columns of texts whose normal form has lost the blanks between words (`has_words`).
        side: Which of two tables each row is of (booleans): only pairs of one row from each count.

    Returns:
        A number of pairs, 0 or more; infinity where a single column varies that holds no texts, so
        that there is nothing to judge by. Across two tables a single column is judged by how often
        it repeats within one: chance repeats there as well.
    """
    varying = [c for c in cells.columns if cells.get_column(c).n_unique() > 1]
    if len(varying) < 2:
        return _alone(cells.get_column(varying[0]), side, texts) if varying else float("inf")
    return _together(cells.select(varying), side, unjudged, texts)


def _together(
    cells: pl.DataFrame,
    side: pl.Series | None,
    unjudged: Collection[str],
    texts: Collection[str],
) -> float:
    """The equal pairs that chance explains where two columns or more vary."""
    import polars as pl

    hashes = cells.select(pl.col(c).hash(SEED + i) for i, c in enumerate(cells.columns))
    distinct = hashes.with_row_index("\ue000n").unique(hashes.columns, keep="any")
    rows = cells[distinct.get_column("\ue000n")]
    agree = {c: _agreement(rows.get_column(c), texts) for c in cells.columns}
    varied = sorted(hashes.columns, key=lambda c: -agree[c])
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


def _alone(values: pl.Series, side: pl.Series | None, texts: Collection[str]) -> float:
    """The equal pairs that chance explains in the one column that varies."""

    tables = [values] if side is None else [values.filter(side), values.filter(~side)]
    if (values.name in texts or has_words(values)) and all(_few_copies(table) for table in tables):
        return 0.0
    if side is None or min(len(table) for table in tables) < LEAST_ROWS:
        return float("inf")
    return max(_repeats(table) for table in tables) * len(tables[0]) * len(tables[1])


def has_words(values: pl.Series) -> bool:
    """Whether values, `String`, are texts of several words, judged by the first `LOOKED_AT`."""
    words = values.head(LOOKED_AT).unique().str.count_matches(WORD).mean()
    return isinstance(words, float) and words >= TEXT_WORDS


def _few_copies(values: pl.Series) -> bool:
    """Whether values repeat as seldom as texts do, which nobody writes twice, be all copied."""
    distinct = values.n_unique()
    copies = MANY_COPIES if distinct >= LEAST_TEXTS else FEW_COPIES
    return distinct * copies >= len(values)


def _agreement(values: pl.Series, texts: Collection[str]) -> float:
    """The chance that two rows, of rows that all differ somewhere, agree in this column."""
    wordy = values.name in texts or has_words(values)
    return 0.0 if wordy and _few_copies(values) else _repeats(values)


def _repeats(values: pl.Series) -> float:
    """The share of the pairs that agree."""
    import polars as pl

    values = values.alias("value")
    counts = values.value_counts(name="n").get_column("n").cast(pl.Float64)
    return float((counts * (counts - 1)).sum()) / (len(values) * (len(values) - 1))


def _pairs(keyed: pl.DataFrame, key: pl.Expr, across: bool) -> float:
    """Pairs of rows with the same key: all, or those of one row from each side."""
    import polars as pl

    left, total = pl.col("side").sum().cast(pl.Float64), pl.len().cast(pl.Float64)
    count = left * (total - left) if across else total * (total - 1) / 2
    pairs = keyed.group_by(key.alias("k")).agg(count.alias("n")).get_column("n").sum()
    return float(pairs)

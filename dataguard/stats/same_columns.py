"""Columns that hold the same values, or values that go one to one with each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import lgamma, log
from typing import TYPE_CHECKING, Any

from dataguard.api import ROW, Column, Kind, Split, counts

if TYPE_CHECKING:
    import polars as pl

    from dataguard.queries import Aggregate

Pair = tuple[Column, Column]

SEED = 0xC01
MISSING, BESIDE = "\ue000", "\ue001"
"""Stand for a missing cell, and between two cells; no real value holds them."""

REPEATS = 0.5
"""Share of distinct values up to which a column may be one to one with another."""

MOST_PAIRS = 200
"""Pairs confirmed at most: each is one aggregate over all rows."""


def candidates(split: Split, least_bits: float, most_values: int) -> tuple[list[Pair], list[Pair]]:
    """The pairs of columns that are equal in the sample, and those that are one to one there.

    Args:
        split: Its preview is looked at; the label takes no part.
        least_bits: See `bits`; the number of pairs of columns is taken off.
        most_values: Distinct values of columns that may be one to one.
    """
    out = {c.name for c in split.of_role("label")}
    columns = [
        c
        for c in split.columns
        if c.name not in out and c.kind not in (Kind.EMPTY, Kind.NESTED) and c.distinct > 1
    ]
    if len(columns) < 2:
        return [], []
    limit = least_bits + 2 * log(len(columns), 2)
    same = _alike(split, columns, _form)
    few = [
        c
        for c in columns
        if c.distinct <= min(most_values, REPEATS * c.sampled)
        and (c.kind is not Kind.NUMBER or c.whole)
        and c.kind is not Kind.DATE
    ]
    maps = [p for p in _alike(split, _as_many(split, few), _pattern) if p not in same]
    return (
        [p for p in same if bits(split, p[0]) >= limit][:MOST_PAIRS],
        [p for p in maps if bits(split, p[0], named=False) >= limit][:MOST_PAIRS],
    )


def _as_many(split: Split, columns: Sequence[Column]) -> list[Column]:
    """The columns beside which another one has values that stand as often, in the sample."""
    import polars as pl

    if len(columns) < 2:
        return []
    squares = split.preview.select(
        (pl.col(c.name).unique_counts().cast(pl.UInt64) ** 2).sum().alias(str(i))
        for i, c in enumerate(columns)
    ).row(0)
    sizes = [(c.distinct, c.missing, n) for c, n in zip(columns, squares, strict=True)]
    return [c for c, size in zip(columns, sizes, strict=True) if sizes.count(size) > 1]


def _form(column: Column) -> pl.Expr:
    """The cells in a form that is the same for equal values: numbers, or text."""
    return column.number if column.kind is Kind.NUMBER else column.text


def _pattern(column: Column) -> pl.Expr:
    """The first row that has a row's value: the same for columns that are one to one."""
    import polars as pl

    return pl.col(ROW).min().over(column.text)


def _alike(split: Split, columns: Sequence[Column], form: Any) -> list[Pair]:
    """Each column with the first one that has the same values in the sample's rows."""
    import polars as pl

    if len(columns) < 2:
        return []
    row = pl.int_range(pl.len()).hash(SEED)
    keys = split.preview.select(
        (form(c).hash(SEED) ^ row).hash(SEED).bitwise_xor().alias(str(i))
        for i, c in enumerate(columns)
    ).row(0)
    first: dict[tuple[bool, int], Column] = {}
    pairs = []
    for column, key in zip(columns, keys, strict=True):
        known = first.setdefault((column.kind is Kind.NUMBER and form is _form, key), column)
        if known is not column:
            pairs.append((known, column))
    return pairs


def bits(split: Split, column: Column, *, named: bool = True) -> float:
    """How many ways there are to arrange the sample's values, as a logarithm to base 2.

    That is how improbable it is that an unrelated column with the same values agrees in every row:
    n! / (n1! n2! …), for values that stand n1, n2, … times. With `named` false for a column that
    agrees up to the names of its values, of which there are k! orders.
    """
    values = split.shown(column).select(_form(column).alias("v")).get_column("v")
    sizes = values.value_counts(name="n").get_column("n").to_list()
    ways = lgamma(sum(sizes) + 1) - sum(lgamma(n + 1) for n in sizes)
    return (ways if named else ways - lgamma(len(sizes) + 1)) / log(2)


def differ(one: Column, other: Column) -> pl.Expr:
    """Whether two cells differ; missing equals missing."""
    return _form(one).ne_missing(_form(other))


def pair_counts(one: Column, other: Column) -> Aggregate:
    """Rows by pair of values."""
    import polars as pl

    left, right = one.text.fill_null(MISSING), other.text.fill_null(MISSING)
    return counts(pl.concat_str([left, right], separator=BESIDE))


def is_one_to_one(pairs: Mapping[str, int]) -> bool:
    """Whether each value goes with one other, both ways, by the counts of `pair_counts`."""
    split = [key.partition(BESIDE) for key in pairs]
    lefts, rights = {s[0] for s in split}, {s[2] for s in split}
    return len(lefts) == len(rights) == len(split) >= 2


def most_frequent(pairs: Mapping[str, int], limit: int = 2) -> list[tuple[str, str]]:
    """The values that go together most often, without missing ones."""
    known = [key for key in pairs if MISSING not in key]
    ranked = sorted(known, key=lambda key: (-pairs[key], key))[:limit]
    return [(key.partition(BESIDE)[0], key.partition(BESIDE)[2]) for key in ranked]


def groups(pairs: Sequence[Pair]) -> list[list[Column]]:
    """The pairs that share their first column, as one group each."""
    found: dict[str, list[Column]] = {}
    for one, other in pairs:
        found.setdefault(one.name, [one]).append(other)
    return list(found.values())

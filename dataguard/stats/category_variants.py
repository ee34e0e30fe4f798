"""The columns of categories in which some are written in several ways; derived once a run."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dataguard.dataset import Column, Dataset, Kind, Split
from dataguard.queries import Derived, counts, together
from dataguard.stats.booleans import other_styles
from dataguard.stats.class_names import Variant
from dataguard.stats.spellings import mistyped, variants
from dataguard.stats.units import mixed_units
from dataguard.stats.values import is_role, single_spaced, text_values, without_missing

Variants = dict[str, Variant]

QUANTITY = r"[-+]?[0-9][0-9.,]* ?[a-zA-Z%°µ]{1,3}$"
"""A number with a unit: "12 kg"."""

REPEATS = 0.7
"""Distinct over all values up to which a column's values repeat."""


async def category_variants(data: Dataset) -> dict[tuple[str, str], Variants]:
    """The variants of each column that has some, by (split, column); see `spellings`.

    Judged by the sample. Columns in which it shows variants are counted as a whole, where the
    split has more rows than the sample.
    """
    import polars as pl

    counted = await Derived(text_values)
    chosen = [
        (split, column)
        for split in data.splits
        for column in split.columns
        if column.is_string
        and column.distinct <= REPEATS * column.sampled
        and may_be_categories(split, column, counted.of(split, column))
    ]
    found = {(s.name, c.name): _variants(counted.of(s, c)) for s, c in chosen}
    found = {place: words for place, words in found.items() if words}
    large = [(s, c) for s, c in chosen if (s.name, c.name) in found and s.height > len(s.preview)]
    if large:
        answers = await together(
            [s.aggregate({"n": counts(single_spaced(pl.col(c.name)))}) for s, c in large]
        )
        for (split, column), answer in zip(large, answers, strict=True):
            found[split.name, column.name] |= _variants(answer["n"])
    return found


def may_be_categories(split: Split, column: Column, values: Mapping[str, int]) -> bool:
    """Whether values repeat, and the column has no rule of its own for its spellings."""
    label = is_role(split, column, "label") and column.is_classes
    if not values or label or column.kind is Kind.NUMBER or is_role(split, column, "id"):
        return False
    if len(values) > REPEATS * sum(values.values()):
        return False
    known = without_missing(dict(values))
    return not other_styles(known) and mixed_units(known) is None


def _variants(values: Mapping[str, int]) -> Variants:
    """The variants among the values; words for "missing" and quantities have their own rules."""
    values = {v: n for v, n in without_missing(dict(values)).items() if not re.match(QUANTITY, v)}
    same = variants(values)
    rest = {v: n for v, n in values.items() if v not in same}
    return {**mistyped(rest), **same}

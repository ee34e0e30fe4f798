"""The columns from which a label may be predicted, and their values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dataguard.dataset import Kind
from dataguard.queries import ROW

if TYPE_CHECKING:
    import polars as pl

    from dataguard.dataset import Column, Split
    from dataguard.stats.label_noise import Features

PHRASE_WORDS = 2.0
"""Mean words from which on short, mostly distinct values are read as text."""


def is_prose(split: Split, column: Column) -> bool:
    """Whether mostly distinct values are to be read as text: words of letters.

    Codes (phone numbers, tickets, names beside a text) tell rows apart and nothing else: they let
    the models recognise a copy of a row, whose wrong label then confirms the other one.
    """
    import polars as pl

    named = column in split.texts
    if column.kind is Kind.CODE and split.texts and not named:
        return False
    text = column.text
    seen = split.preview.select(
        letters=text.str.count_matches(r"\p{L}").sum(),
        signs=text.str.count_matches(r"\S").sum(),
        words=text.str.count_matches(r"\S+").mean().fill_null(pl.lit(0.0)),
    ).row(0, named=True)
    worded = named or seen["words"] >= PHRASE_WORDS
    return worded and 2 * int(seen["letters"]) >= int(seen["signs"]) > 0


def gives_away(split: Split, column: Column, limit: float) -> bool:
    """Whether the column alone tells the class, by the rules of LEK004.

    Args:
        split: Its sample is looked at.
        column: A feature.
        limit: Balanced accuracy from which on it does.
    """
    from dataguard.stats import leakage
    from dataguard.stats.row_keys import matching

    assert split.label is not None
    labels = split.preview.select(matching(split.label).alias("y")).to_series()
    values = split.preview.select(matching(column).alias("x")).to_series()
    classes = leakage.judged_classes(labels)
    if not classes:
        return False
    rules = [leakage.by_missing(values.is_null(), labels, classes)]
    if column.kind is Kind.TEXT:
        texts = split.preview.select(column.text.alias("x")).to_series()
        rules.append(leakage.by_token(texts, labels, classes))
    else:
        rules.append(leakage.by_value(values, labels, classes))
    if column.kind is Kind.NUMBER:
        numbers = split.preview.select(column.number.alias("x")).to_series()
        rules.append(leakage.by_range(numbers, labels, classes))
    return max(rule.score for rule in rules) >= limit


def gathered(
    splits: Sequence[Split], samples: Sequence[pl.DataFrame], names: Sequence[str]
) -> tuple[Features, pl.Series]:
    """The features of all samples, one below the other, and the labels (null where missing)."""
    import polars as pl

    from dataguard.stats.class_names import is_unlabelled, unlabelled_words
    from dataguard.stats.label_noise import Features

    first = splits[0]
    numbers = [n for n in names if first[n].kind is Kind.NUMBER]
    levels = [n for n in names if first[n].kind is Kind.CATEGORY and first[n] not in first.texts]
    parts = []
    for split, sample in zip(splits, samples, strict=True):
        assert split.label is not None
        missing = is_unlabelled(split.label, unlabelled_words(split))
        label = pl.when(~missing).then(split.label.text).alias(ROW)
        values = [
            split[n].number
            if n in numbers
            else split[n].canonical
            if n in levels
            else split[n].text
            for n in names
        ]
        parts.append(
            sample.select(label, *(v.alias(n) for v, n in zip(values, names, strict=True)))
        )
    table = pl.concat(parts)
    texts = [n for n in names if n not in numbers and n not in levels]
    labels = table.get_column(ROW)
    return (
        Features(
            tuple(table.get_column(n) for n in texts),
            tuple(table.get_column(n) for n in numbers),
            tuple(table.get_column(n) for n in levels),
        ),
        labels,
    )

"""The columns from which a label may be predicted, and their values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from dataguard.dataset import Kind
from dataguard.expressions import word_count
from dataguard.queries import ROW

if TYPE_CHECKING:
    import polars as pl

    from dataguard.dataset import Column, Split
    from dataguard.stats.label_noise import Features
    from dataguard.stats.leakage import Rule

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
    seen = (
        split.shown(column)
        .select(
            letters=text.str.count_matches(r"\p{L}").sum(),
            signs=text.str.count_matches(r"\S").sum(),
            words=word_count(text).mean().fill_null(pl.lit(0.0)),
        )
        .row(0, named=True)
    )
    worded = named or seen["words"] >= PHRASE_WORDS
    return worded and 2 * int(seen["letters"]) >= int(seen["signs"]) > 0


class Limits(msgspec.Struct, frozen=True):
    """From what score on a column alone tells the class; the defaults are LEK004's.

    Attributes:
        accuracy: Balanced accuracy by value, range or word.
        missing: Balanced accuracy by whether the cell is filled in.
        least_filled: Rows that must be filled in, or missing, for them to tell one class.
    """

    accuracy: float = 0.97
    missing: float = 0.95
    least_filled: int = 30


def one_row_a_group(split: Split) -> pl.DataFrame:
    """The sample, one row a group: rows of one patient share label and features anyway."""
    rows = split.preview
    for group in split.of_role("group"):
        rows = rows.unique(group.name, keep="first", maintain_order=True)
    return rows


def telling_rule(
    rows: pl.DataFrame, column: Column, labels: pl.Series, classes: list[str], limits: Limits
) -> Rule | None:
    """The rule by which the column alone gives the class away, or None.

    Args:
        rows: Rows of the split, see `one_row_a_group`.
        column: A feature.
        labels: The label of each of the rows, in canonical form.
        classes: See `leakage.judged_classes`; not empty.
        limits: The scores needed.
    """
    from dataguard.stats import leakage
    from dataguard.stats.row_keys import matching

    asked = {"value": matching(column)}
    if column.kind is Kind.TEXT:
        asked["text"] = column.text
    elif column.kind is Kind.NUMBER:
        asked["number"] = column.number
    found = rows.select(**asked)
    values = found.get_column("value")
    rules = []
    if column.kind is Kind.TEXT:
        rules.append(leakage.by_token(found.get_column("text"), labels, classes))
    elif column.kind is not Kind.DATE:
        rules.append(leakage.by_value(values, labels, classes))
    if column.kind is Kind.NUMBER:
        rules.append(leakage.by_range(found.get_column("number"), labels, classes))
    best = max(rules, key=lambda r: r.score, default=None)
    if best is not None and best.score >= limits.accuracy:
        return best
    if values.null_count() in (0, len(values)):
        return None
    missing = values.is_null()
    filled = leakage.by_missing(missing, labels, classes)
    if filled.score >= limits.missing:
        return filled
    sides: list[pl.Series] = [~missing, missing]
    return leakage.one_sided(sides, labels, limits.least_filled)


def telling_columns(split: Split, columns: Sequence[Column], limits: Limits) -> dict[str, Rule]:
    """The columns that alone give the class away, with the rule; none where classes are few."""
    from dataguard.stats.leakage import judged_classes

    assert split.label is not None
    rows = one_row_a_group(split)
    labels = rows.select(split.label.canonical.alias("y")).to_series()
    classes = judged_classes(labels)
    rules = {c.name: telling_rule(rows, c, labels, classes, limits) for c in columns if classes}
    return {name: rule for name, rule in rules.items() if rule is not None}


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

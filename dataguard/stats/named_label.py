"""Texts in which the name of their own class stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from dataguard.dataset import Kind

if TYPE_CHECKING:
    import polars as pl

    from dataguard.dataset import Column, Dataset, Split

LEAST_ROWS = 5
"""Rows of the sample that must hold the mark, for it to be one."""

LEAST_SHARE = 0.005
"""Share of the sample's rows that must."""

SURE = 0.9
"""Share of the texts with the name of a class that must be of that class."""

USUAL = 0.5
"""Share of the texts that must hold their class's name, where it stands there without a mark."""

MARKS = ("label", "class", "target", "category", "sentiment", "answer", "intent", "topic", "tag")
"""Words that, before a colon or an equals sign, announce a label; the label's own name is one."""

MOST_CLASSES = 200


class Naming(msgspec.Struct, frozen=True):
    """How the texts of a column give their class by name.

    Attributes:
        marked: Whether the name stands behind or in a mark ("label: spam", "[spam]").
        rows: Rows of the sample whose own class is named.
        others: Rows of the sample in which another class is named likewise.
    """

    marked: bool
    rows: int
    others: int


async def namings(data: Dataset) -> dict[str, Naming]:
    """By text column of the training data: how it names the label; others are left out.

    A coroutine, for `Derived`; it asks nothing of the engine but looks at the sample.
    """
    split = data.train
    label = split.label
    if label is None or not label.is_classes or label.distinct > MOST_CLASSES:
        return {}
    found = {c.name: naming(split, label, c) for c in split.texts if c.name != label.name}
    return {name: how for name, how in found.items() if how is not None}


def naming(split: Split, label: Column, column: Column) -> Naming | None:
    """How a column's texts name their class, judged by the sample; None where they do not."""
    import polars as pl

    if column.kind in (Kind.EMPTY, Kind.NESTED):
        return None
    frame = split.preview.select(t=column.text, y=_plain(label.canonical))
    frame = frame.filter(pl.col("t").is_not_null() & (pl.col("y").str.len_chars() > 2))
    classes = frame.get_column("y").unique().sort().to_list()
    if not 2 <= len(classes) <= MOST_CLASSES:
        return None
    height = frame.height
    if all(c.isascii() for c in classes):  # most texts name none: what follows costs more
        words = [max(c.split(), key=len) for c in classes if c.split()]
        near = pl.col("t").str.contains_any(words, ascii_case_insensitive=True)
        frame = frame.filter(near)
    if frame.height < LEAST_ROWS:
        return None
    for marked in (True, False):
        if not marked and not _spelt(classes):
            continue
        how = _judged(frame, height, classes, label.name, marked=marked)
        if how is not None:
            return how
    return None


def names_own_class(split: Split, column: Column, how: Naming) -> pl.Expr:
    """Whether a row's text names its own class in this way."""
    assert split.label is not None
    text, name = column.text, _plain(split.label.canonical)
    prepared = _marked(text, split.label.name) if how.marked else _plain(text)
    return prepared.str.contains(name, literal=True)


def _judged(
    frame: pl.DataFrame, height: int, classes: Sequence[str], label: str, *, marked: bool
) -> Naming | None:
    import polars as pl

    text = _marked(pl.col("t"), label) if marked else _plain(pl.col("t"))
    table = frame.select("y", t=text)
    own = pl.col("t").str.contains(pl.col("y"), literal=True)
    named = table.filter(own).height
    if named < max(LEAST_ROWS, LEAST_SHARE * height):
        return None
    if not marked and named < USUAL * height:
        return None
    several = pl.col("t").str.contains_any(list(classes))
    others = table.filter(several & ~own).height
    kinds = table.filter(own).get_column("y").n_unique()
    if named < SURE * (named + others) or (kinds < 2 and not marked):
        return None
    return Naming(marked, named, others)


def _spelt(classes: Sequence[str]) -> bool:
    """Whether the classes have names, which texts do not hold by chance as they do numbers."""
    words = [c.strip() for c in classes]
    return all(len(w) > 2 and not w.replace(" ", "").isdigit() for w in words)


def _plain(text: pl.Expr) -> pl.Expr:
    """Words in lower case with one blank around each, so that a class is found as a whole word."""
    import polars as pl

    words = text.str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", " ")
    return pl.concat_str(pl.lit(" "), words.str.strip_chars(), pl.lit(" "))


def _marked(text: pl.Expr, label: str) -> pl.Expr:
    """The words behind marks alone: "label: spam", "__label__spam", "[spam]", "<spam>", "#spam"."""
    import re

    import polars as pl

    words = "|".join(sorted({re.escape(label.lower().strip()), *MARKS} - {""}))
    pattern = (
        rf"(?:\b(?:{words})\s*(?:[:=]|is\b|->)\s*[\"'(\[]?|__label__)([\p{{L}}\p{{N}}_ -]{{1,40}})"
        r"|^\s*[\[<({#]([\p{L}\p{N}_ -]{1,40})[\]>)}:]|[\[<({]([\p{L}\p{N}_ -]{1,40})[\]>)}]\s*$"
    )
    found = text.str.to_lowercase().str.extract_all(pattern).list.join(" ")
    bare = found.str.replace_all(rf"\b(?:{words})\s*(?:[:=]|is\b|->)|__label__", " ")
    return _plain(pl.when(found.str.len_bytes() > 0).then(bare).otherwise(pl.lit("")))

"""Texts without all that a reader takes no notice of: markup, links, accents, invisible signs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataguard.api import Column, Dataset, Kind, Split, together, word_count
from dataguard.queries import CollisionsQuery
from dataguard.stats.row_keys import normalised, same_rows

if TYPE_CHECKING:
    import polars as pl

LEAST_WORDS = 5
"""Words from which on a text that two splits share is a copy; LEK001's for texts alone."""

LEAST_LETTERS = 20
"""Letters and digits that must be left of it."""

_MARKUP = r"<[a-zA-Z/!][^<>]{0,200}>|&(?:#\d{1,6}|#x[0-9a-f]{1,5}|[a-z]{2,8});"
_LINK = r"(?:https?://|www\.)\S+|\S+@\S+\.\S+|(?:^|\s)@\w+"


def folded(column: Column) -> pl.Expr:
    """The cell's letters, digits and + #, in lower case, without accents, markup and links."""
    import polars as pl

    text = column.text.str.to_lowercase().str.replace_all(_MARKUP, " ").str.replace_all(_LINK, " ")
    plain = text.str.normalize("NFKD").str.replace_all(r"[^\p{L}\p{N}+#]+", "")
    return pl.when(plain.str.len_chars() >= LEAST_LETTERS).then(plain)


async def folded_copies(data: Dataset) -> dict[str, pl.DataFrame]:
    """By hold-out: its rows whose texts are a training row's once folded, and not before.

    Columns "row", "train" (the first such training row) and "group", by row. A coroutine, for
    `Derived`. Only columns of texts that are mostly long are compared; rows must have five words.
    """
    found = {}
    for split in data.holdouts:
        names = shared_texts(data.train, split)
        if names:
            copies = await _copies(data.train, split, names)
            if copies.height:
                found[split.name] = copies
    return found


def shared_texts(train: Split, split: Split) -> list[str]:
    """The texts that rows of both splits are compared by."""
    from dataguard.stats.text_pairs import main_texts

    return [c.name for c in main_texts(train) if c.name in split and c.kind is Kind.TEXT]


async def _copies(train: Split, split: Split, names: list[str]) -> pl.DataFrame:
    import polars as pl

    both = [train, split]
    if not any(_may_change(s, s[n]) for s in both for n in names):
        return pl.DataFrame()
    keys = tuple((s, tuple(folded(s[n]) for n in names)) for s in both)
    groups = await CollisionsQuery(keys, across=True)
    if groups.is_empty():
        return groups
    known = await same_rows(both, names, normalised)
    mine = groups.filter(split=split.name).select("row", "group")
    mine = mine.filter(
        ~pl.col("row").is_in(known.filter(split=split.name).get_column("row").implode())
    )
    first = (
        groups.filter(split=train.name).group_by("group").agg(pl.col("row").min().alias("train"))
    )
    mine = mine.join(first, on="group").sort("row")
    (shown,) = await together([split.cells(mine.get_column("row").to_list(), names)])
    words = shown.select(pl.sum_horizontal(word_count(pl.col(n)) for n in names)).to_series()
    return mine.filter(words >= LEAST_WORDS)


def _may_change(split: Split, column: Column) -> bool:
    """Whether some text of the sample holds what folding takes away and normal form does not."""
    strange = r"[^\x00-\x7f]"
    text = column.text
    hit = (
        text.str.contains(_MARKUP)
        | text.str.contains(_LINK)
        | text.str.contains(strange)
        | text.str.contains(r"[%&*@/\\]|\d[ .,:/-]\d")
    )
    return bool(split.shown(column).select(hit.any()).item())

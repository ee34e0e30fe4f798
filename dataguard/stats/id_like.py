"""Columns that name a row without being its id, and rows that are equal without them."""

from __future__ import annotations

from dataguard.api import Column, Dataset, Kind, Split, together
from dataguard.stats.row_keys import Groups, contents, wordy

LEAST_ROWS = 20
"""Sampled values from which on "nearly all are distinct" means something."""

DISTINCT = 0.95
"""Share of distinct values of such a column; copies of rows may repeat a few."""

MOST_GAPS = 0.02

CODED = 0.95
"""Share of the values that must be one word with a digit in it, as codes are and names are not."""

SHORTEST_NUMBER = 5
"""Digits of a number that may be a code: order 48213, but not age 48."""

SURVEYED = 0.3
"""Least share of distinct values of a column of strings beside a time that is left out: readings
that stay the same from one moment to the next are no copies, forms sent twice are."""

WRITTEN_WORDS = (
    "created", "updated", "inserted", "modified", "loaded", "scraped", "crawled", "ingested",
    "imported", "exported", "fetched", "retrieved", "downloaded", "extracted", "submitted",
    "timestamp", "processed", "synced", "collected", "uploaded", "recorded", "entered",
)  # fmt: skip
"""Words in names of columns that say when a row was written, and nothing of what it says."""

_CODE = r"^[^\s@.,]*\d[^\s@.,]*$"
_PHONE = r"^(?:\+|\(?0)[\d\s()/-]*$"


def id_like(split: Split) -> tuple[Column, ...]:
    """The columns, beyond those that number the rows, that only tell one row from another.

    Codes of one word with digits (keys, hashes), long whole numbers of one length, and times at
    which a row was written; nearly all values distinct.
    """
    return split.once(_id_like)


def _id_like(split: Split) -> tuple[Column, ...]:
    taken = {n for role in ("label", "text", "group") for n in _named(split, role)}
    columns = [c for c in contents(split) if c.name not in taken]
    full = [
        c
        for c in columns
        if c.sampled >= LEAST_ROWS and c.missing <= MOST_GAPS * split.height and c.distinct > 1
    ]
    found = [c for c in full if c.distinct_share >= DISTINCT and _is_code(split, c)]
    times = [c for c in full if c.kind is Kind.DATE and _is_writing_time(split, c)]
    if times and _says_who([c for c in contents(split) if c not in (*found, *times)]):
        found += times
    return tuple(found)


def _named(split: Split, role: str) -> list[str]:
    return [c.name for c in split.of_role(role)]


def _is_code(split: Split, column: Column) -> bool:
    import polars as pl

    text = pl.col("v").drop_nulls()
    if column.kind is Kind.CODE:
        test = (text.str.contains(_CODE) & ~text.str.contains(_PHONE)).mean() >= CODED
    elif column.kind is Kind.NUMBER and column.whole:
        plain = text.str.contains(r"^\d+$").mean() >= CODED
        length = text.str.len_chars()
        test = plain & (length.min() >= SHORTEST_NUMBER) & (length.n_unique() == 1)
    else:
        return False
    values = split.shown(column).select(column.text.str.strip_chars().alias("v"))
    return bool(values.select(test).item())


def _is_writing_time(split: Split, column: Column) -> bool:
    """Whether a date says when the row was written: by its name, or a time of day of its own."""
    import re

    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column.name).lower())
    if any(word in WRITTEN_WORDS for word in words):
        return True
    if column.distinct_share < DISTINCT:
        return False
    timed = column.text.str.contains(r"\d:\d\d").mean()
    return bool((split.shown(column).select(timed).item() or 0) >= CODED)


def _says_who(rest: list[Column]) -> bool:
    strings = (Kind.CODE, Kind.CATEGORY, Kind.TEXT)
    return any(c.kind in strings and c.distinct_share >= SURVEYED for c in rest)


def remaining(split: Split) -> tuple[Column, ...]:
    """What is left of a row's contents without the columns that are like ids."""
    out = {c.name for c in id_like(split)}
    return tuple(c for c in contents(split) if c.name not in out)


async def copies_but_ids(data: Dataset) -> Groups:
    """Rows whose remaining columns stand in one split twice or more, by split name.

    Splits without a column that is like an id are left out, and those of which nothing is left.
    """
    asked = {
        s.name: s.collisions([c.text for c in remaining(s)])
        for s in data.splits
        if s.height >= LEAST_ROWS and id_like(s) and remaining(s)
    }
    if not asked:
        return {}
    found = await together(list(asked.values()))
    return {name: groups.select("row", "group") for name, groups in zip(asked, found, strict=True)}


def explained_by_chance(split: Split, pairs: float) -> float:
    """The share of equal pairs of `remaining` columns that chance explains; may be infinite."""
    from dataguard.stats.chance import chance_pairs

    sample = split.preview.select(c.text.alias(c.name) for c in remaining(split))
    scale = (split.height / max(1, sample.height)) ** 2
    label = tuple(_named(split, "label"))
    texts = wordy(split, sample.columns)
    return chance_pairs(sample, unjudged=label, texts=texts) * scale / max(1.0, pairs)

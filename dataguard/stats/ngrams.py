"""Runs of words that texts of two tables have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from dataguard.dataset import Kind
from dataguard.stats.shingles import Bags, mix, words_of

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from dataguard.sources.table import Table

    U64 = NDArray[np.uint64]
    I64 = NDArray[np.int64]

BASE = 0x9E3779B97F4A7C15
"""Odd number by which the hashes of a run's words are weighed, after their places."""


class Shared(msgspec.Struct, frozen=True):
    """Texts of a first table that share a run of words with texts of a second.

    Attributes:
        rows: Places of the first table's texts, ascending.
        partners: For each of them the place of one of the second's.
        runs: For each of them how many different runs it shares.
    """

    rows: list[int]
    partners: list[int]
    runs: list[int]


def runs_of(bags: Bags, length: int) -> tuple[U64, I64]:
    """The hash of every run of `length` words that follow each other, and whose it is."""
    import numpy as np

    sizes = np.maximum(bags.sizes - length + 1, 0)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    first = np.cumsum(sizes) - sizes
    start = np.arange(int(sizes.sum())) - np.repeat(first, sizes) + bags.offsets[:-1][owner]
    words = mix(bags.values.copy())
    found = np.zeros(len(start), dtype=np.uint64)
    for k in range(length):
        found = found * np.uint64(BASE) + words[start + k]
    return mix(found), owner


def shared_runs(
    texts: pl.Series, others: pl.Series, *, length: int, shortest: int, common: int
) -> Shared:
    """The texts that share a run of words with one of the others.

    Args:
        texts: Texts of the first table; null has no words.
        others: Texts of the second.
        length: Words of a run. An other text that is shorter is looked for as a whole.
        shortest: Words below which an other text is not looked for.
        common: A run in more texts of the first table than this is a phrase, and does not count.
    """
    import numpy as np

    mine, theirs = words_of(texts), words_of(others)
    sizes = theirs.sizes
    rows: list[I64] = []
    partners: list[I64] = []
    for run in range(max(1, shortest), length + 1):
        asked = np.flatnonzero(sizes == run if run < length else sizes >= length)
        if not len(asked):
            continue
        wanted, owner = runs_of(theirs.take(asked), run)
        keys, first = np.unique(wanted, return_index=True)
        hashes, whose = runs_of(mine, run)
        place = np.minimum(np.searchsorted(keys, hashes), len(keys) - 1)
        hit = keys[place] == hashes
        pairs = np.unique(np.stack([place[hit], whose[hit]]), axis=1)
        often = np.bincount(pairs[0], minlength=len(keys))[pairs[0]] > common
        rows.append(pairs[1][~often])
        partners.append(asked[owner[first[pairs[0][~often]]]])
    every = np.concatenate(rows) if rows else np.empty(0, dtype=np.int64)
    partner = np.concatenate(partners) if partners else every
    found, at, counts = np.unique(every, return_index=True, return_counts=True)
    return Shared(found.tolist(), partner[at].tolist(), counts.tolist())


def all_texts(table: Table) -> pl.Series:
    """All texts of a file, one a row: its columns of texts and of nested values, joined.

    Where it has neither, all columns that hold no numbers.

    Raises:
        SourceError: The file is not there or cannot be read.
    """
    import polars as pl

    from dataguard.kinds import profile

    columns, _ = profile(table)
    texts = [c for c in columns if c.kind in (Kind.TEXT, Kind.NESTED)]
    texts = texts or [c for c in columns if c.kind is not Kind.NUMBER]
    if not texts:
        return pl.Series("text", [], dtype=pl.String)
    joined = pl.concat_str([c.text for c in texts], separator="\n", ignore_nulls=True)
    return table.frame.select(joined.alias("text")).collect().get_column("text")


def file_texts(path: str) -> pl.Series:
    """All texts of the file at `path`; see `all_texts`."""
    from dataguard.sources import open_table

    return all_texts(open_table(path))


def alike(texts: pl.Series, others: pl.Series) -> list[float]:
    """Jaccard similarity of the words of each text with the other one's, pair by pair."""
    import numpy as np
    import polars as pl

    from dataguard.stats.jaccard import overlaps

    words = words_of(pl.concat([texts.alias("t"), others.alias("t")]))
    left = np.arange(len(texts))
    similarity: list[float] = overlaps(words, left, left + len(texts)).jaccard.tolist()
    return similarity

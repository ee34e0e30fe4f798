"""Rows whose texts are nearly the same: the search of `minhash`, over one or several columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from dataguard.api import Column, Kind, Split, word_count

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from dataguard.stats.minhash import Neighbours

    I64 = NDArray[np.int64]

REPEATS = 0.5
"""A text column with less than half the distinct values of another one is its context (a passage
under many questions), and is not compared."""

LEAST_WORDS = 5.0
"""Mean words of a guessed text column. Shorter ones are names and places, which are alike without
being copies: "Smith, Mr. John" and "Smith, Mrs. John"."""

SHORT_WORDS, LONGER = 8.0, 3.0
"""A guessed text column of fewer words than this, beside one of three times as many, is an address
or a title: it may differ between copies of the long text."""

COLUMN_JACCARD = 0.5
"""Least similarity of each single column, where rows have several: below it, half the words differ
and the long column beside it hides that."""


class NearTexts(msgspec.Struct, frozen=True):
    """Rows that have a near-duplicate; all lists are parallel, by ascending row.

    Attributes:
        rows: Positions in the compared frame.
        scores: Highest Jaccard similarity with another row.
        groups: Number of the row's group, from 0.
        partners: Position of the most similar row (of the other side, if two were given).
    """

    rows: list[int]
    scores: list[float]
    groups: list[int]
    partners: list[int]


def main_texts(split: Split) -> tuple[Column, ...]:
    """The text columns that rows are compared by; those that repeat under others are left out."""
    texts = [c for c in split.texts if c.kind is not Kind.EMPTY and c.distinct > 1]
    info = split.roles.get("text")
    if info is None or info.inferred:
        words = {c.name: _words(split, c) for c in texts}
        longest = max(words.values(), default=0.0)
        texts = [
            c
            for c in texts
            if words[c.name] >= LEAST_WORDS
            and (words[c.name] >= SHORT_WORDS or LONGER * words[c.name] > longest)
        ]
    most = max((c.distinct_share for c in texts), default=0.0)
    return tuple(c for c in texts if c.distinct_share >= REPEATS * most)


def why_no_texts(split: Split) -> str:
    """Why `main_texts` finds none in a split."""
    if not any(c.kind is not Kind.EMPTY and c.distinct > 1 for c in split.texts):
        return "no column of texts that differ"
    return f"the texts are too short to compare, under {LEAST_WORDS:g} words; name one with --text"


def _words(split: Split, column: Column) -> float:
    """Mean number of words a cell, in the sample."""
    mean = split.shown(column).select(word_count(column.text).mean()).item()
    return float(mean or 0)


def near_texts(
    texts: pl.DataFrame, *, threshold: float, seed: int, across: pl.Series | None = None
) -> NearTexts:
    """The rows that have a near-duplicate among the others.

    Args:
        texts: The compared columns, `String`; shape (rows, columns).
        threshold: Least Jaccard similarity of a row's texts, taken together.
        seed: See `near_duplicates`.
        across: One boolean a row: only pairs of a true and a false one count.
    """
    import numpy as np
    import polars as pl

    from dataguard.stats.minhash import near_duplicates

    if texts.width == 1:
        joined = texts.to_series()
    else:
        joined = texts.select(pl.concat_str(pl.all(), separator=" ", ignore_nulls=True)).to_series()
    found = near_duplicates(joined, threshold=threshold, seed=seed, across=across)
    del joined
    if texts.width == 1:
        partner, score, group = found.partner, found.similarity, found.group
    else:
        partner, score, group = _confirmed(texts, found)
    rows = np.flatnonzero(partner >= 0)
    groups = np.unique(group[rows], return_inverse=True)[1]
    return NearTexts(
        rows=rows.tolist(),
        scores=[round(s, 4) for s in score[rows].tolist()],
        groups=groups.tolist(),
        partners=partner[rows].tolist(),
    )


def with_equal(near: NearTexts, equal: pl.DataFrame) -> NearTexts:
    """Near-duplicates and rows whose texts are the same, together.

    Args:
        equal: Columns "row" and "group", by row; each group has two rows or more.
    """
    groups = dict(zip(near.rows, near.groups, strict=True))
    best = dict(zip(near.rows, zip(near.scores, near.partners, strict=True), strict=True))
    number = max(near.groups, default=-1) + 1
    for _, part in equal.group_by("group", maintain_order=True):
        rows = part.get_column("row").to_list()
        known = next((groups[row] for row in rows if row in groups), None)
        if known is None:
            known, number = number, number + 1
        for row in rows:
            groups.setdefault(row, known)
            best[row] = (1.0, rows[0] if row != rows[0] else rows[1])
    rows = sorted(best)
    return NearTexts(
        rows=rows,
        scores=[best[row][0] for row in rows],
        groups=[groups[row] for row in rows],
        partners=[best[row][1] for row in rows],
    )


def _confirmed(texts: pl.DataFrame, found: Neighbours) -> tuple[I64, NDArray[np.float64], I64]:
    """Partner, score and group of every row, from the pairs that are alike in each column."""
    import numpy as np

    from dataguard.stats.clusters import best_partners, stars

    kept = np.ones(len(found.left), dtype=bool)
    for column in texts.iter_columns():
        kept &= _similarity(column, found.left, found.right) >= COLUMN_JACCARD
    left, right, score = found.left[kept], found.right[kept], found.score[kept]
    if not len(left):
        nobody = np.full(texts.height, -1)
        return nobody, np.zeros(texts.height), nobody
    one, two = found.distinct[left], found.distinct[right]
    count = int(found.distinct.max()) + 1
    both = np.concatenate([score, score])
    partner, best = best_partners(
        np.concatenate([one, two]), np.concatenate([right, left]), both, count
    )
    group = stars(one, two, score, count)
    known = found.distinct >= 0
    return (
        np.where(known, partner[found.distinct], -1),
        np.where(known, best[found.distinct], 0.0),
        np.where(known, group[found.distinct], -1),
    )


def _similarity(texts: pl.Series, left: I64, right: I64) -> NDArray[np.float64]:
    """Jaccard of the words of each pair, or of the letters, where texts are short."""
    import numpy as np

    from dataguard.stats.jaccard import overlaps
    from dataguard.stats.minhash import MIN_WORDS
    from dataguard.stats.shingles import letters_of, words_of

    rows, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    used = texts.gather(rows)
    one, two = places[: len(left)], places[len(left) :]
    words = words_of(used)
    similarity = overlaps(words, one, two).jaccard
    sizes = words.sizes
    short = np.minimum(sizes[one], sizes[two]) < MIN_WORDS
    if short.any():
        by_letters = overlaps(letters_of(used), one[short], two[short]).jaccard
        similarity[short] = np.maximum(similarity[short], by_letters)
    similarity[(sizes[one] == 0) & (sizes[two] == 0)] = 1.0
    return similarity

"""Which rows of a table of records are compared: those that share two fields, or a rare one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    I64 = npt.NDArray[np.int64]
    Mask = npt.NDArray[np.bool_]

BLOCKING_FIELDS = 7
"""Fields of which pairs make blocks: those with most values; 21 pairs of fields at most."""

LARGEST_BLOCK = 25
"""Rows of a block at most; larger ones are of common values, and their rows share rarer ones."""

UNIQUE = 0.3
"""Share of distinct values from which on a field makes blocks by itself, of `SMALL_BLOCK` rows."""

SMALL_BLOCK = 6
MOST_PAIRS = 3_000_000
"""Pairs compared at most; those of the smallest blocks."""


def candidates(codes: I64) -> tuple[I64, I64]:
    """Pairs of rows that share two fields, or a rare value of one: lower and higher rows.

    Args:
        codes: One integer a value, -1 for missing; shape (fields, rows).
    """
    import numpy as np

    rows = codes.shape[1]
    distinct = codes.max(axis=1) + 1
    order = np.argsort(-distinct, kind="stable")[:BLOCKING_FIELDS].tolist()
    blocks: list[tuple[I64, I64, I64]] = []
    for at, i in enumerate(order):
        if distinct[i] >= UNIQUE * rows:
            blocks.append(_block(codes[i], codes[i] >= 0, SMALL_BLOCK))
        for j in order[at + 1 :]:
            both = (codes[i] >= 0) & (codes[j] >= 0)
            key = codes[i] * (distinct[j] + 1) + codes[j]
            blocks.append(_block(key, both, LARGEST_BLOCK))
    left, right, size = (np.concatenate(part) for part in zip(*blocks, strict=True))
    if len(left) > MOST_PAIRS:
        # Whole sizes of blocks, so that the choice depends on no order of rows.
        limit = np.sort(size)[MOST_PAIRS]
        left, right = left[size < limit], right[size < limit]
    pairs = np.unique(left * rows + right)
    return pairs // rows, pairs % rows


def _block(key: I64, known: Mask, largest: int) -> tuple[I64, I64, I64]:
    """All pairs of rows with one key, in blocks of at most `largest`; with the block's size."""
    import numpy as np

    places = np.flatnonzero(known)
    order = places[np.argsort(key[places], kind="stable")]
    ranked = key[order]
    starts = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1])) if len(order) else order
    sizes = np.diff(np.append(starts, len(order)))
    size_at = np.repeat(sizes, sizes)
    lefts, rights, counts = [], [], []
    for step in range(1, largest):
        first = np.arange(len(order) - step)
        same = (ranked[step:] == ranked[: len(order) - step]) if step < len(order) else first > 0
        chosen = first[same & (size_at[: len(first)] <= largest)] if len(first) else first
        if not len(chosen):
            break
        lefts.append(order[chosen])
        rights.append(order[chosen + step])
        counts.append(size_at[chosen])
    if not lefts:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, nothing
    return np.concatenate(lefts), np.concatenate(rights), np.concatenate(counts)

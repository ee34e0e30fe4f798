"""Deal rows into folds by their content, so that neither row order nor copies matter."""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    import numpy.typing as npt

    Hashes = npt.NDArray[np.uint64]
    Codes = npt.NDArray[np.int64]


def digest(content: bytes, *, seed: int = 0) -> int:
    """Hash bytes to 64 bits, the same on every machine and in every process."""
    key = seed.to_bytes(16, "little", signed=True)
    return int.from_bytes(hashlib.blake2b(content, digest_size=8, key=key).digest(), "little")


def row_hashes(parts: Sequence[Iterable[bytes]], rows: int, *, seed: int = 0) -> Hashes:
    """Hash each row, given its parts column by column, to an array of shape (rows,).

    A part's length goes in with it, so that ("ab", "c") differs from ("a", "bc").
    """
    import numpy as np

    if not parts:
        return np.zeros(rows, dtype=np.uint64)
    joined = (
        b"".join(len(part).to_bytes(8, "little") + part for part in row)
        for row in zip(*parts, strict=True)
    )
    return np.fromiter((digest(row, seed=seed) for row in joined), dtype=np.uint64, count=rows)


def number_bytes(matrix: npt.NDArray[np.float64]) -> list[bytes]:
    """Return each row of a (rows, columns) matrix as bytes; -0.0 counts as 0.0, any NaN as one."""
    import numpy as np

    same = np.ascontiguousarray(matrix + 0.0)
    same[np.isnan(same)] = np.nan
    if sys.byteorder == "big":
        same = same.byteswap()
    return [row.tobytes() for row in same]


def largest_group(hashes: Hashes) -> int:
    """Return the number of rows that share the most frequent hash (0 for no rows)."""
    import numpy as np

    return int(np.unique(hashes, return_counts=True)[1].max()) if hashes.size else 0


def stratified_folds(groups: Hashes, codes: Codes, folds: int) -> Codes:
    """Deal rows into `folds` folds, shape (rows,): whole groups, class by class, by their hash.

    A group stands with the class that most of its rows have (the smaller code on a tie). Within
    a class the groups are dealt in turn in the order of their hashes, and each class begins where
    the one before it stopped, so that small classes do not all fall into the first fold.
    """
    import numpy as np

    unique, inverse = np.unique(groups, return_inverse=True)
    pairs, counts = np.unique(np.stack([inverse, codes]), axis=1, return_counts=True)
    order = np.lexsort((pairs[1], -counts, pairs[0]))
    first = order[np.unique(pairs[0][order], return_index=True)[1]]
    home = pairs[1][first]
    # Groups are in the order of their hashes already: a stable sort by class deals them.
    dealt = np.empty(len(unique), dtype=np.int64)
    dealt[np.argsort(home, kind="stable")] = np.arange(len(unique)) % folds
    return dealt[inverse]


def sample_groups(groups: Hashes, limit: int) -> npt.NDArray[np.bool_]:
    """Mark at most `limit` rows, those whose group has the smallest hashes, shape (rows,).

    A group is taken whole or not at all, except the first when it alone exceeds the limit.
    """
    import numpy as np

    if len(groups) <= limit:
        return np.ones(len(groups), dtype=np.bool_)
    ordered = np.sort(groups)
    if ordered[0] == ordered[limit]:
        first = groups == ordered[0]
        return np.asarray(first & (np.cumsum(first) <= limit))
    return np.asarray(groups < ordered[limit])

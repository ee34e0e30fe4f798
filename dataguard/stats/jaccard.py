"""Exact Jaccard similarity of many pairs of bags, and a cheap bound that spares most of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import msgspec

from dataguard.stats.shingles import Bags, mix, offsets_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    U64 = NDArray[np.uint64]
    I64 = NDArray[np.int64]

BITMAP_WORDS = 4
"""A bitmap has 4 × 64 bits: two unrelated texts of 30 words differ in about 50 of them."""

BLOCK = 2_000_000
"""Hashes laid out at once, by each thread, when pairs are compared."""

THREADS = 2
"""NumPy computes outside the interpreter's lock."""


class Overlap(msgspec.Struct, frozen=True):
    """What pairs of bags have in common; all arrays have shape (pairs,).

    Attributes:
        shared: Number of shingles in common, counted with multiplicity.
        left, right: Sizes of the two bags.
        changed_numbers: Numbers that each of the two has in place of one of the other's.
    """

    shared: I64
    left: I64
    right: I64
    changed_numbers: I64

    @property
    def jaccard(self) -> NDArray[np.float64]:
        """Size of the intersection over size of the union, 0 for two empty bags."""
        import numpy as np

        union = self.left + self.right - self.shared
        ratio: NDArray[np.float64] = self.shared / np.maximum(union, 1)
        return ratio

    @property
    def jaccard_with_end(self) -> NDArray[np.float64]:
        """The same with one more shingle that all bags share: the end of the text."""
        ratio: NDArray[np.float64] = (self.shared + 1) / (self.left + self.right - self.shared + 1)
        return ratio


def bitmaps(bags: Bags) -> U64:
    """A fingerprint of each bag, shape (bags, BITMAP_WORDS): bit `h mod 256` is set for each hash.

    Two bags differ in at least as many shingles as their bitmaps differ in bits (Sandes, Teodoro
    and Melo, "Bitmap filter: speeding up exact set similarity joins", 2017).
    """
    import numpy as np

    # The lowest bit of a hash tells numbers from words, so the bits above it choose the place.
    places = (bags.values >> np.uint64(1)).astype(np.int64) % (64 * BITMAP_WORDS)
    rows = np.repeat(np.arange(len(bags.sizes)), bags.sizes)
    seen = np.zeros((len(bags.sizes), 64 * BITMAP_WORDS), dtype=bool)
    seen[rows, places] = True
    packed: U64 = np.packbits(seen, axis=1).view(np.uint64)
    return packed


def least_distance(maps: U64, sizes: I64, left: I64, right: I64) -> NDArray[np.float64]:
    """The least share of their shingles that the bags of each pair can have apart, shape (pairs,).

    Counted bits over the sum a + b of the sizes. A Jaccard of t leaves (a + b)(1 - t)/(1 + t)
    shingles apart: a pair can reach it only if its share is at most (1 - t)/(1 + t).
    """
    import numpy as np

    apart = np.bitwise_count(maps[left] ^ maps[right]).sum(axis=1, dtype=np.int64)
    apart = np.maximum(apart, np.abs(sizes[left] - sizes[right]))
    share: NDArray[np.float64] = apart / (sizes[left] + sizes[right])
    return share


def overlaps(bags: Bags, left: I64, right: I64) -> Overlap:
    """Compare bag `left[i]` with bag `right[i]`, exactly, for all i."""
    import numpy as np

    sizes = bags.sizes
    shared = np.zeros(len(left), dtype=np.int64)
    numbers = np.zeros(len(left), dtype=np.int64)

    def compare(block: I64) -> None:
        shared[block], numbers[block] = _matches(bags, left[block], right[block])

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(compare, _blocks(np.maximum(sizes[left], sizes[right]))))
    total = _numbers(bags)
    changed = np.minimum(total[left], total[right]) - numbers
    return Overlap(shared, sizes[left], sizes[right], changed)


def numbered(bags: Bags) -> Bags:
    """The same bags, but with no shingle twice: multisets become sets, in ascending order.

    The second "the" of a text becomes a shingle of its own, so that it matches the second "the" of
    another text and nothing else; MinHash then estimates the Jaccard of the multisets.
    """
    import numpy as np

    values = np.empty_like(bags.values)

    def fill(rows: I64) -> None:
        part = bags.take(rows)
        table = _table(part)
        ends = np.repeat(bags.offsets[rows] - part.offsets[:-1], part.sizes)
        places = ends + np.arange(len(part.values))
        values[places] = table[np.arange(table.shape[1]) < part.sizes[:, None]]

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(fill, _blocks(bags.sizes)))
    return Bags(values, bags.offsets)


def _blocks(widths: I64) -> list[I64]:
    """Bags or pairs in blocks of at most `BLOCK` cells, of widths within a factor of two."""
    import numpy as np

    classes = np.ceil(np.log2(np.maximum(widths, 8))).astype(np.int64)
    blocks: list[I64] = []
    for size in np.unique(classes).tolist():
        members = np.flatnonzero(classes == size)
        step = max(1, BLOCK >> (size + 1))
        blocks.extend(members[i : i + step] for i in range(0, len(members), step))
    return blocks


def _matches(bags: Bags, left: I64, right: I64) -> tuple[I64, I64]:
    """Shared shingles, and shared numbers, of pairs of bags of like size.

    Both bags of a pair are laid side by side and sorted: what they share stands there twice.
    """
    import numpy as np

    rows, inverse = np.unique(np.concatenate([left, right]), return_inverse=True)
    used = bags.take(rows)
    table = _table(used)
    line = np.concatenate([table[inverse[: len(left)]], table[inverse[len(left) :]]], axis=1)
    line.sort(axis=1)
    twice = line[:, 1:] == line[:, :-1]
    padding = line.shape[1] - used.sizes[inverse].reshape(2, -1).sum(axis=0)
    shared: I64 = np.count_nonzero(twice, axis=1) - np.maximum(padding - 1, 0)
    if not (used.values & np.uint64(1)).any():
        return shared, np.zeros_like(shared)
    twice &= (line[:, 1:] & np.uint64(1)) == 1
    return shared, np.count_nonzero(twice, axis=1)


def _table(bags: Bags) -> U64:
    """One line a bag, `numbered`, padded with an even number that is greater than any hash."""
    import numpy as np

    width = int(bags.sizes.max(initial=1))
    table = np.full((len(bags.sizes), width), np.uint64(0xFFFFFFFFFFFFFFFE))
    table[np.arange(width) < bags.sizes[:, None]] = bags.values
    table.sort(axis=1)
    again = (table[:, 1:] == table[:, :-1]) & (np.arange(1, width) < bags.sizes[:, None])
    lines = np.flatnonzero(again.any(axis=1))
    places = np.arange(1, width)
    start = np.maximum.accumulate(np.where(again[lines], 0, places), axis=1)
    line, place = np.nonzero(again[lines])
    count = (places[place] - start[line, place]).astype(np.uint64)
    values = table[lines[line], place + 1]
    salted = mix(values + count * np.uint64(0x9E3779B97F4A7C15))
    table[lines[line], place + 1] = (salted & ~np.uint64(1)) | (values & np.uint64(1))
    return table


def _numbers(bags: Bags) -> I64:
    """How many shingles of each bag are numbers, shape (bags,)."""
    import numpy as np

    counted = offsets_of((bags.values & np.uint64(1)).astype(np.int64))
    totals: I64 = counted[bags.offsets[1:]] - counted[bags.offsets[:-1]]
    return totals

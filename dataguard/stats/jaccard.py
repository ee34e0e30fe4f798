"""Exact Jaccard similarity of many pairs of bags, and a cheap bound that spares most of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataguard.stats.shingles import Bags, mix, offsets_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    U64 = NDArray[np.uint64]
    I64 = NDArray[np.int64]

BITMAP_WORDS = 4
"""A bitmap has 4 × 64 bits: two unrelated texts of 30 words differ in about 50 of them."""

BLOCK = 4_000_000
"""Hashes laid out at once when pairs are compared."""


@dataclass(frozen=True, slots=True)
class Overlap:
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


def may_reach(maps: U64, sizes: I64, left: I64, right: I64, threshold: float) -> NDArray[np.bool_]:
    """Whether the bitmaps leave it open that a pair's Jaccard is `threshold` or more.

    With sizes a and b, J >= t means that at most (a + b)(1 - t)/(1 + t) shingles are not shared.
    """
    import numpy as np

    limit = (sizes[left] + sizes[right]) * ((1 - threshold) / (1 + threshold)) + 1e-9
    apart = np.bitwise_count(maps[left] ^ maps[right]).sum(axis=1, dtype=np.int64)
    reachable: NDArray[np.bool_] = apart <= limit
    return reachable


def overlaps(bags: Bags, left: I64, right: I64) -> Overlap:
    """Compare bag `left[i]` with bag `right[i]`, exactly, for all i."""
    import numpy as np

    rows, inverse = np.unique(np.concatenate([left, right]), return_inverse=True)
    used = _numbered(bags.take(rows))
    ours, theirs = inverse[: len(left)], inverse[len(left) :]
    sizes = used.sizes
    widths = sizes[ours] + sizes[theirs]
    shared = np.zeros(len(left), dtype=np.int64)
    numbers = np.zeros(len(left), dtype=np.int64)
    order = np.argsort(widths, kind="stable")
    begin = 0
    while begin < len(order):
        end = begin + max(1, BLOCK // max(int(widths[order[begin]]), 1))
        # The widest pair of a block sets its width: stop where that would waste half the space.
        widest = np.searchsorted(widths[order[begin:end]], 2 * widths[order[begin]] + 8, "right")
        block = order[begin : min(end, begin + max(int(widest), 1))]
        shared[block], numbers[block] = _matches(used, ours[block], theirs[block])
        begin += len(block)
    total = _numbers(used)
    changed = np.minimum(total[ours], total[theirs]) - numbers
    return Overlap(shared, sizes[ours], sizes[theirs], changed)


def _numbered(bags: Bags) -> Bags:
    """Make equal shingles of a bag distinct by their count, so that multisets become sets.

    The second "the" of a text then matches the second "the" of another, and nothing else.
    """
    import numpy as np

    rows = np.repeat(np.arange(len(bags.sizes)), bags.sizes)
    order = np.lexsort((bags.values, rows))
    values = bags.values[order]
    new = np.ones(len(values), dtype=bool)
    new[1:] = (values[1:] != values[:-1]) | (rows[1:] != rows[:-1])
    at = np.arange(len(values))
    occurrence = at - np.maximum.accumulate(np.where(new, at, 0))
    again = np.flatnonzero(occurrence)
    salted = mix(values[again] + occurrence[again].astype(np.uint64) * np.uint64(0x9E3779B9))
    values[again] = (salted & ~np.uint64(1)) | (values[again] & np.uint64(1))
    return Bags(values, bags.offsets)


def _matches(bags: Bags, left: I64, right: I64) -> tuple[I64, I64]:
    """Shared shingles and shared numbers of pairs of bags without repetitions.

    Both bags of a pair are laid side by side and sorted: what they share stands there twice.
    """
    import numpy as np

    sizes = bags.sizes
    ours, theirs = sizes[left], sizes[right]
    pad = np.uint64(0xFFFFFFFFFFFFFFFF)
    line = np.full((len(left), int((ours + theirs).max(initial=0))), pad)
    places = np.arange(line.shape[1])
    line[places < ours[:, None]] = bags.take(left).values
    inside = (places >= ours[:, None]) & (places < (ours + theirs)[:, None])
    line[inside] = bags.take(right).values
    line.sort(axis=1)
    twice = (line[:, 1:] == line[:, :-1]) & (line[:, 1:] != pad)
    numbers = twice & ((line[:, 1:] & np.uint64(1)) == 1)
    return twice.sum(axis=1, dtype=np.int64), numbers.sum(axis=1, dtype=np.int64)


def _numbers(bags: Bags) -> I64:
    """How many shingles of each bag are numbers, shape (bags,)."""
    import numpy as np

    counted = offsets_of((bags.values & np.uint64(1)).astype(np.int64))
    totals: I64 = counted[bags.offsets[1:]] - counted[bags.offsets[:-1]]
    return totals

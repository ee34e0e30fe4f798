"""Which pairs of bags are worth comparing: MinHash, and buckets that are only as fine as needed.

Each of `BANDS` trees sorts all bags by their MinHash values h1, h2, … (an LSH forest: Bawa, Condie
and Ganesan, "LSH Forest: self-tuning indexes for similarity search", 2005). Bags that share h1
stand in one bucket. A bucket with more than `cap` bags, such as all texts whose h1 is "the", is
split by h2, and so on down to `DEPTH`; so rare words find their pairs at once (probability J a
tree), and common ones cost no more than they should.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataguard.stats.jaccard import bitmaps, may_reach
from dataguard.stats.shingles import Bags, mix

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    U32 = NDArray[np.uint32]
    U64 = NDArray[np.uint64]
    I64 = NDArray[np.int64]

BANDS, DEPTH = 32, 5
"""At the full depth a pair of J = 0.8 is missed with probability (1 - 0.8**5)**32 = 3e-6, one of
J = 0.6 with 7 %; most buckets are split less often than that."""

BRUTE_FORCE = 1_500
"""Up to so many bags all pairs are looked at: about 1.1 million bitmaps, 30 ms."""

PAIRS_A_BAND = 20_000_000
"""Caps the pairs that one tree proposes: `cap` is this number over the number of bags."""

THREADS = 2
"""NumPy computes outside the interpreter's lock; each thread takes about 100 bytes a bag."""

NEIGHBOURS = 3
"""In a bucket that stays too large at the full depth, each bag meets so many that follow it."""


@dataclass(frozen=True, slots=True)
class Side:
    """Which pairs are wanted: all (`across` None), or those whose bags stand on two sides.

    `across` has shape (bags,): 1 left only, 2 right only, 3 both.
    """

    across: NDArray[np.uint8] | None = None

    def of(self, bags: I64) -> Side:
        """The sides of some of the bags."""
        return self if self.across is None else Side(self.across[bags])

    def wanted(self, left: I64, right: I64) -> tuple[I64, I64]:
        """The pairs that are wanted."""
        if self.across is None:
            return left, right
        keep = (self.across[left] | self.across[right]) == 3
        return left[keep], right[keep]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of bags (left < right, each pair once, in ascending order) and what was left out."""

    left: I64
    right: I64
    truncated: int


def candidates(bags: Bags, side: Side, *, threshold: float, seed: int) -> Candidates:
    """Pairs of bags whose Jaccard may be `threshold` or more; none of the bags may be empty.

    The order of the bags must not depend on the order of the rows, so that a bucket that is too
    large is cut the same way wherever its rows stand. `truncated` counts such buckets.
    """
    import numpy as np

    count, sizes = len(bags.sizes), bags.sizes
    if count < 2:
        return _unique([], count, 0)
    maps = _in_blocks(bags)
    if count <= BRUTE_FORCE:
        return _unique(
            [_sift(pair, maps, sizes, side, threshold) for pair in _all(count)], count, 0
        )
    cap = int(np.clip(PAIRS_A_BAND // count, 16, 64))
    signatures = minhash(bags, BANDS * DEPTH, seed)

    def search(band: int) -> tuple[I64, I64, int]:
        tree = signatures[band * DEPTH : (band + 1) * DEPTH]
        found = [
            (*_sift(pair, maps, sizes, side, threshold), cut)
            for pair, cut in _bucket_pairs(tree, cap)
        ]
        merged = _unique([(left, right) for left, right, _ in found], count, 0)
        return merged.left, merged.right, sum(cut for _, _, cut in found)

    with ThreadPoolExecutor(THREADS) as pool:
        trees = list(pool.map(search, range(BANDS)))
    return _unique([tree[:2] for tree in trees], count, sum(tree[2] for tree in trees))


def minhash(bags: Bags, permutations: int, seed: int) -> U32:
    """MinHash signatures, shape (permutations, bags), for bags that are not empty.

    Row p holds the least value of `(hash ^ x[p]) * a[p] mod 2**32` over a bag's shingles, with x
    random and a random and odd: a permutation of the 32-bit integers. Two bags agree in a row with
    a probability near the Jaccard of their sets (Broder, "On the resemblance and containment of
    documents", 1997).
    """
    import numpy as np

    random = np.random.default_rng(seed)
    toggles = random.integers(0, 1 << 32, permutations, dtype=np.uint32)
    factors = random.integers(0, 1 << 32, permutations, dtype=np.uint32) | np.uint32(1)
    signatures = np.empty((permutations, len(bags.sizes)), dtype=np.uint32)
    hashes = (bags.values >> np.uint64(17)).astype(np.uint32)

    def fill(rows: I64) -> None:
        size = bags.sizes[rows]
        # Short bags repeat their last shingle: a minimum does not mind.
        places = np.minimum(np.arange(size.max())[:, None], size - 1) + bags.offsets[rows]
        block = hashes[places]
        scratch = np.empty_like(block)
        for p in range(permutations):
            np.bitwise_xor(block, toggles[p], out=scratch)
            np.multiply(scratch, factors[p], out=scratch)
            signatures[p, rows] = scratch.min(axis=0)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(fill, _blocks_of_like_size(bags.sizes, 1 << 16)))
    return signatures


def _blocks_of_like_size(sizes: I64, area: int) -> list[I64]:
    """Rows in blocks of at most `area` cells, none more than a fourth wider than its least row."""
    import numpy as np

    order = np.argsort(sizes, kind="stable")
    ascending = sizes[order]
    blocks = []
    begin = 0
    while begin < len(order):
        widest = ascending[begin] + ascending[begin] // 4
        end = int(np.searchsorted(ascending, widest, "right"))
        end = min(end, begin + max(1, area // int(widest)))
        blocks.append(np.sort(order[begin:end]))
        begin = end
    return blocks


def _in_blocks(bags: Bags) -> U64:
    """Bitmaps of all bags, made by some ten thousand at once."""
    import numpy as np

    step = 1 << 14
    rows = [np.arange(i, min(i + step, len(bags.sizes))) for i in range(0, len(bags.sizes), step)]
    return np.concatenate([bitmaps(bags.take(part)) for part in rows])


def _all(count: int) -> Iterator[tuple[I64, I64]]:
    """All pairs of `count` bags, by some hundred thousand."""
    import numpy as np

    step = max(1, 400_000 // max(count, 1))
    for begin in range(0, count, step):
        left = np.arange(begin, min(begin + step, count))
        counts = count - 1 - left
        first = np.repeat(left, counts)
        ends = np.cumsum(counts)
        yield first, first + 1 + np.arange(len(first)) - np.repeat(ends - counts, counts)


def _sift(
    pair: tuple[I64, I64], maps: U64, sizes: I64, side: Side, threshold: float
) -> tuple[I64, I64]:
    left, right = side.wanted(*pair)
    keep = may_reach(maps, sizes, left, right, threshold)
    return left[keep], right[keep]


def _unique(found: list[tuple[I64, I64]], count: int, truncated: int) -> Candidates:
    import numpy as np

    empty = np.empty(0, dtype=np.int64)
    one = np.concatenate([empty, *(left for left, _ in found)])
    two = np.concatenate([empty, *(right for _, right in found)])
    codes = np.unique(np.minimum(one, two) * count + np.maximum(one, two))
    return Candidates(codes // max(count, 1), codes % max(count, 1), truncated)


def _bucket_pairs(tree: U32, cap: int) -> Iterator[tuple[tuple[I64, I64], int]]:
    """Pairs of bags that share a bucket of one tree, and how many buckets had to be cut."""
    import numpy as np

    rows = np.arange(tree.shape[1])
    keys = np.zeros(tree.shape[1], dtype=np.uint64)
    for level in tree:
        keys = mix(keys ^ level[rows].astype(np.uint64))
        order = np.argsort(keys, kind="stable")
        rows, keys = rows[order], keys[order]
        rank, size = _buckets(keys)
        small = (size > 1) & (size <= cap)
        for shift in range(1, int(size[small].max(initial=1))):
            begin = np.flatnonzero(small & (rank + shift < size))
            yield (rows[begin], rows[begin + shift]), 0
        large = size > cap
        rows, keys, rank, size = rows[large], keys[large], rank[large], size[large]
    later = np.flatnonzero(rank)
    yield (rows[later - rank[later]], rows[later]), len(rank) - len(later)
    for shift in range(1, NEIGHBOURS + 1):
        begin = np.flatnonzero(rank + shift < size)
        yield (rows[begin], rows[begin + shift]), 0


def _buckets(keys: U64) -> tuple[I64, I64]:
    """Place in its bucket, and size of its bucket, for each of the sorted keys."""
    import numpy as np

    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    sizes = np.diff(np.concatenate([starts, [len(keys)]]))
    return np.arange(len(keys)) - np.repeat(starts, sizes), np.repeat(sizes, sizes)

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
from itertools import chain
from typing import TYPE_CHECKING

import msgspec

from dataguard.stats.jaccard import THREADS, bitmaps, least_distance
from dataguard.stats.shingles import Bags, mix

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    U32 = NDArray[np.uint32]
    U64 = NDArray[np.uint64]
    I64 = NDArray[np.int64]
    F64 = NDArray[np.float64]

BANDS, DEPTH = 32, 5
"""At the full depth a pair of J = 0.8 is missed with probability (1 - 0.8**5)**32 = 3e-6, one of
J = 0.6 with 7 %; most buckets are split less often than that."""

BRUTE_FORCE = 1_500
"""Up to so many bags all pairs are looked at: about 1.1 million bitmaps, 30 ms."""

PAIRS_A_TREE = 3_000_000
"""About so many pairs a tree are looked at: `cap` is this number over the number of bags, but 8 to
64. At a million random sentences a tree proposes 40 thousand."""

KEPT_A_TREE = 500_000
"""So many pairs of a tree, those with the closest bitmaps, go on to be compared exactly. Only texts
made from one template come near."""

LARGE = 128
"""Bags with more shingles fill their bitmaps, which then tell little."""

NEIGHBOURS = 3
"""In a bucket that stays too large at the full depth, each bag meets so many that follow it."""


class Side(msgspec.Struct, frozen=True):
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


class Candidates(msgspec.Struct, frozen=True):
    """Pairs of bags (left < right, each once, ascending), and the bags not fully searched.

    `crowded` has shape (bags,): true for a bag that in half of the trees or more stood among so
    many like it that it was compared with only some of them.
    """

    left: I64
    right: I64
    crowded: NDArray[np.bool_]


def candidates(bags: Bags, side: Side, *, threshold: float, slack: int, seed: int) -> Candidates:
    """Pairs of bags whose Jaccard may be `threshold` or more.

    The bags have to be `numbered`, and none may be empty.
    So may pairs with up to `slack` shingles that are not shared, if half of all are.
    The order of the bags must not depend on the order of the rows, so that a bucket that is too
    large is cut the same way wherever its rows stand.
    """
    import numpy as np

    count = len(bags.sizes)
    if count < 2:
        return Candidates(*unique_pairs([], count), np.zeros(count, dtype=bool))
    sieve = _Sieve.of(bags, side, threshold, slack, seed)
    if count <= BRUTE_FORCE:
        pairs = unique_pairs([sieve.keep(*pair)[:2] for pair in _all(count)], count)
        return Candidates(*pairs, np.zeros(count, dtype=bool))
    cap = int(np.clip(PAIRS_A_TREE // count, 8, 64))
    signatures = minhash(bags, BANDS * DEPTH, seed)

    def search(band: int) -> tuple[I64, I64, I64]:
        tree = signatures[band * DEPTH : (band + 1) * DEPTH]
        *small, crowd = _buckets(tree, cap)
        pairs = chain(*(_all_pairs(buckets) for buckets in small), _some_pairs(crowd))
        left, right, lost = _closest([sieve.keep(*pair) for pair in pairs])
        return left, right, np.union1d(crowd.rows, lost)

    times = np.zeros(count, dtype=np.int64)
    found = []
    with ThreadPoolExecutor(THREADS) as pool:
        for left, right, crowd in pool.map(search, range(BANDS)):
            found.append((left, right))
            times[crowd] += 1
    return Candidates(*unique_pairs(found, count), 2 * times >= BANDS)


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


class _Sieve(msgspec.Struct, frozen=True):
    """Lets pairs pass that are wanted and may reach the threshold."""

    maps: U64
    sizes: I64
    sketches: U32
    sketch: I64
    side: Side
    threshold: float
    slack: int

    @classmethod
    def of(cls, bags: Bags, side: Side, threshold: float, slack: int, seed: int) -> _Sieve:
        """Bitmaps for all bags; for the large ones, whose bitmaps are full, MinHash as well."""
        import numpy as np

        large = np.flatnonzero(bags.sizes > LARGE)
        place = np.full(len(bags.sizes), -1, dtype=np.int64)
        place[large] = np.arange(len(large))
        sketches = np.ascontiguousarray(minhash(bags.take(large), 128, seed).T)
        return cls(_in_blocks(bags), bags.sizes, sketches, place, side, threshold, slack)

    def keep(self, left: I64, right: I64) -> tuple[I64, I64, F64]:
        """The pairs that pass, and their least distance."""
        import numpy as np

        left, right = self.side.wanted(left, right)
        distance = least_distance(self.maps, self.sizes, left, right)
        share = (1 - self.threshold) / (1 + self.threshold)
        slack = self.slack / (self.sizes[left] + self.sizes[right])
        passed = distance <= np.maximum(share, np.minimum(slack, 1 / 3)) + 1e-9
        large = np.flatnonzero(passed & (self.sketch[left] >= 0) & (self.sketch[right] >= 0))
        for begin in range(0, len(large), 1 << 16):
            part = large[begin : begin + (1 << 16)]
            one, two = self.sketch[left[part]], self.sketch[right[part]]
            agreement = (self.sketches[one] == self.sketches[two]).mean(axis=1)
            # The standard error is 0.04: a pair that counts is not lost by chance.
            passed[part] = agreement >= self.threshold - 0.17
        return left[passed], right[passed], distance[passed]


def _closest(found: list[tuple[I64, I64, F64]]) -> tuple[I64, I64, I64]:
    """At most `KEPT_A_TREE` pairs, those with the least distance; and the bags that lost others."""
    import numpy as np

    left, right, distance = (np.concatenate(parts) for parts in zip(*found, strict=True))
    if len(left) <= KEPT_A_TREE:
        return left, right, np.empty(0, dtype=np.int64)
    order = np.lexsort((right, left, distance))
    kept, lost = order[:KEPT_A_TREE], order[KEPT_A_TREE:]
    return left[kept], right[kept], np.union1d(left[lost], right[lost])


def unique_pairs(found: list[tuple[I64, I64]], count: int) -> tuple[I64, I64]:
    """The pairs without repetitions, the lower bag first, in ascending order."""
    import numpy as np

    empty = np.empty(0, dtype=np.int64)
    one = np.concatenate([empty, *(left for left, _ in found)])
    two = np.concatenate([empty, *(right for _, right in found)])
    # Sorting is five times as fast here as the hashing of NumPy's `unique`.
    codes = np.sort(np.minimum(one, two) * count + np.maximum(one, two))
    codes = codes[np.concatenate([[True], codes[1:] != codes[:-1]])[: len(codes)]]
    return codes // max(count, 1), codes % max(count, 1)


class _Buckets(msgspec.Struct, frozen=True):
    """Bags in the order of their buckets, with their place in the bucket and its size."""

    rows: I64
    rank: I64
    size: I64


def _buckets(tree: U32, cap: int) -> Iterator[_Buckets]:
    """Level by level the buckets of two to `cap` bags, and at last those that stayed larger."""
    import numpy as np

    count = tree.shape[1]
    low = np.uint64((1 << count.bit_length()) - 1)
    rows = np.arange(count, dtype=np.uint64)
    keys = np.zeros(count, dtype=np.uint64)
    for level in tree:
        keys = mix(keys ^ level[rows])
        # The row in the low bits makes one plain sort do, four times as fast as an argsort. The
        # key keeps 43 bits at a million bags: a collision only adds a candidate.
        packed = np.sort((keys & ~low) | rows)
        rows, keys = packed & low, packed & ~low
        starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])[: len(keys)])
        sizes = np.diff(np.concatenate([starts, [len(keys)]]))
        rank, size = np.arange(len(keys)) - np.repeat(starts, sizes), np.repeat(sizes, sizes)
        small, large = (size > 1) & (size <= cap), size > cap
        yield _Buckets(rows[small].astype(np.int64), rank[small], size[small])
        rows, keys, rank, size = rows[large], keys[large], rank[large], size[large]
    yield _Buckets(rows.astype(np.int64), rank, size)


def _all_pairs(buckets: _Buckets) -> Iterator[tuple[I64, I64]]:
    """Each bag with all others of its bucket: first with the next one, then with the one after."""
    import numpy as np

    begin = np.flatnonzero(buckets.rank + 1 < buckets.size)
    shift = 1
    while len(begin):
        yield buckets.rows[begin], buckets.rows[begin + shift]
        shift += 1
        begin = begin[buckets.rank[begin] + shift < buckets.size[begin]]


def _some_pairs(buckets: _Buckets) -> Iterator[tuple[I64, I64]]:
    """Each bag with the first of its bucket, and with the few that follow it."""
    import numpy as np

    later = np.flatnonzero(buckets.rank)
    yield buckets.rows[later - buckets.rank[later]], buckets.rows[later]
    for shift in range(1, NEIGHBOURS + 1):
        begin = np.flatnonzero(buckets.rank + shift < buckets.size)
        yield buckets.rows[begin], buckets.rows[begin + shift]

"""Records that are the same person or thing, written differently: compared field by field.

Record linkage after Fellegi and Sunter (1969, A theory for record linkage, JASA 64): agreement in
a rare value says more than in a common one. Pairs are only looked for among rows that share two
fields, or one rare one (blocking), so that the work grows with the rows and not with their square.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from dataguard.stats.record_blocks import UNIQUE, candidates

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    I64 = npt.NDArray[np.int64]
    F64 = npt.NDArray[np.float64]
    Mask = npt.NDArray[np.bool_]

LEAST_ROWS = 20
"""Rows from which on values are known to be rare or common."""

LEAST_VALUES = 0.05
"""Share of distinct values from which on strings are varied: names, streets, towns."""

LEAST_NAMING = 3
MOST_FIELDS = 12
NEAR = 0.72
"""Least similarity (1 - edit distance / length) of values that one slip or two made unlike."""

LONG = 16
"""Letters from which on three slips may be; two at most in shorter values, whatever `NEAR` says.
In long names another word is another thing."""

SHORT_DIGITS, LONG_DIGITS = 4, 9
"""Numbers and dates of so many digits may have one slip, or two."""

NEAR_WEIGHT = 0.8
"""What a near value counts at most, as a part of an equal one."""

CHANCE_PAIRS = 2_000
TELLING = 0.5
"""Near values count where two rows at random are seldom near: by at least this part of what an
equal value says. The days of one month are near each other, days of birth are not."""

MOST_ODD = 0.2
"""Share of a column's cells that stand once or twice up to which such a one may be a slip. In other
columns most values are rare, and what chance makes near decides (`TELLING`)."""

OFTEN, TOGETHER, LIFT, LEAST_PAIRS = 0.4, 0.1, 4.0, 5
"""Shares of the pairs that differ clearly in one column, or in the same two (and so many times what
is expected), from which on they are not slips but other things: relatives, seasons, visits."""

BELOW = 0.25
"""How far below the least score pairs are looked at for that: relatives are mostly there."""

LEFT = 0.05
"""Share of the pairs that must be left without those; fewer are of their kind, too."""

HOPELESS = 0.2
"""Part of the information that must agree exactly for near values to be looked for."""

BOUND = 0.5
"""Share of pairs of rows that agree in one field and also in another, from which on the two say
the same (a suburb and its postal code) and count once."""

SEED = 7


class Fields(msgspec.Struct, frozen=True, eq=False):
    """The compared columns as numbers.

    Attributes:
        texts: The normal forms by column; shape (rows, fields).
        codes: One integer a value, -1 for missing; shape (fields, rows).
        bits: Information of the value of each cell (log2 of rows over its count), 0 for missing.
        mean_bits: Mean information of each field's values.
        near_bits: Information of near values of each field; 0 where it is too little to count, but
            in `odd` cells.
        naming: Which fields name the record; measures of it are never near.
        strings: Which fields are strings.
    """

    texts: pl.DataFrame
    codes: I64
    bits: F64
    mean_bits: F64
    near_bits: F64
    naming: Mask
    strings: Mask

    @property
    def odd(self) -> Mask:
        """Which cells may be slips by standing once or twice, where few of the column's do."""
        import numpy as np

        known = np.maximum((self.codes >= 0).sum(axis=1, keepdims=True), 1)
        rare = self.strings[:, None] & (self.bits >= np.log2(known / 2))
        odd: Mask = rare & (rare.mean(axis=1, keepdims=True) <= MOST_ODD)
        return odd


class RecordPairs(msgspec.Struct, frozen=True, eq=False):
    """Pairs of rows, `left` below `right`, with the part of the information that agrees.

    Attributes:
        left: Rows, shape (pairs,).
        right: Rows, shape (pairs,).
        score: Weight of agreeing over agreeing and differing fields, 0 to 1.
        differing: How each field compares, shape (fields, pairs): whether it differs clearly.
    """

    left: I64
    right: I64
    score: F64
    differing: Mask


def fields_of(texts: pl.DataFrame, naming: Sequence[bool], strings: Sequence[bool]) -> Fields:
    """Number the values of each column.

    Args:
        texts: Normal forms as `String`, null for missing; shape (rows, fields).
        naming: See `Fields`, one a column.
        strings: Likewise.
    """
    import numpy as np
    import polars as pl

    codes = np.stack(
        [c.rank("dense").cast(pl.Int64).fill_null(0).to_numpy() - 1 for c in texts.iter_columns()]
    )
    bits = np.zeros(codes.shape)
    mean = np.zeros(len(codes))
    for i, field in enumerate(codes):
        known = field >= 0
        if known.any():
            counts = np.bincount(field[known])
            bits[i, known] = np.log2(known.sum() / counts[field[known]])
            mean[i] = bits[i, known].mean()
    names = np.asarray(naming, dtype=bool)
    near = np.where(names, _near_bits(texts, mean), 0.0)
    return Fields(texts, codes, bits, mean, near, names, np.asarray(strings, dtype=bool))


def _near_bits(texts: pl.DataFrame, mean: F64) -> F64:
    """How much near values say: log2 of one over the share of rows at random that are near."""
    import numpy as np

    found = np.zeros(texts.width)
    for i, column in enumerate(texts.iter_columns()):
        values = column.drop_nulls()
        shifts = range(1, len(values), max(1, len(values) // 8))
        one = [v for shift in shifts for v in values.head(len(values) - shift).to_list()]
        two = [v for shift in shifts for v in values.slice(shift).to_list()]
        step = max(1, len(one) // CHANCE_PAIRS)
        pairs = [(a, b) for a, b in zip(one[::step], two[::step], strict=True) if a != b]
        if pairs:
            near = _slips([a for a, _ in pairs], [b for _, b in pairs])
            bits = -np.log2((near.sum() + 1) / (len(pairs) + 1))
            found[i] = bits if bits >= TELLING * mean[i] else 0.0
    return found


def alike(fields: Fields, *, least: float) -> RecordPairs:
    """The pairs of rows that are one record by most of what their fields say.

    A pair must agree by more information than chance gives any of all pairs (2 log2 rows), in
    `least` of the information compared, and differ somewhere: copies are left out. Of the strings
    more must agree than differ: two people may begin and end a job on the same days.
    """
    import numpy as np

    rows = fields.codes.shape[1]
    left, right = candidates(fields.codes)
    equal = fields.codes[:, left] == fields.codes[:, right]
    known = (fields.codes[:, left] >= 0) & (fields.codes[:, right] >= 0)
    clusters = bound_fields(fields)
    agreeing = _clustered(np.where(equal & known, fields.bits[:, left], 0.0), clusters)
    whole = _clustered(np.where(known, fields.mean_bits[:, None], 0.0), clusters)
    hopeful = (agreeing >= HOPELESS * whole) & ~equal.all(axis=0)
    left, right, equal, known = left[hopeful], right[hopeful], equal[:, hopeful], known[:, hopeful]
    odd = fields.odd
    may_be_near = (fields.near_bits[:, None] > 0) | odd[:, left] | odd[:, right]
    near = _near(fields, left, right, known & ~equal & may_be_near)
    near |= _swapped(fields, left, right, known & ~equal)
    weight = np.where(equal & known, fields.bits[:, left], 0.0)
    lesser = np.minimum(fields.bits[:, left], fields.bits[:, right])
    telling = np.where(fields.near_bits > 0, fields.near_bits, fields.mean_bits)
    lesser = np.minimum(NEAR_WEIGHT * lesser, telling[:, None])
    weight = np.where(near, lesser, weight)
    for_it = _clustered(weight, clusters)
    differing = known & ~equal & ~near
    against = _clustered(np.where(differing, fields.mean_bits[:, None], 0.0), clusters)
    score = for_it / np.maximum(for_it + against, 1e-9)
    named = _clustered(np.where(fields.naming[:, None], weight, 0.0), clusters)
    strings = (fields.naming & fields.strings)[:, None]
    spelt = _clustered(np.where(strings, weight, 0.0), clusters)
    unlike = _clustered(np.where(strings & differing, fields.mean_bits[:, None], 0.0), clusters)
    kept = (named >= 2 * np.log2(rows)) & (score >= least - BELOW) & (spelt > unlike)
    found = RecordPairs(left[kept], right[kept], score[kept], differing[:, kept])
    found = _without_others(found)
    return _chosen(found, found.score >= least)


def _chosen(pairs: RecordPairs, kept: Mask) -> RecordPairs:
    return RecordPairs(
        pairs.left[kept], pairs.right[kept], pairs.score[kept], pairs.differing[:, kept]
    )


def _without_others(pairs: RecordPairs) -> RecordPairs:
    """Without the pairs that differ where most do: those are two things, and no slips."""
    import numpy as np

    begun = len(pairs.left)
    while len(pairs.left):
        differing = pairs.differing.astype(np.float64)
        alone = differing.sum(axis=1)
        both = differing @ differing.T
        np.fill_diagonal(both, 0)
        lift = both * len(pairs.left) / np.maximum(np.outer(alone, alone), 1.0)
        lift[both < max(LEAST_PAIRS, TOGETHER * len(pairs.left))] = 0.0
        if alone.max() >= max(LEAST_PAIRS, OFTEN * len(pairs.left)):
            columns = [int(alone.argmax())]
        elif lift.max() >= LIFT:
            columns = [int(i) for i in np.unravel_index(int(lift.argmax()), lift.shape)]
        else:
            break
        kept = ~pairs.differing[columns].any(axis=0)
        kept &= kept.sum() >= LEFT * begun
        pairs = _chosen(pairs, kept)
    return pairs


def _clustered(weights: F64, clusters: Sequence[Sequence[int]]) -> F64:
    """The sum over fields, shape (pairs,), of which those that say the same count once."""
    import numpy as np

    total = np.zeros(weights.shape[1])
    for cluster in clusters:
        total += weights[list(cluster)].max(axis=0)
    return total


def bound_fields(fields: Fields) -> list[list[int]]:
    """Fields in clusters that say the same, judged by pairs of rows that have little in common."""

    number = len(fields.codes)
    home = list(range(number))
    for i in range(number):
        if fields.codes[i].max() + 1 > UNIQUE * fields.codes.shape[1]:
            continue  # who shares a rare value may be one person
        left, right = _sharing(fields.codes[i])
        if len(left) < 30:
            continue
        equal = fields.codes[:, left] == fields.codes[:, right]
        # Pairs that agree in most fields are duplicates, and say nothing of the others.
        strangers = equal.mean(axis=0) <= 0.5
        if strangers.sum() < 30:
            continue
        share = equal[:, strangers].mean(axis=1)
        expected = _chance(fields)
        for j in range(number):
            if j != i and share[j] >= max(BOUND, 3 * expected[j]):
                low, high = sorted((home[i], home[j]))
                home = [low if h == high else h for h in home]
    return [[f for f in range(number) if home[f] == h] for h in sorted(set(home))]


def _chance(fields: Fields) -> list[float]:
    """The share of pairs of rows that agree in each field."""
    import numpy as np

    shares = []
    for field in fields.codes:
        counts = np.bincount(field[field >= 0]).astype(np.float64)
        total = max(1.0, counts.sum())
        shares.append(float((counts**2).sum() / total**2))
    return shares


def _sharing(codes: I64, most: int = 4000) -> tuple[I64, I64]:
    """Neighbouring rows with one value, when rows are sorted by it: some pairs of rows a value."""
    import numpy as np

    order = np.argsort(codes, kind="stable")
    order = order[codes[order] >= 0]
    same = np.flatnonzero(codes[order][1:] == codes[order][:-1])
    same = same[:: max(1, len(same) // most)]
    return order[same], order[same + 1]


def _near(fields: Fields, left: I64, right: I64, asked: Mask) -> Mask:
    """Whether two unlike values are one but for a slip or two; each pair of values is asked once.

    An edit distance that counts swapped neighbours as one (optimal string alignment).
    """
    import numpy as np
    import polars as pl

    near = np.zeros(asked.shape, dtype=bool)
    for i, column in enumerate(fields.texts.iter_columns()):
        places = np.flatnonzero(asked[i])
        if not len(places):
            continue
        one, two = fields.codes[i, left[places]], fields.codes[i, right[places]]
        width = int(fields.codes[i].max()) + 1
        unique, back = np.unique(one * width + two, return_inverse=True)
        words = pl.DataFrame({"c": fields.codes[i], "t": column}).unique("c").sort("c")
        names = words.filter(pl.col("c") >= 0).get_column("t").to_list()
        firsts = [names[c] for c in (unique // width).tolist()]
        seconds = [names[c] for c in (unique % width).tolist()]
        near[i, places] = _slips(firsts, seconds)[back]
    return near


def _swapped(fields: Fields, left: I64, right: I64, asked: Mask) -> Mask:
    """Whether two fields have changed places, such as first name and surname."""
    import numpy as np
    import polars as pl

    hashes = fields.texts.select(pl.all().hash(SEED)).to_numpy().T
    found = np.zeros(asked.shape, dtype=bool)
    for i in range(len(asked)):
        for j in range(i + 1, len(asked)):
            both = np.flatnonzero(asked[i] & asked[j])
            one, two = left[both], right[both]
            swapped = (hashes[i, one] == hashes[j, two]) & (hashes[j, one] == hashes[i, two])
            found[i, both[swapped]] = True
            found[j, both[swapped]] = True
    return found


def _slips(one: list[str], two: list[str]) -> Mask:
    import numpy as np
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    distance = process.cpdist(one, two, scorer=OSA.distance, dtype=np.int32).astype(np.float64)
    longest = np.asarray([max(len(a), len(b)) for a, b in zip(one, two, strict=True)])
    digits = np.asarray(
        [
            not any(map(str.isalpha, a)) and not any(map(str.isalpha, b))
            for a, b in zip(one, two, strict=True)
        ]
    )
    begins = np.asarray(
        [
            min(len(a), len(b)) >= 3 and (a.startswith(b) or b.startswith(a))
            for a, b in zip(one, two, strict=True)
        ]
    )
    letters = np.minimum((1 - NEAR) * longest, np.where(longest < LONG, 2, 3))
    numbers = (longest >= SHORT_DIGITS).astype(np.int64) + (longest > LONG_DIGITS + 1)
    allowed = np.where(digits, numbers, letters)
    return np.asarray((distance <= allowed) | (begins & ~digits))

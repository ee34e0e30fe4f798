"""Near-duplicate texts: candidates by MinHash, each verified by its exact Jaccard similarity.

Two measures are taken, and the larger one counts:

- *words*: the Jaccard of the two multisets of words, the text's end counted as one more word, for
  texts of `MIN_WORDS` words and more. A text of fifteen words with one of them changed, wherever,
  has 15 / 17 = 0.88; eight words have 8 / 10 = 0.8, the least length at which a changed word is
  found at the default threshold. (Of runs of two words, the usual shingles, it shares 0.75.)
- *letters*: the Jaccard of the two multisets of letters and pairs of letters, which sees slips of
  the pen. It alone judges short texts, where another word is another meaning ("New York", "New
  Jersey").

Numbers are not slips: texts whose numbers differ are no near-duplicates, unless they are so long
that the number hardly matters (`WORDS_A_NUMBER`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from dataguard.stats.clusters import best_partners, stars
from dataguard.stats.jaccard import numbered, overlaps
from dataguard.stats.lsh import Side, candidates, unique_pairs
from dataguard.stats.shingles import MAX_CHARS, Bags, letters_of, mix, words_of

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    U64 = NDArray[np.uint64]
    I64 = NDArray[np.int64]
    F64 = NDArray[np.float64]

MIN_WORDS = 6
"""In shorter texts the words alone prove nothing: letters decide."""

MAX_WORDS_BY_LETTERS = 9
"""Texts of up to so many words are also searched by their letters: two slips in nine words leave a
word Jaccard of 7 / 11, in longer texts more, which the search by words finds."""

MIN_WORD_JACCARD = 0.5
"""Letters count in texts of `MIN_WORDS` words and more only if half of the words are the same:
the letters of any two long texts of one language are alike."""

WORDS_A_NUMBER = 25
"""One changed number is allowed in so many words."""

MAX_SLIPS = 5
"""Words that may be misspelt: with more, only the words count."""

LETTER_PAIRS, CHUNK = 300_000, 100_000
"""Pairs whose letters are compared, those with the fewest changed words first; and how many at
once."""


class Pair(msgspec.Struct, frozen=True):
    """Two texts, by position in the input (`left < right`), and their exact Jaccard."""

    left: int
    right: int
    similarity: float


class Neighbours(msgspec.Struct, frozen=True):
    """Near-duplicates of each text. The arrays have shape (texts,), positions are 0-based.

    Texts that are identical once case, punctuation and spacing are set aside (`distinct` equal)
    are one text here: they are never each other's partner, and a group always holds two different
    texts or more. Who has no near-duplicate has -1, -1, -1 and 0.0.

    Attributes:
        partner: Position of the most similar text (of the other split, if two were given).
        similarity: The exact Jaccard with that partner.
        group: Number of the group, counted from 0 by its first position.
        representative: Position of the text that stands for the group: nearly all members are
            near-duplicates of it, the others of another member. Keep it, and look at the rest.
        distinct: Number of the normalised text, in no particular order; -1 for null or no words.
        left, right, score: All verified pairs of different texts, each by one position a text,
            shape (pairs,), `left < right`.
        truncated: Different texts that were compared with only some of those like them, since they
            were too many (a template's); more near-duplicates may exist. 0: searched fully.
    """

    partner: I64
    similarity: F64
    group: I64
    representative: I64
    distinct: I64
    left: I64
    right: I64
    score: F64
    truncated: int

    def pairs(self) -> Iterator[Pair]:
        """The verified pairs, one object each."""
        found = zip(self.left.tolist(), self.right.tolist(), self.score.tolist(), strict=True)
        return (Pair(left, right, score) for left, right, score in found)


def near_duplicates(
    texts: pl.Series, *, threshold: float = 0.8, seed: int = 0, across: pl.Series | None = None
) -> Neighbours:
    """Find texts that are nearly, but not exactly, the same.

    Args:
        texts: Strings; nulls and texts without a letter or digit have no near-duplicates.
        threshold: Least Jaccard similarity, from 0.5 to 1. 0.8 is what the literature on
            deduplicating training text uses (Lee et al., "Deduplicating training data makes
            language models better", 2022).
        seed: Of the MinHash permutations, which matter above `lsh.BRUTE_FORCE` different texts.
        across: Booleans, one a text: only pairs of a true and a false one are looked for (the test
            and the training texts, say). None looks for pairs among all.

    Raises:
        ValueError: If `across` is not as long as `texts`, or `threshold` is out of range.
    """
    if not 0.5 <= threshold <= 1.0:
        raise ValueError(f"threshold is {threshold}, but must lie between 0.5 and 1")
    if across is not None and len(across) != len(texts):
        raise ValueError(f"{len(across)} sides were given for {len(texts)} texts")
    words = words_of(texts)
    distinct, first = _distinct(texts, words)
    copies = _Copies.of(texts, distinct, len(first), across)
    words = numbered(words.take(first))
    left, right, score, truncated = _verified(
        texts.gather(first), words, Side(copies.across), threshold, seed
    )
    centre = stars(left, right, score, len(first))
    return _neighbours(distinct, copies, (left, right, score), centre, truncated)


def _neighbours(
    distinct: I64, copies: _Copies, pairs: tuple[I64, I64, F64], centre: I64, truncated: int
) -> Neighbours:
    """What was found of the normalised texts, told of the rows that hold them."""
    import numpy as np

    left, right, score = pairs
    partner, best = copies.partners(left, right, score)
    to_centre = copies.spread(centre)
    one, two = copies.of_pairs(left, right)
    order = np.lexsort((np.maximum(one, two), np.minimum(one, two)))
    return Neighbours(
        partner=partner,
        similarity=best,
        group=_by_first_position(to_centre),
        representative=copies.position(to_centre),
        distinct=distinct,
        left=np.minimum(one, two)[order],
        right=np.maximum(one, two)[order],
        score=score[order],
        truncated=truncated,
    )


def _distinct(texts: pl.Series, words: Bags) -> tuple[I64, I64]:
    """Number of each text's normalised form (-1: no words), and a position for each number.

    The numbers follow the hash of the content, so they do not depend on the order of the rows.
    """
    import numpy as np

    keys = _sequence_keys(words)
    cut = np.flatnonzero(texts.str.len_chars().fill_null(0).to_numpy() > MAX_CHARS)
    whole = texts.gather(cut).str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", "")
    keys[cut] ^= whole.hash(seed=0).to_numpy()
    distinct = np.full(len(texts), -1, dtype=np.int64)
    known = np.flatnonzero(words.sizes)
    _, first, number = np.unique(keys[known], return_index=True, return_inverse=True)
    distinct[known] = number
    return distinct, known[first]


def _sequence_keys(bags: Bags, step: int = 1 << 16) -> U64:
    """One hash for the sequence of each bag, by some ten thousand bags at once."""
    import numpy as np

    count = len(bags.sizes)
    keys = np.zeros(count, dtype=np.uint64)
    for begin in range(0, count, step):
        offsets = bags.offsets[begin : begin + step + 1]
        values = bags.values[offsets[0] : offsets[-1]]
        sizes = offsets[1:] - offsets[:-1]
        place = np.arange(len(values)) - np.repeat(offsets[:-1] - offsets[0], sizes)
        sums = np.zeros(len(values) + 1, dtype=np.uint64)
        np.cumsum(mix(values + mix(place.astype(np.uint64))), out=sums[1:])
        keys[begin : begin + step] = (
            sums[offsets[1:] - offsets[0]] - sums[offsets[:-1] - offsets[0]]
        )
    return keys


class _Copies(msgspec.Struct, frozen=True):
    """From normalised texts ("nodes") back to the rows that hold them.

    Attributes:
        node: The node of each row, -1 for none.
        flags: The side of each row, all False where only one side exists.
        position: For each side, the row that stands for each node; -1 where the side lacks it.
        across: For each node 1, 2 or 3: it stands on the false, the true, on both sides. None
            where only one side exists.
    """

    node: I64
    flags: NDArray[np.bool_]
    positions: tuple[I64, I64]
    across: NDArray[np.uint8] | None

    @classmethod
    def of(cls, texts: pl.Series, node: I64, count: int, across: pl.Series | None) -> _Copies:
        """Choose the row that stands for each node by its content, then by its position."""
        import numpy as np

        if across is None:
            flags = np.zeros(len(texts), dtype=bool)
        else:
            flags = across.fill_null(False).to_numpy().astype(bool)
        positions = (np.full(count, -1, dtype=np.int64), np.full(count, -1, dtype=np.int64))
        known = np.flatnonzero(node >= 0)
        content = texts.hash(seed=0).to_numpy()[known]
        order = known[np.lexsort((-known, content))]
        for side, position in enumerate(positions):
            rows = order[flags[order] == bool(side)]
            position[node[rows]] = rows
        if across is None:
            return cls(node, flags, (positions[0], positions[0]), None)
        sides = (positions[0] >= 0) + 2 * (positions[1] >= 0).astype(np.uint8)
        return cls(node, flags, positions, sides.astype(np.uint8))

    def spread(self, of_node: I64) -> I64:
        """A value for each row from a value for each node, -1 for rows without node."""
        import numpy as np

        return np.concatenate([of_node, [-1]])[self.node]

    def position(self, node: I64) -> I64:
        """The row that stands for each of `node`, on whichever side; -1 for -1."""
        import numpy as np

        either = np.where(self.positions[0] >= 0, *self.positions)
        return np.concatenate([either, [-1]])[node]

    def partners(self, left: I64, right: I64, score: F64) -> tuple[I64, F64]:
        """For each row the position of its best partner (on the other side), and the score."""
        import numpy as np

        one, two = np.concatenate([left, right]), np.concatenate([right, left])
        both = np.concatenate([score, score])
        partner = np.full(len(self.node), -1, dtype=np.int64)
        best = np.zeros(len(self.node))
        for side in (False, True):
            there = self.positions[not side]
            usable = there[two] >= 0
            node, top = best_partners(one[usable], two[usable], both[usable], len(there))
            rows = np.flatnonzero((self.flags == side) & (self.node >= 0))
            found = rows[node[self.node[rows]] >= 0]
            partner[found] = there[node[self.node[found]]]
            best[found] = top[self.node[found]]
        return partner, best

    def of_pairs(self, left: I64, right: I64) -> tuple[I64, I64]:
        """A row for each end of the pairs, on different sides where there are two."""
        import numpy as np

        false, true = self.positions
        straight = (false[left] >= 0) & (true[right] >= 0)
        return (
            np.where(straight, false[left], true[left]),
            np.where(straight, true[right], false[right]),
        )


def _verified(
    texts: pl.Series, words: Bags, side: Side, threshold: float, seed: int
) -> tuple[I64, I64, F64, int]:
    """All near-duplicate pairs of the distinct `texts`, and how many were not fully searched."""
    import numpy as np

    long = np.flatnonzero(words.sizes >= MIN_WORDS)
    short = np.flatnonzero(words.sizes <= MAX_WORDS_BY_LETTERS)
    # (shared + 1) / (union + 1) >= t means shared / union >= t - (1 - t) / union.
    by_words = candidates(
        words.take(long),
        side.of(long),
        threshold=threshold - (1 - threshold) / MIN_WORDS,
        slack=2 * MAX_SLIPS,
        seed=seed,
    )
    by_letters = candidates(
        numbered(letters_of(texts.gather(short))),
        side.of(short),
        threshold=threshold,
        slack=0,
        seed=seed,
    )
    both = [
        (long[by_words.left], long[by_words.right]),
        (short[by_letters.left], short[by_letters.right]),
    ]
    left, right = unique_pairs(both, len(texts))
    score, skipped = _similarity(texts, words, left, right, threshold)
    hit = score >= threshold
    partly = [long[by_words.crowded], short[by_letters.crowded], left[skipped], right[skipped]]
    return left[hit], right[hit], score[hit], len(np.unique(np.concatenate(partly)))


def _similarity(
    texts: pl.Series, words: Bags, left: I64, right: I64, threshold: float
) -> tuple[F64, I64]:
    """The exact similarity of each pair, 0.0 where numbers or lengths forbid one.

    Also the pairs whose letters were not looked at, because there were too many of them.
    """
    import numpy as np

    common = overlaps(words, left, right)
    shortest = np.minimum(common.left, common.right)
    longest = np.maximum(common.left, common.right)
    score = np.where(shortest >= MIN_WORDS, common.jaccard_with_end, 0.0)
    changed = longest - common.shared
    lengths = texts.str.len_chars().to_numpy().astype(np.int64)
    smaller = np.minimum(lengths[left], lengths[right])
    larger = np.maximum(lengths[left], lengths[right])
    other = common.changed_numbers * WORDS_A_NUMBER > longest
    other |= (larger > MAX_CHARS) & (smaller < threshold * larger)
    slips = (changed <= MAX_SLIPS) & (common.jaccard >= MIN_WORD_JACCARD)
    ask = np.flatnonzero(((shortest < MIN_WORDS) | slips) & (score < threshold) & ~other)
    ask = ask[np.argsort(changed[ask], kind="stable")]
    few, skipped = ask[:LETTER_PAIRS], ask[LETTER_PAIRS:]
    for begin in range(0, len(few), CHUNK):
        part = few[begin : begin + CHUNK]
        score[part] = _by_letters(texts, left[part], right[part])
    score[other] = 0.0
    return score, skipped


def _by_letters(texts: pl.Series, left: I64, right: I64) -> F64:
    """The Jaccard of the letters and pairs of letters of each pair of texts."""
    import numpy as np

    rows, inverse = np.unique(np.concatenate([left, right]), return_inverse=True)
    letters = letters_of(texts.gather(rows))
    return overlaps(letters, inverse[: len(left)], inverse[len(left) :]).jaccard


def _by_first_position(centre: I64) -> I64:
    """Number groups from 0 in the order in which they first appear; -1 stays."""
    import numpy as np

    group = np.full(len(centre), -1, dtype=np.int64)
    rows = np.flatnonzero(centre >= 0)
    _, first, number = np.unique(centre[rows], return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    group[rows] = rank[number]
    return group

"""From texts to bags of hashed shingles: words for the search, letters for the fine comparison.

A bag is a multiset of 64-bit hashes; many bags stand in one flat array (see `Bags`), so that a
million texts are tokenised by a few array operations and without one Python object a word.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    U64 = NDArray[np.uint64]
    I64 = NDArray[np.int64]

MAX_CHARS = 32_768
"""Characters of a text that are compared; what follows only has to be of like length."""

BATCH_BYTES = 4_000_000
"""Bytes tokenised at once: the intermediate arrays take about 60 bytes a byte of text."""

LONG_WORD, PIECE = 60, 8
"""A run of more bytes than LONG_WORD is no word: it becomes its overlapping runs of PIECE bytes."""

BASE = 0x9E3779B97F4A7C15
"""Odd, so that it has an inverse modulo 2**64: see `_word_hashes`."""

# Scripts written without spaces: each character is a word of its own.
_UNSPACED = (
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
    r"[\p{M}\u30FC]*"
)
_NOT_WORD = r"[^\p{L}\p{M}\p{N}\p{So}.,:/\-]+"
_ROWS = 1 << 16  # bags moved at once
_ZERO, _NINE = 48, 57
_SPACE, _NEWLINE = 32, 10


class Bags(msgspec.Struct, frozen=True):
    """Multisets of hashes: bag `i` is `values[offsets[i] : offsets[i + 1]]`.

    The lowest bit of a hash is 1 if the shingle is a number, 0 if not.
    """

    values: U64
    offsets: I64

    @property
    def sizes(self) -> I64:
        """Number of shingles in each bag, shape (bags,)."""
        return self.offsets[1:] - self.offsets[:-1]

    def take(self, rows: I64) -> Bags:
        """The bags of `rows`, in that order."""
        import numpy as np

        sizes = self.sizes[rows]
        offsets = offsets_of(sizes)
        values = np.empty(int(offsets[-1]), dtype=np.uint64)
        for begin in range(0, len(rows), _ROWS):
            part = slice(begin, begin + _ROWS)
            start, end = offsets[begin], offsets[min(begin + _ROWS, len(rows))]
            shift = np.repeat(self.offsets[rows[part]] - offsets[:-1][part], sizes[part])
            values[start:end] = self.values[shift + np.arange(start, end)]
        return Bags(values, offsets)


def offsets_of(sizes: I64) -> I64:
    """Where each run of the given sizes begins, with the end of the last one appended."""
    import numpy as np

    offsets = np.zeros(len(sizes) + 1, dtype=np.int64)
    np.cumsum(sizes, out=offsets[1:])
    return offsets


def mix(values: U64) -> U64:
    """Scramble 64-bit integers one to one (the finaliser of Steele et al.'s SplitMix64, 2014)."""
    import numpy as np

    mixed = values ^ (values >> np.uint64(30))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def words_of(texts: pl.Series) -> Bags:
    """The words of each text (case, punctuation and apostrophes aside), in their order.

    A number keeps its inner punctuation (`1,000.5`, `12:30` and `2024-01-10` are one word each).
    Chinese characters are words; in other scripts without spaces, pairs of characters are.
    Nulls have no words. Memory: 8 bytes a word, and a fixed amount for the batch at hand.
    """
    import numpy as np

    parts = [_words_of_batch(batch) for batch in _batches(texts)]
    if not parts:
        return Bags(np.empty(0, dtype=np.uint64), np.zeros(1, dtype=np.int64))
    sizes = np.concatenate([part.sizes for part in parts])
    return Bags(np.concatenate([part.values for part in parts]), offsets_of(sizes))


def letters_of(texts: pl.Series) -> Bags:
    """The letters of each text and its pairs of neighbouring letters, a blank between words.

    So `to be` has t, o, b, e and _t, to, o_, _b, be, e_. Words that change places change nothing;
    one wrong letter costs one letter and two pairs, two that change places cost three pairs.
    """
    import numpy as np

    parts = [_letters_of_batch(batch) for batch in _batches(texts)]
    if not parts:
        return Bags(np.empty(0, dtype=np.uint64), np.zeros(1, dtype=np.int64))
    sizes = np.concatenate([part.sizes for part in parts])
    return Bags(np.concatenate([part.values for part in parts]), offsets_of(sizes))


def _batches(texts: pl.Series) -> list[pl.Series]:
    """Cut into runs of rows with about `BATCH_BYTES` each, so that memory stays bounded."""
    import numpy as np

    lengths = texts.str.len_bytes().fill_null(0).to_numpy().astype(np.int64)
    ends = np.minimum(lengths, 4 * MAX_CHARS).cumsum()
    if not len(ends):
        return []
    marks = np.arange(BATCH_BYTES, ends[-1], BATCH_BYTES)
    cuts = np.unique(np.concatenate([[0], np.searchsorted(ends, marks), [len(ends)]]))
    return [texts.slice(int(begin), int(end - begin)) for begin, end in pairwise(cuts)]


def _clean_bytes(texts: pl.Series) -> NDArray[np.uint8]:
    """All texts as one UTF-8 buffer: lower-case words, blanks for the rest, each row ends in LF."""
    import numpy as np
    import polars as pl

    texts = texts.fill_null("").str.slice(0, MAX_CHARS).str.replace_all("'", "", literal=True)
    plain = texts.str.len_bytes() == texts.str.len_chars()
    if not plain.all():
        order = pl.concat([plain.arg_true(), (~plain).arg_true()]).arg_sort()
        texts = pl.concat([texts.filter(plain), _plain_words(texts.filter(~plain))]).gather(order)
    ends = (texts.str.len_bytes().cast(pl.Int64) + 1).cum_sum().to_numpy() - 1
    table = np.full(256, _SPACE, dtype=np.uint8)
    for low, high in ((48, 57), (97, 122), (128, 255)):
        table[low : high + 1] = np.arange(low, high + 1)
    table[65:91] = np.arange(97, 123)
    raw = np.frombuffer("\n".join([*texts.to_list(), ""]).encode(), dtype=np.uint8)
    clean = table[raw]
    _keep_number_marks(raw, clean)
    clean[ends] = _NEWLINE
    return clean


def _plain_words(texts: pl.Series) -> pl.Series:
    """Lower-case, compatibility-composed, with blanks for all that is not part of a word."""
    return (
        texts.str.normalize("NFKC")
        .str.to_lowercase()
        .str.replace_all("[\u2019\u02bc\u200b-\u200f\ufe0f']", "")
        .str.replace_all(_NOT_WORD, " ")
        .str.replace_all(f"({_UNSPACED})", " ${1} ")
    )


def _keep_number_marks(raw: NDArray[np.uint8], clean: NDArray[np.uint8]) -> None:
    """Put `.,:/-` back where they stand between two digits."""
    import numpy as np

    marks = (raw >= 44) & (raw <= 58) & ((raw <= 47) | (raw == 58))
    marks[:1] = marks[-1:] = False
    at = np.flatnonzero(marks)
    before, after = raw[at - 1], raw[at + 1]
    inside = (before >= _ZERO) & (before <= _NINE) & (after >= _ZERO) & (after <= _NINE)
    clean[at[inside]] = raw[at[inside]]


def _words_of_batch(texts: pl.Series) -> Bags:
    import numpy as np

    clean = _clean_bytes(texts)
    starts, stops = _cut_long_words(*_spans(clean))
    values = _word_hashes(clean, starts, stops)
    first = clean[starts]
    values = _pair_unspaced(values, first, stops - starts)
    numeric = (first >= _ZERO) & (first <= _NINE) & (stops - starts <= LONG_WORD)
    values = (values & ~np.uint64(1)) | numeric.astype(np.uint64)
    row_ends = np.flatnonzero(clean == _NEWLINE)
    offsets = np.zeros(len(row_ends) + 1, dtype=np.int64)
    offsets[1:] = np.searchsorted(starts, row_ends)
    return Bags(values, offsets)


def _spans(clean: NDArray[np.uint8]) -> tuple[I64, I64]:
    """Where words begin and end (exclusive) in a clean buffer, which ends in LF."""
    import numpy as np

    inside = clean > _SPACE
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    if len(clean) and inside[0]:
        edges = np.concatenate([[0], edges])
    return edges[::2], edges[1::2]


def _cut_long_words(starts: I64, stops: I64) -> tuple[I64, I64]:
    """Replace what is too long for a word (base64, DNA) by its overlapping pieces."""
    import numpy as np

    sizes = stops - starts
    if not (sizes > LONG_WORD).any():
        return starts, stops
    pieces = np.where(sizes > LONG_WORD, sizes - PIECE + 1, 1)
    offsets = offsets_of(pieces)
    begins = np.repeat(starts - offsets[:-1], pieces) + np.arange(offsets[-1])
    return begins, begins + np.repeat(np.where(sizes > LONG_WORD, PIECE, sizes), pieces)


def _word_hashes(clean: NDArray[np.uint8], starts: I64, stops: I64) -> U64:
    """Polynomial hashes of spans: differences of prefix sums, shifted back by the inverse base.

    H(word) = sum(byte[j] * BASE**j) is independent of the word's place after the division by
    BASE**start, which exists since BASE is odd; so all words cost one pass and no loop.
    """
    import numpy as np

    powers = _powers(BASE, len(clean))
    sums = np.zeros(len(clean) + 1, dtype=np.uint64)
    np.cumsum(powers * clean, out=sums[1:])
    inverse = _powers(pow(BASE, -1, 1 << 64), len(clean))
    return mix((sums[stops] - sums[starts]) * inverse[starts])


def _powers(base: int, count: int) -> U64:
    """1, base, base**2 ... modulo 2**64, by doubling."""
    import numpy as np

    powers = np.ones(max(count, 1), dtype=np.uint64)
    done = 1
    while done < count:
        step = min(done, count - done)
        factor = np.uint64(pow(base, done, 1 << 64))
        np.multiply(powers[:step], factor, out=powers[done : done + step])
        done += step
    return powers


def _pair_unspaced(values: U64, first: NDArray[np.uint8], lengths: I64) -> U64:
    """Join single characters of Kana, Thai, Lao, Khmer and Burmese with the one that follows.

    These alphabets are small, so the bag of single characters of two long texts is alike by
    chance; Chinese characters (lead bytes from 0xE4) stay alone.
    """
    import numpy as np

    single = (lengths >= 3) & (lengths <= 12) & (first >= 0xE0) & (first <= 0xE3)
    single &= first != 0xE2
    if not single.any():
        return values
    paired = np.flatnonzero(single[:-1] & single[1:])
    joined = values.copy()
    joined[paired] = mix(values[paired] + np.uint64(BASE) * values[paired + 1])
    return joined


def _letters_of_batch(texts: pl.Series) -> Bags:
    import numpy as np

    clean = _clean_bytes(texts)
    superfluous = np.zeros(len(clean), dtype=bool)
    superfluous[:-1] = (clean[:-1] == _SPACE) & (clean[1:] <= _SPACE)
    kept = clean[~superfluous].tobytes().decode("utf-8", errors="replace")
    codes = np.frombuffer(kept.encode("utf-32-le"), dtype=np.uint32)
    ends = np.flatnonzero(codes == _NEWLINE)
    chars = np.where(codes <= _SPACE, _SPACE, codes).astype(np.uint64)
    before = np.concatenate([[np.uint64(_SPACE)], chars[:-1]])
    grams = np.empty((len(chars), 2), dtype=np.uint64)
    grams[:, 0] = mix(before * np.uint64(BASE) + mix(chars))
    grams[:, 1] = mix(chars)
    letter = chars != _SPACE
    real = np.stack([letter | (before != _SPACE), letter], axis=1).ravel()
    counted = np.concatenate([[0], np.cumsum(real)])
    offsets = np.concatenate([[0], counted[2 * (ends + 1)]]).astype(np.int64)
    return Bags(grams.ravel()[real] & ~np.uint64(1), offsets)

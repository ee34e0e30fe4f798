"""Lengths of texts: the one at which they were cut, and those far from all others."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import polars as pl

LEAST_LENGTHS = 12
"""Different lengths that a column must have; codes and filled forms have few."""

LEAST_TEXTS = 20
"""Texts from which on it can be said what length is usual."""

NEAR = 12
"""Lengths on either side of one by which is judged how many texts of it to expect."""

MOST = 2000
"""Other texts to which the ends of those of one length are compared."""

HALF = 0.5
"""Share of the texts that are of the greatest length from which on it stands out by itself."""

SURE = 8
"""Texts that must end alike where halves of words are the only evidence."""

_ENDED = re.compile(r"[.!?…。！？”\"')\]}>:;~*|]\s*$")
_LAST = re.compile(r"[^\W\d_]+$")
_WORDS = re.compile(r"[^\W\d_]+")


class Cut(msgspec.Struct, frozen=True):
    """A length at which texts were cut.

    Attributes:
        length: In characters, or in bytes.
        unit: "characters" or "bytes".
        count: Texts of the sample that have it.
        expected: How many would have it by their neighbours.
    """

    length: int
    unit: str
    count: int
    expected: float


def cut_at(texts: pl.Series, *, least: int, times: float, shortest: int) -> Cut | None:
    """The length at which the texts of a sample were cut, if one stands out and they end so.

    Args:
        texts: Distinct texts, `String`.
        least: Texts that must have the length.
        times: How many times as many there must be as the neighbouring lengths let expect.
        shortest: Length from which on a text may have been cut.
    """
    characters, size = texts.str.len_chars(), texts.str.len_bytes()
    units = {"characters": characters}
    if (characters != size).any():
        units["bytes"] = size
    for unit, sizes in units.items():
        found = _spike(sizes, least, times, shortest)
        if found is None:
            continue
        length, count, expected = found
        cut = texts.filter(sizes == length).to_list()
        others = texts.filter(sizes != length).head(MOST).to_list()
        if _end_so(cut, others):
            return Cut(length, unit, count, expected)
    return None


def _spike(
    sizes: pl.Series, least: int, times: float, shortest: int
) -> tuple[int, int, float] | None:
    """The length that stands out most, its count, and the count to expect."""
    counts = dict(sizes.alias("size").value_counts(name="texts").sort("size").iter_rows())
    if not counts:
        return None
    longest = max(counts)
    if counts[longest] >= max(SURE, HALF * len(sizes)) and longest >= shortest:
        return longest, counts[longest], 0.0
    if len(counts) < LEAST_LENGTHS:
        return None
    best: tuple[float, int, int, float] | None = None
    for length, count in counts.items():
        if count < least or length < shortest:
            continue
        span = max(NEAR, length // 10)
        around = range(length - span, length + span + 1)
        near = sum(counts.get(each, 0) for each in around) - count
        expected = near / (span if length == longest else 2 * span)
        ratio = count / (expected + 0.5)
        if ratio >= times and (best is None or ratio > best[0]):
            best = (ratio, length, count, expected)
    return best[1:] if best else None


def _end_so(cut: Sequence[str], others: Sequence[str]) -> bool:
    """Whether the texts end as cut ones do: no full stop where others have one, or half a word."""
    open_ends = sum(not _ENDED.search(t) for t in cut) / len(cut)
    usual = sum(not _ENDED.search(t) for t in others) / max(1, len(others))
    if open_ends >= 0.8 and usual <= 0.5 and len(others) >= LEAST_LENGTHS:
        return True
    inner = {word for t in (*cut, *others) for word in _WORDS.findall(t[: t.rfind(" ") + 1])}
    endings = Counter(filter(None, map(_last, others)))
    known = inner | endings.keys()
    halves = [word for text in cut if (word := _last(text)) and word not in known]
    whole = sum(count for word, count in endings.items() if count == 1 and word not in inner)
    unlike = len(set(halves)) >= 4 and len(set(map(len, halves))) >= 3
    share = len(halves) / len(cut)
    return len(cut) >= SURE and unlike and share >= max(0.2, 3 * whole / max(1, len(others)))


def _last(text: str) -> str:
    """The last word of a text of several, empty where it ends with something else."""
    match = _LAST.search(text) if " " in text else None
    return match[0] if match else ""


def far_lengths(lengths: pl.Series, *, deviations: float, times: float) -> float:
    """The length from which on a text is far longer than all others; infinite for no such length.

    The logarithm of a length is compared with the median, by the median absolute deviation, which
    a few long texts do not change (Iglewicz and Hoaglin 1993, with 1.4826 for a normal spread).
    """
    logs = lengths.filter(lengths > 0).log()
    if len(logs) < LEAST_TEXTS:
        return math.inf
    middle = logs.median()
    spread = (logs - middle).abs().median()
    if not isinstance(middle, float) or not isinstance(spread, float):
        return math.inf
    return math.exp(middle + max(deviations * max(1.4826 * spread, 0.1), math.log(times)))

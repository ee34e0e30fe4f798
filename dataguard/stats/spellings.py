"""Values of a column that seem to be other values of it, written otherwise or mistyped."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from dataguard.expressions import PLAIN_NUMBER
from dataguard.stats.class_names import Variant

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_VALUES = 3_000
"""Distinct values from which on a column holds names or ids, not categories."""

FEW_PAIRS = 5_000
"""Pairs of values up to which they are compared one by one."""

MOST_FREQUENT = 400
"""Frequent values that rare ones are compared with."""

ROUGH_RATIO = 3
"""A mistyped value is this much rarer than the right one, where mistyped ones are most of the
values that stand alone; else `SAFE_RATIO`."""

SAFE_RATIO = 15

COMMON = 8
"""A word, or a way to write, is no slip where it is not this much rarer than the right one."""

SIGNS = re.compile(r"[?<>~+*≤≥±†‡]")
"""Signs that say something of a value: a doubt, a bound, a footnote."""

PREFIXES = ("a", "an", "ab", "un", "in", "im", "ir", "il", "non", "dis", "de", "re", "pre", "sub")
"""What before a word makes another one of it."""

EDITS = 0.16
"""Share of a value's letters that may be mistyped; one always, in short ones no more."""


def key_of(value: str) -> str:
    """What is left of a value without case, accents' encoding, spaces and light punctuation.

    Signs and digits that tell values apart stay: "A-" is not "A", "1.5" is not "15".
    """
    text = unicodedata.normalize("NFKC", value).casefold()
    text = re.sub(r"(?<=\d)[\s,.\-_/](?=\d)", "\x00", text)
    text = re.sub(r"[\s_'’`\"]+", "", text)
    text = re.sub(r"(?<=[^\W\d])[-.,](?=\w)|(?<=\w)[-.,](?=[^\W\d])", "", text)
    return text.rstrip(".,;:!*") or value


def variants(counts: Mapping[str, int]) -> dict[str, Variant]:
    """The values that differ from a more frequent one in case, spacing or punctuation only.

    Args:
        counts: Rows by value.
    """
    groups: dict[str, list[str]] = {}
    for value in sorted(counts, key=lambda v: (-counts[v], v)):
        if not re.match(PLAIN_NUMBER, value) and any(map(str.isalpha, value)):
            groups.setdefault(key_of(value), []).append(value)
    tiny = all(len(key) <= 2 for key in groups)
    found = {}
    for first, *rest in groups.values():
        for other in rest:
            rare = counts[other] * 10 <= counts[first]
            if (rare or not (tiny or len(first) <= 2)) and counts[first] >= 2:
                found[other] = Variant(first, certain=True)
    return found


def mistyped(counts: Mapping[str, int]) -> dict[str, Variant]:
    """The rare values that are a slip of the pen away from a frequent one.

    A slip is a letter left out, added, swapped with the next or replaced; in long values several.
    Values that differ in digits, by words that other values have too, or in short words are values
    of their own, unless the rare one is written as none of the frequent ones is (a small letter
    among capitals), or all rare values of the column are near to a frequent one.

    Args:
        counts: Rows by value.
    """
    if not 2 <= len(counts) <= MOST_VALUES:
        return {}
    most = max(counts.values())
    frequent = [v for v, n in counts.items() if n >= ROUGH_RATIO][:MOST_FREQUENT]
    rare = [
        v for v, n in counts.items() if n * ROUGH_RATIO <= most and not re.match(PLAIN_NUMBER, v)
    ]
    if not frequent or not rare:
        return {}
    near = dict(zip(rare, _near(rare, frequent, counts), strict=True))
    alone = [v for v in rare if not near[v] and counts[v] <= 2]
    slips = [v for v in rare if near[v]]
    column = _Words.of(counts, frequent, strong=_is_strong(slips, alone, near, counts))
    found = {v: next((m for m in near[v] if column.is_slip(v, m)), "") for v in slips}
    found = {v: m for v, m in found.items() if m}
    found |= {v: m for v, m in _masked(rare, frequent).items() if v not in found}
    others = sum(1 for v in rare if v not in found and counts[v] <= 2)
    if others > 5 * len(found) + 5:
        return {}
    ratio = SAFE_RATIO if others > len(found) else ROUGH_RATIO
    return {
        v: Variant(m, certain=False)
        for v, m in found.items()
        if counts[m] >= ratio * counts[v] or _is_sure(v, m)
    }


def _is_sure(rare: str, meant: str) -> bool:
    """Whether two letters are swapped, or a small one stands in a word of capitals."""
    if len(meant) < 5:
        return False
    swapped = len(rare) == len(meant) and sorted(rare) == sorted(meant)
    return swapped or ("aA" in _shape(rare) and "aA" not in _shape(meant))


def _is_strong(
    slips: Sequence[str],
    alone: Sequence[str],
    near: Mapping[str, Sequence[str]],
    counts: Mapping[str, int],
) -> bool:
    """Whether slips are the only rare values there are: three or more, and all much rarer."""
    clear = [v for v in slips if counts[near[v][0]] >= 2 * ROUGH_RATIO * counts[v]]
    return len(clear) >= 3 and len(clear) >= 0.9 * len(slips) and 10 * len(alone) <= len(clear)


def _near(
    rare: Sequence[str], frequent: Sequence[str], counts: Mapping[str, int]
) -> list[list[str]]:
    """For each rare value the frequent ones within its number of edits, nearest first."""
    if len(rare) * len(frequent) <= FEW_PAIRS:  # not worth loading NumPy for
        return [_near_one(value, frequent, counts) for value in rare]
    import numpy as np
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cdist

    allowed = np.array([_edits(v) for v in rare])
    far = int(allowed.max()) + 1
    distance: NDArray[np.uint8] = cdist(
        rare, frequent, scorer=OSA.distance, score_cutoff=far, dtype=np.uint8
    )
    found = []
    for i, value in enumerate(rare):
        within = np.flatnonzero(distance[i] <= allowed[i])
        order = within[np.argsort(distance[i][within], kind="stable")]
        clear = [frequent[j] for j in order if counts[frequent[j]] >= ROUGH_RATIO * counts[value]]
        found.append(clear[:5])
    return found


def _near_one(value: str, frequent: Sequence[str], counts: Mapping[str, int]) -> list[str]:
    """The same for one value."""
    allowed = _edits(value)
    letters = set(value)
    clear = [v for v in frequent if counts[v] >= ROUGH_RATIO * counts[value]]
    near = [v for v in clear if abs(len(v) - len(value)) <= allowed >= len(letters.difference(v))]
    if allowed == 1:
        return [other for other in near if _is_one_slip(value, other)][:5]
    alike = [other for other in near if _letters_apart(value, other) <= allowed]
    if not alike:
        return []
    from rapidfuzz.distance import OSA

    measured = [(OSA.distance(value, other, score_cutoff=allowed), other) for other in alike]
    within = sorted((pair for pair in measured if pair[0] <= allowed), key=lambda pair: pair[0])
    return [other for _, other in within[:5]]


def _is_one_slip(one: str, other: str) -> bool:
    """Whether two values are at most one edit apart: a letter, or two neighbours swapped.

    Loading a library for the few short values of a column takes longer than all the rest.
    """
    start = _same_letters(one, other)
    one, other = one[start:], other[start:]
    end = _same_letters(one[::-1], other[::-1])
    one, other = one[: len(one) - end], other[: len(other) - end]
    swapped = len(one) == len(other) == 2 and one == other[::-1]
    return swapped or (len(one) <= 1 and len(other) <= 1)


def _same_letters(one: str, other: str) -> int:
    """How many letters two values have in common from their beginning on."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _letters_apart(one: str, other: str) -> int:
    """How many edits it takes at least: letters that only one of them has, wherever they stand."""
    mine, theirs = Counter(one), Counter(other)
    return max((mine - theirs).total(), (theirs - mine).total())


def _edits(value: str) -> int:
    return max(1, min(20, int(EDITS * len(value))))


def _masked(rare: Sequence[str], frequent: Sequence[str]) -> dict[str, str]:
    """The rare values in which one sign was put for letters of a frequent value: `L?sb?n`.

    Only where the same sign does so in three values or more, at three places or more, and more
    often than all others together, and is hardly found in frequent values.
    """
    usual = Counter(sign for value in frequent for sign in set(value))
    signs = {s for value in rare for s in value if not s.isdigit()}
    signs = {s for s in signs if 20 * usual[s] <= len(frequent)}
    marked = [value for value in rare if not signs.isdisjoint(value)]
    if len(marked) < 3:
        return {}
    by_length: dict[int, list[tuple[str, set[str]]]] = {}
    for value in frequent:
        by_length.setdefault(len(value), []).append((value, set(value)))
    found: dict[str, dict[str, str]] = {}
    places: dict[str, set[int]] = {}
    for value in marked:
        letters = set(value) - signs
        for meant, own in by_length.get(len(value), ()):
            if not letters <= own:
                continue
            other = [i for i, (a, b) in enumerate(zip(value, meant, strict=True)) if a != b]
            put = {value[i] for i in other}
            if len(put) == 1 and put <= signs and 2 * len(other) <= len(value) > 1:
                sign = put.pop()
                found.setdefault(sign, {}).setdefault(value, meant)
                places.setdefault(sign, set()).update(other)
    found = {sign: values for sign, values in found.items() if len(places[sign]) >= 3}
    if not found:
        return {}
    sign = max(found, key=lambda s: (len(found[s]), s))
    others = {v for s, values in found.items() if s != sign for v in values} - found[sign].keys()
    return found[sign] if len(found[sign]) >= 3 and len(found[sign]) > len(others) else {}


class _Words(msgspec.Struct, frozen=True):
    """What tells a slip from a value of its own in one column.

    Attributes:
        rows: Rows by word, in lower case.
        counts: Rows by value.
        shapes: How frequent values are written.
        strong: Whether slips are the only rare values.
    """

    rows: Mapping[str, int]
    counts: Mapping[str, int]
    shapes: frozenset[str]
    strong: bool

    @classmethod
    def of(cls, counts: Mapping[str, int], frequent: Sequence[str], *, strong: bool) -> _Words:
        rows: Counter[str] = Counter()
        for value, count in counts.items():
            for word in set(_words(value)):
                rows[word] += count
        most = max(counts.values())
        shapes = {_shape(v) for v in frequent if counts[v] * COMMON >= most}
        return cls(rows, counts, frozenset(shapes), strong)

    def is_slip(self, rare: str, meant: str) -> bool:
        """Whether `rare` is `meant` mistyped."""
        if SIGNS.sub("", rare) == SIGNS.sub("", meant):
            return False
        odd = _shape(rare) not in self.shapes
        far = self.counts[meant] >= COMMON * self.counts[rare]
        if not _digits_agree(rare, meant):
            moved = len(rare) != len(meant) or sorted(rare) == sorted(meant)
            return self.strong and far and moved and len(self.shapes) == 1
        if len(meant) <= 3:
            return len(rare) > 1 - self.strong and self._short(rare, meant, odd=odd, far=far)
        ours, theirs = Counter(_words(rare)), Counter(_words(meant))
        changed, lost = list(ours - theirs), list(theirs - ours)
        if not changed:
            return odd or (self.strong and far)
        weight = max((self.rows[w] for w in lost), default=0)
        known = [w for w in changed if self.rows[w] > self.counts[rare]]
        elsewhere = [self.rows[w] - self.counts[rare] for w in known]
        if any(self.rows[w] * COMMON > weight for w in known) or max(elsewhere, default=0) >= 5:
            return False
        if odd or (self.strong and far):
            return True
        if len(changed) != len(lost):
            return sum(map(len, changed)) >= 5
        return all(_word_slip(a, _nearest(a, lost)) for a in changed)

    def _short(self, rare: str, meant: str, *, odd: bool, far: bool) -> bool:
        """A short value: written oddly, or left out or swapped letters where slips abound."""
        moved = len(rare) != len(meant) or sorted(rare) == sorted(meant)
        if SIGNS.search(rare) and not SIGNS.search(meant):
            return False
        usual = 2 * self.counts[meant] >= sum(self.counts.values())
        return odd or (self.strong and far and moved and usual)


def _nearest(word: str, words: Sequence[str]) -> str:
    if len(words) == 1:
        return words[0]
    from rapidfuzz.distance import OSA

    return min(words, key=lambda w: (OSA.distance(word, w), w))


def _word_slip(ours: str, theirs: str) -> bool:
    """Whether a word of letters is another one mistyped, and no word of its own.

    Not by its first letter replaced (maternal, paternal) or an `a` before it (typical, atypical),
    not by another or one more last letter (class a, class b; plurals).
    """
    shorter, longer = sorted((ours, theirs), key=len)
    prefixed = longer.endswith(shorter) and longer[: len(longer) - len(shorter)] in PREFIXES
    if len(shorter) < 4 or prefixed:
        return False
    if len(shorter) >= 8:
        return ours[0] == theirs[0] or len(ours) != len(theirs)
    if len(ours) == len(theirs):
        return sorted(ours) == sorted(theirs) or (
            len(ours) >= 5 and ours[0] == theirs[0] and ours[-1] == theirs[-1]
        )
    if ours.startswith(theirs):
        return ours[-1] not in "aisvxyenrd" or ours[-2:] in ("aa", "ii", "nn", "rr", "dd", "yy")
    return not theirs.startswith(ours) or theirs[-1] not in "aisvxy"


def _digits_agree(rare: str, meant: str) -> bool:
    """Whether the digits are the same, or some gave way to letters: 1xx19 for 10019."""
    ours, theirs = re.sub(r"\D", "", rare), re.sub(r"\D", "", meant)
    if ours == theirs:
        return True
    if len(rare) != len(meant) or len(ours) >= len(theirs):
        return False
    kept = [(a, b) for a, b in zip(rare, meant, strict=True) if a.isdigit()]
    return all(a == b for a, b in kept)


def _words(value: str) -> list[str]:
    """The words and numbers of a value, in lower case."""
    return re.findall(r"[^\W_]+", value.casefold())


def _shape(value: str) -> str:
    """How a value is written: runs of capitals, small letters and digits, and all signs."""
    text = re.sub(r"[^\W\d_]+", _letters, value)
    return re.sub(r"\d+", "9", text)


def _letters(found: re.Match[str]) -> str:
    word = found.group()
    if word.isupper():
        return f"A{len(word)}" if len(word) <= 3 else "A"
    if word.islower():
        return "a"
    return "Aa" if word[0].isupper() and word[1:].islower() else "aA"

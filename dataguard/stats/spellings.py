"""Values of a column that seem to be other values of it, written otherwise or mistyped."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dataguard.expressions import PLAIN_NUMBER
from dataguard.stats.class_names import Variant

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_VALUES = 3_000
"""Distinct values from which on a column holds names or ids, not categories."""

MOST_FREQUENT = 400
"""Frequent values that rare ones are compared with."""

ROUGH_RATIO = 3
"""A mistyped value is this much rarer than the right one, where mistyped ones are most of the
values that stand alone; else `SAFE_RATIO`."""

SAFE_RATIO = 15

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
        if not re.match(PLAIN_NUMBER, value) and any(c.isalpha() for c in value):
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
    Values that differ in digits, by words that stand in other values too, or in short words are
    values of their own, unless the rare one is written as none of the frequent ones is (a small
    letter among capitals).

    Args:
        counts: Rows by value.
    """
    if not 2 <= len(counts) <= MOST_VALUES:
        return {}
    frequent = [v for v, n in counts.items() if n >= ROUGH_RATIO][:MOST_FREQUENT]
    rare = [v for v, n in counts.items() if _may_be_slip(v, n, counts, frequent)]
    if not frequent or not rare:
        return {}
    words = Counter(w for v in counts for w in set(_words(v)))
    common = {w for v in frequent for w in _words(v)}
    common |= {w for w, n in words.items() if n >= 3}
    shapes = {_shape(v) for v in frequent}
    found: dict[str, str] = {}
    for value, near in zip(rare, _near(rare, frequent), strict=True):
        odd = _shape(value) not in shapes
        for meant in near:
            enough = counts[meant] >= ROUGH_RATIO * counts[value]
            if enough and is_slip(value, meant, common, odd=odd):
                found[value] = meant
                break
    others = [v for v in rare if v not in found and counts[v] <= 2]
    crowded = len(others) > len(found)
    ratio = SAFE_RATIO if crowded else ROUGH_RATIO
    if len(others) > 5 * len(found) + 5:
        return {}
    return {
        v: Variant(m, certain=False) for v, m in found.items() if counts[m] >= ratio * counts[v]
    }


def _may_be_slip(
    value: str, count: int, counts: Mapping[str, int], frequent: Sequence[str]
) -> bool:
    most = counts[frequent[0]] if frequent else 0
    return count * ROUGH_RATIO <= most and not re.match(PLAIN_NUMBER, value)


def _near(rare: Sequence[str], frequent: Sequence[str]) -> list[list[str]]:
    """For each rare value the frequent ones within its number of edits, nearest first."""
    import numpy as np
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cdist

    allowed = np.array([_edits(v) for v in rare])
    far = int(allowed.max()) + 1
    distance: NDArray[np.uint8] = cdist(
        rare, frequent, scorer=OSA.distance, score_cutoff=far, dtype=np.uint8
    )
    found = []
    for i in range(len(rare)):
        within = np.flatnonzero(distance[i] <= allowed[i])
        order = within[np.argsort(distance[i][within], kind="stable")]
        found.append([frequent[j] for j in order[:5]])
    return found


def _edits(value: str) -> int:
    return max(1, min(20, int(EDITS * len(value))))


def is_slip(rare: str, meant: str, common: set[str], *, odd: bool) -> bool:
    """Whether `rare` is `meant` mistyped.

    Args:
        rare: The rare value.
        meant: A frequent one, near to it.
        common: Words, in lower case, that are no slips as they stand in other values.
        odd: Whether `rare` is written as no frequent value is.
    """
    from rapidfuzz.distance import OSA

    if not _digits_agree(rare, meant):
        return False
    if len(meant) <= 3:
        return odd and len(rare) > 1 and OSA.distance(rare.casefold(), meant.casefold()) <= 1
    ours, theirs = Counter(_words(rare)), Counter(_words(meant))
    changed, lost = list(ours - theirs), list(theirs - ours)
    if not changed or any(w in common for w in changed):
        return odd and not changed
    letters = sum(len(w) for w in changed)
    if odd:
        return True
    if len(changed) != len(lost):
        return letters >= 5
    return all(_word_slip(a, _nearest(a, lost)) for a in changed)


def _nearest(word: str, words: Sequence[str]) -> str:
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

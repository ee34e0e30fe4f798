"""Truth values as people write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

PAIRS = (
    ("true", "false"),
    ("yes", "no"),
    ("t", "f"),
    ("y", "n"),
    ("1", "0"),
    ("1.0", "0.0"),
    ("on", "off"),
    ("wahr", "falsch"),
    ("ja", "nein"),
    ("oui", "non"),
    ("si", "no"),
    ("sí", "no"),
)
"""True and false, by style."""

WORDS = {word for pair in PAIRS for word in pair}

MOSTLY = 0.9
"""Share of the rows that must hold truth values for a column to be boolean."""


def may_be_boolean(some: Sequence[str]) -> bool:
    """Whether most of a few values of a column are truth values."""
    return bool(some) and sum(v.casefold() in WORDS for v in some) >= 0.7 * len(some)


def other_styles(values: Mapping[str, int]) -> dict[str, bool]:
    """The truth values written in another style than most, with what they mean.

    Args:
        values: Rows by value.

    Returns:
        Empty where the column is not boolean, or written in one style.
    """
    lower: dict[str, int] = {}
    for value, count in values.items():
        lower[value.casefold()] = lower.get(value.casefold(), 0) + count
    known = {w: n for w, n in lower.items() if w in WORDS}
    if sum(known.values()) < MOSTLY * sum(lower.values()):
        return {}
    weight = {pair: sum(known.get(word, 0) for word in pair) for pair in PAIRS}
    best = max(PAIRS, key=lambda pair: (weight[pair], -PAIRS.index(pair)))
    odd = {w for w in known if w not in best}
    if not odd or not {meaning(w) for w in best if w in known}:
        return {}
    both = {meaning(w) for w in known} == {True, False}
    if not both:
        return {}
    return {v: meaning(v.casefold()) for v in values if v.casefold() in odd}


def meaning(word: str) -> bool:
    """What a word of `WORDS` means."""
    return any(word == pair[0] for pair in PAIRS)

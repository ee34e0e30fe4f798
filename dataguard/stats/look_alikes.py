"""Characters that look like others: letters of another script, wide forms, ligatures, dashes.

The pairs of letters are those of Unicode's `confusables.txt` (UTS 39) that are alike in common
typefaces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence

import msgspec

CYRILLIC = dict(
    zip("АВЕЅІЈКМНОРСТУХаеорсухѕіјԁһԛԝӏЅ", "ABESIJKMHOPCTYXaeopcyxsijdhqwlS", strict=True)
)
"""Cyrillic letters and the Latin ones that they look like."""

GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEZHIKMNOPTYXo", strict=True))
"""Greek letters and the Latin ones; small ones such as α and ν are used beside Latin letters."""

TO_LATIN = CYRILLIC | GREEK
TO_CYRILLIC = {latin: own for own, latin in CYRILLIC.items()}
TO_GREEK = {latin: own for own, latin in GREEK.items()}

OTHER = "\u0370-\u03ff\u0400-\u052f"
LATIN = "A-Za-z\u00c0-\u024f"
MIXED = f"[{LATIN}][{OTHER}]|[{OTHER}][{LATIN}]"
"""A Latin letter beside a Greek or Cyrillic one."""

FOREIGN = "[{}]".format("".join(TO_LATIN))
STRANGE = "[\uff01-\uff5e\U0001d400-\U0001d7ff\ufb00-\ufb06]"
"""Full-width characters, letters of formulas (fancy fonts), ligatures."""

DECOMPOSED = f"[{LATIN}][\u0300-\u036f]"
COMPOSED = "[\u00c0-\u024f]"
DASHES = "[\u2010-\u2015\u2212\u00ad]"
QUOTES = "[\u2018\u2019\u201b\u02bc\u00b4\u2032]"

_WORD = r"[^\W\d_]+"
_EASTERN = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"


class Column(msgspec.Struct, frozen=True):
    """What is usual in a column, judged by a sample of its cells.

    Attributes:
        own_words: Whether it holds Greek or Cyrillic words, whose letters are its own.
        eastern: Whether it holds Chinese, Japanese or Korean, which use full-width characters.
        composed: Whether accented letters are mostly written as one character.
        values: Its plain values, where they are codes or categories; empty for texts.
        shapes: The shapes of these values that are common.
    """

    own_words: bool
    eastern: bool
    composed: bool
    values: Collection[str] = frozenset()
    shapes: Collection[str] = frozenset()


def shape(value: str) -> str:
    """A value with `0` for each digit and `a` for each letter."""
    return "".join("0" if c.isdigit() else "a" if c.isalpha() else c for c in value)


def is_own_word(word: str) -> bool:
    """Whether a Greek or Cyrillic word has a letter that no Latin one looks like."""
    letters = [c for c in word if "\u0370" <= c <= "\u052f"]
    return len(letters) == len(word) and len(word) > 1 and any(c not in TO_LATIN for c in letters)


def usual(sample: Sequence[str], *, codes: bool) -> Column:
    """What is usual in a column of which `sample` is a part."""
    foreign = [value for value in sample if not value.isascii()]
    own = sum(any(map(is_own_word, re.findall(_WORD, value))) for value in foreign)
    eastern = any(re.search(_EASTERN, value) for value in foreign)
    apart = sum(bool(re.search(DECOMPOSED, value)) for value in foreign)
    whole = sum(bool(re.search(COMPOSED, value)) for value in foreign)
    values: frozenset[str] = frozenset()
    shapes: set[str] = set()
    if codes:
        values = frozenset(value for value in sample if value.isascii())
        counted: dict[str, int] = {}
        for value in values:
            if "-" in value and any(map(str.isdigit, value)):
                counted[shape(value)] = counted.get(shape(value), 0) + 1
        shapes = {form for form, n in counted.items() if n >= max(3, 0.2 * len(values))}
    return Column(own > 0, eastern, whole > apart, values, shapes)


def plain(cell: str, column: Column) -> str:
    """The cell with look-alikes replaced by what they look like; the cell itself without any."""
    mended = re.sub(_WORD, lambda match: _plain_word(match[0], column), cell)
    if re.search(STRANGE, mended) and not (column.eastern or re.search(_EASTERN, mended)):
        mended = re.sub(STRANGE, lambda match: unicodedata.normalize("NFKC", match[0]), mended)
    if column.composed and re.search(DECOMPOSED, mended):
        mended = unicodedata.normalize("NFC", mended)
    if column.values and mended == cell:
        folded = re.sub(QUOTES, "'", re.sub(DASHES, "-", cell))
        if folded != cell and (folded in column.values or shape(folded) in column.shapes):
            return folded
    return mended


def _plain_word(word: str, column: Column) -> str:
    """A word of two scripts in that of which it is meant to be; one of look-alikes in Latin."""
    latin = [c for c in word if c < "\u0250"]
    others = [c for c in word if "\u0370" <= c <= "\u052f"]
    if not others:
        return word
    alike = all(c in TO_LATIN for c in others)
    if not latin:
        return word if column.own_words or not alike else _replaced(word, TO_LATIN)
    for table in (TO_CYRILLIC, TO_GREEK):
        rest = [c for c in others if c not in TO_LATIN]
        if rest and len(others) > len(latin) and all(c in table for c in latin):
            greek = any("\u0370" <= c <= "\u03ff" for c in others)
            if greek == (table is TO_GREEK):
                return _replaced(word, table)
    return _replaced(word, TO_LATIN) if alike and len(word) > 2 else word


def _replaced(word: str, table: dict[str, str]) -> str:
    return "".join(table.get(c, c) for c in word)


def named(cell: str, mended: str) -> str:
    """The first character that was replaced, for people: "U+0430 CYRILLIC SMALL LETTER A"."""
    for c in cell:
        if not c.isascii() and c not in mended:
            return f"U+{ord(c):04X} {unicodedata.name(c, 'unnamed')}"
    return "letters and accents apart"

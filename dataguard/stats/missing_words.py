"""Words that stand for "no value", told from values that look like them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from dataguard.expressions import DISGUISED_MISSING

SIGNS = frozenset(w for w in DISGUISED_MISSING if not any(c.isalnum() for c in w) and w != "")
"""`-`, `?`, `.` and their like: missing, unless the column is about signs."""

CLASS_WORDS = frozenset(
    ("none", "nil", "empty", "blank", "not applicable", "unknown", "missing", "undefined")
)
"""Words that may as well be the name of a class ("garage: none")."""

MILD_WORDS = frozenset(("none", "nil", "empty", "blank", "not applicable", ""))
"""Those that more often than not mean "nothing of it" rather than "not known"."""

PANDAS_WORDS = frozenset((
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
))  # fmt: skip
"""What `pandas.read_csv` takes for missing by itself (pandas 3.0, `STR_NA_VALUES`)."""

MARKERS = (frozenset(("NA",)), frozenset(("NaN",)), frozenset(("nan",)))
"""What R and NumPy write for every missing cell: a marker by convention where it stands alone."""

DATE_WORDS = ("0000-00-00", "0001-01-01", "9999-12-31", "00/00/0000", "0000-00-00 00:00:00")
"""Dates that stand for "no date"."""

COUNTRIES = frozenset(
    ("AF", "AS", "BR", "CN", "ES", "EU", "FR", "GB", "IT", "JP", "OC", "SA", "US", "ZA")
)
"""Codes of countries and continents that are no codes of US states; Namibia is `NA`."""

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]+")


def spellings(words: Iterable[str]) -> list[str]:
    """The words in lower case, upper case and with capitals: cheaper than folding every cell."""
    ways = (str.lower, str.upper, str.capitalize, str.title)
    more = {"NaN", "-NaN", "NaT", "N/a", "k.A.", "k. A."}
    return sorted({way(word) for word in words for way in ways} | more)


def words_for_missing(
    written: Mapping[str, int],
    others: Mapping[str, int],
    *,
    values: int,
    measured: bool,
    class_share: float,
) -> dict[str, int]:
    """Those of the words written in a column that stand for "missing" there, and how often.

    Args:
        written: Each candidate as written, without white space around it, and its count.
        others: The column's other values in a sample, and their counts.
        values: Non-missing cells of the column.
        measured: Whether the other values are numbers or dates; then every word stands out.
        class_share: Share of the values from which a word such as `none` is a class.
    """
    if measured:
        return dict(written)
    kept = {}
    total = max(1, sum(others.values()))
    signs = sum(n for value, n in others.items() if _PUNCTUATION.fullmatch(value))
    countries = len(COUNTRIES & others.keys()) >= 2
    for word, count in written.items():
        lower = word.lower()
        if lower in SIGNS and signs >= 0.01 * total:
            continue
        if (lower in CLASS_WORDS or not word) and count >= class_share * values:
            continue
        if word == "NA" and countries:
            continue
        kept[word] = count
    return kept

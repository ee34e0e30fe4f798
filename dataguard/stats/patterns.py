"""The pattern that a column's values are written in, and the values that break it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import polars as pl

MOSTLY = 0.8
"""Share of the rows whose values must be in the column's own patterns."""

RARE = 0.02
"""Share of the rows up to which a pattern is none of the column's own; a value that stands alone
always."""

MOST_PATTERNS = 3
"""Patterns of its own that a column may have."""

LEAST_ROWS = 12
"""Rows below which no pattern can be told."""

GARBAGE = re.compile(r"\*{3,}|#{3,}|_{3,}$|\?{3,}")
"""What no value has in it, but a form or a faulty program leaves there."""

_LOOSE_RUNS = re.compile(r"[^\W\d_]+(?:[-'’. &]+[^\W\d_]+)*|\d+|\s+|.", re.DOTALL)
_RUNS = re.compile(r"[^\W\d_]+|\d+|\s+|.", re.DOTALL)


class Breaks(msgspec.Struct, frozen=True):
    """The values that break the patterns of a column.

    Attributes:
        values: The values.
        usual: A value in the most frequent pattern.
        pattern: The most frequent pattern, in words: "AZ99999999".
    """

    values: tuple[str, ...]
    usual: str
    pattern: str


def breaks(counts: Mapping[str, int]) -> Breaks | None:
    """The values that break the pattern of nearly all others; None where there are none.

    A pattern is the order of runs of letters, digits and signs. The number of digits counts where
    numbers are padded with zeros, or are always as long; letters count where all values have the
    same. Columns of words alone have no pattern but that of their garbage.

    Args:
        counts: Rows by value, words for missing left out.
    """
    total = sum(counts.values())
    if total < LEAST_ROWS:
        return None
    garbage = tuple(v for v in counts if GARBAGE.search(v))
    rows = sum(counts[v] for v in garbage)
    found: tuple[str, ...] = garbage if rows <= (1 - MOSTLY) * total else ()
    usual = next(iter(counts))
    pattern = _form(usual)
    coded = sum(n for v, n in counts.items() if any(c.isdigit() for c in v))
    if coded >= MOSTLY * total:
        odd, usual, pattern = _odd(counts, total)
        found = tuple(dict.fromkeys((*found, *odd)))
    return Breaks(found, usual, pattern) if found else None


def may_break(cells: pl.Series) -> bool:
    """Whether a column may hold values that break its pattern: a quick look at all of them.

    It does not where all values are in one rough pattern, or where they are in very many.

    Args:
        cells: Text, without missing ones.
    """
    if cells.is_empty():
        return False
    if cells.str.contains_any(["***", "###", "___", "???"]).any():
        return True
    first = cells.head(40).to_list()
    rough = [re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "A", cell)) for cell in first]
    if not any("9" in cell for cell in rough):
        return False
    if len(set(rough)) > 0.6 * len(first) and len(first) >= 20:
        runs = {re.sub("A+", "A", re.sub("9+", "9", cell)) for cell in rough}
        return len(runs) <= 0.6 * len(first)
    signs = {"A": "[A-Z]", "a": "[a-z]", "9": "[0-9]"}
    sample = re.sub(r"[0-9]", "9", re.sub(r"[a-z]", "a", re.sub(r"[A-Z]", "A", first[0])))
    same = "".join(signs[c] if c in signs else re.escape(c) for c in sample)
    return not cells.str.contains(f"^{same}$").all()


def _odd(counts: Mapping[str, int], total: int) -> tuple[tuple[str, ...], str, str]:
    """The values that break the patterns, a usual value, and its pattern; exact ones if they do."""
    for exact in (True, False):
        forms = {v: _form(v, exact=exact) for v in counts}
        rows: Counter[str] = Counter()
        kinds: Counter[str] = Counter()
        for value, form in forms.items():
            rows[form] += counts[value]
            kinds[form] += 1
        own = [f for f, n in rows.most_common(MOST_PATTERNS) if n >= 0.1 * total and kinds[f] >= 2]
        if sum(rows[f] for f in own) < MOSTLY * total or (exact and _grows(own, rows, forms)):
            continue
        rare = {f for f, n in rows.items() if f not in own and (n <= RARE * total or n <= 1)}
        if set(rows) - rare - set(own):
            continue
        mixed = {f for v, f in forms.items() if _is_mixed(v, own)}
        slips = {f for f in rare if exact and any(_is_slip(f, o) for o in own)}
        rare = {f for f in rare if kinds[f] < 3 or f in slips or f in mixed}
        odd = tuple(v for v, f in forms.items() if f in rare and not _same_but_case(v, f, own))
        lead = next(v for v, f in forms.items() if f == own[0])
        return odd, lead, _form(lead)
    return (), next(iter(counts)), ""


def _loosened(form: str) -> str:
    return re.sub(r"9+", "9", form)


def _is_slip(form: str, own: str) -> bool:
    """Whether a pattern is a slip away from another, and not that one with something added."""
    from rapidfuzz.distance import OSA

    if _loosened(form) == _loosened(own) or re.sub(r"\W", "", form) == re.sub(r"\W", "", own):
        return True
    return OSA.distance(form, own) == 1 and not form.startswith(own) and not form.endswith(own)


def _is_mixed(value: str, own: list[str]) -> bool:
    """Whether a small letter stands before a capital in a column of capitals."""
    return bool(re.search(r"[a-z][A-Z]", value)) and not any("a" in f for f in own)


def _same_but_case(value: str, form: str, own: list[str]) -> bool:
    """Whether only capitals tell a value from the column's own patterns: `McCoy92`, `Al2`."""
    exact = any(len(f) > 1 and "+" not in f for f in own)
    alike = {form, *(_form(v, exact=exact) for v in (value.upper(), value.lower()))}
    return not _is_mixed(value, own) and not alike.isdisjoint(own)


def _grows(own: list[str], rows: Mapping[str, int], forms: Mapping[str, str]) -> bool:
    """Whether patterns differ in the number of digits of numbers that are not padded: 99, 100."""
    padded = any(re.search(r"(?<!\d)0\d", v) for v, f in forms.items() if f in own)
    loose = {re.sub(r"9+", "9", f) for f in own}
    others = [f for f in rows if f not in own and re.sub(r"9+", "9", f) in loose]
    return not padded and bool(others) and len(others) > 0.5 * (len(rows) - len(own))


def _form(value: str, *, exact: bool = True) -> str:
    """The pattern of a value: digits as 9, capitals as A, small letters as a, signs as they are."""
    parts = []
    runs = _RUNS if exact else _LOOSE_RUNS
    for run in runs.findall(value):
        if run.isdigit():
            parts.append("9" * len(run) if exact else "9")
        elif run.isspace():
            parts.append(" ")
        elif run[0].isalpha():  # words joined by a hyphen or a blank are one
            parts.append(_letters(run, exact=exact))
        else:
            parts.append(run)
    return "".join(parts)


def _letters(run: str, *, exact: bool) -> str:
    if run.isupper():
        return "A" * len(run) if exact and len(run) <= 4 else "A+"
    if run.islower():
        return "a" * len(run) if exact and len(run) <= 4 else "a+"
    return "a+"


def long_decimals(counts: Mapping[str, int]) -> list[str]:
    """The numbers with far more decimals than all others: means that fill gaps, computed values.

    Sums of binary fractions such as 2.1399999999999997 are rounding, and no fault.

    Args:
        counts: Rows by number, as written.
    """
    total = sum(counts.values())
    places = {v: len(v.partition(".")[2]) for v in counts if re.fullmatch(r"-?\d*\.?\d+", v)}
    if total < LEAST_ROWS or not places:
        return []
    usual = 0
    for most in sorted(set(places.values())):
        if sum(counts[v] for v, n in places.items() if n <= most) >= 0.7 * total:
            usual = most
            break
    if usual > 6:
        return []
    far = [v for v, n in places.items() if n >= usual + 8]
    between = [v for v, n in places.items() if usual + 1 < n < usual + 8]
    real = [v for v in far if abs(float(v) - round(float(v), usual + 2)) > 1e-9 * abs(float(v))]
    return real if len(between) <= 0.2 * len(real) else []

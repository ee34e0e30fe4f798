"""How the values of a column are written: a regular expression, a format of dates, a length."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

FORMATS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y",
    "%m-%d-%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S%z", "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y",
    "%d/%m/%y", "%m/%d/%y",
)  # fmt: skip
"""Formats of dates that are looked for, in the words of `strptime`."""

KNOWN = (
    r"^[^@\s]+@[^@\s]+\.[^@\s.]+$",
    r"^https?://\S+$",
    r"^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
)
"""Addresses of mail and of the web, UUIDs."""

MOST_SHAPES = 3
"""Shapes that a column's values may have."""

LEAST_A_SHAPE = 10
"""Values in each of them; a shape of fewer shows that there may be others still unseen."""

_RUNS = re.compile(r"[A-Z]+|[a-z]+|[0-9]+|.", re.DOTALL)
_CLASSES = {"A": "[A-Z]", "a": "[a-z]", "9": "[0-9]"}


def date_format(values: Sequence[str]) -> str | None:
    """The format of `FORMATS` that all values are in; None where there is none, or are two.

    Where day and month could change places in all values, either format fits, and none is told.
    """
    if not values:
        return None
    fitting = [f for f in FORMATS if _is_date(values[0], f)]
    for value in values[1:]:
        fitting = [f for f in fitting if _is_date(value, f)]
    return fitting[0] if len(fitting) == 1 else None


def _is_date(value: str, format_: str) -> bool:
    try:
        datetime.strptime(value, format_)
    except ValueError:
        return False
    return True


def years(dates: Sequence[str], format_: str) -> str | None:
    """A regular expression of the years of dates that begin with one, a fifth wider; or None."""
    if not format_.startswith("%Y"):
        return None
    found = [int(d[:4]) for d in dates if d[:4].isdigit()]
    more = 1 + (max(found) - min(found)) // 5
    low, high = min(found) - more, max(found) + more
    if high - low > 60:
        return None
    return f"^(?:{'|'.join(f'{year:04d}' for year in range(low, high + 1))})"


def regex_of(values: Sequence[str]) -> str | None:
    """A regular expression for codes: letters, digits and signs in one to three orders, or None.

    What all values share, and what always stands so often, is part of it: `^T[0-9]{5}$`. Words
    without a digit have no shape, nor have values with letters beyond ASCII.

    Args:
        values: Distinct ones.
    """
    for known in KNOWN:
        if all(re.search(known, value) for value in values):
            return known
    coded = sum(any(c.isdigit() for c in value) for value in values)
    if coded < len(values) or not all(value.isascii() for value in values):
        return None
    shaped: dict[str, list[list[str]]] = {}
    for value in values:
        runs = _RUNS.findall(value)
        shaped.setdefault("".join(map(_class, runs)), []).append(runs)
    if len(shaped) > MOST_SHAPES or min(map(len, shaped.values())) < LEAST_A_SHAPE:
        return None
    parts = sorted(_alternative(runs) for runs in shaped.values())
    joined = parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"
    return f"^{joined}$"


def _class(run: str) -> str:
    if run[0].isdigit():
        return "9"
    return ("A" if run[0].isupper() else "a") if run[0].isalpha() else run


def _alternative(values: list[list[str]]) -> str:
    return "".join(_part(column) for column in zip(*values, strict=True))


def _part(runs: tuple[str, ...]) -> str:
    """The regular expression of what stands at one place of all values."""
    kind = _class(runs[0])
    if len(set(runs)) == 1:
        return re.escape(runs[0]).replace("\\-", "-").replace("\\ ", " ")
    lengths = Counter(map(len, runs))
    if len(lengths) == 1:
        return f"{_CLASSES[kind]}{{{next(iter(lengths))}}}"
    return f"{_CLASSES[kind]}+"

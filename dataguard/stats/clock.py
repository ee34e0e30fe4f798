"""When rows were made: a column of dates, times or steps as numbers that can be put in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dataguard.dataset import Kind

if TYPE_CHECKING:
    import polars as pl

    from dataguard.dataset import Column, Split

READABLE = 0.9
"""Share of a sample's cells that must be read for a column to be put in order."""

LOOKED_AT = 1_000
"""Rows of the sample by which it is judged whether cells can be read."""

NO_CLOCK = ("birth", "born", "dob", "birthday", "expiry", "expires", "expiration", "due", "valid")
"""Words in the names of dates that say nothing of when a row was made."""

_YEAR_FIRST = r"^\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
_YEAR_LAST = r"^\s*(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})\b"
_HOURS = r"[T ,]\s*(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?"
_NAMED = ("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%B %d, %Y", "%Y-%b-%d")


def time_column(split: Split) -> Column | None:
    """The column that says when a row was made: that of the role, or the only one of dates."""
    named = split.of_role("time")
    if named:
        return named[0]
    dates = [c for c in split.of_kind(Kind.DATE) if not _is_of_something_else(c.name)]
    return dates[0] if len(dates) == 1 else None


def moments(split: Split, column: Column) -> pl.Expr | None:
    """The cells as `Float64` in the order of time, null where they are not read.

    A day is 1, a month 31, a year 372 days long, which keeps the order and nothing else. None where
    most cells of the sample cannot be read.
    """
    import polars as pl

    if column.dtype.is_temporal():
        if column.dtype in (pl.Time, pl.Duration):
            return None
        return pl.col(column.name).cast(pl.Datetime("us")).dt.epoch("us").cast(pl.Float64) / 864e8
    if column.kind is Kind.NUMBER:
        return column.number
    for form in _forms(split, column):
        part = split.preview.head(LOOKED_AT)
        seen, given = part.select(form.is_not_null().sum(), column.text.count().alias("n")).row(0)
        if given and seen >= READABLE * given:
            return form
    return None


def _is_of_something_else(name: str) -> bool:
    return any(word in NO_CLOCK for word in re.findall(r"[a-z]+", name.lower()))


def _forms(split: Split, column: Column) -> Iterator[pl.Expr]:
    """The ways to read the cells, likeliest first; each is tried before the next is made."""
    import polars as pl

    text = column.text.str.strip_chars()
    hours = [text.str.extract(_HOURS, i).cast(pl.Float64, strict=False) for i in (1, 2, 3)]
    clock = (
        hours[0].fill_null(0) / 24 + hours[1].fill_null(0) / 1440 + hours[2].fill_null(0) / 86400
    )
    first = [text.str.extract(_YEAR_FIRST, i).cast(pl.Float64, strict=False) for i in (1, 2, 3)]
    yield first[0] * 372 + first[1] * 31 + first[2] + clock
    last = [text.str.extract(_YEAR_LAST, i).cast(pl.Float64, strict=False) for i in (1, 2, 3)]
    tops = (
        split.preview.head(LOOKED_AT)
        .select(last[0].max().alias("a"), last[1].max().alias("b"))
        .row(0)
    )
    month_first = tops[1] is not None and tops[1] > 12 >= (tops[0] or 0)
    day, month = (last[1], last[0]) if month_first else (last[0], last[1])
    year = pl.when(last[2] < 70).then(last[2] + 2000).when(last[2] < 100).then(last[2] + 1900)
    yield year.otherwise(last[2]) * 372 + month * 31 + day + clock
    for form in _NAMED:
        yield text.str.strptime(pl.Date, form, strict=False).cast(pl.Int32).cast(pl.Float64)

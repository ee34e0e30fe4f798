"""Dates as people write them: which format a cell is in, and whether day or month comes first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

import msgspec

if TYPE_CHECKING:
    import polars as pl

    Text = TypeVar("Text", pl.Expr, pl.Series)

MOSTLY = 0.9
"""Share of the values that must be dates for a column to hold dates; the rest are faults."""

_MONTH = r"(?:0?[1-9]|1[0-2])"
_DAY = r"(?:0?[1-9]|[12][0-9]|3[01])"
_SHORT = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)\.?"
_LONG = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_NTH = rf"{_DAY}(?:st|nd|rd|th)?"
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? "
_ZONE = r"(?: ?(?:z|utc|gmt|[+-][0-9]{2}:?[0-9]{2}))?"
_CLOCK = rf"[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:[.,][0-9]+)?)?(?: ?[ap]\.?m\.?)?{_ZONE}"

FORMATS: dict[str, str] = {
    "2021-03-04": rf"[0-9]{{4}}-{_MONTH}-{_DAY}",
    "2021/03/04": rf"[0-9]{{4}}/{_MONTH}/{_DAY}",
    "2021.03.04": rf"[0-9]{{4}}\.{_MONTH}\.{_DAY}",
    "03/04/2021": rf"{_DAY}/{_DAY}/[0-9]{{4}}",
    "04.03.2021": rf"{_DAY}\.{_MONTH}\.[0-9]{{4}}",
    "04-03-2021": rf"{_DAY}-{_DAY}-[0-9]{{4}}",
    "03/04/21": rf"{_DAY}/{_DAY}/[0-9]{{2}}",
    "04.03.21": rf"{_DAY}\.{_MONTH}\.[0-9]{{2}}",
    "04-03-21": rf"{_DAY}-{_DAY}-[0-9]{{2}}",
    "Mar 4, 2021": rf"{_SHORT} {_NTH},? [0-9]{{4}}",
    "March 4, 2021": rf"{_LONG} {_NTH},? [0-9]{{4}}",
    "4 Mar 2021": rf"{_NTH} {_SHORT},? [0-9]{{4}}",
    "4 March 2021": rf"{_NTH} {_LONG},? [0-9]{{4}}",
    "4-Mar-2021": rf"{_DAY}-{_SHORT}-[0-9]{{4}}",
    "4-Mar-21": rf"{_DAY}-{_SHORT}-[0-9]{{2}}",
    "2021-Mar-04": rf"[0-9]{{4}}-{_SHORT}-{_DAY}",
    "Thu, 4 Mar 2021": rf"{_WEEKDAY}(?:{_NTH} {_SHORT}|{_SHORT} {_NTH},?) [0-9]{{4}}",
    "Thursday, March 4, 2021": rf"{_WEEKDAY}(?:{_NTH} {_LONG}|{_LONG} {_NTH},?) [0-9]{{4}}",
}
"""Formats by an example (the fourth of March), as patterns of lower-case text without a time."""

NUMERIC: dict[str, str] = {
    "20210304": r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])",
    "1614816000": r"1[0-9]{9}",
    "1614816000000": r"1[0-9]{12}",
}
"""Formats that are numbers as well: they count as dates only next to other dates."""

TIMES: dict[str, str] = {"": "", " 10:00": rf",? (?:at )?{_CLOCK}", "T10:00": rf"t{_CLOCK}"}
"""What may follow a date."""

UNDECIDED = ("03/04/2021", "04-03-2021", "03/04/21", "04-03-21")
"""Formats in which day and month may come in either order; with dots, the day comes first."""

_FIRST_OVER_12 = rf"^(?:1[3-9]|2[0-9]|3[01])[/-]{_MONTH}[/-]"
_SECOND_OVER_12 = rf"^{_MONTH}[/-](?:1[3-9]|2[0-9]|3[01])[/-]"
_SAME_TWICE = "|".join(rf"0?{n}[/-]0?{n}[/-]" for n in range(1, 13))
_LOOSE = (
    r"^(?:[a-z]{3,9}\.?,? )?(?:[0-9]{1,4}[-/. ]|[a-z]{3,9}\.? )(?:[0-9]|[a-z]{3,9})[^\n]{3,40}$"
    r"|^[12][0-9]{7}$|^1[0-9]{9}$|^1[0-9]{12}$|^[0-9]{1,2}(?:st|nd|rd|th) "
)
"""All of the formats match this, and few other values do."""


class DateFormat(msgspec.Struct, frozen=True):
    """How most dates of a column are written.

    Attributes:
        base: Key of `FORMATS` or `NUMERIC`.
        time: Key of `TIMES`.
    """

    base: str
    time: str

    @property
    def example(self) -> str:
        """The fourth of March in this format."""
        return self.base + self.time

    def matches(self, text: Text) -> Text:
        """Whether lower-case, stripped text is a date in this format."""
        return text.str.contains(_pattern(self.base, self.time))


def may_be_dates(text: pl.Expr) -> pl.Expr:
    """Whether lower-case, stripped text may be a date: a cheap test before `usual_format`."""
    return text.str.contains(_LOOSE)


def holds_dates(values: pl.Series) -> bool:
    """Whether a column holds dates; `values` as for `usual_format`."""
    import polars as pl

    likely = values.to_frame("text").select(may_be_dates(pl.col("text"))).to_series()
    return int(likely.sum()) >= MOSTLY * len(values) and usual_format(values) is not None


def usual_format(values: pl.Series) -> DateFormat | None:
    """The format of most dates in a column of dates; None where it holds none.

    Args:
        values: Lower-case, stripped values of a sample, missing and disguised ones left out.
    """
    import polars as pl

    if values.is_empty():
        return None
    first = _format_of(values[0])
    if first is not None and first.matches(values).all():
        return first
    names = values.to_frame("text").select(format_name(pl.col("text")))["text"]
    table = names.drop_nulls().value_counts(name="count").sort("count", "text", descending=True)
    found = dict(table.iter_rows())
    written = sum(n for name, n in found.items() if name.partition("|")[0] in FORMATS)
    if sum(found.values()) < MOSTLY * len(values) or written == 0:
        return None
    base, _, time = next(iter(found)).partition("|")
    return DateFormat(base, time)


def _format_of(value: str) -> DateFormat | None:
    """The format of one date; None where it is none, or a number as well."""
    for base in FORMATS:
        for time in TIMES:
            if re.search(_pattern(base, time), value):
                return DateFormat(base, time)
    return None


def format_name(text: pl.Expr) -> pl.Expr:
    """ "base|time" of lower-case, stripped text; null where it is no date."""
    import polars as pl

    both = {**FORMATS, **NUMERIC}
    named = [
        pl.when(text.str.contains(_pattern(base, time))).then(pl.lit(f"{base}|{time}"))
        for base in both
        for time in (TIMES if base in FORMATS else ("",))
    ]
    return pl.coalesce(named).alias("text")


def day_first(text: pl.Expr) -> pl.Expr:
    """Whether a date such as 13/04/2021 can only be read with the day first."""
    return text.str.contains(_FIRST_OVER_12)


def month_first(text: pl.Expr) -> pl.Expr:
    """Whether a date such as 04/13/2021 can only be read with the month first."""
    return text.str.contains(_SECOND_OVER_12)


def same_either_way(text: pl.Expr) -> pl.Expr:
    """Whether day and month are equal, as in 04/04/2021."""
    return text.str.contains(f"^(?:{_SAME_TWICE})")


def _pattern(base: str, time: str) -> str:
    body = FORMATS.get(base) or NUMERIC[base]
    return f"^(?:{body}){TIMES[time]}$"

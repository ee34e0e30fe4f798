"""Dates that are not written like the rest of their column, where they can be read in one way."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from dataguard.fixing.kinds import Kind, Wish
from dataguard.fixing.look import Look, NewCell, Proposal

if TYPE_CHECKING:
    import polars as pl

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CLOCK = re.compile(r"(?:,? (?:at )?|t)(\d{1,2}:\d{2}.*)$")
_NUMBERS = re.compile(r"\d+")
_WORD = re.compile(r"[a-z]{3,}")
_MIDNIGHT = re.compile(r"00:00(?::00(?:[.,]0+)?)?")
_YEAR_FIRST = ("2021-03-04", "2021/03/04", "2021.03.04")
_NAMED = ("Mar 4, 2021", "March 4, 2021", "4 Mar 2021", "4 March 2021", "4-Mar-2021",
          "2021-Mar-04", "Thu, 4 Mar 2021", "Thursday, March 4, 2021")  # fmt: skip


class Form(msgspec.Struct, frozen=True):
    """How the dates of a column are to be written.

    Attributes:
        base, time: Keys of `FORMATS` and `TIMES`.
        day_first: Whether the day comes first; None where the column does not tell.
        padded: Whether one-digit days and months have a zero before them.
    """

    base: str
    time: str
    day_first: bool | None = None
    padded: bool = True


class Moment(msgspec.Struct, frozen=True):
    """A date, and its time of day as it is written ("" where it has none)."""

    date: datetime.date
    clock: str


def proposals(look: Look, wish: Wish) -> Iterator[Proposal]:  # noqa: ARG001
    """Cells of FMT002 that can be read in one way, written as most of the column is."""
    for finding in look.of(Kind.DATES):
        usual = _usual(str(finding.evidence.get("usual")))
        if usual is None or finding.split is None:
            continue
        for column in finding.columns:
            form = _form(look.frames[finding.split].get_column(column), *usual)
            values = [(r, v) for r, v in look.values(finding, column) if isinstance(v, str)]
            names = _names([value for _, value in values])
            for (row, value), name in zip(values, names, strict=True):
                moment = read(value, name) if name else None
                new = write(moment, form) if moment else None
                if new is not None:
                    yield NewCell(finding.split, row, column, new)


def read(text: str, name: str) -> Moment | None:
    """The date that a text in the format `name` ("base|time") means, if it means but one."""
    from dataguard.stats.date_text import UNDECIDED

    base = name.partition("|")[0]
    text = text.strip().lower()
    clock = _CLOCK.search(text) if name.partition("|")[2] else None
    numbers = _NUMBERS.findall(text[: clock.start()] if clock else text)
    plain = text[: clock.start()] if clock else text
    found: tuple[int, int, int] | None = None
    if base == "20210304":
        found = int(text[:4]), int(text[4:6]), int(text[6:])
    elif base in _YEAR_FIRST:
        found = int(numbers[0]), int(numbers[1]), int(numbers[2])
    elif base == "04.03.2021":
        found = int(numbers[2]), int(numbers[1]), int(numbers[0])
    elif base in UNDECIDED and len(numbers[2]) == 4:
        first, second = int(numbers[0]), int(numbers[1])
        if first > 12 or first == second:
            found = int(numbers[2]), second, first
        elif second > 12:
            found = int(numbers[2]), first, second
    elif base in _NAMED:
        found = _named(plain, numbers)
    if found is None:
        return None
    try:
        return Moment(datetime.date(*found), clock[1] if clock else "")
    except ValueError:
        return None


def write(moment: Moment, form: Form) -> str | None:
    """The date as the column writes it; None where that would add or lose something."""
    clock = moment.clock
    if not form.time:
        if clock and not _MIDNIGHT.fullmatch(clock):
            return None
        clock = ""
    elif not clock:
        return None
    text = _written(moment.date, form)
    return None if text is None else text + form.time[:1] * bool(clock) + clock


def _written(date: datetime.date, form: Form) -> str | None:
    year, long = f"{date.year:04}", MONTHS[date.month - 1].capitalize()
    day, month = (f"{n:02}" if form.padded else str(n) for n in (date.day, date.month))
    if form.base in _YEAR_FIRST:
        return form.base[4].join((year, month, day))
    if form.base == "04.03.2021":
        return f"{day}.{month}.{year}"
    if form.base in ("03/04/2021", "04-03-2021"):
        if form.day_first is None:
            return None
        return form.base[2].join((day, month, year) if form.day_first else (month, day, year))
    named = {
        "20210304": f"{year}{date.month:02}{date.day:02}",
        "Mar 4, 2021": f"{long[:3]} {date.day}, {year}",
        "March 4, 2021": f"{long} {date.day}, {year}",
        "4 Mar 2021": f"{date.day} {long[:3]} {year}",
        "4 March 2021": f"{date.day} {long} {year}",
        "4-Mar-2021": f"{date.day}-{long[:3]}-{year}",
        "2021-Mar-04": f"{year}-{long[:3]}-{date.day:02}",
        "Thu, 4 Mar 2021": f"{_DAYS[date.weekday()][:3]}, {date.day} {long[:3]} {year}",
        "Thursday, March 4, 2021": f"{_DAYS[date.weekday()]}, {long} {date.day}, {year}",
    }
    return named.get(form.base)


def _named(text: str, numbers: list[str]) -> tuple[int, int, int] | None:
    """Year, month and day of a date with its month in letters."""
    words = [w[:3] for w in _WORD.findall(text)]
    month = next((i for i, m in enumerate(MONTHS, 1) if m[:3] in words), 0)
    year = next((n for n in numbers if len(n) == 4), "")
    day = next((n for n in numbers if len(n) <= 2), "")
    return (int(year), month, int(day)) if month and year and day else None


def _usual(example: str) -> tuple[str, str] | None:
    """The format of which this is the example."""
    from dataguard.stats.date_text import FORMATS, NUMERIC, TIMES

    pairs = ((base, time) for base in (*FORMATS, *NUMERIC) for time in TIMES)
    return next(((base, time) for base, time in pairs if base + time == example), None)


def _form(cells: pl.Series, base: str, time: str) -> Form:
    """How the column writes this format: in which order, and with or without zeros in front."""
    import polars as pl

    from dataguard.stats.date_text import UNDECIDED, DateFormat, day_first, month_first

    text = pl.col("text")
    frame = cells.alias("text").to_frame().select(text.str.strip_chars().str.to_lowercase())
    frame = frame.filter(DateFormat(base, time).matches(text))
    day, month, bare, zeros = frame.select(
        day_first(text).sum().alias("day"),
        month_first(text).sum().alias("month"),
        text.str.contains(r"(?:^|[-/.])[1-9](?:[-/.]|$|[ t])").sum().alias("bare"),
        text.str.contains(r"(?:^|[-/.])0[1-9](?:[-/.]|$|[ t])").sum().alias("zeros"),
    ).row(0)
    # Where both orders stand in a column, to rewrite the certain ones would hide the others.
    decided = base in UNDECIDED and (day > 0) != (month > 0)
    first = day > 0 if decided else None
    return Form(base, time, first, padded=zeros >= bare)


def _names(values: list[str]) -> list[str | None]:
    """The format of each value, "base|time"; None where it is no date."""
    import polars as pl

    from dataguard.stats.date_text import format_name

    frame = pl.DataFrame({"text": pl.Series(values, dtype=pl.String)})
    lowered = frame.select(pl.col("text").str.strip_chars().str.to_lowercase())
    return lowered.select(format_name(pl.col("text"))).to_series().to_list()

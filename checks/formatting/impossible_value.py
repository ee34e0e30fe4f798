"""FMT015: impossible value."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import msgspec

from dataguard.api import (
    At,
    Check,
    Column,
    Dataset,
    Example,
    Finding,
    Hits,
    Kind,
    Option,
    Severity,
    Split,
    cells,
    share,
    together,
    verb,
)

if TYPE_CHECKING:
    import polars as pl

    from dataguard.stats.possible import Range

PEOPLE = 130
"""Highest age of the range of ages."""

DAYS = [f"20{20 + i % 4}-0{1 + i % 9}-1{i % 10}" for i in range(24)]


class ImpossibleValue(Check):
    """A value cannot be: a negative age, 140 percent, a date in the far future.

    ## Why is this bad?
    The rest of the row may be as wrong as this value; taken as it is, it drags means and scales,
    and teaches the model what never happens.

    ## How it works
    Ages, percentages, probabilities, degrees, months, hours, counts and sizes are known by the
    name of the column; where nineteen in twenty values (or all but two) are possible, the others
    are reported, but not ages of houses or trees, of which many are near the limit. Of dates, days
    that no calendar has (2021-02-30), and years after `latest_year` or before 1900 where nineteen
    in twenty dates lie between. Judged by a sample of 10,000 rows; where it shows such a value, all
    rows are searched.

    ## What to do
    Look the values up at their source; correct them, or leave them empty.
    """

    code = "FMT015"
    name = "impossible-value"
    severity = Severity.WARNING
    latest_year = Option(
        2040,
        "Last year that a date may be in: plans reach some years ahead of today, typing errors "
        "(2201) much further (judged).",
        low=1900,
        high=9999,
    )
    bad = (
        Example(
            train={
                "age": [34, 51, -3, *[28, 45, 61, 39, 22, 57, 48] * 4],
                "discount_pct": [10, 5, 0, 15, 20, 25, 10, 5, 140, 30, *range(21)],
            },
            expect=(At(row=2, column="age"), At(row=8, column="discount_pct")),
        ),
        Example(
            train={"day": [*DAYS, "2021-02-30", "2201-03-04"]},
            expect=(At(row=24, column="day"), At(row=25, column="day")),
        ),
    )
    good = (
        Example(train={"age": list(range(20, 80)), "share_pct": [i % 101 for i in range(60)]}),
        Example(
            train={"age": [-1.2, 0.3, 0.8, -0.5, 1.1] * 8, "growth_pct": [120, -5, 140, 3, 9] * 8},
            title="Standardised, and percentages that may be anything.",
        ),
        Example(train={"age": [*range(0, 120, 3), 118, 121, 126, 133, 153]}, title="Houses."),
        Example(train={"day": [*DAYS, "1995-01-02", "2024-02-29"]}),
        Example(train={"born": [f"18{i}-01-02" for i in range(50, 90)]}, title="All are old."),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        chosen = [
            one
            for split in data.splits
            for column in split.columns
            if (one := self._rule(split, column)) is not None
        ]
        hits = await together([o.split.rows(o.where, (o.column.name,)) for o in chosen])
        for one, some in zip(chosen, hits, strict=True):
            if some.count:
                yield self._told(one, some)

    def _rule(self, split: Split, column: Column) -> _Rule | None:
        """What is impossible in a column, where the sample shows some of it, and little."""
        from dataguard.stats.possible import MOSTLY, range_of
        from dataguard.stats.values import is_role

        if is_role(split, column, "id") or column.distinct < 5:
            return None
        if column.kind is Kind.NUMBER and (known := range_of(column.name)) is not None:
            if _goes_on(split, column, known):
                return None
            where, why = _outside(column, known.low, known.high), f"is not {known.kind}"
        elif column.kind is Kind.DATE:
            where, why = _no_date(column, self.latest_year), "is no date that can be"
        else:
            return None
        seen = split.shown(column).select(where.fill_null(value=False).alias("w"))["w"]
        number = int(seen.sum())
        if number >= 3 and split.preview.filter(seen)[column.name].n_unique() == 1:
            return None  # one number that repeats stands for "missing"
        if not 0 < number <= max(2.0, (1 - MOSTLY) * column.sampled):
            return None
        return _Rule(split, column, where, why)

    def _told(self, one: _Rule, hits: Hits) -> Finding:
        name = one.column.name
        values = one.split.height - one.column.missing
        first = hits.cells[name].cast(str).sort()[0]
        return self.finding(
            f"{hits.count:,} of {values:,} values ({share(hits.count, values)}) in `{name}` "
            f"{verb(hits.count, 'is', 'are')} impossible: `{first}` {one.why}",
            split=one.split,
            rows=hits.rows,
            columns=(name,),
            examples=cells(hits.cells, (name,)),
            confidence=0.9,
            fix=f"Look these values of `{name}` up at their source; correct them, or leave them "
            "empty.",
        )


class _Rule(msgspec.Struct, frozen=True, eq=False):
    """What is impossible in a column, and why."""

    split: Split
    column: Column
    where: pl.Expr
    why: str


def _goes_on(split: Split, column: Column, known: Range) -> bool:
    """Whether as many ages lie just below the limit as above: it is not people who are that old."""
    if known.high != PEOPLE:
        return False
    ages = split.shown(column).select(column.number.alias("n"))["n"].drop_nulls()
    above = int((ages > known.high).sum())
    return above > 0 and int(((ages > 0.8 * known.high) & (ages <= known.high)).sum()) >= above


def _outside(column: Column, low: float, high: float) -> pl.Expr:
    """Numbers outside their range; those that stand for "missing" have their own rule."""
    from dataguard.stats.sentinels import SENTINELS

    number = column.number
    return ((number < low) | (number > high)) & ~number.is_in(SENTINELS)


def _no_date(column: Column, latest: int) -> pl.Expr:
    """Dates that no calendar has, or that are too early or too late."""
    import polars as pl

    from dataguard.stats.missing_words import DATE_WORDS
    from dataguard.stats.possible import DATE_YEAR, ISO_DAY

    if not column.is_string:
        if column.dtype not in (pl.Date, pl.Datetime):
            return pl.lit(value=False)
        year = pl.col(column.name).dt.year()
        return (year > latest) | (year < 1900)
    text = pl.col(column.name).str.strip_chars()
    year = text.str.extract(DATE_YEAR).cast(pl.Int32, strict=False)
    day = text.str.extract(ISO_DAY)
    no_day = day.is_not_null() & day.str.to_date("%Y-%m-%d", strict=False).is_null()
    # Dates that stand for "missing" are told as such.
    return ((year > latest) | (year < 1900) | no_day) & ~text.is_in(list(DATE_WORDS))

"""FMT002: mixed date formats."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from dataguard.api import (
    DISGUISED_MISSING,
    At,
    Check,
    Column,
    Dataset,
    Example,
    Finding,
    Hits,
    Severity,
    Split,
    cells,
    share,
    together,
    total,
    verb,
)

if TYPE_CHECKING:
    import polars as pl

    from dataguard.queries import Aggregate, Query
    from dataguard.stats.date_text import DateFormat

LONG = "\ue000"
"""In place of a cell that is too long to be a date."""

MOST_NAMED = 1_000_000
"""Odd values whose formats are told apart and counted; more are only counted."""


class MixedDateFormats(Check):
    """A column of dates is written in more than one format, or can be read in two ways.

    ## Why is this bad?
    A parser stops at the odd ones, turns them into missing values, or reads 03/04 as March in one
    row and as April in the next. Nothing shows it afterwards.

    ## How it works
    A column holds dates where nine in ten of its values are dates in a known format. The most
    frequent format is the column's own; all other values are reported, dates that do not exist
    (2021-02-30) among them. Where only the time of day differs, it is `info`. For dates such as
    03/04/2021, values above 12 tell the order of day and month. Where both orders occur, the
    rarer one and all values that fit either are reported; where no value tells, all of them.

    ## What to do
    Write ISO dates (2021-03-04). Parse with the format given, never guessed:
    `pd.to_datetime(df[c], format="%d/%m/%Y")`.
    """

    code = "FMT002"
    name = "mixed-date-formats"
    severity = Severity.WARNING
    bad = (
        Example(
            train={"day": ["2021-03-04", "2021-03-05", "03/06/2021", "2021-03-07", "Mar 8, 2021"]},
            expect=(At(row=2), At(row=4)),
        ),
        Example(
            train={"day": ["13/04/2021", "25/04/2021", "04/26/2021", "28/04/2021", "05/06/2021"]},
            expect=(At(row=2), At(row=4)),
            title="day first and month first",
        ),
        Example(
            train={"day": ["03/04/2021", "05/04/2021", "07/08/2021"]},
            expect=(At(row=0), At(row=1), At(row=2)),
            title="no value tells the order",
        ),
        Example(
            train={"day": ["2021-02-27", "2021-02-28", "2021-02-30", "2021-03-01"]},
            expect=(At(row=2),),
            title="a day that does not exist",
        ),
    )
    good = (
        Example(train={"day": ["2021-03-04", "2021-3-5", "2021-12-31"]}),
        Example(train={"day": ["03/04/2021", "03/25/2021", "07/08/2021"]}, title="month first"),
        Example(train={"day": ["4.3.2021", "5.4.2021", "12.12.2021"]}, title="dots: day first"),
        Example(train={"version": ["1.2.3", "1.2.4", "2.0.0"], "ip": ["10.0.0.1"] * 3}),
        Example(train={"day": ["2021-03-04", "N/A", "2021-03-05"]}, title="told by another rule"),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        dates = [
            _Dates(split, split[name], usual)
            for split in data.splits
            for name, usual in _date_columns(split).items()
        ]
        found = await together([d.hits(d.odd) for d in dates])
        orders = await together([d.split.aggregate(d.orders()) for d in dates])
        judged = [(d, {"odd": h.count, **o}) for d, h, o in zip(dates, found, orders, strict=True)]
        wider = {d: where for d, fact in judged if (where := d.misread(fact)) is not None}
        more = await together([d.hits(d.odd | where) for d, where in wider.items()])
        hits = dict(zip(dates, found, strict=True)) | dict(zip(wider, more, strict=True))
        for d, fact in judged:
            if hits[d].count:
                yield self._told(d, fact, hits[d], d.formats(hits[d].cells))

    def _told(
        self, d: _Dates, fact: Mapping[str, int], hits: Hits, formats: Mapping[str | None, int]
    ) -> Finding:
        name = d.column.name
        values = d.split.height - d.column.missing
        part = f"{hits.count:,} of {values:,} values ({share(hits.count, values)}) in `{name}`"
        named = {_shown(f): n for f, n in formats.items()}
        listed = sorted(named.items(), key=lambda p: (-p[1], p[0]))
        told = ", ".join(f"{f} ({n:,})" for f, n in listed)
        severity = None
        if fact["odd"]:
            are = verb(hits.count, "is", "are")
            message = f"{part} {are} not written like the rest ({d.usual.example}): {told}"
            times = all(f is not None and f.partition("|")[0] == d.usual.base for f in formats)
            severity = Severity.INFO if times and not d.is_mixed(fact) else None
        if d.is_mixed(fact):
            order = (
                f"{fact['day']:,} dates in `{name}` can only be day first, {fact['month']:,} only "
                f"month first, {fact['either']:,} are either"
            )
            message = f"{message}; {order}" if fact["odd"] else order
        elif not fact["odd"]:
            message = f"{part} may be day first or month first: no value in the column tells which"
        return self.finding(
            message,
            split=d.split,
            rows=hits.rows,
            columns=(name,),
            examples=cells(hits.cells, (name,)),
            evidence={"usual": d.usual.example, "others": dict(listed)},
            severity=severity,
            fix="Write all dates as 2021-03-04, and parse them with the format given.",
        )


class _Dates(msgspec.Struct, frozen=True, eq=False):
    """One column of dates and the format that most of them are in."""

    split: Split
    column: Column
    usual: DateFormat

    @property
    def text(self) -> pl.Expr:
        import polars as pl

        return _lowered(pl.col(self.column.name))

    @property
    def odd(self) -> pl.Expr:
        """Whether a value is not written like the rest, or a date that does not exist."""
        import polars as pl

        raw = pl.col(self.column.name)
        fits = self.usual.matches(raw)
        if self.usual.example == "2021-03-04":
            fits = fits & raw.str.to_date("%Y-%m-%d", strict=False).is_not_null()
        # Only the few others are brought into lower case and held against the words for "missing".
        rest = _lowered(pl.when(~fits).then(raw))
        wrong = ~self.usual.matches(rest)
        if self.usual.example == "2021-03-04":
            wrong = wrong | rest.str.to_date("%Y-%m-%d", strict=False).is_null()
        return wrong & _is_value(rest)

    def hits(self, where: pl.Expr) -> Query[Hits]:
        return self.split.rows(where, (self.column.name,), limit=MOST_NAMED)

    def orders(self) -> dict[str, Aggregate]:
        """Counts of dates that are surely day first, month first, or either."""
        from dataguard.stats.date_text import UNDECIDED, day_first, month_first, same_either_way

        if self.usual.base not in UNDECIDED:
            return {}
        usual = self.usual.matches(self.text)
        day, month = day_first(self.text), month_first(self.text)
        return {
            "day": total(day & usual),
            "month": total(month & usual),
            "either": total(usual & ~day & ~month & ~same_either_way(self.text)),
        }

    def formats(self, found: pl.DataFrame) -> dict[str | None, int]:
        """How many of the odd values among the rows found are in each format."""
        import polars as pl

        from dataguard.stats.date_text import format_name

        named = found.filter(self.odd).select(self.text.alias("text"))
        named = named.select(format_name(pl.col("text")))
        return dict(named.to_series().value_counts(name="count").iter_rows())

    def is_mixed(self, fact: Mapping[str, int]) -> bool:
        return fact.get("day", 0) > 0 and fact.get("month", 0) > 0

    def misread(self, fact: Mapping[str, int]) -> pl.Expr | None:
        """Which dates are, or may be, in another order than the others; None where none are."""
        from dataguard.stats.date_text import day_first, month_first, same_either_way

        text, usual = self.text, self.usual.matches(self.text)
        day, month = day_first(text), month_first(text)
        either = usual & ~day & ~month & ~same_either_way(text)
        if self.is_mixed(fact):
            rarer = month if fact["month"] <= fact["day"] else day
            return (usual & rarer) | either
        if fact.get("either", 0) >= 2 and not fact["day"] and not fact["month"]:
            return either
        return None


def _lowered(text: pl.Expr) -> pl.Expr:
    import polars as pl

    short = (
        pl.when(text.str.len_bytes() <= 60).then(text).when(text.is_not_null()).then(pl.lit(LONG))
    )
    return short.str.strip_chars().str.to_lowercase()


def _is_value(text: pl.Expr) -> pl.Expr:
    """Whether text is neither missing nor a word or date for "missing"."""
    from dataguard.stats.missing_words import DATE_WORDS

    return text.is_not_null() & (text != "") & ~text.is_in([*DISGUISED_MISSING, *DATE_WORDS])


def _date_columns(split: Split) -> dict[str, DateFormat]:
    """The columns of text that hold dates, by the sample, and the format of most of them."""
    import polars as pl

    from dataguard.stats.date_text import MOSTLY, may_be_dates, usual_format

    names = [c.name for c in split.columns if c.is_string]
    if not names:
        return {}
    values = {name: _lowered(pl.col(name)) for name in names}
    likely = split.preview.select(
        may_be_dates(v).filter(_is_value(v)).mean().alias(name) for name, v in values.items()
    ).row(0, named=True)
    found = {}
    for name, portion in likely.items():
        if portion is not None and portion >= MOSTLY:
            text = split.shown(split[name]).select(
                values[name].filter(_is_value(values[name])).alias("t")
            )
            usual = usual_format(text["t"])
            if usual is not None:
                found[name] = usual
    return found


def _shown(name: str | None) -> str:
    return "no date" if name is None else name.replace("|", "")

"""FMT008: mixed types."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
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

PRICES = [f"{8 + i * 0.37:.2f}" for i in range(30)]
DAYS = [f"2021-0{1 + i % 9}-1{i % 10}" for i in range(30)]


class MixedTypes(Check):
    """A column holds numbers or dates, and words among them.

    ## Why is this bad?
    The words turn the whole column into text: its numbers become categories that the model cannot
    compare, or the column is dropped.

    ## How it works
    At least half of the values are plain numbers, with fractions or many different ones, or at
    least half are dates; the others are words. Those are reported. Where nine in ten are numbers,
    number-stored-as-text says it; words for "missing" and codes with digits (`12A`) do not count.
    Judged by a sample of 10,000 rows; where it shows words, all rows are searched.

    ## What to do
    Split the column in two, one for the numbers or dates, one for what the words say; or, where
    they mean "no value", leave the cells empty.
    """

    code = "FMT008"
    name = "mixed-types"
    severity = Severity.WARNING
    least = Option(
        0.5,
        "Share of the values that must be numbers or dates for the words to be the odd ones "
        "(judged: the larger part is what the column was meant for).",
        low=0.5,
        high=1.0,
    )
    bad = (
        Example(
            train={"price": [*PRICES, *["free", "on request", "sold out"] * 2]},
            expect=tuple(At(row=r, column="price") for r in range(30, 36)),
        ),
        Example(
            train={"visit": [*DAYS, "yesterday", "last week"]},
            expect=tuple(At(row=r, column="visit") for r in (30, 31)),
            title="Words among dates.",
        ),
    )
    good = (
        Example(train={"price": [*PRICES, "n/a", "-", "unknown", "?"]}, title="Missing values."),
        Example(train={"room": [*map(str, range(1, 31)), "12A", "14B", "PH2", "G1"]}),
        Example(train={"rank": ["1", "2", "3", "K", "Q", "A"] * 5}, title="Few values: classes."),
        Example(train={"name": ["Ann", "Bob", "7", "Carl", "12", "Dora"] * 4}),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        chosen = [
            one
            for split in data.splits
            for column in split.columns
            if (one := self._mixed(split, column)) is not None
        ]
        hits = await together([o.split.rows(o.where, (o.column.name,)) for o in chosen])
        for one, some in zip(chosen, hits, strict=True):
            if some.count:
                yield self._told(one, some)

    def _mixed(self, split: Split, column: Column) -> _Mixed | None:
        """What the column holds beside words; None where it is all of one type."""
        import polars as pl

        from dataguard.stats.date_text import may_be_dates
        from dataguard.stats.values import first_values, is_role

        skip = is_role(split, column, "label", "id") or column.distinct < 10
        if not column.is_string or skip or column.kind in (Kind.NUMBER, Kind.NESTED, Kind.EMPTY):
            return None
        first = first_values(split, column, 50)
        if first and not any(re.search("[0-9]", value) for value in first):
            return None
        cell = pl.col("t")
        lowered = pl.col(column.name).str.strip_chars().str.to_lowercase().alias("t")
        values = split.shown(column).select(lowered).drop_nulls()
        values = values.filter((cell != "") & ~cell.is_in(DISGUISED_MISSING))
        frame = values.with_columns(words=_is_words(cell))
        words = frame.get_column("words")
        if not 0 < words.sum() <= (1 - self.least) * frame.height:
            return None
        rest = frame.get_column("t").filter(~words)
        plain = rest.cast(pl.Float64, strict=False)
        if plain.null_count() <= 0.02 * len(rest):
            kind = "numbers" if _measured(rest) else ""
        else:
            dates = rest.to_frame("t").select(may_be_dates(pl.col("t")))["t"]
            kind = "dates" if dates.sum() >= 0.95 * len(rest) and _are_dates(rest) else ""
        return _Mixed(split, column, kind) if kind else None

    def _told(self, one: _Mixed, hits: Hits) -> Finding:
        name = one.column.name
        values = one.split.height - one.column.missing
        first = hits.cells[name].cast(str).sort()[0]
        return self.finding(
            f"{hits.count:,} of {values:,} values ({share(hits.count, values)}) in `{name}` "
            f"{verb(hits.count, 'is a word', 'are words')} among {one.kind}: `{first[:40]}`",
            split=one.split,
            rows=hits.rows,
            columns=(name,),
            examples=cells(hits.cells, (name,)),
            confidence=0.9,
            fix=f"Keep {one.kind} alone in `{name}`, and what the words say in another column.",
        )


class _Mixed(msgspec.Struct, frozen=True, eq=False):
    """A column of numbers or dates with words among them."""

    split: Split
    column: Column
    kind: str

    @property
    def where(self) -> pl.Expr:
        import polars as pl

        text = pl.col(self.column.name).str.strip_chars().str.to_lowercase()
        return (text != "") & ~text.is_in(DISGUISED_MISSING) & _is_words(text)


def _is_words(text: pl.Expr) -> pl.Expr:
    """Letters and no digit: not infinity, not a month's name in a date."""
    number = text.str.contains(r"^[+-]?(?:inf|infinity|nan)$")
    return text.str.contains(r"\p{L}") & ~text.str.contains("[0-9]") & ~number


def _measured(numbers: pl.Series) -> bool:
    """Whether numbers are measurements rather than classes or codes."""
    many = numbers.n_unique() >= 20
    padded = numbers.str.contains("^0[0-9]").any()
    return bool(numbers.str.contains(r"\.[0-9]*[1-9]").any() or many) and not padded


def _are_dates(text: pl.Series) -> bool:
    from dataguard.stats.date_text import holds_dates

    return holds_dates(text)

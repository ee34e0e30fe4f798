"""FMT001: number stored as text."""

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

    from dataguard.queries import Query


class NumberStoredAsText(Check):
    """Numbers are written so that a reader takes them for text.

    ## Why is this bad?
    One "1,234" or "12 kg" turns the whole column into text. It is then dropped, or encoded as a
    category with as many levels as it has values.

    ## How it works
    A column holds numbers where nine in ten of its values are numbers: plain, or with a unit, a
    currency, thousands separators, brackets, a decimal comma, a doubt ("approx 5"), or in words.
    Its values that are not plain numbers are reported. Columns of codes are left alone: leading
    zeros, letters among whole numbers (12A), ranges, versions, dates; so are ordered categories
    with an open end (0, 1, 2, 3+). In formats with types, text columns that hold plain numbers
    with fractions, or many different ones, are reported as a whole.

    ## What to do
    Write plain numbers, the unit in the column's name: `pd.to_numeric(df[c].str.replace(",", ""))`.
    """

    code = "FMT001"
    name = "number-stored-as-text"
    severity = Severity.WARNING
    bad = (
        Example(
            train=b'price,qty\n12.5,3\n"1,234.0",4\n$9.90,2\n11.25,twelve\n10.75,7\n13.1,5\n'
            b"12.4,8\n11.9,1\n12.2,6\n12.9,9\n10.1,3\n",
            expect=(
                At(row=1, column="price"),
                At(row=2, column="price"),
                At(row=3, column="qty"),
            ),
        ),
        Example(
            train=b"share,weight\n45%,12 kg\n12.5%,7 kg\n7%,9.5 kg\n",
            expect=tuple(At(row=r, column=c) for r in range(3) for c in ("share", "weight")),
            title="every value decorated",
        ),
        Example(
            train={"price": ["12.5", "13.25", "9.75"]},
            expect=tuple(At(row=r) for r in range(3)),
            title="numbers as strings in a format that has numbers",
        ),
    )
    good = (
        Example(train=b"zip,room,ticket\n01234,12,113803\n02345,12A,A/5 21171\n94110,14,347082\n"),
        Example(train=b"children\n0\n1\n2\n3+\n0\n3+\n1\n0\n2\n0\n3+\n1\n", title="an open end"),
        Example(train=b"age,size,version\n18-24,S,1.2.3\n25-34,M,1.2.4\n35-44,L,2.0.0\n"),
        Example(
            train=b"ip,phone\n10.0.0.1,555 123 456\n10.0.0.2,555 234 567\n10.1.0.1,555 345 678\n"
        ),
        Example(train=b"x\n1\n2\nN/A\n-\n5\n", title="words for missing have their own rule"),
        Example(train={"answer": ["42", "7", "13"], "grade": ["1", "2", "1"]}),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        columns = [
            one
            for split in data.splits
            for column in split.columns
            if column.is_string and (one := _numbers(split, column)) is not None
        ]
        hits = await together([one.query() for one in columns])
        found = [(one, rows) for one, rows in zip(columns, hits, strict=True) if rows.count]
        doubted = [(one, rows) for one, rows in found if one.may_be_codes]
        codes = await together([one.codes() for one, _ in doubted]) if doubted else ()
        silent = [
            one
            for (one, rows), fact in zip(doubted, codes, strict=True)
            if fact["codes"] == rows.count
        ]
        for one, rows in found:
            if one not in silent:
                yield self._told(one, rows)

    def _told(self, one: _Numbers, hits: Hits) -> Finding:
        name = one.column.name
        values = one.split.height - one.column.missing
        part = f"{hits.count:,} of {values:,} values ({share(hits.count, values)}) in `{name}`"
        what = "stored as text" if one.as_strings else "so the column is read as text"
        are = verb(
            hits.count,
            "is a number" if one.as_strings else "is no plain number,",
            "are numbers" if one.as_strings else "are no plain numbers,",
        )
        return self.finding(
            f"{part} {are} {what}",
            split=one.split,
            rows=hits.rows,
            columns=(name,),
            examples=cells(hits.cells, (name,)),
            fix="Store the column as numbers: `pd.to_numeric(df[c])`."
            if one.as_strings
            else "Write plain numbers: no units, currencies, words or thousands separators.",
        )


class _Numbers(msgspec.Struct, frozen=True, eq=False):
    """A column of numbers.

    Attributes:
        may_be_codes: Whether all plain numbers are whole, so that it may hold codes.
        as_strings: Whether the fault is that plain numbers are stored as strings.
        ends: Open ends of ordered categories, which are no fault.
    """

    split: Split
    column: Column
    may_be_codes: bool
    as_strings: bool
    ends: tuple[str, ...]

    @property
    def odd(self) -> pl.Expr:
        """The values that are no plain numbers, and no words for "missing" either; else null.

        Only the few cells that do not parse are looked at more closely.
        """
        import polars as pl

        from dataguard.stats.number_text import is_plain
        from dataguard.stats.spreadsheet import ERROR, FORMULA

        text = pl.col(self.column.name)
        rest = pl.when(~is_plain(text)).then(text).str.strip_chars()
        odd = ~is_plain(rest) & _is_value(rest)
        odd = odd & ~rest.str.contains(f"{FORMULA}|{ERROR}")  # told by spreadsheet-formula
        return pl.when(odd & ~rest.is_in(self.ends) if self.ends else odd).then(rest)

    def query(self) -> Query[Hits]:
        import polars as pl

        from dataguard.stats.number_text import is_plain

        text = pl.col(self.column.name)
        where = is_plain(text.str.strip_chars()) if self.as_strings else self.odd.is_not_null()
        return self.split.rows(where, (self.column.name,))

    def codes(self) -> Query[dict[str, int]]:
        """How many of the odd values look like codes."""
        from dataguard.stats.number_text import is_code

        return self.split.aggregate({"codes": total(is_code(self.odd))})


def _numbers(split: Split, column: Column) -> _Numbers | None:
    """The column as one of numbers, judged by the sample; None where it is none."""
    from dataguard.stats.date_text import holds_dates
    from dataguard.stats.number_text import caps, shares
    from dataguard.stats.values import first_values

    label = split.label is not None and split.label.name == column.name and column.is_classes
    is_id = any(c.name == column.name for c in split.of_role("id"))
    if label or is_id or column.kind in (Kind.EMPTY, Kind.DATE):
        return None
    first = first_values(split, column, 100)
    if first and not any(re.search("[0-9]", value) for value in first):
        return None
    text = _column(column.name).str.strip_chars()
    cells = split.shown(column).select(text.alias("text")).filter(_is_value(_column("text")))
    values = cells.get_column("text")
    if values.is_empty():
        return None
    found = shares(values)
    if found.plain == 1.0 and split.is_small and not split.table.typed:
        return None  # nothing odd in any row
    if not found.are_numbers or (found.plain < 1.0 and holds_dates(values.str.to_lowercase())):
        return None
    typed = split.table.typed
    as_strings = typed and found.plain == 1.0
    if as_strings and found.whole and (column.distinct <= 30 or _one_length(values)):
        return None
    return _Numbers(split, column, found.whole, as_strings, tuple(caps(values)))


def _one_length(values: pl.Series) -> bool:
    """Whether all values have the same number of characters, as codes have."""
    return values.str.len_chars().n_unique() == 1


def _column(name: str) -> pl.Expr:
    import polars as pl

    return pl.col(name)


def _is_value(text: pl.Expr) -> pl.Expr:
    return text.is_not_null() & (text != "") & ~text.str.to_lowercase().is_in(DISGUISED_MISSING)

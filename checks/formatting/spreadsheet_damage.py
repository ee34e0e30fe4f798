"""FMT017: values that a spreadsheet rewrote."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import msgspec

from dataguard.api import (
    At,
    Check,
    Column,
    Dataset,
    Derived,
    Example,
    Finding,
    Kind,
    Option,
    Severity,
    Split,
    cells,
    share,
    verb,
)

if TYPE_CHECKING:
    import polars as pl

    from dataguard.stats.traces import Flagged, Traces


class Damage(msgspec.Struct, frozen=True):
    """What was done to some values of a column.

    Attributes:
        where: Selects them.
        what: The words that follow "3 of 100 values in `x`", for one and for many.
        fix: What to do.
        confidence: How sure it is.
    """

    where: pl.Expr
    what: tuple[str, str]
    fix: str
    confidence: float = 0.9


AGAIN = "Read the source again with this column as text; what is lost here cannot be worked out."

WHOLE_DATE = (
    r"[0-9]{1,4}[-/. ]+[^\s!-/:-@\[-`{-~]{1,9}[-/. ]+[0-9]{2,4}(?-u:\b)"
    r"|^\s*(?:19|20)[0-9][0-9]\s*$"
)
"""A date with its year, or a year: a column that has many is one of dates. What stands for a word
in the middle compiles ten times as fast as a word character of Unicode."""


class SpreadsheetDamage(Check):
    """A spreadsheet rewrote a code: `1.23E+11` for an id, `2134` for `02134`, `2-Sep` for `SEPT2`.

    ## Why is this bad?
    Ids that become `1.23E+11` are all the same id. Codes without their zeros join with nothing.
    A gene or a size that became a date is another category.

    ## How it works
    Three kinds of damage are looked for. Numbers of the form `1.23E+11` in a column whose name
    speaks of codes, whose other values are long whole numbers, or whose values are codes with
    letters. Codes of digits that are shorter than a fixed width, where codes of that width begin
    with a zero, or have the width by the column's name (zip 5, EAN 13 …) and only few are short.
    Dates without a year, or at midnight, in a column of codes. Judged by a sample of 10,000 rows;
    where the sample shows it, all rows are searched.

    ## What to do
    Go back to the source and keep such columns as text: `pd.read_csv(path, dtype={"zip": str})`,
    in Excel by Data > From Text. Lost zeros come back with `df[c].str.zfill(5)`; digits cut off by
    `1.23E+11` do not.
    """

    code = "FMT017"
    name = "spreadsheet-damage"
    severity = Severity.WARNING
    short = Option(
        0.25,
        "Share of a column's codes that may be short (one US zip code in eleven begins with a "
        "zero; a column with more short codes is of several countries).",
        low=0.0,
        high=1.0,
    )
    dates = Option(
        0.3,
        "Share of a column's values that may look like dates before it is a column of dates "
        "(judged; 1 in 5 papers with gene lists has some, by Ziemann and others 2016).",
        low=0.0,
        high=1.0,
    )
    bad = (
        Example(
            train={
                "zip": ["02134", "94110", "10001", "60601", "2139", "02108", "02210"],
                "gene": ["TP53", "2-Sep", "BRCA1", "EGFR", "MYC", "KRAS", "1-Mar"],
                "ean": ["4006381333931", "4.00638E+12", "5901234123457", "", "", "", ""],
            },
            expect=(
                At(row=4, column="zip"),
                At(row=1, column="gene"),
                At(row=6, column="gene"),
                At(row=1, column="ean"),
            ),
        ),
    )
    good = (
        Example(
            train={
                "zip": ["1100", "04109", "10121", "4000", "69001", "8010", "28195"],
                "day": ["2-Sep", "3-Sep", "1-Oct", "2-Oct", "4-Oct", "1-Nov", "2-Nov"],
                "flux": ["1.20E+11", "3.40E-05", "5.10E+02", "2.20E+11", "1.00E+00", "1E+3", "2"],
                "people": ["12000", "9500", "48000", "31000", "7200", "15000", "66000"],
            },
            title="postal codes of several countries, days, measurements, counts",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.traces import Asked, column_traces, search

        traces = await Derived(column_traces)
        asked: list[Asked] = []
        damages: dict[int, Damage] = {}
        for split in data.splits:
            for column in split.columns:
                for damage in self._damages(split, column, traces.get((split.name, column.name))):
                    asked.append(Asked(split, column, damage.where))
                    damages[id(asked[-1])] = damage
        for one in await search(asked, 5):
            yield self._told(one, damages[id(one.asked)])

    def _told(self, one: Flagged, damage: Damage) -> Finding:
        name, count = one.column.name, one.hits.count
        return self.finding(
            f"{count:,} of {one.filled:,} values ({share(count, one.filled)}) in `{name}` "
            f"{verb(count, *damage.what)}",
            split=one.split,
            rows=one.hits.rows,
            columns=(name,),
            examples=cells(one.hits.cells, (name,)),
            confidence=damage.confidence,
            fix=damage.fix,
        )

    def _damages(self, split: Split, column: Column, seen: Traces | None) -> list[Damage]:
        found = []
        if seen is not None and seen.has("+"):
            found.append(_scientific(split, column))
        if seen is not None and column.kind in (Kind.CODE, Kind.CATEGORY):
            found.append(self._dates(split, column))
        found.append(self._lost_zeros(split, column))
        return [damage for damage in found if damage is not None]

    def _dates(self, split: Split, column: Column) -> Damage | None:
        import polars as pl

        from dataguard.stats.spreadsheet import AS_DATE

        text = pl.col(column.name)
        date = text.str.contains(AS_DATE)
        seen = (
            split.shown(column)
            .select(
                filled=text.count(),
                dates=date.sum(),
                whole=(~date & text.str.contains(WHOLE_DATE)).sum(),
            )
            .row(0, named=True)
        )
        if not 0 < seen["dates"] <= self.dates * seen["filled"]:
            return None
        if seen["whole"] > 0.2 * (seen["filled"] - seen["dates"]):
            return None
        return Damage(
            date,
            ("is a date where the others are codes", "are dates where the others are codes"),
            f"A spreadsheet took codes for dates. {AGAIN}",
        )

    def _lost_zeros(self, split: Split, column: Column) -> Damage | None:
        from dataguard.stats.spreadsheet import code_widths, lost_zeros

        usual = code_widths(column.name)
        whole = column.kind in (Kind.CODE, Kind.CATEGORY) and column.is_string
        if not whole and not (usual and column.kind is Kind.NUMBER and column.whole):
            return None
        text = column.text.str.strip_chars()
        codes = split.shown(column).select(text.alias("code")).to_series().value_counts(name="n")
        values = codes.drop_nulls().rows()
        counted = {code: count for code, count in values if code.isascii() and code.isdigit()}
        if not counted or sum(counted.values()) < 0.9 * sum(count for _, count in values):
            return None
        lost = lost_zeros(counted, usual=() if _countries(split) else usual, most=self.short)
        if lost is None:
            return None
        short = (text.str.len_bytes() < lost.width) & text.str.contains(r"^[1-9][0-9]*$")
        if lost.values:
            short = text.is_in(list(lost.values))
        return Damage(
            short,
            (
                f"has lost the zeros in front: the others have {lost.width} digits",
                f"have lost the zeros in front: the others have {lost.width} digits",
            ),
            f"Put them back: `df[c].astype(str).str.zfill({lost.width})`, and keep it as text.",
            0.9 if lost.certain else 0.7,
        )


def _scientific(split: Split, column: Column) -> Damage | None:
    """Ids shown as `1.23E+11`: by the column's name, or by what its other values are."""
    import polars as pl

    from dataguard.stats.spreadsheet import SCIENTIFIC, is_code_name

    values = split.preview[column.name].drop_nulls()
    shown = values.str.contains(SCIENTIFIC)
    if not shown.any():
        return None
    others = values.filter(~shown)
    small = others.str.contains(r"(?i)^[-+]?\d*\.\d|^-\d|e-\d").sum()
    long = others.str.contains(r"^\d{9,}$").sum()
    letters = others.str.contains(r"^[A-Za-z0-9_-]*[A-Za-z][A-Za-z0-9_-]*$").sum()
    role = any(column.name == c.name for c in split.of_role("id"))
    coded = role or is_code_name(column.name) or max(long, letters) > 0.5 * max(1, len(others))
    if not coded or small > 0.02 * max(1, len(others)):
        return None
    return Damage(
        pl.col(column.name).str.contains(SCIENTIFIC),
        ("is a code shown as a number, its digits lost", "are codes shown as numbers, digits lost"),
        f"A spreadsheet shortened long numbers. {AGAIN}",
    )


def _countries(split: Split) -> bool:
    """Whether a column says that rows are of several countries, whose codes differ in length."""
    return any(
        "country" in c.name.lower() or "nation" in c.name.lower()
        for c in split.columns
        if c.distinct > 1
    )

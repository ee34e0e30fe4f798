"""FIL013: saved index column."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from dataguard.api import (
    ROW,
    At,
    Check,
    Dataset,
    Example,
    FaultKind,
    Finding,
    Kind,
    Option,
    Severity,
    Split,
    count_of,
    faults_of,
    quoted,
    verb,
)

if TYPE_CHECKING:
    import polars as pl

_SAVED = re.compile(r"unnamed: ?\d+(_level_\d+)?|\.{3}\d+|_c0|column0")
_PLAIN = re.compile(r"index|level_0|x|rownames?|row[._ ]names|row[._ ]?(number|num|id)")


class SavedIndexColumn(Check):
    """A column is the row number that a data frame was saved with, or has no name.

    ## Why is this bad?
    `df.to_csv(path)` writes the row number as a first column without a name. A model that is given
    it learns the order of the file: where rows are sorted by class, it is a perfect feature that
    does not exist in production. A column without a name is called differently by each reader.

    ## How it works
    Names are looked at that data frames give by themselves: none, `Unnamed: 0`, `index`,
    `rownames`, `...1`. Where the values are whole numbers, all different, that number the rows (or,
    in a part of a larger table, most of whose rows were left out, up to 100 times as many), the
    column is a saved index: a warning where the name is none or made up, else info. A column that
    is called `id` is not reported.

    ## What to do
    Save with `index=False`, or read with `index_col=0`. Name the other columns.
    """

    code = "FIL013"
    name = "saved-index-column"
    severity = Severity.WARNING
    spread = Option(
        100.0,
        "Largest value of an index over the number of rows: a part of a larger table keeps the "
        "numbers of that one, and a test set is seldom less than a hundredth of its data.",
        low=1.0,
    )
    bad = (
        Example(
            train=b",city,price\n0,Lima,10\n1,Quito,12\n2,Sucre,9\n",
            expect=(At("train", column="column_1"),),
        ),
        Example(
            train=b"id,,price\n7,Lima,10\n9,Quito,12\n3,Sucre,9\n",
            expect=(At("train", column="column_2"),),
            title="a column without a name",
        ),
    )
    good = (
        Example(train=b"id,city,price\n0,Lima,10\n1,Quito,12\n2,Sucre,9\n"),
        Example(train=b"x,city\n5,Lima\n1,Quito\n5,Sucre\n"),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for split in data.splits:
            nameless = {
                n
                for s, f in faults_of(data, FaultKind.UNNAMED_COLUMN)
                if s is split
                for n in f.columns
            }
            for column in split.columns:
                made_up = column.name in nameless or bool(_SAVED.fullmatch(column.name.lower()))
                plain = bool(_PLAIN.fullmatch(column.name.lower()))
                numbers = self.spread if made_up or column.name.lower() == "index" else 1.0
                if (made_up or plain) and _counts(split, column.name, numbers):
                    nameless.discard(column.name)
                    yield self._index(split, column.name, made_up)
            if nameless and not any(f.kind is FaultKind.HEADER_ROWS for f in split.table.faults):
                yield self._nameless(split, [n for n in split.names if n in nameless])

    def _index(self, split: Split, name: str, made_up: bool) -> Finding:
        return self.finding(
            f"`{name}` numbers the rows: it is the index that a data frame was saved with",
            split=split,
            columns=(name,),
            line=1 if split.table.format == "csv" else None,
            severity=None if made_up else Severity.INFO,
            confidence=0.95 if made_up else 0.8,
            fix="Save with `index=False`, or read with `index_col=0`; keep it out of the features.",
        )

    def _nameless(self, split: Split, names: list[str]) -> Finding:
        empty = all(split[n].kind is Kind.EMPTY for n in names)
        what = "no name and no value" if empty else "no name"
        return self.finding(
            f"{count_of(len(names), 'column')} {verb(len(names), 'has', 'have')} {what} "
            f"in the header: {quoted(names)}",
            split=split,
            columns=tuple(names),
            line=1 if split.table.format == "csv" else None,
            severity=Severity.INFO if empty else None,
            fix="Drop the column." if empty else "Give the column a name.",
        )


def _counts(split: Split, name: str, spread: float) -> bool:
    """Whether the values number the rows: all different, up to `spread` times their number."""
    import polars as pl

    values = split.preview[name]
    if split.height < 3 or values.null_count():
        return False
    whole = _whole(values)
    if whole is None or whole.n_unique() != len(whole):
        return False
    offsets = whole - split.preview[ROW].cast(pl.Int64)
    return bool(offsets.n_unique() == 1) or bool(whole.is_between(0, spread * split.height).all())


def _whole(values: pl.Series) -> pl.Series | None:
    import polars as pl

    if values.dtype == pl.String:
        if not values.str.contains(r"^\d{1,12}$").all():
            return None
        return values.cast(pl.Int64)
    return values.cast(pl.Int64) if values.dtype.is_integer() else None

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from dataguard.api import (
    At,
    Check,
    Column,
    Dataset,
    Example,
    Finding,
    Need,
    Option,
    Severity,
    Skip,
    Split,
    cells,
    count_of,
    share,
    together,
)

if TYPE_CHECKING:
    import polars as pl


class DuplicateId(Check):
    """Two different rows have the same id.

    ## Why is this bad?
    An id stands for one row. Where two rows share one, a join multiplies rows or attaches the label
    of one to the other, and nobody can say which row a prediction belongs to.

    ## How it works
    Rows of one split with the same id whose other cells differ are reported, all of them. Rows
    that are copies of each other are DUP001's. An id column that was guessed must be distinct in
    nearly all rows; one that repeats more often names a group and not a row. Missing ids do not
    count.

    ## What to do
    Find out which row is the right one, or give each row an id of its own. If the column names a
    group (a patient, a user), say `--group` instead of `--id`.
    """

    code = "DUP004"
    name = "duplicate-id"
    severity = Severity.ERROR
    needs = (Need.ID,)
    uses = ("id",)
    distinct_share = Option(
        0.95,
        "Least share of distinct values of a guessed id. Keys of published tables are distinct"
        " altogether; a column that repeats in more than one row of twenty is a foreign key.",
        low=0,
        high=1,
    )
    bad = (
        Example(
            train={"id": [1, 2, 2], "text": ["a b c", "d e f", "g h i"]},
            id="id",
            expect=(At("train", row=1, column="id"), At("train", row=2, column="id")),
        ),
    )
    good = (
        Example(train={"id": [1, 2, 3], "text": ["a b c", "d e f", "d e f"]}, id="id"),
        Example(
            title="A copy of the whole row",
            train={"id": [1, 2, 2], "text": ["a b c", "d e f", "d e f"]},
            id="id",
        ),
        Example(
            title="Missing ids are not the same id",
            train={"id": [1, None, None], "text": ["a b c", "d e f", "g h i"]},
            id="id",
        ),
        Example(
            title="A column of ids that repeats names a group",
            train={"user_id": [1, 1, 2, 2, 3, 3], "text": list("abcdef")},
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        looked = False
        for split in data.splits:
            for column in split.of_role("id"):
                if data.inferred("id") and column.distinct_share < self.distinct_share:
                    continue
                looked = True
                same = await together(
                    [
                        split.collisions([column.text.str.strip_chars()]),
                        split.collisions([c.text for c in split.columns]),
                    ]
                )
                groups = _unlike(*same)
                if groups.height:
                    rows = groups.get_column("row").head(4).to_list()
                    yield self._found(split, column, groups, await split.cells(rows, [column.name]))
        if not looked:
            raise Skip("the column taken for an id repeats; name it with --id")

    def _found(
        self, split: Split, column: Column, groups: pl.DataFrame, shown: pl.DataFrame
    ) -> Finding:
        number, ids = groups.height, groups.get_column("group").n_unique()
        return self.finding(
            f"{count_of(ids, 'id')} in `{column.name}` {'stands' if ids == 1 else 'stand'} on"
            f" {count_of(number, 'row')} ({share(number, split.height)}) that are no copies",
            split=split,
            rows=groups.get_column("row").to_list(),
            groups=groups.get_column("group").to_list(),
            columns=(column.name,),
            examples=cells(shown, [column.name]),
            evidence={"ids": ids},
            fix="Give every row its own id; if the column names a group, say so with --group.",
        )


def _unlike(same_id: pl.DataFrame, same_row: pl.DataFrame) -> pl.DataFrame:
    """Rows of groups with one id whose members are not all copies of each other, by row."""
    import polars as pl

    copies = same_row.select("row", copy=pl.col("group").cast(pl.Int64))
    joined = same_id.join(copies, on="row", how="left")
    content = pl.col("copy").fill_null(-1 - pl.col("row").cast(pl.Int64))
    return joined.filter(content.n_unique().over("group") > 1).sort("row").select("row", "group")

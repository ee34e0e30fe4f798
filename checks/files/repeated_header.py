"""FIL012: repeated header."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import (
    At,
    Check,
    Dataset,
    Example,
    FaultKind,
    Finding,
    Kind,
    Severity,
    Split,
    cells,
    count_of,
    together,
    verb,
)

_TOLD = (FaultKind.HEADER_ROWS, FaultKind.TABLES)
"""What already says that a row is a header."""


class RepeatedHeader(Check):
    """The header stands among the records again.

    ## Why is this bad?
    Files that were joined without removing their headers hold records of column names. One such
    record turns every number column into text, and adds a class that is called `label`.

    ## How it works
    Records whose first four text cells (all, where there are fewer) equal the names of their
    columns. A single column must hold numbers or dates otherwise. Repetitions right below the
    header are reported by `multi-row-header`.

    ## What to do
    Remove these records: `df = df[df["id"] != "id"]`; then read the file again, so that columns
    get their types.
    """

    code = "FIL012"
    name = "repeated-header"
    severity = Severity.ERROR
    bad = (
        Example(
            train=b"id,city,price\n1,Lima,10\n2,Quito,12\nid,city,price\n3,Sucre,9\n4,Cusco,11\n",
            expect=(At("train", row=2),),
        ),
    )
    good = (
        Example(train=b"name,city\nname,Lima\nAnn,city\nBob,Quito\n"),
        Example(train={"word": ["a", "word", "list"], "n": [1, 2, 3]}),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        import polars as pl

        asked = {split: _named(split) for split in data.splits}
        asked = {split: names for split, names in asked.items() if names}
        answers = await together(
            [
                split.rows(pl.all_horizontal(pl.col(n) == n for n in names), names, limit=3)
                for split, names in asked.items()
            ]
        )
        for (split, names), hits in zip(asked.items(), answers, strict=True):
            told = {r for f in split.table.faults if f.kind in _TOLD for r in f.rows}
            rows = [row for row in hits.rows if row not in told]
            if not rows:
                continue
            yield self.finding(
                f"{count_of(len(rows), 'record')} {verb(len(rows), 'repeats', 'repeat')} "
                "the header: the cells are the names of their columns",
                split=split,
                rows=rows,
                examples=cells(hits.cells.filter(~pl.nth(0).is_in(list(told))), names[:1]),
                fix="Remove these records, then read the file again so that columns get types.",
            )


def _named(split: Split) -> tuple[str, ...]:
    """The columns that tell a header from a record; none where it cannot be told."""
    texts = [c for c in split.columns if c.is_string]
    if len(texts) == 1 and len(split.columns) == 1:
        texts = [c for c in texts if c.kind in (Kind.NUMBER, Kind.DATE)]
    elif len(texts) < 2:
        return ()
    return tuple(c.name for c in texts[:4])

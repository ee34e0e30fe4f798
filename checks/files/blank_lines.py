"""FIL011: blank lines."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import (
    At,
    Check,
    Dataset,
    Example,
    FaultKind,
    Finding,
    Severity,
    count_of,
    faults_of,
    share,
    told,
    verb,
)


class BlankLines(Check):
    """Lines are blank, or hold delimiters and no value.

    ## Why is this bad?
    Some readers leave blank lines out, others make a record of missing values of each, so that row
    numbers and counts differ from tool to tool. A record without a single value teaches a model
    that nothing has a label.

    ## How it works
    Lines without any character but blanks are noticed while the file is read; at the end of the
    file they are reported at info. Records without any value ("`,,,`") are searched for where no
    column is without missing cells. In a file of one column a blank line is a missing value.

    ## What to do
    Remove the lines; a spreadsheet writes them for cells that were emptied but not deleted.
    """

    code = "FIL011"
    name = "blank-lines"
    severity = Severity.WARNING
    bad = (
        Example(
            train=b"id,city\n1,Lima\n\n2,Quito\n3,Sucre\n",
            expect=(At("train"),),
            title="a blank line",
        ),
        Example(
            train=b"id,city\n1,Lima\n2,Quito\n,\n,\n",
            expect=(At("train", row=2), At("train", row=3)),
            title="records without a value",
        ),
    )
    good = (
        Example(train=b"id,city\n1,Lima\n2,\n,Sucre\n"),
        Example(train=b'id,note\n1,"two\n\nparagraphs"\n2,one\n'),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        import polars as pl

        for split, fault in faults_of(data, FaultKind.BLANK_LINES):
            inside = fault.evidence["inside"]
            yield self.finding(
                told(fault),
                split=split,
                lines=fault.lines,
                evidence=fault.evidence,
                severity=None if inside else Severity.INFO,
                fix="Remove the blank lines.",
            )
        for split in data.splits:
            if split.table.format != "csv" or not all(c.missing for c in split.columns):
                continue
            if len(split.columns) < 2 or min(c.missing for c in split.columns) == split.height:
                continue
            empty = pl.all_horizontal(pl.col(c.name).is_null() for c in split.columns)
            hits = await split.rows(empty)
            if hits.count:
                yield self.finding(
                    f"{count_of(hits.count, 'record')} ({share(hits.count, split.height)}) "
                    f"{verb(hits.count, 'has', 'have')} no value in any column",
                    split=split,
                    rows=hits.rows,
                    fix="Remove these records: `df.dropna(how='all')`.",
                )

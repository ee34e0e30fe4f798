"""FIL016: several tables."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import At, Check, Dataset, Example, FaultKind, Finding, Severity, faults_of, told


class SeveralTables(Check):
    """A second table stands below the first in the same file.

    ## Why is this bad?
    Readers take one table for the whole file: the second header becomes a record, and its values
    stand under the names of the first table's columns.

    ## How it works
    Below the first table, a record that reads like column names begins another one: records of its
    width follow it while the table above is wider or narrower, or it stands below a blank line and
    has words where the columns above hold numbers, dates or codes. A second table under the same
    names is told by `repeated-header`.

    ## What to do
    Put each table into a file of its own.
    """

    code = "FIL016"
    name = "several-tables"
    severity = Severity.ERROR
    structural = True
    bad = (
        Example(
            train=b"id,city,price\n1,Lima,10\n2,Quito,12\n3,Sucre,9\n\n"
            b"city,country\nLima,Peru\nQuito,Ecuador\nSucre,Bolivia\n",
            expect=tuple(At("train", row=row) for row in (3, 4, 5, 6)),
        ),
    )
    good = (Example(train=b"id,city,price\n1,Lima,10\n2,Quito,12\n\n3,Sucre,9\n4,Cusco,11\n"),)

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for split, fault in faults_of(data, FaultKind.TABLES):
            yield self.finding(
                told(fault),
                split=split,
                lines=fault.lines,
                rows=fault.rows,
                evidence=fault.evidence,
                confidence=fault.confidence,
                fix="Put each table into a file of its own.",
            )

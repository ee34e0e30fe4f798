"""FIL006: duplicate column name."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import At, Check, Dataset, Example, FaultKind, Finding, Severity, faults_of, told


class DuplicateColumnName(Check):
    """One column name stands twice.

    ## Why is this bad?
    Which of the two a name means is up to the reader: some rename the second, some keep the last
    one and lose the first. A model may be given the wrong one, or both.

    ## How it works
    The names of the header, or the keys of each JSON object, are compared byte by byte. The
    second `a` is looked at as `a_2` by all other rules.

    ## What to do
    Give each column its own name, and drop a column that is a copy.
    """

    code = "FIL006"
    name = "duplicate-column-name"
    severity = Severity.WARNING
    structural = True
    bad = (Example(train=b"id,price,price\n1,10,12\n2,11,9\n", expect=(At(column="price"),)),)
    good = (Example(train=b"id,price,Price\n1,10,12\n2,11,9\n"),)

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for split, fault in faults_of(data, FaultKind.DUPLICATE_COLUMN):
            yield self.finding(
                told(fault),
                split=split,
                lines=fault.lines,
                rows=fault.rows,
                columns=fault.columns,
                evidence=fault.evidence,
                fix="Give each column its own name; drop a column that is a copy.",
            )

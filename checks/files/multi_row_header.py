"""FIL017: multi row header."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import At, Check, Dataset, Example, FaultKind, Finding, Severity, faults_of, told


class MultiRowHeader(Check):
    """The header takes several lines.

    ## Why is this bad?
    Readers take the first line for the names and the others for records: groups, units or
    repeated names stand among the values, and every number column turns into text.

    ## How it works
    A record right below the header belongs to it where it repeats the header, or has words in two
    columns or more where all records further down have numbers, dates or codes.

    ## What to do
    Join the lines into one name a column (`price_usd`), or tell the loader how many lines the
    header takes (`header=[0, 1]`).
    """

    code = "FIL017"
    name = "multi-row-header"
    severity = Severity.WARNING
    structural = True
    bad = (
        Example(
            train=b"id,length,width\n,cm,mm\n1,10.5,3\n2,12.0,4\n3,9.5,5\n4,9.0,3\n",
            expect=(At("train", row=0),),
            title="units below the names",
        ),
    )
    good = (
        Example(train=b"id,length,width\n1,NA,n/a\n2,12.0,4\n3,9.5,5\n4,9.0,3\n"),
        Example(train=b"name,city\nAnn,Rome\nBob,Oslo\nCid,Lima\nDan,Bern\n"),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for split, fault in faults_of(data, FaultKind.HEADER_ROWS):
            yield self.finding(
                told(fault),
                split=split,
                lines=fault.lines,
                rows=fault.rows,
                evidence=fault.evidence,
                confidence=fault.confidence,
                fix="Join the header's lines into one name a column.",
            )

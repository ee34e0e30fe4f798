"""FIL015: preamble or footer."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import At, Check, Dataset, Example, FaultKind, Finding, Severity, faults_of, told


class PreambleOrFooter(Check):
    """Lines above or below the records are no records: titles, notes, comments, totals.

    ## Why is this bad?
    A title is taken for the column names, a note for a record with missing values. A row of totals
    is worse: it looks like data, and its values are larger than all others.

    ## How it works
    Words in the first field alone are a title above the header, and a note below the last record
    where the column holds numbers, codes or short values otherwise, or where they begin like a
    note ("Source:", "*"). Lines that begin with `#` are comments. The last record is a total where
    one cell says so (total, sum, average …) and a number beside it is the sum or mean of its
    column, or where nothing but numbers stand beside the word; without a word, where two numbers
    are sums and the other cells are empty.

    ## What to do
    Remove the lines, or tell the loader to skip them (`skiprows`, `skipfooter`, `comment`).
    """

    code = "FIL015"
    name = "preamble-or-footer"
    severity = Severity.WARNING
    structural = True
    bad = (
        Example(
            train=b"Sales report 2024\nid,city,price\n1,Lima,10\n2,Quito,12\n3,Sucre,9\n",
            expect=(At("train"),),
            title="a title above the header",
        ),
        Example(
            train=b"id,city,price\n1,Lima,10\n2,Quito,12\n3,Sucre,9\n4,Cusco,11\n"
            b"Source: town office\n",
            expect=(At("train", row=4),),
            title="a note below",
        ),
        Example(
            train=b"city,sold,price\nLima,10,2.5\nQuito,12,3.5\nSucre,9,1.5\nCusco,11,2.5\n"
            b"Total,42,10.0\n",
            expect=(At("train", row=4),),
            title="a row of totals",
        ),
    )
    good = (
        Example(train=b"city,sold\nLima,10\nQuito,12\nSucre,9\nCusco,11\nTotal,7\n"),
        Example(train=b"id,city,price\n1,Lima,10\n2,Quito,12\n3,Sucre,9\n4,,\n"),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for kind in (FaultKind.NOTES, FaultKind.TOTALS):
            for split, fault in faults_of(data, kind):
                yield self.finding(
                    told(fault),
                    split=split,
                    lines=fault.lines,
                    rows=fault.rows,
                    evidence=fault.evidence,
                    confidence=fault.confidence,
                    fix="Remove these lines, or tell the loader to skip them.",
                )

"""FIL014: wrong delimiter."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import (
    At,
    Check,
    Dataset,
    Example,
    Fault,
    FaultKind,
    Finding,
    Severity,
    faults_of,
    told,
)


class WrongDelimiter(Check):
    """Fields are parted by another delimiter than readers expect, or than the other lines have.

    ## Why is this bad?
    Read with commas, a line of semicolons is a single field: its values are lost, or the whole
    table becomes one column of text. A blank behind each comma makes quotes part of the values,
    and the commas inside of them cut fields in two.

    ## How it works
    Records that are too short are read again with other delimiters; where one gives them the
    table's number of fields, and its numbers, dates and codes stand where they belong, they are
    named. A file that is semicolon-, tab- or bar-separated throughout but is called `.csv` is
    reported at info: `dataguard` reads it, but `pandas.read_csv` and `load_dataset("csv")` need to
    be told.

    ## What to do
    Write those lines again with the file's delimiter. Give the loader the delimiter, or save the
    file with commas.
    """

    code = "FIL014"
    name = "wrong-delimiter"
    severity = Severity.WARNING
    structural = True
    bad = (
        Example(
            train=b"id,day,price\n1,2024-01-05,10.5\n2;2024-01-06;12.0\n3,2024-01-07,9.5\n"
            b"4,2024-01-08,9.0\n5,2024-01-09,8.5\n",
            expect=(At("train", row=1),),
            title="one line has semicolons",
        ),
        Example(
            train=b'id, city, price\n1, "Lima, Peru", 10\n2, "Sucre", 12\n3, "Quito", 9\n',
            expect=(At("train"),),
            title="blanks behind the commas",
        ),
    )
    good = (
        Example(train=b"id,note,price\n1,a; b; c,10\n2,d;e,12\n3,f;g;h,9\n"),
        Example(train=b'id,city\n1,"Lima; Peru"\n2,Quito\n'),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for split, fault in faults_of(data, FaultKind.DELIMITER):
            yield self.finding(
                told(fault),
                split=split,
                lines=fault.lines,
                rows=fault.rows,
                evidence=fault.evidence,
                confidence=fault.confidence,
                severity=None if fault.rows or _hurts(fault) else Severity.INFO,
                fix="Write all lines with commas, or tell the loader the delimiter.",
            )


def _hurts(fault: Fault) -> bool:
    """Whether readers that expect commas get wrong values, rather than one column."""
    return bool(fault.evidence.get("quoted")) or "read" in fault.evidence

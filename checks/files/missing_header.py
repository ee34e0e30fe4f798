"""FIL007: missing header."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import At, Check, Dataset, Example, FaultKind, Finding, Severity, faults_of, told


class MissingHeader(Check):
    """The first record is data, not column names.

    ## Why is this bad?
    Readers take the first record for the names: one row is lost, and columns are called `5.1` or
    `Iris-setosa`.

    ## How it works
    The first record is held against the others, column by column: numbers over numbers, dates
    over dates, values that come again below. This is a guess, with its confidence.

    ## What to do
    Write a header, or read the file with `header=None` and give names.
    """

    code = "FIL007"
    name = "missing-header"
    severity = Severity.WARNING
    structural = True
    bad = (
        Example(
            train=b"5.1,3.5,setosa\n4.9,3.0,setosa\n7.0,3.2,versicolor\n6.4,3.2,versicolor\n"
            b"6.3,3.3,virginica\n5.8,2.7,virginica\n",
            expect=(At("train"),),
        ),
    )
    good = (
        Example(train=b"length,width,species\n5.1,3.5,setosa\n4.9,3.0,setosa\n7.0,3.2,other\n"),
        Example(train=b"year,2020,2021\nLima,10,11\nQuito,12,14\n", title="years as names"),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for split, fault in faults_of(data, FaultKind.MISSING_HEADER):
            yield self.finding(
                told(fault),
                split=split,
                lines=fault.lines,
                evidence=fault.evidence,
                confidence=fault.confidence,
                fix="Write a header line, or read with `header=None` and name the columns.",
            )

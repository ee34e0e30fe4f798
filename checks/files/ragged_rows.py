"""FIL004: ragged rows."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import At, Check, Dataset, Example, FaultKind, Finding, Severity, faults_of, told


class RaggedRows(Check):
    """A record has more or fewer fields than the header.

    ## Why is this bad?
    Its values stand under the wrong column names, or are dropped. Many readers stop there, others
    skip the record without a word.

    ## How it works
    The fields of every record are counted. Each faulty line is named. A file whose records all
    end with a spare delimiter, or that has lines above its header, is reported as a warning: no
    value is in the wrong place.

    ## What to do
    Quote fields that hold the delimiter, and look at the named lines: one value too few or too
    many shifts all that follow.
    """

    code = "FIL004"
    name = "ragged-rows"
    severity = Severity.ERROR
    structural = True
    bad = (
        Example(
            train=b"id,city,price\n1,Lima,10\n2,Quito,12,7\n3,Bogota,9\n4,Cusco\n5,Sucre,8\n",
            expect=(At("train", row=1), At("train", row=3)),
        ),
    )
    good = (
        Example(train=b"id,city,price\n1,Lima,10\n2,,12\n3,Bogota,\n"),
        Example(train=b'id,note\n1,"two, three"\n2,"a line\nbreak"\n'),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for split, fault in faults_of(data, FaultKind.RAGGED):
            spare = fault.evidence.get("trailing_delimiters", 0)
            harmless = len(fault.rows) <= spare and "header" not in fault.evidence
            yield self.finding(
                told(fault),
                split=split,
                lines=fault.lines,
                rows=fault.rows,
                evidence=fault.evidence,
                confidence=fault.confidence,
                severity=Severity.WARNING if harmless else None,
                fix="Quote fields that hold the delimiter; mend or remove the named lines.",
            )

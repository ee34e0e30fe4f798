"""FIL019: non finite literal."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import At, Check, Dataset, Example, FaultKind, Finding, Severity, faults_of, told


class NonFiniteLiteral(Check):
    """NaN or Infinity stands in JSON, which has no such literal.

    ## Why is this bad?
    Python's own module writes and reads them, but Arrow, DuckDB, Spark, JavaScript and Go stop at
    the line or drop the record. An infinite value turns the loss into NaN.

    ## How it works
    The words NaN, Infinity and -Infinity are searched for outside of strings, record by record.
    They are read as missing, or as infinite.

    ## What to do
    Write `null` for what is missing (`json.dumps(…, allow_nan=False)` shows where it comes from),
    and find out why a value is infinite.
    """

    code = "FIL019"
    name = "non-finite-literal"
    severity = Severity.WARNING
    structural = True
    bad = (
        Example(
            train=b'{"x": 1.5, "label": 1}\n{"x": NaN, "label": 0}\n{"x": 2.5, "label": 0}\n',
            expect=(At("train", row=1),),
        ),
    )
    good = (Example(train=b'{"x": 1.5, "text": "NaN"}\n{"x": null, "text": "Infinity War"}\n'),)

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for split, fault in faults_of(data, FaultKind.NON_FINITE):
            yield self.finding(
                told(fault),
                split=split,
                lines=fault.lines,
                rows=fault.rows,
                evidence=fault.evidence,
                confidence=fault.confidence,
                fix="Write null for what is missing; find out why a value is infinite.",
            )

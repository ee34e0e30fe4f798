"""FIL003: byte-order mark."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import At, Check, Dataset, Example, FaultKind, Finding, Severity, faults_of, told


class ByteOrderMark(Check):
    """The file begins with a UTF-8 byte-order mark.

    ## Why is this bad?
    Readers that do not expect the mark make it part of the first column's name, so that `id` is
    not found, and joins and feature lists break.

    ## How it works
    The first three bytes are EF BB BF. UTF-16 files need their mark and are not reported.

    ## What to do
    Save the file as UTF-8 without the mark, or read it as `utf-8-sig`.
    """

    code = "FIL003"
    name = "byte-order-mark"
    severity = Severity.WARNING
    structural = True
    bad = (Example(train=b"\xef\xbb\xbfid,price\n1,2.5\n2,3.5\n", expect=(At("train"),)),)
    good = (
        Example(train=b"id,price\n1,2.5\n2,3.5\n"),
        Example(train="id,price\n1,2.5\n2,3.5\n".encode("utf-16")),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for split, fault in faults_of(data, FaultKind.BOM):
            yield self.finding(
                told(fault),
                split=split,
                lines=fault.lines,
                evidence=fault.evidence,
                fix="Save the file without the mark, or read it with encoding 'utf-8-sig'.",
            )

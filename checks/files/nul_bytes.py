"""FIL010: nul bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import At, Check, Dataset, Example, FaultKind, Finding, Severity, faults_of, told


class NulBytes(Check):
    """The text of the file holds NUL bytes.

    ## Why is this bad?
    Readers written in C stop a cell at a NUL, others refuse the file or keep an invisible
    character in the text. Blocks of NULs are what a crashed disk or an interrupted copy leaves
    where data were.

    ## How it works
    The decoded text is searched for the character U+0000. UTF-16, in which every other byte is
    zero, is decoded first and not reported.

    ## What to do
    Fetch the file anew if blocks of NULs stand in it; else remove them where they come from, such
    as fixed-width database fields.
    """

    code = "FIL010"
    name = "nul-bytes"
    severity = Severity.WARNING
    structural = True
    bad = (
        Example(train=b"id,city\nA1,Lima\nA2,Quito\0\0\nA3,Sucre\n", expect=(At("train", row=1),)),
    )
    good = (
        Example(train=b"id,city\nA1,Lima\nA2,Quito\n"),
        Example(train="id,city\nA1,Lima\nA2,Quito\n".encode("utf-16")),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for split, fault in faults_of(data, FaultKind.NUL):
            yield self.finding(
                told(fault),
                split=split,
                lines=fault.lines,
                rows=fault.rows,
                evidence=fault.evidence,
                confidence=fault.confidence,
                fix="Fetch the file anew, or remove the NULs where they come from.",
            )

"""FIL009: mixed line endings."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import At, Check, Dataset, Example, FaultKind, Finding, Severity, faults_of, told


class MixedLineEndings(Check):
    """Some lines of the file end in CR LF, others in LF.

    ## Why is this bad?
    Tools that split at LF leave an invisible CR at the end of the last column: `yes` and `yes\\r`
    become two classes, and numbers turn into text. Mixed ends also show that the file was put
    together from parts that may differ in more.

    ## How it works
    The line end behind each record is looked at; line breaks inside quoted cells do not count.
    The rarer kind is named, record by record. It costs no pass of its own.

    ## What to do
    Write the file anew with one kind of line end, and look at where the odd lines came from.
    """

    code = "FIL009"
    name = "mixed-line-endings"
    severity = Severity.WARNING
    structural = True
    bad = (
        Example(
            train=b"id,label\nA1,yes\nA2,no\r\nA3,yes\nA4,no\n",
            expect=(At("train", row=1),),
        ),
    )
    good = (
        Example(train=b"id,label\r\nA1,yes\r\nA2,no\r\n", title="CR LF throughout"),
        Example(train=b'id,note\r\nA1,"two\nlines"\r\nA2,one\r\nA3,last line not ended'),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for split, fault in faults_of(data, FaultKind.LINE_ENDINGS):
            yield self.finding(
                told(fault),
                split=split,
                lines=fault.lines,
                rows=fault.rows,
                evidence=fault.evidence,
                confidence=fault.confidence,
                fix="Write the file anew with one kind of line end.",
            )

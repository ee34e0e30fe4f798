"""FIL005: unclosed quote."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import At, Check, Dataset, Example, FaultKind, Finding, Severity, faults_of, told


class UnclosedQuote(Check):
    """A quoted field does not close where the field ends.

    ## Why is this bad?
    A reader takes all that follows for one field until the next quote comes: tens or thousands of
    records vanish into a single cell, and nothing reports it.

    ## How it works
    A quote that never closes, or whose field would take in lines that look like records of the
    file, is named by the line where it opens and by the lines that it swallows. The other records
    are read as if that quote were an ordinary character.

    ## What to do
    Close the quote, or double a quote that belongs to the text (`""`).
    """

    code = "FIL005"
    name = "unclosed-quote"
    severity = Severity.ERROR
    structural = True
    bad = (
        Example(
            train=b'id,note,price\n1,fine,10\n2,"never closed,12\n3,fine,9\n4,fine,11\n',
            expect=(At("train", row=1),),
        ),
    )
    good = (
        Example(train=b'id,note\n1,"says ""hello"""\n2,"two\nlines"\n3,plain\n'),
        Example(train=b"id,size\n1,5 inch\n2,7 inch\n"),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for split, fault in faults_of(data, FaultKind.UNCLOSED_QUOTE):
            yield self.finding(
                told(fault),
                split=split,
                lines=fault.lines,
                rows=fault.rows,
                evidence=fault.evidence,
                confidence=fault.confidence,
                fix='Close the quote, or double it ("") where it belongs to the text.',
            )

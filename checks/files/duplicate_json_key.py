"""FIL018: duplicate json key."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import At, Check, Dataset, Example, FaultKind, Finding, Severity, faults_of, told


class DuplicateJsonKey(Check):
    """A JSON object has one key twice.

    ## Why is this bad?
    Most readers keep the last value and drop the first without a word, some keep the first, some
    refuse the file. Which value the model sees depends on the loader.

    ## How it works
    The keys of each record are counted; those of objects inside of it are not. The last value is
    the one that all other rules look at.

    ## What to do
    Find out which of the two is right, and write each key once.
    """

    code = "FIL018"
    name = "duplicate-json-key"
    severity = Severity.WARNING
    structural = True
    bad = (
        Example(
            train=b'{"text": "good", "label": 1}\n{"text": "bad", "label": 0, "label": 1}\n',
            expect=(At("train", row=1, column="label"),),
        ),
    )
    good = (
        Example(train=b'{"text": "good", "label": 1}\n{"text": "\\"text\\": x", "label": 0}\n'),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for split, fault in faults_of(data, FaultKind.DUPLICATE_KEY):
            yield self.finding(
                told(fault),
                split=split,
                lines=fault.lines,
                rows=fault.rows,
                columns=fault.columns,
                evidence=fault.evidence,
                confidence=fault.confidence,
                fix="Write each key once, with the value that is right.",
            )

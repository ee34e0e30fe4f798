"""FIL008: malformed JSON line."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import At, Check, Dataset, Example, FaultKind, Finding, Severity, faults_of, told


class MalformedJsonLine(Check):
    """A line of a JSON Lines file does not parse, or is not an object.

    ## Why is this bad?
    Loaders stop at the line, or drop the record without a word.

    ## How it works
    Every line is parsed by itself, strictly. Each faulty line is named with the reason for the
    first one; all other records are linted.

    ## What to do
    Write the record again with a JSON library; lines cut in half come from a writer that was
    stopped.
    """

    code = "FIL008"
    name = "malformed-json-line"
    severity = Severity.ERROR
    structural = True
    bad = (
        Example(
            train=b'{"text": "good", "label": 1}\n{"text": "cut off\n{"text": "bad", "label": 0}\n',
            expect=(At("train"),),
        ),
    )
    good = (Example(train=b'{"text": "good", "label": 1}\n\n{"text": "bad", "label": null}\n'),)

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for split, fault in faults_of(data, FaultKind.MALFORMED):
            yield self.finding(
                told(fault),
                split=split,
                lines=fault.lines,
                rows=fault.rows,
                evidence=fault.evidence,
                fix="Write the named records again with a JSON library.",
            )

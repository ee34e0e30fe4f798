"""FIL002: invalid encoding."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import At, Check, Dataset, Example, FaultKind, Finding, Severity, faults_of, told


class InvalidEncoding(Check):
    """The file holds bytes that are not valid in its encoding.

    ## Why is this bad?
    Readers stop at such a byte, or put a replacement character where letters stood, and the model
    learns from the damage.

    ## How it works
    The encoding is found from the bytes: byte-order mark, UTF-8, UTF-16, else the single-byte
    encoding that fits. Lines that cannot be decoded in it are named.

    ## What to do
    Find the encoding in which those lines were written, and write the whole file as UTF-8. Two
    encodings in one file come from files that were joined byte by byte.
    """

    code = "FIL002"
    name = "invalid-encoding"
    severity = Severity.ERROR
    structural = True
    bad = (
        Example(
            train="city,country\nBogotá,Colombia\nMálaga,Spain\nLima,Peru\nGijón,Spain\n".encode()
            + b"M\xfcnchen,Germany\n",
            expect=(At("train", row=4),),
        ),
    )
    good = (
        Example(train="city,country\nBogotá,Colombia\nLima,Peru\n".encode()),
        Example(train="city;country\nMünchen;Germany\nKöln;Germany\n".encode("latin-1")),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for split, fault in faults_of(data, FaultKind.ENCODING):
            yield self.finding(
                told(fault),
                split=split,
                lines=fault.lines,
                rows=fault.rows,
                evidence=fault.evidence,
                confidence=fault.confidence,
                fix="Decode those lines with the encoding they were written in; save all as UTF-8.",
            )

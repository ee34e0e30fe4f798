"""FIL001: unreadable file."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import At, Check, Dataset, Example, FaultKind, Finding, Severity, faults_of, told


class UnreadableFile(Check):
    """The file holds no table, or only part of it could be read.

    ## Why is this bad?
    A training run that starts on an empty, cut-off or stand-in file fails late, or learns from a
    part of the data without a word.

    ## How it works
    The bytes are looked at before anything else: no bytes, no record, a Git LFS pointer in place
    of the data, another format behind the name, a compressed or Parquet file that ends early. A
    well-formed JSON document without a record (`[]`) is a warning.

    ## What to do
    Fetch the file anew (`git lfs pull` for a pointer), or export it again.
    """

    code = "FIL001"
    name = "unreadable-file"
    severity = Severity.ERROR
    structural = True
    bad = (
        Example(train=b"", expect=(At("train"),), title="an empty file"),
        Example(
            train=b"version https://git-lfs.github.com/spec/v1\n"
            b"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n"
            b"size 12345\n",
            expect=(At("train"),),
            title="a Git LFS pointer",
        ),
    )
    good = (Example(train=b"a,b\n1,2\n3,4\n"),)

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for split, fault in faults_of(data, FaultKind.UNREADABLE):
            yield self.finding(
                told(fault),
                split=split,
                lines=fault.lines,
                rows=fault.rows,
                evidence=fault.evidence,
                confidence=fault.confidence,
                severity=Severity.WARNING if fault.evidence.get("well_formed") else None,
                fix="Fetch the data: `git lfs pull`."
                if "Git LFS" in fault.message
                else "Fetch or export the data again.",
            )

"""Rows that are copies, nearly copies, or stand in a hold-out as well."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dataguard.finding import Finding, Severity
from dataguard.fixing.kinds import Kind, Wish
from dataguard.fixing.look import Look, NoRow, Proposal

_OTHER = re.compile(r"row (\d+)$")


def duplicates(look: Look, wish: Wish) -> Iterator[Proposal]:  # noqa: ARG001
    """The later copies of DUP001; those that chance explains (an info) stay."""
    for finding in look.of(Kind.DUPLICATES, Severity.WARNING):
        if finding.split is not None:
            for row, other in zip(finding.rows, _others(finding), strict=True):
                of = None if other is None else (finding.split, other)
                yield NoRow(finding.split, row, "copy of", of)


def near_duplicates(look: Look, wish: Wish) -> Iterator[Proposal]:
    """All but the first row of each group of DUP003."""
    if not wish.wants(Kind.NEAR_DUPLICATES):
        return
    for finding in look.of(Kind.NEAR_DUPLICATES):
        first: dict[int, int] = {}
        for row, group in zip(finding.rows, finding.groups, strict=True):
            if finding.split is not None and first.setdefault(group, row) != row:
                yield NoRow(finding.split, row, "like", (finding.split, first[group]))


def leaked(look: Look, wish: Wish) -> Iterator[Proposal]:
    """The training rows of LEK001, LEK002 and LEK006; never the held-out ones.

    The checks name a training row for each held-out one; others show in the next look.
    """
    if not wish.wants(Kind.LEAKED):
        return
    for finding in look.of(Kind.LEAKED, Severity.WARNING):
        if finding.split is None:
            continue
        found = dict(zip(finding.rows, _others(finding), strict=True))
        listed = finding.evidence.get("training rows")
        if isinstance(listed, (list, tuple)):
            found.update(zip(finding.rows, listed, strict=False))
        for row, other in found.items():
            if other is not None:
                yield NoRow("train", other, f"stands in {finding.split} as", (finding.split, row))


def _others(finding: Finding) -> list[int | None]:
    """The row that each of the finding's rows is told to be like."""
    notes = finding.notes or [""] * len(finding.rows)
    found = [_OTHER.search(note) for note in notes]
    return [int(match[1]) if match else None for match in found]

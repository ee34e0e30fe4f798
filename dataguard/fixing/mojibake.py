"""Texts that were decoded with the wrong encoding."""

from __future__ import annotations

from collections.abc import Iterator

from dataguard.fixing.kinds import Kind, Wish
from dataguard.fixing.look import Look, NewCell, Proposal
from dataguard.stats.mojibake import mended


def proposals(look: Look, wish: Wish) -> Iterator[Proposal]:  # noqa: ARG001
    """Cells of FMT005 that can be mended; lost characters stay lost."""
    for finding in look.of(Kind.MOJIBAKE):
        for column in finding.columns:
            for row, value in look.values(finding, column):
                if finding.split and isinstance(value, str):
                    yield NewCell(finding.split, row, column, mended(value))

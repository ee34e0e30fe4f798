"""Words and numbers that stand for "missing"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dataguard.finding import Finding
from dataguard.fixing.kinds import Kind, Wish
from dataguard.fixing.look import Look, NewCell, Proposal


def proposals(look: Look, wish: Wish) -> Iterator[Proposal]:  # noqa: ARG001
    """Cells of FMT004."""
    for finding in look.of(Kind.MISSING):
        if finding.split is None:
            continue
        markers = _markers(finding)
        for column in finding.columns:
            for row, value in look.values(finding, column):
                if value is not None and (
                    markers is None or str(value).strip() in markers.get(column, ())
                ):
                    yield NewCell(finding.split, row, column, None)


def _markers(finding: Finding) -> Mapping[str, Mapping[str, int]] | None:
    """The words by column where one finding tells of several columns, else None."""
    counts = finding.evidence.get("counts")
    if not isinstance(counts, Mapping) or set(counts) != set(finding.columns):
        return None
    return counts if all(isinstance(c, Mapping) for c in counts.values()) else None

"""Labels that the features speak against: dropped or replaced, in the training data alone."""

from __future__ import annotations

from collections.abc import Iterator

from dataguard.finding import Severity
from dataguard.fixing.kinds import Kind, Wish
from dataguard.fixing.look import Look, NewCell, NoRow, Proposal

_SUGGESTED = "suggested label: "


def mislabelled(look: Look, wish: Wish) -> Iterator[Proposal]:
    """The training rows of LAB002, to be left out."""
    if wish.wants(Kind.MISLABELLED):
        for row, column, suggested in _suspects(look, Kind.MISLABELLED):
            given = look.frames["train"].get_column(column)[row]
            yield NoRow("train", row, f"label {given}, probably {suggested}")


def relabelled(look: Look, wish: Wish) -> Iterator[Proposal]:
    """The training rows of LAB002, to be given the label that LAB002 suggests."""
    if wish.wants(Kind.RELABEL):
        for row, column, suggested in _suspects(look, Kind.RELABEL):
            # A label with personal data in it comes masked, and is no label any more.
            if suggested in set(look.frames["train"].get_column(column).cast(str).to_list()):
                yield NewCell("train", row, column, suggested)


def _suspects(look: Look, kind: Kind) -> Iterator[tuple[int, str, str]]:
    """Row, label column and suggested label; what is no more than a hint (an info) stays."""
    for finding in look.of(kind, Severity.WARNING):
        if finding.split == "train" and finding.columns:
            for row, note in zip(finding.rows, finding.notes, strict=True):
                yield row, finding.columns[0], note.removeprefix(_SUGGESTED)

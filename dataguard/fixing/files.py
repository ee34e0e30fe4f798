"""Encoding, byte-order mark, line ends, and the index that was saved as a column."""

from __future__ import annotations

from collections.abc import Iterator

from dataguard.finding import Severity
from dataguard.fixing.kinds import Kind, Wish
from dataguard.fixing.look import Look, NewForm, NoColumn, Proposal


def mark(look: Look, wish: Wish) -> Iterator[Proposal]:  # noqa: ARG001
    """Files of FIL003."""
    yield from (NewForm(f.split) for f in look.of(Kind.MARK) if f.split)


def line_ends(look: Look, wish: Wish) -> Iterator[Proposal]:  # noqa: ARG001
    """Files of FIL009."""
    yield from (NewForm(f.split) for f in look.of(Kind.LINE_ENDS) if f.split)


def encoding(look: Look, wish: Wish) -> Iterator[Proposal]:  # noqa: ARG001
    """Files that are not in UTF-8, and those of FIL002 whose bytes are known to be another's."""
    for split, table in look.tables.items():
        other = table.dialect.get("encoding", "utf-8") != "utf-8"
        if other or any(f.split == split for f in look.of(Kind.ENCODING)):
            yield NewForm(split)


def index(look: Look, wish: Wish) -> Iterator[Proposal]:  # noqa: ARG001
    """Columns of FIL013 that a data frame's index was saved as, unless they are named as the id."""
    given = {name for _, names in look.given.items() for name in names}
    for finding in look.of(Kind.INDEX, Severity.WARNING):
        for column in finding.columns:
            # Nameless columns with values are reported as well, and are not to be lost.
            numbers = "numbers the rows" in finding.message
            if finding.split and numbers and column not in given:
                yield NoColumn(finding.split, column)

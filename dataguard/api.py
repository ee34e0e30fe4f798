"""All that the author of a check imports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dataguard.check import At, Check, Example, Need, Option, Skip
from dataguard.dataset import Column, Dataset, Kind, Split
from dataguard.expressions import (
    DISGUISED_MISSING,
    PLAIN_NUMBER,
    canonical_text,
    is_missing,
    word_count,
)
from dataguard.finding import Finding, Severity
from dataguard.queries import (
    ROW,
    Derived,
    Hits,
    counts,
    largest,
    smallest,
    together,
    total,
)
from dataguard.sources.table import Fault, FaultKind

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "DISGUISED_MISSING",
    "PLAIN_NUMBER",
    "ROW",
    "At",
    "Check",
    "Column",
    "Dataset",
    "Derived",
    "Example",
    "Fault",
    "FaultKind",
    "Finding",
    "Hits",
    "Kind",
    "Need",
    "Option",
    "Severity",
    "Skip",
    "Split",
    "canonical_text",
    "cells",
    "count_of",
    "counts",
    "faults_of",
    "is_missing",
    "largest",
    "quoted",
    "share",
    "smallest",
    "together",
    "told",
    "total",
    "verb",
    "word_count",
]

LONGEST_CELL = 200
"""Characters of a cell that a finding keeps."""


def cells(frame: pl.DataFrame, columns: Sequence[str], limit: int = 5) -> list[Mapping[str, Any]]:
    """The first `limit` rows of `frame` as examples for a finding.

    Args:
        frame: With the column `ROW` (as `Hits.cells` and samples have) and `columns`.
        columns: The offending columns; each row gives one example a column.
        limit: Rows, not examples.
    """
    examples: list[Mapping[str, Any]] = []
    for record in frame.head(limit).iter_rows(named=True):
        for column in columns:
            value = record[column]
            text = None if value is None else str(value)
            if text is not None and len(text) > LONGEST_CELL:
                text = text[: LONGEST_CELL - 1] + "…"
            examples.append({"row": record[ROW], "column": column, "value": text})
    return examples


def faults_of(data: Dataset, kind: FaultKind) -> Iterator[tuple[Split, Fault]]:
    """The structural faults of one kind that the sources noticed, split by split."""
    for split in data.splits:
        for fault in split.table.faults:
            if fault.kind is kind:
                yield split, fault


def told(fault: Fault, limit: int = 6) -> str:
    """The fault's message with the columns or, where there are several, the lines concerned."""
    if fault.columns:
        return f"{fault.message}: {quoted(fault.columns)}"
    if len(fault.lines) < 2:
        return fault.message
    rest = len(fault.lines) - limit
    more = f" and {rest:,} more" if rest > 0 else ""
    return f"{fault.message} (lines {', '.join(map(str, fault.lines[:limit]))}{more})"


def count_of(number: int, noun: str, plural: str = "") -> str:
    """ "1 row", "2,000 rows"."""
    word = noun if number == 1 else plural or noun + "s"
    return f"{number:,} {word}"


def verb(number: int, one: str, many: str) -> str:
    """The verb that goes with so many: "1 row is", "2 rows are"."""
    return one if number == 1 else many


def share(part: float, whole: float) -> str:
    """A share as a percentage that is never rounded to 0 or 100: "0.1 %", "37 %", "<0.1 %"."""
    if whole <= 0:
        return "0 %"
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return "<0.1 %"
    if 99.9 < percent < 100:
        return ">99.9 %"
    return f"{percent:.1f} %" if percent < 10 and percent % 1 else f"{percent:.0f} %"


def quoted(names: Sequence[str], limit: int = 5) -> str:
    """Column names or values for a message: "`a`, `b` and 3 more"."""
    shown = ", ".join(f"`{n}`" for n in names[:limit])
    rest = len(names) - limit
    return f"{shown} and {rest:,} more" if rest > 0 else shown

"""What every source returns: one table, where its records stand in the file, what was wrong."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import polars as pl


class FaultKind(StrEnum):
    """A structural fault that a source notices while it reads. Each is reported by a FIL check."""

    UNREADABLE = "unreadable"  # empty, a Git LFS pointer, binary, truncated, no table in it
    ENCODING = "encoding"  # bytes that are not valid in the file's encoding
    BOM = "bom"  # a byte-order mark
    RAGGED = "ragged"  # a record with more or fewer fields than the header
    UNCLOSED_QUOTE = "unclosed-quote"  # a quoted field that never closes, or swallows records
    DUPLICATE_COLUMN = "duplicate-column"  # one name stands twice in the header
    MISSING_HEADER = "missing-header"  # the first record is data
    MALFORMED = "malformed"  # a JSON line that does not parse, or is not an object
    LINE_ENDINGS = "line-endings"  # some lines end in CR LF, others in LF
    NUL = "nul"  # NUL bytes in the text
    BLANK_LINES = "blank-lines"  # lines without any character but blanks
    UNNAMED_COLUMN = "unnamed-column"  # a cell of the header is empty
    DELIMITER = "delimiter"  # a delimiter that readers do not expect, in the file or in some lines
    NOTES = "notes"  # titles, notes and comments above, below or among the records
    TOTALS = "totals"  # a last row that sums up the others
    TABLES = "tables"  # a further table below the first
    HEADER_ROWS = "header-rows"  # the header takes several records
    DUPLICATE_KEY = "duplicate-key"  # one key stands twice in a JSON object
    NON_FINITE = "non-finite"  # NaN or Infinity in JSON


class Fault(msgspec.Struct, frozen=True):
    """All places of one structural fault in one table.

    Attributes:
        kind: What is wrong.
        message: One sentence stating the fact, with numbers; no path, no advice.
        lines: 1-based physical lines, ascending, one a faulty record (the line where it begins).
        rows: 0-based record numbers parallel to `lines`; empty where the fault is not a record's.
        columns: Names of the columns concerned, if any.
        evidence: Facts for the reader and for JSON: {"expected": 9, "found": {"8": 3}} …
        confidence: 1.0 where the fault is certain, lower where it was inferred.
    """

    kind: FaultKind
    message: str
    lines: Sequence[int] = ()
    rows: Sequence[int] = ()
    columns: tuple[str, ...] = ()
    evidence: Mapping[str, Any] = msgspec.field(default_factory=lambda: MappingProxyType({}))
    confidence: float = 1.0


class Lines(msgspec.Struct, frozen=True):
    """Maps a record number to the physical line where the record begins.

    Attributes:
        first: The line of record 0 (2 below a one-line header); None where a format has no lines.
        starts: The line of every record, or None where record n begins at line `first + n`.
    """

    first: int | None = None
    starts: array[int] | None = None

    def of(self, row: int) -> int | None:
        """The 1-based physical line of record `row` (0-based), or None without lines."""
        if self.starts is not None:
            return self.starts[row] if 0 <= row < len(self.starts) else None
        return None if self.first is None else self.first + row


class Table(msgspec.Struct, frozen=True):
    """One table that was read, as far as it could be read.

    Attributes:
        path: The source as the user named it; "-" for standard input, "<DataFrame>" for a frame.
        format: "csv", "jsonl", "parquet", "arrow" or "frame".
        frame: The cells, in record order. CSV cells are all `String`; an empty cell is null.
            Column names are unique (a second "a" is named "a_2"; a nameless one "column_3").
        height: Number of records.
        lines: Where records stand in the file.
        faults: Structural faults, at most one a kind unless they concern different columns.
        typed: False where every cell is text because the format knows no types (CSV).
        dialect: How the file was read: {"encoding": "utf-8", "delimiter": ",", …}.
    """

    path: str
    format: str
    frame: pl.LazyFrame
    height: int
    lines: Lines = Lines()
    faults: tuple[Fault, ...] = ()
    typed: bool = True
    dialect: Mapping[str, str] = msgspec.field(default_factory=lambda: MappingProxyType({}))

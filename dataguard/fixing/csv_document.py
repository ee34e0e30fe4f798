"""A CSV file that is edited field by field: what is not changed stays byte for byte."""

from __future__ import annotations

import bisect
import re
from array import array
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from dataguard.errors import SourceError
from dataguard.fixing.csv_fields import FieldFinder, Span, written
from dataguard.fixing.edits import Edits, Entry
from dataguard.fixing.kinds import Kind
from dataguard.sources.csv_header import Header, judge_header
from dataguard.sources.dialect import Plan, survey
from dataguard.sources.encoding import Encoding, detect
from dataguard.sources.table import FaultKind, Table

if TYPE_CHECKING:
    import polars as pl

_SAMPLE = 1 << 18
Patch = tuple[int, int, str]
"""From, to, and what stands there instead."""


class CsvDocument(msgspec.Struct, eq=False):
    """One CSV file. Rows are counted as `table` counts them."""

    table: Table
    frame: pl.DataFrame
    text: str
    encoding: Encoding
    mark: bytes
    plan: Plan
    header: Header
    starts: array[int]
    _finder: FieldFinder
    _spans: dict[int, list[Span] | None] = msgspec.field(default_factory=dict)

    @property
    def faults(self) -> Mapping[Kind, str]:
        """What may be changed in the file as a whole, and how it is written now."""
        found: dict[Kind, str] = {}
        if self.encoding.name != "utf-8" and not self.encoding.broken:
            found[Kind.ENCODING] = self.encoding.name
        if self.encoding.name == "utf-8" and self.mark:
            found[Kind.MARK] = self.mark.hex()
        if self._odd_ends():
            found[Kind.LINE_ENDS] = "mixed"
        return found

    def takes_cell(self, row: int, column: str, new: str | None) -> bool:
        """Whether a cell can be given this value without touching others."""
        spans = self._row_spans(row)
        if spans is None or self.frame.columns.index(column) >= len(spans):
            return False
        try:
            self.encode(new or "", utf8=Kind.ENCODING in self.faults)
        except UnicodeError:
            return False
        return True

    def takes_row(self, row: int) -> bool:
        """Whether a row can be left out."""
        return self._row_extent(row) is not None and self.frame.height > 1

    def takes_column(self, column: str) -> bool:
        """Whether a column can be left out: all records have it where it is looked for."""
        place = self.frame.columns.index(column)
        if self.frame.width < 2 or (self.header.present and self._header_spans() is None):
            return False
        spans = (self._first_spans(row, place) for row in range(self.frame.height))
        return all(found is not None and len(found) > place for found in spans)

    def takes_name(self, column: str) -> bool:  # noqa: ARG002
        """Whether a column can be renamed."""
        return self.header.present and self._header_spans() is not None

    def rendered(self, edits: Edits) -> bytes:
        """The file with the edits."""
        pieces, at = [], 0
        for start, end, new in sorted(self._patches(edits)):
            pieces += [self.text[at:start], new]
            at = end
        pieces.append(self.text[at:])
        utf8 = Kind.ENCODING in edits.files
        mark = b"" if utf8 or Kind.MARK in edits.files else self.mark
        return mark + self.encode("".join(pieces), utf8=utf8)

    def log(self, edits: Edits) -> list[Entry]:
        """The edits with all that is needed to undo them."""
        entries = [
            Entry("file", kind, None, None, None, self.faults[kind], "utf-8", self.mark.hex())
            for kind in (Kind.ENCODING, Kind.MARK)
            if kind in edits.files
        ]
        if Kind.LINE_ENDS in edits.files:
            for line, start, end, new in self._odd_ends():
                old = self.text[start:end]
                entries.append(
                    Entry("file", Kind.LINE_ENDS, None, line, None, repr(old), repr(new), old)
                )
        spans = self._header_spans() if edits.names or edits.columns else None
        for name, new in edits.names.items():
            raw = self._raw(spans[self.frame.columns.index(name)]) if spans else None
            entries.append(
                Entry("name", Kind.WHITESPACE, None, self.plan.first, name, name, new, raw)
            )
        entries += self._column_entries(edits, spans)
        entries += self._row_entries(edits)
        for (row, column), edit in edits.live_cells().items():
            span = (self._row_spans(row) or [])[self.frame.columns.index(column)]
            old = self.frame.get_column(column)[row]
            kinds = "+".join(dict.fromkeys(edit.kinds))
            entries.append(
                Entry("cell", kinds, row, self._line(row), column, old, edit.new, self._raw(span))
            )
        return entries

    def encode(self, text: str, *, utf8: bool) -> bytes:
        """Text in the file's encoding, or in UTF-8.

        Raises:
            UnicodeError: The encoding lacks a character.
        """
        name = "utf-8" if utf8 else self.encoding.name
        return text.encode(name, "surrogateescape" if self.encoding.broken else "strict")

    def _row_entries(self, edits: Edits) -> list[Entry]:
        entries = []
        for row, drop in sorted(edits.rows.items()):
            extent = self._row_extent(row)
            raw = self.text[slice(*extent)] if extent else None
            entries.append(
                Entry("row", drop.kind, row, self._line(row), None, None, None, raw, drop.note)
            )
        return entries

    def _column_entries(self, edits: Edits, header: list[Span] | None) -> list[Entry]:
        entries = []
        for name, kind in edits.columns.items():
            place = self.frame.columns.index(name)
            note = f"column {place + 1}"
            if header:
                old, line = self.frame.columns[place], self.plan.first
                raw = self._raw(header[place])
                entries.append(Entry("column", kind, None, line, name, old, None, raw, note))
            cells = self.frame.get_column(name)
            for row in range(self.frame.height):
                spans = self._first_spans(row, place)
                if spans and row not in edits.rows:
                    raw = self._raw(spans[place])
                    line = self._line(row)
                    old = cells[row]
                    entries.append(Entry("column", kind, row, line, name, old, None, raw, note))
        return entries

    def _patches(self, edits: Edits) -> list[Patch]:
        dialect, columns = self.plan.dialect, self.frame.columns
        found: list[Patch] = []
        for (row, column), edit in edits.live_cells().items():
            span = (self._row_spans(row) or [])[columns.index(column)]
            # A blank line is no record where there are several columns, and may be none in one.
            quoted = span.quoted or (len(columns) == 1 and not edit.new)
            found.append((span.start, span.end, written(edit.new or "", dialect, quoted)))
        gone = []
        for row in edits.rows:
            start, end = self._row_extent(row) or (0, 0)
            gone.append((start, end))
            found.append((start, end, ""))
        header = self._header_spans() if edits.names or edits.columns else None
        for name, new in edits.names.items():
            if header and name not in edits.columns:
                span = header[columns.index(name)]
                found.append((span.start, span.end, written(new, dialect, span.quoted)))
        for name in edits.columns:
            place = columns.index(name)
            rows = [header] if header else []
            rows += [
                s
                for row in range(self.frame.height)
                if row not in edits.rows and (s := self._first_spans(row, place))
            ]
            found += [(*_with_delimiter(spans, place), "") for spans in rows]
        if Kind.LINE_ENDS in edits.files:
            inside = sorted(gone)
            for _, start, end, new in self._odd_ends():
                at = bisect.bisect_right(inside, (start, len(self.text))) - 1
                if at < 0 or inside[at][1] <= start:
                    found.append((start, end, new))
        return found

    def _odd_ends(self) -> list[tuple[int, int, int, str]]:
        """Line ends of records that end otherwise than most: line, from, to, what belongs there."""
        fault = next((f for f in self.table.faults if f.kind is FaultKind.LINE_ENDINGS), None)
        if fault is None or self.encoding.newline != "\n":
            return []
        begins = [self.plan.first] if self.header.present else []
        begins += [self._line(row) for row in range(self.frame.height)]
        following = dict(zip(begins, [*begins[1:], len(self.starts)], strict=True))
        found = []
        for line in fault.lines:
            if line not in following:
                continue
            end = self.starts[following[line] - 1]
            start = end - (2 if self.text.endswith("\r\n", 0, end) else 1)
            if self.text.endswith("\n", 0, end):
                number = bisect.bisect_right(self.starts, start)
                found.append((number, start, end, "\n" if end - start == 2 else "\r\n"))
        return found

    def _line(self, row: int) -> int:
        line = self.table.lines.of(row)
        return 1 if line is None else line

    def _values(self, row: int, most: int | None = None) -> list[str]:
        return [value or "" for value in self.frame.row(row)[:most]]

    def _row_spans(self, row: int) -> list[Span] | None:
        if row not in self._spans:
            at = self.starts[self._line(row) - 1]
            self._spans[row] = self._finder.spans(at, self._values(row))
        return self._spans[row]

    def _first_spans(self, row: int, place: int) -> list[Span] | None:
        """The spans of the fields up to `place`."""
        at = self.starts[self._line(row) - 1]
        return self._finder.spans(at, self._values(row, place + 1))

    def _header_spans(self) -> list[Span] | None:
        if not self.header.present or len(self.plan.records[0]) != self.frame.width:
            return None
        spans = self._finder.spans(self.starts[self.plan.first - 1], self.plan.records[0])
        return spans if spans and len(spans) == self.frame.width else None

    def _row_extent(self, row: int) -> tuple[int, int] | None:
        """From where to where a record stands, its line end included."""
        line = self._line(row)
        start = self.starts[line - 1]
        following = self._line(row + 1) if row + 1 < self.frame.height else len(self.starts)
        if following == line + 1:
            return start, self.starts[line]
        spans = self._row_spans(row)
        end = self._finder.line_end(spans[-1].after) if spans else None
        return None if end is None else (start, end)

    def _raw(self, span: Span) -> str:
        return self.text[span.start : span.end]


def read_document(data: bytes, table: Table) -> CsvDocument:
    """The document of a CSV file.

    Args:
        data: Its bytes, unpacked.
        table: The same as the linter reads it.

    Raises:
        SourceError: It cannot be edited field by field.
    """
    found = detect(data[: 1 << 20], lambda: iter([data]))
    if found is None or (found.broken and found.name.startswith("utf-") and found.name != "utf-8"):
        raise SourceError(table.path, "cannot be edited: it is no text in any encoding")
    text = data[found.bom :].decode(found.name, "surrogateescape" if found.broken else "strict")
    plan, header = _plan(text, found, table.path)
    frame = table.frame.collect()
    if tuple(frame.columns) != header.names:
        raise SourceError(table.path, "cannot be edited: its columns are not read for certain")
    starts = array("q", [0])
    ends = re.compile(r"\n" if found.newline == "\n" else r"\r\n?|\n")
    starts.extend(m.end() for m in ends.finditer(text))
    if starts[-1] != len(text):
        starts.append(len(text))
    finder = FieldFinder(text, plan.dialect, found.newline)
    mark = data[: found.bom]
    return CsvDocument(table, frame, text, found, mark, plan, header, starts, finder)


def _plan(text: str, found: Encoding, path: str) -> tuple[Plan, Header]:
    """Dialect and header as the reader finds them, from the first lines."""
    sample = text if found.newline == "\n" else re.sub(r"\r\n?", "\n", text)
    cut = len(sample) > _SAMPLE
    if cut:
        size = _SAMPLE
        while sample.count("\n", 0, size) < 2 and size < len(sample):
            size *= 8
        sample = sample[: sample.rfind("\n", 0, size) + 1] or sample
    plan = survey(sample, ".tsv" in path.lower(), cut)
    return plan, judge_header(plan.records, plan.width, plan.first)


def _with_delimiter(spans: list[Span], place: int) -> tuple[int, int]:
    """What to take out for a field and one delimiter to be gone."""
    if spans[place].after > spans[place].end:
        return spans[place].begin, spans[place].after
    return spans[place - 1].end, spans[place].end

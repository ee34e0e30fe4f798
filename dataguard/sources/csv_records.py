"""The careful road: reads CSV records one by one and survives every quoting fault."""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple, Protocol

import msgspec

from dataguard.sources.csv_lines import LineBuffer

# A record with misplaced quotes is read anew with one quote taken literally, at most this often.
_TRIES = 16
# A line with more quotes than this is given up sooner, so that time stays linear in its length.
_MANY_QUOTES = 500
# Lines that are read together where they are in order.
_BUNCH = 1024
# After a quote in front of junk, a field may go on for this many lines before it counts as open.
_LOOKAHEAD = 200
# All fields of a file together may look ahead over this many lines and quotes.
_LOOKAHEADS = 20_000
# Lines of a suspicious quoted field that are compared with the file's records.
_COMPARED = 50
# Odd records whose text is kept, to tell later what they are.
_KEPT = 5_000


class Dialect(msgspec.Struct, frozen=True):
    """How records are written.

    Attributes:
        delimiter: Stands between fields; "\\x1f" (never found) in a file of one column.
        quote: Encloses fields.
        escape: Stands before a quote inside a quoted field; "" where quotes are doubled.
        spaced: True where blanks may stand between the delimiter and an opening quote.
    """

    delimiter: str
    quote: str = '"'
    escape: str = ""
    spaced: bool = False


class QuoteFault(NamedTuple):
    """A quoted field that does not close properly.

    Attributes:
        line: 1-based physical line of the opening quote.
        swallowed: Lines beyond that one that the field takes in if the quote is believed.
        closed: False where no quote closes the field at all.
        record: Index of the record in which the quote stands, 0 being the header if there is one.
    """

    line: int
    swallowed: int
    closed: bool
    record: int


class Notes(msgspec.Struct):
    """What a reader noticed on its way. Records are counted from 0, the header included."""

    starts: array[int] = msgspec.field(default_factory=lambda: array("I"))
    ragged: list[tuple[int, int]] = msgspec.field(default_factory=list)  # record, number of fields
    spare: int = 0  # records with one more, empty field where all records have it
    quotes: list[QuoteFault] = msgspec.field(default_factory=list)
    blank: array[int] = msgspec.field(default_factory=lambda: array("I"))  # lines left out
    odd: dict[int, str] = msgspec.field(default_factory=dict)  # first line of ragged records
    apart: dict[int, list[str]] = msgspec.field(default_factory=dict)  # records below a blank line


class Likeness(Protocol):
    """What records look like (see `dialect.Profile`)."""

    @property
    def width(self) -> int: ...
    @property
    def spaced(self) -> bool: ...
    def matches(self, fields: list[str]) -> bool: ...


class _Opening(NamedTuple):
    line: int  # index in the buffer of the line with the opening quote
    at: int  # its place in that line
    close: int  # index of the line where the field closes, or where reading gave up
    first: int  # index of the line with the first quote that may close it, or the last line read
    closed: bool
    junk: bool  # True where a quote stood in front of other text


class _Reading(NamedTuple):
    fields: list[str]
    begin: int  # index of its first line
    end: int  # index of the first line after the record
    openings: list[_Opening]  # quoted fields that span lines or have quotes in front of junk


class RecordReader:
    """Reads records, taking a quote literally where believing it would swallow other records.

    Args:
        buffer: The lines; reading begins at its first one.
        dialect: How records are written.
        width: Number of fields a record should have, or None while that is unknown.
        likeness: What this file's records look like.
        trailing: True where records end in a delimiter that the header lacks.
        cut: True where the lines are but a file's first ones: a quoted field that is open at
            their end is left out with its record.
    """

    def __init__(
        self,
        buffer: LineBuffer,
        dialect: Dialect,
        width: int | None = None,
        likeness: Likeness | None = None,
        trailing: bool = False,
        cut: bool = False,
    ) -> None:
        self.notes = Notes()
        self._buffer = buffer
        self._dialect = dialect
        self._width = width
        self._likeness = likeness
        self._trailing = trailing
        self._cut = cut
        self._looked_ahead = 0
        self._blanks = 0  # blank lines of a one-column file that no record has followed yet
        # The standard module reads well-quoted lines faster, but knows neither of these.
        self._plain = not dialect.escape and not dialect.spaced
        blank = r"[ \t]*" if dialect.delimiter != "\t" else " *"
        self._after = re.compile(rf"{blank}(?={re.escape(dialect.delimiter)}|\r?\Z)")
        self._strict = partial(
            csv.reader, delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True
        )
        self._before = re.compile(" *" if dialect.spaced else "")

    def batches(self, size: int) -> Iterator[list[list[str]]]:
        """Records as lists of fields, unpadded, up to `size` a batch, with `notes` kept up."""
        buffer = self._buffer
        records: list[list[str]] = []
        position = slow = 0
        while position < len(buffer.lines) or buffer.has(position):
            if position >= slow:
                plain = self._plain_records(position, min(_BUNCH, size - len(records)))
                records += plain
                position += len(plain)
                slow = position if plain else position + _BUNCH
            else:
                position = self._next_record(position, records)
            if len(records) >= size:
                yield records
                records = []
                buffer.drop(position)
                position, slow = 0, max(0, slow - position)
        end = buffer.first + len(buffer.lines)
        self.notes.blank.extend(range(end - self._blanks, end))
        if records:
            yield records

    def _plain_records(self, begin: int, most: int) -> list[list[str]]:
        """The next lines' records if all are complete, of the right width and well quoted."""
        if not self._plain or self._width in (None, 1):
            return []
        lines = self._buffer.lines[begin : begin + most]
        try:
            records = list(self._strict(lines))
        except csv.Error:
            return []
        # A record takes a line or more: as many records as lines means one line each.
        if len(records) != len(lines) or any(len(r) != self._width for r in records):
            return []
        first = self._buffer.first + begin
        if self.notes.blank and self.notes.blank[-1] == first - 1 and records:
            self.notes.apart[len(self.notes.starts)] = records[0]
        self.notes.starts.extend(range(first, first + len(records)))
        return records

    def _next_record(self, begin: int, records: list[list[str]]) -> int:
        """Append the record that begins at line `begin`; the line after it."""
        delimiter, width, starts = self._dialect.delimiter, self._width, self.notes.starts
        line, end = self._buffer.lines[begin], begin + 1
        if delimiter not in line and not line.strip(" \t\r"):
            # A blank line is a record, of one null, where there is but one column.
            if width != 1 or not starts or line in ("", "\r"):
                if width == 1 and len(starts) > 0:
                    self._blanks += 1
                else:
                    self.notes.blank.append(self._buffer.first + begin)
                return end
        for blank in range(begin - self._blanks, begin):
            starts.append(self._buffer.first + blank)
            records.append([""])
        self._blanks = 0
        if self._dialect.quote in line:
            fields, end = self._quoted_record(begin)
            if self._cut and end > len(self._buffer.lines):
                return end
        else:
            fields = line.removesuffix("\r").split(delimiter)
        if width is not None and len(fields) != width:
            if self._trailing and len(fields) == width + 1 and not fields[-1]:
                self.notes.spare += 1
            else:
                self.notes.ragged.append((len(starts), len(fields)))
                if len(self.notes.odd) < _KEPT:
                    self.notes.odd[len(starts)] = line
        blanks, at = self.notes.blank, self._buffer.first + begin
        if blanks and blanks[-1] == at - 1 and len(self.notes.apart) < _KEPT:
            self.notes.apart[len(starts)] = fields
        starts.append(at)
        records.append(fields)
        return end

    def alone(self, line: str) -> list[str]:
        """The fields of one line read by itself, its unclosed quotes taken literally."""
        if self._dialect.quote not in line:
            return line.removesuffix("\r").split(self._dialect.delimiter)
        buffer = LineBuffer([line])
        buffer.has(0)
        reader = RecordReader(buffer, self._dialect)
        return reader._quoted_record(0)[0]

    def _quoted_record(self, begin: int) -> tuple[list[str], int]:
        """The fields of the record that begins at line `begin`, and the line after it."""
        if self._plain:
            try:
                line = self._buffer.lines[begin]
                row = next(self._strict([line]))
            except (csv.Error, StopIteration):
                pass  # an open or misplaced quote, or a field beyond the module's limit
            else:
                return row, begin + 1
        literal: set[tuple[int, int]] = set()
        many = self._buffer.lines[begin].count(self._dialect.quote) > _MANY_QUOTES
        for _ in range(2 if many else _TRIES):
            reading = self._read(begin, literal)
            wrong = next(
                (o for o in reading.openings if self._distrusted(o, reading, literal)), None
            )
            if self._cut and any(not o.closed and o.close == o.first for o in reading.openings):
                if not self._buffer.has(reading.end):
                    return [], reading.end + 1
            if wrong is None:
                self._note(o for o in reading.openings if o.line == o.close)
                return reading.fields, reading.end
            literal.add((wrong.line, wrong.at))
            self._note([wrong])
        line = self._buffer.lines[begin].removesuffix("\r")
        return line.split(self._dialect.delimiter), begin + 1

    def _note(self, openings: Iterable[_Opening]) -> None:
        for o in openings:
            self.notes.quotes.append(
                QuoteFault(
                    self._buffer.first + o.line, o.first - o.line, o.closed, len(self.notes.starts)
                )
            )

    def _read(self, begin: int, literal: set[tuple[int, int]]) -> _Reading:
        """Read one record, believing every quote at a field's start that is not in `literal`."""
        delimiter, quote = self._dialect.delimiter, self._dialect.quote
        fields: list[str] = []
        openings: list[_Opening] = []
        number, at = begin, 0
        while True:
            line = self._buffer.lines[number]
            opens = self._before.match(line, at).end()  # type: ignore[union-attr]
            if line.startswith(quote, opens) and (number, opens) not in literal:
                text, opening, at = self._quoted_field(number, opens)
                fields.append(text)
                number = opening.close
                if opening.junk or number != opening.line or not opening.closed:
                    openings.append(opening)
                if not opening.closed:
                    break
                line = self._buffer.lines[number]
            else:
                end = line.find(delimiter, at)
                if end < 0:
                    fields.append(line[at:].removesuffix("\r"))
                    break
                fields.append(line[at:end])
                at = end
            if not line.startswith(delimiter, at):
                break
            at += 1
        return _Reading(fields, begin, number + 1, openings)

    def _quoted_field(self, number: int, opens: int) -> tuple[str, _Opening, int]:
        """The text of a quoted field, its quotes, and where the next delimiter is."""
        line = self._buffer.lines[number]
        pieces: list[str] = []
        first, start, junk = number, opens + 1, -1
        while True:
            close, after, odd = self._closing_quote(line, start)
            if odd and junk < 0:
                junk = number
            pieces.append(line[start:close] if close >= 0 else line[start:])
            if close >= 0:
                break
            if junk >= 0:
                self._looked_ahead += 1 + line.count(self._dialect.quote)
            if not self._goes_on(junk, number):
                last = junk if junk >= 0 else number
                return "", _Opening(first, opens, number, last, False, junk >= 0), len(line)
            number += 1
            line, start = self._buffer.lines[number], 0
        quote, text = self._dialect.quote, "\n".join(pieces)
        if self._dialect.escape:
            text = text.replace(self._dialect.escape + quote, quote)
        last = junk if junk >= 0 else number
        opening = _Opening(first, opens, number, last, True, junk >= 0)
        return text.replace(quote * 2, quote), opening, after

    def _goes_on(self, junk: int, number: int) -> bool:
        """True where a field that is open at the end of line `number` may close further on."""
        if junk >= 0:
            most = _LOOKAHEAD if self._looked_ahead < _LOOKAHEADS else 1
            if number - junk >= most:
                return False
        return self._buffer.has(number + 1)

    def _closing_quote(self, line: str, start: int) -> tuple[int, int, bool]:
        """Where a quoted field closes in `line` (-1: it does not), where the next field's
        delimiter is, and whether a quote in front of other text was passed."""
        quote, escape = self._dialect.quote, self._dialect.escape
        odd = False
        at = line.find(quote, start)
        while at >= 0:
            escaped = False
            if escape:
                before = line[start:at]
                escaped = (len(before) - len(before.rstrip(escape))) % 2 == 1
            if escaped:
                at = line.find(quote, at + 1)
                continue
            if line.startswith(quote, at + 1):
                at = line.find(quote, at + 2)
                continue
            after = self._after.match(line, at + 1)
            if after:
                return at, after.end(), odd
            odd = True
            at = line.find(quote, at + 1)
        return -1, len(line), odd

    def _distrusted(
        self, opening: _Opening, reading: _Reading, literal: set[tuple[int, int]]
    ) -> bool:
        """True where the opening quote is better taken literally."""
        if not opening.closed:
            return True
        if self._width is None:
            return False
        fits = len(reading.fields) == self._width
        if opening.close == opening.line:
            if fits:
                return False
            other = self._read(reading.begin, literal | {(opening.line, opening.at)})
            return len(other.fields) == self._width
        return self._swallows(opening, fits)

    def _swallows(self, opening: _Opening, fits: bool) -> bool:
        """True where a field that spans lines takes in what looks like other records."""
        if self._likeness is None:
            return False
        lines = self._buffer.lines
        inner = [x for x in lines[opening.line + 1 : opening.close][:_COMPARED] if x.strip()]
        if inner and 2 * sum(map(self._is_record, inner)) >= len(inner):
            return True
        first = self.alone(lines[opening.line])
        if not fits:
            return len(first) == self._width
        if opening.close > opening.line + 1 or len(first) != self._width:
            return False
        # A header does not look like a record, nor need a record with a quote in front of text.
        telling = opening.junk or not self.notes.starts or self._likeness.matches(first)
        return telling and self._is_record(lines[opening.close])

    def _is_record(self, line: str) -> bool:
        """True where a line, read by itself, looks like a record of this file."""
        dialect, likeness = self._dialect, self._likeness
        if likeness is None:
            return False
        if dialect.quote not in line:  # most lines of prose need not be read
            if line.count(dialect.delimiter) != likeness.width - 1:
                return False
            if not likeness.spaced and dialect.delimiter + " " in line:
                return False
        return likeness.matches(self.alone(line))

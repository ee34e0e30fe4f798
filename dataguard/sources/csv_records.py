"""The careful road: reads CSV records one by one and survives every quoting fault."""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

# A record with misplaced quotes is read anew with one quote taken literally, at most this often.
_TRIES = 16
# A line with more quotes than this is given up sooner, so that time stays linear in its length.
_MANY_QUOTES = 500
# After a quote in front of junk, a field may go on for this many lines before it counts as open.
_LOOKAHEAD = 200
# All fields of a file together may look ahead over this many lines and quotes.
_LOOKAHEADS = 20_000
# Lines of a suspicious quoted field that are compared with the file's records.
_COMPARED = 50


@dataclass(frozen=True, slots=True)
class Dialect:
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


@dataclass(slots=True)
class Notes:
    """What a reader noticed on its way. Records are counted from 0, the header included."""

    starts: array[int] = field(default_factory=lambda: array("I"))
    ragged: list[tuple[int, int]] = field(default_factory=list)  # record, number of fields
    spare: int = 0  # records with one more, empty field where all records have it
    quotes: list[QuoteFault] = field(default_factory=list)


class LineBuffer:
    """Physical lines with lookahead: `lines[i]` is line `first + i`, without its "\\n"."""

    __slots__ = ("_carried", "_source", "first", "lines")

    def __init__(self, blocks: Iterable[str]) -> None:
        self._source: Iterator[str] | None = iter(blocks)
        self._carried: list[str] = []
        self.lines: list[str] = []
        self.first = 1

    def has(self, index: int) -> bool:
        """True where there is a line `index`, after reading more where needed."""
        while index >= len(self.lines):
            if self._source is None:
                return False
            self._fill(self._source)
        return True

    def drop(self, count: int) -> None:
        """Forget the first `count` lines."""
        del self.lines[:count]
        self.first += count

    def _fill(self, source: Iterator[str]) -> None:
        for block in source:
            if "\n" not in block:
                self._carried.append(block)
                continue
            parts = "".join([*self._carried, block]).split("\n")
            self._carried = [parts.pop()]
            self.lines += parts
            return
        self._source = None
        last = "".join(self._carried)
        if last:
            self.lines.append(last)


class _Opening(NamedTuple):
    line: int  # index in the buffer of the line with the opening quote
    at: int  # its place in that line
    close: int  # index of the line where the field closes, or where reading gave up
    first: int  # index of the line with the first quote that may close it, or the last line read
    closed: bool


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
        is_record: Tells whether the fields of a line look like a record of this file.
        trailing: True where records end in a delimiter that the header lacks.
        cut: True where the lines are but a file's first ones: a quoted field that is open at
            their end is left out with its record.
    """

    def __init__(
        self,
        buffer: LineBuffer,
        dialect: Dialect,
        width: int | None = None,
        is_record: Callable[[list[str]], bool] | None = None,
        trailing: bool = False,
        cut: bool = False,
    ) -> None:
        self.notes = Notes()
        self._buffer = buffer
        self._dialect = dialect
        self._width = width
        self._is_record = is_record
        self._trailing = trailing
        self._cut = cut
        self._looked_ahead = 0
        blank = r"[ \t]*" if dialect.delimiter != "\t" else " *"
        self._after = re.compile(rf"{blank}(?={re.escape(dialect.delimiter)}|\r?\Z)")
        self._strict = partial(
            csv.reader, delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True
        )
        self._before = re.compile(" *" if dialect.spaced else "")

    def batches(self, size: int) -> Iterator[list[list[str]]]:
        """Records as lists of fields, unpadded, up to `size` a batch, with `notes` kept up."""
        buffer, delimiter, quote = self._buffer, self._dialect.delimiter, self._dialect.quote
        width, starts, ragged = self._width, self.notes.starts, self.notes.ragged
        single = width == 1
        blanks = 0  # blank lines of a one-column file that no record has followed yet
        records: list[list[str]] = []
        position = 0
        while position < len(buffer.lines) or buffer.has(position):
            line = buffer.lines[position]
            begin, position = position, position + 1
            if delimiter not in line and not line.strip(" \t\r"):
                text = line.removesuffix("\r")
                if not single or not starts or not text:
                    blanks += single and len(starts) > 0
                    continue
            while blanks:
                starts.append(buffer.first + begin - blanks)
                records.append([""])
                blanks -= 1
            if quote in line:
                fields, position = self._quoted_record(begin)
                if self._cut and position > len(buffer.lines):
                    break
            else:
                fields = line.removesuffix("\r").split(delimiter)
            if len(fields) != width and width is not None:
                if self._trailing and len(fields) == width + 1 and not fields[-1]:
                    self.notes.spare += 1
                else:
                    ragged.append((len(starts), len(fields)))
            starts.append(buffer.first + begin)
            records.append(fields)
            if len(records) >= size:
                yield records
                records = []
                buffer.drop(position)
                position = 0
        if records:
            yield records

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
        if not self._dialect.escape and not self._dialect.spaced:
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
                text, opening, junk, at = self._quoted_field(number, opens)
                fields.append(text)
                number = opening.close
                if junk or number != opening.line or not opening.closed:
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

    def _quoted_field(self, number: int, opens: int) -> tuple[str, _Opening, bool, int]:
        """The text of a quoted field, where it closes, whether quotes stand in front of junk."""
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
                return "", _Opening(first, opens, number, last, False), True, len(line)
            number += 1
            line, start = self._buffer.lines[number], 0
        quote, text = self._dialect.quote, "\n".join(pieces)
        if self._dialect.escape:
            text = text.replace(self._dialect.escape + quote, quote)
        opening = _Opening(first, opens, number, junk if junk >= 0 else number, True)
        return text.replace(quote * 2, quote), opening, junk >= 0, after

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
        is_record = self._is_record
        if is_record is None:
            return False
        lines = self._buffer.lines
        inner = [x for x in lines[opening.line + 1 : opening.close][:_COMPARED] if x.strip()]
        alike = sum(1 for line in inner if is_record(self.alone(line)))
        if inner and 2 * alike >= len(inner):
            return True
        first = self.alone(lines[opening.line])
        if not fits:
            return len(first) == self._width
        if opening.close > opening.line + 1:
            return False
        return is_record(first) and is_record(self.alone(lines[opening.close]))

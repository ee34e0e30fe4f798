"""Where the fields of a CSV record stand in its text, told from the values that were read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from dataguard.sources.csv_records import Dialect

# Quotes in a field at which it may close that are tried, before the record is let be.
_TRIES = 1000


class Span(NamedTuple):
    """One field: it takes `begin` to `after`, of which `start` to `end` are value and quotes."""

    begin: int
    start: int
    end: int
    after: int
    quoted: bool


class FieldFinder:
    """Finds fields in the text of a file.

    The reader knows how to mend misplaced quotes; whoever looks for the values that it has read
    need not know that again. A record whose values are not found letter by letter has no spans.

    Args:
        text: The whole file.
        dialect: How records are written.
        newline: "\\n" (also after "\\r") or "\\r": what ends a line.
    """

    def __init__(self, text: str, dialect: Dialect, newline: str = "\n") -> None:
        self._text = text
        self._dialect = dialect
        blank = r"[ \t]*" if dialect.delimiter != "\t" else " *"
        ends = r"\r?\n|\r?\Z" if newline == "\n" else r"\r\n?|\n|\Z"
        self._close = re.compile(rf"{blank}(?:{re.escape(dialect.delimiter)}|(?={ends}))")
        self._next = re.compile(rf"{re.escape(dialect.delimiter)}|(?={ends})")
        self._end = re.compile(ends)

    def spans(self, at: int, values: Sequence[str]) -> list[Span] | None:
        """The spans of the record that begins at `at`, or of its first fields.

        Args:
            values: What was read, in order; fields that the record lacks are "" at the end.

        Returns:
            One span a value, fewer where the record ends; None where the text differs.
        """
        found: list[Span] = []
        for value in values:
            span = self._field(at, value)
            if span is None:
                return None
            found.append(span)
            at = span.after
            if span.after == span.end or self._text[span.after - 1] != self._dialect.delimiter:
                break
        rest = values[len(found) :]
        return None if any(rest) else found

    def line_end(self, at: int) -> int | None:
        """Where the line end at `at` ends; None where the record goes on."""
        found = self._end.match(self._text, at)
        return found.end() if found else None

    def _field(self, at: int, value: str) -> Span | None:
        start = at
        if self._dialect.spaced:
            while self._text.startswith(" ", start):
                start += 1
        if self._text.startswith(self._dialect.quote, start):
            span = self._quoted(at, start, value)
            if span is not None:
                return span
        if not self._text.startswith(value, at):
            return None
        end = at + len(value)
        after = self._next.match(self._text, end)
        return Span(at, at, end, after.end(), False) if after else None

    def _quoted(self, at: int, start: int, value: str) -> Span | None:
        quote, escape = self._dialect.quote, self._dialect.escape
        written = quote + value.replace(quote, quote * 2) + quote
        if self._text.startswith(written, start):
            after = self._close.match(self._text, start + len(written))
            if after:
                return Span(at, start, start + len(written), after.end(), True)
        close = start
        for _ in range(_TRIES):
            close = self._text.find(quote, close + 1)
            if close < 0 or close - start > 2 * len(value) + 2:
                return None
            inner = self._text[start + 1 : close]
            if escape:
                inner = inner.replace(escape + quote, quote)
            after = self._close.match(self._text, close + 1)
            if after and inner.replace(quote * 2, quote) == value:
                return Span(at, start, close + 1, after.end(), True)
        return None


def written(value: str, dialect: Dialect, quoted: bool) -> str:
    """A value as a field: quoted where the field was quoted, or where it has to be."""
    quote = dialect.quote
    must = any(c in value for c in (dialect.delimiter, quote, "\n", "\r"))
    if not quoted and not must:
        return value
    return quote + value.replace(quote, (dialect.escape or quote) + quote) + quote

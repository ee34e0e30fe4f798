"""A JSON Lines file, or a JSON list of objects, that is edited value by value."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec

from dataguard.errors import SourceError
from dataguard.fixing.edits import Edits, Entry
from dataguard.fixing.kinds import Kind
from dataguard.sources.json_values import decode_text
from dataguard.sources.table import FaultKind, Table

if TYPE_CHECKING:
    import polars as pl

_BLANKS = " \t\r\n"
_ASCII_BLANKS = " \t\r\n\x0b\x0c"
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


class Member(msgspec.Struct, frozen=True):
    """One member of an object: where its name and its value stand in the text."""

    name: str
    start: int
    colon: int
    value: int
    end: int
    content: Any


class JsonDocument(msgspec.Struct, eq=False):
    """One file of JSON objects. Rows are counted as `table` counts them."""

    table: Table
    frame: pl.DataFrame
    text: str
    mark: bytes
    encoding: str
    places: list[tuple[int, int]]
    bad_lines: list[int]
    listed: bool
    _members: dict[int, list[Member] | None] = msgspec.field(default_factory=dict)

    @property
    def faults(self) -> Mapping[Kind, str]:
        """What may be changed in the file as a whole, and how it is written now."""
        found: dict[Kind, str] = {}
        if self.encoding != "utf-8" or self.bad_lines:
            found[Kind.ENCODING] = self.encoding if self.encoding != "utf-8" else "cp1252"
        elif self.mark:
            found[Kind.MARK] = self.mark.hex()
        return found

    def takes_cell(self, row: int, column: str, new: str | None) -> bool:
        """Whether a cell can be given this value: texts may change, also those in lists and
        objects, all may become null."""
        member = self._member(row, column)
        if member is None or new is None or isinstance(member.content, str):
            return member is not None
        return _within(new, self.text[member.value : member.end]) is not None

    def takes_row(self, row: int) -> bool:  # noqa: ARG002
        """Whether a row can be left out."""
        return self.frame.height > 1

    def takes_column(self, column: str) -> bool:  # noqa: ARG002
        """Whether a column can be left out."""
        return self.frame.width > 1 and all(
            self._of(row) is not None for row in range(self.frame.height)
        )

    def takes_name(self, column: str) -> bool:  # noqa: ARG002
        """Whether a column can be renamed: not yet in files that name it in each record."""
        return False

    def rendered(self, edits: Edits) -> bytes:
        """The file with the edits."""
        pieces, at = [], 0
        for start, end, new in sorted(self._patches(edits)):
            pieces += [self.text[at:start], new]
            at = end
        text = "".join([*pieces, self.text[at:]])
        if Kind.ENCODING in edits.files or self.encoding == "utf-8":
            mark = b"" if {Kind.ENCODING, Kind.MARK} & edits.files else self.mark
            return mark + text.encode("utf-8", "surrogatepass")
        return self.mark + text.encode(self.encoding)

    def log(self, edits: Edits) -> list[Entry]:
        """The edits with all that is needed to undo them."""
        entries = []
        for kind in (Kind.ENCODING, Kind.MARK):
            if kind in edits.files:
                old, mark = self.faults[kind], self.mark.hex()
                lines: list[int | None] = list(self.bad_lines) if self.bad_lines else [None]
                entries += [Entry("file", kind, None, n, None, old, "utf-8", mark) for n in lines]
        for name, kind in edits.columns.items():
            for row in range(self.frame.height):
                members = self._of(row) or []
                place = next((i for i, m in enumerate(members) if m.name == name), None)
                if place is not None and row not in edits.rows:
                    start, end = self._without(members, place)
                    value, raw = _text(members[place].content), self.text[start:end]
                    line, note = self._line(row), f"member {place + 1}"
                    entries.append(Entry("column", kind, row, line, name, value, None, raw, note))
        for row, drop in sorted(edits.rows.items()):
            start, end = self._extent(row)
            raw = self.text[start:end]
            entries.append(
                Entry("row", drop.kind, row, self._line(row), None, None, None, raw, drop.note)
            )
        for (row, column), edit in edits.live_cells().items():
            member = self._member(row, column)
            if member is not None:
                raw = self.text[member.value : member.end]
                kinds, value = "+".join(dict.fromkeys(edit.kinds)), _text(member.content)
                entries.append(
                    Entry("cell", kinds, row, self._line(row), column, value, edit.new, raw)
                )
        return entries

    def _patches(self, edits: Edits) -> list[tuple[int, int, str]]:
        found: list[tuple[int, int, str]] = []
        for (row, column), edit in edits.live_cells().items():
            member = self._member(row, column)
            if member is not None:
                old = self.text[member.value : member.end]
                nested = edit.new is not None and not isinstance(member.content, str)
                new = _within(edit.new or "", old) if nested else _written(edit.new, old)
                found.append((member.value, member.end, old if new is None else new))
        found += [(start, end, "") for start, end in self._gone(edits)]
        for name in edits.columns:
            for row in range(self.frame.height):
                members = self._of(row) or []
                for place, member in enumerate(members):
                    if member.name == name and row not in edits.rows:
                        found.append((*self._without(members, place), ""))
        return found

    def _gone(self, edits: Edits) -> list[tuple[int, int]]:
        """What to take out for the rows to be gone, a comma each in a list."""
        if not self.listed:
            return [self._extent(row) for row in edits.rows]
        kept = edits.kept(self.frame.height)
        first = kept[0] if kept else 0
        return [
            (self.places[row][0], self.places[row + 1][0])
            if row < first
            else (self.places[row - 1][1], self.places[row][1])
            for row in edits.rows
        ]

    def _extent(self, row: int) -> tuple[int, int]:
        start, end = self.places[row]
        if self.listed:
            return start, end
        start = self.text.rfind("\n", 0, start) + 1
        stop = self.text.find("\n", end)
        return start, len(self.text) if stop < 0 else stop + 1

    def _line(self, row: int) -> int | None:
        return self.table.lines.of(row)

    def _of(self, row: int) -> list[Member] | None:
        if row not in self._members:
            self._members[row] = _members(self.text, self.places[row][0])
        return self._members[row]

    def _member(self, row: int, column: str) -> Member | None:
        """The member that counts: of a name that stands twice the last one."""
        return next((m for m in reversed(self._of(row) or []) if m.name == column), None)

    @staticmethod
    def _without(members: list[Member], place: int) -> tuple[int, int]:
        if place + 1 < len(members):
            return members[place].start, members[place + 1].start
        return (members[place - 1].end if place else members[place].start), members[place].end


def read_document(data: bytes, table: Table) -> JsonDocument:
    """The document of a file of JSON objects.

    Args:
        data: Its bytes, unpacked.
        table: The same as the linter reads it.

    Raises:
        SourceError: It is neither JSON Lines nor a list of objects.
    """
    mark = next((m for m in _MARKS if data.startswith(m)), b"")
    encoding = table.dialect.get("encoding", "utf-8")
    if encoding == "utf-16" and mark:
        encoding = _MARKS[mark]
    bad_lines: list[int] = []
    if encoding == "utf-8":
        lines = [decode_text(line) for line in data[len(mark) :].split(b"\n")]
        bad_lines = [number for number, (_, valid) in enumerate(lines, 1) if not valid]
        text = "\n".join(line for line, _ in lines)
    else:
        try:
            text = data[len(mark) :].decode(encoding)
        except UnicodeError:
            raise SourceError(
                table.path, f"cannot be edited: not all of it is {encoding}"
            ) from None
    listed = text.lstrip(_BLANKS).startswith("[")
    places = _listed(text) if listed else _lines(text, table)
    frame = table.frame.collect()
    if len(places) != frame.height or table.lines is None:
        raise SourceError(
            table.path, "cannot be edited: it is neither JSON Lines nor a list of objects"
        )
    return JsonDocument(table, frame, text, mark, encoding, places, bad_lines, listed)


def _lines(text: str, table: Table) -> list[tuple[int, int]]:
    """From where to where each record stands that the linter has read."""
    begins = [0]
    at = text.find("\n")
    while at >= 0:
        begins.append(at + 1)
        at = text.find("\n", at + 1)
    begins.append(len(text) + 1)
    found: list[tuple[int, int]] = []
    malformed = {line for f in table.faults if f.kind is FaultKind.MALFORMED for line in f.lines}
    for number, (start, after) in enumerate(pairwise(begins), 1):
        line = text[start : after - 1]
        if line.strip(_ASCII_BLANKS) and number not in malformed:
            left = start + len(line) - len(line.lstrip(_ASCII_BLANKS))
            found.append((left, start + len(line.rstrip(_ASCII_BLANKS))))
    return found


def _listed(text: str) -> list[tuple[int, int]]:
    """From where to where each element of a list stands; none where it is no sound list."""
    decoder = json.JSONDecoder()
    found: list[tuple[int, int]] = []
    at = _skip(text, 0) + 1
    try:
        while True:
            start = _skip(text, at)
            if text.startswith("]", start):
                return found
            value, end = decoder.raw_decode(text, start)
            if not isinstance(value, dict):
                return []
            found.append((start, end))
            at = _skip(text, end)
            at += text.startswith(",", at)
    except (ValueError, RecursionError):
        return []


def _members(text: str, at: int) -> list[Member] | None:
    """The members of the object that begins at `at`; None where it is none."""
    decoder = json.JSONDecoder(strict=False)
    found: list[Member] = []
    if not text.startswith("{", at):
        return None
    try:
        at = _skip(text, at + 1)
        while not text.startswith("}", at):
            name, end = decoder.raw_decode(text, at)
            colon = _skip(text, end)
            if not text.startswith(":", colon):
                return None
            value = _skip(text, colon + 1)
            content, stop = decoder.raw_decode(text, value)
            found.append(Member(name, at, colon, value, stop, content))
            at = _skip(text, stop)
            if text.startswith(",", at):
                at = _skip(text, at + 1)
    except (ValueError, RecursionError):
        return None
    return found


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANKS:
        at += 1
    return at


def _written(new: str | None, old: str) -> str:
    """A value as JSON, with characters outside ASCII written as the old one had them."""
    return json.dumps(new, ensure_ascii="\\u" in old and old.isascii())


def _within(new: str, old: str) -> str | None:
    """The list or object `old` with the texts of `new`, all else in it as it stands.

    None where more differs than texts: the names of members stay.
    """
    mine, theirs = list(_STRING.finditer(old)), _STRING.findall(new)
    pieces, at = [], 0
    try:
        for match, other in zip(mine, theirs, strict=True):
            text = json.loads(other, strict=False)
            if json.loads(match[0], strict=False) != text:
                if old.startswith(":", _skip(old, match.end())):
                    return None
                pieces += [old[at : match.start()], _written(text, match[0])]
                at = match.end()
        made = "".join([*pieces, old[at:]])
        same = json.loads(made, strict=False) == json.loads(new, strict=False)
    except (ValueError, RecursionError):
        return None
    return made if same else None


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

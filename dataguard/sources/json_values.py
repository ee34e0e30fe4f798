"""JSON values to records: fast where all is sound, patient and exact where it is not."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from dataguard.sources.columns import RecordColumns

if TYPE_CHECKING:
    from collections.abc import Callable

# A colon after a quote, with JSON's white space between them.
_SPACED_COLON = re.compile(rb'"[ \t\r\n]+:')
# Escapes that spell a quote, a colon or white space.
_SPELT = re.compile(rb"\\u00(?:22|3[aA]|20|09|0[aAdD])")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
# A string, which is passed over, or a literal.
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"|(-?(?:NaN|Infinity))', re.DOTALL)
_MAX_DIGITS = 4300  # Python's own limit for reading an integer


class JsonReading(msgspec.Struct):
    """What has been read so far: the records, where they begin, and what was wrong.

    Attributes:
        columns: The records.
        starts: The physical line of each record.
        malformed: The lines of values that do not parse or are no objects.
        reasons: Why they are not, with how often.
        first: The first such line's reason, with its position.
        mended: Lines that were no valid text in the file's encoding.
        repeated: Keys that stand twice in one object, and in how many records.
        repeated_lines, repeated_rows: Those records.
        literals: The literals NaN, Infinity and -Infinity, which JSON does not have, and how often
            each stands there.
        literal_lines, literal_rows: Their lines, and their records where these are known.
    """

    columns: RecordColumns = msgspec.field(default_factory=RecordColumns)
    starts: array[int] = msgspec.field(default_factory=lambda: array("q"))
    malformed: array[int] = msgspec.field(default_factory=lambda: array("q"))
    reasons: Counter[str] = msgspec.field(default_factory=Counter)
    first: str = ""
    mended: array[int] = msgspec.field(default_factory=lambda: array("q"))
    repeated: Counter[str] = msgspec.field(default_factory=Counter)
    repeated_lines: array[int] = msgspec.field(default_factory=lambda: array("q"))
    repeated_rows: array[int] = msgspec.field(default_factory=lambda: array("q"))
    literals: Counter[str] = msgspec.field(default_factory=Counter)
    literal_lines: array[int] = msgspec.field(default_factory=lambda: array("q"))
    literal_rows: array[int] = msgspec.field(default_factory=lambda: array("q"))

    def add(self, items: Sequence[bytes], lines: Sequence[int], whole: bytes) -> None:
        """Add JSON texts, one a record.

        Args:
            items: The texts; blank ones are passed over.
            lines: The physical line of each.
            whole: The bytes that the items are parts of.

        Raises:
            TooWideError: The records are no table.
        """
        records = _sound(items, whole)
        if records is None:
            records = self._one_by_one(items, lines)
        else:
            self.starts.extend(lines)
        self.columns.add(records)

    def reject(self, line: int, reason: str, detail: str = "") -> None:
        """Note that the value on `line` is no record."""
        self.malformed.append(line)
        self.reasons[reason] += 1
        self.first = self.first or f"line {line}: {reason}{detail}"

    def _one_by_one(self, items: Sequence[bytes], lines: Sequence[int]) -> list[dict[str, Any]]:
        records = []
        for item, line in zip(items, lines, strict=True):
            if not item.strip():
                continue
            text, valid = decode_text(item)
            value, reason = _patient(text)
            if reason:
                self.reject(line, *reason)
                continue
            if not valid or _has_lone_surrogate(text):
                self.mended.append(line)
            if may_repeat(text.encode(), [value]):
                self._note_repeated(text, line)
            found = non_finite(text)
            if found:
                self.literals.update(literal for literal, _ in found)
                self.literal_lines.append(line)
                self.literal_rows.append(len(self.starts))
            self.starts.append(line)
            records.append(value)
        return records

    def _note_repeated(self, text: str, line: int) -> None:
        repeated = repeated_keys(text)
        if repeated:
            self.repeated.update(repeated)
            self.repeated_lines.append(line)
            self.repeated_rows.append(len(self.starts))


def non_finite(text: str) -> list[tuple[str, int]]:
    """The literals NaN, Infinity and -Infinity of a JSON text, outside of strings, and their
    places."""
    if "NaN" not in text and "Infinity" not in text:
        return []
    return [(m[1], m.start()) for m in _LITERAL.finditer(text) if m[1]]


def decode_text(data: bytes) -> tuple[str, bool]:
    """Bytes as text, and whether they were valid UTF-8 (else Windows-1252, then Latin-1)."""
    try:
        return data.decode(), True
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252"), False
    except UnicodeDecodeError:
        return data.decode("latin-1"), False


@cache
def _decoder() -> Callable[[bytes], Any]:
    return msgspec.json.Decoder().decode


def _sound(items: Sequence[bytes], whole: bytes) -> list[dict[str, Any]] | None:
    """All items as records where none has any fault, else None."""
    if not whole.isascii():
        try:
            whole.decode()
        except UnicodeDecodeError:
            return None
    try:
        records = list(map(_decoder(), items))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if set(map(type, records)) != {dict} or may_repeat(whole, records):
        return None
    return records


def may_repeat(whole: bytes, records: Sequence[dict[str, Any]]) -> bool:
    """Whether some object in `whole` may hold one key twice; False is certain.

    A parser keeps one of two equal keys, so the records then show fewer colons after a quote than
    the text. In flat records these are counted by their keys; where that differs (nested objects,
    quotes in text), by writing the records out again.
    """
    if b"\\u00" in whole and _SPELT.search(whole):
        return True
    colons = _quoted_colons(whole)
    if colons == sum(map(len, records)):
        return False
    try:
        written = msgspec.json.encode(records)
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):
        return True
    return colons != _quoted_colons(written)


def _quoted_colons(text: bytes) -> int:
    """How often a colon follows a quote, white space between them or not."""
    import numpy as np

    codes = np.frombuffer(text, dtype=np.uint8)
    after = codes[1:][codes[:-1] == ord('"')]
    colons = int(np.count_nonzero(after == ord(":")))
    if (after <= ord(" ")).any():
        colons += len(_SPACED_COLON.findall(text))
    return colons


def repeated_keys(text: str) -> list[str]:
    """The keys that stand more than once in the outermost object of a valid JSON text."""
    import json

    outermost: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> None:
        outermost[:] = [key for key, _ in pairs]  # the outermost object comes last

    json.loads(text, object_pairs_hook=note, parse_int=str)
    return [key for key, count in Counter(outermost).items() if count > 1]


def _patient(text: str) -> tuple[dict[str, Any], tuple[str, str] | None]:
    """The record of one JSON text, or why it is none (a reason, and its position)."""
    try:
        value = _decoder()(text.encode())
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        try:
            value = tolerant(text)
        except RecursionError:
            return {}, ("nested too deeply", "")
        except ValueError as error:
            return {}, _reason(error)
    if isinstance(value, dict):
        return value, None
    return {}, (f"{_kind(value)}, not an object", "")


def tolerant(text: str) -> Any:
    """A JSON value as Python's parser takes it: NaN and Infinity, numbers of any size.

    Raises:
        ValueError: The text is not JSON.
        RecursionError: It is nested too deeply.
    """
    import json

    return json.loads(text, parse_int=_integer)


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) < _MAX_DIGITS else digits


def _reason(error: ValueError) -> tuple[str, str]:
    import json

    if isinstance(error, json.JSONDecodeError):
        reason = error.msg[:1].lower() + error.msg[1:]
        return reason.removesuffix(" at"), f" (character {error.colno})"
    return "not JSON", ""


def _kind(value: object) -> str:
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, bool):
        return "true or false"
    return "null" if value is None else "a number"


def _has_lone_surrogate(text: str) -> bool:
    import json

    if not _SURROGATE.search(text):
        return False
    try:
        json.dumps(tolerant(text), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False

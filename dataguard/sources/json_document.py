"""One JSON document that holds a table: a list of objects, or columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from dataguard.sources.json_values import (
    JsonReading,
    decode_text,
    may_repeat,
    non_finite,
    repeated_keys,
    tolerant,
)

_SPACE = re.compile(rb"[ \t\r\n]*")
_GAP = re.compile(rb"[ \t\r\n]*,?[ \t\r\n]*")
_CHUNK = 10_000
# Where other keys stand beside it, a list of objects under one of these is the table.
_TABLE_KEYS = frozenset({"data", "rows", "records", "examples", "instances", "items", "samples"})


def read_document(data: bytes, reading: JsonReading, values: bool = True) -> bool:
    """Read a document into `reading`; False where it holds no table and nothing was added.

    Understood are a list of objects; an object with one list of objects in it ({"data": [...]});
    lists of equal length, one a column; the layouts "columns" and "split" that pandas writes; and
    any other object as one record. A list of which less than half are objects, or a value that is
    neither list nor object, is a table of one column, "value".

    Args:
        values: False where what is no object is a fault.

    Raises:
        TooWideError: The records are no table.
    """
    data = _mended(data, reading)
    start = _end(_SPACE, data, 0)
    if data[start : start + 1] == b"[":
        return _read_list(data, start, reading, values)
    if data[start : start + 1] == b"{":
        return _read_object(data, start, reading)
    return values and _read_value(data, start, reading)


def broken_at(data: bytes) -> tuple[int, str, str]:
    """The line at which a document stops being JSON, why, and where in the line.

    The line is 1 where Python's parser finds no fault.
    """
    import json

    try:
        json.loads(data.decode("utf-8", "replace"))
    except RecursionError:
        return 1, "nested too deeply", ""
    except json.JSONDecodeError as error:
        reason = error.msg[:1].lower() + error.msg[1:]
        return error.lineno, reason.removesuffix(" at"), f" (character {error.colno})"
    except ValueError:
        pass
    return 1, "not JSON", ""


def _read_value(data: bytes, start: int, reading: JsonReading) -> bool:
    """A document that is a single number, string, true, false or null."""
    text = data[start:].strip(b" \t\r\n")
    try:
        tolerant(text.decode())
    except (ValueError, RecursionError):
        return False
    line = data.count(b"\n", 0, start) + 1
    reading.add([_as_record(text)], [line], _as_record(text))
    return True


def _as_record(item: bytes) -> bytes:
    return b'{"value":' + item + b"}"


def _mended(data: bytes, reading: JsonReading) -> bytes:
    """The same lines as valid UTF-8; those that were not are noted."""
    try:
        data.decode()
    except UnicodeDecodeError:
        lines = data.split(b"\n")
        for number, line in enumerate(lines, start=1):
            text, valid = decode_text(line)
            if not valid:
                reading.mended.append(number)
                lines[number - 1] = text.encode()
        return b"\n".join(lines)
    return data


def _end(pattern: re.Pattern[bytes], data: bytes, start: int) -> int:
    found = pattern.match(data, start)
    return found.end() if found else start


def _read_list(data: bytes, start: int, reading: JsonReading, values: bool = False) -> bool:
    """The items of the list that begins at `start`, up to the first that does not parse."""
    try:
        raws = msgspec.json.decode(data[start:], type=list[msgspec.Raw])
        items = [bytes(raw) for raw in raws]
        broken: tuple[int, str] | None = None
        starts = _offsets(data, start, items)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        items, starts, broken = _patient_items(data, start)
    if broken is not None and not items:
        return False
    lines = _line_numbers(data, starts)
    if values and 2 * sum(item.startswith(b"{") for item in items) < len(items):
        items = [_as_record(item) for item in items]
    for first in range(0, len(items), _CHUNK):
        part = items[first : first + _CHUNK]
        reading.add(part, lines[first : first + _CHUNK], b"\n".join(part))
    if broken is not None:
        position, reason = broken
        line = data.count(b"\n", 0, position) + 1
        reading.reject(line, f"the list breaks off: {reason}", f" (after {len(items)} items)")
    return True


def _offsets(data: bytes, start: int, items: Sequence[bytes]) -> list[int]:
    """Where each item of a valid list begins: behind the one before, a comma and white space."""
    position = _end(_SPACE, data, start + 1)
    offsets = []
    for item in items:
        offsets.append(position)
        position = _end(_GAP, data, position + len(item))
    return offsets


def _line_numbers(data: bytes, offsets: Sequence[int]) -> list[int]:
    """The 1-based lines of ascending offsets."""
    lines = []
    line = 1
    for before, offset in pairwise([0, *offsets]):
        line += data.count(b"\n", before, offset)
        lines.append(line)
    return lines


def _patient_items(
    data: bytes, start: int
) -> tuple[list[bytes], list[int], tuple[int, str] | None]:
    """Items one by one, their offsets, and where and why the list breaks off (None if whole)."""
    text = data[start:].decode()
    spans, broken = _spans(text)
    items, offsets = [], []
    position, reached = start, 0
    for begin, end in spans:
        position += len(text[reached:begin].encode())
        reached = begin
        items.append(text[begin:end].encode())
        offsets.append(position)
    if broken is None:
        return items, offsets, None
    at, reason = broken
    return items, offsets, (start + len(text[:at].encode()), reason)


def _spans(text: str) -> tuple[list[tuple[int, int]], tuple[int, str] | None]:
    """From where to where each item of the list at the start of `text` goes, and its fault."""
    import json

    decoder = json.JSONDecoder(parse_int=str)
    spans: list[tuple[int, int]] = []
    position = _past_space(text, 1)
    closed = text[position : position + 1] == "]"
    while not closed:
        try:
            _, end = decoder.raw_decode(text, position)
        except RecursionError:
            return spans, (position, "nested too deeply")
        except json.JSONDecodeError as error:
            return spans, (min(error.pos, len(text)), error.msg[:1].lower() + error.msg[1:])
        spans.append((position, end))
        position = _past_space(text, end)
        mark = text[position : position + 1]
        closed = mark == "]"
        if not closed and mark != ",":
            return spans, (position, "expecting ',' or ']'")
        if not closed:
            position = _past_space(text, position + 1)
    rest = _past_space(text, position + 1)
    return spans, ((rest, "text behind its end") if rest < len(text) else None)


def _past_space(text: str, position: int) -> int:
    while text[position : position + 1] in (" ", "\t", "\r", "\n"):
        position += 1
    return position


def _read_object(data: bytes, start: int, reading: JsonReading) -> bool:
    """An object that holds a table in one of the known layouts, or is itself one record."""
    text = data[start:].decode()
    try:
        value = tolerant(text)
    except (ValueError, RecursionError):
        return False
    if not isinstance(value, dict):
        return False
    inner = [key for key, part in value.items() if _is_records(part)]
    if len(inner) == 1 and (len(value) == 1 or inner[0].lower() in _TABLE_KEYS):
        try:
            raw = bytes(msgspec.json.decode(data[start:], type=dict[str, msgspec.Raw])[inner[0]])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raw = b""  # NaN among the values: the records are taken without their lines
        if raw:
            begin = data.index(raw, start)
            return _read_list(data[: begin + len(raw)], begin, reading)
        return _add_records(value[inner[0]], reading)
    records = _from_columns(value)
    if records is not None:
        for literal, place in non_finite(text):
            reading.literals[literal] += 1
            reading.literal_lines.append(
                data.count(b"\n", 0, start) + text.count("\n", 0, place) + 1
            )
    if records is None:
        line = data.count(b"\n", 0, start) + 1
        reading.add([data[start:]], [line], data[start:])
        return True
    if may_repeat(data, [value]):
        reading.repeated.update(repeated_keys(text))
    return _add_records(records, reading)


def _is_records(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _add_records(records: Sequence[Mapping[str, Any]], reading: JsonReading) -> bool:
    for first in range(0, len(records), _CHUNK):
        reading.columns.add(records[first : first + _CHUNK])
    return True


def _from_columns(value: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Records of {"a": [..], "b": [..]} or of what pandas writes; None for other layouts."""
    parts = list(value.values())
    if set(value) in ({"columns", "data"}, {"columns", "index", "data"}):
        rows = value["data"]
        if isinstance(rows, list) and all(isinstance(row, list) for row in rows):
            return [dict(zip(map(str, value["columns"]), row, strict=False)) for row in rows]
    if parts and all(isinstance(part, list) for part in parts):
        if len({len(part) for part in parts}) == 1:
            return [dict(zip(value, row, strict=True)) for row in zip(*parts, strict=True)]
        return None
    if len(parts) and all(isinstance(part, dict) and part for part in parts):
        keys = list(parts[0])
        if all(key.isdigit() for key in keys) and all(list(part) == keys for part in parts):
            return [{name: part[key] for name, part in value.items()} for key in keys]
    return None

"""TensorBoard event files: scalars alone, read without TensorBoard.

The format is that of TensorFlow: `tfevents` files are TFRecord (length, its CRC-32C, data, its
CRC-32C; little-endian), the data are `Event` messages of protocol buffers (event.proto,
summary.proto, tensor.proto). Field numbers below are theirs.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cache

from dataguard.errors import SourceError
from dataguard.monitor.logs.rows import Row, Value

HEAD = 12
"""Bytes before the data of a record: its length, 8, and the checksum of that, 4."""

LARGEST = 1 << 28
"""Bytes of a record at most; images and graphs reach some megabytes."""

CHECKED = 1 << 14
"""Bytes of a record up to which its checksum is compared: scalars take less, and the checksum of
larger ones, which hold none, would cost time in pure Python."""

FLOATS = {1: "<f", 2: "<d", 3: "<i", 9: "<q", 19: "<e"}
"""How the content of a tensor is packed, by its type: float, double, int32, int64, half."""

Field = tuple[int, int | bytes]


class TensorBoard:
    """Reads the scalars of an event file; every scalar is a row.

    Args:
        path: The log, for messages.
        prefix: Stands before all tags: "validation/" for the file of that folder.
    """

    def __init__(self, path: str, prefix: str = "") -> None:
        self._path = path
        self._prefix = prefix
        self._rest = bytearray()
        self._position = 0

    def feed(self, data: bytes) -> list[Row]:
        rows: list[Row] = []
        self._rest += data
        start = 0
        while (end := self._end(start)) is not None:
            record = bytes(self._rest[start + HEAD : end - 4])
            if len(record) <= CHECKED:
                self._check(record, self._rest[end - 4 : end], start)
                rows += self._rows(record, start)
            start = end
        del self._rest[:start]
        self._position += start
        return rows

    def close(self) -> list[Row]:
        return []  # a half-written record holds nothing

    def _end(self, start: int) -> int | None:
        """Where the record at `start` ends; None while it is not whole."""
        if len(self._rest) < start + HEAD:
            return None
        head = self._rest[start : start + HEAD]
        self._check(bytes(head[:8]), head[8:], start)
        (length,) = struct.unpack_from("<Q", head)
        if length > LARGEST:
            raise self._damaged(start)
        end = start + HEAD + int(length) + 4
        return end if len(self._rest) >= end else None

    def _check(self, data: bytes, sum_: bytes | bytearray, start: int) -> None:
        if masked_crc(data) != int.from_bytes(sum_, "little"):
            raise self._damaged(start)

    def _damaged(self, start: int) -> SourceError:
        place = self._position + start
        return SourceError(self._path, f"is no event file, or damaged: record at byte {place:,}")

    def _rows(self, record: bytes, start: int) -> Iterator[Row]:
        step, summaries = 0, []
        try:
            for number, value in fields(record):
                if number == 2 and isinstance(value, int):
                    step = value - (1 << 64) if value >> 63 else value
                elif number == 5 and isinstance(value, bytes):
                    summaries.append(value)
            found = [s for summary in summaries for s in _scalars(summary)]
        except (ValueError, struct.error, IndexError):
            raise self._damaged(start) from None
        for tag, scalar in found:
            values: dict[str, Value] = {f"{self._prefix}{tag}": scalar}
            yield Row(values, step=step)


def _scalars(summary: bytes) -> Iterator[tuple[str, float]]:
    """Tags and values of a Summary message (field 1: its values)."""
    for number, one in fields(summary):
        if number != 1 or not isinstance(one, bytes):
            continue
        tag, value = "", None
        for field, content in fields(one):
            if not isinstance(content, bytes):
                continue
            if field == 1:
                tag = content.decode("utf-8", "replace")
            elif field == 2:
                (value,) = struct.unpack("<f", content)
            elif field == 8:
                value = _of_tensor(content)
        if value is not None:
            yield tag, float(value)


def _of_tensor(tensor: bytes) -> float | None:
    """The value of a tensor of one number; None for any other."""
    found = list(fields(tensor))
    kind = next((v for n, v in found if n == 1 and isinstance(v, int)), 0)
    layout = FLOATS.get(kind)
    if layout is None:
        return None
    for number, value in found:
        packed = number in (4, 5, 6)  # tensor_content, float_val, double_val
        if packed and isinstance(value, bytes) and len(value) == struct.calcsize(layout):
            return float(struct.unpack(layout, value)[0])
        if number in (7, 10):  # int_val, int64_val
            whole = value if isinstance(value, int) else varint(value, 0)[0]
            return float(whole - (1 << 64) if whole >> 63 else whole)
    return None


def fields(message: bytes) -> Iterator[Field]:
    """Field numbers of a message, each with its integer or its bytes.

    Raises:
        ValueError, IndexError: The message is damaged.
    """
    place = 0
    while place < len(message):
        key, place = varint(message, place)
        kind = key & 7
        if kind == 0:
            value, place = varint(message, place)
            yield key >> 3, value
            continue
        if kind == 2:
            size, place = varint(message, place)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise ValueError(kind)
        if place + size > len(message):
            raise ValueError(size)
        yield key >> 3, message[place : place + size]
        place += size


def varint(message: bytes, place: int) -> tuple[int, int]:
    """The integer at `place`, seven bits a byte, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise ValueError(value)


def masked_crc(data: bytes) -> int:
    """The checksum of TFRecord: CRC-32C (RFC 3720, appendix B.4), rotated and shifted."""
    crc = 0xFFFFFFFF
    table = _table()
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


@cache
def _table() -> tuple[int, ...]:
    def entry(value: int) -> int:
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        return value

    return tuple(entry(byte) for byte in range(256))

"""One growing file: half-written lines, truncation, rotation."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from dataguard.errors import SourceError
from dataguard.monitor.logs.detect import SNIFFED, Kind, Part, reader_of
from dataguard.monitor.logs.rows import Reader, Row

CHUNK = 1 << 20
"""Bytes read at once."""

HEAD = 256
"""Bytes of the beginning by which a file that was written anew is known."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a log brought.

    Attributes:
        rows: What was written after what was known.
        fresh: What a file holds that took the place of another, or was written anew.
        grew: Whether the log changed.
        anew: Whether `fresh` is the whole log, as of a document.
    """

    rows: list[Row] = field(default_factory=list)
    fresh: list[Row] = field(default_factory=list)
    grew: bool = False
    anew: bool = False


class Growing:
    """Reads what is written to a file, and what takes its place.

    Args:
        part: The file and the prefix of its names.
        pattern: Regular expression for lines of text; None to recognise the kind.
    """

    def __init__(self, part: Part, pattern: str | None) -> None:
        self._part = part
        self._path = str(part.path)
        self._pattern = pattern
        self._file: BinaryIO | None = None
        self._reader: Reader | None = None
        self._kind: Kind | None = None
        self._head = b""
        self._stamp: tuple[int, int, int] | None = None
        self._again = False

    def poll(self) -> Look:
        """What was written since the last look.

        Raises:
            SourceError: The file cannot be read, or is damaged.
        """
        stamp = self._stamped()
        grew = stamp is not None and stamp != self._stamp
        if self._kind is Kind.document:
            return self._document(stamp) if grew else Look()
        rows = self._rest_of_the_old(stamp)
        if self._file is None and stamp is not None:
            self._file = opened(self._part.path)
        if self._file is None:
            return Look(rows, grew=bool(rows))
        came = self._new(self._file, idle=not grew)
        if self._is_document():
            return self._document(stamp)
        self._stamp = stamp
        if not self._again:
            return Look(rows + came, grew=grew)
        self._again = not came
        return Look(rows, came, grew)

    def close(self) -> list[Row]:
        """What the unfinished end gives. The file is closed."""
        reader = self._reader
        self._forget()
        return [] if reader is None or self._kind is Kind.document else reader.close()

    def _rest_of_the_old(self, stamp: tuple[int, int, int] | None) -> list[Row]:
        """Where another file took the place of this one, its last rows; it is left then."""
        if self._file is None or stamp is None:
            return []
        rows: list[Row] = []
        if stamp[2] != os.fstat(self._file.fileno()).st_ino:
            rows = self._new(self._file, idle=True)
            rows += self._reader.close() if self._reader else []
        elif not self._written_anew(self._file):
            return []
        self._again = self._again or self._reader is not None
        self._forget()
        return rows

    def _new(self, file: BinaryIO, *, idle: bool) -> list[Row]:
        """Rows of the bytes after those that were read."""
        rows: list[Row] = []
        while data := read(file, self._path, CHUNK):
            if self._reader is None:
                if b"\n" not in data and len(data) < SNIFFED and not idle:
                    file.seek(0)  # too little to tell what it is
                    break
                self._kind, self._reader = reader_of(self._part, data[:SNIFFED], self._pattern)
                if self._kind is Kind.document:
                    break
            self._head += data[: HEAD - len(self._head)]
            rows += self._reader.feed(data)
        return rows

    def _document(self, stamp: tuple[int, int, int] | None) -> Look:
        """A document is written anew as a whole. Half written, it will be whole at a later look."""
        if self._file is not None:
            self._forget()
        with opened(self._part.path) as file:
            _, reader = reader_of(self._part, read(file, self._path, SNIFFED), self._pattern)
            file.seek(0)
            try:
                rows = reader.feed(file.read()) + reader.close()
            except SourceError:
                return Look(grew=stamp != self._stamp)
        first = not self._again
        self._stamp, self._again = stamp, True
        return Look(rows, grew=True) if first else Look(fresh=rows, grew=True, anew=True)

    def _is_document(self) -> bool:
        return self._kind is Kind.document

    def _written_anew(self, file: BinaryIO) -> bool:
        """Whether the file was cut, or begins with other bytes than those that were read."""
        place = file.tell()
        if os.fstat(file.fileno()).st_size < place:
            return True
        file.seek(0)
        head = file.read(len(self._head))
        file.seek(place)
        return head != self._head

    def _stamped(self) -> tuple[int, int, int] | None:
        """Size, time of change and number of the file at the path; None while there is none."""
        try:
            status = self._part.path.stat()
        except OSError:
            return None
        return status.st_size, status.st_mtime_ns, status.st_ino

    def _forget(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file, self._reader, self._head = None, None, b""


def opened(path: Path) -> BinaryIO:
    """The file, open for reading.

    Raises:
        SourceError: It cannot be opened.
    """
    try:
        return path.open("rb")
    except OSError as error:
        raise SourceError(str(path), f"cannot be read: {error.strerror}") from None


def read(file: BinaryIO, path: str, size: int) -> bytes:
    """The next bytes of a file, at most `size`.

    Raises:
        SourceError: It cannot be read.
    """
    try:
        return file.read(size)
    except OSError as error:
        raise SourceError(path, f"cannot be read: {error.strerror}") from None

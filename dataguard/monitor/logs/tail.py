"""A log as it stands, and a log as it grows."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from dataguard.errors import SourceError
from dataguard.monitor.logs.detect import SNIFFED, Part, parts_of, reader_of
from dataguard.monitor.logs.growing import CHUNK, Growing, Look, opened, read
from dataguard.monitor.logs.rows import Row


class Tail:
    """A log, of one file or several.

    Args:
        path: A file, a folder of a known framework, or "-" for standard input.
        pattern: Regular expression for lines of text; None to recognise the kind.
    """

    def __init__(self, path: Path, pattern: str | None = None) -> None:
        self._path = path
        self._pattern = pattern
        self._files: dict[Path, Growing] = {}

    def whole(self) -> Iterator[list[Row]]:
        """All rows there are, in batches; of several files, in the order of their steps.

        Raises:
            SourceError: The log cannot be read, or holds nothing.
        """
        if str(self._path) == "-":
            yield from _standard_input(self._pattern)
            return
        parts = parts_of(self._path)
        if len(parts) == 1:
            yield from whole(parts[0], self._pattern)
        else:
            yield _by_step([row for p in parts for rows in whole(p, self._pattern) for row in rows])

    def poll(self) -> Look:
        """What was written since the last look.

        Raises:
            SourceError: The log cannot be read, or was never there.
        """
        try:
            for part in parts_of(self._path):
                if part.path not in self._files:
                    self._files[part.path] = Growing(part, self._pattern)
        except SourceError:
            if not self._files:  # between two files of a rotation there is none
                raise
        looks = [file.poll() for file in self._files.values()]
        return Look(
            _by_step([row for look in looks for row in look.rows]),
            _by_step([row for look in looks for row in look.fresh]),
            any(look.grew for look in looks),
            any(look.anew for look in looks),
        )

    def close(self) -> list[Row]:
        """What unfinished ends still give. The files are closed."""
        return _by_step([row for file in self._files.values() for row in file.close()])


def whole(part: Part, pattern: str | None) -> Iterator[list[Row]]:
    """All rows of a file as it is now, in batches.

    Raises:
        SourceError: The file cannot be read, or is empty.
    """
    path = str(part.path)
    with opened(part.path) as file:
        data = read(file, path, SNIFFED)
        if not data.strip():
            raise SourceError(path, "the log is empty")
        _, reader = reader_of(part, data, pattern)
        data += read(file, path, CHUNK)
        while data:
            yield reader.feed(data)
            data = read(file, path, CHUNK)
        yield reader.close()


def _standard_input(pattern: str | None) -> Iterator[list[Row]]:
    """Rows of standard input as they come, until it ends."""
    stream = sys.stdin.fileno()
    data = b""
    while b"\n" not in data and len(data) < SNIFFED:
        more = os.read(stream, CHUNK)
        if not more:
            break
        data += more
    if not data.strip():
        raise SourceError("<stdin>", "the log is empty")
    _, reader = reader_of(Part(Path("<stdin>")), data[:SNIFFED], pattern)
    while data:
        yield reader.feed(data)
        data = os.read(stream, CHUNK)
    yield reader.close()


def _by_step(rows: list[Row]) -> list[Row]:
    """Rows in the order of their steps, where all have one: of several files, or of tags that
    TensorBoard wrote one after another."""
    if any(row.step is None for row in rows):
        return rows
    return sorted(rows, key=lambda row: row.step or 0)

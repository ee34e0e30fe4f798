"""The plain bytes of a CSV source, wherever they came from: read once, readable many times."""

from __future__ import annotations

import atexit
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from dataguard.errors import SourceError, did_you_mean
from dataguard.sources.opening import Stream, explain_os_error

BLOCK = 8 << 20
# Above this, decompressed or piped bytes move from memory into a temporary file.
SPILL = 64 << 20
# A decompressed size that no training table needs, but that a decompression bomb reaches.
MOST_DECOMPRESSED = 16 << 30


class Raw(msgspec.Struct, frozen=True):
    """Uncompressed bytes: either on disk or in memory.

    Attributes:
        name: The source as the user named it.
        path: The file that holds exactly these bytes, or None.
        data: The bytes, where there is no such file.
        size: Number of bytes.
        compression: "gzip", "zstd" or None: how the bytes were stored.
        damage: Why the compressed stream ended early, or None.
    """

    name: str
    path: Path | None
    data: bytes | None
    size: int
    compression: str | None = None
    damage: str | None = None

    def head(self, size: int) -> bytes:
        """The first `size` bytes."""
        return next(self.blocks(size), b"")

    def tail(self, size: int) -> bytes:
        """The last `size` bytes.

        Raises:
            SourceError: The file went away or broke while it was read.
        """
        if self.path is None:
            return (self.data or b"")[-size:]
        try:
            with self.path.open("rb") as file:
                file.seek(max(0, self.size - size))
                return file.read(size)
        except OSError as error:
            raise explain_os_error(self.name, error) from None

    def blocks(self, size: int = BLOCK) -> Iterator[bytes]:
        """All bytes, front to back, in blocks of `size`.

        Raises:
            SourceError: The file went away or broke while it was read.
        """
        if self.path is None:
            data = self.data or b""
            for start in range(0, len(data), size):
                yield data[start : start + size]
            return
        try:
            with self.path.open("rb") as file:
                while block := file.read(size):
                    yield block
        except OSError as error:
            raise explain_os_error(self.name, error) from None


def open_raw(path: Path | None, data: bytes | None, name: str, spill: int = SPILL) -> Raw:
    """The uncompressed bytes of a file or of `data`.

    Args:
        spill: Decompressed bytes beyond this size go into a temporary file, removed at exit.

    Raises:
        SourceError: There is no such file, it cannot be opened, or it unpacks to over 16 GiB.
    """
    if path is not None:
        _must_exist(path, name)
    stream = Stream(path, data, name)
    try:
        if stream.compression is not None:
            return _unpack(stream, name, spill)
        if path is None:
            data = data or b""
            return Raw(name, None, data, len(data))
        if path.is_file():
            return Raw(name, path, None, path.stat().st_size)
        return _unpack(stream, name, spill)  # a named pipe can be read but once
    except OSError as error:
        raise explain_os_error(name, error) from None
    finally:
        stream.close()


def _must_exist(path: Path, name: str) -> None:
    """Raise an error that names similar files nearby where `path` does not exist."""
    try:
        if path.exists() or path.is_symlink():
            return
        names = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    except (OSError, ValueError):
        return  # opening the path will say what is wrong
    hint = did_you_mean(path.name, names)
    raise SourceError(name, f"there is no such file{hint if 'did you mean' in hint else ''}")


def _unpack(stream: Stream, name: str, spill: int) -> Raw:
    parts: list[bytes] = []
    size = 0
    while size <= spill and (part := stream.read(1 << 20)):
        parts.append(part)
        size += len(part)
    if size <= spill:
        data = b"".join(parts)
        return Raw(name, None, data, size, stream.compression, stream.damage)
    with tempfile.NamedTemporaryFile(prefix="dataguard-", suffix=".csv", delete=False) as file:
        atexit.register(_remove, file.name)
        for part in parts:
            file.write(part)
        parts.clear()
        while part := stream.read(1 << 20):
            size += len(part)
            if size > MOST_DECOMPRESSED:
                _remove(file.name)
                limit = MOST_DECOMPRESSED >> 30
                reason = f"unpacks to more than {limit} GiB: unpack it first, or split it"
                raise SourceError(name, reason)
            file.write(part)
    return Raw(name, Path(file.name), None, size, stream.compression, stream.damage)


def _remove(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)  # noqa: PTH108 - a plain string survives interpreter shutdown

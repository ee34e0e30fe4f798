"""Opens a file, bytes or a compressed stream, and names what is no table at all."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from dataguard.errors import SourceError

if TYPE_CHECKING:
    from dataguard.sources.table import Table

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
PARQUET = b"PAR1"
ARROW_FILE = b"ARROW1"
ARROW_STREAM = b"\xff\xff\xff\xff"
HEAD = 64 * 1024

_NOT_TABLES = (
    (b"version https://git-lfs.github.com/", "a Git LFS pointer, not the data: run 'git lfs pull'"),
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook: unpack it, or export it as CSV"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook: export it as CSV"),
    (b"SQLite format 3\x00", "an SQLite database: export the table as CSV or Parquet"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file: export the table as CSV or Parquet"),
    (b"\x93NUMPY", "a NumPy array: export it as CSV or Parquet"),
    (b"%PDF-", "a PDF document, not a table"),
    (b"\x89PNG\r\n", "a PNG image, not a table"),
    (b"\xff\xd8\xff", "a JPEG image, not a table"),
    (b"BZh", "a bzip2 file: unpack it, or compress it with gzip or zstd"),
    (b"\xfd7zXZ\x00", "an xz file: unpack it, or compress it with gzip or zstd"),
    (b"FEA1", "a Feather version 1 file: write it again as Feather version 2 or Parquet"),
)


def explain_os_error(path: str, error: OSError) -> SourceError:
    """The one-line `SourceError` for a failed system call on `path`."""
    import errno

    if isinstance(error, FileNotFoundError):
        reason = "there is no such file"
    elif isinstance(error, IsADirectoryError):
        reason = "is a directory: name a file in it"
    elif isinstance(error, PermissionError):
        reason = "permission denied: make the file readable"
    elif error.errno == errno.ELOOP:
        reason = "is a symbolic link that points to itself"
    else:
        reason = f"cannot be read: {error.strerror or error}"
    return SourceError(path, reason)


def not_a_table(head: bytes) -> str | None:
    """What a file is that starts with `head`, where it is known to hold no table; else None."""
    return next((reason for magic, reason in _NOT_TABLES if head.startswith(magic)), None)


def unreadable(path: str, format: str, reason: str) -> Table:
    """A table without cells whose one fault says why nothing could be read."""
    import polars as pl

    from dataguard.sources.table import Fault, FaultKind, Table

    fault = Fault(FaultKind.UNREADABLE, reason)
    return Table(path, format, pl.DataFrame().lazy(), 0, faults=(fault,))


class Stream:
    """The decompressed bytes of a source, read once, front to back.

    Attributes:
        compression: "gzip", "zstd" or None, by the first bytes.
        damage: Why the compressed stream ended early; None while it is sound.

    Raises:
        SourceError: The file cannot be opened or read.
    """

    __slots__ = ("_file", "_head", "_name", "_raw", "compression", "damage")

    def __init__(self, path: Path | None, data: bytes | None, name: str) -> None:
        self._name = name
        self.damage: str | None = None
        try:
            self._raw: IO[bytes] = io.BytesIO(data or b"") if path is None else path.open("rb")
            magic = self._raw.read(4)
            self._raw.seek(0)
        except OSError as error:
            raise explain_os_error(name, error) from None
        except ValueError:
            raise SourceError(name, "is not a valid path") from None
        self.compression = _compression(magic)
        self._file = (
            self._raw if self.compression is None else _Unpacker(self._raw, self.compression)
        )
        self._head = b""
        self._head = self.read(HEAD)

    @property
    def head(self) -> bytes:
        """The first bytes, up to 64 KiB, that the next `read` begins with."""
        return self._head

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; fewer only at the end, or where the stream is damaged."""
        parts = [self._head[:size]]
        self._head = self._head[size:]
        left = size - len(parts[0])
        while left > 0 and self.damage is None:
            part = self._read_once(left)
            if not part:
                break
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def read_all(self) -> bytes:
        """All bytes that are left."""
        return b"".join(iter(lambda: self.read(1 << 23), b""))

    def blocks(self, size: int) -> Iterator[bytes]:
        """Blocks of whole lines, about `size` bytes each; a longer line makes a longer block."""
        carried: list[bytes] = []
        while part := self.read(size):
            end = part.rfind(b"\n") + 1
            if end:
                yield b"".join([*carried, part[:end]])
                carried = [part[end:]] if end < len(part) else []
            else:
                carried.append(part)
        if carried:
            yield b"".join(carried)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        self._raw.close()

    def _read_once(self, size: int) -> bytes:
        try:
            return self._file.read(size) or b""
        except OSError as error:
            raise explain_os_error(self._name, error) from None
        except EOFError:
            self.damage = f"the {self.compression} stream is cut off"
        except _broken_stream(self.compression):
            self.damage = f"the {self.compression} stream is damaged"
        return b""


def _compression(magic: bytes) -> str | None:
    if magic.startswith(GZIP):
        return "gzip"
    return "zstd" if magic == ZSTD else None


class _Unpacker(io.RawIOBase):
    """The contents of a gzip or zstd file, of one part or of several that follow each other.

    Unlike the libraries' own readers it hands out all that stands before a damaged place.
    """

    def __init__(self, raw: IO[bytes], compression: str) -> None:
        self._raw = raw
        self._new = _gzip_part if compression == "gzip" else _zstd_part
        self._magic = GZIP if compression == "gzip" else ZSTD
        self._part = self._new()
        self._unused = b""
        self._ready = b""

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, none only at the end.

        Raises:
            EOFError: The last part is cut off.
            zlib.error, zstandard.ZstdError: It is damaged.
        """
        while not self._ready:
            packed = self._unused or self._raw.read(HEAD)
            self._unused = b""
            if self._part.eof:
                if not packed.startswith(self._magic):
                    return b""  # the end, or padding behind it
                self._part = self._new()
            elif not packed:
                raise EOFError
            self._ready = self._part.decompress(packed)
            self._unused = self._part.unused_data if self._part.eof else b""
        part, self._ready = self._ready[:size], self._ready[size:]
        return part


def _gzip_part() -> Any:
    return zlib.decompressobj(wbits=31)


def _zstd_part() -> Any:
    import zstandard

    return zstandard.ZstdDecompressor().decompressobj()


def _broken_stream(compression: str | None) -> tuple[type[Exception], ...]:
    if compression != "zstd":
        return (zlib.error,)
    import zstandard

    return (zlib.error, zstandard.ZstdError)


def format_by_content(path: Path | None, data: bytes | None, name: str) -> str:
    """The reader that the first bytes ask for: "parquet", "jsonl", or "csv" for all else.

    Raises:
        SourceError: The file cannot be opened or read.
    """
    stream = Stream(path, data, name)
    head = stream.head
    stream.close()
    if head.startswith((PARQUET, ARROW_FILE, ARROW_STREAM)):
        return "parquet"
    # Without its NULs and byte-order mark, UTF-16 shows its first characters like UTF-8.
    start = head[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    inner = start[1:].lstrip()
    if start.startswith(b"{") and (not inner or inner.startswith((b'"', b"}"))):
        return "jsonl"
    if start.startswith(b"[") and (not inner or inner.startswith((b"{", b"]"))):
        return "jsonl"
    return "csv"

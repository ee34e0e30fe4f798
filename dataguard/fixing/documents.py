"""Files as documents that can be edited, and documents as bytes again."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dataguard.errors import SourceError
from dataguard.fixing.edits import Document
from dataguard.sources.discover import STDIN

if TYPE_CHECKING:
    from dataguard.sources.table import Table


def read_bytes(path: str) -> bytes:
    """All bytes of a file, unpacked.

    Raises:
        SourceError: It is not there, or is damaged.
    """
    from dataguard.sources.opening import Stream

    data = sys.stdin.buffer.read() if path == STDIN else None
    stream = Stream(None if path == STDIN else Path(path), data, path)
    try:
        found = stream.read_all()
        if stream.damage:
            raise SourceError(path, f"cannot be edited: {stream.damage}")
        return found
    finally:
        stream.close()


def table_of(data: bytes, path: str) -> Table:
    """The table in the bytes of a file that goes by this path."""
    from dataguard.sources.discover import format_of
    from dataguard.sources.opening import format_by_content

    kind = format_of(path) or format_by_content(None, data, path)
    if kind == "jsonl":
        from dataguard.sources.jsonl import read_jsonl

        return read_jsonl(None, data, name=path)
    if kind == "parquet":
        from dataguard.sources.parquet import read_parquet

        return read_parquet(None, data, name=path)
    from dataguard.sources.csv import read_csv

    return read_csv(None, data, name=path)


def document_of(data: bytes, path: str) -> Document:
    """The document in the bytes of a file.

    Raises:
        SourceError: There is no record in it, or it cannot be edited in parts.
    """
    table = table_of(data, path)
    if not table.height:
        reason = next((f.message for f in table.faults), "there is no record")
        raise SourceError(path, reason)
    if table.format == "csv":
        from dataguard.fixing import csv_document

        return csv_document.read_document(data, table)
    if table.format == "jsonl":
        from dataguard.fixing import json_document

        return json_document.read_document(data, table)
    from dataguard.fixing import parquet_document

    return parquet_document.read_document(data, table)


def packed(data: bytes, path: Path) -> bytes:
    """The bytes as a file of this name holds them: compressed where its suffix says so."""
    suffix = path.suffix.lower()
    if suffix == ".gz":
        return gzip.compress(data, mtime=0)
    if suffix in (".zst", ".zstd"):
        if sys.version_info >= (3, 14):
            from compression import zstd

            return zstd.compress(data)
        import zstandard

        return zstandard.compress(data)
    return data

"""Parquet and Arrow files: read lazily, after one pass that proves them whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dataguard.sources.frame import checked_height, first_line, plain_columns
from dataguard.sources.opening import (
    ARROW_FILE,
    ARROW_STREAM,
    PARQUET,
    Stream,
    not_a_table,
    unreadable,
)
from dataguard.sources.table import Fault, FaultKind, Table

if TYPE_CHECKING:
    import polars as pl


def read_parquet(path: Path | None, data: bytes | None = None, *, name: str) -> Table:
    """Read a Parquet, Arrow IPC (Feather 2) or Arrow stream file, told apart by its first bytes.

    The file stays on disk and is scanned lazily; it is decoded once here, so that a damaged page
    is a fault of this file and no crash of a check. Categories become text, NaN becomes null,
    nested types stay as they are. A compressed file is unpacked in memory.

    Args:
        path: The file, or None where `data` holds its bytes.
        data: The bytes, where they do not stand in a file.
        name: The source as the user named it.

    Raises:
        SourceError: The file cannot be opened.
    """
    import polars as pl

    stream = Stream(path, data, name)
    try:
        head = stream.head
        if path is None or stream.compression:
            data, path = stream.read_all(), None
        if stream.damage:
            return unreadable(name, "parquet", stream.damage)
    finally:
        stream.close()
    format, reason = _format(head)
    if reason:
        return unreadable(name, format, reason)
    try:
        frame = plain_columns(_scan(head, path, data))
        height = checked_height(frame)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError) as error:
        return unreadable(
            name, format, f"the {_title(format)} file is damaged: {first_line(error)}"
        )
    return Table(name, format, frame, height, faults=_emptiness(frame, height))


def _format(head: bytes) -> tuple[str, str]:
    """The format by the first bytes, and why it cannot be read (empty where it can)."""
    if head.startswith(PARQUET):
        return "parquet", ""
    if head.startswith((ARROW_FILE, ARROW_STREAM)):
        return "arrow", ""
    if not head:
        return "parquet", "the file is empty"
    if head.startswith(b"PARE"):
        return "parquet", "the Parquet file is encrypted: decrypt it first"
    known = not_a_table(head)
    if known:
        return "parquet", f"this is {known}"
    return "parquet", "this is neither a Parquet nor an Arrow file: it lacks their first bytes"


def _title(format: str) -> str:
    return "Parquet" if format == "parquet" else "Arrow"


def _scan(head: bytes, path: Path | None, data: bytes | None) -> pl.LazyFrame:
    import io

    import polars as pl

    source = io.BytesIO(data or b"") if path is None else path
    if head.startswith(PARQUET):
        return pl.scan_parquet(source, glob=False, hive_partitioning=False)
    if head.startswith(ARROW_FILE):
        return pl.scan_ipc(source, glob=False)
    return pl.read_ipc_stream(source).lazy()


def _emptiness(frame: pl.LazyFrame, height: int) -> tuple[Fault, ...]:
    width = len(frame.collect_schema())
    if height and width:
        return ()
    return (Fault(FaultKind.UNREADABLE, f"the file has {width} columns and {height} records"),)

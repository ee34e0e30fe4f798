"""Parquet and Arrow files: proved whole first, then scanned lazily."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dataguard.sources.columns import unique_names
from dataguard.sources.frame import (
    arrow_columns,
    checked_height,
    duplicate_columns,
    first_line,
    plain_columns,
)
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

_BATCH = 1 << 16
_PANDAS_INDEX = re.compile(r"__index_level_\d+__")
_TITLES: Mapping[str, str] = MappingProxyType({"parquet": "Parquet", "arrow": "Arrow"})


def read_parquet(path: Path | None, data: bytes | None = None, *, name: str) -> Table:
    """Read a Parquet, Arrow IPC (Feather 2) or Arrow stream file, told apart by its first bytes.

    A Parquet file stays on disk and is scanned lazily. Every page is decoded and validated once
    here by Arrow's own reader, because Polars may end the whole process over a damaged one. What
    Arrow reads and Polars does not (2 of 18,000 randomly damaged files, repeated names, odd types)
    is taken through Arrow into memory, and so are Arrow files; unpacked ones stay mapped.
    Categories become text, NaN becomes null, nested types stay as they are; the index column that
    pandas adds is left out. A compressed file is unpacked in memory.

    Args:
        path: The file, or None where `data` holds its bytes.
        data: The bytes, where they do not stand in a file.
        name: The source as the user named it.

    Raises:
        SourceError: The file cannot be opened.
    """
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
    return _read(path, data, name, format)


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


def _read(path: Path | None, data: bytes | None, name: str, format: str) -> Table:
    import polars as pl
    import pyarrow as pa  # type: ignore[import-untyped]

    try:
        if format == "parquet":
            frame, height, repeated = _parquet(path, data)
        else:
            frame, height, repeated = _arrow_table(_arrow_file(path, data))
    except (
        pl.exceptions.PolarsError,
        pl.exceptions.PanicException,
        pa.ArrowException,
        OSError,
        ValueError,
        MemoryError,  # a damaged length asks for more than there is
    ) as error:
        reason = f"the {_TITLES[format]} file is damaged: {first_line(error)}"
        return unreadable(name, format, reason)
    faults = [duplicate_columns(repeated)] if repeated else []
    width = len(frame.collect_schema())
    if not height or not width:
        message = f"the file has {width} columns and {height} records"
        faults.append(Fault(FaultKind.UNREADABLE, message))
    return Table(name, format, frame, height, faults=tuple(faults))


def _parquet(path: Path | None, data: bytes | None) -> tuple[pl.LazyFrame, int, Mapping[str, int]]:
    """The lazily scanned frame, its height, and names that stand more than once."""
    import io

    import polars as pl
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    source = io.BytesIO(data or b"") if path is None else path
    with pq.ParquetFile(source) as file:
        for batch in file.iter_batches(batch_size=_BATCH):
            batch.validate(full=True)
        names, repeated = unique_names(file.schema_arrow.names)
        if repeated:
            return _arrow_table(file.read())
    source = io.BytesIO(data or b"") if path is None else path
    try:
        scan = pl.scan_parquet(source, glob=False, hive_partitioning=False)
        scan = scan.rename(dict(zip(scan.collect_schema(), names, strict=True)))
        frame = plain_columns(scan.select(_kept(names)))
        return frame, checked_height(frame), {}
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        # A type that Polars does not read, or damage that Arrow overlooks.
        return _arrow_table(pq.read_table(source if path is not None else io.BytesIO(data or b"")))


def _arrow_file(path: Path | None, data: bytes | None) -> Any:
    """The table of an Arrow file or stream, every batch validated; an unpacked file stays mapped.

    Raises:
        pyarrow.ArrowException, OSError: It is damaged.
    """
    import pyarrow as pa

    source = pa.BufferReader(data or b"") if path is None else pa.memory_map(str(path))
    is_file = source.read(len(ARROW_FILE)) == ARROW_FILE
    source.seek(0)
    reader = pa.ipc.open_file(source) if is_file else pa.ipc.open_stream(source)
    table = reader.read_all()
    table.validate(full=True)
    return table


def _arrow_table(table: Any) -> tuple[pl.LazyFrame, int, Mapping[str, int]]:
    columns, repeated = arrow_columns(table)
    frame = plain_columns(columns.select(_kept(columns.collect_schema().names())))
    return frame, checked_height(frame), repeated


def _kept(names: list[str]) -> pl.Expr:
    import polars.selectors as cs

    # Selected by name: `pl.col` takes '^…$' for a pattern.
    return cs.by_name([name for name in names if not _PANDAS_INDEX.fullmatch(name)]).as_expr()

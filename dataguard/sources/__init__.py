"""Bytes in, tables out; structural faults are noticed on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from dataguard.sources.table import Table


def open_table(path: str) -> Table:
    """Read one file, or standard input for "-", in the format that its suffix or content shows.

    Args:
        path: The file as the user named it.

    Raises:
        SourceError: It is not there, is a directory, or may not be read. A file that holds no
            table is no error: it gives an empty table with an UNREADABLE fault.
    """
    import sys
    from pathlib import Path

    from dataguard.sources.discover import STDIN, format_of, missing

    if path == STDIN:
        return _read(None, sys.stdin.buffer.read(), path, None)
    file = Path(path)
    if "\0" not in path and not file.exists() and not file.is_symlink():
        raise missing(path)
    if "\0" not in path and file.is_fifo():  # <(…), and /dev/stdin behind a pipe
        return _read(None, _pipe(file), path, format_of(path))
    return _read(file, None, path, format_of(path))


def _pipe(file: Path) -> bytes:
    """All that comes through a pipe; it can be read but once, and from the beginning alone."""
    from dataguard.sources.opening import explain_os_error

    try:
        return file.read_bytes()
    except OSError as error:
        raise explain_os_error(str(file), error) from None


def _read(file: Path | None, data: bytes | None, name: str, format: str | None) -> Table:
    from dataguard.sources.opening import format_by_content

    chosen = format or format_by_content(file, data, name)
    if chosen == "jsonl":
        from dataguard.sources.jsonl import read_jsonl

        return read_jsonl(file, data, name=name)
    if chosen == "parquet":
        from dataguard.sources.parquet import read_parquet

        return read_parquet(file, data, name=name)
    from dataguard.sources.csv import read_csv

    return read_csv(file, data, name=name)

"""Writing reports and flagged rows to files: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dataguard.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from dataguard.finding import Report

ROW_FORMATS = (".csv", ".parquet", ".jsonl")


def rows_format(path: Path) -> str:
    """The suffix of a file for flagged rows.

    Raises:
        UsageError: The suffix is none of `ROW_FORMATS`.
    """
    suffix = path.suffix.lower()
    if suffix not in ROW_FORMATS:
        named = f"no '{suffix}' files" if suffix else "no file without a suffix"
        raise UsageError(f"{path}: --rows-out writes {named}{did_you_mean(suffix, ROW_FORMATS)}")
    return suffix


def write_rows(reports: Sequence[Report], path: Path) -> None:
    """Write every flagged row of the reports, in the format of the path's suffix.

    Raises:
        UsageError: Unknown suffix, or the file cannot be written.
    """
    from dataguard.finding import rows_frame

    frame = rows_frame(reports)
    writers: dict[str, Callable[[Path], object]] = {
        ".csv": frame.write_csv,
        ".parquet": frame.write_parquet,
        ".jsonl": frame.write_ndjson,
    }
    _replace(path, writers[rows_format(path)])


def write_text(text: str, path: Path) -> None:
    """Write a report as UTF-8.

    Raises:
        UsageError: The file cannot be written.
    """
    data = text.encode("utf-8", "backslashreplace")
    _replace(path, lambda temporary: temporary.write_bytes(data))


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside `path`, then move into place. Something that is no file is written directly."""
    if path.exists() and not path.is_file():
        if path.is_dir():
            raise UsageError(f"{path}: is a directory; name a file")
        write(path)
        return
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

"""Where fixed files go, and writing them: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from dataguard.errors import UsageError


def targets(paths: Sequence[str], given: str) -> dict[str, Path]:
    """Where each input's output goes.

    One file goes to `given`, or into it where that is a directory or ends in a slash; several go
    into the directory, by their paths below the directory that they share.

    Raises:
        UsageError: An output is an input, or its suffix is that of another format, or a file
            stands where a directory is needed.
    """
    from dataguard.sources.discover import format_of

    output = Path(given)
    folder = len(paths) > 1 or output.is_dir() or given.endswith(("/", os.sep))
    if len(paths) > 1 and output.exists() and not output.is_dir():
        raise UsageError(f"{output}: is a file; several files need a directory")
    root = os.path.commonpath([os.path.dirname(os.path.realpath(p)) for p in paths])  # noqa: PTH120
    found = {
        path: output / os.path.relpath(os.path.realpath(path), root) if folder else output
        for path in paths
    }
    inputs = {os.path.realpath(path) for path in paths}
    for path, target in found.items():
        kinds = format_of(path), format_of(str(target))
        if None not in kinds and kinds[0] != kinds[1]:
            suffix = Path(path).suffix
            raise UsageError(f"{target}: a fix keeps the format of {path}; name it *{suffix}")
        if os.path.realpath(target) in inputs:
            raise UsageError(f"{target}: would overwrite an input; say --in-place if you mean it")
    return found


def write_all(files: Mapping[Path, bytes]) -> None:
    """Write every file beside its place, then move all into place; modes of old ones stay.

    Raises:
        UsageError: A file cannot be written; then none has been moved, unless moving failed.
    """
    ready: list[tuple[Path, Path]] = []
    path = Path()
    try:
        for path, data in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                raise UsageError(f"{path}: is a directory; name a file")
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:50]}.")
            ready.append((Path(name), path))
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            mask = os.umask(0)
            os.umask(mask)
            Path(name).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~mask)
        for temporary, path in ready:
            temporary.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        for temporary, _ in ready:
            temporary.unlink(missing_ok=True)

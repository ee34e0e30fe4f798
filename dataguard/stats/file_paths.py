"""Paths in cells: which of them exist, with few looks at the disk."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import polars as pl

ENDINGS = (
    "jpe?g|png|gif|bmp|webp|tiff?|heic|svg|dcm|nii|nii\\.gz|npy|npz|pt|h5|wav|mp3|flac|ogg|m4a|"
    "opus|mp4|avi|mov|mkv|webm|txt|json|xml|pdf|html?|docx?|las|ply|obj|tfrecord|mat|edf|mid"
)
PATH = rf"(?i)^(?:file://)?[^\s:*?\"<>|][^:*?\"<>|\n]{{0,400}}\.(?:{ENDINGS})$"
"""A path to a file by its ending; addresses (`https://…`) are none."""

MOST_FOLDERS = 2_000
"""Folders whose lists of names are held at the same time."""


class Base(msgspec.Struct, frozen=True):
    """Where the paths of a column lead from.

    Attributes:
        folder: The folder that they are relative to.
        missing: The paths that lead to no file.
        known: How many lead to one.
    """

    folder: Path
    missing: tuple[str, ...]
    known: int


def bases(data: str) -> list[Path]:
    """Folders that paths in the file `data` may be relative to, likeliest first."""
    path = Path(data)
    here = path.parent if path.is_file() else Path()
    near = [here, here.parent, Path()]
    beside = sorted(entry for entry in _entries(here) if (here / entry).is_dir())
    near += [here / entry for entry in beside[:50]]
    return list({folder.resolve(): folder for folder in near if folder.is_dir()}.values())


def best_base(paths: Sequence[str], folders: Sequence[Path]) -> Base:
    """The folder from which most of `paths` lead to a file."""
    found = [look_up(paths, folder) for folder in folders]
    return max(found, key=lambda base: base.known)


def look_up(paths: Sequence[str], folder: Path) -> Base:
    """Which of `paths`, relative to `folder`, lead to no file; each folder is listed once."""
    listed: dict[str, frozenset[str]] = {}
    missing = []
    for path in paths:
        plain = path.removeprefix("file://")
        if os.sep != "\\":
            plain = plain.replace("\\", "/")
        where, _, name = plain.rpartition("/")
        if where not in listed:
            if len(listed) == MOST_FOLDERS:
                listed.clear()
            full = folder / (where or ("/" if plain.startswith("/") else "."))
            listed[where] = frozenset(_entries(full))
        if name not in listed[where]:
            missing.append(path)
    return Base(folder, tuple(missing), len(paths) - len(missing))


def _entries(folder: Path) -> list[str]:
    """The names in a folder; none where it is not there or may not be read."""
    try:
        return [entry.name for entry in folder.iterdir()]
    except (OSError, ValueError):  # not there, not a folder; a NUL character in its name
        return []


def distinct_paths(values: pl.Series) -> list[str]:
    """The distinct paths among some cells, in order."""
    kept = values.drop_nulls().str.strip_chars()
    return sorted(kept.filter(kept.str.contains(PATH)).unique().to_list())

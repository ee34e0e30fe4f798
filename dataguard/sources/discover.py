"""Which files the user means, and which of them are splits of one data set.

The rules:

- Several paths are several data sets. Files of one directory whose names differ only in the word
  for their split (`train.csv` with `test.csv`, `foo_train.jsonl` with `foo-dev.jsonl`) are splits
  of one. A sibling that was not named is never pulled in.
- A directory stands for the data files in it; it is not searched further, but for sub-directories
  named after a split (`train/`, `test/`). Hidden files are left out, and so is a `.json` file
  that holds one object (a configuration).
- A file that stands alone is the split "train", whatever its name.
- Where no file is called `test`, `holdout` or `eval` beside another validation file is the test
  split. A file whose split is taken already is a data set of its own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import msgspec

from dataguard.errors import SourceError, UsageError, did_you_mean
from dataguard.sources.opening import Stream, explain_os_error

STDIN = "-"
FORMATS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys((".csv", ".tsv", ".tab", ".psv"), "csv"),
        **dict.fromkeys((".jsonl", ".ndjson", ".json"), "jsonl"),
        **dict.fromkeys((".parquet", ".pq", ".arrow", ".feather", ".ipc"), "parquet"),
    }
)
COMPRESSIONS = (".gz", ".zst", ".zstd")

_WORDS = MappingProxyType(
    {
        **dict.fromkeys(("train", "training"), "train"),
        **dict.fromkeys(("test", "testing"), "test"),
        **dict.fromkeys(("validation", "valid", "val", "dev"), "validation"),
        **dict.fromkeys(("eval", "evaluation", "holdout"), "either"),
    }
)
_ORDER = ("train", "validation", "test")
_SHARD = re.compile(r"[-_.](\d{4,6})(-of-\d{4,6})?$")


class DatasetSource(msgspec.Struct, frozen=True):
    """One data set to lint: where each of its splits stands.

    Attributes:
        name: The path as given; of several files the directory and what their names share.
        splits: "train", "validation" and "test", in this order, to the path as given.
    """

    name: str
    splits: Mapping[str, str]


class _File(msgspec.Struct, frozen=True):
    path: str
    folder: str
    base: str
    split: str | None


def discover(
    paths: Sequence[str], *, test: str | None = None, validation: str | None = None
) -> tuple[DatasetSource, ...]:
    """The data sets that `paths` stand for, in the order given (a directory's sorted by name).

    Args:
        paths: Files, directories, patterns that the shell left alone, or "-" for standard input.
        test: The test split of the one data set in `paths`.
        validation: Its validation split.

    Raises:
        UsageError: No path, or `test` / `validation` with several data sets.
        SourceError: A path is not there or cannot be read, or a directory holds no data file.
    """
    if not paths:
        raise UsageError("name at least one file or directory ('-' is standard input)")
    given = [found for path in dict.fromkeys(paths) for found in _expanded(path)]
    files = [file for path in dict.fromkeys(given) for file in _files(path)]
    if [test, validation, *given].count(STDIN) > 1:
        raise UsageError("standard input ('-') can be only one split")
    sets = _grouped(list({file.path: file for file in files}.values()))
    named = {"validation": validation, "test": test}
    extra = {split: path for split, path in named.items() if path is not None}
    return _joined(sets, extra) if extra else sets


def format_of(path: str) -> str | None:
    """The reader that a path's suffix asks for ("csv", "jsonl", "parquet"), None if unknown."""
    return FORMATS.get(_suffixes(Path(path).name)[1])


def missing(path: str) -> SourceError:
    """The error of a path that is not there, naming the nearest that are."""
    if re.match(r"[a-z][a-z0-9+]+://", path):
        return SourceError(path, "is a URL: download the file first, nothing is fetched from here")
    folder = Path(path).parent
    try:
        near = sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("."))
    except (OSError, ValueError):
        return SourceError(path, "there is no such file, nor its directory")
    return SourceError(path, "there is no such file" + did_you_mean(Path(path).name, near))


def _expanded(path: str) -> list[str]:
    """The files that a pattern stands for; the path itself where it is none."""
    import glob

    if path == STDIN or not glob.has_magic(path) or os.path.lexists(path):
        return [path]
    return sorted(glob.glob(path)) or [path]  # noqa: PTH207 (keeps the path as it was given)


def _files(path: str) -> list[_File]:
    if path == STDIN:
        return [_File(path, "", path, None)]
    try:
        is_directory = Path(path).is_dir()
        if not is_directory:
            Path(path).stat()
    except FileNotFoundError:
        raise missing(path) from None
    except OSError as error:
        raise explain_os_error(path, error) from None
    except ValueError:
        raise SourceError(path, "is not a valid path") from None
    if is_directory:
        return _in_directory(path)
    return [_file(path, str(Path(path).parent))]


def _in_directory(directory: str) -> list[_File]:
    """The data files of a directory and of its split-named sub-directories, sorted by name."""
    found = []
    for name in _listed(directory):
        path = str(Path(directory) / name)
        split = _WORDS.get(name.lower())
        if split and Path(path).is_dir():
            found += _in_split_directory(directory, path, split)
        elif _is_data(path):
            found.append(_file(path, directory))
    if not found:
        suffixes = ", ".join(FORMATS)
        raise SourceError(
            directory, f"holds no data file: looked for {suffixes} (also {', '.join(COMPRESSIONS)})"
        )
    return found


def _in_split_directory(directory: str, path: str, split: str) -> list[_File]:
    inner = [str(Path(path) / name) for name in _listed(path)]
    inner = [file for file in inner if _is_data(file)]
    bases = [_suffixes(Path(file).name)[0] for file in inner]
    if len(inner) == 1:
        bases = [""]
    return [_File(file, directory, base, split) for file, base in zip(inner, bases, strict=True)]


def _listed(directory: str) -> list[str]:
    try:
        return sorted(
            entry.name for entry in Path(directory).iterdir() if not entry.name.startswith(".")
        )
    except OSError as error:
        raise explain_os_error(directory, error) from None


def _is_data(path: str) -> bool:
    stem, suffix = _suffixes(Path(path).name)
    if suffix not in FORMATS or Path(path).is_dir():
        return False
    return suffix != ".json" or _split_word(stem)[1] is not None or _holds_records(path)


def _holds_records(path: str) -> bool:
    """Whether a `.json` file holds a list, or one object a line, and is no configuration."""
    try:
        stream = Stream(Path(path), None, path)
    except SourceError:
        return True  # the reader says why it cannot be read
    head = stream.head.lstrip(b"\xef\xbb\xbf \t\r\n")
    stream.close()
    first, _, rest = head.partition(b"\n")
    return not head.startswith(b"{") or (first.rstrip().endswith(b"}") and bool(rest.strip()))


def _file(path: str, folder: str) -> _File:
    base, split = _split_word(_suffixes(Path(path).name)[0])
    return _File(path, folder, base, split)


def _suffixes(name: str) -> tuple[str, str]:
    """A file's name without its suffixes, and the suffix that names its format."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 (Path.suffix treats 'a.' otherwise)
    if suffix.lower() in COMPRESSIONS:
        stem, suffix = os.path.splitext(stem)  # noqa: PTH122
    return stem, suffix.lower()


def _split_word(stem: str) -> tuple[str, str | None]:
    """What is left of a name without the word for its split, and that split."""
    shard = _SHARD.search(stem)
    number = shard.group(1) if shard and int(shard.group(1)) else ""
    plain = stem[: shard.start()] if shard else stem
    parts = [part for part in re.split(r"[-_. ]+", plain) if part]
    for position in (-1, 0):
        split = _WORDS.get(parts[position].lower()) if parts else None
        if split:
            del parts[position]
            return "_".join([*parts, number] if number else parts), split
    return stem, None


def _grouped(files: Sequence[_File]) -> tuple[DatasetSource, ...]:
    """Files that differ only in their split become one data set, in the order of their first."""
    groups: dict[object, list[_File]] = {}
    for file in files:
        key = (os.path.normpath(file.folder), file.base) if file.split else file.path
        groups.setdefault(key, []).append(file)
    return tuple(source for members in groups.values() for source in _sources(members))


def _sources(members: Sequence[_File]) -> list[DatasetSource]:
    splits: dict[str, _File] = {}
    rest = []
    for file in sorted(members, key=lambda file: file.split == "either"):
        wanted = [file.split] if file.split != "either" else ["validation", "test"]
        free = next((split for split in wanted if split and split not in splits), None)
        if free is None:
            rest.append(file)
        else:
            splits[free] = file
    alone = [DatasetSource(file.path, {"train": file.path}) for file in rest]
    if not splits:
        return alone
    if len(splits) == 1:
        (file,) = splits.values()
        return [DatasetSource(file.path, {"train": file.path}), *alone]
    first = members[0]
    name = str(Path(first.folder) / first.base)
    return [DatasetSource(name, {s: splits[s].path for s in _ORDER if s in splits}), *alone]


def _joined(sets: Sequence[DatasetSource], extra: Mapping[str, str]) -> tuple[DatasetSource, ...]:
    """The one data set with the splits that were named by option."""
    options = " and ".join(f"--{split}" for split in extra)
    if len(sets) > 1:
        names = ", ".join(f"'{source.name}'" for source in sets[:5])
        raise UsageError(
            f"{options} needs one data set, but the paths hold {len(sets)} ({names}): name one"
        )
    (source,) = sets
    splits = dict(source.splits)
    for split, path in extra.items():
        if split in splits:
            raise UsageError(f"--{split} {path}: '{source.name}' has a {split} split already")
        file = _one_file(path)
        same = next((s for s, other in splits.items() if _is_same(other, file)), None)
        if same:
            raise UsageError(f"--{split} {path}: {splits[same]} is the {same} split already")
        splits[split] = file
    return (DatasetSource(source.name, {s: splits[s] for s in _ORDER if s in splits}),)


def _one_file(path: str) -> str:
    files = _files(path)
    if len(files) > 1:
        raise UsageError(f"{path}: holds {len(files)} data files: name one of them")
    return files[0].path


def _is_same(one: str, other: str) -> bool:
    return STDIN not in (one, other) and Path(one).samefile(other)

"""Which log a path is, and which reader reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from dataguard.errors import SourceError, did_you_mean
from dataguard.monitor.logs.delimited import DELIMITERS, Delimited
from dataguard.monitor.logs.document import Document
from dataguard.monitor.logs.jsonlines import JsonLines
from dataguard.monitor.logs.pattern import Pattern
from dataguard.monitor.logs.rows import Reader
from dataguard.monitor.logs.tensorboard import HEAD, TensorBoard, masked_crc
from dataguard.monitor.logs.text import Text, boosted

SNIFFED = 1 << 16
"""Bytes by which a log's kind is told."""

MOST_FILES = 1000
"""Event files of a folder that are read."""

KNOWN = (
    "trainer_state.json", "metrics.csv", "results.csv", "catboost_training.json",
    "catboost_info/catboost_training.json",
)  # fmt: skip
"""What frameworks call their logs, for a folder that holds one."""


class Kind(StrEnum):
    """Kinds of logs."""

    csv = "csv"
    jsonl = "jsonl"
    document = "document"
    tensorboard = "tensorboard"
    text = "text"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a log.

    Attributes:
        path: The file.
        prefix: Stands before the names of its values.
    """

    path: Path
    prefix: str = ""


def parts_of(path: Path) -> list[Part]:
    """The files that make up the log at `path`, a file or a folder of a known framework.

    Raises:
        SourceError: There is nothing to read.
    """
    try:
        folder, there = path.is_dir(), path.exists()
    except OSError as error:  # a name too long, a folder that is closed to us
        raise SourceError(str(path), f"cannot be read: {error.strerror}") from None
    if folder:
        return _of_folder(path)
    if not there:
        names: list[str] = []
        with suppress(OSError):
            names = [p.name for p in path.parent.iterdir()]
        hint = did_you_mean(path.name, names) if names else ""
        near = hint if "did you mean" in hint else ""
        raise SourceError(str(path), f"there is no such file{near}")
    pair = {"learn_error.tsv": "learn-", "test_error.tsv": "test-"}
    if path.name in pair:
        both = [Part(path.with_name(name), prefix) for name, prefix in pair.items()]
        return [part for part in both if part.path.exists()]
    return [Part(path)]


def _of_folder(folder: Path) -> list[Part]:
    for name in KNOWN:
        if (folder / name).is_file():
            return [Part(folder / name)]
    states = list(folder.glob("checkpoint-*/trainer_state.json"))
    if states:
        return [Part(max(states, key=lambda p: _number(p.parent.name)))]
    events = sorted(p for p in folder.rglob("*tfevents*") if p.is_file())[:MOST_FILES]
    if not events:
        raise SourceError(str(folder), "no training log in this folder; name a file")
    prefixes = [_prefix(p, folder) for p in events]
    told = prefixes if len(set(prefixes)) > 1 else [""] * len(events)
    return [Part(p, prefix) for p, prefix in zip(events, told, strict=True)]


def _prefix(file: Path, folder: Path) -> str:
    """Keras writes its splits into folders, "train/" and "validation/"."""
    inside = file.parent.relative_to(folder).as_posix()
    return "" if inside == "." else f"{inside}/"


def _number(name: str) -> int:
    found = re.search(r"\d{1,15}", name)
    return int(found[0]) if found else -1


def reader_of(part: Part, start: bytes, pattern: str | None) -> tuple[Kind, Reader]:
    """The reader of a file that starts so.

    Raises:
        UsageError: `pattern` is wrong.
        SourceError: The file is no log that is known.
    """
    path = str(part.path)
    if pattern is not None:
        return Kind.text, Pattern(path, pattern)
    kind = kind_of(path, start)
    readers: dict[Kind, Callable[[], Reader]] = {
        Kind.csv: lambda: Delimited(path, part.prefix),
        Kind.jsonl: lambda: JsonLines(path),
        Kind.document: lambda: Document(path),
        Kind.tensorboard: lambda: TensorBoard(path, part.prefix),
        Kind.text: lambda: Text(path),
    }
    return kind, readers[kind]()


def kind_of(path: str, start: bytes) -> Kind:
    """Which kind of log starts so.

    Raises:
        SourceError: None that is known.
    """
    if "tfevents" in Path(path).name or _is_record(start):
        return Kind.tensorboard
    if start.startswith((b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd")):
        raise SourceError(path, "is compressed; unpack it first")
    if b"\0" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(path, "is no text and no TensorBoard event file")
    encoding = "utf-16" if start.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    lines = [line for line in _lines(start.decode(encoding, "replace")) if line.strip()]
    first = lines[0].strip() if lines else ""
    suffix = Path(path).suffix.lower()
    if first.startswith("[") and (suffix == ".json" or _json_like(first)) and not boosted(first):
        return Kind.document
    if first.startswith("{"):
        return Kind.jsonl if suffix == ".jsonl" else _of_object(first, suffix)
    if suffix in (".csv", ".tsv") or _table_like(lines):
        return Kind.csv
    return Kind.text


def _of_object(first: str, suffix: str) -> Kind:
    """An object on one line is a record, unless what it holds are lists."""
    try:
        record = json.loads(first)
    except (ValueError, RecursionError):
        if suffix == ".json" or len(first) < 3:
            return Kind.document
        return Kind.text if re.match(r"\{\s*'", first) else _cut_object(first)
    lists = {"log_history", "iterations"} & set(record)
    nested = [v for v in record.values() if isinstance(v, (list, dict))]
    held = [v for n in nested for v in (n.values() if isinstance(n, dict) else [n])]
    series = bool(held) and all(isinstance(v, (list, dict)) for v in held)
    return Kind.document if lists or (series and len(nested) == len(record)) else Kind.jsonl


def _cut_object(first: str) -> Kind:
    """A first line that is no JSON: the beginning of a long document, or of a damaged record."""
    return Kind.document if len(first) > SNIFFED // 2 else Kind.jsonl


def _json_like(first: str) -> bool:
    return bool(re.match(r"\[\s*(\{|$)", first))


def _table_like(lines: list[str]) -> bool:
    """Whether the first line is a header and the second, if there is one, fits it."""
    if not lines or re.search(r"[=:]\s*[-+.\d]", lines[0]):
        return False
    delimiter = max(DELIMITERS, key=lines[0].count)
    count = lines[0].count(delimiter)
    if not count:
        return False
    return len(lines) < 2 or lines[1].count(delimiter) == count


def _lines(text: str) -> Iterator[str]:
    for line in text.split("\n")[:20]:
        if not line.startswith("#"):
            yield line


def _is_record(start: bytes) -> bool:
    """Whether a TFRecord starts so: its length has the right checksum."""
    return len(start) >= HEAD and masked_crc(start[:8]) == int.from_bytes(start[8:HEAD], "little")

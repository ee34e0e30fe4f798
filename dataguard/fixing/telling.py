"""What a fix tells: the log of every change, a diff to look at first, and one line in the end."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import asdict, fields

from dataguard.errors import UsageError, did_you_mean
from dataguard.fixing.edits import Entry
from dataguard.rendering import visible

LOG_FORMATS = (".csv", ".jsonl")
COLUMNS = ("file", "split", *(f.name for f in fields(Entry)))


def check_log(path: Path) -> None:
    """See that a log can be written in the format of its suffix.

    Raises:
        UsageError: It cannot.
    """
    if path.suffix.lower() not in LOG_FORMATS:
        hint = did_you_mean(path.suffix, LOG_FORMATS)
        raise UsageError(f"{path}: --log writes no '{path.suffix}' files{hint}")


def log_bytes(entries: Mapping[tuple[str, str], Sequence[Entry]], path: Path) -> bytes:
    """The log as CSV or JSON Lines.

    Args:
        entries: By file and split.
        path: Its suffix names the format.
    """
    records = [
        {"file": file, "split": split, **asdict(entry)}
        for (file, split), some in entries.items()
        for entry in some
    ]
    if path.suffix.lower() == ".jsonl":
        return "".join(json.dumps(record) + "\n" for record in records).encode()
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue().encode("utf-8", "surrogateescape")


def diff_of(path: str, entries: Sequence[Entry], width: int) -> str:
    """The changes to a file, one after the other, in the order of its lines."""
    lines = [f"--- {visible(path)}"]
    for name in dict.fromkeys(e.column for e in entries if e.action == "column"):
        number = sum(e.column == name and e.row is not None for e in entries)
        kind = next(e.kind for e in entries if e.column == name)
        lines += [f"@@ column: {kind}", f"-{_shown(name, width)} ({number:,} cells)"]
    ends = [e for e in entries if e.line is not None and e.action == "file"]
    if ends:
        lines.append(f"@@ {len(ends):,} line{'' if len(ends) == 1 else 's'}: {ends[0].kind}")
        lines += [f"-{ends[0].old}", f"+{ends[0].new}"]
    single = [e for e in entries if e.action != "column" and e not in ends]
    for entry in sorted(single, key=lambda e: (e.row is not None, e.row or 0, e.column or "")):
        lines += _hunk(entry, width)
    return "\n".join(lines) + "\n"


def summary_of(counts: Mapping[str, int], files: int, would: bool) -> str:
    """One line: how much of each kind."""
    if not counts:
        return "Nothing to fix."
    told = ", ".join(f"{number:,} {kind}" for kind, number in counts.items())
    number = sum(counts.values())
    verb = "Would fix" if would else "Fixed"
    return f"{verb} {number:,} in {files:,} file{'' if files == 1 else 's'}: {told}."


def _hunk(entry: Entry, width: int) -> list[str]:
    where = "file" if entry.row is None else f"row {entry.row}"
    if entry.line is not None:
        where = f"line {entry.line}"
    where += f", `{visible(entry.column)}`" if entry.column else ""
    note = f" ({visible(entry.note)})" if entry.note else ""
    head = f"@@ {where}: {entry.kind}{note}"
    if entry.action == "row":
        text = entry.raw if entry.raw is not None else entry.old or ""
        return [head, f"-{_cut(visible(text.rstrip(chr(10)).rstrip(chr(13))), width)}"]
    old, new = _apart(entry.old, entry.new, width)
    return [head, f"-{old}", f"+{new}"]


def _apart(old: str | None, new: str | None, width: int) -> tuple[str, str]:
    """Both values, cut to the width around the first place in which they differ."""
    if old is None or new is None:
        return _shown(old, width), _shown(new, width)
    first = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), len(new))
    start = max(0, first - width // 2) if max(len(old), len(new)) > width - 4 else 0
    cut = "…" if start else ""
    return tuple(_shown(cut + text[start:], width) for text in (old, new))  # type: ignore[return-value]


def _shown(value: str | None, width: int) -> str:
    if value is None:
        return "(missing)"
    return "'" + _cut(visible(value).replace("\u00a0", "\\xa0"), width - 3) + "'"


def _cut(text: str, width: int) -> str:
    return text if len(text) < width else text[: width - 2] + "…"

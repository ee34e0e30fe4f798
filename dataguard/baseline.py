"""The baseline: today's findings in a file, so that later runs report only what is new.

An entry holds no cell, only digests of rows. Rows are compared as a multiset by their contents:
a finding whose rows are all known is left out, wherever they stand and whatever the file is
called; of one with further rows only these are reported.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from dataguard.errors import UsageError
from dataguard.finding import Finding, Outcome, Report, Status

SCHEMA = "dataguard-baseline/1"
DEFAULT = ".dataguard-baseline.json"

MOST_ROWS = 5000
"""Rows of a finding up to which each is recorded (8 characters a row); larger findings are known
as a whole, by their fingerprint."""

KEPT_BYTES = 6
"""Bytes of a row's digest that are recorded: two of 5,000 rows agree by a chance of 4e-8."""


class Entry(msgspec.Struct, frozen=True):
    """One known finding.

    Attributes:
        path: File, relative to the baseline's directory.
        code: Rule code.
        split: Its split, None where the finding is about all.
        columns: Columns concerned.
        rows: How many rows are concerned.
        fingerprint: Of the finding.
        contents: How often each digest of a row's contents stands there; None where there are too
            many.
    """

    path: str
    code: str
    split: str | None
    columns: tuple[str, ...]
    rows: int
    fingerprint: str
    contents: Counter[bytes] | None


def entry_of(finding: Finding, path: str) -> Entry:
    """The entry of a finding in the file `path`, which is relative to the baseline."""
    contents = Counter(_kept(finding)) if len(finding.contents) <= MOST_ROWS else None
    return Entry(
        path,
        finding.code,
        finding.split,
        finding.columns,
        finding.row_count,
        finding.fingerprint,
        contents,
    )


def written(reports: Sequence[Report], target: Path) -> str:
    """The baseline file of the findings: one line an entry, in an order that rows do not change.

    Args:
        reports: What was found.
        target: Where the file will stand; paths are relative to its directory.
    """
    files = sorted({_seen(s.path, target) for r in reports for s in r.sources})
    entries = [
        entry_of(f, _seen(f.path or r.sources[0].path, target)) for r in reports for f in r.findings
    ]
    parts = [
        f'"schema": "{SCHEMA}"',
        f'"files": {_listed([json.dumps(file) for file in files])}',
        f'"entries": {_listed(sorted(json.dumps(_record(e)) for e in entries))}',
    ]
    return "{\n" + ",\n".join(f"  {part}" for part in parts) + "\n}\n"


def _listed(values: Sequence[str]) -> str:
    """A JSON list with one value a line, so that a diff shows what changed."""
    return "[\n" + ",\n".join(f"    {value}" for value in values) + "\n  ]" if values else "[]"


def _record(entry: Entry) -> dict[str, Any]:
    packed = b"".join(sorted((entry.contents or Counter()).elements()))
    return {
        "path": entry.path,
        "code": entry.code,
        "split": entry.split,
        "columns": list(entry.columns),
        "rows": entry.rows,
        "fingerprint": entry.fingerprint,
        "contents": None if entry.contents is None else base64.b64encode(packed).decode(),
    }


def _kept(finding: Finding) -> list[bytes]:
    return [digest.to_bytes(8, "little")[:KEPT_BYTES] for digest in finding.contents]


def _seen(path: str, target: Path) -> str:
    """A path as seen from the directory of the baseline file; standard input stays "-"."""
    if path == "-":
        return path
    try:
        return Path(os.path.relpath(path, target.parent)).as_posix()
    except ValueError:  # another drive
        return Path(path).absolute().as_posix()


def is_baseline(path: Path) -> bool:
    """Whether a file is a baseline and may be written anew."""
    try:
        read(path)
    except UsageError:
        return False
    return True


def read(path: Path) -> tuple[frozenset[str], list[Entry]]:
    """The files and the entries of a baseline file.

    Raises:
        UsageError: It is not there, or is no baseline.
    """
    try:
        data = json.loads(path.read_bytes())
        if not isinstance(data, dict) or data.get("schema") != SCHEMA:
            raise UsageError(f"{path}: is no baseline of dataguard ({SCHEMA})")
        return frozenset(map(str, data["files"])), [_entry(e) for e in data["entries"]]
    except FileNotFoundError:
        hint = "`dataguard baseline` writes one"
        raise UsageError(f"{path}: there is no such baseline; {hint}") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(
            f"{path}: the baseline is damaged ({first}); write it anew with `dataguard baseline`"
        ) from None


def _entry(record: Mapping[str, Any]) -> Entry:
    packed = record["contents"]
    contents = None
    if packed is not None:
        plain = base64.b64decode(packed, validate=True)
        if len(plain) % KEPT_BYTES:
            raise ValueError("contents are cut off")
        places = range(0, len(plain), KEPT_BYTES)
        contents = Counter(plain[i : i + KEPT_BYTES] for i in places)
    texts = (record["path"], record["code"], record["fingerprint"], *record["columns"])
    if any(not isinstance(text, str) for text in texts) or type(record["rows"]) is not int:
        raise ValueError("an entry has a wrong type")
    return Entry(
        record["path"],
        record["code"],
        record["split"],
        tuple(record["columns"]),
        record["rows"],
        record["fingerprint"],
        contents,
    )


class _Open(msgspec.Struct):
    """An entry, and what of it no finding has been matched with so far."""

    entry: Entry
    left: Counter[bytes]
    met: bool = False


class Baseline:
    """Leaves out what a baseline file knows, and remembers what of it occurred.

    A file that the baseline knows by its path is compared with its own entries; any other, renamed
    or new, with the entries of files that this run does not look at.

    Args:
        path: The baseline file.
        linted: All files of this run, as the user named them.
    """

    def __init__(self, path: Path, linted: Iterable[str]) -> None:
        self._path = path
        self._files, entries = read(path)
        self._linted = {_seen(p, path) for p in linted}
        self._open = [_Open(e, Counter(e.contents or ())) for e in entries]
        self._ran: set[tuple[str, str]] = set()
        self._left_out = self._narrowed = 0

    def __call__(
        self, findings: Sequence[Finding], paths: Sequence[str], outcomes: Sequence[Outcome]
    ) -> list[Finding]:
        """The findings of one data set that are new, or new in part."""
        ran = [o.code for o in outcomes if o.status is Status.RAN]
        self._ran.update((_seen(path, self._path), code) for path in paths for code in ran)
        kept = []
        for finding in findings:
            seen = _seen(finding.path or paths[0], self._path)
            new = self._new(finding, seen)
            if new:
                kept.append(self._told(finding, new))
            else:
                self._left_out += 1
        return kept

    def _new(self, finding: Finding, path: str) -> list[int]:
        """Places in `finding.contents` of what no entry knows.

        Originals, which stand last, are matched first: of equal rows the last one is the new one.
        """
        candidates = self._candidates(finding, path)
        for one in candidates:
            whole = one.entry.contents is None
            if whole and one.entry.fingerprint == finding.fingerprint and not one.met:
                one.met = True
                return []
        own, kept = len(finding.rows), _kept(finding)
        new = []
        for place in (*range(own, len(kept)), *range(min(own, len(kept)))):
            known = next((one for one in candidates if one.left[kept[place]] > 0), None)
            if known is None:
                new.append(place)
            else:
                known.left[kept[place]] -= 1
                known.met = True
        return sorted(new)

    def _candidates(self, finding: Finding, path: str) -> list[_Open]:
        """The entries that a finding may be, the likeliest first."""
        own = path in self._files
        found = [
            one
            for one in self._open
            if one.entry.code == finding.code
            and (one.entry.path == path if own else one.entry.path not in self._linted)
            and _columns_fit(finding.columns, one.entry.columns)
        ]
        unlike = {
            id(one): (
                one.entry.fingerprint != finding.fingerprint,
                one.entry.split != finding.split,
            )
            for one in found
        }
        return sorted(found, key=lambda one: unlike[id(one)])

    def _told(self, finding: Finding, new: list[int]) -> Finding:
        """The finding with its new rows alone; whole, where it is new or they are not its own."""
        if len(new) == len(finding.contents):
            return finding
        self._narrowed += 1
        if not len(finding.rows):
            return replace(finding, message=f"{finding.message} (in part in the baseline)")
        own = [place for place in new if place < len(finding.rows)]
        alone = bool(own) and len(new) - len(own) <= len(_groups(finding, own))
        count = len(own) if alone else len(new)
        said = f"new since the baseline: {count:,} row{'' if count == 1 else 's'}"
        finding = replace(finding, message=f"{finding.message} ({said})")
        return _narrowed(finding, own) if alone else finding

    def notes(self, *, every_file: bool, alone: bool = False) -> Iterator[str]:
        """One line: how many findings were left out, and how many entries no longer occur."""
        del every_file, alone  # entries know their files
        said = f"Baseline {self._path}: {self._left_out:,} known finding"
        said += f"{'' if self._left_out == 1 else 's'} left out"
        if self._narrowed:
            said += f", {self._narrowed:,} reported for what is new in them"
        gone = sum(not one.met and self._is_judged(one.entry) for one in self._open)
        if gone:
            entries = f"{gone:,} of its {len(self._open):,} entries"
            said += f"; {entries} no longer occur{'s' if gone == 1 else ''}"
            said += " (`dataguard baseline` writes it anew)"
        yield said

    def _is_judged(self, entry: Entry) -> bool:
        """Whether this run could have met an entry: its check looked at its file, or that is gone.

        A file that is gone was renamed or removed.
        """
        if (entry.path, entry.code) in self._ran:
            return True
        if entry.path in self._linted or entry.path == "-":
            return False
        ran = any(code == entry.code for _, code in self._ran)
        return ran and not (self._path.parent / entry.path).exists()


def _columns_fit(columns: tuple[str, ...], known: tuple[str, ...]) -> bool:
    """Whether a finding is about the columns of an entry, or about some of them."""
    return columns == known or (bool(columns) and set(columns) < set(known))


def _groups(finding: Finding, places: list[int]) -> set[int]:
    """The groups of some rows: each may hold one new original, which comes with its copy."""
    return {finding.groups[i] for i in places} if len(finding.groups) else set()


def _narrowed(finding: Finding, places: list[int]) -> Finding:
    """The finding with only those of its rows."""

    def those(values: Sequence[Any]) -> Sequence[Any]:
        return [values[i] for i in places] if len(values) == len(finding.rows) else values

    rows, lines = those(finding.rows), those(finding.lines)
    evidence = dict(finding.evidence)
    examples = evidence.get("examples")
    if isinstance(examples, list):
        chosen = set(rows)
        evidence["examples"] = [e for e in examples if e.get("row") in chosen]
    return replace(
        finding,
        rows=rows,
        row_count=len(rows),
        lines=lines,
        line=lines[0] if len(lines) else finding.line,
        scores=those(finding.scores),
        groups=those(finding.groups),
        notes=those(finding.notes),
        contents=[finding.contents[i] for i in places],
        evidence=evidence,
    )

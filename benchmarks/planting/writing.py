"""From a bench to files: CSV with its broken lines, and the truth beside them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from benchmarks.planting.sheet import Bench, Mark, Planted, Row, Sheet, Truth

REPEATS = ("exact-duplicates", "normalised-duplicates", "near-duplicates")
"""Faults in which either row of a pair could be the copy: the later one counts as planted."""


def write(bench: Bench, case: str, seed: int, folder: Path, delimiter: str = ",") -> Truth:
    """Write `train.csv`, `test.csv` and `truth.json` below `folder` and return the truth."""
    folder.mkdir(parents=True, exist_ok=True)
    places: dict[str, dict[int, tuple[int, int]]] = {}
    for split, sheet in bench.sheets.items():
        data, places[split] = _encode(sheet, delimiter)
        (folder / f"{split}.csv").write_bytes(data)
    truth = Truth(
        case=case,
        seed=seed,
        domain=bench.domain,
        files={split: f"{split}.csv" for split in bench.sheets},
        rows={split: len(sheet.rows) for split, sheet in bench.sheets.items()},
        roles={
            "label": bench.roles.label,
            "text": list(bench.roles.text),
            "id": bench.roles.id,
            "time": bench.roles.time,
            "group": bench.roles.group,
        },
        untouched={split: _untouched(bench, split) for split in bench.sheets},
        planted=[_planted(mark, places) for mark in bench.marks if mark.split in places],
    )
    text = json.dumps(truth.as_json(), indent=1, ensure_ascii=False)
    (folder / "truth.json").write_text(text, encoding="utf-8")
    return truth


def _untouched(bench: Bench, split: str) -> list[str]:
    faulty = {name for mark in bench.marks if mark.split == split for name in mark.columns}
    return [name for name in bench.sheets[split].columns if name not in faulty]


def _planted(mark: Mark, places: dict[str, dict[int, tuple[int, int]]]) -> Planted:
    if mark.fault in REPEATS:
        mark = _later_first(mark, places[mark.split])
    found = [places[mark.split][id(row)] for row in mark.rows]
    there = places.get(mark.partner_split, {})
    return Planted(
        fault=mark.fault,
        split=mark.split,
        rows=[row for row, _ in found],
        lines=[line for _, line in found],
        kinds=list(mark.kinds),
        columns=list(mark.columns),
        partners=[there[id(row)][0] for row in mark.partners],
        partner_split=mark.partner_split,
    )


def _later_first(mark: Mark, places: dict[int, tuple[int, int]]) -> Mark:
    """The same pairs, so that of all rows that repeat each other the first is the partner."""
    groups: dict[int, list[Row]] = {}
    for row, partner in zip(mark.rows, mark.partners, strict=True):
        groups.setdefault(id(partner), [partner]).append(row)
    firsts = {key: min(rows, key=lambda row: places[id(row)]) for key, rows in groups.items()}
    rows, partners = [], []
    for row, partner in zip(mark.rows, mark.partners, strict=True):
        first = firsts[id(partner)]
        rows.append(partner if row is first else row)
        partners.append(first)
    return replace(mark, rows=tuple(rows), partners=tuple(partners))


def _encode(sheet: Sheet, delimiter: str) -> tuple[bytes, dict[int, tuple[int, int]]]:
    """The file's bytes and, for each row object, its record number and its first line."""
    parts = [delimiter.join(sheet.columns).encode() + b"\n"]
    places = {}
    line = 2
    for number, row in enumerate(sheet.rows):
        record = _record(row, sheet.columns, delimiter)
        places[id(row)] = (number, line)
        parts.append(record)
        line += record.count(b"\n")
    return b"".join(parts), places


def _record(row: Row, columns: list[str], delimiter: str) -> bytes:
    cells = [_quote(row.cells[name], delimiter) for name in columns]
    if row.raw == "short":
        cells.pop()
    elif row.raw == "long":
        cells.append("extra")
    elif row.raw == "quote":
        at = next(i for i, cell in enumerate(cells) if i and not cell.startswith('"'))
        cells[at] = '"' + cells[at]
    record = (delimiter.join(cells) + "\n").encode()
    if row.raw == "bytes":
        record = "".join(map(_as_latin1, record.decode())).encode("utf-8", "surrogateescape")
    return record


def _as_latin1(char: str) -> str:
    # A surrogate escape is written as the one byte it stands for.
    return chr(0xDC00 + ord(char)) if 0xC0 <= ord(char) <= 0xFF else char


def _quote(cell: str, delimiter: str) -> str:
    if any(char in cell for char in (delimiter, '"', "\n", "\r")):
        return '"' + cell.replace('"', '""') + '"'
    return cell

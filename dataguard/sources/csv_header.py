"""Judges the first record of a CSV file: is it a header, and what are the columns called?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from types import MappingProxyType

import msgspec

from dataguard.sources.dialect import DELIMITER_NAMES, DELIMITERS, NUMBER, shape
from dataguard.sources.dialect import names as are_names
from dataguard.sources.table import Fault, FaultKind

_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}([ T]\d{1,2}:\d\d.*)?|\d{1,2}:\d\d(:\d\d)?")
# Share of a column's filled cells that must be alike before the header is held against them.
_ALIKE = 0.95
# A whole number above decimals, or the other way round, is not of the column's kind.
_MOSTLY = 0.8
_FEW = 30
# A text that names a column may stand in the column once or twice by chance.
_RECURS = 0.01


class Header(msgspec.Struct, frozen=True):
    """The columns of a file.

    Attributes:
        present: False where the first record is data.
        names: Unique names, as many as columns.
        faults: Duplicate names, or a missing header.
    """

    present: bool
    names: tuple[str, ...]
    faults: tuple[Fault, ...]


def judge_header(records: Sequence[list[str]], width: int, line: int) -> Header:
    """Columns and header faults from the first records.

    Args:
        records: The first record, which may be the header, and up to 1,000 that follow.
        width: Number of columns.
        line: 1-based physical line of the first record.
    """
    head = fit_header(records[0], width) if records else []
    body = [r for r in records[1:] if len(r) == width and r != records[0]]
    confidence = missing_header(head, body) if len(head) == width else 0.0
    if confidence:
        names = tuple(f"column_{i}" for i in range(1, width + 1))
        shown = [c[:40] for c in head[:8]]
        fault = Fault(
            FaultKind.MISSING_HEADER,
            "the first record looks like data, not like column names",
            lines=(line,),
            evidence=MappingProxyType({"first_record": shown}),
            confidence=confidence,
        )
        return Header(False, names, (fault,))
    parted = parted_otherwise(records[0], width) if records else []
    head = parted or head
    names, duplicates = unique_names(head, width)
    faults = [_duplicate_fault(duplicates, line)] if duplicates else []
    nameless = [i for i, cell in enumerate(head) if not cell.strip()] if width > 1 else []
    if parted:
        faults.append(_parted_fault(records[0][0], parted, line))
    if nameless:
        faults.append(_nameless_fault(tuple(names[i] for i in nameless), line))
    return Header(True, names, tuple(faults))


def fit_header(head: list[str], width: int) -> list[str]:
    """The header without nameless cells that make it longer than the records are wide."""
    spare = len(head) - width
    filled = [c for c in head if c.strip()]
    if spare > 0 and len(head) - len(filled) == spare:
        return filled
    return head[:width]


def parted_otherwise(head: list[str], width: int) -> list[str]:
    """The names of a header that reads as one field, because another delimiter parts them."""
    if len(head) != 1 or width < 2:
        return []
    for mark in DELIMITERS:
        parts = [part.strip(' "') for part in head[0].split(mark)]
        if len(parts) == width and are_names(parts):
            return parts
    return []


def unique_names(head: Sequence[str], width: int) -> tuple[tuple[str, ...], dict[str, list[int]]]:
    """Unique column names, and the 1-based positions of each name that stands there twice.

    A second "a" becomes "a_2", a nameless third column "column_3".
    """
    cells = [*head, *[""] * (width - len(head))]
    positions: dict[str, list[int]] = {}
    for i, cell in enumerate(cells, 1):
        if cell.strip():
            positions.setdefault(cell, []).append(i)
    taken = set(positions)
    names: list[str] = []
    seen: Counter[str] = Counter()
    for i, cell in enumerate(cells, 1):
        seen[cell] += 1
        if cell.strip() and seen[cell] == 1:
            names.append(cell)
            continue
        name, number = (f"{cell}_{seen[cell]}", seen[cell]) if cell.strip() else (f"column_{i}", 1)
        stem = cell if cell.strip() else name
        while name in taken:
            number += 1
            name = f"{stem}_{number}"
        taken.add(name)
        names.append(name)
    return tuple(names), {name: at for name, at in positions.items() if len(at) > 1}


def missing_header(head: Sequence[str], body: Sequence[list[str]]) -> float:
    """Confidence, 0 to 0.95, that the first record is data; 0 unless there is no sign against.

    For data: a number among numbers like it, a date among dates, a code of the column's shape, a
    value that recurs in its column. Against: a word above numbers or dates, a nameless first
    column (an index), and numbers that are names (0, 1, 2 … or years in a row).
    """
    if len(body) < 2 or _counting(head) or not head[0].strip():
        return 0.0
    votes = 0.0
    for i, cell in enumerate(head):
        vote = _vote(cell.strip(), [r[i].strip() for r in body])
        if vote < 0:
            return 0.0
        votes += vote
    if votes < 1:
        return 0.0
    return min(0.95, 0.5 + 0.15 * votes)


def _counting(head: Sequence[str]) -> bool:
    """True for names that are numbers in a row: 0, 1, 2 … or 1990, 1991, 1992 …"""
    numbers = [int(c) for c in head if re.fullmatch(r"\d{1,9}", c.strip())]
    if len(numbers) < 2:
        return len(head) == 1 and numbers in ([0], [1])
    steps = {b - a for a, b in pairwise(numbers)}
    if len(steps) == 1 and 0 not in steps and (len(numbers) > 2 or 1 in steps):
        return True
    return all(1500 <= n <= 2100 for n in numbers) and len(set(numbers)) == len(numbers)


def _vote(cell: str, column: Sequence[str]) -> float:
    """How much one header cell looks like its column's data; negative where it does not."""
    filled = [c for c in column if c]
    if not filled or not cell:
        return 0.0
    alike = _ALIKE * len(filled)
    if sum(NUMBER.fullmatch(c) is not None for c in filled) >= alike:
        return _number_vote(cell, filled)
    if sum(_DATE.fullmatch(c) is not None for c in filled) >= alike:
        return 1.0 if _DATE.fullmatch(cell) else -1.0
    form, count = Counter(map(shape, filled)).most_common(1)[0]
    if count >= alike and "9" in form and len(filled) >= 3:
        return 1.0 if shape(cell) == form else -1.0
    times = sum(c == cell for c in filled)
    if times >= 2 and times >= _RECURS * len(filled):
        return 1.0
    return 0.0


def _number_vote(cell: str, filled: Sequence[str]) -> float:
    if not NUMBER.fullmatch(cell):
        return -1.0
    numbers = [_number(c) for c in filled if NUMBER.fullmatch(c)]
    decimals = sum("." in c or "," in c for c in filled) / len(filled)
    if (decimals > _MOSTLY) if "." not in cell and "," not in cell else (decimals < 1 - _MOSTLY):
        return 0.0
    value, low, high = _number(cell), min(numbers), max(numbers)
    # A few numbers do not show a column's whole range.
    margin = high - low if len(numbers) < _FEW else 0.0
    step = numbers[1] - numbers[0] if len(numbers) > 1 else 0.0
    goes_on = step != 0 and value == numbers[0] - step
    return 1.0 if goes_on or low - margin <= value <= high + margin else 0.0


def _number(text: str) -> float:
    return float(text.rstrip("%").replace(",", "."))


def _duplicate_fault(duplicates: dict[str, list[int]], line: int) -> Fault:
    names = tuple(duplicates)
    what = "a column name stands" if len(names) == 1 else f"{len(names)} column names stand"
    return Fault(
        FaultKind.DUPLICATE_COLUMN,
        f"{what} more than once in the header",
        lines=(line,),
        columns=names,
        evidence=MappingProxyType({"positions": duplicates}),
    )


def _nameless_fault(names: tuple[str, ...], line: int) -> Fault:
    what = "a column has" if len(names) == 1 else f"{len(names)} columns have"
    return Fault(
        FaultKind.UNNAMED_COLUMN, f"{what} no name in the header", lines=(line,), columns=names
    )


def _parted_fault(head: str, names: list[str], line: int) -> Fault:
    mark = next(m for m in DELIMITERS if len(head.split(m)) == len(names))
    return Fault(
        FaultKind.DELIMITER,
        f"{DELIMITER_NAMES[mark]} parts the names of the header, but not the records below",
        lines=(line,),
        evidence=MappingProxyType({"delimiter": mark, "header": True}),
    )

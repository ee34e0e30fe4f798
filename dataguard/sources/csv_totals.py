"""Finds a last record that sums up the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from dataguard.sources.csv_layout import is_note
from dataguard.sources.dialect import NUMBER, Plan
from dataguard.sources.table import Fault, FaultKind, Lines

Sums = Callable[[int, list[int]], dict[int, tuple[float, int]]]
"""Sum and number of values of columns, by position, over the first so many rows."""

_TOTAL = re.compile(
    r"\W*(grand[ _-]?|sub[ _-]?)?(totals?|sums?|overall|averages?|avg|means?|gesamt|insgesamt|"
    r"summe|somme|totale|totaux|suma|итого)\b[^.!?]{0,30}",
    re.IGNORECASE,
)


def totals_fault(
    plan: Plan, header: bool, starts: Lines, height: int, tail: Sequence[list[str]], frame: Sums
) -> Fault | None:
    """A last row that sums up the others.

    It is told by the word (total, sum, average …) where one of its numbers is the sum or the mean
    of its column, or where nothing but numbers stand beside the word; without a word, where two
    numbers are the sums of their columns and the other cells are empty.

    Args:
        frame: Gives sum and number of values of the columns named by position, over the first
            rows.
    """
    rows = [(height - len(tail) + i, row) for i, row in enumerate(tail)]
    while rows and is_note(rows[-1][1], plan, apart=False):
        rows.pop()
    if len(rows) < 2 or height < 4:
        return None
    at, row = rows[-1]
    word, numbers = _candidate(row, plan.records[header:])
    others = [c for i, c in enumerate(row) if i not in (*numbers, word)]
    if not numbers or (word < 0 and (len(numbers) < 2 or not others or any(others))):
        return None
    sums = frame(at, numbers)
    told = [i for i in numbers if _sums_up(_number(row[i]), *sums[i])]
    bare = word >= 0 and bool(others) and not any(others)
    if (not told and not bare) or (word < 0 and len(told) < 2):
        return None
    line = starts.of(at)
    shown = ", ".join(c for c in row if c.strip())[:80]
    return Fault(
        FaultKind.TOTALS,
        f"the last record is a total of the others ({shown})",
        lines=(line,) if line is not None else (),
        rows=(at,),
        evidence={"columns": told},
        confidence=1.0 if told else 0.8,
    )


def _sums_up(value: float, total: float, count: int) -> bool:
    """True where a value is the sum or the mean, up to rounding in its last digit."""
    if count < 2 or total == 0:
        return False
    return any(abs(value - x) <= max(0.006, 1e-6 * abs(x)) for x in (total, total / count))


def _number(text: str) -> float:
    cleaned = text.strip().rstrip("%")
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", cleaned):
        return float(cleaned.replace(",", ""))
    return float(cleaned.replace(",", "."))


def _candidate(row: Sequence[str], records: Sequence[list[str]]) -> tuple[int, list[int]]:
    """Where a row says that it is a total (-1: nowhere), and which of its cells are numbers."""
    numbers = [i for i, cell in enumerate(row) if NUMBER.fullmatch(cell.strip())]
    for i, cell in enumerate(row):
        if cell and len(cell) < 60 and _TOTAL.fullmatch(cell.strip()):
            if sum(_TOTAL.fullmatch(r[i].strip()) is not None for r in records if len(r) > i) < 2:
                return i, numbers
    return -1, numbers

"""Tells what the first records of a CSV file show of all of it: its delimiter, its header rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Any

from dataguard.sources.dialect import DELIMITER_NAMES, NO_DELIMITER, NUMBER, Plan, names, profile
from dataguard.sources.table import Fault, FaultKind

# Delimiters that the reader does not look for by itself.
RARE = (":", "^", "~", "¦", "\x01", " ")
_MOST_HEADER_ROWS = 5


def whole_file_faults(plan: Plan, name: str, header: bool) -> Iterator[Fault]:
    """Faults that the first records show: delimiter and header rows."""
    fault = _delimiter_fault(plan, name)
    if fault is not None:
        yield fault
    rows = header_rows(plan.records, plan.width) if header else 0
    if rows:
        lines = tuple(range(plan.first + 1, plan.first + 1 + rows))
        same = all(r == plan.records[0] for r in plan.records[1 : rows + 1])
        does = "repeats the names" if same else "looks like column names"
        do = "repeat the names" if same else "look like column names"
        below = f"the record below it {does}" if rows == 1 else f"{rows} records below it {do}"
        yield Fault(
            FaultKind.HEADER_ROWS,
            f"the header takes {rows + 1} lines: {below}",
            lines=lines,
            rows=tuple(range(rows)),
            evidence=MappingProxyType({"header_rows": rows + 1, "repeated": same}),
            confidence=1.0 if same else 0.9,
        )


def header_rows(records: Sequence[list[str]], width: int) -> int:
    """How many records below the header are part of it: names again, groups or units.

    Such a record repeats the header, or has text in two columns and more where all records
    further down have numbers, dates or codes of one shape.
    """
    body = [r for r in records[1:] if len(r) == width]
    looked = min(_MOST_HEADER_ROWS, len(body) // 2)
    if not looked or (len(body) - looked < 3 and body[0] != records[0]):
        return 0
    telling = profile(body[looked:], width).telling
    named = any(c.strip() and not NUMBER.fullmatch(c.strip()) for c in records[0])
    rows = 0
    for record in body[:looked]:
        filled = [test(record[i]) for i, test in telling if _is_filled(record[i])]
        cells = sum(bool(cell.strip()) for cell in record)
        words = not any(filled) and 2 * len(filled) >= len(telling)
        words = words and (len(filled) > 1 or (len(filled) == cells == 1 and width > 1))
        index_name = rows and not any(filled) and cells == 1
        if (record == records[0] and named) or words or index_name:
            rows += 1
        else:
            break
    return rows


def _is_filled(cell: str) -> bool:
    from dataguard.expressions import DISGUISED_MISSING

    text = cell.strip()
    return bool(text) and text.lower() not in DISGUISED_MISSING


def _delimiter_fault(plan: Plan, name: str) -> Fault | None:
    """The delimiter that default readers of a `.csv` file do not expect."""
    delimiter = plan.dialect.delimiter
    if delimiter == NO_DELIMITER:
        rare = _rare_delimiter(plan)
        if not rare:
            return None
        text = f"the file reads as one column, but {rare!r} parts every line alike"
        return Fault(FaultKind.DELIMITER, text, evidence={"delimiter": rare, "read": False})
    heads = plan.records[0][1:] if plan.records else []
    if delimiter != "\t" and heads and _blanks_follow(plan):
        text = f"a blank follows each {delimiter!r} between the fields"
        facts: dict[str, Any] = {"delimiter": delimiter + " ", "quoted": plan.dialect.spaced}
        return Fault(FaultKind.DELIMITER, text, lines=(plan.first,), evidence=facts)
    if delimiter != "," and ".csv" in name.lower():
        what = DELIMITER_NAMES.get(delimiter, repr(delimiter))
        text = f"{what} stands between the fields, not a comma"
        return Fault(FaultKind.DELIMITER, text, evidence={"delimiter": delimiter})
    return None


def _blanks_follow(plan: Plan) -> bool:
    """True where all fields but the first begin with a blank, quoted ones set apart by one."""
    if plan.dialect.spaced:
        return True
    cells = [cell for record in plan.records for cell in record[1:] if cell]
    return len(cells) > 2 and all(c.startswith(" ") for c in cells)


def _rare_delimiter(plan: Plan) -> str:
    """A character that parts the header and all records into as many fields, three or more."""
    lines = [r[0] for r in plan.records if r and r[0]]
    if len(lines) < 5:
        return ""
    for mark in RARE:
        parts = [line.split(None if mark == " " else mark) for line in lines]
        if len({len(p) for p in parts}) == 1 and len(parts[0]) >= 3 and names(parts[0]):
            return mark
    return ""

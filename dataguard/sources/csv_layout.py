"""Tells what stands in a CSV file besides its records: notes, totals, further tables, header rows,
lines in another dialect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from types import MappingProxyType

import msgspec

from dataguard.sources.csv_lines import LineBuffer
from dataguard.sources.csv_records import Dialect, Notes, RecordReader
from dataguard.sources.csv_shape import RARE
from dataguard.sources.dialect import (
    DELIMITER_NAMES,
    DELIMITERS,
    NUMBER,
    Plan,
    names,
    profile,
)
from dataguard.sources.table import Fault, FaultKind

# Records at the end that are looked at for notes and totals.
TAIL = 12
_NOTE = re.compile(
    r"\W*(source|sources|notes?|n\.?b|footnotes?|remarks?|generated|exported|created|copyright|"
    r"last updated?|updated|data as of|as of|page \d|report|end of|disclaimer|prepared|printed|"
    r"quelle|hinweis|anmerkung|fuente|fonte|nota|stand|\d[\d,. ]* (rows|records|lines)\b)"
    r"|[#*†‡©(\[]|//|--",
    re.IGNORECASE,
)


class Layout(msgspec.Struct):
    """What ragged records turned out to be.

    Attributes:
        explained: Records (counted from 0, the header included) that are no records of the table.
        faults: What they are.
    """

    explained: set[int] = msgspec.field(default_factory=set)
    faults: list[Fault] = msgspec.field(default_factory=list)


class Seen(msgspec.Struct, frozen=True):
    """What was read.

    Attributes:
        plan: What the first lines say about the file.
        header: True where the first record is the header.
        starts: The physical line of each record, the header included.
        notes: What the reader noticed.
        tail: The last records, up to `TAIL`, as wide as the table.
    """

    plan: Plan
    header: bool
    starts: Sequence[int]
    notes: Notes
    tail: Sequence[list[str]]

    def ragged(self) -> dict[int, int]:
        """The width of each ragged record, the header left out."""
        return {record: n for record, n in self.notes.ragged if record >= self.header}

    def fields(self, record: int) -> list[str]:
        """The fields of a ragged record; none where they were not kept."""
        line = self.notes.odd.get(record)
        return [] if line is None else _alone(line, self.plan.dialect)


def layout_of(seen: Seen) -> Layout:
    """What stands in the file besides records."""
    found = Layout()
    widths = seen.ragged()
    _find_lone_returns(seen, widths, found)
    _find_tables(seen, widths, found)
    _find_other_delimiters(seen, widths, found)
    _find_notes(seen, widths, found)
    return found


def blank_lines(plan: Plan, notes: Notes, layout: Layout) -> list[int]:
    """Blank lines, without those that set a title, a note or a further table apart."""
    apart = {line for fault in layout.faults for line in fault.lines}
    starts = [notes.starts[record] for record in layout.explained]
    apart.update(starts)
    above = [] if plan.preamble else list(range(1, plan.first))
    kept = []
    for line in reversed([*above, *notes.blank]):
        if line + 1 in apart:
            apart.add(line)
        else:
            kept.append(line)
    return kept[::-1]


def _find_tables(seen: Seen, widths: dict[int, int], found: Layout) -> None:
    """Further tables: rows of names with records below that are not as wide as the first table's,
    or rows of names below a blank line."""
    starts = sorted({*_wide_starts(seen, widths), *_apart_starts(seen)})
    if not starts:
        return
    records = len(seen.starts)
    rows: list[int] = []
    tables = []
    for start, end in zip(starts, [*starts[1:], records], strict=True):
        width = widths.get(start, seen.plan.width)
        mine = range(start, end)
        if width != seen.plan.width:
            found.explained.update(r for r in mine if widths.get(r) == width)
        title = start - 1
        while title in widths and widths[title] == 1 and title not in found.explained:
            found.explained.add(title)
            title -= 1
        rows += [r - seen.header for r in mine]
        line = seen.starts[start]
        tables.append({"line": line, "columns": width, "records": len(mine) - 1})
    first = tables[0]
    count = "a second table" if len(tables) == 1 else f"{len(tables)} further tables"
    message = f"{count} of {first['columns']} columns begins in line {first['line']}"
    if len(tables) > 1:
        message = f"{count} below the first; the next one begins in line {first['line']}"
    found.faults.append(
        Fault(
            FaultKind.TABLES,
            message,
            lines=tuple(seen.starts[r + seen.header] for r in rows),
            rows=tuple(rows),
            evidence={"tables": tables},
        )
    )


def _wide_starts(seen: Seen, widths: dict[int, int]) -> Iterator[int]:
    """Ragged records that look like a header, with records of their width below."""
    for record, width in widths.items():
        fields = seen.fields(record)
        if width < 2 or len(fields) != width or not names(fields):
            continue
        if widths.get(record - 1) == width and record - 1 not in seen.notes.apart:
            below = seen.fields(record - 1)
            if not names(below) or record not in seen.notes.apart:
                continue
        follow = [r for r in range(record + 1, record + 4) if widths.get(r) == width]
        if len(follow) < min(2, len(seen.starts) - record - 1) or not follow:
            continue
        head = set(seen.plan.records[0])
        tests = [(i, test) for i, test in seen.plan.profile.telling if i < width]
        cells = [(test, seen.fields(r)[i]) for r in (record, *follow) for i, test in tests]
        alien = bool(cells) and not any(test(cell) for test, cell in cells)
        data = alien or not names(seen.fields(follow[0]))
        if data or record in seen.notes.apart or 2 * len(head & set(fields)) >= width:
            yield record


def _apart_starts(seen: Seen) -> Iterator[int]:
    """Records as wide as the table, below a blank line, that look like another header."""
    for record, fields in seen.notes.apart.items():
        if (
            record <= seen.header
            or record >= len(seen.plan.records)
            or len(fields) != seen.plan.width
            or seen.plan.width < 2
        ):
            continue
        if fields == seen.plan.records[0] or not names(fields):
            continue
        above = [r for r in seen.plan.records[seen.header : record] if len(r) == seen.plan.width]
        telling = profile(above, seen.plan.width).telling
        if telling and not any(test(fields[i]) for i, test in telling):
            yield record


def _alone(line: str, dialect: Dialect) -> list[str]:
    buffer = LineBuffer([line])
    buffer.has(0)
    return RecordReader(buffer, dialect).alone(line)


def _find_lone_returns(seen: Seen, widths: dict[int, int], found: Layout) -> None:
    """Records that a carriage return alone ends, so that the next one stands in the same line."""
    records = []
    for record in widths:
        parts = seen.notes.odd.get(record, "").removesuffix("\r").split("\r")
        if len(parts) > 1:
            fields = [_alone(part, seen.plan.dialect) for part in parts]
            if all(len(f) == seen.plan.width for f in fields):
                records.append(record)
    if not records:
        return
    found.explained.update(records)
    count = "1 line holds" if len(records) == 1 else f"{len(records)} lines hold"
    found.faults.append(
        Fault(
            FaultKind.LINE_ENDINGS,
            f"{count} several records, parted by CR alone",
            lines=tuple(seen.starts[r] for r in records),
            rows=tuple(r - seen.header for r in records),
        )
    )


def _find_other_delimiters(seen: Seen, widths: dict[int, int], found: Layout) -> None:
    """Ragged records that another delimiter parts into as many fields as the table has."""
    used: dict[str, int] = {}
    records = []
    for record, width in widths.items():
        if width >= seen.plan.width or record in found.explained or record not in seen.notes.odd:
            continue
        mark = _other_delimiter(seen.notes.odd[record], seen.plan, width)
        if mark:
            used[mark] = used.get(mark, 0) + 1
            records.append(record)
    if not records:
        return
    found.explained.update(records)
    marks = " and ".join(DELIMITER_NAMES.get(m, repr(m)) for m in used)
    usual = DELIMITER_NAMES.get(seen.plan.dialect.delimiter, repr(seen.plan.dialect.delimiter))
    count = f"{len(records)} of {len(seen.starts) - seen.header} records"
    has_its = "has its" if len(records) == 1 else "have their"
    found.faults.append(
        Fault(
            FaultKind.DELIMITER,
            f"{count} {has_its} fields parted by {marks}, the others by {usual}",
            lines=tuple(seen.starts[r] for r in records),
            rows=tuple(r - seen.header for r in records),
            evidence={"delimiters": used},
        )
    )


def _other_delimiter(line: str, plan: Plan, width: int) -> str:
    """The delimiter by which a line is a record of this table, or ""."""
    telling = plan.profile.telling
    for mark in (*DELIMITERS, *RARE):
        if mark == plan.dialect.delimiter or mark not in line:
            continue
        fields = _alone(line, Dialect(mark, plan.dialect.quote, plan.dialect.escape))
        if len(fields) == plan.width and (width == 1 or telling):
            tested = [test(fields[i].strip()) for i, test in telling if fields[i]]
            if 2 * sum(tested) >= len(tested) and (
                tested or (mark in DELIMITERS and plan.width > 2)
            ):
                return mark
        if mark == " " and len(fields) > plan.width and _begins_like_one(fields, plan):
            return mark
    return ""


def _begins_like_one(fields: list[str], plan: Plan) -> bool:
    """True where the first fields, three or more, are as the table's first columns are."""
    tests = dict(plan.profile.telling)
    first = 0
    while first in tests and fields[first] and tests[first](fields[first]):
        first += 1
    return first >= 3 and first not in tests


def _find_notes(seen: Seen, widths: dict[int, int], found: Layout) -> None:
    """Titles above the header, comments among the records, notes below them."""
    records = [
        r
        for r, width in widths.items()
        if width == 1
        and r not in found.explained
        and _is_comment(seen.notes.odd.get(r, ""), seen.plan)
    ]
    last = len(seen.starts) - 1
    below: list[int] = []
    for record in range(last, max(seen.header, last - TAIL), -1):
        cells = seen.fields(record) if record in widths else []
        if not cells and record not in widths and last - record < len(seen.tail):
            cells = seen.tail[record - last - 1]
        if record in found.explained or not is_note(cells, seen.plan, record in seen.notes.apart):
            break
        below.append(record)
    found.explained.update(r for r in (*records, *below) if r in widths)
    if seen.plan.preamble:
        count = _count(len(seen.plan.preamble), "line")
        message = f"{count} above the header: a title or notes, not column names"
        facts = MappingProxyType({"preamble": list(seen.plan.preamble)})
        found.faults.append(Fault(FaultKind.NOTES, message, seen.plan.preamble, evidence=facts))
    if records or below:
        found.faults.append(_notes_fault(seen, records, sorted(below)))


def _notes_fault(seen: Seen, among: list[int], below: list[int]) -> Fault:
    """Comments among the records and notes below them."""
    among = [r for r in among if r not in below]
    records = sorted({*among, *below})
    said = []
    if among:
        said.append(f"{_count(len(among), 'comment')} among the records")
    if below:
        said.append(f"{_count(len(below), 'line')} below the last record")
    are = "is no record" if len(records) == 1 else "are no records"
    return Fault(
        FaultKind.NOTES,
        f"{' and '.join(said)} {are} of the table",
        lines=tuple(seen.starts[r] for r in records),
        rows=tuple(r - seen.header for r in records),
    )


def _is_comment(line: str, plan: Plan) -> bool:
    text = line.strip()
    return plan.width > 1 and len(text) > 1 and text.startswith(("#", "//"))


def is_note(cells: Sequence[str], plan: Plan, apart: bool) -> bool:
    """True for a last record that is a note: words in its first cell, and nothing else."""
    if plan.width < 2 or not cells or not cells[0].strip() or any(c.strip() for c in cells[1:]):
        return False
    text = cells[0].strip()
    if NUMBER.fullmatch(text) or (plan.width < 3 and len(cells) > 1):
        return False
    tests = dict(plan.profile.telling)
    if 0 in tests:
        return not tests[0](text) and (" " in text or bool(_NOTE.match(text)))
    firsts = [r[0] for r in plan.records[1:] if r]
    prose = sum(len(f.split()) for f in firsts) > 2 * len(firsts)
    return (apart and " " in text) or (not prose and bool(_NOTE.match(text)))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

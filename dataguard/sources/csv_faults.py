"""Words what the CSV reader noticed as faults."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from types import MappingProxyType
from typing import Any

from dataguard.sources.csv_bytes import Raw
from dataguard.sources.csv_lines import LineBuffer
from dataguard.sources.csv_records import Notes
from dataguard.sources.dialect import Plan
from dataguard.sources.encoding import Encoding
from dataguard.sources.table import Fault, FaultKind

# A guess that a quote swallows records rests on how the swallowed lines look.
_INFERRED = 0.9
# Entries of a list in the evidence.
_SHOWN = 1000


def byte_faults(
    raw: Raw, found: Encoding, bad_lines: list[int], starts: array[int], header: bool
) -> Iterator[Fault]:
    """Faults of compression, encoding and byte-order mark.

    Args:
        bad_lines: 1-based physical lines with invalid bytes, ascending.
        starts: The physical line of each record, the header included.
        header: True where the first record is the header.
    """
    if found.newline == "\r" and any(b"\n" in block for block in raw.blocks()):
        message = "some lines end in LF, most in CR alone"
        yield Fault(FaultKind.LINE_ENDINGS, message)
    if raw.damage is not None:
        message = f"{raw.damage}: only its first {raw.size} bytes could be unpacked"
        yield Fault(FaultKind.UNREADABLE, message)
    if found.name == "utf-8" and found.bom:
        yield Fault(FaultKind.BOM, "the file begins with a UTF-8 byte-order mark", lines=(1,))
    if bad_lines:
        places = [(line, bisect_right(starts, line) - 1) for line in bad_lines]
        evidence = {"encoding": found.name, "bad_lines": len(bad_lines)}
        message = f"{_count(len(bad_lines), 'line')} with bytes that are not valid {found.name}"
        yield _placed(FaultKind.ENCODING, message, places, header, evidence, starts)
    elif found.broken:
        message = f"the file ends inside a {found.name} character"
        yield Fault(FaultKind.ENCODING, message, evidence={"encoding": found.name})


def record_faults(
    plan: Plan, header: bool, notes: Notes, explained: Container[int] = ()
) -> Iterator[Fault]:
    """Faults of quoting and of the number of fields.

    Args:
        explained: Records whose number of fields another fault explains.
    """
    if notes.quotes:
        yield _quote_fault(notes, header)
    ragged = [(record, n) for record, n in notes.ragged if record not in explained]
    if ragged or notes.spare:
        yield _ragged_fault(plan, header, notes, ragged)


def line_faults(
    turns: LineBuffer, starts: array[int], header: bool, blank: Sequence[int]
) -> Iterator[Fault]:
    """Faults of line ends, NULs and blank lines.

    Args:
        turns: The lines as they were read, to their end.
        starts: The physical line of each record, the header included.
        blank: Lines without any character but blanks.
    """
    if turns.mixed:
        last = [start - 1 for start in starts[1:]]
        if starts and turns.ended >= turns.first + len(turns.lines) - 1:
            last.append(turns.ended)
        returned = [turns.returned(line) for line in last]
        odd = [i for i, r in enumerate(returned) if r]
        if odd and len(odd) < len(last):
            yield ends_fault(odd, returned, starts, header)
    if turns.nuls:
        count = _count(len(turns.nuls), "line")
        message = f"{count} with NUL bytes in the text"
        places = [(line, bisect_right(starts, line) - 1) for line in turns.nuls]
        yield _placed(FaultKind.NUL, message, places, header, {}, starts)
    if blank:
        yield _blank_fault(blank, starts)


def ends_fault(
    odd: Sequence[int], returned: Sequence[bool] | int, starts: Sequence[int], header: bool
) -> Fault:
    """Records that end otherwise than most.

    Args:
        odd: The records that end in CR LF, counted from 0, the header included.
        returned: For each record whose line was ended whether that was CR LF, or their number.
    """
    total = returned if isinstance(returned, int) else len(returned)
    some, others = "CR LF", "LF"
    if 2 * len(odd) > total:
        taken = set(odd)
        odd, some, others = [i for i in range(total) if i not in taken], "LF", "CR LF"
    end = "ends" if len(odd) == 1 else "end"
    message = f"{len(odd)} of {_count(total, 'line')} {end} in {some}, the others in {others}"
    places = [(starts[i], i) for i in odd]
    facts = {some: len(odd), others: total - len(odd)}
    return _placed(FaultKind.LINE_ENDINGS, message, places, header, facts)


def _blank_fault(blank: Sequence[int], starts: array[int]) -> Fault:
    """Lines that readers leave out, or take for a record without values."""
    last = starts[-1] if starts else 0
    inside = sum(line < last for line in blank)
    where = "among the records" if inside else "below the last record"
    is_are = "line is" if len(blank) == 1 else "lines are"
    message = f"{len(blank)} {is_are} blank, {where}"
    return Fault(FaultKind.BLANK_LINES, message, tuple(blank), evidence={"inside": inside})


def _quote_fault(notes: Notes, header: bool) -> Fault:
    places = [(q.line, q.record) for q in notes.quotes]
    unclosed = sum(not q.closed for q in notes.quotes)
    swallowed = [q.swallowed for q in notes.quotes]
    count = _count(len(notes.quotes), "quoted field")
    do = "does" if len(notes.quotes) == 1 else "do"
    message = f"{count} {do} not close where the field ends"
    if any(swallowed):
        most = max(swallowed)
        line = notes.quotes[swallowed.index(most)].line
        message += f"; the one opened in line {line} swallows {_count(most, 'line')}"
    evidence = {"swallowed": swallowed[:_SHOWN], "never_closed": unclosed}
    confidence = 1.0 if unclosed else _INFERRED
    return _placed(FaultKind.UNCLOSED_QUOTE, message, places, header, evidence, None, confidence)


def _ragged_fault(
    plan: Plan, header: bool, notes: Notes, found_ragged: Sequence[tuple[int, int]]
) -> Fault:
    ragged = [(r, n) for r, n in found_ragged if r >= header]
    odd_header = next((n for r, n in found_ragged if r < header), None)
    found = {str(n): count for n, count in sorted(Counter(n for _, n in ragged).items())}
    evidence: dict[str, Any] = {"expected": plan.width, "found": found}
    records = len(notes.starts) - header
    said: list[str] = []
    if ragged:
        are = "is" if len(ragged) == 1 else "are"
        said.append(
            f"{len(ragged)} of {_count(records, 'record')} {are} not {plan.width} fields long"
        )
    if odd_header is not None:
        evidence["header"] = odd_header
        said.append(f"the header has {_count(odd_header, 'field')}, the records {plan.width}")
    if notes.spare:
        evidence["trailing_delimiters"] = notes.spare
        count = _count(notes.spare, "record")
        said.append(f"{count} with a delimiter at the end that the header lacks")
    places = [(notes.starts[r], r) for r, _ in ragged]
    if not ragged:
        return Fault(
            FaultKind.RAGGED,
            "; ".join(said),
            lines=(plan.first,),
            evidence=MappingProxyType(evidence),
        )
    return _placed(FaultKind.RAGGED, "; ".join(said), places, header, evidence)


def _placed(
    kind: FaultKind,
    message: str,
    places: Iterable[tuple[int, int]],
    header: bool,
    evidence: dict[str, Any],
    starts: array[int] | None = None,
    confidence: float = 1.0,
) -> Fault:
    """A fault with one line and row a faulty record; the header's line only where it is alone."""
    lines: dict[int, int] = {}
    outside: list[int] = []
    for line, record in places:
        row = record - header
        if row < 0:
            outside.append(line)
        else:
            lines.setdefault(row, line if starts is None else starts[record])
    if outside and lines:
        evidence["header_line"] = outside[0]
    return Fault(
        kind,
        message,
        tuple(lines.values()) or tuple(dict.fromkeys(outside)),
        tuple(lines),
        evidence=MappingProxyType(evidence),
        confidence=confidence,
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

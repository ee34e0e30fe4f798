"""Reads CSV and TSV files of any dialect, encoding and state of repair."""

from __future__ import annotations

from array import array
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from dataguard.sources.csv_bytes import Raw, open_raw
from dataguard.sources.csv_faults import byte_faults, ends_fault, line_faults, record_faults
from dataguard.sources.csv_header import Header, judge_header
from dataguard.sources.csv_layout import TAIL, Seen, blank_lines, layout_of
from dataguard.sources.csv_lines import LineBuffer
from dataguard.sources.csv_records import Notes, RecordReader
from dataguard.sources.csv_scan import last_records, scan
from dataguard.sources.csv_shape import whole_file_faults
from dataguard.sources.csv_totals import Sums, totals_fault
from dataguard.sources.dialect import NO_DELIMITER, Plan, survey
from dataguard.sources.encoding import Encoding, decode, detect, utf8_head
from dataguard.sources.opening import ARROW_FILE, PARQUET, not_a_table, unreadable
from dataguard.sources.table import FaultKind, Lines, Table

if TYPE_CHECKING:
    import polars as pl

_HEAD = 1 << 20
_SAMPLE = 1 << 18
# Below this size the careful road is faster than loading what the fast road needs.
_LARGE = 4 << 20
_LONG_HEAD = 32 << 20
# Cells a batch: bounds the memory that Python strings take before they become columns.
_BATCH_CELLS = 1 << 18


def read_csv(path: Path | None, data: bytes | None = None, *, name: str) -> Table:
    """Read a CSV file as far as it can be read.

    Delimiter, quoting, encoding and compression are found from the bytes. All cells are text, an
    empty cell is null.

    Args:
        path: A file on disk, or None.
        data: The bytes where there is no file (standard input).
        name: The source as the user named it.

    Returns:
        The table with its structural faults; without columns where the one fault is
        `FaultKind.UNREADABLE` and nothing could be read.

    Raises:
        SourceError: There is no such file, or it cannot be opened.
    """
    raw = open_raw(path, data, name)
    head = raw.head(_HEAD)
    problem = _no_text(raw, head)
    if problem is not None:
        return unreadable(name, "csv", problem)
    tabs = path is not None and ".tsv" in (s.lower() for s in path.suffixes)
    if raw.size >= _LARGE and raw.damage is None:
        table = fast_road(raw, head, tabs)
        if table is not None:
            return table
    return careful_road(raw, head, tabs)


def fast_road(raw: Raw, head: bytes, tabs: bool) -> Table | None:
    """A table that Polars reads lazily; None unless the file is proved to be regular UTF-8."""
    found = utf8_head(head)
    if found is None or found.newline != "\n":
        return None
    sample, cut = _sample(raw, found)
    plan = survey(sample, tabs, cut)
    header = judge_header(plan.records, plan.width, plan.first)
    if found.bom and not header.present:
        return None
    regular = scan(raw, plan, found.bom)
    if regular is None:
        return None
    frame = _lazily(raw, plan, header, regular.header_lines)
    starts = regular.starts
    lines = Lines(first=plan.first + header.present) if starts is None else Lines(starts=starts)
    if starts is not None and header.present:
        lines = Lines(starts=starts[1:])
    height = regular.records - header.present
    places = starts if starts is not None else range(1, regular.records + 1)
    faults = [*byte_faults(raw, found, [], array("I"), header.present)]
    if regular.returned:
        faults.append(ends_fault(regular.returned, regular.ended, places, header.present))
    tail = last_records(raw, plan, regular, min(TAIL, height))
    total = totals_fault(plan, header.present, lines, height, tail, _sums(frame))
    faults += [
        *whole_file_faults(plan, raw.name, header.present),
        *layout_of(Seen(plan, header.present, places, Notes(), tail)).faults,
        *header.faults,
        *([total] if total else []),
    ]
    told = describe(raw, found, plan)
    return Table(raw.name, "csv", frame, height, lines, tuple(faults), False, told)


def _lazily(raw: Raw, plan: Plan, header: Header, header_lines: int) -> pl.LazyFrame:
    import io

    import polars as pl

    return pl.scan_csv(
        raw.path if raw.path is not None else io.BytesIO(raw.data or b""),
        has_header=False,
        skip_lines=header_lines if header.present else 0,
        separator=plan.dialect.delimiter,
        quote_char=plan.dialect.quote,
        null_values="",  # a quoted empty cell is as empty as a bare one
        schema=dict.fromkeys(header.names, pl.String),
        infer_schema=False,
        glob=False,
    )


def careful_road(raw: Raw, head: bytes, tabs: bool) -> Table:
    """A table read record by record: survives every fault, holds the cells in memory."""
    found = detect(head, raw.blocks)
    if found is None:
        return unreadable(raw.name, "csv", "binary data, not text")
    sample, cut = _sample(raw, found)
    if not sample.strip("\ufeff \t\r\n\0"):
        return unreadable(raw.name, "csv", "the file is empty")
    plan = survey(sample, tabs, cut)
    header = judge_header(plan.records, plan.width, plan.first)
    return _read_all(raw, found, plan, header)


def _no_text(raw: Raw, head: bytes) -> str | None:
    """Why these bytes are no CSV at all, or None."""
    if not head.strip():
        if raw.damage is not None:
            return f"{raw.damage} before its first byte"
        return "the file is empty" if not head else "the file holds nothing but blanks"
    if head.startswith((PARQUET, ARROW_FILE)):
        return "a Parquet or Arrow file: name it .parquet or .arrow"
    start = head[:256].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page, not a table: download the file itself"
    return not_a_table(head)


def _sample(raw: Raw, found: Encoding) -> tuple[str, bool]:
    """The first whole lines as text, some hundred kilobytes, more where lines are long, and
    whether the file goes on after them."""
    size = _SAMPLE
    while True:
        head = raw.head(size)
        complete = len(head) >= raw.size
        guess = Encoding(found.name, found.bom, True, found.newline)
        text = "".join(decode([head], guess, []))
        if complete:
            return text, False
        if text.count("\n") > 1 or size >= _LONG_HEAD:
            return text[: text.rfind("\n") + 1] or text, True
        size *= 8


def _read_all(raw: Raw, found: Encoding, plan: Plan, header: Header) -> Table:
    bad_lines: list[int] = []
    buffer = LineBuffer(decode(raw.blocks(), found, bad_lines))
    if buffer.has(plan.first - 1):
        buffer.drop(plan.first - 1)
    reader = RecordReader(buffer, plan.dialect, plan.width, plan.profile, plan.trailing)
    frame = _frame(reader, header, plan.width)
    notes = reader.notes
    lines = _lines(notes.starts[1:] if header.present else notes.starts)
    tail = [[cell or "" for cell in row] for row in frame.tail(TAIL).rows()]
    layout = layout_of(Seen(plan, header.present, notes.starts, notes, tail))
    total = totals_fault(plan, header.present, lines, frame.height, tail, _sums(frame.lazy()))
    if total is not None:
        layout.explained.update(row + header.present for row in total.rows)
    if any(f.kind is FaultKind.DELIMITER for f in header.faults):
        layout.explained.add(0)
    blank = blank_lines(plan, notes, layout)
    faults = [
        *byte_faults(raw, found, bad_lines, notes.starts, header.present),
        *line_faults(buffer, notes.starts, header.present, blank),
        *record_faults(plan, header.present, notes, layout.explained),
        *whole_file_faults(plan, raw.name, header.present),
        *layout.faults,
        *header.faults,
        *([total] if total else []),
    ]
    dialect = describe(raw, found, plan)
    return Table(raw.name, "csv", frame.lazy(), frame.height, lines, tuple(faults), False, dialect)


def _frame(reader: RecordReader, header: Header, width: int) -> pl.DataFrame:
    """All records as text columns, short ones padded with null, long ones cut."""
    import polars as pl

    schema = dict.fromkeys(header.names, pl.String)
    frames = [pl.DataFrame(schema=schema)]
    skip = header.present
    for records in reader.batches(max(1, _BATCH_CELLS // width)):
        rows = records[1:] if skip else records
        skip = False
        rows = [r if len(r) == width else (r + [""] * (width - len(r)))[:width] for r in rows]
        columns = ([cell or None for cell in column] for column in zip(*rows, strict=True))
        series = [pl.Series(n, c, pl.String) for n, c in zip(header.names, columns, strict=False)]
        if series:
            frames.append(pl.DataFrame(series))
    return pl.concat(frames)


def _sums(frame: pl.LazyFrame) -> Sums:
    """Sum and number of the numbers in some columns, over the first rows."""

    def sums(rows: int, columns: list[int]) -> dict[int, tuple[float, int]]:
        import polars as pl

        names = frame.collect_schema().names()
        texts = [pl.col(names[i]).str.strip_chars(" %").alias(str(i)) for i in columns]
        grouped = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"
        plain = pl.when(pl.all().str.contains(grouped)).then(pl.all().str.replace_all(",", ""))
        values = plain.otherwise(pl.all().str.replace(",", ".")).cast(pl.Float64, strict=False)
        found = frame.head(rows).select(texts).select(values)
        total = found.select(pl.all().sum()).collect(engine="streaming").row(0)
        count = found.select(pl.all().count()).collect(engine="streaming").row(0)
        return {i: (float(t), int(n)) for i, t, n in zip(columns, total, count, strict=True)}

    return sums


def _lines(starts: array[int]) -> Lines:
    """Where records stand, without a list where each takes one line."""
    if not starts:
        return Lines()
    if starts[-1] - starts[0] == len(starts) - 1:
        return Lines(first=starts[0])
    return Lines(starts=starts)


def describe(raw: Raw, found: Encoding, plan: Plan) -> MappingProxyType[str, str]:
    """How the file was read, for `Table.dialect`."""
    dialect = {
        "encoding": found.name,
        "delimiter": "" if plan.dialect.delimiter == NO_DELIMITER else plan.dialect.delimiter,
        "quote": plan.dialect.quote,
    }
    if plan.dialect.escape:
        dialect["escape"] = plan.dialect.escape
    if raw.compression is not None:
        dialect["compression"] = raw.compression
    return MappingProxyType(dialect)

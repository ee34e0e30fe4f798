"""JSON Lines, and JSON documents that hold a table."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec.structs import replace

from dataguard.sources.columns import TooWideError
from dataguard.sources.json_values import JsonReading, tolerant
from dataguard.sources.opening import Stream, not_a_table, unreadable
from dataguard.sources.table import Fault, FaultKind, Lines, Table

# Bytes of text decoded at once: large enough to be fast, small beside the table itself.
_BLOCK = 8 << 20
# Control characters that are a fault of a text, not the sign of a binary file.
_FEW = 8
_UTF8_BOM = b"\xef\xbb\xbf"
_WIDE_BOMS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def read_jsonl(path: Path | None, data: bytes | None = None, *, name: str) -> Table:
    """Read JSON Lines, or a `.json` document that holds a list of objects or columns.

    Every line that does not parse, or is no object, is a fault; the other lines are the records.
    A column is Int64, Float64, Boolean or String where all its values are; anything else, nested
    values and integers past 64 bits too, is String holding JSON text. A missing key, null and NaN
    are null. Of a key that stands twice in one object the last value counts. gzip and zstd are
    told by their first bytes; lines that are no valid UTF-8 are read as Windows-1252 (a fault).

    Args:
        path: The file, or None where `data` holds its bytes.
        data: The bytes, where they do not stand in a file.
        name: The source as the user named it.

    Raises:
        SourceError: The file cannot be opened or read.
    """
    stream = Stream(path, data, name)
    try:
        reason = _no_json(stream.head)
        if reason:
            return unreadable(name, "jsonl", stream.damage or reason)
        return _read(stream, name)
    except TooWideError as error:
        return unreadable(name, "jsonl", str(error))
    finally:
        stream.close()


def _no_json(head: bytes) -> str | None:
    """Why a file that starts with `head` is no text; None where it is."""
    if not head:
        return "the file is empty"
    known = not_a_table(head)
    if known:
        return f"this is {known}"
    if _wide_encoding(head):
        return None
    start = head.lstrip()[:1]
    control = len(head) - len(head.translate(None, bytes({*range(32)} - set(b"\t\n\r\f\x1b"))))
    # A few control characters are faults of single lines; many, or NULs, make a binary file.
    if control > max(_FEW, len(head) * 0.05):
        return "this is a binary file, not JSON"
    if head.count(0) > _FEW and start not in (b"{", b"["):
        return "this is a binary file, not JSON"
    return None


def _wide_encoding(head: bytes) -> str | None:
    """UTF-16 or UTF-32, by byte-order mark or by the NULs beside a first ASCII character."""
    for mark, encoding in _WIDE_BOMS:
        if head.startswith(mark):
            return encoding
    if len(head) >= 4 and head[0] in b"{[ \t\r\n" and head[1] == 0 and head[3] == 0 and head[2]:
        return "utf-16-le"
    if len(head) >= 4 and head[0] == 0 and head[1] in b"{[ \t\r\n" and head[2] == 0 and head[3]:
        return "utf-16-be"
    return None


def _read(stream: Stream, name: str) -> Table:
    reading = JsonReading()
    source, encoding, document = stream, _wide_encoding(stream.head), False
    if encoding:
        source = Stream(None, _as_utf8(stream.read_all(), encoding, reading), name)
    known = reading.mended[:]
    bom = stream.head.startswith(_UTF8_BOM)
    if bom:
        stream.read(len(_UTF8_BOM))
    if _may_be_document(source.head, name):
        from dataguard.sources.json_document import broken_at, read_document

        data = source.read_all()
        document = read_document(data, reading, values=not _named_lines(name))
        if not document:
            reading = JsonReading(mended=known)
            _read_lines(Stream(None, data, name), reading)
            if not reading.columns.height and not _named_lines(name):
                reading = JsonReading(mended=known)
                reading.reject(*broken_at(data))
    else:
        _read_lines(source, reading)
    dialect = {"encoding": encoding or "utf-8"}
    if stream.compression:
        dialect["compression"] = stream.compression
    table = _table(name, reading, bom, stream.damage, dialect)
    return table if table.faults or table.height else replace(table, faults=(_no_record(document),))


def _no_record(well_formed: bool) -> Fault:
    message = "the file is well-formed JSON, and holds no record"
    if not well_formed:
        return Fault(FaultKind.UNREADABLE, "the file holds no record")
    return Fault(FaultKind.UNREADABLE, message, evidence={"well_formed": True})


def _as_utf8(data: bytes, encoding: str, reading: JsonReading) -> bytes:
    try:
        return data.decode(encoding).encode()
    except UnicodeError:
        text = data.decode(encoding, "replace").encode("utf-8", "replace").decode()
    lines = text.split("\n")
    reading.mended.extend(n for n, line in enumerate(lines, start=1) if "\ufffd" in line)
    return text.encode()


def _read_lines(source: Stream, reading: JsonReading) -> None:
    number = 1
    for block in source.blocks(_BLOCK):
        items = block.split(b"\n")
        if not items[-1]:
            items.pop()  # what follows the last line break is no line
        reading.add(items, range(number, number + len(items)), block)
        number += len(items)


def _may_be_document(head: bytes, name: str) -> bool:
    """Whether the text is one JSON value over several lines, or a `.json` file of one line.

    A `.jsonl` file is read as a document only where its first line opens a list.
    """
    head = head.lstrip()
    first, _, rest = head.partition(b"\n")
    if head.startswith(b"["):
        return not (_parses(first) and rest.strip())
    if _named_lines(name):
        return False
    if not head.startswith(b"{"):
        return ".json" in Path(name).suffixes and not (_parses(first) and rest.strip())
    return not rest.strip() if _parses(first) else b"\n" in head or ".json" in Path(name).suffixes


def _named_lines(name: str) -> bool:
    return any(suffix in Path(name).suffixes for suffix in (".jsonl", ".ndjson"))


def _parses(line: bytes) -> bool:
    try:
        tolerant(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return False
    return True


def _table(
    name: str, reading: JsonReading, bom: bool, damage: str | None, dialect: Mapping[str, str]
) -> Table:
    frame = reading.columns.frame()
    height = reading.columns.height
    faults = [*_value_faults(reading, height)]
    if bom:
        message = "the file begins with a UTF-8 byte-order mark"
        faults.insert(0, Fault(FaultKind.BOM, message, lines=(1,)))
    if damage:
        message = f"{damage} after {height} records: what follows is lost"
        faults.insert(0, Fault(FaultKind.UNREADABLE, message))
    lines = _lines(reading.starts) if len(reading.starts) == height else Lines()
    return Table(name, "jsonl", frame.lazy(), height, lines, tuple(faults), dialect=dict(dialect))


def _value_faults(reading: JsonReading, height: int) -> Iterable[Fault]:
    if reading.mended:
        yield _encoding_fault(reading)
    if reading.repeated:
        yield _repeated_fault(reading)
    if reading.literals:
        yield _literal_fault(reading)
    if reading.malformed:
        count, total = len(reading.malformed), len(reading.malformed) + height
        are = "is no JSON object" if count == 1 else "are no JSON objects"
        yield Fault(
            FaultKind.MALFORMED,
            f"{count} of {_counted(total, 'value')} {are} ({reading.first})",
            lines=reading.malformed,
            evidence={"reasons": dict(reading.reasons.most_common(10)), "first": reading.first},
        )


def _encoding_fault(reading: JsonReading) -> Fault:
    rows: Iterable[int] = ()
    if reading.starts:
        rows = dict.fromkeys(max(0, bisect_right(reading.starts, n) - 1) for n in reading.mended)
    where = array("q", rows)
    are = "is" if len(reading.mended) == 1 else "are"
    lines = array("q", (reading.starts[row] for row in where)) if where else reading.mended
    return Fault(
        FaultKind.ENCODING,
        f"{_counted(len(reading.mended), 'line')} {are} not valid in the file's encoding",
        lines=lines,
        rows=where,
    )


def _repeated_fault(reading: JsonReading) -> Fault:
    names = list(reading.repeated)
    shown = ", ".join(f"'{key}'" for key in names[:5]) + (", …" if len(names) > 5 else "")
    count = len(reading.repeated_rows) or 1
    return Fault(
        FaultKind.DUPLICATE_KEY,
        f"{_counted(count, 'object')} with a key that stands twice ({shown}): the last one counts",
        lines=reading.repeated_lines,
        rows=reading.repeated_rows,
        columns=tuple(names),
        evidence={"counts": dict(reading.repeated)},
    )


def _literal_fault(reading: JsonReading) -> Fault:
    names = " and ".join(sorted(reading.literals))
    count = len(reading.literal_lines)
    return Fault(
        FaultKind.NON_FINITE,
        f"{_counted(count, 'record')} with the literal {names}, which JSON does not have",
        lines=reading.literal_lines,
        rows=reading.literal_rows,
        evidence={"counts": dict(reading.literals)},
    )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def _lines(starts: array[int]) -> Lines:
    """The lines of the records, as one number where no line is left out.

    None where two records and more stand on a line, as `json.dump` writes a list: then the number
    of the record tells where to look, and the line does not.
    """
    if not starts:
        return Lines(first=1)
    if 2 * len(set(starts)) <= len(starts):
        return Lines()
    if starts[-1] - starts[0] == len(starts) - 1 and len(set(starts)) == len(starts):
        return Lines(first=starts[0])
    return Lines(first=starts[0], starts=starts)

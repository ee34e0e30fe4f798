"""Finds a CSV file's delimiter, quoting, width, preamble and header from its first lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from dataguard.sources.csv_lines import LineBuffer
from dataguard.sources.csv_records import Dialect, RecordReader

DELIMITERS = (",", ";", "\t", "|")
DELIMITER_NAMES = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar", " ": "a blank"}
NO_DELIMITER = "\x1f"
SAMPLE_RECORDS = 1000
# Characters that delimiter and quoting are found from.
_SNIFFED = 1 << 18
# Above this share of records of one width, it is the header that has the wrong width.
_HEADER_OUTVOTED = 0.9
_MOST_PREAMBLE = 10
_NAME = re.compile(r"[^\s,;|][^,;|]{0,60}")
_DIGIT = re.compile(r"\d")
NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?%?")


class Profile(msgspec.Struct, frozen=True):
    """What this file's records look like: tells records from prose with as many commas.

    A column that holds numbers, one shape (dates, codes) or few values is telling; without such
    a column, only wide lines are taken as records.

    Attributes:
        width: Fields of a record.
        telling: The telling columns, each with a test of its cells.
        spaced: True where cells often begin with a blank, as they do in prose.
    """

    width: int
    telling: tuple[tuple[int, Callable[[str], bool]], ...]
    spaced: bool

    def matches(self, fields: list[str]) -> bool:
        """True where the fields of a line look like a record."""
        if len(fields) != self.width or self.width < 2:
            return False
        if not self.spaced and any(c.startswith(" ") for c in fields[1:]):
            return False
        if not self.telling:
            return self.width >= 4
        return all(not fields[i] or test(fields[i]) for i, test in self.telling) and any(
            fields[i] for i, _ in self.telling
        )


class Plan(msgspec.Struct, frozen=True):
    """What the first lines say about the whole file.

    Attributes:
        dialect: How records are written.
        width: Fields of a record.
        first: 1-based physical line of the first record or header; lines above are a preamble.
        preamble: Lines above it that are not blank.
        trailing: True where records end in a delimiter that the header lacks.
        records: Up to 1,000 records, the first of which may be the header.
        profile: What records look like.
    """

    dialect: Dialect
    width: int
    first: int
    preamble: tuple[int, ...]
    trailing: bool
    records: list[list[str]]
    profile: Profile


def survey(sample: str, tabs: bool = False, cut: bool = False) -> Plan:
    """Find dialect, width and header from the whole lines that a file begins with.

    Args:
        sample: The first lines, up to some hundred kilobytes.
        tabs: True where the file's name says that tabs separate the fields.
        cut: True where the file goes on after the sample.
    """
    dialect, skip = sniff(sample[:_SNIFFED], tabs)
    lines = sample.split("\n")
    starts, records = _read(lines[skip:], dialect, cut=cut)
    if cut and not records:
        cut = False
        starts, records = _read(lines[skip:], dialect)
    width = expected_width([len(r) for r in records])
    preamble = [*range(1, skip + 1)]
    extra = _preamble(records, width)
    preamble += [skip + starts[i] for i in range(extra)]
    first = skip + starts[extra] if extra < len(starts) else skip + 1
    trailing = _ends_in_delimiter(records[extra:], width)
    if trailing:
        # Unless a stray quote in the header joins two of its fields.
        trailing = _ends_in_delimiter(_read(lines[first - 1 :], dialect, width)[1], width)
    width -= trailing
    fitting = [r[:width] for r in records[extra + 1 :] if len(r) == width + trailing]
    likeness = profile(fitting, width)
    _, records = _read(lines[first - 1 :], dialect, width, likeness, cut)
    if trailing:
        records = [r[:width] if len(r) == width + 1 and not r[-1] else r for r in records]
    return Plan(dialect, width, first, tuple(preamble), trailing, records, likeness)


def sniff(sample: str, tabs: bool = False) -> tuple[Dialect, int]:
    """The dialect of a file, and the number of lines to skip (Excel's `sep=;`)."""
    lines = sample.split("\n")
    told = re.fullmatch(r"sep=(.)\r?", lines[0]) if lines else None
    if told and told[1] in DELIMITERS:
        return _with_quoting(lines[1:], Dialect(told[1])), 1
    scores = {d: _score(lines, d, tabs and d == "\t") for d in DELIMITERS}
    best = max(DELIMITERS, key=lambda d: scores[d])
    return _with_quoting(lines, Dialect(best if scores[best] > 0 else NO_DELIMITER)), 0


def expected_width(widths: Sequence[int]) -> int:
    """Fields of a record: the header's number, unless nearly all records agree on another."""
    if len(widths) < 3:
        return widths[0] if widths else 1
    width, count = Counter(widths[1:]).most_common(1)[0]
    # A lone field above wider records is a title or a comment, not a header.
    most = 0.5 if widths[0] == 1 else _HEADER_OUTVOTED
    return width if count >= most * (len(widths) - 1) else widths[0]


def profile(records: Sequence[list[str]], width: int) -> Profile:
    """Learn what records look like from some of them, each `width` long."""
    tests = [_column_test([r[i] for r in records]) for i in range(width)]
    telling = tuple((i, test) for i, test in enumerate(tests) if test is not None)
    spaced = sum(any(c.startswith(" ") for c in r[1:]) for r in records) > len(records) // 10
    return Profile(width, telling, spaced)


def shape(text: str) -> str:
    """Digits as 9, letters as a, runs of letters as one: "2024-01-05" is "9999-99-99"."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d", "9", text))


def _column_test(cells: Sequence[str]) -> Callable[[str], bool] | None:
    filled = [c for c in cells if c]
    if len(filled) < 2:
        return None
    most = 0.95 * len(filled)
    if sum(NUMBER.fullmatch(c.strip()) is not None for c in filled) >= most:
        return lambda cell: NUMBER.fullmatch(cell.strip()) is not None
    if sum(_DIGIT.search(c) is not None for c in filled) >= most:
        form, count = Counter(map(shape, filled)).most_common(1)[0]
        if count >= most and len(form) <= 40:
            return lambda cell: shape(cell) == form
    values = frozenset(filled)
    if len(filled) >= 20 and len(values) <= min(50, len(filled) // 5):
        return lambda cell: cell in values
    return None


def _read(
    lines: list[str],
    dialect: Dialect,
    width: int | None = None,
    likeness: Profile | None = None,
    cut: bool = False,
) -> tuple[list[int], list[list[str]]]:
    """The first line and the fields of up to 1,000 records; blank lines are left out."""
    reader = RecordReader(LineBuffer(["\n".join(lines)]), dialect, width, likeness, cut=cut)
    records = next(reader.batches(SAMPLE_RECORDS), [])
    return list(reader.notes.starts[: len(records)]), records


def _score(lines: list[str], delimiter: str, told: bool) -> float:
    """How well a delimiter explains the lines: the share of records of the commonest width,
    less for two or three columns, much less where the first line disagrees; 0 where it does not.
    """
    _, records = _read(lines, Dialect(delimiter))
    while records and len(records[0]) == 1 and records[0][0].startswith("#"):
        del records[0]
    if not records:
        return 0.0
    head = records[0]
    widths = [len(r) for r in records]
    body = widths[1:] or widths
    width, count = max(Counter(body).items(), key=lambda item: (item[1], item[0]))
    share = count / len(body)
    named = len(head) > 1 and all(_NAME.fullmatch(c.strip()) for c in head if c.strip())
    if told and len(head) > 1:
        return 2.0
    if width == 1:
        # Names without blanks in front, though most records are short: still a header.
        plain = named and not any(c.startswith(" ") for c in head)
        return 0.01 * len(head) if plain and len(head) > 1 else 0.0
    prose = sum(len(r) > 1 and r[1].startswith(" ") for r in records)
    if len(head) == 1 and (share < _HEADER_OUTVOTED or 2 * prose > len(body)):
        return 0.0
    if len(head) != width:
        share *= 0.5
        top = _preamble(records, width)
        if top and count >= _HEADER_OUTVOTED * (len(records) - top - 1):
            if not any(cell.startswith(" ") for cell in records[top]):
                return share * (1 - 1 / width)
    if share < 0.5 and not named:
        return 0.0
    return share * (1 - 1 / width)


def _with_quoting(lines: list[str], dialect: Dialect) -> Dialect:
    """Complete a dialect by its quote, its escape and blanks before quotes."""
    text = "\n".join(lines)
    delimiter = re.escape(dialect.delimiter)
    if '"' not in text:
        return _single_quoted(lines, dialect)
    spaced = bool(re.search(rf'{delimiter} +"', text)) and not re.search(rf'{delimiter}"', text)
    spaced = spaced and dialect.delimiter != NO_DELIMITER
    dialect = Dialect(dialect.delimiter, '"', "", spaced)
    plain = _quote_faults(lines, dialect)
    for escape in ("\\", "\0"):
        if plain and escape + '"' in text:
            other = Dialect(dialect.delimiter, '"', escape, spaced)
            if _quote_faults(lines, other) < plain:
                return other
    return dialect


def _single_quoted(lines: list[str], dialect: Dialect) -> Dialect:
    """Take ' as the quote where each record has a field between two, and all are equally wide."""
    delimiter = re.escape(dialect.delimiter)
    quoted = re.compile(rf"(?:^|{delimiter})'[^']*'(?:{delimiter}|\r?$)")
    body = [line for line in lines[1:] if line]
    if len(body) < 2 or not all(map(quoted.search, body[:SAMPLE_RECORDS])):
        return dialect
    single = Dialect(dialect.delimiter, "'")
    _, records = _read(lines, single)
    alike = len({len(r) for r in records}) == 1
    return single if alike and not _quote_faults(lines, single) else dialect


def _quote_faults(lines: list[str], dialect: Dialect) -> int:
    reader = RecordReader(LineBuffer(["\n".join(lines)]), dialect)
    next(reader.batches(SAMPLE_RECORDS), None)
    return len(reader.notes.quotes)


def _preamble(records: list[list[str]], width: int) -> int:
    """Records above the header: a title or comments, in one field, above a row of names."""
    for i, record in enumerate(records[:_MOST_PREAMBLE]):
        if len(record) == width and not _is_title(record):
            named = names(record[1:]) and (not record[0].strip() or names(record))
            return i if i == 0 or named else 0
        wide = max(1, width // 2) < len(record) != width
        if wide and not record[0].startswith("#"):
            return 0
    return 0


def _is_title(record: list[str]) -> bool:
    """True for words in the first cell alone, as a spreadsheet writes a title."""
    first = record[0].strip()
    return len(record) > 2 and (" " in first or first.startswith("#")) and not any(record[1:])


def _ends_in_delimiter(records: list[list[str]], width: int) -> bool:
    """True where each record has one more field than the header, and that field is empty."""
    if len(records) < 2 or len(records[0]) != width - 1:
        return False
    return all(len(r) == width and not r[-1] for r in records[1:])


def names(fields: Sequence[str]) -> bool:
    """True for what reads as column names: filled, different, not numbers."""
    texts = [f.strip() for f in fields]
    distinct = len(set(texts)) == len(texts)
    return distinct and all(t and not NUMBER.fullmatch(t) for t in texts)

"""The laws of `dataguard fix`, on random tables: what changes, what stays, and the way back."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataguard.fixing.edits import Entry
from dataguard.fixing.engine import Fixed, fix
from dataguard.fixing.kinds import Kind, Wish
from dataguard.project import project_of
from dataguard.roles import GivenRoles
from dataguard.sources.discover import DatasetSource

CITIES = (
    "Lima",
    "Quito",
    "La Paz",
    "Zürich",
    "Gdańsk",
    "Lima ",
    " Quito",
    "LIMA",
    "ZÃ¼rich",
    "N/A",
)
DATES = ("2021-03-04", "2021-11-25", "2022-01-31", "25.12.2021", "4 Mar 2021", "03/04/2021", "?")
AMOUNTS = ("12.50", "9.00", "-999", "18.25", "", "7.75", "n/a", "3.00")
NOTES = (
    "the parcel came late and the box was open",
    "the parcel came late, and  nobody rang",
    'they said "tomorrow" three times',
    "two\nlines of text about the invoice",
    "the cafÃ© next door took it\u200b",
)


@dataclass(frozen=True)
class Written:
    """A file as it was generated: raw fields with their quotes, header first."""

    delimiter: str
    rows: list[list[str]]
    ends: list[str]
    encoding: str

    @property
    def data(self) -> bytes:
        lines = [self.delimiter.join(r) + e for r, e in zip(self.rows, self.ends, strict=True)]
        return "".join(lines).encode(self.encoding)


@st.composite
def files(draw: st.DrawFn) -> Written:
    delimiter = draw(st.sampled_from([",", ";", "\t"]))
    quoting = draw(st.sampled_from(["never", "always", "some"]))
    index = draw(st.booleans())
    header = [
        *([""] if index else []),
        "city",
        draw(st.sampled_from(["opened", " opened"])),
        "amount",
    ]
    header += ["note"]
    count = draw(st.integers(8, 30))
    cell = st.tuples(*map(st.sampled_from, (CITIES, DATES, AMOUNTS, NOTES)))
    picked = draw(st.lists(cell, min_size=count, max_size=count))
    rows = [[*([str(i)] if index else []), *row] for i, row in enumerate(picked)]
    raw = [header, *rows]
    for row in raw:
        for place, value in enumerate(row):
            must = any(c in value for c in (delimiter, '"', "\n"))
            wish = quoting == "always" or (quoting == "some" and draw(st.booleans()))
            if must or wish:
                row[place] = '"' + value.replace('"', '""') + '"'
    end = draw(st.sampled_from(["\n", "\r\n"]))
    ends = [end] * len(raw)
    if draw(st.booleans()):
        for place in draw(st.lists(st.integers(1, len(raw) - 1), max_size=3)):
            ends[place] = "\r\n" if end == "\n" else "\n"
    if draw(st.booleans()):
        ends[-1] = ""
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16"]))
    return Written(delimiter, raw, ends, encoding)


def fixed(path: Path, *unsafe: Kind) -> Fixed:
    source = DatasetSource(path.name, {"train": str(path)})
    return fix(source, GivenRoles(), project_of(None).settings(), Wish(frozenset(unsafe)))


def records(text: str, delimiter: str) -> list[tuple[list[str], str]]:
    """The raw fields and the line end of each record of well-quoted text."""
    found: list[tuple[list[str], str]] = []
    fields, start, quoted, at = [], 0, False, 0
    while at < len(text):
        char = text[at]
        if char == '"':
            quoted = not quoted
        elif not quoted and char == delimiter:
            fields.append(text[start:at])
            start = at + 1
        elif not quoted and char == "\n":
            end = "\r\n" if text[at - 1] == "\r" else "\n"
            found.append(([*fields, text[start : at + 1 - len(end)]], end))
            fields, start = [], at + 1
        at += 1
    if start < len(text) or fields:
        found.append(([*fields, text[start:]], ""))
    return found


def undone(data: bytes, log: list[Entry], delimiter: str) -> bytes:
    """The input of a fix from its output and its log alone."""
    whole = {e.kind: e for e in log if e.action == "file" and e.line is None}
    text = data.decode("utf-8")
    (header, end), *kept = records(text, delimiter)
    dropped = {e.row: e.raw or "" for e in log if e.action == "row"}
    rest = iter(kept)
    total = len(kept) + len(dropped)
    rows = {row: next(rest) for row in range(total) if row not in dropped}
    for entry in log:
        if entry.action == "column":
            fields = header if entry.row is None else rows[entry.row][0]
            fields.insert(int(entry.note.removeprefix("column ")) - 1, entry.raw or "")
    names = [f.strip('"') or f"column_{i}" for i, f in enumerate(header, 1)]
    for entry in log:
        if entry.action == "name":
            header[names.index(entry.new or "")] = entry.raw or ""
            names[names.index(entry.new or "")] = entry.old or ""
    for entry in log:
        if entry.action == "cell":
            assert entry.row is not None
            rows[entry.row][0][names.index(entry.column or "")] = entry.raw or ""
    whole_rows = {row: delimiter.join(fields) + end for row, (fields, end) in rows.items()}
    lines = [delimiter.join(header) + end, *((whole_rows | dropped)[r] for r in range(total))]
    physical = "".join(lines).split("\n")
    for entry in log:
        if entry.action == "file" and entry.line is not None:
            line = physical[entry.line - 1].removesuffix("\r")
            physical[entry.line - 1] = line + ("\r" if entry.raw == "\r\n" else "")
    original = "\n".join(physical)
    encoding = whole.get(Kind.ENCODING)
    mark = bytes.fromhex((encoding or whole[Kind.MARK]).raw or "") if whole else b""
    return mark + original.encode((encoding.old or "") if encoding else "utf-8")


LAWS = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@given(files())
@LAWS
def test_a_fix_changes_what_it_logs_and_nothing_else_and_a_second_one_changes_nothing(
    written: Written,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, again = Path(folder, "a.csv"), Path(folder, "b.csv")
        path.write_bytes(written.data)
        (file,) = fixed(path).files
        log = file.log()
        again.write_bytes(file.data)
        (second,) = fixed(again).files
        assert written.data == path.read_bytes()
    assert second.data == file.data
    assert second.log() == []
    assert undone(file.data, log, written.delimiter) == written.data
    _see_the_rest_is_as_it_was(written, file.data, log)


def _see_the_rest_is_as_it_was(written: Written, data: bytes, log: list[Entry]) -> None:
    changed = {(e.row, e.column) for e in log if e.action in ("cell", "name")}
    dropped = {e.row for e in log if e.action == "row"}
    gone = {int(e.note.removeprefix("column ")) - 1 for e in log if e.action == "column"}
    names = [f.strip('"') or f"column_{i}" for i, f in enumerate(written.rows[0], 1)]
    before = [row for i, row in enumerate(written.rows) if i - 1 not in dropped]
    numbers: list[int | None] = [
        None,
        *(i for i in range(len(written.rows) - 1) if i not in dropped),
    ]
    after = [fields for fields, _ in records(data.decode("utf-8"), written.delimiter)]
    assert len(before) == len(after)
    for row, old, new in zip(numbers, before, after, strict=True):
        left = [(n, f) for i, (n, f) in enumerate(zip(names, old, strict=True)) if i not in gone]
        assert len(left) == len(new)
        for (name, was), field in zip(left, new, strict=True):
            assert was == field or (row, name) in changed


@given(files())
@settings(parent=LAWS, max_examples=6)
def test_lint_of_the_result_finds_nothing_that_is_fixed_and_nothing_new(written: Written) -> None:
    from dataguard.python import lint

    with tempfile.TemporaryDirectory() as folder:
        path, after = Path(folder, "a.csv"), Path(folder, "b.csv")
        path.write_bytes(written.data)
        (file,) = fixed(path).files
        after.write_bytes(file.data)
        before = {f.code for f in lint(str(path), fast=True).findings}
        now = lint(str(after), fast=True).findings
    gone = {"DUP001", "FMT003", "FMT004", "FMT005", "FIL003", "FIL009"}
    assert [f.message for f in now if f.code in gone and f.severity > 1] == []
    # Of what only informs, missing cells and copies by chance may show that were hidden before.
    assert {f.code for f in now if f.severity > 1} - before == set()

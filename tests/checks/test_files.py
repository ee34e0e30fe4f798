"""The checks of files on real files: exact lines, rows, and what must stay silent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dataguard.finding import Finding, Severity
from dataguard.linter import Settings, lint_tables
from dataguard.registry import load_checks, select_checks
from dataguard.roles import GivenRoles
from dataguard.sources import open_table

Lint = Callable[..., list[Finding]]


@pytest.fixture
def lint(tmp_path: Path) -> Lint:
    """The FIL findings of a file with these bytes."""
    checks = tuple(c() for c in select_checks(load_checks(), ["FIL"], []))

    def run(content: bytes, name: str = "train.csv") -> list[Finding]:
        path = tmp_path / name
        path.write_bytes(content)
        tables = {"train": open_table(str(path))}
        return list(lint_tables("data", tables, GivenRoles(), Settings(checks)).findings)

    return run


def test_each_ragged_line_is_named_with_its_row(lint: Lint) -> None:
    lines = [f"{i},city{i},{i * 2}" for i in range(50)]
    lines[7] += ",9"
    lines[30] = "30,city30"
    [found] = lint(("id,city,n\n" + "\n".join(lines) + "\n").encode())
    assert found.code == "FIL004"
    assert found.severity is Severity.ERROR
    assert list(found.rows) == [7, 30]
    assert list(found.lines) == [9, 32]
    assert found.line == 9


def test_a_spare_delimiter_at_every_line_end_is_only_a_warning(lint: Lint) -> None:
    [found] = lint(b"id,city,n\n" + b"".join(b"%d,city,%d,\n" % (i, i * 2) for i in range(30)))
    assert (found.code, found.severity) == ("FIL004", Severity.WARNING)


def test_an_unclosed_quote_is_named_by_its_line_and_what_it_swallows(lint: Lint) -> None:
    lines = [f'{i},"note {i}",{i * 2}' for i in range(60)]
    lines[15] = '15,"note 15,30'
    found = lint(("id,note,n\n" + "\n".join(lines) + "\n").encode())
    [quote] = [f for f in found if f.code == "FIL005"]
    assert quote.line == 17
    assert quote.severity is Severity.ERROR
    assert list(quote.rows) == [15]
    assert "swallow" in quote.message


def test_a_file_of_mixed_encodings_names_the_odd_lines(lint: Lint) -> None:
    good = "".join(f"{i},Málaga\n" for i in range(40)).encode()
    [found] = lint(b"id,city\n" + good + b"40,M\xfcnchen\n" + good)
    assert found.code == "FIL002"
    assert list(found.rows) == [40]
    assert list(found.lines) == [42]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.csv"),
        (b"\n\n", "blank.csv"),
        (b"\x00\x01\x02\xff" * 50, "binary.csv"),
        (b"PAR1", "short.parquet"),
        (b"\x1f\x8b\x08\x00", "cut.csv.gz"),
        (b"a,b,c\n", "header.csv"),
    ],
)
def test_a_file_without_a_table_is_an_error(lint: Lint, content: bytes, name: str) -> None:
    found = lint(content, name)
    assert [(f.code, f.severity) for f in found] == [("FIL001", Severity.ERROR)]


def test_each_malformed_json_line_is_named(lint: Lint) -> None:
    lines = [f'{{"text": "number {i}", "n": {i}}}' for i in range(20)]
    lines[4] = lines[4][:-1]
    lines[11] = "[1, 2]"
    [found] = lint(("\n".join(lines) + "\n").encode(), "train.jsonl")
    assert (found.code, found.severity) == ("FIL008", Severity.ERROR)
    assert list(found.lines) == [5, 12]


def test_a_missing_header_is_a_guess(lint: Lint) -> None:
    rows = "".join(f"{i * 0.5},{i % 7}.25,{'spam' if i % 2 else 'ham'}\n" for i in range(1, 60))
    [found] = lint(rows.encode())
    assert (found.code, found.severity) == ("FIL007", Severity.WARNING)
    assert found.confidence < 1


@pytest.mark.parametrize(
    "content",
    [
        b'id,note\n1,"two\nlines"\n2,"a ""quoted"" word"\n3,plain\n',
        "id,city\n1,Köln\n2,Zürich\n".encode("utf-16"),
        b"2019,2020,2021\n1.5,2.5,3.5\n4.5,5.5,6.5\n",
    ],
    ids=["quotes", "UTF-16", "years as names"],
)
def test_regular_files_are_silent(lint: Lint, content: bytes) -> None:
    assert [f.message for f in lint(content)] == []

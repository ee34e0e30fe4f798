"""Faults of files beyond the first eight: found at their lines, and nothing said of sound files."""

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
ROWS = [f"{i},ann{i},{i * 1.5}" for i in range(20)]
HEAD = "id,name,price"


@pytest.fixture
def lint(tmp_path: Path) -> Lint:
    """The FIL findings of files with these bytes, by split."""
    checks = tuple(c() for c in select_checks(load_checks(), ["FIL"], []))

    def run(content: str | bytes, name: str = "train.csv", **more: str) -> list[Finding]:
        tables = {}
        for split, data in {"train": content, **more}.items():
            path = tmp_path / (name if split == "train" else f"{split}.csv")
            path.write_bytes(data.encode() if isinstance(data, str) else data)
            tables[split] = open_table(str(path))
        return list(lint_tables("data", tables, GivenRoles(), Settings(checks)).findings)

    return run


def told(findings: list[Finding]) -> list[tuple[str, list[int]]]:
    return [(f.code, list(f.lines)) for f in findings]


def csv(*lines: str, end: str = "\n") -> str:
    return end.join([HEAD, *lines]) + end


def test_line_ends_of_a_part_that_was_appended_are_named(lint: Lint) -> None:
    text = csv(*ROWS) + "\r\n".join(["20,zoe,3.5", "21,max,4.5"]) + "\r\n"
    [found] = lint(text)
    assert (found.code, list(found.rows)) == ("FIL009", [20, 21])
    assert found.evidence["CR LF"] == 2


def test_line_breaks_inside_cells_are_no_line_ends(lint: Lint) -> None:
    lines = [f'{i},"two\nlines",{i}.5' for i in range(9)]
    assert told(lint(csv(*lines, end="\r\n").removesuffix("\r\n"))) == []


def test_records_parted_by_a_carriage_return_alone_are_named(lint: Lint) -> None:
    assert told(lint(csv(*ROWS[:5], "20,a,1.5\r21,b,2.5", *ROWS[5:]))) == [("FIL009", [7])]


def test_a_file_of_carriage_returns_with_some_line_feeds_is_told(lint: Lint) -> None:
    assert told(lint(csv(*ROWS, end="\r") + "20,zoe,3.5\n")) == [("FIL009", [])]


@pytest.mark.parametrize("rows", [20, 200_000])
def test_line_ends_are_told_alike_of_small_and_large_files(lint: Lint, rows: int) -> None:
    lines = [f"{i},name of {i},{i}.5" for i in range(rows)]
    lines[7] += "\r"
    [found] = lint(csv(*lines))
    assert (found.code, list(found.rows), list(found.lines)) == ("FIL009", [7], [9])


def test_nul_bytes_are_named_once_a_record(lint: Lint) -> None:
    assert told(lint(csv(*ROWS[:3], "3,a\0\0b,1.5", "4,\0,2.5", *ROWS[5:]))) == [("FIL010", [5, 6])]


def test_blank_lines_at_the_end_are_info_and_others_a_warning(lint: Lint) -> None:
    [end] = lint(csv(*ROWS) + "\n\n")
    assert (end.code, end.severity, list(end.lines)) == ("FIL011", Severity.INFO, [22, 23])
    [inside] = lint(csv(*ROWS[:4], " \t", *ROWS[4:]))
    assert (inside.code, inside.severity, list(inside.lines)) == ("FIL011", Severity.WARNING, [6])


def test_blank_lines_that_set_other_things_apart_are_not_told_again(lint: Lint) -> None:
    assert told(lint("A report\n\n" + csv(*ROWS) + "\nSource: the office\n")) == [
        ("FIL015", [1]),
        ("FIL015", [25]),
    ]


def test_a_column_of_nothing_is_no_reason_to_call_records_blank(lint: Lint) -> None:
    assert told(lint("a,b\n" + ",\n" * 9)) == []


def test_headers_of_joined_files_are_found_in_large_files_too(lint: Lint) -> None:
    lines = [f"{i},name of {i},{i}.5" for i in range(200_000)]
    lines[150_000] = HEAD
    [found] = lint(csv(*lines))
    assert (found.code, found.severity) == ("FIL012", Severity.ERROR)
    assert list(found.rows) == [150_000]


def test_a_word_that_names_its_own_column_is_no_header(lint: Lint) -> None:
    assert told(lint("word,count\nword,3\nlist,4\ncount,5\n")) == []
    assert told(lint("word\nlist\nword\nother\n")) == []


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "...1"])
def test_a_saved_index_is_a_warning_in_any_order_of_rows(lint: Lint, name: str) -> None:
    rows = [f"{(i * 7) % 20},{line}" for i, line in enumerate(ROWS)]
    [found] = lint(f"{name},{HEAD}\n" + "\n".join(rows))
    assert (found.code, found.severity) == ("FIL013", Severity.WARNING)


@pytest.mark.parametrize("name", ["rownames", "index", "X"])
def test_row_numbers_with_a_name_are_info(lint: Lint, name: str) -> None:
    rows = [f"{i + 1},{line}" for i, line in enumerate(ROWS)]
    [found] = lint(f"{name},{HEAD}\n" + "\n".join(rows))
    assert (found.code, found.severity, found.columns) == ("FIL013", Severity.INFO, (name,))


def test_other_numbers_under_such_names_are_silent(lint: Lint) -> None:
    assert told(lint("X,y\n" + "".join(f"{i % 4},{i}\n" for i in range(20)))) == []
    assert told(lint("id,y\n" + "".join(f"{i},{i % 3}\n" for i in range(20)))) == []


def test_a_delimiter_behind_each_line_is_a_nameless_empty_column(lint: Lint) -> None:
    [found] = lint("".join(f"{line},\n" for line in [HEAD, *ROWS]))
    assert (found.code, found.severity) == ("FIL013", Severity.INFO)
    assert "no value" in found.message


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_lines_of_another_delimiter_are_named_and_not_called_ragged(lint: Lint, mark: str) -> None:
    other = [line.replace(",", mark) for line in ROWS[4:7]]
    assert told(lint(csv(*ROWS[:4], *other, *ROWS[7:]))) == [("FIL014", [6, 7, 8])]


def test_a_header_parted_otherwise_than_the_records_still_names_them(lint: Lint) -> None:
    found = lint(csv(*(line.replace(",", ";") for line in ROWS)))
    assert ("FIL014", [1]) in told(found)
    assert all(f.code == "FIL014" for f in found)


@pytest.mark.parametrize("mark", [":", "^", "~", " ", "   "])
def test_a_delimiter_that_is_not_looked_for_is_told(lint: Lint, mark: str) -> None:
    [found] = lint(csv(*ROWS).replace(",", mark))
    assert (found.code, found.severity) == ("FIL014", Severity.WARNING)


@pytest.mark.parametrize(
    "text",
    [
        "time\n" + "".join(f"{i:02d}:30:15\n" for i in range(20)),
        "full name\n" + "".join(f"Ann Smith{i}\n" for i in range(20)),
        "text\n" + "".join(f"hello number {i}, how are you\n" for i in range(30)),
    ],
    ids=["times", "names", "prose"],
)
def test_one_column_is_no_wrong_delimiter(lint: Lint, text: str) -> None:
    assert told(lint(text)) == []


def test_semicolons_throughout_are_info_and_only_of_a_file_called_csv(lint: Lint) -> None:
    text = csv(*ROWS).replace(",", ";")
    [found] = lint(text)
    assert (found.code, found.severity) == ("FIL014", Severity.INFO)
    assert told(lint(text, "train.txt")) == []
    assert told(lint(csv(*ROWS).replace(",", "\t"), "train.tsv")) == []


@pytest.mark.parametrize(
    ("below", "lines"),
    [
        (["Source: the office,,"], [22]),
        (["* preliminary", "** corrected"], [22, 23]),
        (["(20 rows)"], [22]),
        (["Total,,285.0"], [22]),
        (["Total,285.0"], [22]),
        (["Average,,14.25"], [22]),
        ([",,285.0", "Source: the office"], [23]),
    ],
)
def test_notes_and_totals_below_are_named(lint: Lint, below: list[str], lines: list[int]) -> None:
    found = lint(csv(*ROWS, *below))
    assert told(found) == [("FIL015", lines)]
    assert found[0].severity is Severity.WARNING


def test_a_row_without_a_word_is_a_total_where_two_numbers_are_sums(lint: Lint) -> None:
    rows = [f"c{i},{i * 3 + 1},{i * 7 + 2}" for i in range(20)]
    assert told(lint("city,sold,kg\n" + "\n".join([*rows, ",590,1370"]))) == [("FIL015", [22])]
    assert told(lint("city,sold,kg\n" + "\n".join([*rows, ",591,1371"]))) == []


@pytest.mark.parametrize(
    "last",
    ["20,I really wanted to like", "20,zoe", "20"],
    ids=["cut text", "cut record", "cut number"],
)
def test_a_record_that_breaks_off_is_ragged_and_no_note(lint: Lint, last: str) -> None:
    assert told(lint(csv(*ROWS) + last)) == [("FIL004", [22])]


def test_a_class_that_is_called_total_is_no_total(lint: Lint) -> None:
    rows = [f"{'total' if i % 3 == 0 else 'part'},{i}" for i in range(20)]
    assert told(lint("kind,n\n" + "\n".join([*rows, "total,190"]))) == []


def test_a_title_that_a_spreadsheet_wrote_is_no_header(lint: Lint) -> None:
    assert told(lint("Sales of 2024,,\n" + csv(*ROWS))) == [("FIL015", [1])]
    assert told(lint("Sales of 2024\n# export, v2\n" + csv(*ROWS))) == [("FIL015", [1, 2])]


def test_comments_among_the_records_are_named(lint: Lint) -> None:
    assert told(lint(csv(*ROWS[:3], "# seen", *ROWS[3:], "# end"))) == [("FIL015", [5, 23])]


@pytest.mark.parametrize(
    "second",
    [
        "city,country\nLima,Peru\nOslo,Norway\n",
        "\ncity,country\nLima,Peru\nOslo,Norway\n",
        "\nTable 2\ncity,country\nLima,Peru\nOslo,Norway\n",
        "\nfirst,last,town\nAnn,Smith,Lima\nBob,Jones,Oslo\n",
        "id,name,price,weight\n1,a,2.5,7\n2,b,3.5,8\n",
    ],
    ids=["narrower", "below a blank line", "below a title", "as wide", "wider"],
)
def test_a_second_table_is_one_fault_from_its_header_on(lint: Lint, second: str) -> None:
    [found] = lint(csv(*ROWS) + second)
    assert (found.code, found.severity) == ("FIL016", Severity.ERROR)
    assert list(found.rows)[-3:] == [found.rows[0] + i for i in range(3)]
    assert found.line == 22 + second[: second.index(",")].count("\n")


def test_ragged_records_are_no_second_table(lint: Lint) -> None:
    assert told(lint(csv(*ROWS, "20,bo", "21,al", "22,cy"))) == [("FIL004", [22, 23, 24])]


@pytest.mark.parametrize(
    ("below", "lines"),
    [
        ([HEAD], [2]),
        ([HEAD, HEAD], [2, 3]),
        (["no,text,EUR"], [2]),
        ([",,EUR"], [2]),
    ],
)
def test_more_lines_of_the_header_are_named(lint: Lint, below: list[str], lines: list[int]) -> None:
    assert told(lint(csv(*below, *ROWS))) == [("FIL017", lines)]


def test_groups_above_the_names_are_a_header_of_two_lines(lint: Lint) -> None:
    text = ",2019,,2020\ncity,q1,q2,q1\n" + "".join(f"c{i},{i},{i + 1},{i * 2}\n" for i in range(9))
    assert told(lint(text)) == [("FIL017", [2])]


@pytest.mark.parametrize("first", ["0,NA,n/a", "0,?,-", "zero,ann,1.5"])
def test_a_first_record_without_numbers_is_no_header(lint: Lint, first: str) -> None:
    assert told(lint(csv(first, *ROWS))) == []


def test_a_key_that_stands_twice_is_named_by_its_line(lint: Lint) -> None:
    [found] = lint('{"a": 1, "b": 2}\n{"a": 1, "b": 2, "a": 3}\n', "train.jsonl")
    assert (found.code, found.columns, list(found.lines)) == ("FIL018", ("a",), [2])


def test_literals_that_json_does_not_have_are_named_by_their_line(lint: Lint) -> None:
    text = '{"a": 1, "t": "NaN"}\n{"a": NaN, "t": ""}\n{"a": -Infinity, "t": "x"}\n'
    [found] = lint(text, "train.jsonl")
    assert (found.code, list(found.lines)) == ("FIL019", [2, 3])


TEST = "\n".join(
    ["id,name,price", "31,eve,2.5", "32,kim,3.5", "33,joe,4.5", "34,lea,1.5", "35,bo,9.5"]
)


@pytest.mark.parametrize(
    ("test", "column", "severity"),
    [
        (TEST.replace("price", "Price"), "price", Severity.WARNING),
        (TEST.replace("price", " price"), "price", Severity.WARNING),
        (TEST.replace("name", "town"), "name", Severity.WARNING),
        (TEST.replace(".5", " EUR"), "price", Severity.WARNING),
    ],
    ids=["case", "blank", "missing", "type"],
)
def test_splits_of_unlike_columns_are_told(
    lint: Lint, test: str, column: str, severity: Severity
) -> None:
    found = lint(csv(*ROWS), test=test)
    assert ("FIL020", severity) in [(f.code, f.severity) for f in found]
    assert any(column in f.columns and f.split == "test" for f in found)


def test_splits_of_like_columns_are_silent(lint: Lint) -> None:
    assert told(lint(csv(*ROWS), test=TEST)) == []
    assert told(lint(csv(*ROWS), test=TEST.replace("33,joe,4.5", "33,joe,n/a"))) == []


def test_a_label_that_only_the_test_set_lacks_is_info(lint: Lint) -> None:
    train = "text,label\n" + "".join(f"some words number {i},{i % 2}\n" for i in range(30))
    [found] = lint(train, test="text\nother words\nmore words\n")
    assert (found.code, found.severity) == ("FIL020", Severity.INFO)

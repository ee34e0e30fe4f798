"""Structural faults of CSV files are found at their exact place, and the rest is still read."""

from __future__ import annotations

import gzip
import os
import random
import string

import pytest
import zstandard

from dataguard.sources.csv import read_csv
from dataguard.sources.table import Fault, FaultKind, Table

LINES = [
    "id,date,name,price,note",
    *(
        f'{i},2024-0{i % 9 + 1}-1{i % 7},"item, number {i}",{i * 1.5},'
        + ("fine" if i % 3 else '"so ""good"""')
        for i in range(1, 41)
    ),
]


def read(data: str | bytes) -> Table:
    return read_csv(None, data.encode() if isinstance(data, str) else data, name="-")


def only(table: Table) -> Fault:
    (fault,) = table.faults
    return fault


def with_line(number: int, line: str) -> str:
    """The good file with physical line `number` replaced."""
    return "\n".join([*LINES[: number - 1], line, *LINES[number:]]) + "\n"


def test_the_good_file_has_no_fault() -> None:
    assert read("\n".join(LINES)).faults == ()


@pytest.mark.parametrize("number", [2, 3, 20, 41])
@pytest.mark.parametrize("change", [lambda s: s + ",", lambda s: "," + s, lambda s: s[2:]])
def test_a_record_with_a_field_too_many_or_too_few_is_ragged(number: int, change) -> None:
    line = change(LINES[number - 1] if number != 41 else LINES[1])
    if line.count(",") == LINES[1].count(","):
        line = line.replace(",", "", 1)
    fault = only(read(with_line(number, line)))
    assert (fault.kind, fault.lines, fault.rows) == (FaultKind.RAGGED, (number,), (number - 2,))
    assert fault.evidence["expected"] == 5


def test_ragged_records_are_padded_and_cut() -> None:
    table = read("a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,2,3\n")
    assert table.frame.collect().rows()[1:3] == [("4", "5", None), ("6", "7", "8")]
    assert only(table).evidence["found"] == {"2": 1, "4": 1}


def test_a_delimiter_at_the_end_of_all_records_is_one_fault_of_the_header() -> None:
    table = read("a,b,c\n" + "1,2,3,\n4,5,6,\n" * 500)
    fault = only(table)
    assert (fault.lines, fault.rows) == ((1,), ())
    assert table.frame.collect().shape == (1000, 3)


def test_a_header_of_another_width_than_all_records_is_the_faulty_one() -> None:
    fault = only(read("a,b\n" + "x,y,z\nu,v,w\n" * 20))
    assert (fault.lines, fault.rows, fault.evidence["header"]) == ((1,), (), 2)


def test_a_title_above_the_header_is_told() -> None:
    table = read("# sales of 2024\nid,name,city\n1,x,Rome\n2,y,Paris\n3,z,Oslo\n")
    assert only(table).lines == (1,)
    assert table.frame.collect().columns == ["id", "name", "city"]
    assert table.lines.of(0) == 3


@pytest.mark.parametrize("number", [1, 2, 3, 20, 40, 41])
@pytest.mark.parametrize("column", range(5))
def test_a_lone_quote_before_a_cell_is_found_and_swallows_nothing(number: int, column: int) -> None:
    good = read("\n".join(LINES)).frame.collect()
    fields = ["id", "date", "name", "price", "note"]
    if number > 1:
        fields = ["7", "2024-01-01", '"item, x"', "3.5", "fine"]
        good = read(with_line(number, ",".join(fields))).frame.collect()
    fields[column] = '"' + fields[column]
    table = read(with_line(number, ",".join(fields)))
    fault = only(table)
    assert (fault.kind, fault.lines) == (FaultKind.UNCLOSED_QUOTE, (number,))
    assert fault.rows == (() if number == 1 else (number - 2,))
    rows, expected = table.frame.collect().rows(), good.rows()
    if number > 1:
        del rows[number - 2], expected[number - 2]
    assert rows == expected


def test_two_lone_quotes_far_apart_are_two_faults_though_they_pair_up() -> None:
    lines = ["id,t,x", *(f"{i},abc,{i}" for i in range(1000))]
    lines[101], lines[901] = '100,",100', '900,",900'
    table = read("\n".join(lines))
    fault = only(table)
    assert (fault.kind, fault.lines, fault.rows) == (
        FaultKind.UNCLOSED_QUOTE,
        (102, 902),
        (100, 900),
    )
    assert fault.evidence["swallowed"] == [800, 99]
    assert table.height == 1000


def test_a_quote_that_never_closes_swallows_the_rest_by_number_of_lines() -> None:
    lines = ["id,text", *(f"{i},words" for i in range(50))]
    lines[11] = '10,"words'
    table = read("\n".join(lines))
    assert only(table).evidence == {"swallowed": [39], "never_closed": 1}
    assert (only(table).confidence, table.height) == (1.0, 50)


def test_a_quote_inside_a_quoted_cell_is_a_fault_but_keeps_the_cell() -> None:
    table = read('a,b\n1,"the "best" one"\n2,"x"\n3,"y"\n')
    assert (only(table).kind, only(table).lines) == (FaultKind.UNCLOSED_QUOTE, (2,))
    assert table.frame.collect().rows()[0] == ("1", 'the "best" one')


def test_a_few_invalid_bytes_in_utf8_are_found_at_their_lines() -> None:
    lines = [f"{i},näme {i}".encode() for i in range(200)]
    lines[7], lines[150] = b"7,n\xe4me", b"150,\xff\xfe"
    fault = only(read(b"\n".join([b"id,name", *lines])))
    assert (fault.kind, fault.lines, fault.rows) == (FaultKind.ENCODING, (9, 152), (7, 150))


def test_an_invalid_byte_in_ascii_that_is_no_letter_in_cp1252_either() -> None:
    fault = only(read(b"id,name\n1,ab\xffcd\n2,x\n3,\x81\n"))
    assert (fault.kind, fault.lines) == (FaultKind.ENCODING, (2, 4))


def test_a_utf8_mark_is_a_fault_and_no_part_of_the_name() -> None:
    table = read(b"\xef\xbb\xbfid,name\n1,x\n2,y\n")
    assert only(table).kind is FaultKind.BOM
    assert table.frame.collect().columns == ["id", "name"]
    assert read("id,name\n1,x\n".encode("utf-16")).faults == ()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b" \n\r\n\t", "nothing but blanks"),
        (b"\xef\xbb\xbf", "empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "PNG"),
        (b"PK\x03\x04" + bytes(50), "Excel"),
        (b"PAR1" + bytes(50), "Parquet"),
        (b"<!DOCTYPE html><html></html>", "HTML"),
        (bytes(1000), "binary"),
        (random.Random(0).randbytes(5000), "binary"),
        (gzip.compress(b"a,b\n")[:9], "cut off"),
    ],
)
def test_what_is_no_table_is_said_to_be_unreadable(data: bytes, message: str) -> None:
    table = read(data)
    assert only(table).kind is FaultKind.UNREADABLE
    assert message in only(table).message
    assert (table.height, table.frame.collect().width) == (0, 0)


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_a_truncated_archive_is_read_as_far_as_it_goes(compress) -> None:
    letters = random.Random(1).choices(string.ascii_letters, k=400_000)
    lines = ["a,b", *(f"{i},{''.join(letters[i * 40 : i * 40 + 40])}" for i in range(10_000))]
    table = read(compress("\n".join(lines).encode())[:-5000])
    kinds = [f.kind for f in table.faults]
    assert kinds[0] is FaultKind.UNREADABLE
    assert 1000 < table.height < 10_000


@pytest.mark.parametrize(
    "lines",
    [
        ["5.1,3.5,setosa", "4.9,3.0,setosa", "4.7,3.2,virginica", "5.0,3.3,virginica"],
        ["1,english", "2,german", "3,french"],
        ["ham,Go until", "spam,Free entry", "ham,Ok lar", "ham,Even my", "spam,Win"],
        ["28/01/2018,MG-8769,x", "29/01/2018,RI-3895,y", "30/01/2018,KP-1111,z"],
        ["Ann,34,4000,Porto", "Bob,61,1100,Oslo", "Cy,28,4000,Rome", "Di,47,8010,Oslo"],
    ],
)
def test_a_first_record_of_data_is_a_missing_header(lines: list[str]) -> None:
    table = read("\n".join(lines))
    fault = only(table)
    assert (fault.kind, fault.lines) == (FaultKind.MISSING_HEADER, (1,))
    assert fault.confidence < 1
    assert table.height == len(lines)
    assert table.lines.of(0) == 1
    assert table.frame.collect().columns[0] == "column_1"


@pytest.mark.parametrize(
    "lines",
    [
        ["country,1990,1991,1992", "A,5,6,7", "B,1800,1900,2000"],
        ["1990,1991,1992", "5,6,7", "1980,2000,1999"],
        ["0,1,2,3", "0,1,2,3", "4,5,6,7", "0,0,0,1"],
        [",0", "0,1", "1,0", "2,5"],
        ["pixel_0_0,pixel_0_1,target", "0,1,2", "3,4,5"],
        ["the quick brown fox", "jumps over", "the lazy dog"],
        ["name,city", "Ann,Rome", "Bob,Oslo"],
        ["name,city", "city,Rome", "name,Oslo"],
        ["a,b", "1,2"],
        ["2020", "a", "b"],
    ],
)
def test_a_true_header_is_never_called_missing(lines: list[str]) -> None:
    kinds = [f.kind for f in read("\n".join(lines)).faults]
    assert kinds == ([FaultKind.UNNAMED_COLUMN] if lines[0].startswith(",") else [])


@pytest.mark.parametrize(
    "data",
    [
        b'"', b'""', b'"""', b",", b"a", b"\xff", b"\0", b'"\n' * 5000, b',"\n' * 5000,
        b'a,b\n"""\n' * 3000, b'"a"a,\n' * 5000, b'a,b\n' + b'"a"a' * 5000, b"\r", b"\x1f", b"'",
        b'a,b\n' + b',"x' * 5000, b"\n\n\na", b"sep=,", b"sep=;\n", b"#", b"# a\n# b\n",
        b"\xff\xfe", b"\xff\xfea", b"\xfe\xff\xd8\x00", b"\x1f\x8b", b"\x28\xb5\x2f\xfd",
    ],
)  # fmt: skip
def test_odd_bytes_give_a_table(data: bytes) -> None:
    table = read(data)
    assert table.frame.collect().height == table.height


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_an_error(tmp_path) -> None:
    from dataguard.errors import SourceError

    path = tmp_path / "secret.csv"
    path.write_text("a\n")
    path.chmod(0)
    with pytest.raises(SourceError, match="permission"):
        read_csv(path, name="secret.csv")

"""CSV files of many dialects, encodings and sizes are read as they are meant."""

from __future__ import annotations

import csv
import gzip
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard

from dataguard.errors import SourceError
from dataguard.sources.csv import read_csv
from dataguard.sources.table import FaultKind, Table

ROWS = [("1", "näme, long"), ("2", "x"), ("3", "ß")] * 20
TEXT = "id,name\n" + "".join(f'{a},"{b}"\n' for a, b in ROWS)


def read(data: str | bytes) -> Table:
    return read_csv(None, data.encode() if isinstance(data, str) else data, name="-")


def cells(data: str | bytes) -> list[tuple[str | None, ...]]:
    table = read(data)
    assert table.faults == ()
    frame = table.frame.collect()
    assert frame.height == table.height
    return frame.rows()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    text = f"a{delimiter}b{delimiter}c\n" + f"1{delimiter}x y{delimiter}2,5\n" * 3
    if delimiter == ",":
        text = text.replace("2,5", '"2,5"')
    assert cells(text) == [("1", "x y", "2,5")] * 3
    assert read(text).dialect["delimiter"] == delimiter


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32-le"),
        ("latin-1", "cp1252"),
        ("cp1252", "cp1252"),
    ],
)
def test_the_encoding_is_found(encoding: str, found: str) -> None:
    data = TEXT.encode(encoding)
    assert cells(data) == ROWS
    assert read(data).dialect["encoding"] == found


def test_one_accented_word_in_cp1252_is_no_fault() -> None:
    assert cells("a,b\ncafé,1\n€ 5,2\n".encode("cp1252")) == [("café", "1"), ("€ 5", "2")]


def test_other_legacy_encodings_are_told_apart() -> None:
    russian = "имя,число\n" + "Привет мир,1\nДобрый день,2\n" * 5
    assert cells(russian.encode("cp1251"))[0] == ("Привет мир", "1")
    japanese = "名前,値\n" + "日本語のテキスト,1\nこんにちは世界,2\n" * 3
    assert cells(japanese.encode("cp932"))[0] == ("日本語のテキスト", "1")


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_compressed_bytes_are_unpacked_whatever_the_name(compress, tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_bytes(compress(TEXT.encode()))
    table = read_csv(path, name="plain.csv")
    assert table.frame.collect().rows() == ROWS
    assert table.dialect["compression"] in ("gzip", "zstd")


def test_concatenated_gzip_members_are_one_file() -> None:
    data = gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n")
    assert cells(data) == [("1", "2"), ("3", "4")]


def test_a_large_unpacked_file_is_read_from_a_temporary_file(tmp_path: Path) -> None:
    from dataguard.sources.csv_bytes import open_raw

    data = b"a,b\n" + b"1,2\n" * 1000
    raw = open_raw(None, gzip.compress(data), "-", spill=1000)
    assert raw.path is not None
    assert b"".join(raw.blocks()) == data
    raw.path.unlink()


def test_empty_cells_are_null_quoted_or_not_and_blanks_are_kept() -> None:
    assert cells('a,b,c\n,"", \n" x ",y,\n') == [(None, None, " "), (" x ", "y", None)]


def test_doubled_and_escaped_quotes_are_undone() -> None:
    assert cells('a,b\n1,"say ""hi"""\n') == [("1", 'say "hi"')]
    assert cells('a,b\n1,"say \\"hi\\", so"\n2,"x"\n') == [("1", 'say "hi", so'), ("2", "x")]


def test_single_quotes_and_blanks_before_quotes_are_understood() -> None:
    assert cells("a,b\n'x, y',1\n'z',2\n") == [("x, y", "1"), ("z", "2")]
    table = read('a, b\n1, "x, y"\n2, "z"\n')
    assert table.frame.collect().rows() == [("1", "x, y"), ("2", "z")]
    assert [f.kind for f in table.faults] == [FaultKind.DELIMITER]


def test_an_inch_sign_inside_a_cell_is_text() -> None:
    assert cells('name,size\nscreen,5\'10"\ndisk,3.5"\n')[0] == ("screen", "5'10\"")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_records_keep_their_physical_line(end: str) -> None:
    text = end.join(["a,b", '1,"two', 'lines"', "", "2,x", "", "", "3,y", ""])
    table = read(text)
    assert [(f.kind, tuple(f.lines)) for f in table.faults] == [(FaultKind.BLANK_LINES, (4, 6, 7))]
    assert [table.lines.of(i) for i in range(table.height)] == [2, 5, 8]


def test_records_of_one_line_need_no_list_of_lines() -> None:
    table = read("a,b\n1,2\n3,4\n")
    assert (table.lines.first, table.lines.starts) == (2, None)


def test_a_blank_line_in_one_column_is_a_null_but_not_at_the_end() -> None:
    table = read("text\nHello, world\n\nfoo\n\n\n")
    assert table.frame.collect().rows() == [("Hello, world",), (None,), ("foo",)]
    assert [table.lines.of(i) for i in range(3)] == [2, 3, 4]


def test_prose_with_commas_in_one_column_is_not_split() -> None:
    lines = ["review", "Good, cheap, and fast.", "No.", "Well, maybe", "a, b, c and d"]
    assert cells("\n".join(lines)) == [(line,) for line in lines[1:]]


def test_excel_may_name_its_delimiter_in_the_first_line() -> None:
    table = read("sep=;\na;b\n1;2\n")
    assert table.frame.collect().rows() == [("1", "2")]
    assert table.lines.of(0) == 3


def test_long_text_with_lines_and_commas_is_no_fault() -> None:
    poem = "O rose, thou art sick,\nthe invisible worm,\nthat flies in the night,\nhas found"
    rows = [(poem, "pos"), ("short", "neg"), (poem + ' "so"', "neg")] * 30
    lines = ["text,label", *('"' + t.replace('"', '""') + f'",{n}' for t, n in rows)]
    assert cells("\n".join(lines)) == rows


def test_names_are_made_unique() -> None:
    table = read("a,b,a,,a_2\n1,2,3,4,5\n6,7,8,9,0\n")
    assert table.frame.collect().columns == ["a", "b", "a_3", "column_4", "a_2"]
    assert [(f.kind, f.columns) for f in table.faults] == [
        (FaultKind.DUPLICATE_COLUMN, ("a",)),
        (FaultKind.UNNAMED_COLUMN, ("column_4",)),
    ]


def test_a_file_of_header_only_is_valid() -> None:
    table = read("id,text,label\n")
    assert (table.height, table.faults) == (0, ())
    assert table.frame.collect().columns == ["id", "text", "label"]


def test_five_thousand_columns_and_a_field_of_ten_megabytes() -> None:
    wide = ",".join(f"c{i}" for i in range(5000)) + "\n" + ",".join(["x"] * 5000) + "\n"
    assert read(wide).frame.collect().shape == (1, 5000)
    limit = csv.field_size_limit()
    long = "x y\n" * 2_500_000
    assert cells(f'id,text\n1,"{long}"\n2,b\n') == [("1", long), ("2", "b")]
    assert csv.field_size_limit() == limit


def test_nul_bytes_stay_in_their_cell() -> None:
    table = read(b"a,b\n1,x\0y\n2,z\n")
    assert table.frame.collect().rows() == [("1", "x\0y"), ("2", "z")]
    assert [(f.kind, f.lines, f.rows) for f in table.faults] == [(FaultKind.NUL, (2,), (0,))]


def test_a_missing_file_names_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("a\n")
    with pytest.raises(SourceError, match=r"no such file; did you mean 'train\.csv'\?"):
        read_csv(tmp_path / "trian.csv", name="trian.csv")


def test_a_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is a directory"):
        read_csv(tmp_path, name="data")


def test_a_name_with_wildcards_is_one_file(tmp_path: Path) -> None:
    path = tmp_path / "[a]*.csv"
    path.write_text("id,text\n" + "1,some words\n" * 400_000)
    (tmp_path / "a.csv").write_text("other\n")
    assert read_csv(path, name="x").frame.collect().height == 400_000


def test_the_input_is_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    data = b'\xef\xbb\xbfa,b\r\n1,"x\r\n2\r\n\xff,\0\r\n'
    path.write_bytes(data)
    read_csv(path, name="bad.csv")
    assert path.read_bytes() == data


def test_a_small_file_is_read_without_heavy_libraries(tmp_path: Path) -> None:
    path = tmp_path / "small.csv"
    path.write_text(TEXT)
    code = (
        "import sys; from pathlib import Path; from dataguard.sources.csv import read_csv;"
        "read_csv(Path(sys.argv[1]), name='x').frame.collect();"
        "print({'numpy', 'pandas', 'pyarrow', 'charset_normalizer'} & set(sys.modules))"
    )
    command = [sys.executable, "-P", "-c", code, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("latin-1", ["Søren Señor Peña", "Zoë Lefèvre", "João Araújo"]),
        ("cp1252", ["Müller „Straße“", "naïve façade", "Ærø Ångström"]),
        ("cp1250", ["Żółć Łódź Gdańsk", "Dvořák Šimůnek žluťoučký", "Őszi Erdős"]),
    ],
)
def test_western_and_central_european_letters_are_told_apart(
    tmp_path: Path, encoding: str, names: list[str]
) -> None:
    path = tmp_path / "a.csv"
    rows = "".join(f"{name},{i}\n" for i, name in enumerate(names * 100))
    path.write_bytes(f"name,n\n{rows}".encode(encoding))
    table = read_csv(path, name="a.csv")
    assert table.frame.collect()["name"].head(3).to_list() == names
    assert table.faults == ()

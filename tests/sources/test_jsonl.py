from __future__ import annotations

import gzip
import json
from pathlib import Path

import polars as pl
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataguard.errors import SourceError
from dataguard.finding import Severity
from dataguard.sources import open_table
from dataguard.sources.jsonl import read_jsonl
from dataguard.sources.table import Fault, FaultKind, Table

RECORDS = b'{"a":1,"b":"x"}\n{"a":2,"b":"y"}\n'


def read(data: bytes, name: str = "data.jsonl") -> Table:
    return read_jsonl(None, data, name=name)


def rows(table: Table) -> list[tuple[object, ...]]:
    return table.frame.collect().rows()


def types(table: Table) -> dict[str, pl.DataType]:
    return dict(table.frame.collect_schema())


def fault(table: Table, kind: FaultKind) -> Fault:
    (found,) = [fault for fault in table.faults if fault.kind is kind]
    return found


def lines(table: Table) -> list[int | None]:
    return [table.lines.of(row) for row in range(table.height)]


def test_sound_lines_are_records_without_faults() -> None:
    table = read(RECORDS)
    assert (rows(table), table.height, table.faults) == ([(1, "x"), (2, "y")], 2, ())
    assert lines(table) == [1, 2]
    assert table.lines.starts is None


def test_a_column_has_the_type_of_all_its_values_and_else_is_text() -> None:
    table = read(
        b'{"i":1,"f":1.5,"n":1,"b":true,"s":"","m":1,"z":null,"o":[1,{"k":"v"}]}\n'
        b'{"i":null,"f":2.0,"n":2.5,"b":null,"s":"01","m":"1","z":null,"o":null}\n'
    )
    assert types(table) == {
        "i": pl.Int64,
        "f": pl.Float64,
        "n": pl.Float64,
        "b": pl.Boolean,
        "s": pl.String,
        "m": pl.String,
        "z": pl.String,
        "o": pl.String,
    }
    assert rows(table)[0] == (1, 1.5, 1.0, True, "", "1", None, '[1,{"k":"v"}]')


def test_a_missing_key_is_null() -> None:
    assert rows(read(b'{"a":1}\n{"b":2}\n')) == [(1, None), (None, 2)]


def test_integers_past_64_bits_and_past_any_limit_keep_their_digits() -> None:
    long = "7" * 6000
    table = read(f'{{"a":18446744073709551616}}\n{{"a":1}}\n{{"a":{long}}}\n'.encode())
    assert rows(table) == [("18446744073709551616",), ("1",), (long,)]


def test_integers_that_would_lose_digits_among_floats_become_text() -> None:
    assert rows(read(b'{"a":9007199254740993}\n{"a":0.5}\n')) == [("9007199254740993",), ("0.5",)]


def test_nan_is_missing_and_infinity_is_a_number() -> None:
    table = read(b'{"a":NaN,"b":Infinity}\n{"a":1,"b":2.5}\n')
    assert rows(table) == [(None, float("inf")), (1, 2.5)]


@pytest.mark.parametrize(
    ("data", "name", "found"),
    [
        (b'{"a":1}\n{"a":NaN}\n{"a":"NaN \\" NaN"}\n', "x.jsonl", [2]),
        (b'[\n{"a":-Infinity},\n{"a":1}]', "x.json", [2]),
        (b'{"a":\n[1,NaN,3],\n"b": [4,5,"NaN"]}', "x.json", [2]),
        (b"[1,\nInfinity]", "x.json", [2]),
        (b'{"a":"NaN","NaN":1}\n{"a":1}\n', "x.jsonl", []),
    ],
)
def test_a_literal_that_json_does_not_have_is_found(
    data: bytes, name: str, found: list[int]
) -> None:
    kinds = {f.kind: list(f.lines) for f in read(data, name).faults}
    assert kinds == ({FaultKind.NON_FINITE: found} if found else {})


def test_a_value_is_written_the_same_whatever_block_it_stands_in() -> None:
    # The last line, far behind the first block, makes a text column of what was numbers.
    filler = b'{"a":1,"t":"' + b"x" * 1000 + b'"}\n'
    table = read(b'{"a":0.5}\n' + filler * 9000 + b'{"a":2.0}\n{"a":1e20}\n{"a":"end"}\n')
    texts = table.frame.select(pl.col("a").unique(maintain_order=True)).collect()["a"].to_list()
    assert texts == ["0.5", "1", "2.0", "1e+20", "end"]


def test_malformed_lines_are_named_exactly_and_the_rest_is_read() -> None:
    table = read(b'{"a":1}\n\nnope\n[1]\n  \n"x"\n{"a":2}\n{"a":\n{"a":3}')
    assert rows(table) == [(1,), (2,), (3,)]
    assert lines(table) == [1, 7, 9]
    found = fault(table, FaultKind.MALFORMED)
    assert list(found.lines) == [3, 4, 6, 8]
    assert list(found.rows) == []
    assert found.message.startswith("4 of 7 values are no JSON objects (line 3: ")


@pytest.mark.parametrize(
    ("line", "repeated"),
    [
        ('{"a":1,"a":2}', True),
        ('{"a" :1,"a"\t: 2}', True),
        ('{"a":1,"\\u0061":2}', True),
        ('{"a":[{"b":1}],"a":2}', True),
        ('{"a":"x\\":","a":"y\\u0022:"}', True),
        ('{"a":{"b":1,"b":2}}', False),
        ('{"a":"\\" : \\":","b":": x"}', False),
        ('{"a":"\\u0022:","b":[{"a":1},{"a":2}]}', False),
    ],
)
def test_a_key_that_stands_twice_in_one_object_is_found(line: str, repeated: bool) -> None:
    table = read(f'{{"z":0}}\n{line}\n{{"z":1}}\n'.encode())
    found = [f for f in table.faults if f.kind is FaultKind.DUPLICATE_KEY]
    assert [(list(f.lines), list(f.rows), f.columns) for f in found] == (
        [([2], [1], ("a",))] if repeated else []
    )
    assert rows(table)[1][1] is not None


def test_of_a_repeated_key_the_last_value_counts() -> None:
    assert rows(read(b'{"a":1,"a":2}\n')) == [(2,)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_encodings_are_told_apart(encoding: str) -> None:
    table = read('{"a":"é 🙂"}\n{"a":"ש"}\n'.encode(encoding))
    assert (rows(table), table.faults) == ([("é 🙂",), ("ש",)], ())
    assert lines(table) == [1, 2]


def test_a_byte_order_mark_is_a_fault_and_no_part_of_the_data() -> None:
    table = read(b"\xef\xbb\xbf" + RECORDS)
    assert [f.kind for f in table.faults] == [FaultKind.BOM]
    assert rows(table) == [(1, "x"), (2, "y")]


def test_latin_1_lines_are_read_and_named() -> None:
    table = read(b'{"a":"ok"}\nbad\n{"a":"caf\xe9"}\n{"a":"\x81"}\n')
    assert rows(table) == [("ok",), ("café",), ("\x81",)]
    found = fault(table, FaultKind.ENCODING)
    assert (list(found.lines), list(found.rows)) == ([3, 4], [1, 2])


def test_a_lone_surrogate_is_an_encoding_fault_and_a_pair_is_none() -> None:
    table = read(b'{"a":"\\ud83d\\ude42"}\n{"a":"x\\ud800"}\n')
    assert rows(table) == [("🙂",), ("x\ufffd",)]
    assert list(fault(table, FaultKind.ENCODING).lines) == [2]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_compressed_files_are_unpacked(pack: object) -> None:
    data = pack(RECORDS) + pack(b'{"a":3,"b":"z"}\n')  # type: ignore[operator]
    table = read(data)
    assert (table.height, table.faults) == (3, ())


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_of_a_truncated_compressed_file_the_beginning_is_read(pack: object) -> None:
    content = b"".join(b'{"a":%d}\n' % (n * n * 7919 % 100_003) for n in range(100_000))
    table = read(pack(content)[:-2000])  # type: ignore[operator]
    found = fault(table, FaultKind.UNREADABLE)
    assert f"cut off after {table.height} records" in found.message
    assert 10_000 < table.height < 100_000


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file holds no record"),
        (b"[]", "well-formed JSON, and holds no record"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"),
        (bytes(range(256)) * 9, "binary"),
        (b"PK\x03\x04rest", "ZIP archive"),
        (gzip.compress(b""), "the file is empty"),
    ],
)
def test_what_holds_no_table_says_why(data: bytes, reason: str) -> None:
    table = read(data)
    assert (table.height, rows(table)) == (0, [])
    assert reason in fault(table, FaultKind.UNREADABLE).message


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"a":' * 100_000, b'{"a":' + b"[" * 99_999])
@pytest.mark.parametrize("name", ["x.jsonl", "x.json"])
def test_deep_nesting_is_a_malformed_line(data: bytes, name: str) -> None:
    table = read(data + b'\n{"a":1}\n', name)
    assert list(fault(table, FaultKind.MALFORMED).lines) == [1]
    assert table.height == 1


def test_keys_that_are_data_are_refused_and_do_not_fill_the_memory() -> None:
    data = b"".join(b'{"user%d":1}\n' % n for n in range(50_000))
    assert "50000 different keys" in fault(read(data), FaultKind.UNREADABLE).message


def test_a_list_of_objects_knows_the_line_of_each() -> None:
    table = read(b'\n[{"a":1}, {"a":2},\n\n  {"a":\n3}\n,{"a":4}]\n', "x.json")
    assert (rows(table), table.faults) == ([(1,), (2,), (3,), (4,)], ())
    assert lines(table) == [2, 2, 4, 6]


def test_a_list_with_nan_still_knows_its_lines() -> None:
    table = read('[\n{"é":NaN},\n{"é":1}]'.encode(), "x.json")
    assert (rows(table), lines(table)) == ([(None,), (1,)], [2, 3])


@pytest.mark.parametrize(
    ("data", "height", "line"),
    [
        (b'[\n{"a":1},\n{"a":2},\n{"a"', 2, 4),
        (b'[\n{"a":1},\n]', 1, 3),
        (b'[\n{"a":1}\n{"a":2}]', 1, 3),
        (b'[\n{"a":1}]\nrest', 1, 3),
        (b'[\n{"a":1},\n2]', 1, 3),
    ],
)
def test_a_broken_list_is_read_up_to_the_break(data: bytes, height: int, line: int) -> None:
    table = read(data, "x.json")
    assert table.height == height
    assert list(fault(table, FaultKind.MALFORMED).lines) == [line]


@pytest.mark.parametrize(
    "document",
    [
        '{"a":[1,2],"b":["x","y"]}',
        '{"data":[{"a":1,"b":"x"},{"a":2,"b":"y"}],"version":"1.0"}',
        '{"anything":[{"a":1,"b":"x"},{"a":2,"b":"y"}]}',
        '{"a":{"0":1,"1":2},"b":{"0":"x","1":"y"}}',
        '{"columns":["a","b"],"index":[0,1],"data":[[1,"x"],[2,"y"]]}',
        '{"a":1,"b":"x"}\n{"a":2,"b":"y"}',
        '[{"a":1,"b":"x"},{"a":2,"b":"y"}]',
    ],
)
def test_every_layout_of_a_json_table_gives_the_same_table(document: str) -> None:
    pretty = json.dumps(json.loads(document), indent=2) if document.count("\n") == 0 else document
    for text in (document, pretty):
        table = read(text.encode(), "x.json")
        assert (rows(table), table.faults) == ([(1, "x"), (2, "y")], ())


def test_records_under_a_key_know_their_lines() -> None:
    table = read(b'{"v":1,\n"data":[\n{"a":1},\n{"a":2}]}', "x.json")
    assert lines(table) == [3, 4]


def test_one_object_with_a_list_in_it_is_one_record() -> None:
    table = read(b'{"messages":[{"role":"user"}],"label":1}', "x.json")
    assert rows(table) == [('[{"role":"user"}]', 1)]


def test_any_json_object_is_one_record_where_the_file_is_named_lines() -> None:
    assert rows(read(b'{"a":[1,2]}', "x.jsonl.gz")) == [("[1,2]",)]


@pytest.mark.parametrize(
    ("data", "values"),
    [
        (b"[[1,2],\n[3,4]]", ["[1,2]", "[3,4]"]),
        (b'["good", "bad"]', ["good", "bad"]),
        (b" 42 ", [42]),
        (b'"text"\n', ["text"]),
        (b"[null, 1, {}]", [None, "1", "{}"]),
    ],
)
def test_a_document_without_objects_is_a_table_of_values(data: bytes, values: list[object]) -> None:
    table = read(data, "x.json")
    assert (table.frame.collect().columns, table.faults) == (["value"], ())
    assert rows(table) == [(value,) for value in values]


def test_a_list_without_objects_is_malformed_where_lines_are_expected() -> None:
    assert list(fault(read(b"[1, 2]", "x.jsonl"), FaultKind.MALFORMED).lines) == [1, 1]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b'{\n"a": 1,\n"b": \n}', 4),
        (b"[\n1,\n2 3]", 3),
        (b'{"a": 1}}', 1),
        (b"[new\nline]", 1),
        (b"123\0", 1),
    ],
)
def test_a_broken_document_is_one_fault_at_the_line_where_it_breaks(data: bytes, line: int) -> None:
    assert list(fault(read(data, "x.json"), FaultKind.MALFORMED).lines) == [line]


def test_the_suffix_and_the_content_lead_here(tmp_path: Path) -> None:
    for name in ("a.jsonl", "a.NDJSON", "a.json", "a.unknown", "plain", "a.jsonl.gz"):
        path = tmp_path / name
        path.write_bytes(gzip.compress(RECORDS) if name.endswith("gz") else RECORDS)
        table = open_table(str(path))
        assert (table.format, table.height, table.path) == ("jsonl", 2, str(path))


def test_a_file_that_is_not_there_names_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_bytes(RECORDS)
    with pytest.raises(SourceError, match=r"there is no such file; did you mean 'train.jsonl'"):
        open_table(str(tmp_path / "trian.jsonl"))


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is a directory"):
        open_table(str(tmp_path))


def test_a_link_to_itself_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").symlink_to("x.jsonl")
    with pytest.raises(SourceError, match="points to itself"):
        open_table(str(tmp_path / "x.jsonl"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)


records = st.dictionaries(st.text(min_size=1), json_values, min_size=1, max_size=3)


@given(st.lists(records, min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_whatever_python_writes_has_no_fault_and_keeps_its_height(
    records: list[dict[str, object]],
) -> None:
    lined = "\n".join(json.dumps(record) for record in records).encode()
    listed = json.dumps(records, indent=1).encode()
    surrogate = any("\\ud" in json.dumps(record) for record in records)
    finite = not any(literal in lined for literal in (b"NaN", b"Infinity"))
    for data, name in ((lined, "x.jsonl"), (listed, "x.json")):
        table = read(data, name)
        assert table.height == len(records)
        odd = [f.kind for f in table.faults if finite or f.kind is not FaultKind.NON_FINITE]
        assert surrogate or odd == []
        assert table.frame.collect().height == len(records)


pieces = st.sampled_from(
    [bytes([code]) for code in b'{}[]":,\\\n a1-\xff\0']
    + [b'{"a":1}', b'"a":', b"\\ud800", b"NaN", b"null", b"e9", b"\xef\xbb\xbf", b"\x1f\x8b"]
)


@given(
    st.binary(max_size=200) | st.lists(pieces, max_size=40).map(b"".join),
    st.sampled_from([".jsonl", ".json", ".parquet", ".arrow", ".csv", ".dat", ".gz"]),
)
@settings(
    max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_bytes_give_a_table_and_never_an_exception(
    tmp_path: Path, data: bytes, suffix: str
) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(data)
    table = open_table(str(path))
    frame = table.frame.collect()
    assert frame.height == table.height or not frame.width
    assert table.height or table.faults or table.format == "csv"  # a header alone
    assert path.read_bytes() == data


def test_records_that_share_a_line_are_found_by_their_number(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"a": i % 2, "b": 5} for i in range(6)]), encoding="utf-8")
    table = read_jsonl(path, name=str(path))
    assert [table.lines.of(row) for row in range(6)] == [None] * 6
    path.write_text(json.dumps([{"a": i} for i in range(6)], indent=1), encoding="utf-8")
    table = read_jsonl(path, name=str(path))
    assert [table.lines.of(row) for row in range(6)] == [2, 5, 8, 11, 14, 17]


def test_a_document_without_a_record_is_not_said_to_have_a_header(tmp_path: Path) -> None:
    import dataguard

    path = tmp_path / "a.json"
    path.write_text("[]", encoding="utf-8")
    found = dataguard.lint(path, select="FIL").findings
    assert [f.message for f in found] == ["the file is well-formed JSON, and holds no record"]
    assert [f.severity for f in found] == [Severity.WARNING]
    assert "LFS" not in found[0].fix

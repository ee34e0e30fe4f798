"""`dataguard fix`: what it mends in each kind of file, what it leaves, and what it refuses."""

from __future__ import annotations

import csv
import gzip
import json
import re
from pathlib import Path
from random import Random

import polars as pl
import pytest
from conftest import Run

from dataguard.fixing.kinds import Kind

CITIES = ("Lima", "Quito", "La Paz", "Cusco")


def _rows(count: int = 24, **faults: str) -> list[str]:
    """Rows of a sound table; `faults` puts a cell into a column of the row of its number."""
    rows = []
    for i in range(count):
        cells = [f"k{i:03}", CITIES[i % 4], f"2024-0{i % 9 + 1}-1{i % 9}", f"{i * 37 % 101}.5"]
        rows.append(cells)
    for place, value in faults.items():
        row, column = place.removeprefix("r").split("c")
        rows[int(row)][int(column)] = value
    return [",".join(cells) for cells in rows]


def _write(path: Path, rows: list[str], end: str = "\n", encoding: str = "utf-8") -> bytes:
    data = end.join(["key,city,day,amount", *rows, ""]).encode(encoding)
    path.write_bytes(data)
    return data


def _fixed(dataguard: Run, folder: Path, *options: str) -> str:
    done = dataguard("fix", "a.csv", "-o", "b.csv", *options)
    assert done.returncode == 0, done.stderr
    return (folder / "b.csv").read_bytes().decode()


@pytest.mark.parametrize(
    ("kind", "place", "old", "new"),
    [
        ("whitespace", "r3c1", "Lima ", "Lima"),
        ("whitespace", "r3c1", "La  Paz", "La Paz"),
        ("whitespace", "r3c1", "La\u00a0Paz", "La Paz"),
        ("whitespace", "r3c1", "Quito\u200b", "Quito"),
        ("mojibake", "r3c1", "ZÃ¼rich", "Zürich"),
        ("disguised-missing", "r3c1", "N/A", ""),
        ("disguised-missing", "r3c3", "?", ""),
        ("disguised-missing", "r3c3", "-999", ""),
        ("spellings", "r3c1", "LIMA", "Lima"),
        ("dates", "r3c2", "25.12.2024", "2024-12-25"),
        ("dates", "r3c2", "12/25/2024", "2024-12-25"),
        ("dates", "r3c2", "25 Dec 2024", "2024-12-25"),
        ("dates", "r3c2", "2024-12-25 00:00:00", "2024-12-25"),
    ],
)
def test_one_faulty_cell_is_mended_and_the_rest_is_as_it_was(
    kind: str, place: str, old: str, new: str, tmp_path: Path, dataguard: Run
) -> None:
    before = _write(tmp_path / "a.csv", _rows(**{place: old}))
    after = _fixed(dataguard, tmp_path)
    assert before.decode().replace(f",{old}", f",{new}", 1) == after
    assert (tmp_path / "a.csv").read_bytes() == before
    told = dataguard("fix", "a.csv", "--diff").stdout.decode()
    assert f": {kind}\n" in told
    assert told.endswith(f"Would fix 1 in 1 file: 1 {kind}.\n")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("r3c2", "03/04/2024"),  # March or April
        ("r3c2", "03.04.24"),  # in which century
        ("r3c2", "2024-02-30"),  # no such day
        ("r3c2", "2024-12-25 14:30"),  # its time would be lost
        ("r3c1", "Limaa"),  # perhaps a name
        ("r3c1", "caf\ufffd"),  # what stood there is lost
    ],
)
def test_what_is_not_certain_is_left(
    place: str, value: str, tmp_path: Path, dataguard: Run
) -> None:
    before = _write(tmp_path / "a.csv", _rows(**{place: value}))
    assert _fixed(dataguard, tmp_path).encode() == before
    assert dataguard("fix", "a.csv", "--diff").returncode == 0


def test_dates_of_both_orders_in_one_column_are_left(tmp_path: Path, dataguard: Run) -> None:
    days = [f"{i % 28 + 1:02}/{i % 12 + 1:02}/2024" for i in range(40)]
    rows = [f"k{i},{day}" for i, day in enumerate([*days, "04/25/2024", "05/06/2024"])]
    (tmp_path / "a.csv").write_text("key,day\n" + "\n".join(rows) + "\n")
    assert _fixed(dataguard, tmp_path) == (tmp_path / "a.csv").read_text()


def test_quotes_stay_where_they_were_and_come_where_they_must(
    tmp_path: Path, dataguard: Run
) -> None:
    rows = [f'k{i:03},"{CITIES[i % 4]}",{i * 37 % 101}.5' for i in range(24)]
    rows[4] = 'k004,"Lima ",4.5'
    rows[5] = 'k005, "La Paz",5.5'.replace(' "', '"')
    rows[6] = "k006,N/A,6.5"
    (tmp_path / "a.csv").write_text("key,city,amount\n" + "\n".join(rows) + "\n")
    after = _fixed(dataguard, tmp_path).splitlines()
    rows[4], rows[6] = 'k004,"Lima",4.5', "k006,,6.5"
    assert after[1:] == rows


def test_copies_are_dropped_and_the_first_one_stays(tmp_path: Path, dataguard: Run) -> None:
    rows = [f"a text about topic number {i} in some words,{'xy'[i % 2]}" for i in range(20)]
    (tmp_path / "a.csv").write_text("text,label\n" + "\n".join([*rows, rows[3], rows[5]]) + "\n")
    assert _fixed(dataguard, tmp_path) == "text,label\n" + "\n".join(rows) + "\n"


def test_rows_that_are_equal_by_chance_are_kept(tmp_path: Path, dataguard: Run) -> None:
    rows = [f"{'fm'[i % 2]},{'yn'[i * 7 % 5 > 1]}" for i in range(40)]
    (tmp_path / "a.csv").write_text("sex,smoker\n" + "\n".join(rows) + "\n")
    assert _fixed(dataguard, tmp_path) == (tmp_path / "a.csv").read_text()


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_files_come_out_in_utf8_without_a_mark(
    encoding: str, tmp_path: Path, dataguard: Run
) -> None:
    rows = _rows(r3c1="Zürich", r7c1="Zürich", r9c1="Curaçao", r11c1="Curaçao")
    before = _write(tmp_path / "a.csv", rows, encoding=encoding)
    assert _fixed(dataguard, tmp_path) == before.decode(encoding)


def test_mixed_line_ends_become_those_of_most_lines(tmp_path: Path, dataguard: Run) -> None:
    data = _write(tmp_path / "a.csv", _rows(), end="\r\n")
    (tmp_path / "a.csv").write_bytes(data.replace(b"k005", b"K005").replace(b"\r\nk007", b"\nk007"))
    assert _fixed(dataguard, tmp_path).encode() == data.replace(b"k005", b"K005")


def test_an_index_that_was_saved_as_a_column_goes_unless_it_is_the_id(
    tmp_path: Path, dataguard: Run
) -> None:
    rows = _rows()
    numbered = [f"{i},{row}" for i, row in enumerate(rows)]
    text = "\n".join(["Unnamed: 0,key,city,day,amount", *numbered, ""])
    (tmp_path / "a.csv").write_text(text)
    assert _fixed(dataguard, tmp_path) == "\n".join(["key,city,day,amount", *rows, ""])
    assert _fixed(dataguard, tmp_path, "--id", "Unnamed: 0") == text


def test_json_lines_change_in_the_values_alone(tmp_path: Path, dataguard: Run) -> None:
    records = [
        {"id": f"k{i:03}", "city": CITIES[i % 4], "amount": i * 37 % 101, "tags": [i, None]}
        for i in range(24)
    ]
    records[3] |= {"city": "Lima\t"}
    records[4] |= {"amount": -999}
    records[5] |= {"city": "ZÃ¼rich"}
    lines = [json.dumps(r, separators=(" ,", ":  ")) for r in records]
    (tmp_path / "a.jsonl").write_text("\n".join(lines) + "\n")
    assert dataguard("fix", "a.jsonl", "-o", "b.jsonl").returncode == 0
    expected = list(lines)
    expected[3] = lines[3].replace('"Lima\\t"', '"Lima"')
    expected[4] = lines[4].replace("-999", "null")
    expected[5] = lines[5].replace("Z\\u00c3\\u00bcrich", "Z\\u00fcrich")
    assert (tmp_path / "b.jsonl").read_text() == "\n".join(expected) + "\n"
    assert dataguard("fix", "b.jsonl", "--diff").returncode == 0


def test_texts_in_lists_and_objects_are_mended_and_the_names_of_members_are_not(
    tmp_path: Path, dataguard: Run
) -> None:
    records = [
        {"messages": [{"role": "user", "content": f"Question {i} of the day"}], "n": i}
        for i in range(24)
    ]
    lines = [json.dumps(r, separators=(" ,", ":  ")) for r in records]
    fault, name = r'"caf\u00c3\u00a9 \u2013 1"', '{"caf\u00c3\u00a9":  1}'
    lines[3] = lines[3].replace('"Question 3 of the day"', fault)
    lines[4] = lines[4].replace('"Question 4 of the day"', name)
    (tmp_path / "a.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = dataguard("fix", "a.jsonl", "-o", "b.jsonl")
    lines[3] = lines[3].replace("\\u00c3\\u00a9", "\\u00e9")
    assert (tmp_path / "b.jsonl").read_text(encoding="utf-8") == "\n".join(lines) + "\n"
    assert (
        b"note: 1 change was left out: the records there cannot be edited in parts" in done.stderr
    )
    assert dataguard("fix", "b.jsonl", "--diff").returncode == 0


def test_a_blank_that_looks_like_another_is_told_in_the_diff(
    tmp_path: Path, dataguard: Run
) -> None:
    _write(tmp_path / "a.csv", _rows(r3c1="La\u00a0Paz"))
    told = dataguard("fix", "a.csv", "--diff").stdout.decode()
    assert "-'La\\xa0Paz'\n+'La Paz'\n" in told


def test_a_list_of_objects_stays_one_when_rows_go(tmp_path: Path, dataguard: Run) -> None:
    rows = [{"text": f"a text about topic number {i}", "label": "xy"[i % 2]} for i in range(12)]
    for places in ([0, *range(12)], [*range(12), 11], [*range(12), 3, 3]):
        listed = [rows[i] for i in places]
        (tmp_path / "a.json").write_text(json.dumps(listed, indent=1))
        assert dataguard("fix", "a.json", "-o", "b.json").returncode == 0
        assert json.loads((tmp_path / "b.json").read_text()) == rows


def test_parquet_keeps_its_schema(tmp_path: Path, dataguard: Run) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    city = pa.array([CITIES[i % 4] + " " * (i == 3) for i in range(24)])
    table = pa.table(
        {
            "city": city.dictionary_encode(),
            "amount": pa.array([-999 if i == 4 else i * 37 % 101 for i in range(24)], pa.int16()),
            "parts": pa.array([[i, None] for i in range(24)], pa.list_(pa.int8())),
        },
        metadata={"source": "made up"},
    )
    pq.write_table(table, tmp_path / "a.parquet", compression="zstd")
    assert dataguard("fix", "a.parquet", "-o", "b.parquet").returncode == 0
    after = pq.read_table(tmp_path / "b.parquet")
    before = pq.read_table(tmp_path / "a.parquet")
    assert after.schema.equals(before.schema, check_metadata=True)
    assert after["parts"] == table["parts"]
    assert after["city"].to_pylist()[3] == CITIES[3]
    assert after["amount"].to_pylist()[3:6] == [10, None, 84]
    assert (
        pq.ParquetFile(tmp_path / "b.parquet").metadata.row_group(0).column(0).compression == "ZSTD"
    )


def test_a_compressed_file_comes_out_compressed(tmp_path: Path, dataguard: Run) -> None:
    data = _write(tmp_path / "plain.csv", _rows(r3c1="Lima "))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(data))
    assert dataguard("fix", "a.csv.gz", "-o", "b.csv.gz").returncode == 0
    assert gzip.decompress((tmp_path / "b.csv.gz").read_bytes()) == data.replace(b"Lima ", b"Lima")


def test_in_place_keeps_the_mode_and_leaves_a_sound_file_alone(
    tmp_path: Path, dataguard: Run
) -> None:
    data = _write(tmp_path / "a.csv", _rows(r3c1="Lima "))
    (tmp_path / "a.csv").chmod(0o640)
    assert dataguard("fix", "a.csv", "--in-place").returncode == 0
    stat = (tmp_path / "a.csv").stat()
    assert (tmp_path / "a.csv").read_bytes() == data.replace(b"Lima ", b"Lima")
    assert stat.st_mode & 0o777 == 0o640
    assert dataguard("fix", "a.csv", "--in-place").stdout.startswith(b"Nothing to fix.")
    assert (tmp_path / "a.csv").stat().st_ino == stat.st_ino
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv"]


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_the_log_names_every_change_with_the_old_text(
    suffix: str, tmp_path: Path, dataguard: Run
) -> None:
    rows = _rows(r3c1='"Lima "', r5c1="N/A")
    copy = "x" + rows[2][1:]
    _write(tmp_path / "a.csv", [*rows, rows[2], copy])
    done = dataguard("fix", "a.csv", "-o", "b.csv", "--log", f"log.{suffix}", "--id", "key")
    assert done.returncode == 0
    path = tmp_path / f"log.{suffix}"
    with path.open(encoding="utf-8", newline="") as file:
        found = [*csv.DictReader(file)] if suffix == "csv" else [json.loads(x) for x in file]
    told = [(e["action"], e["kind"], str(e["line"]), e["raw"], e["new"] or "") for e in found]
    assert told == [
        ("row", "duplicate-rows", "26", rows[2] + "\n", ""),
        ("row", "duplicate-rows", "27", copy + "\n", ""),
        ("cell", "whitespace", "5", '"Lima "', "Lima"),
        ("cell", "disguised-missing", "7", "N/A", ""),
    ]
    assert found[0]["note"] == "copy of line 4"


def test_splits_of_one_data_set_are_fixed_together(tmp_path: Path, dataguard: Run) -> None:
    (tmp_path / "d").mkdir()
    _write(tmp_path / "d" / "train.csv", _rows(r3c1="Lima "))
    test = _write(tmp_path / "d" / "test.csv", _rows(12))
    done = dataguard("fix", "d", "-o", "out")
    assert done.returncode == 0
    assert b"Fixed 1 in 1 file: 1 whitespace." in done.stdout
    assert (tmp_path / "out" / "test.csv").read_bytes() == test


def test_leaked_rows_leave_the_training_data_and_no_test_row_goes(
    tmp_path: Path, dataguard: Run
) -> None:
    random = Random(1)
    words = [f"word{i}" for i in range(200)]
    texts = [" ".join(random.sample(words, 20)) for _ in range(60)]
    near = texts[41].replace(texts[41].split()[9], "other")
    train = [*texts[:40], texts[40], near]
    for name, some in (("train", train), ("test", texts[40:])):
        lines = [f"{t},{'xy'[len(t) % 2]}" for t in some]
        (tmp_path / f"{name}.csv").write_text("text,label\n" + "\n".join(lines) + "\n")
    test = (tmp_path / "test.csv").read_bytes()
    done = dataguard("fix", "train.csv", "test.csv", "-o", "out", "--unsafe", "leaked-rows")
    assert done.returncode == 0, done.stderr
    left = pl.read_csv(tmp_path / "out" / "train.csv")["text"].to_list()
    assert left == texts[:40]
    assert (tmp_path / "out" / "test.csv").read_bytes() == test


def test_labels_are_judged_in_the_training_data_alone(
    root: Path, dataguard: Run, tmp_path: Path
) -> None:
    data, test = root / "examples" / "support", root / "examples" / "support" / "test.csv"
    for kind, rows in (("mislabelled-rows", 270), ("relabel", 275)):
        done = dataguard("fix", data, "-o", kind, "--label", "topic", "--unsafe", kind)
        assert done.returncode == 0
        assert b"flatters its score" in done.stderr
        assert len(pl.read_csv(tmp_path / kind / "train.csv", infer_schema=False)) == rows
        assert (tmp_path / kind / "test.csv").read_bytes() == test.read_bytes()
    alone = dataguard("fix", test, "--diff", "--label", "topic", "--unsafe", "relabel")
    assert (alone.returncode, alone.stdout) == (0, b"Nothing to fix.\n")
    assert b"flatters its score" in alone.stderr


def test_near_duplicates_and_typos_are_mended_when_asked_for(
    tmp_path: Path, dataguard: Run
) -> None:
    random = Random(1)
    words = [f"word{i}" for i in range(200)]
    rows = [
        f"{' '.join(random.sample(words, 20))},{('billing', 'returns')[i % 2]}" for i in range(60)
    ]
    near = rows[3].replace(rows[3].split()[9], "other")
    (tmp_path / "a.csv").write_text(
        "text,label\n" + "\n".join([*rows[:-1], near, rows[-1][:-7] + "retuns"])
    )
    after = _fixed(dataguard, tmp_path, "--unsafe", "near-duplicates,typos", "--label", "label")
    assert after == "text,label\n" + "\n".join(rows)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["a.csv"], b"name the --output"),
        (["a.csv", "-o", "a.csv"], b"would overwrite an input"),
        (["a.csv", "-o", "."], b"would overwrite an input"),
        (["a.csv", "-o", "b.csv", "--in-place"], b"leave out --output"),
        (["a.csv", "-o", "b.csv", "--diff"], b"--diff writes nothing"),
        (["a.csv", "-o", "b.parquet"], b"a fix keeps the format of a.csv; name it *.csv"),
        (["a.csv", "--in-place", "--log", "a.csv"], b"--log would"),
        (["a.csv", "--in-place", "--log", "log.txt"], b"--log writes no '.txt' files"),
        (["a.csv", "--diff", "--unsafe", "near-duplicate"], b"did you mean 'near-duplicates'"),
        (["a.csv", "--diff", "--unsafe", "whitespace"], b"it is safe"),
        (["a.csv", "--diff", "--unsafe", "relabel,mislabelled-rows"], b"drops rows that"),
        (["a.csv", "--diff", "--label", "citty"], b"did you mean 'city'"),
        (["-", "--in-place"], b"standard input cannot be fixed"),
        (["missing.csv", "--diff"], b"there is no such file"),
        (["empty.csv", "--diff"], b"empty"),
        (["a.csv", "c.csv", "-o", "c.csv"], b"several files need a directory"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line_and_nothing_is_written(
    arguments: list[str], told: bytes, tmp_path: Path, dataguard: Run
) -> None:
    for name in ("a.csv", "c.csv"):
        data = _write(tmp_path / name, _rows(r3c1="Lima "))
    (tmp_path / "empty.csv").write_text("")
    done = dataguard("fix", *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.startswith(b"error: ")
    assert done.stderr.count(b"\n") == 1
    assert (tmp_path / "a.csv").read_bytes() == data
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv", "c.csv", "empty.csv"]


def test_hostile_cells_reach_the_terminal_as_escapes(tmp_path: Path, dataguard: Run) -> None:
    rows = _rows(r3c1='"\x1b[31mLima\u202e "')
    _write(tmp_path / "a.csv", rows)
    done = dataguard("fix", "a.csv", "--diff")
    assert done.returncode == 1
    assert b"\x1b" not in done.stdout
    assert "\u202e".encode() not in done.stdout


def test_only_findings_that_are_asked_for_are_mended(tmp_path: Path, dataguard: Run) -> None:
    before = _write(tmp_path / "a.csv", _rows(r3c1="Lima ", r5c1="N/A"))
    assert _fixed(dataguard, tmp_path, "--ignore", "FMT003").encode() == before.replace(b"N/A", b"")
    assert _fixed(dataguard, tmp_path, "--select", "FMT003").encode() == before.replace(
        b"Lima ", b"Lima"
    )


@pytest.mark.parametrize("command", ["fix", "split"])
def test_the_page_names_options_and_kinds_that_are_there(
    command: str, root: Path, dataguard: Run
) -> None:
    page = (root / "docs" / f"{command}.md").read_text(encoding="utf-8")
    known = dataguard(command, "--help", env={"COLUMNS": "200"}).stdout.decode()
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", page)) <= set(
        re.findall(r"--[a-z-]+", known)
    )
    if command == "fix":
        assert {str(kind) for kind in Kind} == set(re.findall(r"^\| `([a-z-]+)` \|", page, re.M))


def test_the_kinds_that_rest_on_a_guess_are_named_until_one_is_asked_for(
    dataguard: Run, tmp_path: Path
) -> None:
    (tmp_path / "data.csv").write_text("text,n\nall is well here,1\nand there,2\n", "utf-8")
    quiet = dataguard("fix", "data.csv", "--diff")
    assert b"note: left to you" in quiet.stderr
    assert b"typos, near-duplicates, mislabelled-rows, relabel, leaked-rows" in quiet.stderr
    one = dataguard("fix", "data.csv", "--diff", "--select", "DUP003")
    assert b"guess: near-duplicates;" in one.stderr
    for arguments in (["--select", "FMT003"], ["--unsafe", "near-duplicates"]):
        assert b"left to you" not in dataguard("fix", "data.csv", "--diff", *arguments).stderr

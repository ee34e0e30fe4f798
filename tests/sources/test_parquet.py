from __future__ import annotations

import gzip
import io
import shutil
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from dataguard.sources import open_table
from dataguard.sources.parquet import read_parquet
from dataguard.sources.table import FaultKind, Table

FRAME = pl.DataFrame(
    {
        "n": [1, 2, None],
        "x": [0.5, float("nan"), None],
        "t": ["a", "", None],
        "c": pl.Series(["u", "v", None], dtype=pl.Categorical),
        "l": [[1], [], None],
        "s": [{"k": 1}, {"k": 2}, None],
        "d": [date(2020, 1, 1), None, date(9999, 12, 31)],
        "w": [datetime(2020, 1, 1), None, datetime(1, 1, 1)],
        "u": [timedelta(seconds=1), None, timedelta(0)],
        "m": [Decimal("1.50"), None, Decimal("2.25")],
        "b": [b"\x00\xff", None, b""],
        "z": pl.Series([None, None, None], dtype=pl.Null),
    }
)


def parquet_bytes(frame: pl.DataFrame = FRAME) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def reason(table: Table) -> str:
    (fault,) = table.faults
    assert fault.kind is FaultKind.UNREADABLE
    assert "\n" not in fault.message
    return fault.message


def write(path: Path, format: str) -> None:
    if format == "parquet":
        FRAME.write_parquet(path)
    elif format == "ipc":
        FRAME.write_ipc(path, compression="zstd")
    else:
        FRAME.write_ipc_stream(path)


@pytest.mark.parametrize(
    ("name", "format", "writer"),
    [
        ("a.parquet", "parquet", "parquet"),
        ("a.pq", "parquet", "parquet"),
        ("a.arrow", "arrow", "ipc"),
        ("a.feather", "arrow", "ipc"),
        ("a.ipc", "arrow", "stream"),
        ("a.parquet", "arrow", "ipc"),  # the content counts, not the suffix
        ("nameless", "parquet", "parquet"),
        ("nameless", "arrow", "stream"),
    ],
)
def test_every_columnar_format_gives_the_same_table(
    tmp_path: Path, name: str, format: str, writer: str
) -> None:
    path = tmp_path / name
    write(path, writer)
    before = path.read_bytes()
    table = open_table(str(path))
    assert (table.format, table.height, table.faults, table.typed) == (format, 3, (), True)
    assert table.lines.of(0) is None
    frame = table.frame.collect()
    assert frame.columns == FRAME.columns
    assert frame["x"].to_list() == [0.5, None, None]
    assert (frame["c"].dtype, frame["z"].dtype) == (pl.String, pl.String)
    assert frame["t"].to_list() == ["a", "", None]
    for same in ("n", "l", "s", "d", "w", "u", "m", "b"):
        assert frame[same].to_list() == FRAME[same].to_list()
        assert frame[same].dtype == FRAME[same].dtype
    assert path.read_bytes() == before


def test_a_compressed_parquet_file_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet.gz"
    path.write_bytes(gzip.compress(parquet_bytes()))
    assert open_table(str(path)).height == 3


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_says_that_it_is_damaged(kept: float) -> None:
    data = parquet_bytes(pl.DataFrame({"a": range(10_000)}))
    table = read_parquet(None, data[: int(len(data) * kept)], name="x.parquet")
    assert table.height == 0
    assert "the Parquet file is damaged: " in reason(table)


def test_a_damaged_page_is_found_before_any_check_meets_it() -> None:
    data = bytearray(parquet_bytes(pl.DataFrame({"a": [f"text {n}" for n in range(5000)]})))
    data[200:400] = bytes(200)
    assert "damaged" in reason(read_parquet(None, bytes(data), name="x.parquet"))


def test_a_truncated_arrow_file_says_that_it_is_damaged(tmp_path: Path) -> None:
    write(tmp_path / "a.arrow", "ipc")
    data = (tmp_path / "a.arrow").read_bytes()
    (tmp_path / "a.arrow").write_bytes(data[:-100])
    assert "the Arrow file is damaged: " in reason(open_table(str(tmp_path / "a.arrow")))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "the file is empty"),
        (b"a,b\n1,2\n", "neither a Parquet nor an Arrow file"),
        (b"PARE" + bytes(50), "encrypted"),
        (b"PAR1", "damaged"),
        (b"FEA1" + bytes(50), "Feather version 1"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"),
        (gzip.compress(parquet_bytes())[:-50], "the gzip stream is cut off"),
    ],
)
def test_what_is_no_parquet_file_says_why(data: bytes, expected: str) -> None:
    assert expected in reason(read_parquet(None, data, name="x.parquet"))


def test_a_file_without_records_is_no_sound_table() -> None:
    table = read_parquet(None, parquet_bytes(FRAME.head(0)), name="x.parquet")
    assert reason(table) == "the file has 12 columns and 0 records"


def test_the_index_that_pandas_adds_is_left_out(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}, index=[7, 3])
    frame.to_parquet(tmp_path / "a.parquet")
    assert open_table(str(tmp_path / "a.parquet")).frame.collect().columns == ["a", "b"]


@pytest.mark.parametrize("write", [pq.write_table, feather.write_feather])
def test_names_that_stand_twice_are_told_apart_and_reported(tmp_path: Path, write: object) -> None:
    table = pa.table([pa.array([1]), pa.array(["x"])], names=["a", "a"])
    write(table, tmp_path / "a.parquet")  # type: ignore[operator]
    read = open_table(str(tmp_path / "a.parquet"))
    assert read.frame.collect().to_dict(as_series=False) == {"a": [1], "a_2": ["x"]}
    (fault,) = read.faults
    assert (fault.kind, fault.columns) == (FaultKind.DUPLICATE_COLUMN, ("a",))


def test_awkward_column_names_stay() -> None:
    names = ["^x.*$", "", "n:", "__height", "🙂", "a" * 3000]
    frame = pl.DataFrame({name: [float(n)] for n, name in enumerate(names)})
    table = read_parquet(None, parquet_bytes(frame), name="x.parquet")
    expected = ["^x.*$", "column_2", *names[2:]]
    assert table.frame.collect().rows(named=True) == [
        {name: float(n) for n, name in enumerate(expected)}
    ]


def test_random_damage_gives_a_sound_table_or_a_reason() -> None:
    random = np.random.default_rng(7)
    sound = parquet_bytes(FRAME.select("n", "x", "t", "c", "d"))
    for _ in range(300):
        data = bytearray(sound)
        for place in random.integers(0, len(data), 3):
            data[place] = random.integers(0, 256)
        table = read_parquet(None, bytes(data), name="x.parquet")
        assert table.frame.collect().height == table.height


def test_a_file_that_vanishes_between_two_looks_is_one_line(tmp_path: Path) -> None:
    from dataguard.errors import SourceError

    folder = tmp_path / "gone"
    folder.mkdir()
    path = folder / "a.parquet"
    FRAME.write_parquet(path)
    shutil.rmtree(folder)
    with pytest.raises(SourceError, match="there is no such file"):
        read_parquet(path, name="gone/a.parquet")

from __future__ import annotations

import datetime as dt
import decimal
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataguard.errors import UsageError
from dataguard.sources.frame import read_frame
from dataguard.sources.table import FaultKind

PLAIN = {"a": [1, 2, None], "b": ["x", None, ""]}


def columns(frame: object) -> dict[str, list[Any]]:
    return read_frame(frame).frame.collect().to_dict(as_series=False)


def types(frame: object) -> dict[str, pl.DataType]:
    return dict(read_frame(frame).frame.collect_schema())


class Stream:
    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize(
    "frame",
    [
        PLAIN,
        [{"a": 1, "b": "x"}, {"a": 2}, {"b": ""}],
        pl.DataFrame(PLAIN),
        pl.LazyFrame(PLAIN),
        pa.table(PLAIN),
        pa.RecordBatch.from_pydict(PLAIN),
        pa.table(PLAIN).to_reader(),
        Stream(pa.table(PLAIN)),
        pd.DataFrame({"a": pd.array([1, 2, None], dtype="Int64"), "b": ["x", None, ""]}),
        pd.DataFrame(PLAIN, dtype=object),
        {"a": pl.Series([1, 2, None]), "b": pd.Series(["x", None, ""])},
    ],
    ids=lambda frame: f"{type(frame).__module__}.{type(frame).__name__}",
)
def test_every_kind_of_frame_gives_the_same_table(frame: object) -> None:
    table = read_frame(frame)
    assert (table.path, table.format, table.height) == ("<DataFrame>", "frame", 3)
    assert (table.faults, table.lines.of(0), table.typed) == ((), None, True)
    found = table.frame.collect()
    assert found.to_dict(as_series=False) == PLAIN
    assert dict(found.schema) == {"a": pl.Int64, "b": pl.String}


def test_numbers_in_pandas_with_gaps_are_null_not_nan() -> None:
    frame = pd.DataFrame({"f": [1.5, np.nan], "g": pd.array([None, 2.5], dtype="Float64")})
    assert columns(frame) == {"f": [1.5, None], "g": [None, 2.5]}


def test_pandas_types_find_their_own() -> None:
    frame = pd.DataFrame(
        {
            "time": pd.to_datetime(["2020-01-01", None]),
            "zone": pd.to_datetime(["2020-01-01", None]).tz_localize("Europe/Zurich"),
            "span": pd.to_timedelta([1, None], unit="s"),
            "cat": pd.Categorical(["u", None]),
            "numcat": pd.Categorical([3, 4]),
            "bool": pd.array([True, None], dtype="boolean"),
            "arrow": pd.array([1, None], dtype="int32[pyarrow]"),
            "period": pd.period_range("2020", periods=2, freq="D"),
            "sparse": pd.arrays.SparseArray([0, 1]),
            "half": pd.Series([1, 2], dtype="float16"),
            "complex": [1 + 2j, 0],
        }
    )
    found = columns(frame)
    assert found["cat"] == ["u", None]
    assert found["numcat"] == [3, 4]
    assert found["period"] == ["2020-01-01", "2020-01-02"]
    assert found["sparse"] == [0, 1]
    assert found["complex"] == ["(1+2j)", "0j"]
    kinds = types(frame)
    assert isinstance(kinds["time"], pl.Datetime)
    assert kinds["zone"].time_zone == "Europe/Zurich"  # type: ignore[attr-defined]
    assert isinstance(kinds["span"], pl.Duration)
    assert (kinds["bool"], kinds["arrow"]) == (pl.Boolean, pl.Int32)


def test_objects_in_cells_become_text_and_the_missing_stays_missing() -> None:
    frame = pd.DataFrame(
        {
            "mixed": [1, "x", None, np.nan],
            "lists": [[1, "a"], {"k": None}, (2,), np.array([1, 2])],
            "days": [dt.date(2020, 1, 1), None, pd.NaT, dt.date(2021, 1, 1)],
            "money": [decimal.Decimal("1.5"), None, None, decimal.Decimal("2")],
            "numpy": [np.int64(1), np.int32(2), None, np.int8(3)],
            "odd": [object(), {"y", "x"}, ValueError("e"), pd.NA],
            "huge": [2**70, 1, -(2**80), None],
        },
        dtype=object,
    )
    found = columns(frame)
    assert found["mixed"] == ["1", "x", None, None]
    assert found["lists"] == ['[1,"a"]', '{"k":null}', "[2]", "[1,2]"]
    assert found["days"] == [dt.date(2020, 1, 1), None, None, dt.date(2021, 1, 1)]
    assert found["money"] == [decimal.Decimal("1.5"), None, None, decimal.Decimal("2")]
    assert found["numpy"] == [1, 2, None, 3]
    assert found["odd"] == ["<object>", "{x, y}", "e", None]
    assert found["huge"] == [str(2**70), "1", str(-(2**80)), None]


def test_an_object_that_cannot_tell_its_text_is_named_by_its_type() -> None:
    class Mute:
        def __str__(self) -> str:
            raise RuntimeError("no")

    assert columns({"a": [Mute(), 1]}) == {"a": ["<Mute>", "1"]}


def test_repeated_nameless_and_numbered_columns_get_names_of_their_own() -> None:
    frame = pd.DataFrame([[1, 2, 3, 4, 5, 6]])
    frame.columns = pd.Index(["a", "a", "a_2", None, 7, ""], dtype=object)
    table = read_frame(frame)
    assert table.frame.collect().columns == ["a", "a_3", "a_2", "column_4", "7", "column_6"]
    (fault,) = table.faults
    assert (fault.kind, fault.columns) == (FaultKind.DUPLICATE_COLUMN, ("a",))


def test_levels_of_a_column_index_are_joined() -> None:
    frame = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("b", "")]))
    assert read_frame(frame).frame.collect().columns == ["a_x", "b"]


def test_the_index_is_left_out_and_positions_count() -> None:
    frame = pd.DataFrame({"a": [3, 1]}, index=pd.Index([9, 9], name="key"))
    assert columns(frame) == {"a": [3, 1]}


def test_polars_columns_without_a_plain_type_become_text() -> None:
    frame = pl.DataFrame(
        {
            "c": pl.Series(["u", None], dtype=pl.Categorical),
            "e": pl.Series(["p", "q"], dtype=pl.Enum(["p", "q"])),
            "o": pl.Series([{1}, None], dtype=pl.Object),
            "z": [None, None],
            "f": [float("nan"), 1.0],
        }
    )
    assert columns(frame) == {
        "c": ["u", None],
        "e": ["p", "q"],
        "o": ["{1}", None],
        "z": [None, None],
        "f": [None, 1.0],
    }
    assert types(frame)["z"] == pl.String
    assert columns(frame.lazy()) == columns(frame)


def test_nested_polars_columns_stay() -> None:
    assert types(pl.DataFrame({"l": [[1]], "s": [{"a": 1}]}))["l"] == pl.List(pl.Int64)


def test_numpy_arrays_are_tables() -> None:
    assert columns(np.array([[1, 2], [3, 4]])) == {"column_1": [1, 3], "column_2": [2, 4]}
    assert columns(np.array([1.0, np.nan])) == {"column_1": [1.0, None]}
    assert columns(np.array([("x", 1)], dtype=[("s", "U3"), ("n", ">i4")])) == {
        "s": ["x"],
        "n": [1],
    }


def test_a_dict_takes_any_sequence() -> None:
    frame = {"a": (1, 2), "b": np.array(["x", "y"]), "c": range(2), 4: pa.array([0.5, None])}
    assert columns(frame) == {"a": [1, 2], "b": ["x", "y"], "c": [0, 1], "4": [0.5, None]}


@pytest.mark.parametrize("frame", [[], {}, pd.DataFrame(), pl.DataFrame(), PLAIN | {"b": []}])
def test_an_empty_frame_is_said_to_be_empty_or_uneven(frame: object) -> None:
    if isinstance(frame, dict) and frame:
        with pytest.raises(UsageError, match=r"differ in length \('a' 3, 'b' 0\)"):
            read_frame(frame)
    else:
        (fault,) = read_frame(frame).faults
        assert fault.kind is FaultKind.UNREADABLE
        assert fault.message == "the frame has 0 columns and 0 records"


@pytest.mark.parametrize(
    ("frame", "named"),
    [
        (3, "a int"),
        ("train.csv", "a str"),
        (None, "a NoneType"),
        (b"a,b", "a bytes"),
        ([1, 2], "a list whose item 0 is a int"),
        (np.zeros((2, 2, 2)), "a numpy.ndarray of 3 dimensions"),
        (pa.schema([]), "a pyarrow.lib.Schema"),
        (pd.Timestamp(0), "Timestamp"),
    ],
)
def test_what_is_no_table_is_named_with_what_is_taken(frame: object, named: str) -> None:
    with pytest.raises(
        UsageError, match=r"a pandas or Polars DataFrame.*a dict of lists"
    ) as raised:
        read_frame(frame)
    assert named in str(raised.value)


def test_a_lazy_frame_that_cannot_be_computed_is_one_line() -> None:
    with pytest.raises(UsageError, match=r"cannot be computed: .*missing.csv") as raised:
        read_frame(pl.scan_csv("missing.csv"))
    assert "\n" not in str(raised.value)
    late = pl.LazyFrame({"a": ["x"]}).with_columns(pl.col("a").cast(pl.Int64))
    with pytest.raises(UsageError, match="cannot be computed"):
        read_frame(late)


def test_the_input_is_never_changed() -> None:
    inner = [1, [2]]
    frame = pd.DataFrame({"a": pd.Categorical(["x", None]), "b": [inner, None], "c": [1.0, None]})
    frame.columns = ["a", "a", "c"]
    before = frame.copy(deep=True)
    read_frame(frame)
    pd.testing.assert_frame_equal(frame, before)
    polars = pl.DataFrame({"f": [float("nan")], "o": pl.Series([{1}], dtype=pl.Object)})
    read_frame(polars)
    assert (polars.schema["o"], str(polars["f"][0])) == (pl.Object, "nan")
    given_dict: dict[str, list[object]] = {"a": [1, None, "x"]}
    read_frame(given_dict)
    assert given_dict == {"a": [1, None, "x"]}


def test_plain_data_loads_no_pandas() -> None:
    code = (
        "import sys, polars as pl; from dataguard.sources.frame import read_frame;"
        "read_frame({'a': [1, 'x', [2]]}); read_frame(pl.DataFrame({'a': [1]}));"
        "sys.exit('pandas' in sys.modules)"
    )
    subprocess.run([sys.executable, "-P", "-c", code], check=True)


cells = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary(max_size=5)
    | st.dates()
    | st.datetimes()
    | st.timedeltas()
    | st.decimals()
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.integers() | st.text(), st.none(), max_size=2)
    | st.sampled_from([pd.NA, pd.NaT, np.float32(1.5), np.datetime64("NaT"), {1}, 10**5000])
)


@given(st.lists(cells, min_size=1, max_size=6))
@settings(max_examples=400, deadline=None)
def test_any_cells_make_a_column_of_their_height(values: list[Any]) -> None:
    for frame in ({"a": values}, [{"a": value} for value in values]):
        table = read_frame(frame)
        assert table.frame.collect().height == table.height == len(values)
    boxed = pd.DataFrame({"a": pd.Series(values, dtype=object)})
    assert read_frame(boxed).frame.collect().height == len(values)

"""A table that already stands in memory: pandas, Polars, Arrow, NumPy or plain Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dataguard.errors import UsageError
from dataguard.sources.cells import cells_column, plain_cell
from dataguard.sources.columns import RecordColumns, TooWideError, column_of, unique_names
from dataguard.sources.table import Fault, FaultKind, Table

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import polars as pl

_ACCEPTED = (
    "a pandas or Polars DataFrame, a pyarrow Table, a two-dimensional NumPy array, "
    "a dict of lists, a list of dicts, or a path"
)


def read_frame(frame: object, *, name: str = "<DataFrame>") -> Table:
    """Take a table in memory as it stands; it is never changed.

    Accepted are pandas and Polars frames (also lazy ones and single series), pyarrow tables and
    batches, NumPy arrays of one or two dimensions, dicts of columns, lists of records, and
    whatever offers `__arrow_c_stream__` or `__dataframe__`. A pandas index is left out: a record's
    number is its position. NaN becomes null, categories and mixed objects become text.

    Args:
        frame: The table.
        name: What reports call it.

    Raises:
        UsageError: `frame` is none of these, or its columns differ in length.
    """
    columns, repeated = _columns(frame)
    return table_of(columns, name=name, repeated=repeated)


def table_of(
    frame: pl.LazyFrame, *, name: str, repeated: Mapping[str, int], format: str = "frame"
) -> Table:
    """The `Table` of a lazy frame in its plain form, its height counted by reading it once.

    Raises:
        UsageError: The lazy frame cannot be computed.
    """
    import polars as pl

    try:
        plain = plain_columns(frame)
        height = checked_height(plain)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise UsageError(f"{name}: the frame cannot be computed: {first_line(error)}") from None
    faults = []
    width = len(plain.collect_schema())
    if not height or not width:
        faults.append(
            Fault(FaultKind.UNREADABLE, f"the frame has {width} columns and {height} records")
        )
    if repeated:
        faults.append(duplicate_columns(repeated))
    return Table(name, format, plain, height, faults=tuple(faults))


def duplicate_columns(repeated: Mapping[str, int]) -> Fault:
    """The fault of column names that stand more than once: `repeated` gives how often."""
    shown = ", ".join(f"'{name}' ({count} times)" for name, count in list(repeated.items())[:5])
    more = f" and {len(repeated) - 5} more" if len(repeated) > 5 else ""
    return Fault(
        FaultKind.DUPLICATE_COLUMN,
        f"column names stand more than once: {shown}{more}",
        columns=tuple(repeated),
        evidence={"counts": dict(repeated)},
    )


def plain_columns(frame: pl.LazyFrame) -> pl.LazyFrame:
    """`frame` with categories as text, NaN as null and typeless columns as text."""
    import polars as pl
    import polars.selectors as cs

    changed = []
    for name, dtype in frame.collect_schema().items():
        column = cs.by_name(name)  # `pl.col` takes '^…$' for a pattern
        if isinstance(dtype, (pl.Categorical, pl.Enum, pl.Null)):
            changed.append(column.cast(pl.String))
        elif dtype.is_float():
            changed.append(column.fill_nan(None))
    return frame.with_columns(changed) if changed else frame


def checked_height(frame: pl.LazyFrame) -> int:
    """The number of records, found by decoding every cell once, so that a fault shows here.

    Raises:
        polars.exceptions.PolarsError: Some part cannot be decoded.
    """
    import polars as pl

    if not len(frame.collect_schema()):
        return 0
    counts = frame.select(pl.len().alias("__height"), pl.all().null_count().name.prefix("n:"))
    return int(counts.collect(engine="streaming")["__height"][0])


def first_line(error: BaseException) -> str:
    """The first line of an error's message, at most 200 characters."""
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__


def _columns(frame: object) -> tuple[pl.LazyFrame, dict[str, int]]:
    """The columns as a lazy frame, and the names that stood more than once."""
    import polars as pl

    if isinstance(frame, pl.LazyFrame):
        return _lazy(frame), {}
    if isinstance(frame, (pl.DataFrame, pl.Series)):
        return _polars(frame if isinstance(frame, pl.DataFrame) else frame.to_frame()), {}
    library = type(frame).__module__.partition(".")[0]
    if library == "pandas":
        return _pandas(frame)
    if library == "pyarrow":
        return arrow_columns(frame)
    if library == "numpy":
        return _numpy(frame), {}
    if isinstance(frame, Mapping):
        return _mapping(frame)
    if isinstance(frame, Sequence) and not isinstance(frame, (str, bytes, bytearray)):
        return _records(frame), {}
    if hasattr(frame, "__arrow_c_stream__") or hasattr(frame, "__dataframe__"):
        return _interchange(frame)
    raise _not_accepted(frame)


def _not_accepted(frame: object, detail: str = "") -> UsageError:
    kind = type(frame)
    full = (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
    return UsageError(f"cannot lint a {full}{detail}: give {_ACCEPTED}")


def _lazy(frame: pl.LazyFrame) -> pl.LazyFrame:
    import polars as pl

    try:
        schema = frame.collect_schema()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise UsageError(f"the lazy frame cannot be computed: {first_line(error)}") from None
    if any(dtype == pl.Object for dtype in schema.values()):
        return _polars(frame.collect())
    return _named(frame, list(schema))


def _polars(frame: pl.DataFrame) -> pl.LazyFrame:
    import polars as pl

    for position, column in enumerate(frame.get_columns()):
        if column.dtype == pl.Object:
            texts = column_of(column.name, [plain_cell(cell) for cell in column.to_list()])
            frame = frame.clone().replace_column(position, texts)
    return _named(frame.lazy(), frame.columns)


def _named(frame: pl.LazyFrame, names: list[str]) -> pl.LazyFrame:
    unique, _ = unique_names(names)
    changed = {old: new for old, new in zip(names, unique, strict=True) if old != new}
    return frame.rename(changed) if changed else frame


def _records(records: Sequence[object]) -> pl.LazyFrame:
    for position, record in enumerate(records):
        if not isinstance(record, Mapping):
            raise _not_accepted(records, f" whose item {position} is a {type(record).__name__}")
    store = RecordColumns()
    try:
        store.add([_plain_record(record) for record in records if isinstance(record, Mapping)])
    except TooWideError as error:
        raise UsageError(str(error)) from None
    return store.frame().lazy()


def _plain_record(record: Mapping[Any, Any]) -> dict[str, Any]:
    return {("" if key is None else str(key)): plain_cell(cell) for key, cell in record.items()}


def _mapping(columns: Mapping[Any, Any]) -> tuple[pl.LazyFrame, dict[str, int]]:
    import polars as pl

    names, repeated = unique_names(columns)
    made = [_any_column(new, key, columns[key]) for new, key in zip(names, columns, strict=True)]
    heights = {column.name: len(column) for column in made}
    if len(set(heights.values())) > 1:
        shown = ", ".join(f"'{name}' {height}" for name, height in list(heights.items())[:6])
        raise UsageError(f"the columns differ in length ({shown}): give lists of one length")
    return pl.DataFrame(made).lazy(), repeated


def _any_column(name: str, key: object, values: object) -> pl.Series:
    import polars as pl

    library = type(values).__module__.partition(".")[0]
    if library == "pandas" and hasattr(values, "to_frame"):
        return _pandas_column(values.to_frame().iloc[:, 0], name)
    if library == "numpy" and hasattr(values, "ndim") and values.ndim == 1:
        return _numpy_column(values, name)  # type: ignore[arg-type]
    if isinstance(values, pl.Series):
        return values.alias(name)
    if isinstance(values, (list, tuple, range)):
        return cells_column(name, list(values))
    if hasattr(values, "to_pylist"):
        return cells_column(name, values.to_pylist())
    raise UsageError(
        f"column '{key}' is a {type(values).__name__}, not a list: "
        "give a dict of lists of one length"
    )


def arrow_columns(frame: Any) -> tuple[pl.LazyFrame, dict[str, int]]:
    """The columns of a pyarrow table, batch or reader, and names that stood more than once."""
    import polars as pl
    import pyarrow as pa  # type: ignore[import-untyped]

    if isinstance(frame, pa.RecordBatchReader):
        frame = frame.read_all()
    if isinstance(frame, pa.RecordBatch):
        frame = pa.Table.from_batches([frame])
    if not isinstance(frame, pa.Table):
        raise _not_accepted(frame)
    names, repeated = unique_names(frame.column_names)
    frame = frame.rename_columns(names)
    try:
        return pl.DataFrame(frame).lazy(), repeated
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, pa.ArrowException, TypeError):
        columns = [_arrow_column(name, frame[name]) for name in names]
        return pl.DataFrame(columns).lazy(), repeated


def _arrow_column(name: str, values: Any) -> pl.Series:
    import polars as pl
    import pyarrow as pa

    try:
        return pl.Series(name, pl.from_arrow(values))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, pa.ArrowException, TypeError):
        return cells_column(name, values.to_pylist())


def _interchange(frame: Any) -> tuple[pl.LazyFrame, dict[str, int]]:
    """A frame of another library that speaks Arrow's C stream or the interchange protocol."""
    import polars as pl
    import pyarrow as pa

    try:
        if hasattr(frame, "__arrow_c_stream__"):
            return arrow_columns(pa.RecordBatchReader.from_stream(frame))
        import pyarrow.interchange  # type: ignore[import-untyped]

        return arrow_columns(pyarrow.interchange.from_dataframe(frame))
    except (pl.exceptions.PolarsError, pa.ArrowException, TypeError, ValueError) as error:
        raise _not_accepted(frame, f" ({first_line(error)})") from None


def _numpy(frame: Any) -> pl.LazyFrame:
    import polars as pl

    names = getattr(frame.dtype, "names", None)
    if names:
        return pl.DataFrame([_numpy_column(frame[name], name) for name in names]).lazy()
    if frame.ndim == 1:
        return _numpy_column(frame, "column_1").to_frame().lazy()
    if frame.ndim != 2:
        raise _not_accepted(frame, f" of {frame.ndim} dimensions")
    width = frame.shape[1]
    return pl.DataFrame(
        [_numpy_column(frame[:, n], f"column_{n + 1}") for n in range(width)]
    ).lazy()


def _numpy_column(values: np.ndarray[Any, Any], name: str) -> pl.Series:
    import numpy as np
    import polars as pl

    if values.ndim == 1 and values.dtype.kind in "biufmM" and values.dtype.itemsize <= 8:
        try:
            plain = np.ascontiguousarray(values.astype(values.dtype.newbyteorder("=")))
            return pl.Series(name, plain, nan_to_null=True)
        except (pl.exceptions.PolarsError, TypeError, ValueError):
            pass  # a unit of time that Polars does not know: as text below
    return cells_column(name, values.tolist())


def _pandas(frame: Any) -> tuple[pl.LazyFrame, dict[str, int]]:
    import pandas as pd
    import polars as pl

    if isinstance(frame, pd.Series):
        frame = frame.to_frame()
    if not isinstance(frame, pd.DataFrame):
        raise _not_accepted(frame)
    names, repeated = unique_names(_flat(label) for label in frame.columns)
    made = [_pandas_column(frame.iloc[:, n], name) for n, name in enumerate(names)]
    return pl.DataFrame(made).lazy(), repeated


def _flat(label: object) -> str | None:
    """A column's label as text; the levels of a MultiIndex joined by an underscore."""
    if isinstance(label, tuple):
        return "_".join(str(part) for part in label if str(part))
    return None if label is None or label != label else str(label)


def _pandas_column(column: pd.Series[Any], name: str) -> pl.Series:
    import polars as pl
    import pyarrow as pa

    kind = str(column.dtype)
    if kind in ("object", "category") or kind.startswith(
        ("Sparse", "period", "interval", "complex")
    ):
        return cells_column(name, column.astype(object).tolist())
    try:
        made = pl.from_pandas(column.reset_index(drop=True).rename(None), nan_to_null=True)
    except (
        pl.exceptions.PolarsError,
        pa.ArrowException,
        TypeError,
        ValueError,
        NotImplementedError,
    ):
        return cells_column(name, column.astype(object).tolist())
    return made.alias(name)

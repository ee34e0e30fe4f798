"""Python objects as cells of a column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dataguard.sources.columns import column_of, json_text, text_of

if TYPE_CHECKING:
    import decimal

    import polars as pl


def cells_column(name: str, values: Sequence[Any]) -> pl.Series:
    """A column of any Python objects: typed where they are of one kind, else text."""
    import datetime
    import decimal

    import polars as pl

    cells = [plain_cell(value) for value in values]
    kinds = set(map(type, cells)) - {type(None)}
    dates = (datetime.date, datetime.datetime, datetime.timedelta, datetime.time)
    if len(kinds) == 1 and kinds <= {*dates, decimal.Decimal, bytes}:
        try:
            return pl.Series(name, cells, strict=True)
        except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError):
            pass  # mixed time zones, years out of range: as text below
    return column_of(name, cells)


def plain_cell(value: Any) -> Any:
    """A cell as Python knows it: NumPy scalars unpacked, the missing as None, the odd as text."""
    if value is None or type(value) in (str, int, float, bool):
        return value
    library = type(value).__module__.partition(".")[0]
    if library == "pandas" and type(value).__name__ in ("NAType", "NaTType"):
        return None
    if library == "pandas" and hasattr(value, "to_pydatetime"):
        return value.to_pydatetime(warn=False)
    if library == "pandas" and hasattr(value, "to_pytimedelta"):
        return value.to_pytimedelta()
    if library == "numpy":
        return _numpy_cell(value)
    for plain in (bool, int, float, str):
        if isinstance(value, plain):
            return plain(value)
    if isinstance(value, (list, tuple, Mapping)):
        return json_text(dict(value) if isinstance(value, Mapping) else list(value))
    if library == "decimal":
        return _storable(value)
    return value if library == "datetime" or isinstance(value, bytes) else text_of(value)


def _numpy_cell(value: Any) -> Any:
    if value.ndim:
        return json_text(value.tolist())
    item = value.item()
    # Nanoseconds have no Python type: NumPy hands out a bare integer for them.
    return str(value) if value.dtype.kind in "mM" and type(item) is int else plain_cell(item)


def _storable(value: decimal.Decimal) -> decimal.Decimal | str | None:
    """A decimal that Polars can hold (38 digits); others as text, NaN as None."""
    if value.is_nan():
        return None
    limits = value.is_finite() and value.adjusted() < 19 and int(value.as_tuple().exponent) >= -18
    return value if limits else str(value)

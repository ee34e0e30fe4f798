"""Python objects as cells of a column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dataguard.sources.columns import clean_text, column_of, json_text

if TYPE_CHECKING:
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
        return value.to_pydatetime(warn=False) if hasattr(value, "nanosecond") else value
    if library == "numpy":
        return plain_cell(value.item()) if value.ndim == 0 else value.tolist()
    for plain in (bool, int, float, str):
        if isinstance(value, plain):
            return plain(value)
    if isinstance(value, (list, tuple, Mapping)):
        return json_text(dict(value) if isinstance(value, Mapping) else list(value))
    if library in ("datetime", "decimal") or isinstance(value, bytes):
        return value
    return _text_of(value)


def _text_of(value: object) -> str:
    """An object's own text, without its address, which differs from run to run."""
    try:
        text = str(value)
        return f"<{type(value).__name__}>" if " at 0x" in text else clean_text(text)
    except (RecursionError, ValueError, TypeError, AttributeError, RuntimeError, LookupError):
        return f"<{type(value).__name__}>"

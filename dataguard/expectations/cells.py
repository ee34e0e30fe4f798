"""The cells of a table as Great Expectations gets them: what pandas makes of the same file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from dataguard.dataset import Column

NA_WORDS = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
"""Cells of a CSV file that `pandas.read_csv` takes for missing."""

TRUE, FALSE = ("True", "TRUE", "true"), ("False", "FALSE", "false")
"""Cells that it takes for booleans, where a column holds nothing else."""

FORMS = ("number", "boolean", "date", "text", "other")
"""What a column is handed over as."""


class Frames(msgspec.Struct, frozen=True):
    """One table for Great Expectations, in two forms with the same index, 0 to rows - 1.

    Attributes:
        plain: The cells as pandas reads them; a word in a column of numbers stays a word.
        coerced: Such words, and dates that are none, are missing, and dates are timestamps, so
            that values can be compared.
        differing: Columns that differ between the two.
    """

    plain: pd.DataFrame
    coerced: pd.DataFrame
    differing: frozenset[str]


def given(column: Column, typed: bool) -> pl.Expr:
    """The column's cells with what pandas takes for missing as null, under its own name."""
    import polars as pl

    cell = pl.col(column.name)
    if column.dtype.is_float():
        cell = cell.fill_nan(None)
    if typed or not column.is_string:
        return cell.alias(column.name)
    stripped = cell.str.strip_chars()
    return pl.when(~stripped.is_in(NA_WORDS)).then(cell).alias(column.name)


def form_of(column: Column, cells: pl.Series, typed: bool) -> str:
    """As what a column is handed over where no suite says so: one of `FORMS`."""
    from dataguard.dataset import Kind

    if not column.is_string:
        return _form_of_type(column.dtype)
    if typed:
        return "text"
    known = cells.drop_nulls()
    if known.is_empty():
        return "number" if column.kind is Kind.NUMBER else "text"
    if known.str.strip_chars().is_in([*TRUE, *FALSE]).all():
        return "boolean"
    numbers = known.str.strip_chars().cast(float, strict=False).is_not_null()
    return "number" if column.kind is Kind.NUMBER or numbers.all() else "text"


def _form_of_type(dtype: pl.DataType) -> str:
    import polars as pl

    if dtype.is_numeric():
        return "number"
    if dtype == pl.Boolean:
        return "boolean"
    if dtype in (pl.Date, pl.Datetime):
        return "date"
    return "text" if dtype in (pl.Categorical, pl.Enum) else "other"


def frames(cells: pl.DataFrame, forms: Mapping[str, str]) -> Frames:
    """The table for Great Expectations.

    Args:
        cells: The cells as `given` has them.
        forms: One of `FORMS` by column.
    """
    import pandas as pd
    import polars as pl

    plain: dict[str, Any] = {}
    coerced: dict[str, Any] = {}
    for name in cells.columns:
        series = cells[name]
        form = forms[name]
        plain[name] = coerced[name] = _held(series, form)
        if form == "number" and series.dtype == pl.String and plain[name].dtype == object:
            coerced[name] = _numbers(series)
        elif form == "text" and series.dtype == pl.String and _looks_dated(series):
            coerced[name] = pd.to_datetime(plain[name], errors="coerce", format="ISO8601")
    index = pd.RangeIndex(cells.height)
    differing = frozenset(n for n in plain if coerced[n] is not plain[n])
    return Frames(pd.DataFrame(plain, index=index), pd.DataFrame(coerced, index=index), differing)


def _looks_dated(series: pl.Series) -> bool:
    dated = series.str.contains(r"^\d{4}-\d{2}-\d{2}").sum()
    return bool(dated > 0.5 * (len(series) - series.null_count()))


def _held(series: pl.Series, form: str) -> pd.Series[Any]:
    import pandas as pd
    import polars as pl

    if form == "number":
        return _numbers(series) if series.dtype != pl.String else _numbers_and_words(series)
    if form == "date":
        return pd.Series(series.cast(pl.Datetime("us"), strict=False).to_numpy())
    if form == "boolean":
        return _booleans(series)
    if form == "other":
        return pd.Series(series.to_list(), dtype=object)
    values = series.cast(pl.String, strict=False).to_list()
    return pd.Series(values, dtype=None if series.null_count() < len(series) else object)


def _numbers(series: pl.Series) -> pd.Series[Any]:
    """The numbers, whole ones as such where none is missing; words and gaps as NaN."""
    import pandas as pd
    import polars as pl

    if series.dtype == pl.String:
        series = series.str.strip_chars().cast(pl.Float64, strict=False)
    elif series.null_count() or not (series.dtype.is_integer() or series.dtype.is_float()):
        series = series.cast(pl.Float64, strict=False)
    return pd.Series(series.to_numpy())


def _numbers_and_words(series: pl.Series) -> pd.Series[Any]:
    """The numbers of a column of text, and the words among them as they are."""
    import pandas as pd
    import polars as pl

    text = series.str.strip_chars()
    whole = text.cast(pl.Int64, strict=False)
    if not whole.null_count():
        return pd.Series(whole.to_numpy())
    numbers = text.cast(pl.Float64, strict=False)
    if numbers.null_count() == series.null_count():
        return pd.Series(numbers.to_numpy())
    pairs = zip(numbers.to_list(), series.to_list(), strict=True)
    return pd.Series([w if n is None else n for n, w in pairs], dtype=object)


def _booleans(series: pl.Series) -> pd.Series[Any]:
    import pandas as pd
    import polars as pl

    words = {**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False)}
    values = series.to_list()
    if series.dtype == pl.String:
        values = [v if v is None else words.get(v.strip(), v) for v in values]
    every = all(isinstance(v, bool) for v in values)
    return pd.Series(values, dtype=bool if every and values else object)

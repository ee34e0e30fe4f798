"""What clean data is like, as a suite of Great Expectations 1.x. Needs no Great Expectations."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from dataguard import __version__
from dataguard.dataset import Kind
from dataguard.errors import UsageError
from dataguard.expectations.cells import form_of, given
from dataguard.expectations.suite import OURS

if TYPE_CHECKING:
    import polars as pl

    from dataguard.dataset import Column, Split

LEAST_ROWS = 20
"""Rows below which nothing can be told of further ones."""

CLOSED = 5
"""Rows of each value of a set from which on no further value is expected: one that six rows of
two samples have is in the second alone by a chance of 1 in 64, and hardly ever the only one."""

CLOSED_NUMBERS, MOST_NUMBERS = 20, 12
"""The same for whole numbers, whose rows fade out towards the ends, and distinct ones at most."""

FEW_OTHERS = 10
"""Rows with another number than the usual one up to which these show no range of all rows."""

MOST_VALUES = 1000
"""Distinct values of a set at most."""

FEW_GAPS = 7
"""Missing cells of a column up to which another that has none may be its like: of so many, none
is in half of the rows by a chance of 1 in 100."""

WHOLE_TYPES = ["int64", "int32", "int16", "int8", "uint64", "uint32", "uint16", "uint8", "int"]
NUMBER_TYPES = [*WHOLE_TYPES, "float64", "float32", "float"]
"""Names of the types of pandas and Python for numbers. A gap makes whole numbers floats."""

UNALIKE = 1e-6
"""Expected pairs of equal values, were they drawn at random, below which none is expected."""

YEAR_1, YEAR_9999 = -62135596800, 253402300799
"""The first second of the year 1 and the last of the year 9999, counted from 1970."""

LONG = 16
"""Hexadecimal digits from which on a code is taken for a hash or a UUID."""

Rule = dict[str, Any]


class Cells(msgspec.Struct, frozen=True):
    """One column to learn from.

    Attributes:
        column: The column.
        form: As what it is handed over, see `cells.FORMS`.
        known: The cells that are not missing.
        rows: Rows of the table.
        is_id: Whether it plays the role of the id.
    """

    column: Column
    form: str
    known: pl.Series
    rows: int
    is_id: bool

    @property
    def gaps(self) -> int:
        """Missing cells."""
        return self.rows - len(self.known)


def suite_text(split: Split, name: str) -> str:
    """The suite of a split, as JSON text.

    Args:
        split: Clean data.
        name: Name of the suite.

    Raises:
        UsageError: There are fewer than `LEAST_ROWS` rows.
    """
    if split.height < LEAST_ROWS:
        rows = f"{split.table.path} has {split.height} rows"
        raise UsageError(f"{rows}, and at least {LEAST_ROWS} are needed to learn from")
    rules: list[Rule] = [
        _rule("expect_table_columns_to_match_set", column_set=list(split.names), exact_match=True)
    ]
    forms: dict[str, str] = {}
    ids = {c.name for c in split.of_role("id")}
    learnt: list[Cells] = []
    for column in split.columns:
        cells = split.table.frame.select(given(column, split.table.typed)).collect()[column.name]
        forms[column.name] = form_of(column, cells, split.table.typed)
        form, known = forms[column.name], cells.drop_nulls()
        learnt.append(Cells(column, form, known, split.height, column.name in ids))
    gaps = any(1 <= one.gaps <= FEW_GAPS for one in learnt)
    for one in learnt:
        of_column = {"column": one.column.name}
        rules += [r | {"kwargs": {**of_column, **r["kwargs"]}} for r in _rules(one, gaps)]
    suite = {
        "name": name,
        "expectations": rules,
        "meta": {OURS: {"version": __version__, "rows": split.height, "columns": forms}},
        "notes": None,
    }
    return json.dumps(suite, indent=2, ensure_ascii=False) + "\n"


def _rule(type_: str, share: float | None = 1.0, **kwargs: Any) -> Rule:
    """An expectation; `share` is the least share of rows, None where there is none to expect."""
    wanted = dict(kwargs) if share in (None, 1.0) else {**kwargs, "mostly": share}
    return {"type": type_, "kwargs": wanted, "meta": {}}


def _rules(cells: Cells, gaps: bool) -> Iterator[Rule]:
    """What is expected of a column; `gaps`: there are a few here and there in the table."""
    from dataguard.expectations.margins import mostly

    least = mostly(cells.gaps, cells.rows)
    if gaps and not cells.gaps and not cells.is_id:
        least = _nearly_all(cells.rows)
    if least is not None:
        yield _rule("expect_column_values_to_not_be_null", least)
    if len(cells.known) < LEAST_ROWS:
        return
    if cells.form == "number":
        yield from _of_numbers(cells)
    elif cells.form == "boolean":
        yield _rule("expect_column_values_to_be_in_type_list", type_list=["bool", "bool_"])
    elif cells.form == "date":
        yield from _of_timestamps(cells)
    elif cells.form == "text":
        yield from _of_texts(cells)
    if cells.form in ("number", "text") and _is_unique(cells):
        yield _rule("expect_column_values_to_be_unique")


def _of_numbers(cells: Cells) -> Iterator[Rule]:
    """Type, range and, for few distinct whole numbers, the set."""
    import polars as pl

    from dataguard.expectations.margins import bounds, mostly

    numbers = cells.known
    if cells.known.dtype == pl.String:
        numbers = cells.known.str.strip_chars().cast(float, strict=False)
    numbers = numbers.cast(float, strict=False).drop_nulls()
    numbers = numbers.filter(numbers.is_finite())
    words = len(cells.known) - len(numbers)
    share = mostly(words, len(cells.known))
    if share is not None:
        kind = "expect_column_values_to_be_in_type_list"
        yield _rule(kind, share, type_list=NUMBER_TYPES)
    if len(numbers) < LEAST_ROWS:
        return
    between = "expect_column_values_to_be_between"
    counted: dict[float, int] = dict(numbers.alias("value").value_counts().iter_rows())
    others = len(numbers) - max(counted.values())
    few = mostly(others, len(numbers)) if others else _nearly_all(len(numbers))
    low, high = bounds(numbers.to_numpy())
    if math.isfinite(low) and math.isfinite(high):
        yield _rule(between, few if others < FEW_OTHERS else 1.0, min_value=low, max_value=high)
    whole = len(counted) > 1 and all(value == int(value) for value in counted)
    if whole and len(counted) <= MOST_NUMBERS and min(counted.values()) >= CLOSED_NUMBERS:
        values = sorted(int(value) for value in counted)
        yield _rule("expect_column_values_to_be_in_set", value_set=values)


def _nearly_all(rows: int) -> float:
    """What share of a second sample is still what all rows of a first are."""
    from dataguard.expectations.margins import most

    return max(0.0, math.floor(1000 * (1 - most(0, rows))) / 1000)


def _of_timestamps(cells: Cells) -> Iterator[Rule]:
    """The range of dates in columns that are stored as such."""
    import polars as pl

    from dataguard.expectations.margins import bounds

    times = cells.known.cast(pl.Datetime("us"), strict=False).drop_nulls()
    seconds = times.dt.epoch("s").cast(float)
    if seconds.n_unique() < 2:
        return
    ends = [min(max(math.floor(b), YEAR_1), YEAR_9999) for b in bounds(seconds.to_numpy())]
    low, high = (t.isoformat() for t in pl.from_epoch(pl.Series(ends), "s").to_list())
    yield _rule("expect_column_values_to_be_between", min_value=low, max_value=high)


def _of_texts(cells: Cells) -> Iterator[Rule]:
    from dataguard.expectations.shapes import date_format, regex_of, years

    texts = cells.known.cast(str, strict=False).alias("value")
    counted: dict[str, int] = dict(texts.value_counts().iter_rows())
    values = sorted(counted)
    if cells.column.kind is Kind.DATE:
        format_ = date_format(values)
        if format_ is not None:
            yield _rule("expect_column_values_to_match_strftime_format", strftime_format=format_)
            span = years(values, format_)
            if span is not None:
                yield _rule("expect_column_values_to_match_regex", regex=span)
            return
    known = list(_of_categories(counted)) if cells.column.kind is Kind.CATEGORY else []
    yield from known
    regex = regex_of(values) if not known and len(values) >= LEAST_ROWS else None
    if regex is not None:
        yield _rule("expect_column_values_to_match_regex", regex=regex)
    if cells.column.kind is not Kind.CATEGORY:
        yield from _of_lengths(cells)


def _of_categories(counted: Mapping[str, int]) -> Iterator[Rule]:
    """The set: all rows where each value is frequent, most rows where there are rare ones."""
    from dataguard.expectations.margins import mostly

    rare = sum(n for n in counted.values() if n < CLOSED)
    share = mostly(rare, sum(counted.values()))
    if len(counted) <= MOST_VALUES and share is not None:
        yield _rule("expect_column_values_to_be_in_set", share, value_set=sorted(counted))


def _of_lengths(cells: Cells) -> Iterator[Rule]:
    from dataguard.expectations.margins import bounds

    lengths = cells.known.cast(str, strict=False).str.len_chars().cast(float)
    low, high = bounds(lengths.to_numpy())
    if math.isfinite(high):
        kind = "expect_column_value_lengths_to_be_between"
        least = min(int(lengths.to_numpy().min()), 1)
        yield _rule(kind, min_value=max(math.floor(low), least), max_value=math.ceil(high))


def _is_unique(cells: Cells) -> bool:
    """Whether no value repeats, and this is no accident.

    By the birthday problem n values drawn from a range of R have n²/2R equal pairs: eight that
    are not there are a proof (chance e**-8); where next to none is expected, as of UUIDs, none
    will be in a second sample. Else the column has to be the id.
    """
    known = cells.known
    if known.n_unique() < len(known):
        return False
    if cells.is_id:
        return True
    space = _space(cells)
    pairs = len(known) ** 2 / (2 * space) if space else 0.0
    return pairs >= 8 or 0 < pairs < UNALIKE


def _space(cells: Cells) -> float:
    """How many values there could be: whole numbers from least to largest, codes by their digits;
    0 where that cannot be told."""
    if cells.form == "number":
        exact = cells.column.whole and not cells.known.dtype.is_float()
        return _span(cells.known.cast(float, strict=False)) if exact else 0.0
    if cells.column.kind is not Kind.CODE:
        return 0.0
    digits = [re.sub(r"[^0-9A-Fa-f]", "", value) for value in cells.known.to_list()]
    shortest = min(map(len, digits))
    if shortest >= LONG:
        return 16.0**shortest
    number = r"^[^0-9]*([0-9]{1,15})[^0-9]*$"
    return _span(cells.known.str.extract(number).cast(float, strict=False))


def _span(numbers: pl.Series) -> float:
    """From the least number to the largest; 0 where a value is none, or one repeats."""
    if numbers.null_count() or numbers.n_unique() < len(numbers):
        return 0.0
    values = numbers.to_list()
    return float(max(values) - min(values) + 1)

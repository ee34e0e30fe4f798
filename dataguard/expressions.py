"""Polars expressions that several parts share: a cell as text, as a number, in canonical form."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

PLAIN_NUMBER = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
"""A number as every reader takes it: no thousands separators, units or spaces."""

WIDE = 64
"""Cells from which on a row's key is made of groups of them."""

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
WORD = rf"[{_UNSPACED}][\p{{M}}ー]*(?:[{_UNSPACED}][\p{{M}}ー]*)?|[^\s{_UNSPACED}]+"
"""A word: what stands between blanks, or two characters of a script that is written without (a
Chinese word has one or two)."""

DISGUISED_MISSING = (
    "na", "n/a", "n.a.", "n.a", "n/d", "k.a.", "k. a.", "#n/a", "#na", "nan", "-nan",
    "null", "<null>", "(null)", "nil",
    "none", "<na>", "missing", "unknown", "undefined", "not available", "not applicable",
    "no data", "-", "--", "---", "—", "–", "?", "??", "???", ".", "..", "...", "tbd", "tba",
    "#null!", "#value!", "#ref!", "#div/0!", "#name?", "#num!", "nat", "empty", "blank",
)  # fmt: skip
"""Words that stand for "no value", in lower case. They are no evidence of what a column holds."""


def as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    """The column as `String`; missing (null, NaN) stays null; nested cells become JSON."""
    import polars as pl

    column = pl.col(name)
    if dtype == pl.String:
        return column
    if dtype.is_nested():
        json = pl.struct(column).struct.json_encode()
        return pl.when(column.is_not_null()).then(json)
    if dtype.is_float():
        return column.fill_nan(None).cast(pl.String)
    if dtype == pl.Binary:
        return column.bin.encode("hex")
    if dtype == pl.Duration:
        return column.dt.to_string("iso")
    return column.cast(pl.String)


def as_number(name: str, dtype: pl.DataType) -> pl.Expr:
    """The column as `Float64`, null where a cell is no plain finite number."""
    import polars as pl

    column = pl.col(name)
    if dtype == pl.String:
        number = column.str.strip_chars().cast(pl.Float64, strict=False)
        return pl.when(number.is_finite()).then(number)
    if dtype.is_numeric() or dtype == pl.Boolean:
        number = column.cast(pl.Float64, strict=False)
        return pl.when(number.is_finite()).then(number)
    # As long as the column, where a literal would be a single value.
    return column.is_null().cast(pl.Float64) * pl.lit(None, dtype=pl.Float64)


def as_canonical(name: str, dtype: pl.DataType) -> pl.Expr:
    """The column as `String` in a form that does not depend on how the value was written."""
    return canonical_text(as_text(name, dtype))


def canonical_text(text: pl.Expr) -> pl.Expr:
    """Lower case, single spaces, no trailing zeros in decimals ("1.50" and "1.5" are equal)."""
    lowered = text.str.to_lowercase().str.strip_chars().str.replace_all(r"\s+", " ")
    return lowered.str.replace(r"^([+-]?[0-9]+)(?:\.0*|(\.[0-9]*[1-9])0*)$", "${1}${2}")


def is_missing(name: str, dtype: pl.DataType) -> pl.Expr:
    """Whether the cell is missing: null, or NaN in a float column."""
    import polars as pl

    column = pl.col(name)
    if dtype.is_float():
        return column.is_null() | column.is_nan().fill_null(value=False)
    return column.is_null()


def word_count(text: pl.Expr) -> pl.Expr:
    """How many words each cell has; two characters of a script without spaces count as one."""
    return text.str.count_matches(WORD)


def row_key(cells: Sequence[pl.Expr], seed: int) -> pl.Expr:
    """A 64-bit key of several expressions: the hashes of the cells, each column seeded apart.

    Missing is a value like others. Two unlike rows among a million share a key by a chance of
    3e-8.
    """
    import polars as pl

    if not cells:
        return pl.lit(seed, pl.UInt64)
    if len(cells) > WIDE:  # many cells joined one by one take Polars minutes to plan
        named = [cell.alias(str(i)) for i, cell in enumerate(cells)]
        cells = [pl.struct(named[i : i + WIDE]) for i in range(0, len(named), WIDE)]
    return reduce(operator.xor, [cell.hash(seed + i) for i, cell in enumerate(cells)])


def content(texts: Sequence[pl.Expr]) -> pl.Expr:
    """All cells of a row as one `String`, the length of each in front of it."""
    import polars as pl

    parts = [
        part
        for text in texts
        for part in (text.str.len_bytes().cast(pl.String).fill_null(""), pl.lit(":"), text)
    ]
    return pl.concat_str([part.fill_null("") for part in parts]) if parts else pl.lit("")

"""Python values in, typed columns out: shared by JSON and by frames of Python objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import polars as pl

# Above this an integer loses digits as a float (IEEE 754 binary64 has 53 bits of precision).
_EXACT = 2**53
# Records whose keys are data, not names ({"user17": 3}), would fill the memory with nulls.
_MAX_WIDTH = 20_000
_MANY_CELLS = 200_000_000
_SPARSE = 200


def unique_names(names: Iterable[object]) -> tuple[list[str], dict[str, int]]:
    """Column names made unique, and how often each repeated name stood there.

    A second "a" becomes "a_2" (or the next free number), a nameless third column "column_3".
    """
    given = ["" if name is None else clean_text(str(name)) for name in names]
    counts: dict[str, int] = {}
    for name in given:
        counts[name] = counts.get(name, 0) + 1
    taken = set(given)
    seen: set[str] = set()
    unique = []
    for position, name in enumerate(given, start=1):
        wanted, number = (name, 2) if name.strip() else (f"column_{position}", 2)
        chosen = wanted
        while chosen in seen or (chosen != name and chosen in taken):
            chosen, number = f"{wanted}_{number}", number + 1
        seen.add(chosen)
        unique.append(chosen)
    return unique, {name: n for name, n in counts.items() if n > 1 and name.strip()}


def clean_text(text: str) -> str:
    """`text` with lone surrogates replaced by U+FFFD, so that it can be stored as UTF-8."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def json_text(value: object) -> str | None:
    """A value as text: a string as it stands, a container as compact JSON, others by `str`."""
    if value is None or isinstance(value, str):
        return None if value is None else clean_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _digits(value)
    if isinstance(value, float):
        return None if value != value else repr(float(value))
    if isinstance(value, (list, dict, tuple)):
        return _container_text(value)
    return text_of(value)


def text_of(value: object) -> str:
    """An object's own text, without what differs from run to run: its address, a set's order."""
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(sorted(map(text_of, value))) + "}"
    try:
        text = str(value)
        return f"<{type(value).__name__}>" if " at 0x" in text else clean_text(text)
    except (RecursionError, ValueError, TypeError, AttributeError, RuntimeError, LookupError):
        return f"<{type(value).__name__}>"


def _digits(value: int) -> str:
    try:
        return str(int(value))
    except ValueError:  # longer than Python's limit for int to str
        from decimal import Decimal

        return str(Decimal(value))


def _container_text(value: object) -> str:
    import json

    try:
        return msgspec.json.encode(value).decode()
    except RecursionError:
        return "[nested too deeply]"
    except (TypeError, ValueError, OverflowError, msgspec.MsgspecError):
        pass  # big integers, odd keys, surrogates, objects that JSON does not know
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=text_of)
    except RecursionError:
        return "[nested too deeply]"
    except (TypeError, ValueError):
        text = text_of(value)
    return clean_text(text)


class TooWideError(ValueError):
    """Records that use so many different keys that they are no table."""


class RecordColumns:
    """Collects records chunk by chunk and makes one typed column of each key.

    A column is Int64, Float64, Boolean or String where all its values are; integers with floats
    are Float64 as long as no digit is lost; everything else is String holding JSON text, the same
    whatever chunk a value stood in. A missing key, None and NaN are null.
    """

    __slots__ = ("_pieces", "cells", "height")

    def __init__(self) -> None:
        self._pieces: dict[str, list[tuple[int, pl.Series, pl.Series | None]]] = {}
        self.height = 0
        self.cells = 0

    def add(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Add a chunk of records.

        Raises:
            TooWideError: They use too many different keys.
        """
        keys = dict.fromkeys(chain.from_iterable(records))
        self.cells += sum(map(len, records))
        self._refuse_if_no_table(keys, self.height + len(records))
        for key in keys:
            try:
                values = list(map(itemgetter(key), records))
            except KeyError:
                values = [record.get(key) for record in records]
            self._pieces.setdefault(key, []).append((self.height, *_piece(values)))
        self.height += len(records)

    def _refuse_if_no_table(self, keys: Mapping[str, None], height: int) -> None:
        width = len(self._pieces.keys() | keys.keys())
        if width > _MAX_WIDTH or height * width > max(_MANY_CELLS, _SPARSE * self.cells):
            raise TooWideError(
                f"{height} records use {width} different keys: this is a dictionary, not a table; "
                "store the keys as values of one column"
            )

    def frame(self) -> pl.DataFrame:
        """The table of all records, columns in the order in which their keys first stood."""
        import polars as pl

        names, _ = unique_names(self._pieces)
        columns = []
        for name, key in zip(names, list(self._pieces), strict=True):
            columns.append(self._column(name, self._pieces.pop(key)))
        return pl.DataFrame(columns)

    def _column(
        self, name: str, pieces: list[tuple[int, pl.Series, pl.Series | None]]
    ) -> pl.Series:
        import polars as pl

        dtype = _common_type([piece for _, piece, _ in pieces])
        parts = []
        end = 0
        for start, piece, integers in pieces:
            parts += [_nulls(start - end, dtype), _as_type(piece, integers, dtype)]
            end = start + len(piece)
        parts.append(_nulls(self.height - end, dtype))
        return pl.concat([part for part in parts if len(part)], rechunk=False).alias(name)


def _nulls(count: int, dtype: pl.DataType) -> pl.Series:
    import polars as pl

    return pl.Series([None], dtype=dtype).new_from_index(0, count)


def column_of(name: str, values: Sequence[Any]) -> pl.Series:
    """One typed column of Python values, by the rules of `RecordColumns`."""
    piece, _ = _piece(values)
    return piece.cast(_common_type([piece])).alias(name)


def _piece(values: Sequence[Any]) -> tuple[pl.Series, pl.Series | None]:
    """The column of one chunk; for integers among floats also which ones are integers."""
    import polars as pl

    kinds = set(map(type, values)) - {type(None)}
    if float in kinds and len(kinds) > 1:
        values = [None if value != value else value for value in values]
        kinds = set(map(type, values)) - {type(None)}
    if not kinds:
        return pl.Series(values, dtype=pl.Null), None
    if kinds == {float}:
        return pl.Series(values, dtype=pl.Float64).fill_nan(None), None
    if kinds == {int, float} and _exact_as_float(values):
        integers = pl.Series([type(value) is int for value in values], dtype=pl.Boolean)
        floats = [None if value is None else float(value) for value in values]
        return pl.Series(floats, dtype=pl.Float64), integers
    if kinds == {bool}:
        return pl.Series(values, dtype=pl.Boolean), None
    if kinds == {int} and _fits_64_bits(values):
        return pl.Series(values, dtype=pl.Int64), None
    if kinds == {str}:
        try:
            return pl.Series(values, dtype=pl.String), None
        except UnicodeEncodeError:
            pass  # a lone surrogate
    return pl.Series([json_text(value) for value in values], dtype=pl.String), None


def _fits_64_bits(values: Iterable[Any]) -> bool:
    present = [value for value in values if value is not None]
    return bool(min(present) >= -(2**63) and max(present) < 2**63)


def _exact_as_float(values: Iterable[Any]) -> bool:
    return all(type(value) is not int or -_EXACT <= value <= _EXACT for value in values)


def _common_type(pieces: Sequence[pl.Series]) -> pl.DataType:
    import polars as pl

    kinds = {piece.dtype for piece in pieces} - {pl.Null()}
    if len(kinds) == 1:
        return kinds.pop()
    if kinds == {pl.Int64(), pl.Float64()}:
        whole = (piece for piece in pieces if piece.dtype == pl.Int64)
        if all(bool(piece.is_between(-_EXACT, _EXACT).all()) for piece in whole):
            return pl.Float64()
    return pl.String()


def _as_type(piece: pl.Series, integers: pl.Series | None, dtype: pl.DataType) -> pl.Series:
    import polars as pl

    if dtype != pl.String or piece.dtype in (pl.String, pl.Null):
        return piece.cast(dtype)
    values = piece.to_list()
    if integers is not None:
        values = [
            int(value) if whole and value is not None else value
            for value, whole in zip(values, integers, strict=True)
        ]
    return pl.Series([json_text(value) for value in values], dtype=pl.String)

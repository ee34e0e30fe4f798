"""Which characters stand in the sampled cells of each column: what tells a check to look closer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from dataguard.dataset import Column, Dataset, Kind, Split
from dataguard.queries import together

if TYPE_CHECKING:
    import polars as pl

    from dataguard.queries import Hits

SIGNS = "@<>&=#+_-:/.|;(\u2026"
"""Characters without which some fault cannot be."""

BATCH = 64
"""Expressions in one query of the sample."""

PIECE = 4 * 2**20
"""Bytes of text that are looked at in one piece, so that long texts take little memory."""


class Traces(msgspec.Struct, frozen=True):
    """What stands in the sampled cells of a column.

    Attributes:
        signs: Those of `SIGNS` that some cell holds.
        ascii: Whether all characters are ASCII.
        western: Whether all are of Latin-1, which has no other script's letters.
    """

    signs: frozenset[str]
    ascii: bool
    western: bool

    def has(self, signs: str) -> bool:
        """Whether each of `signs` stands in some cell."""
        return self.signs.issuperset(signs)


async def column_traces(data: Dataset) -> Mapping[tuple[str, str], Traces]:
    """The traces of every column of text, by the names of split and column; for `Derived`."""
    return {
        (split.name, column.name): traces(split.preview.get_column(column.name))
        for split in data.splits
        for column in split.columns
        if column.is_string and column.kind is not Kind.EMPTY
    }


def traces(values: pl.Series) -> Traces:
    """The traces of one column's cells."""
    signs: set[str] = set()
    plain = western = True
    for text in _pieces(values):
        signs.update(sign for sign in SIGNS if sign not in signs and sign in text)
        plain = plain and text.isascii()
        western = western and (plain or _is_western(text))
    return Traces(frozenset(signs), plain, western)


def _is_western(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def _pieces(values: pl.Series) -> Iterator[str]:
    size = max(1, int(values.estimated_size()))
    step = max(1, len(values) * PIECE // size)
    for start in range(0, len(values), step):
        yield "\n".join(filter(None, values.slice(start, step).to_list()))


class Asked(msgspec.Struct, frozen=True, eq=False):
    """An expression that selects the faulty cells of one column.

    Attributes:
        split: The split.
        column: The column.
        where: Whether a cell is faulty.
        near: A cheap expression that is true of each faulty cell, where `where` is costly: its
            patterns are compiled only if a cell of the sample is near.
    """

    split: Split
    column: Column
    where: pl.Expr
    near: pl.Expr | None = None


class Flagged(msgspec.Struct, frozen=True, eq=False):
    """A column with faulty cells."""

    asked: Asked
    hits: Hits

    @property
    def split(self) -> Split:
        """The split of the column."""
        return self.asked.split

    @property
    def column(self) -> Column:
        """The column."""
        return self.asked.column

    @property
    def filled(self) -> int:
        """Cells of the column that are not missing."""
        return self.split.height - self.column.missing


async def search(asked: Sequence[Asked], limit: int) -> list[Flagged]:
    """The faulty cells of all columns whose sample shows one: one pass for all of them.

    Args:
        asked: What to look for; a column may stand there more than once.
        limit: Faulty cells of a column that come with their text.
    """
    shown = _shown(asked)
    if not shown:
        return []
    queries = [one.split.rows(one.where, (one.column.name,), limit) for one in shown]
    answers = await together(queries)
    return [Flagged(one, hits) for one, hits in zip(shown, answers, strict=True) if hits.count]


def _shown(asked: Sequence[Asked]) -> list[Asked]:
    """Those of which the sample has a faulty cell."""
    shown: list[Asked] = []
    for start in range(0, len(asked), BATCH):
        batch = asked[start : start + BATCH]
        for split in {id(one.split): one.split for one in batch}.values():
            mine = {i: one for i, one in enumerate(batch) if one.split is split}
            far = _none(split, {i: one.near for i, one in mine.items() if one.near is not None})
            mine = {i: one for i, one in mine.items() if i not in far}
            clean = _none(split, {i: one.where for i, one in mine.items()})
            shown += [one for i, one in mine.items() if i not in clean]
    return shown


def _none(split: Split, wheres: Mapping[int, pl.Expr]) -> set[int]:
    """The keys of the expressions that are true of no cell of the sample."""
    if not wheres:
        return set()
    found = split.preview.select(where.any().alias(str(i)) for i, where in wheres.items())
    return {i for i, some in zip(wheres, found.row(0), strict=True) if not some}

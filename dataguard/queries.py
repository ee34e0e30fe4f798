"""What a check may await. Few and general, so that another engine can answer the same.

A query does nothing by itself: `await` hands it to the runner, which gathers what all checks
await, lets the engine answer the whole batch in one shared pass, and gives each check its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import msgspec

if TYPE_CHECKING:
    import polars as pl

    from dataguard.dataset import Dataset, Split

A = TypeVar("A")

ROW = "\ue000row"
"""Name of the column of record numbers in answers; no real column is called that."""


class Merge(StrEnum):
    """How the partial results of an aggregate become one, on a cluster."""

    SUM = "sum"
    SMALLEST = "smallest"
    LARGEST = "largest"
    COUNTS = "counts"


class Aggregate(msgspec.Struct, frozen=True, eq=False):
    """One value made of a column's or an expression's.

    Attributes:
        of: One value a row. What several aggregates have in common is computed once.
        fold: Makes one value of these.
        merge: How the values of parts of the table become one.
    """

    of: pl.Expr
    fold: Callable[[pl.Expr], pl.Expr]
    merge: Merge


def total(expr: pl.Expr) -> Aggregate:
    """The sum of a numeric or boolean expression (of true values); 0 for no rows."""
    return Aggregate(expr, lambda values: values.sum(), Merge.SUM)


def smallest(expr: pl.Expr) -> Aggregate:
    """The minimum; None for no values."""
    return Aggregate(expr, lambda values: values.min(), Merge.SMALLEST)


def largest(expr: pl.Expr) -> Aggregate:
    """The maximum; None for no values."""
    return Aggregate(expr, lambda values: values.max(), Merge.LARGEST)


def counts(expr: pl.Expr) -> Aggregate:
    """Counts by value, as a dict, missing ones left out. For few distinct values only."""
    return Aggregate(expr, _counted, Merge.COUNTS)


def _counted(values: pl.Expr) -> pl.Expr:
    return values.drop_nulls().alias("value").value_counts(name="count").implode()


class Query(msgspec.Struct, Generic[A], frozen=True, eq=False):
    """Base of all queries; `await` gives an answer of type A."""

    def __await__(self) -> Generator[Query[Any], Any, A]:
        answer = yield self
        return cast("A", answer)


class AggregateQuery(Query[dict[str, Any]], frozen=True, eq=False):
    """One row of aggregates over a split, by name."""

    split: Split
    parts: Mapping[str, Aggregate]


class Hits(msgspec.Struct, frozen=True, eq=False):
    """The rows that an expression selects.

    Attributes:
        rows: All their record numbers, ascending.
        cells: The asked-for columns of the first ones, with the column `ROW` in front.
    """

    rows: Sequence[int]
    cells: pl.DataFrame

    @property
    def count(self) -> int:
        """How many rows were selected."""
        return len(self.rows)


class RowsQuery(Query[Hits], frozen=True, eq=False):
    """Rows of a split for which `where` is true; cells of the first `limit` rows."""

    split: Split
    where: pl.Expr
    columns: tuple[str, ...]
    limit: int


class CellsQuery(Query["pl.DataFrame"], frozen=True, eq=False):
    """The given rows' cells: the column `ROW` and the asked-for columns, by record number."""

    split: Split
    rows: Sequence[int]
    columns: tuple[str, ...]


class CollisionsQuery(Query["pl.DataFrame"], frozen=True, eq=False):
    """Groups of two or more rows with the same key.

    The answer has the columns "split" (name), "row" and "group" (0, 1, … by first appearance),
    sorted by group, then by split order, then by row. With `across`, only groups with members in
    two or more splits. A row whose key expressions are all null takes no part.
    """

    keys: tuple[tuple[Split, tuple[pl.Expr, ...]], ...]
    across: bool


class SampleQuery(Query["pl.DataFrame"], frozen=True, eq=False):
    """A bounded, deterministic sample: the rows whose content hash is smallest.

    The answer has the column `ROW` and the asked-for columns, sorted by content hash, so the
    same rows come in any row order. All rows where the split has at most `size`.
    """

    split: Split
    size: int
    columns: tuple[str, ...]


class MapQuery(Query["pl.DataFrame"], frozen=True, eq=False):
    """A kernel run over batches of rows: one output row an input row, in record order."""

    split: Split
    columns: tuple[pl.Expr, ...]
    kernel: Callable[[pl.DataFrame], pl.DataFrame] | None


class Together(Query[tuple[Any, ...]], frozen=True, eq=False):
    """Several queries answered in one pass; the answer is the tuple of theirs."""

    queries: tuple[Query[Any], ...]


def together(queries: Sequence[Query[A]]) -> Query[tuple[A, ...]]:
    """Await several queries of one kind in one pass."""
    return cast("Query[tuple[A, ...]]", Together(tuple(queries)))


class Derived(Query[A], frozen=True, eq=False):
    """Something that several checks share, derived once a run: the same `derive`, one answer.

    `derive` is an async function of the dataset; it may await queries, and raise `Skip`.
    """

    derive: Callable[[Dataset], Coroutine[Any, Any, A]]

"""The data as a check sees it: a dataset of splits, their columns, and the queries to await."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from dataguard.finding import RoleInfo
from dataguard.queries import (
    Aggregate,
    AggregateQuery,
    CellsQuery,
    CollisionsQuery,
    Hits,
    MapQuery,
    Query,
    RowsQuery,
    SampleQuery,
)

if TYPE_CHECKING:
    import polars as pl

    from dataguard.sources.table import Table

T = TypeVar("T")

SAMPLE_SIZE = 10_000
"""Rows looked at to tell what kind of values a column holds."""


class Kind(StrEnum):
    """What kind of values a column holds, judged by a sample of its non-missing cells."""

    EMPTY = "empty"  # no value at all
    NUMBER = "number"  # numbers (in CSV: cells that parse as numbers, codes like "01" left out)
    DATE = "date"  # dates or timestamps
    CATEGORY = "category"  # few distinct values that repeat
    TEXT = "text"  # sentences: several words a cell, mostly distinct
    CODE = "code"  # short values, many distinct: names, ids, codes
    NESTED = "nested"  # lists or objects


class Column(msgspec.Struct, frozen=True):
    """One column of one split.

    Attributes:
        name: Its name, unique in the split.
        dtype: Polars data type of its cells (`String` for all columns of a CSV).
        kind: What kind of values it holds.
        missing: Number of missing cells in the whole split (null; NaN in float columns).
        distinct: Number of distinct non-missing values in the sample.
        sampled: Number of non-missing cells in the sample.
        whole: Whether all values in the sample that are numbers are whole numbers.
    """

    name: str
    dtype: pl.DataType
    kind: Kind
    missing: int
    distinct: int
    sampled: int
    whole: bool = False

    @property
    def is_string(self) -> bool:
        """Whether the cells are stored as text."""
        import polars as pl

        return self.dtype == pl.String

    @property
    def distinct_share(self) -> float:
        """Distinct values over non-missing cells in the sample; 0 for an empty column."""
        return self.distinct / self.sampled if self.sampled else 0.0

    @property
    def is_classes(self) -> bool:
        """Whether the values, taken as labels, are classes rather than measurements or text.

        Text labels are classes where values repeat; numbers are where they are few (at most 30
        distinct, or one in twenty values for large samples) and whole.
        """
        if self.kind is Kind.CATEGORY:
            return True
        few = 1 <= self.distinct <= max(30, self.sampled // 20)
        return self.kind is Kind.NUMBER and few and self.whole

    @property
    def text(self) -> pl.Expr:
        """The cells as `String`; missing stays null. Nested cells become JSON."""
        from dataguard.expressions import as_text

        return as_text(self.name, self.dtype)

    @property
    def number(self) -> pl.Expr:
        """The cells as `Float64`; what is no number is null."""
        from dataguard.expressions import as_number

        return as_number(self.name, self.dtype)

    @property
    def canonical(self) -> pl.Expr:
        """The cells as `String`, so that the same value written in two ways is equal.

        Case, surrounding and repeated white space do not count, nor do trailing zeros of a
        decimal ("1.50", 1.5, "1.5 "), nor whether a reader took the column for numbers or text.
        """
        from dataguard.expressions import as_canonical

        return as_canonical(self.name, self.dtype)


class Split(msgspec.Struct, frozen=True, eq=False):
    """One table of a dataset: "train", "validation" or "test".

    Attributes:
        name: The split's name.
        table: The source's table.
        columns: Its columns, in file order.
        height: Number of rows.
        preview: The sample (at most `SAMPLE_SIZE` rows, by content hash) that roles and kinds
            were judged by: all columns and `ROW`. Free to look at: no query is needed.
        roles: Roles of the dataset's columns.
        known: What `once` has been asked for.
    """

    name: str
    table: Table
    columns: tuple[Column, ...]
    height: int
    preview: pl.DataFrame
    roles: Mapping[str, RoleInfo]
    known: dict[Callable[[Split], Any], Any] = msgspec.field(default_factory=dict)

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(column.name == name for column in self.columns)

    def of_role(self, role: str) -> tuple[Column, ...]:
        """The split's columns that play `role`."""
        if role not in self.roles:
            return ()
        names = self.roles[role].columns
        return tuple(c for c in self.columns if c.name in names)

    def of_kind(self, *kinds: Kind) -> tuple[Column, ...]:
        """The split's columns of one of `kinds`."""
        return tuple(c for c in self.columns if c.kind in kinds)

    def once(self, ask: Callable[[Split], T]) -> T:
        """`ask(split)`, computed the first time that a check wants to know."""
        if ask not in self.known:
            self.known[ask] = ask(self)
        answer: T = self.known[ask]
        return answer

    def shown(self, column: Column) -> pl.DataFrame:
        """One column of the preview: quicker to ask than all where there are thousands."""
        return self.preview.get_column(column.name).to_frame()

    @property
    def is_small(self) -> bool:
        """Whether the preview holds all rows: what it does not show is not there."""
        return self.preview.height == self.height

    @property
    def label(self) -> Column | None:
        """The label column, if there is one in this split."""
        found = self.of_role("label")
        return found[0] if found else None

    @property
    def features(self) -> tuple[Column, ...]:
        """The columns that a model would learn from: all but label and id."""
        out = {c.name for role in ("label", "id") for c in self.of_role(role)}
        return tuple(c for c in self.columns if c.name not in out)

    @property
    def texts(self) -> tuple[Column, ...]:
        """The text columns: those named as text, else those of kind TEXT but the label."""
        given = self.of_role("text")
        if given:
            return given
        label = self.label
        return tuple(c for c in self.of_kind(Kind.TEXT) if label is None or c.name != label.name)

    def aggregate(self, parts: Mapping[str, Aggregate]) -> Query[dict[str, Any]]:
        """One row of aggregates of expressions, by name. See `total`, `counts`, …"""
        return AggregateQuery(self, dict(parts))

    def rows(self, where: pl.Expr, columns: Sequence[str] = (), limit: int = 100) -> Query[Hits]:
        """All row numbers for which `where` is true; cells of `columns` for the first `limit`."""
        return RowsQuery(self, where, tuple(columns), limit)

    def cells(self, rows: Sequence[int], columns: Sequence[str] = ()) -> Query[pl.DataFrame]:
        """The cells of `columns` (all by default) in the given rows, with a `ROW` column."""
        return CellsQuery(self, rows, tuple(columns) or self.names)

    def collisions(self, keys: Sequence[pl.Expr]) -> Query[pl.DataFrame]:
        """Groups of two or more rows whose `keys` are all equal: columns split, row, group."""
        return CollisionsQuery(((self, tuple(keys)),), across=False)

    def sample(self, size: int, columns: Sequence[str] = ()) -> Query[pl.DataFrame]:
        """At most `size` rows chosen by content hash, with a `ROW` column."""
        return SampleQuery(self, size, tuple(columns) or self.names)

    def map(
        self,
        columns: Sequence[pl.Expr],
        kernel: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
    ) -> Query[pl.DataFrame]:
        """`kernel` run over batches of `columns`, one output row an input row, in row order.

        Without a kernel the columns themselves.
        """
        return MapQuery(self, tuple(columns), kernel)

    @property
    def names(self) -> tuple[str, ...]:
        """All column names, in file order."""
        return tuple(c.name for c in self.columns)


class Dataset(msgspec.Struct, frozen=True, eq=False):
    """What one run looks at.

    Attributes:
        name: Name of the dataset.
        splits: In the order train, validation, test.
        roles: Which column plays which role, and whether that was inferred.
        seed: Seed of everything random in the run.
        given_empty: Names of splits that were given, hold no record, and so are not in `splits`.
    """

    name: str
    splits: tuple[Split, ...]
    roles: Mapping[str, RoleInfo]
    seed: int
    given_empty: tuple[str, ...] = ()

    @property
    def train(self) -> Split:
        """The first split: the training data."""
        return self.splits[0]

    @property
    def holdouts(self) -> tuple[Split, ...]:
        """The splits that a model is judged on."""
        return self.splits[1:]

    def inferred(self, role: str) -> bool:
        """Whether the columns of `role` were guessed rather than named."""
        info = self.roles.get(role)
        return info is not None and info.inferred

    def collisions(self, keys: Callable[[Split], Sequence[pl.Expr]]) -> Query[pl.DataFrame]:
        """Groups of rows with equal keys in two or more splits: columns split, row, group.

        Args:
            keys: Gives a split's key expressions; the same number for every split, `String`.
        """
        return CollisionsQuery(tuple((s, tuple(keys(s))) for s in self.splits), across=True)

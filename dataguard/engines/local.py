"""The embedded engine: Polars on this machine, lazily and streaming."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dataguard.expressions import row_key
from dataguard.queries import (
    ROW,
    Aggregate,
    AggregateQuery,
    CellsQuery,
    CollisionsQuery,
    Hits,
    MapQuery,
    Merge,
    Query,
    RowsQuery,
    SampleQuery,
)

if TYPE_CHECKING:
    import polars as pl

    from dataguard.dataset import Split

KEY_SEED = 0x5EED
"""Seed of the row keys."""

BATCH = 256
"""Expressions in one plan; the time that a plan takes to make grows by the square of them."""


class LocalEngine:
    """Answers a batch of queries in a few streaming passes over each split.

    All aggregates share one pass, and so do all row masks and keys (one more each where they are
    over `BATCH`); one fetches the cells of the first rows found. Each `cells`, `sample` and `map`
    is a pass of its own, over its columns alone. Tables in memory are not parsed again.

    Attributes:
        passes: Passes over a split so far.
    """

    def __init__(self) -> None:
        self.passes = 0

    def answer(self, queries: Sequence[Query[Any]]) -> list[Any]:
        """The answers, parallel to `queries`."""
        answers: dict[int, Any] = {}
        splits: dict[int, Split] = {}
        for query in queries:
            for split in _splits_of(query):
                splits[id(split)] = split
        for split in splits.values():
            mine = [(i, q) for i, q in enumerate(queries) if split in _splits_of(q)]
            self._pass(split, mine, answers)
        for i, query in enumerate(queries):
            if isinstance(query, CollisionsQuery):
                answers[i] = _groups(query, answers[i])
        return [answers[i] for i in range(len(queries))]

    def _pass(
        self, split: Split, queries: list[tuple[int, Query[Any]]], answers: dict[int, Any]
    ) -> None:
        """Answer one split's queries; collisions get their keys and are grouped afterwards."""

        aggregates: dict[str, Aggregate] = {}
        columns: dict[str, pl.Expr] = {}
        others: list[tuple[int, pl.LazyFrame]] = []
        for i, query in queries:
            if isinstance(query, AggregateQuery):
                for name, part in query.parts.items():
                    aggregates[f"{i}:{name}"] = part
            elif isinstance(query, RowsQuery):
                columns[str(i)] = query.where.fill_null(value=False).alias(str(i))
            elif isinstance(query, CollisionsQuery):
                exprs = next(list(k) for s, k in query.keys if s is split)
                columns[str(i)] = row_key(exprs, KEY_SEED).alias(str(i))
            elif isinstance(query, CellsQuery):
                others.append((i, _cells(split, query.rows, query.columns)))
            elif isinstance(query, SampleQuery):
                others.append((i, sample_frame(split.table.frame, split.names, query.size)))
            elif isinstance(query, MapQuery):
                others.append((i, _mapped(split, query)))
        batches = [*_folds(split, aggregates), *_batches(split, columns)]
        plans = [frame for _, frame in others] + batches
        # One after the other: side by side they take no less time, and half as much memory again.
        results = [_collected(split, plan) for plan in plans]
        self.passes += len(plans)
        for (i, _), frame in zip(others, results, strict=False):
            answers[i] = frame
        found = {s.name: s for frame in results[len(others) :] for s in frame.get_columns()}
        sums = {name: found[name].item() for name in aggregates}
        byrow = {name: found[name] for name in columns}
        self._share(split, queries, sums, byrow, answers)

    def _share(
        self,
        split: Split,
        queries: list[tuple[int, Query[Any]]],
        sums: Mapping[str, Any],
        byrow: Mapping[str, pl.Series],
        answers: dict[int, Any],
    ) -> None:
        """Hand out the aggregates, the row numbers and the keys of one pass."""
        wanted: list[tuple[int, RowsQuery, pl.Series]] = []
        for i, query in queries:
            if isinstance(query, AggregateQuery):
                answers[i] = {k: _merged(p.merge, sums[f"{i}:{k}"]) for k, p in query.parts.items()}
            elif isinstance(query, RowsQuery):
                wanted.append((i, query, _where(byrow[str(i)], split.height)))
            elif isinstance(query, CollisionsQuery):
                answers.setdefault(i, {})[split.name] = byrow[str(i)]
            elif isinstance(query, SampleQuery):
                answers[i] = answers[i].select(ROW, *query.columns)
        cells = self._first_cells(split, wanted)
        for i, query, numbers in wanted:
            answers[i] = _hits(numbers, cells, query)

    def _first_cells(
        self, split: Split, wanted: list[tuple[int, RowsQuery, pl.Series]]
    ) -> pl.DataFrame:
        """The cells of the first rows of all `rows` queries, fetched together."""
        import polars as pl

        rows: set[int] = set()
        columns: dict[str, None] = {}
        for _, query, numbers in wanted:
            if len(numbers) and query.columns:
                rows.update(numbers.head(query.limit).to_list())
                columns.update(dict.fromkeys(query.columns))
        if not rows:
            return pl.DataFrame({ROW: pl.Series([], dtype=pl.UInt32)})
        self.passes += 1
        return _collected(split, _cells(split, sorted(rows), tuple(columns)))


def sample_frame(frame: pl.LazyFrame, columns: Sequence[str], size: int) -> pl.LazyFrame:
    """The `size` rows with the smallest content hash, by that hash, with the column `ROW`.

    The choice depends on what rows hold and not on where they stand, so a shuffled table gives
    the same sample. Rows are told apart by the hash of all `columns`.
    """

    from dataguard.expressions import as_text

    schema = frame.collect_schema()
    texts = [as_text(name, schema[name]) for name in columns]
    key = row_key(texts, KEY_SEED).alias("\ue000key")
    keyed = frame.select(*columns).with_columns(key).with_row_index(ROW)
    chosen = keyed.bottom_k(size, by="\ue000key") if size > 0 else keyed.head(0)
    return chosen.sort("\ue000key", ROW).select(ROW, *columns)


def _splits_of(query: Query[Any]) -> list[Split]:
    if isinstance(query, CollisionsQuery):
        return [split for split, _ in query.keys]
    return [query.split]  # type: ignore[attr-defined]


def _collected(split: Split, plan: pl.LazyFrame) -> pl.DataFrame:
    """The answer of a plan; small tables are not worth the start of the streaming engine."""
    return plan.collect(engine="in-memory" if split.is_small else "streaming")


def _key_of_nothing(width: int) -> int:
    """The key of a row in which all of `width` cells are missing."""
    import polars as pl

    nothing = pl.DataFrame({"cell": [None]}, schema={"cell": pl.String})
    return int(nothing.select(row_key([pl.col("cell")] * width, KEY_SEED)).item())


def _cells(split: Split, rows: Sequence[int], columns: tuple[str, ...]) -> pl.LazyFrame:
    import polars as pl

    wanted = pl.Series(ROW, rows, dtype=pl.UInt32)
    frame = split.table.frame.select(*columns).with_row_index(ROW)
    return frame.filter(pl.col(ROW).is_in(wanted.implode()))


def _mapped(split: Split, query: MapQuery) -> pl.LazyFrame:
    frame = split.table.frame.select(*query.columns)
    if query.kernel is None:
        return frame
    return frame.map_batches(query.kernel, streamable=True, validate_output_schema=False)


def _batches(split: Split, exprs: Mapping[str, pl.Expr]) -> list[pl.LazyFrame]:
    """The expressions in as many plans as keep each quick to plan."""
    listed = list(exprs.values())
    starts = range(0, len(listed), BATCH)
    return [split.table.frame.select(listed[start : start + BATCH]) for start in starts]


def _folds(split: Split, aggregates: Mapping[str, Aggregate]) -> list[pl.LazyFrame]:
    """The aggregates, likewise.

    What they are made of is selected first: Polars then computes once what these have in common.
    """
    import polars as pl

    named = {name: part.of.alias(name) for name, part in aggregates.items()}
    starts = range(0, len(named), BATCH)
    return [
        values.select(aggregates[name].fold(pl.col(name)).alias(name) for name in names)
        for values, start in zip(_batches(split, named), starts, strict=True)
        for names in [list(named)[start : start + BATCH]]
    ]


def _where(mask: pl.Series, height: int) -> pl.Series:
    """Positions of the true values; a constant expression comes back with one value."""
    if len(mask) == 1 and height != 1:
        mask = mask.new_from_index(0, height)
    return mask.arg_true()


def _merged(merge: Merge, value: Any) -> Any:
    if merge is Merge.COUNTS:
        return {pair["value"]: pair["count"] for pair in value}
    if merge is Merge.SUM and value is None:
        return 0
    return value


def _hits(numbers: pl.Series, cells: pl.DataFrame, query: RowsQuery) -> Hits:
    import polars as pl

    first = numbers.head(query.limit).cast(pl.UInt32)
    if len(first) and query.columns:
        mine = cells.filter(pl.col(ROW).is_in(first.implode())).select(ROW, *query.columns)
    else:
        mine = pl.DataFrame({ROW: first})
    return Hits(array("Q", numbers.to_list()), mine)


def _repeated(keys: pl.Series) -> pl.Series:
    """The keys that stand there twice or more; sorting finds them faster than a hash table."""
    ordered = keys.sort()
    return ordered.filter(ordered == ordered.shift(1)).unique()


def _groups(query: CollisionsQuery, keys: Mapping[str, pl.Series]) -> pl.DataFrame:
    """Rows by shared key, from the keys of each split; rows without any cell take no part."""
    import polars as pl

    repeated = _repeated(pl.concat([keys[split.name].rename("key") for split, _ in query.keys]))
    nothing = _key_of_nothing(len(query.keys[0][1]))
    repeated = repeated.filter(repeated != nothing)
    if repeated.is_empty():
        return pl.DataFrame(schema={"split": pl.String, "row": pl.UInt32, "group": pl.UInt32})
    wanted = repeated.implode()
    table = pl.concat(
        pl.DataFrame({"key": keys[split.name].rename("key")})
        .with_row_index("row")
        .filter(pl.col("key").is_in(wanted))
        .with_columns(order=pl.lit(order, pl.UInt8))
        for order, (split, _) in enumerate(query.keys)
    )
    if query.across:
        table = table.filter(pl.col("order").n_unique().over("key") > 1)
    names = {order: split.name for order, (split, _) in enumerate(query.keys)}
    first = pl.col("position").min().over("key")
    return (
        table.with_row_index("position")
        .with_columns(group=first.rank("dense") - 1)
        .sort("group", "order", "row")
        .select(
            pl.col("order").replace_strict(names, return_dtype=pl.String).alias("split"),
            "row",
            pl.col("group").cast(pl.UInt32),
        )
    )

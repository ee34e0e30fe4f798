"""Approximate functional dependencies between columns, and the cells that break them.

A dependency X -> Y holds where rows with the same X have the same Y. Its error g3 is the share of
rows that would have to go for it to hold exactly (Kivinen and Mannila, 1995).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from dataguard.dataset import Kind
from dataguard.queries import ROW

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from dataguard.dataset import Column, Split

    Codes = NDArray[np.int64]

MOST_COLUMNS = 40
"""Columns compared with each other, the first ones that may take part."""

SUPPORT = 3
"""Rows with the same X from which on they say what Y is."""

LEAST_GROUPS = 6
"""Values of X with such support; fewer agree by chance."""

CLEAR = 0.75
"""Share of a group's rows that have the same Y, for the others to be doubted."""

FEW = 10
"""A Y that stands more than once in a group is doubted where the usual one is this much more
frequent; else it is an alternative."""

MANY = 3
"""Dependencies that must speak against a cell to be sure of it."""

FIRM, FIRM_ERROR = 20, 0.02
"""Rows of the group that agree on another value, and largest g3, to be sure by one dependency."""

SMALL = 300
"""Rows up to which a table is looked through before NumPy is loaded for it."""

FIRST_LOOK = 600
"""Rows by which hopeless pairs of columns are left out."""


class Broken(msgspec.Struct, frozen=True):
    """A column of which some cells break a dependency.

    Attributes:
        column: The column Y.
        by: The columns X that say so, the surest first.
        rows: Rows of the sample whose Y is doubted.
        expected: What Y should be there, parallel to `rows`, as codes of rows that have it.
        sure: Whether `MANY` dependencies speak against it, or one with `FIRM` support, or it stands
            nowhere else and is near to the expected value; parallel to `rows`.
        twin: Another column that the same rows break a dependency of, both ways and by these two
            alone, so that either may be wrong; "" where there is none.
        error: g3 of the surest dependency.
        groups: Values of the surest X with enough support.
    """

    column: str
    by: tuple[str, ...]
    rows: tuple[int, ...]
    expected: tuple[int, ...]
    sure: tuple[bool, ...]
    error: float
    groups: int
    twin: str = ""


class _Votes(msgspec.Struct):
    against: Codes
    for_it: Codes
    expected: Codes
    differs: NDArray[np.bool_]
    support: Codes
    by: list[tuple[float, int, str]] = msgspec.field(default_factory=list)


def broken(
    split: Split, columns: Sequence[Column], most_error: float, most_share: float
) -> list[Broken]:
    """The cells of the sample that break dependencies between `columns`.

    A cell is doubted where more dependencies speak against it than for it.

    Args:
        split: Its preview is looked at.
        columns: Those that may take part, see `candidates`.
        most_error: Largest g3 of a dependency.
        most_share: Largest g3, as a share of that of the most frequent Y alone.
    """
    height = len(split.preview)
    if height <= SMALL and not _any_may_hold(split, columns[:MOST_COLUMNS], most_error):
        return []
    import numpy as np

    codes = {c.name: _codes(split.preview, c) for c in columns[:MOST_COLUMNS]}
    found = []
    for y in codes:
        none = np.zeros(height, np.int64)
        votes = _Votes(none, none.copy(), none - 1, none > 0, none.copy())
        for x in codes:
            if x != y and split[x].distinct >= LEAST_GROUPS:
                _vote(codes[x], codes[y], x, votes, (most_error, most_share))
        rows = np.flatnonzero(votes.against > votes.for_it)
        rows = rows[~_explained(rows, votes.differs, y, codes)]
        if len(rows):
            ranked = sorted(votes.by)
            found.append(
                Broken(
                    y,
                    tuple(name for _, _, name in ranked),
                    tuple(rows.tolist()),
                    tuple(votes.expected[rows].tolist()),
                    _sure(split, split[y], rows, votes),
                    ranked[0][0],
                    -ranked[0][1],
                )
            )
    return _told_once(found)


def _told_once(found: Sequence[Broken]) -> list[Broken]:
    """`found`, with two columns that speak of the same rows against each other as one."""
    by = {one.column: one for one in found}
    once = []
    for one in found:
        other = by.get(one.by[0]) if len(one.by) == 1 else None
        mutual = other is not None and other.by == (one.column,) and other.rows == one.rows
        if other is None or not mutual or sum(one.sure) > sum(other.sure):
            once.append(one)
        elif sum(one.sure) == sum(other.sure) and found.index(one) < found.index(other):
            once.append(replace(one, twin=other.column))
    return once


def _explained(
    rows: Codes, differs: NDArray[np.bool_], y: str, codes: Mapping[str, Codes]
) -> NDArray[np.bool_]:
    """Which of the doubted rows are alike in another column, of which most rows differ.

    There the rule has an exception that is a rule itself: another state counts otherwise.
    """
    import numpy as np

    found = np.zeros(len(rows), bool)
    for name, values in codes.items():
        if name == y:
            continue
        mine = values[differs & (values >= 0)]
        kinds, counted = np.unique(mine, return_counts=True)
        for kind, count in zip(kinds[counted >= 3], counted[counted >= 3], strict=True):
            if 2 * count >= (values == kind).sum():
                found |= values[rows] == kind
    return found


def _sure(split: Split, column: Column, rows: Codes, votes: _Votes) -> tuple[bool, ...]:
    """See `Broken.sure`."""
    import numpy as np
    from rapidfuzz.distance import OSA

    codes = _codes(split.preview, column)
    texts = split.shown(column).select(column.text.alias("text"))["text"]
    total = np.bincount(codes[codes >= 0])
    doubted = np.bincount(codes[rows], minlength=len(total))
    first = dict(zip(codes[::-1].tolist(), range(len(codes) - 1, -1, -1), strict=True))
    sure = []
    for row in rows.tolist():
        value, meant = texts[row], texts[first[int(votes.expected[row])]]
        alone = total[codes[row]] == doubted[codes[row]]
        words = re.sub(r"\d", "", value) != re.sub(r"\d", "", meant)
        near = words and OSA.distance(value, meant) <= max(1, 0.34 * len(meant))
        firm = votes.support[row] >= FIRM or votes.against[row] >= MANY
        sure.append(bool(firm or (alone and near)))
    return tuple(sure)


def candidates(split: Split) -> list[Column]:
    """The columns between which dependencies are looked for: values that repeat."""
    labels = {c.name for c in split.of_role("label")}  # what gives it away is leakage's
    kinds = (Kind.CATEGORY, Kind.CODE, Kind.NUMBER, Kind.DATE, Kind.TEXT)
    return [
        c
        for c in split.of_kind(*kinds)
        if c.name not in labels
        and 2 <= c.distinct <= 0.7 * c.sampled
        and (c.kind is not Kind.NUMBER or c.whole)
    ]


def _codes(sample: pl.DataFrame, column: Column) -> Codes:
    """The column's values as numbers from 0; missing ones are -1."""
    return sample.select(_ranks(column))["code"].to_numpy().astype("int64")


def _ranks(column: Column) -> pl.Expr:
    import polars as pl

    from dataguard.expressions import DISGUISED_MISSING

    text = column.canonical
    value = pl.when(~text.is_in(DISGUISED_MISSING) & (text != "")).then(text)
    return (value.rank("dense").cast(pl.Int64) - 1).fill_null(-1).alias("code")


def _vote(x: Codes, y: Codes, name: str, votes: _Votes, limits: tuple[float, float]) -> None:
    """Let the dependency of `y` on `x` speak for and against the cells of `y`, if it holds."""
    import numpy as np

    if not _may_hold(x[:FIRST_LOOK], y[:FIRST_LOOK], limits[0]):
        return
    both = np.flatnonzero((x >= 0) & (y >= 0))
    if len(both) < SUPPORT * LEAST_GROUPS:
        return
    width = int(y.max()) + 1
    pair, at, count = np.unique(x[both] * width + y[both], return_inverse=True, return_counts=True)
    group = pair // width
    size = np.bincount(group, weights=count).astype(np.int64)
    order = np.lexsort((pair, -count, group))
    first = order[np.unique(group[order], return_index=True)[1]]
    usual = np.full(len(size), -1)
    usual[group[first]] = pair[first] % width
    top = np.zeros(len(size), np.int64)
    top[group[first]] = count[first]
    kept = size >= SUPPORT
    error, base = _errors(size[kept], top[kept], usual[kept])
    clear = kept & (top >= CLEAR * size) & (top >= SUPPORT)
    if kept.sum() < LEAST_GROUPS or error > limits[0] or error > limits[1] * base:
        return
    if clear.sum() < 0.9 * kept.sum() or len(np.unique(usual[clear])) < 3:
        return
    mine = x[both]
    says = clear[mine]
    agrees = says & (y[both] == usual[mine])
    lone = (count[at] == 1) | (FEW * count[at] <= top[mine])
    differs = says & ~agrees & lone
    votes.for_it[both[agrees]] += 1
    votes.against[both[differs]] += 1
    votes.differs[both[says & ~agrees]] = True
    backed = top[mine[differs]] if error <= FIRM_ERROR else 0
    votes.support[both[differs]] = np.maximum(votes.support[both[differs]], backed)
    votes.expected[both[differs]] = usual[mine[differs]]
    if differs.any():
        votes.by.append((error, -int(kept.sum()), name))


def _errors(size: Codes, top: Codes, usual: Codes) -> tuple[float, float]:
    """g3 of the dependency, and g3 of taking the most frequent Y for all groups."""
    import numpy as np

    rows = size.sum()
    if not rows:
        return 1.0, 0.0
    largest = np.bincount(usual, weights=top).max()
    return float(1 - top.sum() / rows), float(1 - largest / rows)


def _any_may_hold(split: Split, columns: Sequence[Column], most_error: float) -> bool:
    """Whether any pair of columns passes `_may_hold`; for few rows, without NumPy."""
    ranks = split.preview.select(_ranks(c).alias(c.name) for c in columns)
    values = ranks.to_dict(as_series=False)
    for x in columns:
        if x.distinct < LEAST_GROUPS:
            continue
        for y in columns:
            pairs = Counter(zip(values[x.name], values[y.name], strict=True))
            kept: dict[int, int] = {}
            for (group, _), count in pairs.items():
                kept[group] = max(kept.get(group, 0), count)
            if x is not y and 1 - sum(kept.values()) / len(split.preview) <= 1.5 * most_error:
                return True
    return False


def _may_hold(x: Codes, y: Codes, most_error: float) -> bool:
    """Whether g3 of a few rows, which is no larger than that of all, speaks against a dependency.

    Where it is near nought by few rows to a group, this says nothing, and all rows are asked.
    """
    import numpy as np

    pair, count = np.unique(x * (int(y.max()) + 2) + y + 1, return_counts=True)
    group = np.flatnonzero(np.diff(pair // (int(y.max()) + 2), prepend=-2))
    kept = int(np.maximum.reduceat(count, group).sum())
    return 1 - kept / len(x) <= 1.5 * most_error


def told_rows(
    split: Split, one: Broken, *, sure: bool, limit: int = 5
) -> tuple[list[int], list[str], list[dict[str, Any]]]:
    """Record numbers of the (un)sure cells ascending, a remark for each, and some examples.

    An example has "row", "column", "value", and "expected".
    """
    import numpy as np

    codes = _codes(split.preview, split[one.column])
    shown = split.preview.select(split[one.column].text.alias("text"))["text"]
    holders = {int(code): i for i, code in reversed(list(enumerate(codes.tolist())))}
    chosen = [i for i, is_sure in enumerate(one.sure) if is_sure is sure]
    numbers = split.preview[ROW].gather([one.rows[i] for i in chosen]).to_numpy()
    rows: list[int] = []
    notes: list[str] = []
    examples: list[dict[str, Any]] = []
    for place in np.argsort(numbers, kind="stable").tolist():
        at = chosen[place]
        value, expected = shown[one.rows[at]], shown[holders[one.expected[at]]]
        rows.append(int(numbers[place]))
        notes.append(f"other rows have {expected!r}")
        if len(examples) < limit:
            cell = {"row": rows[-1], "column": one.column, "value": str(value)[:200]}
            examples.append({**cell, "expected": expected})
    return rows, notes, examples


def without_values(split: Split, one: Broken, values: Sequence[str]) -> Broken:
    """`one` without the cells that hold one of `values`."""
    if not values:
        return one
    texts = split.preview.select(split[one.column].text.str.strip_chars().alias("text"))["text"]
    kept = [i for i, row in enumerate(one.rows) if texts[row] not in set(values)]
    return replace(
        one,
        rows=tuple(one.rows[i] for i in kept),
        expected=tuple(one.expected[i] for i in kept),
        sure=tuple(one.sure[i] for i in kept),
    )

"""Which part each row goes to; pure functions of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    I64 = NDArray[np.int64]
    F64 = NDArray[np.float64]

NAMES = {2: ("train", "test"), 3: ("train", "validation", "test")}
"""What the parts are called, by their number."""

SIZE_WEIGHT = 0.01
"""How much the size of a part counts beside its classes: it decides where these are even."""


RARE = 0.5
"""Rows that the smallest part is to have of a class below which the class is rare: its rows go
where rows are missing. Were each dealt by its class, train would get nearly all of them."""


class Unions:
    """Rows that stay together, joined pair by pair.

    Args:
        count: Number of rows.
    """

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def join(self, rows: Sequence[int]) -> bool:
        """Put the rows into one unit; whether they were in several."""
        roots = {self._root(row) for row in rows}
        first = min(roots, default=0)
        for root in roots:
            self._parent[root] = first
        return len(roots) > 1

    def units(self) -> I64:
        """The number of each row's unit: that of its first row, shape (rows,)."""
        import numpy as np

        return np.array([self._root(row) for row in range(len(self._parent))], dtype=np.int64)

    def _root(self, row: int) -> int:
        parent = self._parent
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row


def at_random(units: I64, classes: I64, shares: Sequence[float], order: I64) -> I64:
    """Deal whole units so that each part gets its share of every class.

    Units are taken by falling size, those of one size in `order`, the first ones of rare classes
    before the others; each goes to the part in which
    it brings the counts of its classes nearest to what they should be (the least sum of squares,
    each class by its own size). With units of one row that is a stratified random split, exact to
    a row a class. Of a rare class the first part gets the first unit, as long as there is room in
    it; the others even out the sizes of the parts, none of which gets more of the class than its
    share rounded up.

    Args:
        units: The unit of each row, shape (rows,).
        classes: The class of each row, from 0, shape (rows,).
        shares: Share of each part; they add up to 1.
        order: A random rank of each row, shape (rows,).

    Returns:
        The part of each row, shape (rows,).
    """
    import numpy as np

    numbers, place, sizes = np.unique(units, return_inverse=True, return_counts=True)
    first = np.full(len(numbers), len(units))
    np.minimum.at(first, place, order)
    totals = np.bincount(classes).astype(float)
    have = np.zeros((len(shares), len(totals)))
    wanted = np.outer(shares, totals)
    rare, roof = wanted.min(axis=0) < RARE, np.ceil(wanted - 1e-9)
    rows = np.argsort(place, kind="stable")
    ends = np.cumsum(sizes)
    part = np.zeros(len(numbers), dtype=np.int64)
    opening = np.zeros(len(numbers), dtype=bool)
    np.logical_or.at(opening, place, rare[classes] & _is_first(classes, order))
    for unit in np.lexsort((first, ~opening, -sizes)).tolist():
        mine = rows[ends[unit] - sizes[unit] : ends[unit]]
        kinds, counts = np.unique(classes[mine], return_counts=True)
        worse = counts * (counts + 2 * (have[:, kinds] - wanted[:, kinds])) / totals[kinds]
        size, missing = sizes[unit], wanted.sum(axis=1) - have.sum(axis=1)
        too_many = (have[:, kinds] + counts > roof[:, kinds]).astype(float)
        too_many[1:] += (have[0, kinds] == 0) & (size <= missing[0])
        worse = np.where(rare[kinds], too_many, worse)
        larger = size * (size - 2 * missing) / len(units)
        part[unit] = int(np.argmin(worse.sum(axis=1) + SIZE_WEIGHT * larger))
        have[part[unit], kinds] += counts
    return part[place]


def _is_first(classes: I64, order: I64) -> NDArray[np.bool_]:
    """Whether a row is the first one of its class in `order`, shape (rows,)."""
    import numpy as np

    earliest = np.full(int(classes.max(initial=0)) + 1, len(order))
    np.minimum.at(earliest, classes, order)
    found: NDArray[np.bool_] = order == earliest[classes]
    return found


def by_time(times: F64, shares: Sequence[float]) -> I64:
    """Cut the rows at points in time: the oldest go to the first part, the latest to the last.

    Rows of one time stay together. Rows whose time is not known (NaN) go to the first part, which
    is filled with the oldest of the others.

    Args:
        times: Shape (rows,).
        shares: Share of each part.
    """
    import numpy as np

    part = np.zeros(len(times), dtype=np.int64)
    known = np.flatnonzero(~np.isnan(times))
    stamps, counts = np.unique(times[known], return_counts=True)
    unknown = len(times) - len(known)
    # Rows up to and with each time; a cut is made where that is nearest to what a part should have.
    before = np.concatenate([[0], np.cumsum(counts)]) + unknown
    for bound in np.cumsum(shares)[:-1]:
        cut = int(np.argmin(np.abs(before - bound * len(times))))
        part[known] += times[known] >= stamps[cut] if cut < len(stamps) else 0
    return part


def purged(part: I64, units: I64) -> I64:
    """The parts with -1 for rows whose unit stands in a later part as well.

    The hold-outs stay whole: what a later part knows is taken out of the earlier ones.
    """
    import numpy as np

    last = np.full(int(units.max(initial=0)) + 1, -1)
    np.maximum.at(last, units, part)
    return np.where(part == last[units], part, -1)

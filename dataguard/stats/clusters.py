"""Groups from pairs: stars, in which each member is similar to the one that stands for them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    I64 = NDArray[np.int64]
    F64 = NDArray[np.float64]


def best_partners(node: I64, other: I64, score: F64, count: int) -> tuple[I64, F64]:
    """For each node the `other` with the highest score, and that score; -1 and 0.0 if none.

    The pairs are directed. Of others with equal scores the lowest wins. Both results have shape
    (count,).
    """
    import numpy as np

    partner = np.full(count, -1, dtype=np.int64)
    best = np.zeros(count)
    # Assignment keeps the last of several values for one place: so the best has to come last.
    order = np.lexsort((-other, score))
    partner[node[order]] = other[order]
    best[node[order]] = score[order]
    return partner, best


def stars(left: I64, right: I64, score: F64, count: int) -> I64:
    """For each node the node that stands for its group, itself included; -1 for a node alone.

    Nodes are taken by falling number of neighbours; each one not yet in a group founds one with
    its free neighbours. Who finds all neighbours taken joins the group of its best partner. So
    groups do not chain: A like B and B like C does not put D, like C alone, with A.
    """
    import numpy as np

    node = np.concatenate([left, right])
    other = np.concatenate([right, left])
    order = np.lexsort((other, node))
    neighbours = other[order]
    degree = np.bincount(node, minlength=count)
    ends = np.cumsum(degree)
    centre = np.full(count, -1, dtype=np.int64)
    linked = np.flatnonzero(degree)
    for hub in linked[np.argsort(-degree[linked], kind="stable")].tolist():
        if centre[hub] >= 0:
            continue
        around = neighbours[ends[hub] - degree[hub] : ends[hub]]
        free = around[centre[around] < 0]
        if len(free):
            centre[free] = hub
            centre[hub] = hub
    partner, _ = best_partners(node, other, np.concatenate([score, score]), count)
    late = linked[centre[linked] < 0]
    centre[late] = centre[partner[late]]
    return centre

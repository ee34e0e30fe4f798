"""Pairs of classes that the features cannot tell apart, from out-of-sample probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from dataguard.stats.label_noise import Probabilities

    Dense = npt.NDArray[np.float64]
    Codes = npt.NDArray[np.int64]

LEAST_ROWS = 15
"""Rows that each class of a pair must have."""

MOST_PAIRS = 5_000
"""Pairs compared at most; those whose classes are predicted for each other most."""


class Confusion(msgspec.Struct, frozen=True):
    """Two classes, and how badly they are told apart.

    Attributes:
        one: The class with more rows.
        other: The one with fewer.
        error: Mean share of the two classes' rows on the wrong side of the best limit between
            them: 0 where they are told apart, 0.5 where nothing tells them apart.
        usual: The median of that over all pairs of classes.
        one_as_other: Rows of `one` on the side of `other`.
        other_as_one: Rows of `other` on the side of `one`.
        sizes: Rows of `one` and of `other`.
        positions: The positions of the rows on the wrong side, ascending.
    """

    one: str
    other: str
    error: float
    usual: float
    one_as_other: int
    other_as_one: int
    sizes: tuple[int, int]
    positions: tuple[int, ...]


def given_codes(found: Probabilities, labels: pl.Series) -> Codes:
    """The class number of each judged row, shape (rows,)."""
    import numpy as np
    import polars as pl

    given = labels.cast(pl.String).gather(pl.Series(found.positions)).to_list()
    places = {name: code for code, name in enumerate(found.classes)}
    return np.asarray([places[name] for name in given], dtype=np.int64)


def confused_pairs(
    found: Probabilities, labels: pl.Series, *, least: float, times: float
) -> list[Confusion]:
    """The pairs of classes told apart far worse than others, worst first; none for two classes.

    What counts is the odds of the one class against the other, ranked, so that neither a lack of
    certainty nor a third class matters; the limit between them is the one with the least error.

    Args:
        found: Out-of-sample probabilities.
        labels: Those that these were made from.
        least: Least `Confusion.error`.
        times: How many times the usual error it must be.
    """
    import numpy as np

    codes = given_codes(found, labels)
    sizes = np.bincount(codes, minlength=len(found.classes))
    large = np.flatnonzero(sizes >= LEAST_ROWS)
    if len(large) < 3:
        return []
    logs = np.log(found.matrix + 1e-12)
    members = {int(c): np.flatnonzero(codes == c) for c in large}
    errors = {
        (a, b): _limit(logs, members[a], members[b], (a, b))
        for a, b in _likely_pairs(found.matrix, members)
    }
    usual = float(np.median([error for error, _, _ in errors.values()]))
    bar = max(least, times * usual)
    pairs = [
        _confusion(found, members, pair, *facts, usual)
        for pair, facts in errors.items()
        if facts[0] >= bar
    ]
    return sorted(pairs, key=lambda p: (-p.error, p.one, p.other))


def _likely_pairs(matrix: Dense, members: dict[int, Codes]) -> list[tuple[int, int]]:
    """All pairs of classes, or those most predicted for each other where there are too many."""
    import numpy as np

    means = {c: matrix[rows].mean(axis=0) for c, rows in members.items()}
    classes = sorted(members)
    pairs = [(a, b) for i, a in enumerate(classes) for b in classes[i + 1 :]]
    if len(pairs) > MOST_PAIRS:
        mutual = np.asarray([means[a][b] + means[b][a] for a, b in pairs])
        pairs = [pairs[i] for i in np.argsort(-mutual, kind="stable")[:MOST_PAIRS]]
    return pairs


def _limit(
    logs: Dense, ones: Codes, others: Codes, pair: tuple[int, int]
) -> tuple[float, Codes, Codes]:
    """The least mean error of a limit on the odds, and the rows on its wrong sides."""
    import numpy as np

    rows = np.concatenate([ones, others])
    odds = logs[rows, pair[0]] - logs[rows, pair[1]]
    is_one = np.arange(len(rows)) < len(ones)
    order = np.argsort(odds, kind="stable")
    ranked, ordered = odds[order], is_one[order]
    # A limit after the i-th smallest odds: ones below it and others above it are on wrong sides.
    wrong = np.cumsum(ordered) / len(ones) + 1 - np.cumsum(~ordered) / len(others)
    ends = np.append(ranked[1:] > ranked[:-1], True)
    best = int(np.flatnonzero(ends)[np.argmin(wrong[ends])])
    below = np.zeros(len(rows), dtype=bool)
    below[order[: best + 1]] = True
    error = min(0.5, float(wrong[best]) / 2)
    return error, rows[is_one & below], rows[~is_one & ~below]


def _confusion(
    found: Probabilities,
    members: dict[int, Codes],
    pair: tuple[int, int],
    error: float,
    missed: Codes,
    strays: Codes,
    usual: float,
) -> Confusion:
    import numpy as np

    a, b = pair
    if len(members[b]) > len(members[a]):
        a, b, missed, strays = b, a, strays, missed
    places = np.sort(found.positions[np.concatenate([missed, strays])])
    return Confusion(
        one=found.classes[a],
        other=found.classes[b],
        error=error,
        usual=usual,
        one_as_other=len(missed),
        other_as_one=len(strays),
        sizes=(len(members[a]), len(members[b])),
        positions=tuple(places.tolist()),
    )

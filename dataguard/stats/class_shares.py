"""Whether two splits hold the classes in the same shares."""

from __future__ import annotations

from collections.abc import Mapping
from math import erfc, sqrt

import msgspec

LEAST_EXPECTED = 5.0
"""Rows that a class must let expect in each split for the chi-squared test (Cochran, 1954)."""


class Difference(msgspec.Struct, frozen=True):
    """How much the shares of classes differ.

    Attributes:
        effect: Cohen's w of the hold-out against train: sqrt(sum((q - p)^2 / p)).
        surely: The same, less what chance explains.
        chance: How probable so much difference is in a random split.
        furthest: The class whose share differs most, in points.
        train: Its share in the training data.
        test: Its share in the hold-out.
    """

    effect: float
    surely: float
    chance: float
    furthest: str
    train: float
    test: float


def difference(train: Mapping[str, int], test: Mapping[str, int]) -> Difference | None:
    """How much the shares of the classes that both splits have differ.

    Classes that let expect fewer than five rows in either split are taken together. None where
    fewer than two classes are left.

    Args:
        train: Rows by class.
        test: Rows by class.
    """
    shared = [c for c in train if c in test]
    sums = sum(train[c] for c in shared), sum(test[c] for c in shared)
    if not all(sums):
        return None
    cells: dict[str, list[int]] = {}
    for name in shared:
        both = (train[name] + test[name]) / sum(sums)
        enough = both * min(sums) >= LEAST_EXPECTED
        cell = cells.setdefault(name if enough else "", [0, 0])
        cell[0] += train[name]
        cell[1] += test[name]
    if len(cells) < 2:
        return None
    statistic, effect = 0.0, 0.0
    for mine, theirs in cells.values():
        both = (mine + theirs) / sum(sums)
        for count, total in ((mine, sums[0]), (theirs, sums[1])):
            statistic += (count - both * total) ** 2 / (both * total)
        effect += (theirs / sums[1] - mine / sums[0]) ** 2 / both
    freedom = len(cells) - 1
    # Of a random split the statistic is about `freedom`, and so large is the effect by chance.
    noise = freedom * (1 / sums[0] + 1 / sums[1])
    furthest = max(cells, key=lambda c: abs(cells[c][1] / sums[1] - cells[c][0] / sums[0]))
    mine, theirs = cells[furthest]
    return Difference(
        sqrt(effect),
        sqrt(max(0.0, effect - noise)),
        tail(statistic, freedom),
        furthest,
        mine / sums[0],
        theirs / sums[1],
    )


def tail(statistic: float, freedom: int) -> float:
    """The chance of a larger chi-squared statistic (Wilson and Hilferty, PNAS 17, 1931)."""
    if statistic <= 0:
        return 1.0
    spread = 2 / (9 * freedom)
    z = ((statistic / freedom) ** (1 / 3) - (1 - spread)) / sqrt(spread)
    return 0.5 * erfc(z / sqrt(2))

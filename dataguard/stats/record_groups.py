"""Rows that are one record, in groups, each with a row that stands for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import polars as pl

    from dataguard.stats.record_pairs import RecordPairs


class Groups(msgspec.Struct, frozen=True):
    """Rows of pairs in groups; the first four lists are parallel, by ascending row.

    Attributes:
        rows: Record numbers.
        scores: Of the best partner.
        groups: Numbers from 0, by first row.
        partners: The best partner's record number.
        representatives: Of each group the row with the fewest missing cells, the first of several.
    """

    rows: list[int]
    scores: list[float]
    groups: list[int]
    partners: list[int]
    representatives: list[int]


def grouped(pairs: RecordPairs, sample: pl.DataFrame) -> Groups:
    """The pairs' rows in groups, in which each row is like the one that stands for them.

    Args:
        pairs: Of rows of the sample.
        sample: With the column `ROW`; whose missing cells are counted.
    """
    import numpy as np
    import polars as pl

    from dataguard.queries import ROW
    from dataguard.stats.clusters import best_partners, stars

    count, score = sample.height, pairs.score
    numbers = sample.get_column(ROW).to_numpy().astype(np.int64)
    centre = stars(pairs.left, pairs.right, score, count)
    node, other = np.append(pairs.left, pairs.right), np.append(pairs.right, pairs.left)
    partner, best = best_partners(node, other, np.append(score, score), count)
    places = np.flatnonzero(centre >= 0)
    places = places[np.argsort(numbers[places])]
    table = pl.DataFrame(
        {
            "row": numbers[places],
            "score": best[places],
            "centre": centre[places],
            "partner": numbers[partner[places]],
            "gaps": sample.select(pl.sum_horizontal(pl.all().is_null())).to_series()
            .to_numpy()[places],
        }
    )  # fmt: skip
    table = table.with_columns(group=pl.col("row").min().over("centre").rank("dense") - 1)
    fullest = table.sort("group", "gaps", "row").unique("group", keep="first", maintain_order=True)
    return Groups(
        rows=table.get_column("row").to_list(),
        scores=[round(s, 4) for s in table.get_column("score").to_list()],
        groups=table.get_column("group").to_list(),
        partners=table.get_column("partner").to_list(),
        representatives=fullest.get_column("row").to_list(),
    )

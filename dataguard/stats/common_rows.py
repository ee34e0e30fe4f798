"""Rows that two splits have in common, and whether chance explains them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from dataguard.dataset import Column, Split


def expected_by_chance(
    first: Split, second: Split, names: Sequence[str], form: Callable[[Column], pl.Expr]
) -> float:
    """How many pairs of rows, one of each split, chance makes equal in `names`; see `chance_pairs`.

    Judged by the samples of both splits.
    """
    import polars as pl

    from dataguard.stats.chance import chance_pairs
    from dataguard.stats.row_keys import wordy

    parts = [s.preview.select(form(s[n]).alias(n) for n in names) for s in (first, second)]
    side = pl.repeat(True, parts[0].height, eager=True).extend(
        pl.repeat(False, parts[1].height, eager=True)
    )
    scale = first.height * second.height / (parts[0].height * parts[1].height)
    return chance_pairs(pl.concat(parts), side, texts=wordy(first, names)) * scale

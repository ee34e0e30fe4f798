"""What the features say of each label, by models that did not see the row: fitted once a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from dataguard.api import Dataset, Derived, Kind, Skip, Split, together

if TYPE_CHECKING:
    import polars as pl

    from dataguard.stats.label_noise import Probabilities

LEFT_OUT = ("id", "time", "group")
"""Roles whose columns tell nothing about a new row's label."""


class Judged(msgspec.Struct, frozen=True, eq=False):
    """The rows that were judged, split by split, and what the features say of their labels.

    Attributes:
        splits: The splits that have labels.
        samples: The judged rows of each, with the column `ROW`.
        labels: Their labels, one below the other, one spelling a class; null where missing.
        found: Out-of-sample probabilities; `positions` count through all samples.
    """

    splits: tuple[Split, ...]
    samples: tuple[pl.DataFrame, ...]
    labels: pl.Series
    found: Probabilities


class Judging(msgspec.Struct, frozen=True):
    """How labels are judged; `Derived(Judging())` gives all checks that ask one answer.

    Attributes:
        rows: Rows judged at most.
        least: Labelled rows needed.
        folds: Folds of the out-of-sample predictions.
        leak: Balanced accuracy from which on a column alone gives the label away: it is left out.
    """

    rows: int = 20_000
    least: int = 20
    folds: int = 5
    leak: float = 0.97

    async def __call__(self, data: Dataset) -> Judged:
        """Sample the rows, and predict each one's label by models that did not see it.

        Raises:
            Skip: Too few labels, or no column to predict them from.
        """
        from dataguard.stats import label_noise
        from dataguard.stats.class_names import class_counts, spelling_variants
        from dataguard.stats.label_features import gathered

        splits = [s for s in data.splits if s.label is not None and s.label.missing < s.height]
        samples = await sampled(splits, self.rows, self.least)
        totals: Counter[str] = Counter()
        for counted in (await Derived(class_counts)).values():
            totals.update(counted)
        variants = spelling_variants(totals)
        features, labels = gathered(splits, samples, predictors(splits, self.leak))
        labels = labels.replace({word: v.meant for word, v in variants.items()})
        if labels.len() - labels.null_count() < self.least:
            raise Skip(f"fewer than {self.least} labelled rows")
        found = label_noise.out_of_sample_probabilities(
            features, labels, folds=self.folds, seed=data.seed, max_rows=self.rows
        )
        return Judged(tuple(splits), samples, labels, found)


async def sampled(splits: Sequence[Split], rows: int, least: int) -> tuple[pl.DataFrame, ...]:
    """Of each split as many rows as its share of all, `rows` altogether."""
    height = sum(s.height for s in splits)
    if height < least:
        raise Skip(f"fewer than {least} labelled rows")
    sizes = [s.height * rows // max(rows, height) for s in splits]
    return await together([s.sample(n) for s, n in zip(splits, sizes, strict=True)])


def predictors(splits: Sequence[Split], leak: float) -> list[str]:
    """Names of the columns to learn from: those of all splits that may tell the label.

    Raises:
        Skip: There is none.
    """
    from dataguard.stats.label_features import Limits, is_prose, telling_columns
    from dataguard.stats.row_keys import contents

    first = splits[0]
    out = {c.name for role in LEFT_OUT for c in first.of_role(role)}
    if first.label is not None:
        out.add(first.label.name)
    columns = [
        c
        for c in contents(first)
        if c.name not in out
        and c.kind not in (Kind.EMPTY, Kind.DATE)
        and c.distinct > 1
        and all(c.name in s for s in splits)
        and (c.kind not in (Kind.CODE, Kind.TEXT) or is_prose(first, c))
    ]
    telling = telling_columns(first, columns, Limits(accuracy=leak))
    names = [c.name for c in columns if c.name not in telling]
    if telling and not names:
        raise Skip("each column that could predict the label gives it away by itself")
    if not names:
        raise Skip("no column to predict the label from")
    return names

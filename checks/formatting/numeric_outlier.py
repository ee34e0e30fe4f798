"""FMT013: numeric outlier."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from dataguard.api import (
    At,
    Check,
    Column,
    Dataset,
    Example,
    Finding,
    Hits,
    Kind,
    Option,
    Severity,
    Split,
    cells,
    share,
    together,
    verb,
)

if TYPE_CHECKING:
    import polars as pl

    from dataguard.stats.outliers import Limits, Values

NUMBERINGS = (
    r"(?:^|[^a-z])(?:zip|postal|postcode|code|fips|phone|tel|fax|id|isbn|ean)(?:$|[^a-z])|zip"
)
"""Names of columns whose numbers are names; how far they lie apart means nothing."""

BATCH = 32
"""Columns asked for together."""

HEIGHTS = [158.5, 171.0, 166.2, 180.1, 175.4, 169.9, 162.3, 177.7, 173.2, 168.8, 164.0, 182.6]


class NumericOutlier(Check):
    """A number lies so far from all others that it looks mistyped.

    ## Why is this bad?
    One weight of 7200 among 72s drags means, scales and regression lines towards it; after
    min-max scaling, all other rows are squeezed into a sliver.

    ## How it works
    The spread is taken from the median and the quantiles of each side, on a logarithmic scale
    where the column is less skewed there, so that long tails alone are no outliers. A value far
    outside, with a gap between, is reported as a warning where a slip of the pen explains it: ten,
    a hundred or a thousand times too large or too small, or a minus sign where all others are
    positive. Other far values, and numbers that stand alone in a column of one value, are for
    information. Numbers such as 9999 have their own rule, disguised-missing. Judged by a sample of
    10,000 rows; where it shows an outlier, all rows are searched.

    ## What to do
    Look the values up at their source. Correct them, or leave them empty; clip only what is real.
    """

    code = "FMT013"
    name = "numeric-outlier"
    severity = Severity.WARNING
    uses = ("label",)
    far = Option(
        6.0,
        "Robust standard deviations from the median beyond which a value is far (judged on public "
        "tables; 3.5 is customary for normal columns, Iglewicz and Hoaglin 1993).",
        low=2.0,
    )
    slip = Option(
        8.0,
        "The same for a value that a slip of the pen explains to be a warning (judged).",
        low=2.0,
    )
    bad = (
        Example(
            train={"height": [*HEIGHTS, 1710.0, 1.66, *HEIGHTS]},
            expect=(At(row=12, column="height"), At(row=13, column="height")),
        ),
        Example(
            train={"height": [*HEIGHTS, -171.0, *HEIGHTS]},
            expect=(At(row=12, column="height"),),
            title="A sign that should not be there.",
        ),
    )
    good = (
        Example(train={"height": HEIGHTS * 2}),
        Example(
            train={"income": [round(1.6**i, 2) for i in range(24)]},
            title="A long tail is no outlier.",
        ),
        Example(train={"children": [0, 1, 2, 1, 0, 0, 3, 2, 1, 0, 0, 1, 2, 7]}),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.outliers import limits

        chosen = [
            (split, column, found)
            for split in data.splits
            for column, values in _columns(split, self.far)
            if (found := limits(values, self.far)) is not None
        ]
        queries = [s.rows(_where(c, one), (c.name,), limit=s.height) for s, c, one in chosen]
        hits = await together(queries) if queries else ()
        for (split, column, one), some in zip(chosen, hits, strict=True):
            for finding in self._told(split, column, one, some):
                yield finding

    def _told(self, split: Split, column: Column, one: Limits, hits: Hits) -> list[Finding]:
        """One finding for values that a slip explains, one for the others."""
        from dataguard.stats.outliers import spreads

        numbers = hits.cells.select(column.number.alias("n"))["n"].to_list()
        slips = [one.slip(n) if spreads(n, one) >= self.slip else "" for n in numbers]
        # Where other far values lie on the same side, a long tail explains all of them as well.
        tails = {n > one.usual_high for n, s in zip(numbers, slips, strict=True) if not s}
        slips = [
            s if s == "negative" or (n > one.usual_high) not in tails else ""
            for n, s in zip(numbers, slips, strict=True)
        ]
        found = []
        for sure in (True, False):
            chosen = [i for i, s in enumerate(slips) if bool(s) is sure]
            if chosen:
                found.append(self._one(split, column, one, hits, chosen, slips))
        return found

    def _one(
        self,
        split: Split,
        column: Column,
        one: Limits,
        hits: Hits,
        chosen: list[int],
        slips: list[str],
    ) -> Finding:
        shown = hits.cells[chosen]
        numbers = shown.select(column.number.alias("n"))["n"]
        at = int(numbers.abs().arg_max() or 0)
        first, why = shown[column.name][at], slips[chosen[at]]
        sure = bool(why)
        values = split.height - column.missing
        usual = f"{one.usual_low:g} to {one.usual_high:g}"
        if one.single is not None:
            usual = f"{one.single:g}"
        told = f"; `{first}` is {why}" if sure else f", such as `{first}`"
        return self.finding(
            f"{len(chosen):,} of {values:,} values ({share(len(chosen), values)}) in "
            f"`{column.name}` {verb(len(chosen), 'lies', 'lie')} far from all others"
            f" (most are {usual}){told}",
            split=split,
            rows=[hits.rows[i] for i in chosen],
            columns=(column.name,),
            examples=cells(shown, (column.name,)),
            notes=[slips[i] or "far from all others" for i in chosen],
            evidence={"usual_low": one.usual_low, "usual_high": one.usual_high},
            severity=self.severity if sure else Severity.INFO,
            confidence=0.8 if sure else 0.5,
            fix=f"Look these values of `{column.name}` up at their source; correct them, or leave "
            "them empty.",
        )


def _columns(split: Split, far: float) -> Iterator[tuple[Column, Values]]:
    """The columns of measurements that may hold an outlier, with their sorted numbers."""
    import polars as pl

    from dataguard.stats.outliers import may_hold
    from dataguard.stats.sentinels import SENTINELS
    from dataguard.stats.values import is_role

    columns = [
        c
        for c in split.of_kind(Kind.NUMBER)
        if c.distinct >= 3
        and not is_role(split, c, "label", "id")
        and not re.search(NUMBERINGS, c.name.lower())
    ]
    for start in range(0, len(columns), BATCH):
        batch = columns[start : start + BATCH]
        numbers = split.preview.select(c.number.alias(str(i)) for i, c in enumerate(batch))
        for i, column in enumerate(batch):
            values = numbers[str(i)].cast(pl.Float64)
            values = values.filter(values.is_finite()).sort()
            if may_hold(values, far):
                yield column, values.filter(~values.is_in(SENTINELS)).to_numpy()


def _where(column: Column, one: Limits) -> pl.Expr:
    from dataguard.stats.sentinels import SENTINELS

    number = column.number
    return ((number < one.low) | (number > one.high)) & ~number.is_in(SENTINELS)

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from dataguard.api import (
    At,
    Check,
    Column,
    Dataset,
    Example,
    Finding,
    Kind,
    Need,
    Option,
    Severity,
    Skip,
    Split,
)

if TYPE_CHECKING:
    import polars as pl

_DAYS = [f"{y}-{m:02}-{d:02}" for y in (2023, 2024) for m in range(1, 11) for d in range(1, 11)]
_LEVEL = [abs(i % 80 - 40) + (i * 37 % 11) / 5 for i in range(200)]
_NOISE = [float(i * i * 37 % 211) for i in range(200)]
_HELD = [i for i in range(200) if i * 7 % 5 == 0]
_KEPT = [i for i in range(200) if i * 7 % 5 != 0]


class RandomSplitOfTimeSeries(Check):
    """Rows that follow each other in time are alike, and were dealt into the splits at random.

    ## Why is this bad?
    Where today's value is near yesterday's, a held-out day between two training days is answered by
    its neighbours. The score says how well the model fills gaps, not how well it foresees; in use
    there is no tomorrow to look at.

    ## How it works
    Where there is a column of time (named with `--time`, known by its name, or the only column of
    dates) and the times of the splits are mixed (a held-out row is later than a training row with a
    chance of 0.4 to 0.6), the label of each row is compared with that of the row before it in time,
    within its group where there are groups. It is reported where they are correlated, by
    `likeness` or more, surely (by five standard errors). A column of dates alone, without such
    likeness, is no time series.

    ## What to do
    Split by time: train on what is before one time and judge by what is after it
    (scikit-learn's `TimeSeriesSplit`). If the model is meant to fill gaps, ignore this rule.
    """

    code = "LEK008"
    name = "random-split-of-time-series"
    severity = Severity.WARNING
    needs = (Need.HOLDOUT, Need.LABEL)
    uses = ("time", "label")
    likeness = Option(
        0.4,
        "Least correlation of the label with that of the row before: our own choice; half of what"
        " most daily series of prices, sales or temperatures have.",
        low=0,
        high=1,
    )
    least_rows = Option(
        50, "Rows that both splits together must have; fewer correlate by chance.", low=10
    )
    bad = (
        Example(
            train={"date": [_DAYS[i] for i in _KEPT], "sales": [_LEVEL[i] for i in _KEPT]},
            test={"date": [_DAYS[i] for i in _HELD], "sales": [_LEVEL[i] for i in _HELD]},
            label="sales",
            expect=(At("test", None, "date"),),
        ),
    )
    good = (
        Example(
            train={"date": [_DAYS[i] for i in _KEPT], "sales": [_NOISE[i] for i in _KEPT]},
            test={"date": [_DAYS[i] for i in _HELD], "sales": [_NOISE[i] for i in _HELD]},
            label="sales",
        ),
        Example(
            title="Split by time",
            train={"date": _DAYS[:150], "sales": _LEVEL[:150]},
            test={"date": _DAYS[150:], "sales": _LEVEL[150:]},
            label="sales",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        import polars as pl

        from dataguard.stats.clock import time_column
        from dataguard.stats.split_in_time import neighbours_alike, order

        train, label = data.train, data.train.label
        column = time_column(train)
        if column is None:
            raise Skip("no column of time; name it with --time")
        if label is None or not (label.kind is Kind.NUMBER or label.is_classes):
            return
        self.note_sample(train.preview.height, train.height)
        for split in data.holdouts:
            kept, held = (_rows(s, column, label) for s in (train, split))
            if kept is None or held is None or held.height < 10:
                continue
            rows = pl.concat([kept, held])
            lie = order(kept.get_column("t").to_numpy(), held.get_column("t").to_numpy())
            if rows.height < self.least_rows or not 0.4 <= lie.later <= 0.6:
                continue
            alike, error = neighbours_alike(rows)
            if alike - 5 * error >= 0 and alike >= self.likeness:
                yield self._found(split, column, label, alike, error)

    def _found(
        self, split: Split, column: Column, label: Column, alike: float, error: float
    ) -> Finding:
        return self.finding(
            f"The rows of {split.name} stand among the training rows in time (`{column.name}`), and"
            f" `{label.name}` is much like that of the row before (correlation {alike:.2f} ±"
            f" {error:.2f}): a time series split at random",
            split=split,
            columns=(column.name,),
            confidence=0.85,
            evidence={"likeness": round(alike, 4), "error": round(error, 4)},
            fix=f"Split by `{column.name}`: train on what is earlier, judge by what is later.",
        )


def _rows(split: Split, column: Column, label: Column) -> pl.DataFrame | None:
    """The sample's rows with a time and a label: "t", "y" (a number), "g" (the group)."""
    import polars as pl

    from dataguard.stats.clock import moments

    if column.name not in split or label.name not in split:
        return None
    form = moments(split, split[column.name])
    if form is None:
        return None
    mine = split[label.name]
    if label.is_classes:
        known = split.preview.select(mine.canonical.alias("y")).to_series().drop_nulls()
        commonest = known.mode().sort().head(1).to_list()
        value = (mine.canonical == (commonest[0] if commonest else "")).cast(pl.Float64)
    else:
        value = mine.number
    groups = split.of_role("group")
    group = groups[0].canonical if groups else pl.lit("")
    frame = split.preview.select(form.alias("t"), value.alias("y"), group.alias("g"))
    return frame.drop_nulls()

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
    Need,
    Option,
    Severity,
    Skip,
    Split,
    cells,
    count_of,
    share,
    together,
)

if TYPE_CHECKING:
    import polars as pl

_DAYS = [f"2024-{m:02}-{d:02}" for m in range(1, 11) for d in range(1, 11)]


class TestBeforeTrainEnd(Check):
    """The splits are made by time, and overlap in it.

    ## Why is this bad?
    The model is to be judged on a time that it has not seen. Training rows from that time, or
    held-out rows from before it, let it answer from what it remembers: the trend, the season, the
    same customers. The score in use, where the future is really unknown, will be worse.

    ## How it works
    Where there is a column of time (named with `--time`, known by its name, or the only column of
    dates), the held-out rows are later than training rows with a chance of `later` or more (else
    the split is not by time: LEK008), and one time parts the splits best. Held-out rows before it
    and training rows after it are reported; rows of the same time, as of one day, may be in both. A
    hold-out that lies before the training rows as a whole is reported as well.

    ## What to do
    Choose one time; train on what is before it and judge by what is after it, leaving out as much
    in between as the label needs to become known (a gap, or "embargo"; scikit-learn's
    `TimeSeriesSplit(gap=...)`).
    """

    __test__ = False  # pytest takes classes named Test… for tests
    code = "LEK007"
    name = "test-before-train-end"
    severity = Severity.WARNING
    needs = (Need.HOLDOUT,)
    uses = ("time",)
    later = Option(
        0.75,
        "Chance that a held-out row is later than a training row, from which on a split is made by"
        " time: half-way between a random split (0.5) and a clean one (1).",
        low=0.5,
        high=1,
    )
    least_rows = Option(20, "Rows that each split must have: our own choice.", low=2)
    bad = (
        Example(
            train={"date": [*_DAYS[:79], _DAYS[97]], "size": [round(i / 7, 2) for i in range(80)]},
            test={"date": [*_DAYS[80:], _DAYS[12]], "size": [round(i / 3, 2) for i in range(21)]},
            expect=(At("test", 20, "date"), At("train", 79, "date")),
        ),
    )
    good = (
        Example(
            train={"date": _DAYS[:80], "size": [round(i / 7, 2) for i in range(80)]},
            test={"date": _DAYS[80:], "size": [round(i / 3, 2) for i in range(20)]},
        ),
        Example(
            title="Not split by time",
            train={"date": _DAYS[::2], "size": [round(i / 7, 2) for i in range(50)]},
            test={"date": _DAYS[1::2], "size": [round(i / 3, 2) for i in range(50)]},
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.clock import moments, time_column

        train, column = data.train, time_column(data.train)
        if column is None:
            raise Skip("no column of time; name it with --time")
        looked = False
        for split in data.holdouts:
            if column.name not in split or min(train.height, split.height) < self.least_rows:
                continue
            forms = [moments(s, s[column.name]) for s in (train, split)]
            if forms[0] is None or forms[1] is None:
                continue
            looked = True
            for finding in await self._judged(train, split, column, (forms[0], forms[1])):
                yield finding
        if not looked:
            raise Skip("the splits share no readable column of time, or have too few rows")

    async def _judged(
        self, train: Split, split: Split, column: Column, forms: tuple[pl.Expr, pl.Expr]
    ) -> list[Finding]:
        from dataguard.stats.split_in_time import order

        times = await together(
            [s.map([f.alias("t")]) for s, f in zip((train, split), forms, strict=True)]
        )
        series = [t.get_column("t").drop_nulls() for t in times]
        if min(map(len, series)) < self.least_rows:
            return []
        lie = order(series[0].to_numpy(), series[1].to_numpy())
        if lie.later <= 1 - self.later and series[1].max() <= series[0].min():  # type: ignore[operator]
            return [await self._reversed(split, column)]
        if lie.later < self.later:
            return []
        early = (times[1].get_column("t") < lie.cut).arg_true().to_list()
        late = (times[0].get_column("t") > lie.cut).arg_true().to_list()
        told = ((split, early, "before", train), (train, late, "after", split))
        return [
            await self._overlap(s, rows, column, word, other)
            for s, rows, word, other in told
            if rows
        ]

    async def _overlap(
        self, split: Split, rows: list[int], column: Column, word: str, other: Split
    ) -> Finding:
        shown = await split.cells(rows[:5], (column.name,))
        end = "its time begins" if word == "before" else f"that of {other.name} begins"
        part = share(len(rows), split.height)
        return self.finding(
            f"{count_of(len(rows), 'row')} of {split.height:,} ({part}) of {split.name}"
            f" {'is' if len(rows) == 1 else 'are'} from {word} the time at which"
            f" {end}, by `{column.name}`: the splits are made by time and overlap",
            split=split,
            rows=rows,
            columns=(column.name,),
            confidence=0.9,
            examples=cells(shown, [column.name]),
            evidence={"side": word},
            fix="Choose one time; train on what is before it and judge by what is after it.",
        )

    async def _reversed(self, split: Split, column: Column) -> Finding:
        return self.finding(
            f"All {split.height:,} rows of {split.name} are from before the training data, by"
            f" `{column.name}`: the model is trained on the future and judged on the past",
            split=split,
            columns=(column.name,),
            confidence=0.9,
            evidence={"side": "all"},
            fix="Train on the earlier rows and judge by the later ones.",
        )

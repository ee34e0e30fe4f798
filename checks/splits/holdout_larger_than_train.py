from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import At, Check, Dataset, Example, Finding, Need, Option, Severity


class HoldoutLargerThanTrain(Check):
    """A hold-out has more rows than the training data.

    ## Why is this bad?
    Mostly the files are swapped, or rows of the training file got lost. If not, most of what could
    be learnt from is spent on measuring: ten times the test rows make the error bar a third as
    wide, more training rows make the error itself smaller.

    ## How it works
    A split that is called test or validation has more than `ratio` times the rows of the training
    split.

    ## What to do
    Look whether the files are the right way round. Else move rows into the training data: 10 to
    20 % held out is usual, and beyond some ten thousand rows a hold-out hardly gains.
    """

    code = "SPL007"
    name = "holdout-larger-than-train"
    severity = Severity.WARNING
    needs = (Need.HOLDOUT,)
    ratio = Option(
        1.0, "Rows of the hold-out over rows of train up to which nothing is said.", low=0.0
    )
    least_rows = Option(
        20, "Rows that the hold-out must have; a few rows are an example, not data.", low=1
    )
    bad = (Example(train={"x": range(40)}, test={"x": range(100, 160)}, expect=(At("test"),)),)
    good = (
        Example(train={"x": range(60)}, test={"x": range(100, 140)}),
        Example(train={"x": range(60)}, test={"x": range(100, 160)}, title="As many."),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        train = data.train
        if train.name != "train":
            return
        for split in data.holdouts:
            if split.height < self.least_rows or split.height <= self.ratio * train.height:
                continue
            yield self.finding(
                f"{split.name} has {split.height:,} rows, more than the {train.height:,} of train;"
                " are the files swapped?",
                split=split,
                evidence={"rows": split.height, "train": train.height},
                fix="See that the files are the right way round, or train on more of the rows.",
            )

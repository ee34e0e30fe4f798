from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import At, Check, Dataset, Example, Finding, Kind, Option, Severity, Skip

SPLIT_COLUMNS = ("split", "fold", "folds", "subset", "partition", "dataset_split", "data_split")
"""Columns by which one file holds several splits."""


class NoHoldout(Check):
    """There is training data alone, and nothing to judge the model on.

    ## Why is this bad?
    The training loss goes on falling while the model learns its rows by heart. Only rows that it
    has not seen show when that begins, and how good the model is.

    ## How it works
    The run was given one split, and that is not called test or validation. Files of fewer than
    20 rows are left alone, and so is a file with a column (`split`, `fold`, …) that says which
    row belongs where.

    ## What to do
    Hold out 10–20 % of the rows before anything else, groups and copies together, and watch the
    loss on them while training: stop where it rises. Then lint both:
    `dataguard lint train.csv --validation validation.csv`.
    """

    code = "SPL001"
    name = "no-holdout"
    severity = Severity.INFO
    least = Option(20, "Rows that the file must have: our own choice.", low=2)
    bad = (Example(train={"x": range(40), "y": [0, 1] * 20}, expect=(At("train"),)),)
    good = (
        Example(train={"x": range(40)}, validation={"x": range(100, 110)}),
        Example(
            train={"x": range(40), "split": ["train"] * 30 + ["test"] * 10},
            title="One file that holds both.",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        split = data.train
        if data.holdouts or data.given_empty or split.name != "train":
            return
        if split.height < self.least:
            raise Skip(f"fewer than {self.least} rows")
        if any(
            c.name.strip().lower() in SPLIT_COLUMNS and c.kind in (Kind.CATEGORY, Kind.NUMBER)
            for c in split.columns
        ):
            return
        yield self.finding(
            f"No hold-out: all {split.height:,} rows are training data, so overfitting cannot"
            " be seen",
            split=split,
            evidence={"rows": split.height},
            fix="Hold out 10–20 % of the rows and watch the validation loss while training.",
        )

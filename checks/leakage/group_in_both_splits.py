from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from dataguard.api import (
    At,
    Check,
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
)

if TYPE_CHECKING:
    import polars as pl


class GroupInBothSplits(Check):
    """Rows of one group (a patient, a user, a document) stand in the training and the test data.

    ## Why is this bad?
    Rows of one patient are alike in ways that have nothing to do with the label. The model
    recognises the patient, and the score does not hold for patients that it has never seen.

    ## How it works
    The values of the group column are compared between the splits, case and spacing aside. All
    held-out rows of a group that has training rows are reported. A group column that was guessed
    gives a warning at most, and only where it has at least `least_groups` groups: five shops may
    well stand in all splits, five hundred patients should not.

    ## What to do
    Split by group (scikit-learn's `GroupShuffleSplit` or `StratifiedGroupKFold`). If the model will
    be used on groups that it knows, as in forecasts by a split in time, ignore this rule.
    """

    code = "LEK003"
    name = "group-in-both-splits"
    severity = Severity.ERROR
    needs = (Need.HOLDOUT, Need.GROUP)
    uses = ("group",)
    least_groups = Option(
        20,
        "Least number of groups of a guessed column. Fewer groups cannot be split: each would be"
        " more than 5 % of the data, a quarter of a usual test set.",
        low=2,
    )
    bad = (
        Example(
            train={"patient": ["a", "a", "b", "b"], "dose": [1.5, 2.5, 3.5, 4.5]},
            test={"patient": ["b", "c"], "dose": [5.5, 6.5]},
            group="patient",
            expect=(At("test", row=0, column="patient"),),
        ),
    )
    good = (
        Example(
            train={"patient": ["a", "a", "b", "b"], "dose": [1.5, 2.5, 3.5, 4.5]},
            test={"patient": ["c", "c"], "dose": [5.5, 6.5]},
            group="patient",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.row_keys import matching, same_rows

        looked = False
        for column in data.train.of_role("group"):
            if data.inferred("group") and column.distinct < self.least_groups:
                continue
            for split in data.holdouts:
                if column.name not in split:
                    continue
                looked = True
                groups = await same_rows([data.train, split], [column.name], matching)
                held_out = groups.filter(groups["split"] == split.name).sort("row")
                if held_out.height:
                    first = held_out.get_column("row").head(5).to_list()
                    shown = await split.cells(first, [column.name])
                    yield self._found(split, column.name, held_out, shown)
        if not looked:
            raise Skip("no group column with enough groups in both splits; name it with --group")

    def _found(
        self, split: Split, column: str, held_out: pl.DataFrame, shown: pl.DataFrame
    ) -> Finding:
        number, groups = held_out.height, held_out.get_column("group").n_unique()
        return self.finding(
            f"{count_of(groups, 'group')} of `{column}` {'has' if groups == 1 else 'have'} rows in"
            f" the training data too: {count_of(number, 'row')} of {split.height:,}"
            f" ({share(number, split.height)})",
            split=split,
            rows=held_out.get_column("row").to_list(),
            groups=held_out.get_column("group").to_list(),
            columns=(column,),
            examples=cells(shown, [column]),
            evidence={"groups": groups},
            fix="Split by group, for example with scikit-learn's `GroupShuffleSplit`.",
        )

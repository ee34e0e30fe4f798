from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from dataguard.api import (
    At,
    Check,
    Column,
    Dataset,
    Derived,
    Example,
    Finding,
    Kind,
    Need,
    Option,
    Severity,
    Skip,
    Split,
    quoted,
)

if TYPE_CHECKING:
    from dataguard.stats.leakage import Rule

_CLASSES = ["yes", "no", "no", "no"] * 20
_NOISE = [round((i * 37) % 80 / 7, 2) for i in range(80)]


class LabelLeakingFeature(Check):
    """A column alone gives the label away.

    ## Why is this bad?
    Such a column is mostly the label in other clothes: a code of it, or something that was written
    down after the outcome was known. The model learns to read it off and fails where it is not yet
    filled in.

    ## How it works
    In a sample of the training data, each column but the id is asked four simple questions: does
    its value tell the class of other rows with this value, does one range of a number hold one
    class, does the class decide whether the cell is filled in, does one word of a text stand in all
    rows of a class and in no other (the class's own name is LEK010's). Columns with too many values
    to repeat are not asked by value. For a numeric target, a column that puts the rows
    in the same order is reported.

    ## What to do
    Ask whether the column is known at the moment of prediction. If it is not, drop it. If it is,
    the label may not need a model.
    """

    code = "LEK004"
    name = "label-leaking-feature"
    severity = Severity.WARNING
    needs = (Need.LABEL,)
    uses = ("label",)
    accuracy = Option(
        0.97,
        "Least balanced accuracy of a column alone. The best honest columns of iris, breast_cancer"
        " and 395 pairs of label and table from 400 published ones reach 0.95 to 0.97; copies of a"
        " label with one per cent of noise 0.99.",
        low=0.5,
        high=1,
    )
    missing_accuracy = Option(
        0.95,
        "The same for whether the cell is filled in, which should say nothing: a column filled in"
        " after the outcome (the lifeboat, in the Titanic's passenger list) reaches 0.97.",
        low=0.5,
        high=1,
    )
    least_filled = Option(
        30,
        "Rows that must be filled in (or missing), all of them of one class, for a column to give"
        " that class away alone, where it has three quarters of the other rows at most.",
        low=1,
    )
    order = Option(
        0.9995,
        "Least rank correlation of a column with a numeric target; two different quantities"
        " measured on real things are not in the same order.",
        low=0.5,
        high=1,
    )
    bad = (
        Example(
            title="A code of the label",
            train={"size": _NOISE, "paid": _CLASSES, "status": [len(c) for c in _CLASSES]},
            label="paid",
            expect=(At("train", column="status"),),
        ),
        Example(
            title="Filled in after the outcome",
            train={
                "size": _NOISE,
                "refund_date": [
                    f"2024-01-{i % 28 + 1:02}" if i % 4 == 0 else None for i in range(80)
                ],
                "churned": _CLASSES,
            },
            label="churned",
            expect=(At("train", column="refund_date"),),
        ),
    )
    good = (
        Example(
            train={
                "size": _NOISE,
                "colour": ["red", "blue", "red"] * 26 + ["red", "blue"],
                "paid": _CLASSES,
            },
            label="paid",
        ),
        Example(
            title="Ids and free text tell rows apart, and that is all",
            train={
                "ticket": [f"{c}-{i:04}" for i, c in enumerate("qwer" * 20)],
                "remark": [f"remark number {i} on this day" for i in range(80)],
                "paid": _CLASSES,
            },
            label="paid",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.label_features import Limits, one_row_a_group, telling_rule
        from dataguard.stats.leakage import judged_classes, same_order
        from dataguard.stats.named_label import namings

        split, label = data.train, data.train.label
        if label is None:
            return
        rows = one_row_a_group(split)
        labels = rows.select(label.canonical).to_series()
        if label.is_classes:
            classes = judged_classes(labels)
            if not classes:
                raise Skip("fewer than two classes with ten rows")
        elif label.kind is Kind.NUMBER:
            classes = []
            labels = rows.select(label.number).to_series()
        else:
            raise Skip("the label is neither a class nor a number")
        limits = Limits(self.accuracy, self.missing_accuracy, self.least_filled)
        named = await Derived(namings)
        found: dict[str, Rule] = {}
        for column in _features(split, label):
            if classes:
                rule = telling_rule(rows, column, labels, classes, limits)
            else:
                rule = same_order(rows.select(column.number.alias("x")).to_series(), labels)
            if rule is not None and rule.how == "token" and column.name in named:
                continue  # LEK010 names the rows
            if rule is not None and (classes or rule.score >= self.order):
                found[column.name] = rule
        self.note_sample(split.preview.height, split.height)
        if found:
            yield self._found(split, label, found)

    def _found(self, split: Split, label: Column, found: dict[str, Rule]) -> Finding:
        names = tuple(found)
        if len(found) == 1:
            message = f"`{names[0]}` gives the label `{label.name}` away: {found[names[0]].words}"
        else:
            message = f"{len(names)} columns give the label `{label.name}` away: {quoted(names)}"
        return self.finding(
            message,
            split=split,
            columns=names,
            confidence=min(rule.score for rule in found.values()),
            evidence={
                "columns": {
                    name: {"rule": rule.how, "score": round(rule.score, 4), "says": rule.words}
                    for name, rule in found.items()
                }
            },
            fix="Drop what is not known at the moment of prediction.",
        )


def _features(split: Split, label: Column) -> list[Column]:
    """The columns that may leak: neither label, nor id, nor group, nor numbering."""
    from dataguard.stats.row_keys import contents

    groups = {c.name for c in split.of_role("group")}
    unasked = (Kind.EMPTY, Kind.NESTED)
    return [
        c
        for c in contents(split)
        if c.name != label.name and c.name not in groups and c.kind not in unasked
    ]

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import (
    At,
    Check,
    Dataset,
    Derived,
    Example,
    Finding,
    Need,
    Option,
    Severity,
    Split,
    count_of,
    verb,
)

SMALL = 0.05
"""Half-width of an accuracy from which on a hold-out is small as a whole: SPL002's limit."""


class TooFewRows(Check):
    """There are too few rows to learn from, in all, or of a class in the hold-out to measure it.

    ## Why is this bad?
    With fewer rows than a model has things to learn, it learns the rows. A class with a handful of
    held-out rows has no recall worth the name: with 9 rows it is uncertain by more than 28 points.

    ## How it works
    The training data have too few rows if they have fewer than `rows`, or fewer than the features
    that vary (then a line fits any labels). A class of the hold-out has too few if it has fewer
    than `class_rows`, while the training data have enough of it to learn. Classes that are rare in
    the training data are LAB005's; a hold-out that is too small as a whole is SPL002's, and is not
    taken apart by class.

    ## What to do
    Collect more rows. Until then take simple models, cross-validation over all rows, and give the
    spread with the mean; for a rare class give the counts instead of a rate.
    """

    code = "SPL005"
    name = "too-few-rows"
    severity = Severity.INFO
    needs = (Need.LABEL,)
    uses = ("label",)
    rows = Option(
        50,
        "Least rows of the training data: scikit-learn's advice on which estimator to choose begins"
        " with 'more than 50 samples, else get more data'.",
        low=0,
    )
    class_rows = Option(
        10,
        "Least held-out rows of a class: half of Wilson's 95 % interval of a rate is 28 points with"
        " 9 rows.",
        low=0,
    )
    bad = (
        Example(
            train={"size": [round(i / 7, 2) for i in range(30)], "y": ["a", "b"] * 15},
            label="y",
            expect=(At("train", None),),
        ),
        Example(
            title="A class that cannot be measured",
            train={"size": [round(i / 7, 2) for i in range(600)], "y": ["a", "b", "b"] * 200},
            test={"size": [round(i / 3, 2) for i in range(404)], "y": ["b"] * 400 + ["a"] * 4},
            label="y",
            expect=(At("test", None, "y"),),
        ),
    )
    good = (
        Example(
            train={"size": [round(i / 7, 2) for i in range(60)], "y": ["a", "b"] * 30},
            test={"size": [round(i / 3, 2) for i in range(40)], "y": ["a", "b"] * 20},
            label="y",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.class_names import class_counts, classes_by_split
        from dataguard.stats.error_bars import accuracy_half_width

        train, label = data.train, data.train.label
        if label is None:
            return
        finding = self._in_all(train)
        if finding is not None:
            yield finding
        if not label.is_classes or not data.holdouts:
            return
        counted = {
            split: {name: sum(words.values()) for name, words in classes.items()}
            for split, classes in classes_by_split(await Derived(class_counts)).items()
        }
        first = counted.get(train.name, {})
        for split in data.holdouts:
            ours = counted.get(split.name, {})
            few = {
                name: ours[name]
                for name in sorted(ours)
                if ours[name] < self.class_rows and first.get(name, 0) >= 2 * self.class_rows
            }
            small = accuracy_half_width(sum(ours.values())) > SMALL
            if few and not small and 2 * len(few) <= len(ours):
                yield self._of_classes(split, label.name, few, len(ours))

    def _in_all(self, train: Split) -> Finding | None:
        """The finding, where the training data have too few rows."""
        varying = sum(1 for c in train.features if c.distinct > 1)
        wide = train.height <= varying and train.height >= 2
        if train.height < 2 or (train.height >= self.rows and not wide):
            return None
        why = f"limit {self.rows}"
        if wide:
            why = f"it has {count_of(varying, 'feature')} that vary: a line fits any labels"
        return self.finding(
            f"{train.name} has {count_of(train.height, 'row')} only ({why})",
            split=train,
            evidence={"rows": train.height, "features": varying},
            fix="Collect more rows, or judge simple models by cross-validation.",
        )

    def _of_classes(self, split: Split, label: str, few: dict[str, int], of: int) -> Finding:
        from dataguard.stats.class_names import named

        least = sorted(few, key=lambda name: (few[name], name))
        told = ", ".join(f"{named(name)} {few[name]}" for name in least[:4])
        more = f" and {len(few) - 4:,} more" if len(few) > 4 else ""
        return self.finding(
            f"{count_of(len(few), 'class', 'classes')} of {of:,} in `{label}`"
            f" {verb(len(few), 'has', 'have')} fewer than {self.class_rows} rows in {split.name}:"
            f" {told}{more}",
            split=split,
            columns=(label,),
            evidence={"classes": {name: few[name] for name in least[:50]}, "count": len(few)},
            fix=f"Hold out more rows of each class, stratified by `{label}`, or give counts.",
        )

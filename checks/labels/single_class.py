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
)


class SingleClass(Check):
    """All labels of the training data are the same.

    ## Why is this bad?
    A model that always gives this one answer has no error to learn from: scikit-learn's classifiers
    refuse such data, others reach an accuracy of 1 and have learnt nothing. Mostly a filter, a join
    or a file that was read in part has taken the other classes away.

    ## How it works
    Labels are compared without case and spacing, so that "Yes" and "yes " are one; missing labels
    do not count. A sample of 10,000 rows decides, and where it shows one label all rows are
    searched for another one.

    ## What to do
    Find the step that lost the other classes. If there is none to find, this column is no label.
    """

    code = "LAB006"
    name = "single-class"
    severity = Severity.ERROR
    needs = (Need.LABEL,)
    uses = ("label",)
    least = Option(2, "Labelled rows that the split must have: one row has one label.", low=2)
    bad = (
        Example(
            train={"x": [3, 1, 4, 1, 5, 9], "label": ["spam"] * 6},
            label="label",
            expect=(At("train", column="label"),),
        ),
        Example(
            title="One class in two spellings",
            train={
                "x": [3, 1, 4, 1, 5, 9],
                "label": ["spam", "Spam", "spam ", None] + ["spam"] * 2,
            },
            label="label",
            expect=(At("train", column="label"),),
        ),
    )
    good = (
        Example(train={"x": [3, 1, 4, 1, 5], "label": ["spam"] * 4 + ["ham"]}, label="label"),
        Example(train={"x": [3, 1, 4], "label": [2.5, 2.5, 2.75]}, label="label"),
        Example(
            title="A test set to be predicted",
            train={"x": [3, 1, 4], "label": ["spam", "ham", "spam"]},
            test={"x": [2, 5], "label": [None, None]},
            label="label",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.class_names import class_counts, spelling_key

        split = data.train
        if len(_classes(split)) > 1:
            return
        counted = (await Derived(class_counts)).get(split.name, {})
        rows = sum(counted.values())
        if rows >= self.least and len({spelling_key(word) for word in counted}) == 1:
            yield self._found(split, max(sorted(counted), key=lambda w: counted[w]), rows)

    def _found(self, split: Split, word: str, rows: int) -> Finding:
        from dataguard.stats.class_names import named

        assert split.label is not None
        return self.finding(
            f"{count_of(rows, 'label')} in `{split.label.name}`,"
            f" {'all' if rows == split.height else 'all that are not missing'}, are {named(word)}:"
            " there is nothing to learn",
            split=split,
            columns=(split.label.name,),
            evidence={"class": word, "rows": rows},
            fix="Find the step that lost the other classes: a filter, a join, a file read in part.",
        )


def _classes(split: Split) -> set[str]:
    """The classes in the sample; missing labels left out."""
    from dataguard.stats.class_names import is_unlabelled, spelling_key, unlabelled_words

    assert split.label is not None
    missing = is_unlabelled(split.label, unlabelled_words(split))
    words = split.preview.filter(~missing).select(split.label.text.unique().head(1000)).to_series()
    return {spelling_key(word) for word in words.to_list()}

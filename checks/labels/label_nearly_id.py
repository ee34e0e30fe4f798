from __future__ import annotations

from collections.abc import AsyncIterator

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
    share,
)

_WEIGHTS = [round(41.7 + i * 7.3 % 19, 1) for i in range(30)]


class LabelNearlyId(Check):
    """The label column holds ids: nearly every row has a label of its own.

    ## Why is this bad?
    A class with one row cannot be learnt, let alone tested. As a target of a regression, numbers
    that only count the rows have nothing to do with the features. Either way another column was
    meant.

    ## How it works
    Judged by a sample of 10,000 rows. Labels of letters are reported where more than half of them
    are distinct, unless they are texts, which are targets of their own kind. Whole numbers are
    reported where nearly all are distinct and either their range has no more room than the rows
    need (they count the rows), or they are of five digits or more and all of one length. Decimals
    are measurements.

    ## What to do
    Name the right column with `--label`. If the codes hold the class ("DOG-0017"), cut it out of
    them.
    """

    code = "LAB009"
    name = "label-nearly-id"
    severity = Severity.WARNING
    needs = (Need.LABEL,)
    uses = ("label",)
    distinct = Option(
        0.5,
        "Share of distinct labels above which classes have fewer than two rows each on average,"
        " too few for a training and a test set.",
        low=0,
        high=1,
    )
    numbers = Option(
        0.95,
        "The same for whole numbers, which may be measured; the default is that of ids.",
        low=0,
        high=1,
    )
    least = Option(20, "Sampled labels needed: our own choice.", low=2)
    bad = (
        Example(
            train={
                "weight": _WEIGHTS,
                "label": [f"{'DOG' if i % 3 else 'CAT'}-{i * 37 % 101:04}" for i in range(30)],
            },
            label="label",
            expect=(At("train", column="label"),),
        ),
        Example(
            title="A numbering of the rows",
            train={"weight": _WEIGHTS, "label": [i * 7 % 30 + 1 for i in range(30)]},
            label="label",
            expect=(At("train", column="label"),),
        ),
    )
    good = (
        Example(train={"weight": _WEIGHTS, "label": ["dog", "cat", "dog"] * 10}, label="label"),
        Example(
            title="A regression",
            train={"weight": _WEIGHTS, "price": [1200 + i * 97 % 811 for i in range(30)]},
            label="price",
        ),
        Example(
            title="Answers to be written",
            train={
                "question": [f"What is {i} plus {i + 1}" for i in range(30)],
                "answer": [f"It is {2 * i + 1} of course my friend" for i in range(30)],
            },
            label="answer",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        split, label = data.train, data.train.label
        assert label is not None
        if label.sampled < self.least:
            raise Skip(f"fewer than {self.least} labels")
        if label.kind is Kind.CODE:
            found = label.distinct_share > self.distinct
        else:
            number = label.kind is Kind.NUMBER and label.whole
            found = number and label.distinct_share >= self.numbers and _counts_rows(split, label)
        if found:
            yield self._found(split, label)

    def _found(self, split: Split, label: Column) -> Finding:
        from dataguard.stats.class_names import named

        words = split.preview.select(label.text.drop_nulls().head(3)).to_series().to_list()
        return self.finding(
            f"{label.distinct:,} of {label.sampled:,} labels in `{label.name}`"
            f" ({share(label.distinct, label.sampled)}) are distinct, such as"
            f" {', '.join(named(word) for word in words)}: it names rows rather than classes",
            split=split,
            columns=(label.name,),
            confidence=0.9,
            evidence={"distinct": label.distinct, "sampled": label.sampled},
            fix="Name the column that holds the classes with --label.",
        )


def _counts_rows(split: Split, label: Column) -> bool:
    """Whether distinct whole numbers leave no gaps, or are long and all of one length."""
    import polars as pl

    from dataguard.stats.id_like import SHORTEST_NUMBER
    from dataguard.stats.row_keys import is_dense

    if is_dense(split, label):
        return True
    length = pl.col("v").str.len_chars()
    values = split.preview.select(label.text.str.strip_chars().alias("v")).drop_nulls()
    alike = (length.n_unique() == 1) & (length.min() >= SHORTEST_NUMBER)
    unique = pl.col("v").n_unique() == pl.len()
    return bool(values.select(alike & unique & pl.col("v").str.contains(r"^\d+$").all()).item())

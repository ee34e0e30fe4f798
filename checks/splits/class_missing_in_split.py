from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from dataguard.api import (
    At,
    Check,
    Dataset,
    Derived,
    Example,
    Finding,
    Kind,
    Need,
    Option,
    Severity,
    Split,
    cells,
    count_of,
    share,
)

TWO = tuple(["cat", "dog"] * 10)
SHOWN = 50
"""Classes that the evidence names at most."""


class ClassMissingInSplit(Check):
    """A class stands in one split and not in the other.

    ## Why is this bad?
    A class that training never sees cannot be predicted: each of its test rows is an error, and
    code that encodes labels fails on it. A class that the hold-out lacks is never measured.

    ## How it works
    Classes are compared without regard to case, spacing and decimals ("1", "1.0"); spelling
    variants of a class count as that class, missing labels not at all. A class of the hold-out
    that the training split lacks is an error for text labels, a warning for numbers, which may be
    counts. A class that the hold-out lacks is a warning where three or more rows of it were to be
    expected: chance leaves a class out then in at most 5 % of the cases (the rule of three).
    With fewer it is an info. A hold-out without labels is a set to predict.

    ## What to do
    Split again, stratified by the label: `train_test_split(df, stratify=df["label"])`. Leave
    out or merge classes that are too rare for both splits.
    """

    code = "SPL003"
    name = "class-missing-in-split"
    severity = Severity.ERROR
    needs = (Need.HOLDOUT, Need.LABEL, Need.CLASSES)
    uses = ("label",)
    expected = Option(
        3.0, "Expected rows from which on a lacking class is a warning: rule of three.", low=0.0
    )
    bad = (
        Example(
            train={"x": range(20), "y": TWO},
            test={"x": range(6), "y": ["cat", "dog", "cow"] * 2},
            label="y",
            expect=(At("test", 2, "y"), At("test", 5, "y")),
        ),
        Example(
            train={"x": range(20), "y": TWO},
            test={"x": range(8), "y": ["cat"] * 8},
            label="y",
            expect=(At("test", None, "y"),),
        ),
    )
    good = (
        Example(
            train={"x": range(20), "y": TWO},
            test={"x": range(4), "y": ["Dog", "cat", "DOG ", None]},
            label="y",
        ),
        Example(
            train={"x": range(20), "y": [0, 1] * 10},
            test={"x": range(4), "y": [1.0, 0.0, None, 1.0]},
            label="y",
            title="Numbers that one reader took for fractions.",
        ),
        Example(
            train={"x": range(20), "y": TWO},
            test={"x": range(2), "y": [None, None]},
            label="y",
            title="A set to predict.",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.class_names import class_counts, classes_by_split

        spelt = await Derived(class_counts)
        counted = classes_by_split(spelt)
        train = counted.get(data.train.name, {})
        if len(train) < 2:
            return
        for split in data.holdouts:
            ours = counted.get(split.name, {})
            unseen = {c: words for c, words in ours.items() if c not in train}
            if unseen:
                yield await self._unseen(split, unseen, spelt[split.name])
            if ours:
                finding = self._absent(split, train, ours)
                if finding is not None:
                    yield finding

    async def _unseen(
        self, split: Split, unseen: Mapping[str, Mapping[str, int]], spelt: Mapping[str, int]
    ) -> Finding:
        from dataguard.stats.class_names import named

        assert split.label is not None
        name = split.label.name
        words = [word for found in unseen.values() for word in found]
        hits = await split.rows(split.label.text.is_in(words), (name,), limit=5)
        shown = ", ".join(named(c) for c in list(unseen)[:3])
        more = f" and {len(unseen) - 3:,} more" if len(unseen) > 3 else ""
        of = sum(spelt.values())
        return self.finding(
            f"{count_of(len(unseen), 'class', 'classes')} of `{name}` in {split.name} never"
            f" {'stands' if len(unseen) == 1 else 'stand'} in train: {shown}{more}"
            f" ({count_of(hits.count, 'row')}, {share(hits.count, of)})",
            split=split,
            rows=list(hits.rows),
            columns=(name,),
            examples=cells(hits.cells, [name]),
            evidence={"classes": list(unseen)[:SHOWN], "count": len(unseen)},
            severity=Severity.WARNING if split.label.kind is Kind.NUMBER else None,
            fix=f"Split again, stratified by `{name}`, or leave these classes out.",
        )

    def _absent(
        self,
        split: Split,
        train: Mapping[str, Mapping[str, int]],
        ours: Mapping[str, Mapping[str, int]],
    ) -> Finding | None:
        from dataguard.stats.class_names import named

        assert split.label is not None
        name = split.label.name
        rows = sum(sum(words.values()) for words in ours.values())
        total = sum(sum(words.values()) for words in train.values())
        wanted = {
            c: rows * sum(words.values()) / total for c, words in train.items() if c not in ours
        }
        if not wanted:
            return None
        ordered = sorted(wanted, key=lambda c: (-wanted[c], c))
        shown = ", ".join(named(c) for c in ordered[:3])
        more = f" and {len(ordered) - 3:,} more" if len(ordered) > 3 else ""
        most = wanted[ordered[0]]
        return self.finding(
            f"{len(ordered):,} of {count_of(len(train), 'class', 'classes')} of `{name}`"
            f" {'is' if len(ordered) == 1 else 'are'} not in {split.name}: {shown}{more}"
            f" (expected rows: {most:.1f})",
            split=split,
            columns=(name,),
            evidence={
                "classes": ordered[:SHOWN],
                "count": len(ordered),
                "expected": round(most, 2),
            },
            severity=Severity.WARNING if most >= self.expected else Severity.INFO,
            fix=f"Split again, stratified by `{name}`, so that each class is measured.",
        )

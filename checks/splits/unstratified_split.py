from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

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
    share,
)

_EVEN = ("cat", "dog") * 100


class UnstratifiedSplit(Check):
    """The classes have other shares in the hold-out than in the training data.

    ## Why is this bad?
    Accuracy, precision and average precision depend on how frequent a class is; measured on a
    hold-out with other shares they are those of another world. A threshold or a prior learnt on the
    training data is off.

    ## How it works
    The rows of each class that both splits have are compared by a chi-squared test; classes that
    let expect fewer than five rows in a split are taken together. Where there are groups (patients,
    users), one row of each counts, in a sample: their rows come and go together. Reported is what
    no random split would show (chance below `chance`) and what matters: Cohen's effect size w, less
    what chance explains, from 0.1 ("small") on an info, from 0.3 ("medium") on a warning (Cohen,
    Statistical Power Analysis, 1988). Where the splits are apart in time, shares drift, and it is
    an info. A class that a split lacks altogether is SPL003's.

    ## What to do
    Split again, stratified by the label: `train_test_split(df, stratify=df["label"])`. If the
    hold-out is as the world is and the training data were balanced on purpose, ignore this rule,
    but calibrate the model.
    """

    code = "SPL004"
    name = "unstratified-split"
    severity = Severity.WARNING
    needs = (Need.HOLDOUT, Need.LABEL, Need.CLASSES)
    uses = ("label",)
    chance = Option(
        0.0001,
        "Largest chance of so much difference in a random split: one in ten thousand data sets"
        " would be accused wrongly.",
        low=0.0,
        high=1,
    )
    medium = Option(0.3, "Effect size w from which on it is a warning: Cohen's medium.", low=0)
    small = Option(0.1, "The same for an info: Cohen's small.", low=0)
    bad = (
        Example(
            train={"x": range(200), "y": _EVEN},
            test={"x": range(100), "y": ["cat"] * 80 + ["dog"] * 20},
            label="y",
            expect=(At("test", None, "y"),),
        ),
    )
    good = (
        Example(
            train={"x": range(200), "y": _EVEN},
            test={"x": range(100), "y": ["cat"] * 55 + ["dog"] * 45},
            label="y",
        ),
        Example(
            title="Few rows differ by chance",
            train={"x": range(200), "y": _EVEN},
            test={"x": range(10), "y": ["cat"] * 8 + ["dog"] * 2},
            label="y",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.class_names import class_counts, classes_by_split
        from dataguard.stats.class_shares import difference
        from dataguard.stats.split_in_time import apart_in_time

        spelt = await Derived(class_counts)
        if data.train.of_role("group"):
            spelt = {s.name: _groups_by_class(s) for s in data.splits if s.name in spelt}
        counted = {
            split: {name: sum(words.values()) for name, words in classes.items()}
            for split, classes in classes_by_split(spelt).items()
        }
        train = counted.get(data.train.name, {})
        for split in data.holdouts:
            found = difference(train, counted.get(split.name, {}))
            if found is None or found.chance > self.chance or found.surely < self.small:
                continue
            timed = apart_in_time(data.train, split)
            loud = found.surely >= self.medium and not timed
            yield self._found(
                split,
                (found.furthest, found.train, found.test),
                {"effect": round(found.effect, 4), "beyond chance": round(found.surely, 4)},
                None if loud else Severity.INFO,
                timed,
            )

    def _found(
        self,
        split: Split,
        furthest: tuple[str, float, float],
        evidence: Mapping[str, float],
        severity: Severity | None,
        timed: str,
    ) -> Finding:
        from dataguard.stats.class_names import named

        assert split.label is not None
        name, mine, theirs = furthest
        which = named(name) if name else "the rare classes"
        when = f"; the splits are apart in time (`{timed}`)" if timed else ""
        return self.finding(
            f"The classes of `{split.label.name}` have other shares in {split.name} than in train:"
            f" {which} has {share(theirs, 1)} there and {share(mine, 1)} in train (effect size"
            f" {evidence['effect']:.2f}; limit {self.small:g}){when}",
            split=split,
            columns=(split.label.name,),
            severity=severity,
            evidence={**evidence, "class": name, "train": mine, "hold-out": theirs},
            fix=f"Split again, stratified by `{split.label.name}`.",
        )


def _groups_by_class(split: Split) -> dict[str, int]:
    """How many groups of the sample have each label, by the first row of each."""
    rows, label = split.preview, split.label
    for group in split.of_role("group"):
        rows = rows.unique(group.name, keep="first", maintain_order=True)
    if label is None:
        return {}
    found = rows.select(label.text.alias("y")).to_series().drop_nulls()
    return dict(found.value_counts(name="n").sort("y").iter_rows())

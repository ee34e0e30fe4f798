from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from dataguard.api import (
    At,
    Check,
    Dataset,
    Derived,
    Example,
    Finding,
    Hits,
    Kind,
    Need,
    Option,
    Severity,
    Skip,
    Split,
    cells,
    count_of,
)

MOST_NUMBERS = 10
"""Different whole numbers up to which they are surely classes; more may as well be counts."""

SHOWN = 50
"""Classes that the evidence names at most."""


class ClassImbalance(Check):
    """A class is rare, or much rarer than the largest one.

    ## Why is this bad?
    A class with a handful of rows can be neither learnt nor measured, and a stratified split
    fails on a class with one row. Where one class dwarfs another, a model that never names the
    small one looks accurate.

    ## How it works
    The rows of each class in the training split are counted; missing labels are left out,
    spelling variants of one class taken together. A class is rare with fewer than five rows:
    five-fold cross-validation needs one row a fold. A class with a single row is a warning
    (scikit-learn's stratified splits refuse it), unless most classes are rare: such a column
    holds names. Otherwise the largest class is compared with the
    smallest: from 10 : 1 on an info (the KEEL repository calls sets above 9 : 1 highly
    imbalanced), from 100 : 1 on a warning. Tables of fewer than 20 rows are left alone; more
    than ten different whole numbers (more than two, where the label was inferred) may be counts
    and give an info at most.

    ## What to do
    Collect more rows of the rare class, merge it with another or leave it out. With a strong
    imbalance judge by recall, F1 or average precision instead of accuracy, and weigh the classes
    (`class_weight="balanced"`).
    """

    code = "LAB005"
    name = "class-imbalance"
    severity = Severity.INFO
    needs = (Need.LABEL, Need.CLASSES)
    uses = ("label",)
    rare = Option(5, "A class with fewer rows is rare: one row a fold of five-fold.", low=1)
    ratio = Option(10.0, "Largest over smallest class, for an info (after KEEL's 9 : 1).", low=1.0)
    extreme = Option(100.0, "The same for a warning: our own choice, ten times as much.", low=1.0)
    least = Option(20, "Rows that the training split must have: our own choice.", low=2)
    bad = (
        Example(
            train={"x": range(30), "label": ["a"] * 15 + ["b"] * 12 + ["c"] * 3},
            label="label",
            expect=tuple(At("train", row, "label") for row in (27, 28, 29)),
        ),
        Example(
            train={"x": range(77), "label": ["a"] * 70 + ["b"] * 7},
            label="label",
            expect=(At("train", None, "label"),),
            title="Ten to one.",
        ),
    )
    good = (
        Example(train={"x": range(30), "label": ["a"] * 20 + ["b"] * 10}, label="label"),
        Example(
            train={"x": range(31), "label": ["a"] * 20 + ["b"] * 10 + ["B"]},
            label="label",
            title="A second spelling is no class of its own.",
        ),
        Example(train={"x": range(4), "label": list("aaab")}, label="label", title="A tiny table."),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.class_names import class_counts, merged, spelling_variants

        split = data.train
        spelt = (await Derived(class_counts)).get(split.name, {})
        variants = spelling_variants(spelt)
        counted = merged(spelt, variants)
        if sum(counted.values()) < self.least:
            raise Skip(f"fewer than {self.least} labelled rows")
        if len(counted) < 2:
            return
        assert split.label is not None
        most = 2 if data.inferred("label") else MOST_NUMBERS
        vague = split.label.kind is Kind.NUMBER and len(counted) > most
        scarce = {word for word, number in counted.items() if number < self.rare}
        if scarce:
            words = [w for w in spelt if (variants[w].meant if w in variants else w) in scarce]
            where = split.label.text.is_in(words)
            hits = await split.rows(where, (split.label.name,), limit=5)
            yield self._rare(split, split.label.name, counted, hits, vague)
        elif max(counted.values()) >= self.ratio * min(counted.values()):
            yield self._imbalance(split, split.label.name, counted, vague)

    def _rare(
        self, split: Split, name: str, counted: Mapping[str, int], hits: Hits, vague: bool
    ) -> Finding:
        """Classes too rare to learn; `hits` are their rows, `vague` classes may be counts."""
        scarce = {word: number for word, number in _ascending(counted) if number < self.rare}
        lonely = min(scarce.values()) == 1 and not vague and 2 * len(scarce) <= len(counted)
        return self.finding(
            f"{count_of(len(scarce), 'class', 'classes')} of {len(counted):,} in `{name}`"
            f" {'has' if len(scarce) == 1 else 'have'} fewer than {self.rare} rows:"
            f" {_listed(scarce)}",
            split=split,
            rows=list(hits.rows),
            columns=(name,),
            examples=cells(hits.cells, [name]),
            evidence={"classes": dict(list(scarce.items())[:SHOWN]), "rows": sum(counted.values())},
            severity=Severity.WARNING if lonely else Severity.INFO,
            fix="Collect more rows of these classes, merge them or leave them out.",
        )

    def _imbalance(
        self, split: Split, name: str, counted: Mapping[str, int], vague: bool
    ) -> Finding:
        """The largest class dwarfs the smallest; `vague` classes may be counts."""
        from dataguard.stats.class_names import named

        classes = _ascending(counted)
        (small, few), (large, many) = classes[0], classes[-1]
        rows = sum(counted.values())
        return self.finding(
            f"The largest class of `{name}`, {named(large)}, has {many / few:,.0f} times the rows"
            f" of {named(small)} ({many:,} and {few:,}; limit {self.ratio:g})",
            split=split,
            columns=(name,),
            evidence={"largest": {large: many}, "smallest": {small: few}, "rows": rows},
            severity=Severity.WARNING if many >= self.extreme * few and not vague else None,
            fix="Judge by F1 or average precision instead of accuracy, and weigh the classes.",
        )


def _ascending(counted: Mapping[str, int]) -> list[tuple[str, int]]:
    """The classes and their rows, the rarest first."""
    return sorted(counted.items(), key=lambda pair: (pair[1], pair[0]))


def _listed(scarce: Mapping[str, int]) -> str:
    from dataguard.stats.class_names import named

    shown = ", ".join(f"{named(word)} ({number:,})" for word, number in list(scarce.items())[:3])
    return f"{shown} and {len(scarce) - 3:,} more" if len(scarce) > 3 else shown

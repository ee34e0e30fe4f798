from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

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
    Skip,
    Split,
    cells,
    count_of,
    quoted,
    share,
)

if TYPE_CHECKING:
    from dataguard.stats.annotators import Agreement, Dissenter, Ratings

_TRUE = ["cat", "dog", "fox", "owl", "cat", "owl", "dog", "fox", "fox", "dog"] * 4
_EVE = [_TRUE[(i * 7 + 3) % 40] for i in range(40)]
_DISPUTED = [i for i in range(40) if _TRUE[i] != _EVE[i]]


class AnnotatorDisagreement(Check):
    """Annotators give the same item different labels, or one of them stands out.

    ## Why is this bad?
    Where people disagree, the label is partly a matter of who was asked: no model can be better
    than that, and the measured score is as uncertain as the labels. One careless annotator harms
    more than many honest doubts, because his errors are not random.

    ## How it works
    A column of annotators is known by its name (`annotator`, `rater`, `worker_id`, `labeled_by` …);
    items are told apart by the most varied column of which several annotators share the values.
    The share of items with unlike labels is reported with kappa, which takes off the agreement of
    chance: Cohen's (1960) for two annotators, Fleiss' (1971) for more. Below 0.8 it is
    informative, below 0.667 a warning: the limits of Krippendorff (2004, Content analysis) for
    reliable data and for tentative conclusions.

    An annotator stands out who goes against the majority of the others by `lead` more often than
    they do, and by a binomial test, corrected for the number of annotators, not by chance.

    ## What to do
    Make one label of each item (by majority, or better by a model of the annotators, such as that
    of Dawid and Skene, 1979), keep an item's rows in one split, and clear up in the guidelines what
    is disputed most. Have the rows of an annotator who stands out labelled again.
    """

    code = "LAB010"
    name = "annotator-disagreement"
    severity = Severity.WARNING
    needs = (Need.LABEL, Need.CLASSES)
    uses = ("label",)
    reliable = Option(
        0.8, "Kappa from which on labels are reliable (Krippendorff 2004).", low=-1, high=1
    )
    tentative = Option(
        0.667, "Kappa below which it is a warning (Krippendorff 2004).", low=-1, high=1
    )
    least = Option(10, "Items rated by several that are needed. Our own choice.", low=2)
    chance = Option(
        0.001,
        "Largest probability of an annotator's dissent, times the number of annotators: once in a"
        " thousand tables somebody is blamed for bad luck. Our own choice.",
        low=0,
        high=1,
    )
    lead = Option(
        0.1,
        "Least difference between an annotator's share of dissent and the others'. Our own choice.",
        low=0,
        high=1,
    )
    bad = (
        Example(
            title="One annotator of three who answers at random",
            train={
                "item": [f"photo {i}" for i in range(40) for _ in range(3)],
                "annotator": ["ann", "bob", "eve"] * 40,
                "label": [label for i in range(40) for label in (_TRUE[i], _TRUE[i], _EVE[i])],
            },
            label="label",
            expect=(
                *(At("train", 3 * i + k) for i in _DISPUTED for k in range(3)),
                At("train", column="annotator"),
            ),
        ),
    )
    good = (
        Example(
            train={
                "item": [f"photo {i}" for i in range(40) for _ in range(3)],
                "annotator": ["ann", "bob", "eve"] * 40,
                "label": [_TRUE[i] if i or k else "owl" for i in range(40) for k in range(3)],
            },
            label="label",
            title="They agree but for one slip",
        ),
        Example(
            train={
                "item": [f"photo {i}" for i in range(40)],
                "annotator": ["ann", "bob", "eve", "joe"] * 10,
                "label": _TRUE,
            },
            label="label",
            title="Each item is labelled once",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.annotators import agreement, annotator_column, dissenters, ratings

        if not any(annotator_column(split) for split in data.splits):
            raise Skip("no column of annotators")
        found = await Derived(ratings)
        if not found:
            raise Skip("no item has labels of several annotators")
        for split in data.splits:
            if split.name not in found:
                continue
            rated = found[split.name]
            how = agreement(rated.given)
            if how.items < self.least:
                continue
            if how.kappa < self.reliable and how.disputed:
                yield await self._disputed(split, rated, how)
            for one in dissenters(rated.given, chance=self.chance, lead=self.lead):
                yield await self._stands_out(split, rated, one)

    async def _disputed(self, split: Split, rated: Ratings, how: Agreement) -> Finding:
        import polars as pl

        assert split.label is not None
        unlike = rated.given.filter(pl.col("label").n_unique().over("item") > 1).sort("row")
        groups = unlike.get_column("item").rank("dense").cast(pl.UInt32) - 1
        rows = unlike.get_column("row").to_list()
        shown = await split.cells(rows[:4], [split.label.name])
        people = rated.given.get_column("annotator").n_unique()
        low = how.kappa < self.tentative
        return self.finding(
            f"{how.disputed:,} of {how.items:,} items ({share(how.disputed, how.items)}) that"
            f" several of {people:,} annotators labelled have unlike labels in"
            f" `{split.label.name}`; {how.name} kappa is {how.kappa:.2f}"
            f" (limit {self.tentative if low else self.reliable:g})",
            split=split,
            rows=rows,
            columns=(split.label.name,),
            groups=groups.to_list(),
            examples=cells(shown, [split.label.name]),
            severity=None if low else Severity.INFO,
            evidence={
                "items": how.items,
                "disputed": how.disputed,
                "observed_agreement": round(how.observed, 4),
                "kappa": round(how.kappa, 4),
                "item_column": rated.item,
                "annotator_column": rated.annotator,
            },
            fix="Make one label of each item, and clear up in the guidelines what is disputed.",
        )

    async def _stands_out(self, split: Split, rated: Ratings, one: Dissenter) -> Finding:
        assert split.label is not None
        shown = await split.cells(list(one.rows[:5]), [split.label.name])
        return self.finding(
            f"{quoted([one.name[:40]])} in `{rated.annotator}` goes against the majority on"
            f" {one.against:,} of {count_of(one.rated, 'item')} ({share(one.against, one.rated)});"
            f" the others do on {share(one.usual, 1)}",
            split=split,
            rows=one.rows,
            columns=(rated.annotator, split.label.name),
            examples=cells(shown, [split.label.name]),
            evidence={
                "annotator": one.name[:200],
                "rated": one.rated,
                "against": one.against,
                "usual": round(one.usual, 4),
                "p": float(f"{one.chance:.3g}"),
            },
            confidence=0.95,
            fix="Have this annotator's rows labelled again, or weigh them less.",
        )

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dataguard.api import (
    At,
    Check,
    Column,
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
    together,
)

if TYPE_CHECKING:
    from dataguard.stats.text_pairs import NearTexts


class NearDuplicateAcrossSplits(Check):
    """A held-out text is nearly the same as a training text.

    ## Why is this bad?
    A model that has learned the training text by heart answers the held-out one as well. The score
    on such rows is better than on text that is really new.

    ## How it works
    As in DUP003: candidates by MinHash, each pair verified by its exact Jaccard similarity, several
    text columns together. Only pairs of a training row and a held-out row count. Texts that are
    equal up to case, spacing and punctuation are not near-duplicates: those are LEK001's; those
    that differ in markup, links or accents alone are LEK006's.

    ## What to do
    Keep near-duplicates in one split: group them first, then split by group. Or drop them from the
    training data.
    """

    code = "LEK002"
    name = "near-duplicate-across-splits"
    severity = Severity.WARNING
    fast = False
    needs = (Need.HOLDOUT, Need.TEXT)
    uses = ("text",)
    threshold = Option(0.8, "Least Jaccard similarity. The default is DUP003's.", low=0.55, high=1)
    bad = (
        Example(
            train={
                "text": [
                    "the quick brown fox jumps over the lazy dog and runs far away from home today",
                    "my new card has not arrived yet although I ordered it more than a week ago",
                ]
            },
            test={
                "text": [
                    "please tell me how long a transfer to another country usually takes with you",
                    "the quick brown fox jumps over the lazy cat and runs far away from home today",
                ]
            },
            text=("text",),
            expect=(At("test", row=1, column="text"),),
        ),
    )
    good = (
        Example(
            train={
                "text": [
                    "the quick brown fox jumps over the lazy dog and runs far away from home today",
                    "the quick brown fox jumps over the lazy cat and runs far away from home today",
                ]
            },
            test={
                "text": [
                    "please tell me how long a transfer to another country usually takes with you",
                    "can I pay with my card in a shop abroad without a fee on top of the price",
                ]
            },
            text=("text",),
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        looked = False
        for split in data.holdouts:
            columns = _shared_texts(data.train, split)
            if not columns or not split.height:
                continue
            looked = True
            found = await self._pairs(data, split, columns)
            if found.rows:
                shown = await split.cells(found.rows[:5], columns)
                yield self._found(split, columns, found, cells(shown, columns[:1]))
        if not looked:
            from dataguard.stats.text_pairs import main_texts, why_no_texts

            shared = bool(main_texts(data.train))
            raise Skip(
                "the splits share no column of texts" if shared else why_no_texts(data.train)
            )

    async def _pairs(self, data: Dataset, split: Split, columns: tuple[str, ...]) -> NearTexts:
        """The held-out rows that are near a training row, and the training rows as partners."""
        import polars as pl

        from dataguard.stats.folded_text import folded_copies
        from dataguard.stats.text_pairs import NearTexts, near_texts

        texts = await together(
            [s.map([s[n].text.alias(n) for n in columns]) for s in (data.train, split)]
        )
        start = texts[0].height
        across = pl.int_range(start + texts[1].height, eager=True) >= start
        found = near_texts(
            pl.concat(texts), threshold=self.threshold, seed=data.seed, across=across
        )
        copies = (await Derived(folded_copies)).get(split.name)
        told = set(copies.get_column("row").to_list()) if copies is not None else set()  # LEK006
        mine = [i for i, row in enumerate(found.rows) if row >= start and row - start not in told]
        return NearTexts(
            rows=[found.rows[i] - start for i in mine],
            scores=[found.scores[i] for i in mine],
            groups=[found.groups[i] for i in mine],
            partners=[found.partners[i] for i in mine],
        )

    def _found(
        self,
        split: Split,
        columns: tuple[str, ...],
        found: NearTexts,
        examples: Sequence[Mapping[str, Any]],
    ) -> Finding:
        number = len(found.rows)
        pairs = zip(found.scores, found.partners, strict=True)
        return self.finding(
            f"{count_of(number, 'row')} of {split.height:,} ({share(number, split.height)})"
            f" {'is' if number == 1 else 'are'} nearly the same as a training row in"
            f" {quoted(columns)} (similarity {self.threshold:g} or more)",
            split=split,
            rows=found.rows,
            scores=found.scores,
            groups=found.groups,
            columns=columns,
            notes=[f"{score:.2f} like training row {row}" for score, row in pairs],
            examples=examples,
            evidence={"threshold": self.threshold, "training rows": found.partners[:1000]},
            fix="Keep near-duplicates in one split, or drop them from the training data.",
        )


def _shared_texts(train: Split, split: Split) -> tuple[str, ...]:
    from dataguard.stats.text_pairs import main_texts

    columns: tuple[Column, ...] = main_texts(train)
    return tuple(c.name for c in columns if c.name in split)

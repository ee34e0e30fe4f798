from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

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
    quoted,
    share,
)

if TYPE_CHECKING:
    from dataguard.stats.text_pairs import NearTexts


class NearDuplicateText(Check):
    """Texts of two rows are nearly the same.

    ## Why is this bad?
    Near-copies weigh twice in training, are learned by heart, and carry the answer of a training
    row into the test data when the data is split at random.

    ## How it works
    Candidates are found by MinHash; each pair is then verified by its exact Jaccard similarity (of
    words, in short texts of neighbouring letters). Where a row has several text columns they are
    compared together, and each must be alike by itself as well: the same long passage under two
    questions is no duplicate. Texts that differ in a number alone are not alike, and texts that are
    equal after normalising are DUP001's and DUP002's. Every row of a group is reported.

    ## What to do
    Keep one row of each group, or at least keep a group in one split.
    """

    code = "DUP003"
    name = "near-duplicate-text"
    severity = Severity.WARNING
    fast = False
    needs = (Need.TEXT,)
    uses = ("text",)
    threshold = Option(
        0.8,
        "Least Jaccard similarity. 0.8 is usual for training text (Lee et al., 2022, Deduplicating"
        " training data makes language models better): one word changed in fifteen leaves 0.875.",
        low=0.55,
        high=1,
    )
    bad = (
        Example(
            train={
                "text": [
                    "the quick brown fox jumps over the lazy dog and runs far away from home today",
                    "my new card has not arrived yet although I ordered it more than a week ago",
                    "the quick brown fox jumps over the lazy cat and runs far away from home today",
                ]
            },
            text=("text",),
            expect=(At("train", row=0, column="text"), At("train", row=2, column="text")),
        ),
    )
    good = (
        Example(
            train={
                "text": [
                    "the quick brown fox jumps over the lazy dog and runs far away from home today",
                    "my new card has not arrived yet although I ordered it more than a week ago",
                    "please tell me how long a transfer to another country usually takes with you",
                ]
            },
            text=("text",),
        ),
        Example(
            title="Short texts in which another word is another meaning",
            train={"text": ["I live in New York", "I live in New Jersey", "Turn the light on"]},
            text=("text",),
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.text_pairs import main_texts, near_texts

        looked = False
        for split in data.splits:
            columns = main_texts(split)
            if not columns:
                continue
            looked = True
            texts = await split.map([c.text.alias(c.name) for c in columns])
            found = near_texts(texts, threshold=self.threshold, seed=data.seed)
            if found.rows:
                names = tuple(c.name for c in columns)
                shown = sorted({found.rows[0], found.partners[0]})
                examples = cells(await split.cells(shown, names), names[:2])
                yield self._found(split, names, found, examples)
        if not looked:
            raise Skip("no column of texts that differ")

    def _found(
        self,
        split: Split,
        columns: tuple[str, ...],
        found: NearTexts,
        examples: Sequence[Mapping[str, Any]],
    ) -> Finding:
        number, groups = len(found.rows), len(set(found.groups))
        return self.finding(
            f"{count_of(number, 'row')} of {split.height:,} ({share(number, split.height)}) in"
            f" {count_of(groups, 'group')} are nearly the same in {quoted(columns)}"
            f" (similarity {self.threshold:g} or more)",
            split=split,
            rows=found.rows,
            scores=found.scores,
            groups=found.groups,
            columns=columns,
            notes=[
                f"{s:.2f} like row {p}" for s, p in zip(found.scores, found.partners, strict=True)
            ],
            examples=examples,
            evidence={"groups": groups, "threshold": self.threshold},
            fix="Keep one row of each group, or keep each group in one split.",
        )

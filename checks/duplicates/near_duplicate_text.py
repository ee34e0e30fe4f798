from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

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
    together,
    word_count,
)

if TYPE_CHECKING:
    import polars as pl

    from dataguard.stats.text_pairs import NearTexts


_SENTENCES = (
    "my new card has not arrived although I ordered it",
    "please tell me how long a transfer to another country takes",
    "can I pay with my card in a shop abroad",
)


class NearDuplicateText(Check):
    """Texts of two rows are nearly the same.

    ## Why is this bad?
    Near-copies weigh twice in training, are learned by heart, and carry the answer of a training
    row into the test data when the data is split at random.

    ## How it works
    Candidates are found by MinHash; each pair is then verified by its exact Jaccard similarity (of
    words, in short texts of neighbouring letters). Where a row has several text columns they are
    compared together, and each must be alike by itself as well: the same long passage under two
    questions is no duplicate. Texts that differ in a number alone are not alike.

    The same text in rows that differ in other columns (a date, a channel) counts as well, with the
    similarity 1, if it has `text_words` words and few rows repeat a text: answers of a survey are
    no copies. Rows that are equal altogether, or but for a code, are DUP001's, DUP002's and
    DUP005's, the same text under different labels is LAB003's, and labels that several annotators
    gave to one text are LAB010's. Every row of a group is reported.

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
    text_words = Option(
        5,
        "Least number of words of a text that is the same in rows that differ elsewhere; shorter"
        " ones are written again by others. The default is LEK001's.",
        low=1,
    )
    common = Option(
        0.3,
        "Share of the rows from which on texts that are the same are not reported: where a third"
        " of the rows repeat, repeating is how the table was made. The default is DUP001's.",
        low=0,
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
        Example(
            title="The same text on another day",
            train={
                "text": [*_SENTENCES, "My new card has not arrived, although I ordered it!"],
                "day": ["2024-01-05", "2024-03-09", "2024-01-17", "2024-02-11"],
            },
            text=("text",),
            expect=(At("train", row=0, column="text"), At("train", row=3, column="text")),
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
            title="The same row is DUP001's, the same text with another label LAB003's",
            train={
                "text": [*_SENTENCES, _SENTENCES[0], _SENTENCES[1]],
                "label": ["card", "pay", "pay", "card", "card"],
            },
            text=("text",),
            label="label",
        ),
        Example(
            title="Short texts in which another word is another meaning",
            train={"text": ["I live in New York", "I live in New Jersey", "Turn the light on"]},
            text=("text",),
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.annotators import rated_splits
        from dataguard.stats.text_pairs import main_texts, near_texts, why_no_texts, with_equal

        looked, rated = False, await rated_splits(data)
        for split in data.splits:
            columns = main_texts(split)
            if not columns:
                continue
            looked = True
            texts = await split.map([c.text.alias(c.name) for c in columns])
            found = near_texts(texts, threshold=self.threshold, seed=data.seed)
            equal = await self._equal(split, texts)
            equal = equal.clear() if split.name in rated else equal
            found = with_equal(found, equal)
            if found.rows:
                names = tuple(c.name for c in columns)
                pair = sorted({found.rows[0], found.partners[0]})
                examples = cells(await split.cells(pair, names), [_differing(texts[pair])])
                yield self._found(split, names, found, equal.height, examples)
        if not looked:
            raise Skip(why_no_texts(data.train))

    async def _equal(self, split: Split, texts: pl.DataFrame) -> pl.DataFrame:
        """Rows with the same texts that differ elsewhere, by row: columns "row" and "group"."""
        import polars as pl

        from dataguard.stats.id_like import copies_but_ids
        from dataguard.stats.row_keys import (
            later,
            normal_copies,
            normalised,
            same_rows,
            without_copies,
        )

        names = [*texts.columns, *(c.name for c in split.of_role("label") if c.is_classes)]
        same = await same_rows([split], names, normalised)
        copies, but_ids = await together([Derived(normal_copies), Derived(copies_but_ids)])
        groups = without_copies(same, copies[split.name])
        if split.name in but_ids:
            groups = without_copies(groups, but_ids[split.name])
        groups = groups.sort("row")
        words = texts[groups.get_column("row")].select(
            pl.sum_horizontal(word_count(pl.col(n)) for n in texts.columns)
        )
        groups = groups.filter(words.to_series() >= self.text_words)
        few = later(groups).height < self.common * split.height
        return groups.select("row", "group") if few else groups.select("row", "group").clear()

    def _found(
        self,
        split: Split,
        columns: tuple[str, ...],
        found: NearTexts,
        equal: int,
        examples: Sequence[Mapping[str, Any]],
    ) -> Finding:
        number, groups = len(found.rows), len(set(found.groups))
        alike = "the same or nearly the same" if equal else "nearly the same"
        first = dict(zip(reversed(found.groups), reversed(found.rows), strict=True))
        return self.finding(
            f"{count_of(number, 'row')} of {split.height:,} ({share(number, split.height)}) in"
            f" {count_of(groups, 'group')} are {alike} in {quoted(columns)}"
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
            evidence={
                "groups": groups,
                "threshold": self.threshold,
                "representatives": sorted(first.values())[:1000],
            },
            fix="Keep one row of each group, or keep each group in one split.",
        )


def _differing(pair: pl.DataFrame) -> str:
    """The first column in which two rows differ; the first of all where they differ in none."""
    return next((c.name for c in pair.get_columns() if c.n_unique() > 1), pair.columns[0])

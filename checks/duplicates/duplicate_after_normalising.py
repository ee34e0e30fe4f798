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
    Kind,
    Option,
    Severity,
    Skip,
    Split,
    cells,
    count_of,
    share,
    together,
)

if TYPE_CHECKING:
    import polars as pl


class DuplicateAfterNormalising(Check):
    """Two rows differ in case, white space or punctuation alone.

    ## Why is this bad?
    They are copies that `drop_duplicates()` does not see. They weigh twice in training, and a
    random split puts one into the training data and the other into the test data.

    ## How it works
    All columns but the id are compared, strings without case, white space and punctuation, numbers
    by value. What has a meaning stays: the sign and the separators of a number, and signs such as
    `+`, `#` and `%`, so that "C", "C++" and "C#" are three things. Exact copies are DUP001's, and
    the first row of a group is not reported. Nothing is reported where rows of few coarse values
    agree by chance (see DUP001).

    ## What to do
    Normalise the text first (`df["text"].str.strip().str.lower()`), then drop duplicates, before
    the data is split.
    """

    code = "DUP002"
    name = "duplicate-after-normalising"
    severity = Severity.WARNING
    chance_share = Option(
        0.2,
        "Share of the equal pairs that chance may explain; with more, nothing is reported. The"
        " default is DUP001's.",
        low=0,
    )
    bad = (
        Example(
            train={
                "text": ["Where is my card?", "where is  my card", "How do I pay?"],
                "label": ["card", "card", "pay"],
            },
            expect=(At("train", row=1),),
        ),
        Example(
            title="Texts alone",
            train={
                "text": ["Oh well, where is my card?", "how do I pay", "Oh well where is my card"]
            },
            expect=(At("train", row=2),),
        ),
        Example(
            title="A number written in two ways",
            train=b"name,price\nblue tea pot,1.50\nred tea pot,4\nBlue tea-pot,1.5\n",
            expect=(At("train", row=2),),
        ),
    )
    good = (
        Example(train={"text": ["Where is my card?", "How do I pay?"], "label": ["card", "pay"]}),
        Example(
            title="Signs that carry meaning",
            train={"skill": ["C", "C++", "C#", "-5 degrees", "5 degrees", "1.5 l", "15 l"]},
        ),
        Example(
            title="Exact copies are DUP001's",
            train={"text": ["Where is my card?", "Where is my card?"], "label": ["card", "card"]},
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.row_keys import contents, exact_copies, normal_copies, without_copies

        strings = (Kind.TEXT, Kind.CODE, Kind.CATEGORY)
        splits = [s for s in data.splits if any(c.kind in strings for c in contents(s))]
        if not splits:
            raise Skip("no column of strings")
        exact, alike = await together([Derived(exact_copies), Derived(normal_copies)])
        for split in splits:
            groups = without_copies(alike[split.name], exact[split.name])
            if groups.height and not self._by_chance(split, groups):
                yield await self._found(split, groups)

    def _by_chance(self, split: Split, groups: pl.DataFrame) -> bool:
        from dataguard.stats.chance import chance_pairs
        from dataguard.stats.row_keys import contents, normalised, pairs_in, wordy

        # Texts are not alike by chance, in whatever form: theirs need not be made.
        sample = split.preview.select(
            (c.text if c.kind is Kind.TEXT else normalised(c)).alias(c.name)
            for c in contents(split)
        )
        scale = (split.height / max(1, sample.height)) ** 2
        label = tuple(c.name for c in split.of_role("label"))
        expected = chance_pairs(sample, unjudged=label, texts=wordy(split, sample.columns))
        return expected * scale > self.chance_share * pairs_in(groups)

    async def _found(self, split: Split, groups: pl.DataFrame) -> Finding:
        from dataguard.stats.row_keys import first_rows, later, shown_columns

        repeats, originals = later(groups), first_rows(groups)
        number, numbers = repeats.height, repeats.get_column("group").to_list()
        rows, columns = repeats.get_column("row").to_list(), shown_columns(split)
        shown = await split.cells(sorted([originals[numbers[0]], rows[0]]), columns)
        return self.finding(
            f"{count_of(number, 'row')} of {split.height:,} ({share(number, split.height)})"
            f" {'differs' if number == 1 else 'differ'} from an earlier row in case, white space"
            " or punctuation alone",
            split=split,
            rows=rows,
            groups=numbers,
            notes=[f"like row {originals[group]}" for group in numbers],
            examples=cells(shown, columns),
            evidence={"originals": sorted(originals.values())},
            fix="Normalise the text, then keep one copy of each row, before the data is split.",
        )

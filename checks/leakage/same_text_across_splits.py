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
    verb,
)

if TYPE_CHECKING:
    import polars as pl


class SameTextAcrossSplits(Check):
    """A held-out text is a training text but for markup, links, accents or invisible signs.

    ## Why is this bad?
    One file was cleaned and the other was not, or a text was collected from two sites: to every
    reader, and to a model that cleans its input, it is the same text. The score on such rows says
    how well the model remembers.

    ## How it works
    Texts are compared without HTML tags and entities, links, e-mail addresses and @mentions,
    accents and other marks, compatibility forms (full-width letters, ligatures), emoji, invisible
    characters and all punctuation but + and #. What LEK001 reports (equal up to case, white space
    and punctuation) is left out, and LEK002 leaves out what is reported here. Texts must have five
    words and twenty letters left: short ones are written again by others.

    ## What to do
    Clean the texts of all splits in one way, drop those of the training data that stand in the
    hold-out as well, and measure again.
    """

    code = "LEK006"
    name = "same-text-across-splits"
    severity = Severity.WARNING
    needs = (Need.HOLDOUT, Need.TEXT)
    uses = ("text",)
    least_share = Option(
        0.0,
        "Least share of the held-out rows; by default one row is enough: a text of five words does"
        " not come up twice by chance.",
        low=0,
        high=1,
    )
    bad = (
        Example(
            train={
                "text": [
                    "My café order never came, see https://example.org/t/12 for the whole story",
                    "how do I pay with a card that has been issued abroad",
                ],
                "label": [0, 1],
            },
            test={
                "text": [
                    "<p>My cafe order never came, see for the whole story</p>",
                    "how long does a transfer to another country take",
                ],
                "label": [0, 1],
            },
            text=("text",),
            expect=(At("test", 0, "text"),),
        ),
    )
    good = (
        Example(
            title="Equal but for case and punctuation, which is for LEK001",
            train={"text": ["My card has not arrived yet!", "how do I pay <b>here</b> today"]},
            test={"text": ["my card has not arrived yet", "how long does it take then"]},
            text=("text",),
        ),
        Example(
            title="Signs that tell texts apart",
            train={"text": ["how do I learn to write good C++ in a week", "<b>a b c d e f</b>"]},
            test={"text": ["how do I learn to write good C# in a week", "one two three four"]},
            text=("text",),
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.folded_text import folded_copies, shared_texts

        if not any(shared_texts(data.train, split) for split in data.holdouts):
            raise Skip("the splits share no column of longer texts")
        found = await Derived(folded_copies)
        for split in data.holdouts:
            copies = found.get(split.name)
            if copies is not None and copies.height > self.least_share * split.height:
                yield await self._found(split, shared_texts(data.train, split), copies)

    async def _found(self, split: Split, names: list[str], copies: pl.DataFrame) -> Finding:
        number = copies.height
        shown = await split.cells(copies.head(5).get_column("row").to_list(), names)
        return self.finding(
            f"{count_of(number, 'row')} of {split.height:,} ({share(number, split.height)})"
            f" {verb(number, 'has', 'have')} the {quoted(names)} of a training row, but for markup,"
            " links, accents or signs",
            split=split,
            rows=copies.get_column("row").to_list(),
            columns=tuple(names),
            groups=copies.get_column("group").to_list(),
            notes=[f"training row {row}" for row in copies.get_column("train").to_list()],
            examples=cells(shown, names[:1]),
            evidence={"training rows": copies.get_column("train").to_list()[:1000]},
            fix="Clean the texts of all splits in one way; drop these rows from the training data.",
        )

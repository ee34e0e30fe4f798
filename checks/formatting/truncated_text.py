"""FMT020: truncated texts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from dataguard.api import (
    At,
    Check,
    Column,
    Dataset,
    Example,
    Finding,
    Kind,
    Option,
    Severity,
    Split,
    share,
    verb,
)

if TYPE_CHECKING:
    from dataguard.stats.text_lengths import Cut

SHOWN = 80
"""Characters at the end of a text that an example shows."""

SENTENCES = (
    "The old mill by the river was rebuilt after the flood of last spring",
    "Nobody had expected so many visitors on a rainy Tuesday in November",
    "A narrow path leads from the station to the harbour and its market",
    "Her letter arrived three weeks late and said nothing about the house",
)
TALES = [
    f"On day {i + 9} {SENTENCES[i % 4].lower()}, {SENTENCES[(i * 3 + 1) % 4][: 12 + i * 5 % 47]}."
    for i in range(60)
]


class TruncatedText(Check):
    """Many texts end at one and the same length: they were cut there.

    ## Why is this bad?
    What came after the cut is lost: the verdict of a review, the end of an answer. A model that
    generates text learns to stop in the middle of a sentence.

    ## How it works
    In a column of texts the lengths are counted, in characters and in bytes. A length is reported
    that several times as many texts have as the lengths around it let expect, if these texts end
    as cut ones do: without a full stop where others have one, or in words that stand nowhere else
    in the column. Judged by a sample of 10,000 rows; where it shows a cut, all rows of that length
    are flagged.

    ## What to do
    Export again from a field that is long enough (255 and 65,535 are common limits of databases,
    32,767 is that of a spreadsheet's cell). Where the source is gone, leave these rows out of what
    a model is to write.
    """

    code = "FMT020"
    name = "truncated-text"
    severity = Severity.WARNING
    least = Option(5, "Texts in the sample that must end at the same length (judged).", low=2)
    times = Option(
        5.0,
        "How many times as many texts must have the length as its neighbours let expect (judged: "
        "in prose no length stands out by more than three).",
        low=1.0,
    )
    shortest = Option(20, "Length in characters from which on a text may be cut (judged).", low=1)
    bad = (
        Example(
            train={"text": [tale if i % 3 else tale[:70] for i, tale in enumerate(TALES)]},
            expect=tuple(At(row=i) for i, tale in enumerate(TALES) if i % 3 == 0),
        ),
    )
    good = (
        Example(train={"text": TALES}),
        Example(
            train={"text": [f"the same words about topic {i} and more" for i in range(100, 200)]},
            title="one form, filled in",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        import polars as pl

        from dataguard.stats.traces import Asked, search

        asked: list[Asked] = []
        cuts: dict[int, Cut] = {}
        for split in data.splits:
            for column in split.columns:
                cut = self._cut(split, column) if column.is_string else None
                if cut is not None:
                    text = pl.col(column.name).str
                    size = text.len_chars() if cut.unit == "characters" else text.len_bytes()
                    asked.append(Asked(split, column, size == cut.length))
                    cuts[id(asked[-1])] = cut
        for one in await search(asked, 5):
            cut, name, count = cuts[id(one.asked)], one.column.name, one.hits.count
            yield self.finding(
                f"{count:,} of {one.filled:,} values ({share(count, one.filled)}) in `{name}` "
                f"{verb(count, 'is', 'are')} exactly {cut.length:,} {cut.unit} long and "
                f"{verb(count, 'ends', 'end')} in mid-sentence: cut there",
                split=one.split,
                rows=one.hits.rows,
                columns=(name,),
                examples=[
                    {"row": row, "column": name, "value": _end(text)}
                    for row, text in one.hits.cells.iter_rows()
                ],
                evidence={"length": cut.length, "unit": cut.unit},
                confidence=0.9,
                fix="Export the texts again without a limit, or leave these rows out.",
            )

    def _cut(self, split: Split, column: Column) -> Cut | None:
        from dataguard.stats.text_lengths import cut_at

        if column.kind is not Kind.TEXT:
            return None
        texts = split.preview[column.name].drop_nulls().unique(maintain_order=True)
        return cut_at(texts, least=self.least, times=self.times, shortest=self.shortest)


def _end(text: str) -> str:
    """How a text ends."""
    return text if len(text) <= SHOWN else f"…{text[-SHOWN:]}"

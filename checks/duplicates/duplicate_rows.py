from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import At, Check, Dataset, Example, Finding, Severity, cells, count_of, share


class DuplicateRows(Check):
    """The same row stands in a split more than once.

    ## Why is this bad?
    Copies weigh as much as they are many: the model learns them by heart, and a random split puts
    one copy into the training data and another into the test data.

    ## How it works
    Two rows are the same where all cells but the id column's are equal, byte by byte. Missing
    equals missing. The first copy is not reported.

    ## What to do
    Keep one copy of each (`df.drop_duplicates()`), before the data is split. Where repeated rows
    are real observations, ignore this rule for the file.
    """

    code = "DUP001"
    name = "duplicate-rows"
    severity = Severity.WARNING
    bad = (
        Example(
            train={"text": ["a b c", "d e f", "a b c"], "label": [0, 1, 0]},
            expect=(At("train", row=2),),
        ),
    )
    good = (Example(train={"text": ["a b c", "d e f", "g h i"], "label": [0, 1, 0]}),)

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        ids = {c.name for s in data.splits for c in s.of_role("id")}
        for split in data.splits:
            keys = [c.text for c in split.columns if c.name not in ids]
            if not keys:
                continue
            groups = await split.collisions(keys)
            copies = groups.filter(
                groups["group"].is_duplicated() & ~groups["group"].is_first_distinct()
            )
            if copies.is_empty():
                continue
            copies = copies.sort("row")
            rows = copies["row"].to_list()
            shown = await split.cells(rows[:5])
            yield self.finding(
                f"{count_of(len(rows), 'row')} of {split.height:,} ({share(len(rows), split.height)})"
                f" are copies of an earlier row",
                split=split,
                rows=rows,
                groups=copies["group"].to_list(),
                examples=cells(shown, split.names[:1]),
                fix="Keep one copy of each row, before the data is split.",
            )

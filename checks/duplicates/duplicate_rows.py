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
    Option,
    Severity,
    Split,
    cells,
    count_of,
    share,
)

if TYPE_CHECKING:
    import polars as pl

LEAST_GROUPS = 20
"""Different rows from which on a table can be called copied as a whole: of 20 counts, all are even
by chance once in a million times."""


class DuplicateRows(Check):
    """The same row stands in a split more than once.

    ## Why is this bad?
    Copies weigh as much as they are many: the model learns them by heart, and a random split puts
    one copy into the training data and another into the test data.

    ## How it works
    Two rows are the same where all cells are equal, letter by letter; missing equals missing. The
    id column does not count, named or inferred, nor do columns that only number the rows. The
    first copy in the file is not reported: it is the one to keep.

    Rows of few coarse columns repeat by chance without being copies. Then there are also many
    pairs of rows that differ in one column alone, and from their number follows how many equal
    pairs chance explains. Where it explains more than `chance_share` of them, the finding is
    informative only; where such rows are also a large part of the table, as in counted data,
    nothing is said. A table in which every row stands equally often, twice or more, was copied as
    a whole, whatever its columns.

    ## What to do
    Keep one copy of each (`df.drop_duplicates()`, without the columns that number the rows:
    `df.drop_duplicates(subset=df.columns.drop(["id"]))`), before the data is split. Where repeated
    rows are real observations, ignore this rule for the file.
    """

    code = "DUP001"
    name = "duplicate-rows"
    severity = Severity.WARNING
    chance_share = Option(
        0.2,
        "Share of the equal pairs that chance may explain before they are informative only."
        " Measured on 400 published tables: below 0.2 lie those with true copies, above it surveys,"
        " experiments and coarse measurements.",
        low=0,
    )
    common = Option(
        0.3,
        "Share of the rows from which on repeats that chance explains are not reported at all:"
        " where a third of the rows repeat, repeating is how the table was made.",
        low=0,
        high=1,
    )
    bad = (
        Example(
            train={"text": ["a b c", "d e f", "a b c"], "label": [0, 1, 0]},
            expect=(At("train", row=2),),
        ),
        Example(
            title="Copies under a new id",
            train=b"id,question,score\n1,How do I pay with a card?,3\n2,Where is my new card?,4\n"
            b"3,How do I pay with a card?,3\n",
            expect=(At("train", row=2),),
        ),
    )
    good = (
        Example(train={"text": ["a b c", "d e f", "g h i"], "label": [0, 1, 0]}),
        Example(
            title="Counted data, in which rows repeat by their nature",
            train={"sex": ["f", "m"] * 12, "smoker": ["y", "y", "n", "n", "n", "n"] * 4},
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.row_keys import exact_copies, later, pairs_in, shown_columns

        copies = await Derived(exact_copies)
        for split in data.splits:
            groups = copies.get(split.name)
            if groups is None or groups.is_empty():
                continue
            repeats = later(groups)
            severity: Severity | None = self.severity
            if not _copied_as_a_whole(split, groups):
                severity = self._judged(split, repeats.height, pairs_in(groups))
            if severity is None:
                continue
            columns = shown_columns(split)
            shown = await split.cells(repeats.get_column("row").head(5).to_list(), columns)
            yield self._found(split, groups, severity, cells(shown, columns))

    def _judged(self, split: Split, repeats: int, pairs: float) -> Severity | None:
        """Whether these are copies, or what chance does; None for what is not worth saying."""
        from dataguard.stats.chance import chance_pairs
        from dataguard.stats.row_keys import contents

        sample = split.preview.select(c.text.alias(c.name) for c in contents(split))
        scale = (split.height / max(1, sample.height)) ** 2
        label = tuple(c.name for c in split.of_role("label"))
        if chance_pairs(sample, unjudged=label) * scale <= self.chance_share * pairs:
            return self.severity
        return None if repeats >= self.common * split.height else Severity.INFO

    def _found(
        self,
        split: Split,
        groups: pl.DataFrame,
        severity: Severity,
        examples: Sequence[Mapping[str, Any]],
    ) -> Finding:
        from dataguard.stats.row_keys import first_rows, later

        repeats, originals = later(groups), first_rows(groups)
        number, numbers = repeats.height, repeats.get_column("group").to_list()
        message = (
            f"{count_of(number, 'row')} of {split.height:,} ({share(number, split.height)})"
            f" {'is a copy' if number == 1 else 'are copies'} of an earlier row"
        )
        if severity is Severity.INFO:
            message += "; with so few different values, chance explains that"
        return self.finding(
            message,
            split=split,
            rows=repeats.get_column("row").to_list(),
            severity=severity,
            groups=numbers,
            notes=[f"copy of row {originals[group]}" for group in numbers],
            examples=examples,
            evidence={"originals": sorted(originals.values())},
            fix=f"Keep one copy of each row (`{_call(split)}`), before the data is split.",
        )


def _call(split: Split) -> str:
    """The pandas call that drops these copies: it has to leave out what numbers the rows."""
    from dataguard.stats.row_keys import contents

    compared = {c.name for c in contents(split)}
    out = [name for name in split.names if name not in compared]
    return f"df.drop_duplicates({f'subset=df.columns.drop({out!r})' if out else ''})"


def _copied_as_a_whole(split: Split, groups: pl.DataFrame) -> bool:
    """Whether all rows stand in multiples of one number; chance makes no 20 counts even."""
    from math import gcd

    sizes = groups.group_by("group").len().get_column("len").to_list()
    return groups.height == split.height and len(sizes) >= LEAST_GROUPS and gcd(*sizes) > 1

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
    import polars as pl

_NAMES = ("Ann Roy", "Bo Diaz", "Cy Park", "Di Wong", "Ed Moss", "Flo Hart", "Gus Reed")
_PEOPLE = [f"{name} {letter}" for letter in "JKL" for name in _NAMES]
_SPENT = [f"{17.31 * i % 90:.2f}" for i in range(21)]


class DuplicateExceptId(Check):
    """Rows are the same but for a code or a time that every row has of its own.

    ## Why is this bad?
    A record that was loaded or sent twice gets a new key and a new time, and looks new to
    `drop_duplicates()`. The copies weigh twice in training, and a random split puts one into the
    training data and another into the test data.

    ## How it works
    Left out are columns that only tell one row from another, judged by a sample of 10,000 rows:
    codes of one word with digits (`TX-48213`, hashes), whole numbers of five digits or more that
    are all of one length, and times at which a row was written (`created_at`, or a time of day
    that no two rows share; these only beside a column of strings that says who or what the row is
    about, because a sensor may stay still). Rows whose other cells are all equal are reported, all
    but the first. Copies that DUP001 reports are not told again. Nothing is said where chance
    explains more than `chance_share` of the equal pairs (see DUP001), or where most rows repeat:
    then the code tells things apart that are different.

    ## What to do
    Keep one row of each group: `df.drop_duplicates(subset=...)` with the columns that say
    something, before the data is split.
    """

    code = "DUP005"
    name = "duplicate-except-id"
    severity = Severity.WARNING
    chance_share = Option(
        0.2,
        "Share of the equal pairs that chance may explain; with more, nothing is said. The default"
        " is DUP001's.",
        low=0,
    )
    common = Option(
        0.3,
        "Share of the rows from which on repeats are not reported: where a third of the rows"
        " repeat, the code is what tells them apart. The default is DUP001's.",
        low=0,
        high=1,
    )
    bad = (
        Example(
            train={
                "name": [*_PEOPLE, _PEOPLE[4]],
                "payment": [f"TX-{48213 + i * 7919 % 9973}" for i in range(22)],
                "spent": [*_SPENT, _SPENT[4]],
            },
            expect=(At("train", row=21, column="payment"),),
        ),
        Example(
            title="A form that was sent twice",
            train={
                "sent": [f"2024-03-05 10:{i * 17 % 60:02}:{i * 7 % 60:02}" for i in range(22)],
                "name": [*_PEOPLE, _PEOPLE[9]],
                "score": [*_SPENT, _SPENT[9]],
            },
            expect=(At("train", row=21, column="sent"),),
        ),
    )
    good = (
        Example(
            train={
                "name": _PEOPLE,
                "payment": [f"TX-{48213 + i * 7919 % 9973}" for i in range(21)],
                "spent": _SPENT,
            }
        ),
        Example(
            title="Few coarse columns beside the code: such rows are equal by chance",
            train={
                "plate": [f"LX{i * 7919 % 9973:04}" for i in range(40)],
                "colour": ["red", "blue", "grey", "red"] * 10,
                "doors": [3, 5, 5, 5, 3] * 8,
            },
        ),
        Example(
            title="Readings that stay the same for a while",
            train={
                "time": [f"2024-03-05 10:{i:02}:00" for i in range(40)],
                "room": ["hall", "attic"] * 20,
                "degrees": [f"{19.31 + i // 4 * 0.57:.2f}" for i in range(40)],
                "lux": [f"{311 + i // 4 * 17}" for i in range(40)],
            },
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.id_like import copies_but_ids, explained_by_chance, id_like
        from dataguard.stats.row_keys import exact_copies, later, pairs_in, without_copies

        if not any(id_like(split) for split in data.splits):
            raise Skip("no column that is like an id, beyond those that DUP001 leaves out")
        exact, alike = await together([Derived(exact_copies), Derived(copies_but_ids)])
        for split in data.splits:
            if split.name not in alike:
                continue
            groups = without_copies(alike[split.name], exact[split.name])
            if groups.is_empty() or later(groups).height >= self.common * split.height:
                continue
            if explained_by_chance(split, pairs_in(groups)) <= self.chance_share:
                yield await self._found(split, groups)

    async def _found(self, split: Split, groups: pl.DataFrame) -> Finding:
        from dataguard.stats.id_like import id_like, remaining
        from dataguard.stats.row_keys import first_rows, later

        repeats, originals = later(groups), first_rows(groups)
        rows, numbers = repeats.get_column("row").to_list(), repeats.get_column("group").to_list()
        out = tuple(c.name for c in id_like(split))
        shown = await split.cells(sorted([originals[numbers[0]], *rows[:2]]), out)
        number = len(rows)
        return self.finding(
            f"{count_of(number, 'row')} of {split.height:,} ({share(number, split.height)})"
            f" {'is' if number == 1 else 'are'} the same as an earlier row in all columns but"
            f" {quoted(out)}",
            split=split,
            rows=rows,
            columns=out,
            groups=numbers,
            notes=[f"like row {originals[group]}" for group in numbers],
            examples=cells(shown, out[:2]),
            evidence={"left_out": list(out), "originals": sorted(originals.values())},
            confidence=0.9,
            fix="Keep one row of each group, before the data is split:"
            f" `df.drop_duplicates(subset={[c.name for c in remaining(split)]!r})`.",
        )

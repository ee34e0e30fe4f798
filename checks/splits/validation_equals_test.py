from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from dataguard.api import (
    At,
    Check,
    Dataset,
    Example,
    Finding,
    Kind,
    Need,
    Option,
    Severity,
    Skip,
    Split,
    cells,
    count_of,
    share,
    verb,
)

if TYPE_CHECKING:
    import polars as pl

LEAST_COLUMNS = 3
"""Columns by which rows are told apart without a code that each row has of its own."""

_TRAIN = [round(i * 37 % 101 / 7, 2) for i in range(100)]
_HELD = [round(i * 53 % 103 / 11 + 0.001, 3) for i in range(40)]


class ValidationEqualsTest(Check):
    """The validation rows are the test rows, or some of them are.

    ## Why is this bad?
    The validation rows choose the model: its settings, the epoch at which training stops. Judged on
    the same rows again, the best of many tries looks better than it is, the more so the more was
    tried. The test score is then no test.

    ## How it works
    Rows of both splits are compared in all columns but the ids and codes that each row has of its
    own, case, spacing and the way in which a number is written aside. It is an error where at least
    `equal` of the rows of the smaller split stand in the other, a warning where fewer do but more
    than `some`; nothing is said where rows of few coarse columns agree by
    chance (see DUP001). LEK001 compares each of both with the training data, not with each other.

    ## What to do
    Split the held-out rows in two: one half to choose by, one to be looked at once, at the end.
    With few rows choose by cross-validation on the training data and keep all of them for the test.
    """

    code = "SPL008"
    name = "validation-equals-test"
    severity = Severity.ERROR
    needs = (Need.HOLDOUT,)
    equal = Option(
        0.95, "Share of the smaller split's rows from which on it is the other one.", low=0, high=1
    )
    some = Option(
        0.01,
        "Share of the test rows from which on rows in both are a warning: fewer move the score by"
        " less than a point.",
        low=0,
        high=1,
    )
    chance_share = Option(
        0.2, "Share of the pairs that chance may explain; LEK001's default.", low=0
    )
    bad = (
        Example(
            train={"size": _TRAIN, "label": [0, 1] * 50},
            validation={"size": _HELD, "label": [0, 1] * 20},
            test={"size": _HELD, "label": [0, 1] * 20},
            label="label",
            expect=tuple(At("test", row) for row in range(40)),
        ),
        Example(
            title="Four rows in both",
            train={"size": _TRAIN, "label": [0, 1] * 50},
            validation={"size": _HELD[:22], "label": [0, 1] * 11},
            test={"size": _HELD[18:], "label": [0, 1] * 11},
            label="label",
            expect=tuple(At("test", row) for row in range(4)),
        ),
    )
    good = (
        Example(
            train={"size": _TRAIN, "label": [0, 1] * 50},
            validation={"size": _HELD[:20], "label": [0, 1] * 10},
            test={"size": _HELD[20:], "label": [0, 1] * 10},
            label="label",
        ),
        Example(
            title="Few coarse columns agree by chance",
            train={"sex": ["f", "m"] * 6, "smoker": ["y", "n", "n"] * 4},
            validation={"sex": ["f", "m"], "smoker": ["n", "n"]},
            test={"sex": ["f", "m"], "smoker": ["n", "n"]},
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        splits = {s.name: s for s in data.splits}
        if "validation" not in splits or "test" not in splits:
            raise Skip("no validation and test split together")
        validation, test = splits["validation"], splits["test"]
        names = _compared(validation, test)
        if not names:
            raise Skip("validation and test share no column to compare rows by")
        from dataguard.stats.common_rows import expected_by_chance
        from dataguard.stats.row_keys import matching, pairs_across, same_rows

        groups = await same_rows([validation, test], names, matching)
        if groups.is_empty():
            return
        expected = expected_by_chance(validation, test, names, matching)
        if expected > self.chance_share * pairs_across(groups):
            return
        rows = {s.name: groups.filter(split=s.name).sort("row") for s in (validation, test)}
        shares = {name: part.height / splits[name].height for name, part in rows.items()}
        smaller = min((validation, test), key=lambda s: s.height)
        same = shares[smaller.name] >= self.equal
        if not same and shares["test"] < self.some:
            return
        yield await self._found(validation, test, rows["test"], names, same=same)

    async def _found(
        self, validation: Split, test: Split, rows: pl.DataFrame, names: list[str], *, same: bool
    ) -> Finding:
        numbers = rows.get_column("row").to_list()
        shown = await test.cells(numbers[:5], names[:1])
        number = len(numbers)
        told = (
            f"{count_of(number, 'row')} of {test.height:,} in test ({share(number, test.height)})"
        )
        fact = f"{told} {verb(number, 'stands', 'stand')} in validation too"
        if same:
            fact = f"validation and test are the same rows: {told} stand in both"
        return self.finding(
            f"{fact}; a score on rows that chose the model is no test",
            split=test,
            rows=numbers,
            groups=rows.get_column("group").to_list(),
            severity=None if same else Severity.WARNING,
            examples=cells(shown, names[:1]),
            evidence={"compared": names[:100], "validation rows": validation.height},
            fix="Choose the model by rows that are not in the test split.",
        )


def _compared(first: Split, second: Split) -> list[str]:
    """The columns that both splits share, but what numbers the rows or names each of them."""
    from dataguard.stats.row_keys import UNIQUE, numbering

    out = numbering(first) | numbering(second)
    shared = [c for c in first.columns if c.name in second]
    rest = [c for c in shared if c.name not in out]
    plain = [
        c
        for c in rest
        if all(
            s[c.name].kind is not Kind.CODE or c.distinct_share < UNIQUE for s in (first, second)
        )
    ]
    chosen = plain if len(plain) >= LEAST_COLUMNS else rest or shared
    return [c.name for c in chosen]

"""FMT019: violated dependency."""

from __future__ import annotations

from collections.abc import AsyncIterator
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
    count_of,
    quoted,
    share,
    verb,
)

if TYPE_CHECKING:
    from dataguard.stats.dependencies import Broken

ZIPS = [f"{10115 + 7 * (i % 8)}" for i in range(64)]
CITIES = [("Berlin", "Bonn", "Kiel", "Ulm")[i % 8 % 4] for i in range(64)]


class ViolatedDependency(Check):
    """A few rows break a rule that holds between two columns in all others.

    ## Why is this bad?
    Where each zip code has its city, a row with another city holds a wrong value: in one of the
    two columns the model learns from an error, and a join by the code brings in the wrong record.

    ## How it works
    For each pair of columns whose values repeat, the share of rows is counted that break "the same
    X, the same Y" (the error g3 of approximate functional dependencies; groups of three or more
    rows, six groups or more). The rule counts where few rows break it, and far fewer than if Y
    were guessed. A value is doubted where at least three in four rows with its X agree on
    another, and where more rules speak against it than for it; not where rows that are alike in a
    third column mostly break the rule. It is a warning where three rules speak against it, or a
    firm one (twenty rows agree, g3 up to 2 %), or where it looks like the expected value mistyped;
    else it is for information. What inconsistent-categories tells is left out. Judged by a sample
    of 10,000 rows and 40 columns; rows outside it are not named.

    ## What to do
    Look at the rows beside others with the same X, and put the value right that is wrong.
    """

    code = "FMT019"
    name = "violated-dependency"
    severity = Severity.WARNING
    most_error = Option(
        0.1,
        "Largest share of rows that may break a rule for it to count as one (judged).",
        low=0.0,
        high=0.5,
    )
    most_share = Option(
        0.15,
        "The same, as a share of the rows that would be wrong were the most frequent value taken "
        "everywhere: chance rules lie above (judged).",
        low=0.0,
        high=1.0,
    )
    bad = (
        Example(
            train={"zip": [*ZIPS, "10115"], "city": [*CITIES, "Kiel"]},
            expect=(At(row=64, column="city"),),
        ),
        Example(
            train={"zip": [*ZIPS * 3, "10115"], "city": [*CITIES * 3, "Kiel"]},
            expect=(At(row=192, column="city"),),
            title="More rows, and so a warning.",
        ),
    )
    good = (
        Example(train={"zip": ZIPS, "city": CITIES}),
        Example(
            train={"day": [i % 7 for i in range(70)], "shift": [(i * i) % 5 for i in range(70)]},
            title="Columns that have nothing to do with each other.",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.category_variants import category_variants
        from dataguard.stats.dependencies import broken, candidates, without_values

        known = await Derived(category_variants)
        for split in data.splits:
            for one in broken(split, candidates(split), self.most_error, self.most_share):
                told = known.get((split.name, one.column), {})  # inconsistent-categories says it
                rest = without_values(split, one, list(told))
                self.note_sample(len(split.preview), split.height)
                for sure in (True, False):
                    if sure in rest.sure:
                        yield self._told(split, rest, sure=sure)

    def _told(self, split: Split, one: Broken, *, sure: bool) -> Finding:
        from dataguard.stats.dependencies import told_rows

        rows, notes, examples = told_rows(split, one, sure=sure)
        number = len(rows)
        first = examples[0]
        return self.finding(
            f"{count_of(number, 'value')} of {len(split.preview):,} "
            f"({share(number, len(split.preview))}) in `{one.column}` "
            f"{verb(number, 'differs', 'differ')} from what rows with the same "
            f"{quoted(one.by[:3])} have: `{_cut(first['value'])}` where the others have "
            f"`{_cut(first['expected'])}`",
            split=split,
            rows=rows,
            columns=(one.column, one.twin) if one.twin else (one.column,),
            examples=[{k: e[k] for k in ("row", "column", "value")} for e in examples],
            notes=notes,
            evidence={"depends_on": list(one.by), "g3": round(one.error, 4), "groups": one.groups},
            severity=self.severity if sure else Severity.INFO,
            confidence=0.8 if sure else 0.5,
            fix=f"Compare these rows with others of the same {quoted(one.by[:1])}, and correct "
            "whichever value is wrong.",
        )


def _cut(value: Any, length: int = 40) -> str:
    text = str(value)
    return text if len(text) <= length else f"{text[: length - 1]}…"

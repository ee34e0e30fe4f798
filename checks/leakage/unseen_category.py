from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from math import sqrt
from typing import Any

from dataguard.api import (
    ROW,
    At,
    Check,
    Column,
    Dataset,
    Example,
    Finding,
    Kind,
    Need,
    Option,
    Severity,
    Split,
    cells,
    count_of,
    counts,
    quoted,
    share,
    together,
    verb,
)

MOST_LEVELS = 1_000
"""Different values in the sample up to which a column is looked at; more are names."""

SHOWN = 50
"""Values that the evidence names at most."""

_PLANS = ["basic", "plus", "family", "basic"] * 25


class UnseenCategory(Check):
    """A category of the held-out data does not stand in the training data.

    ## Why is this bad?
    An encoder fitted on the training data has no place for it: it fails, or the rows become zeros
    or "unknown", about which the model has learnt nothing. Where many rows are concerned, the score
    measures mostly that.

    ## How it works
    The values of each category column are compared between the splits, case, spacing and missing
    values aside; label, ids and groups are left out. It is informative where few rows are
    concerned, and a warning from `many` of the rows on, unless the training data let expect so many
    new values: the share of its rows whose value stands there once (Good and Turing; Good,
    Biometrika 40, 1953) is about the chance that a new row has a new value. Numbers are not
    categories here.

    ## What to do
    Decide what a new category means to the model: `OneHotEncoder(handle_unknown="ignore")`, or a
    category "other" for all rare ones, made on the training data. If the values are another
    spelling of known ones, write them alike.
    """

    code = "LEK013"
    name = "unseen-category"
    severity = Severity.WARNING
    needs = (Need.HOLDOUT,)
    many = Option(
        0.05,
        "Share of the held-out rows from which on it is a warning: our own choice; an accuracy can"
        " be five points off by them.",
        low=0,
        high=1,
    )
    bad = (
        Example(
            train={"plan": _PLANS, "size": [round(i / 7, 2) for i in range(100)]},
            test={"plan": ["basic", "gold", "plus", "gold"], "size": [0.5, 1.5, 2.5, 3.5]},
            expect=(At("test", 1, "plan"), At("test", 3, "plan")),
        ),
    )
    good = (
        Example(
            train={"plan": _PLANS, "size": [round(i / 7, 2) for i in range(100)]},
            test={"plan": ["Basic", "plus ", None, "family"], "size": [0.5, 1.5, 2.5, 3.5]},
        ),
        Example(
            title="Labels are SPL003's, groups should be new",
            train={"patient": ["a", "b", "c", "d"] * 25, "label": ["x", "y"] * 50},
            test={"patient": ["e", "f", "e", "f"], "label": ["x", "y", "x", "z"]},
            label="label",
            group="patient",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.row_keys import matching

        train = data.train
        names = [c.name for c in _categories(train)]
        splits = [s for s in data.holdouts if any(n in s for n in names)]
        if not names or not splits:
            return
        asked = []
        for split in (train, *splits):
            mine = [n for n in names if n in split and _comparable(split[n])]
            asked.append(split.aggregate({n: counts(matching(split[n])) for n in mine}))
        first, *others = await together(asked)
        for split, levels in zip(splits, others, strict=True):
            for name in (n for n in names if n in levels):
                finding = await self._judged(split, name, first[name], levels[name])
                if finding is not None:
                    yield finding

    async def _judged(
        self, split: Split, name: str, known: Mapping[str, int], found: Mapping[str, int]
    ) -> Finding | None:
        import polars as pl

        from dataguard.stats.row_keys import matching

        unseen = {value: n for value, n in found.items() if value not in known}
        if not unseen or not known or (len(unseen) == len(found) and len(found) > 1):
            return None  # nothing in common: another column, or another coding (LEK012, FIL020)
        rows, seen = sum(unseen.values()), sum(known.values())
        form = matching(split[name])
        hits = await split.rows(form.is_in(pl.Series(sorted(unseen)).implode()), (name,), limit=100)
        part = rows / sum(found.values())
        expected = sum(1 for n in known.values() if n == 1) / seen
        bar = 3 * sqrt(max(expected, 1 / seen) / sum(found.values()))
        loud = part >= self.many and part > 2 * expected + bar and rows >= 2
        first = hits.cells.unique(name, keep="first", maintain_order=True)
        shown = sorted({str(v) for v in first.get_column(name).to_list()})
        return self.finding(
            f"{count_of(len(unseen), 'value')} of `{name}` in {split.name}"
            f" {verb(len(unseen), 'stands', 'stand')} in no training row: {quoted(shown, 4)}"
            f" ({count_of(rows, 'row')} of {split.height:,}, {share(rows, split.height)})",
            split=split,
            rows=list(hits.rows),
            columns=(name,),
            severity=None if loud else Severity.INFO,
            examples=cells(hits.cells.select(ROW, name), [name]),
            evidence=_facts(unseen, expected),
            fix=f"Encode `{name}` so that new values have a place, or mend their spelling.",
        )


def _facts(unseen: Mapping[str, int], expected: float) -> dict[str, Any]:
    commonest = sorted(unseen, key=lambda v: (-unseen[v], v))[:SHOWN]
    return {
        "values": {v[:80]: unseen[v] for v in commonest},
        "count": len(unseen),
        "expected share": round(expected, 4),
    }


def _categories(train: Split) -> list[Column]:
    """The columns of categories, but label, ids, groups and times."""
    out = {c.name for role in ("label", "id", "group", "time", "text") for c in train.of_role(role)}
    return [
        c
        for c in train.of_kind(Kind.CATEGORY)
        if c.name not in out and 2 <= c.distinct <= MOST_LEVELS and c.distinct <= 0.2 * c.sampled
    ]


def _comparable(column: Column) -> bool:
    """Whether a column of another split can hold the same categories."""
    return column.is_string and column.kind in (Kind.CATEGORY, Kind.CODE, Kind.TEXT)

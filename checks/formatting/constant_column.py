"""FMT007: constant column."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import (
    At,
    Check,
    Dataset,
    Example,
    Finding,
    Kind,
    Option,
    Severity,
    Split,
    count_of,
    largest,
    quoted,
    smallest,
    together,
)


class ConstantColumn(Check):
    """A column holds one value throughout, or none at all.

    ## Why is this bad?
    It tells rows apart in no way. It costs memory and time, breaks scalers that divide by the
    spread, and often stands for a filter or a join that went wrong.

    ## How it works
    Smallest and largest value are equal and no cell is missing, or all cells are missing. A column
    that is partly empty is not constant: the gaps carry information. All such columns are told in
    one finding. In a hold-out only columns without any value are told, where training has values.

    ## What to do
    Drop the columns, or find out why they lost their values.
    """

    code = "FMT007"
    name = "constant-column"
    severity = Severity.WARNING
    min_rows = Option(
        5, "Rows below which nothing is said: a few rows may agree by chance (judged).", low=2
    )
    bad = (
        Example(
            train={
                "size": [1.5, 2.5, 3.5, 4.5, 5.5],
                "unit": ["cm", "cm", "cm", "cm", "cm"],
                "note": [None, None, None, None, None],
            },
            expect=(At(column="unit"), At(column="note")),
        ),
    )
    good = (
        Example(
            train={"size": [1.5, 2.5, 3.5, 4.5, 5.5], "unit": ["cm", "cm", "cm", "mm", "cm"]},
        ),
        Example(
            train={"size": [1, 2, 3, 4, 5], "returned": ["yes", None, None, "yes", None]},
            title="a value or a gap",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        large = [s for s in data.splits if s.height >= self.min_rows]
        candidates = {s.name: _candidates(s, data) for s in large}
        asked = [
            split.aggregate(
                {
                    f"{i}:{side}": pick(split[name].text)
                    for i, name in enumerate(candidates[split.name])
                    for side, pick in (("low", smallest), ("high", largest))
                }
            )
            for split in large
        ]
        for split, ends in zip(large, await together(asked), strict=True):
            same = [
                name
                for i, name in enumerate(candidates[split.name])
                if ends[f"{i}:low"] == ends[f"{i}:high"]
            ]
            if not same:
                continue
            empty = [name for name in same if split[name].missing == split.height]
            values = {n: ends[f"{i}:low"] for i, n in enumerate(candidates[split.name])}
            yield self.finding(
                f"{count_of(len(same), 'column')} of {len(split.columns):,} never "
                f"{'varies' if len(same) == 1 else 'vary'} in {split.height:,} rows: {quoted(same)}"
                + (f" ({len(empty):,} without any value)" if empty else ""),
                split=split,
                columns=tuple(same),
                evidence={"values": {n: _short(values[n]) for n in same}},
                fix=f"Drop {'it' if len(same) == 1 else 'them'}, or find out what emptied "
                f"{'it' if len(same) == 1 else 'them'}.",
            )


def _candidates(split: Split, data: Dataset) -> list[str]:
    """Columns that show at most one value in the sample and are full or empty."""
    label = split.label
    found = []
    for column in split.columns:
        empty = column.missing == split.height
        if column.name == (label.name if label else None) or (column.missing and not empty):
            continue
        if split is data.train:
            if empty or column.distinct <= 1:
                found.append(column.name)
        elif empty and column.name in data.train and data.train[column.name].kind is not Kind.EMPTY:
            found.append(column.name)
    return found


def _short(value: str | None) -> str | None:
    return value if value is None or len(value) <= 80 else value[:79] + "…"

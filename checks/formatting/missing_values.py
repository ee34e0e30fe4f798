"""FMT006: missing values."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import (
    At,
    Check,
    Column,
    Dataset,
    Example,
    Finding,
    Option,
    Severity,
    cells,
    count_of,
    is_missing,
    share,
    together,
)


class MissingValues(Check):
    """Cells are empty.

    ## Why is this bad?
    Many models refuse missing values, others fill them in silently. Where a gap means something
    ("no return date: not returned"), dropping the row drops the fact.

    ## How it works
    Empty cells, null and NaN are counted. All columns are told in one finding, the emptiest first.
    Gaps of the label and columns without any value have rules of their own; words for "missing"
    (`N/A`, `?`) as well.

    ## What to do
    Decide for each column: fill, add a column that says "was missing", or drop. Do the same in
    all splits.
    """

    code = "FMT006"
    name = "missing-values"
    severity = Severity.INFO
    least = Option(
        0.0,
        "Share of missing cells above which a column is named; 0 names every gap.",
        low=0.0,
        high=1.0,
    )
    bad = (
        Example(
            train={"age": [31, None, 45], "city": ["Lima", "Quito", None]},
            expect=(At(row=1, column="age"), At(row=2, column="city")),
        ),
    )
    good = (
        Example(train={"age": [31, 28, 45], "city": ["Lima", "Quito", "Lima"]}),
        Example(
            train={"age": [31, 28, 45], "label": ["a", None, "b"]},
            label="label",
            title="a gap in the label is told by missing-label",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        import polars as pl

        gaps: dict[str, list[Column]] = {}
        for split in data.splits:
            limit = self.least * split.height
            columns = [
                c
                for c in split.columns
                if c != split.label and limit < c.missing < split.height and split.height > 1
            ]
            if columns:
                gaps[split.name] = sorted(columns, key=lambda c: (-c.missing, c.name))
        concerned = [s for s in data.splits if s.name in gaps]
        asked = [
            split.rows(
                pl.any_horizontal([is_missing(c.name, c.dtype) for c in gaps[split.name]]),
                tuple(c.name for c in gaps[split.name][:3]),
            )
            for split in concerned
        ]
        for split, hits in zip(concerned, await together(asked), strict=True):
            columns = gaps[split.name]
            named = ", ".join(
                f"`{c.name}` {share(c.missing, split.height)}" for c in columns[:4]
            ) + (f" and {len(columns) - 4:,} more" if len(columns) > 4 else "")
            worst = columns[0].name
            shown = hits.cells.filter(pl.col(worst).is_null())
            yield self.finding(
                f"{count_of(len(columns), 'column')} of {len(split.columns):,} with missing "
                f"values, {count_of(hits.count, 'row')} concerned: {named}",
                split=split,
                rows=hits.rows,
                columns=tuple(c.name for c in columns),
                examples=cells(shown, (worst,), 3),
                evidence={"missing": {c.name: c.missing for c in columns}},
                fix="Fill, flag or drop them on purpose, in the same way in all splits.",
            )

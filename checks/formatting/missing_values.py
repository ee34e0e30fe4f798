"""FMT006: missing values."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING

from dataguard.api import (
    At,
    Check,
    Dataset,
    Example,
    Finding,
    Hits,
    Option,
    Severity,
    Split,
    cells,
    count_of,
    is_missing,
    share,
    together,
    total,
)

if TYPE_CHECKING:
    import polars as pl

    from dataguard.queries import Aggregate


class MissingValues(Check):
    """Cells are empty.

    ## Why is this bad?
    Many models refuse missing values, others fill them in silently. Where a gap means something
    ("no return date: not returned"), dropping the row drops the fact.

    ## How it works
    Empty cells, null, NaN and, in JSON and Parquet, texts without a character are counted. All
    columns are told in one finding, the emptiest first.
    Gaps of the label and columns without any value have rules of their own; words for "missing"
    (`N/A`, `?`) as well.

    ## What to do
    Decide for each column: fill, add a column that says "was missing", or drop. Do the same in
    all splits. Where both null and the empty text stand for a gap, write null.
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
        Example(
            train=b'{"name": "Ann", "city": "Lima"}\n{"name": "Ben", "city": ""}\n',
            expect=(At(row=1, column="city"),),
            title="the empty text in JSON",
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

        counted = await together([s.aggregate(_parts(s)) for s in data.splits])
        gaps: dict[str, dict[str, int]] = {}
        for split, empty in zip(data.splits, counted, strict=True):
            missing = {c.name: c.missing + empty.get(c.name, 0) for c in split.columns}
            named = sorted(missing.items(), key=lambda pair: (-pair[1], pair[0]))
            low, label = self.least * split.height, split.label.name if split.label else None
            kept = {n: m for n, m in named if low < m < split.height > 1 and n != label}
            if kept:
                gaps[split.name] = kept
        concerned = [s for s in data.splits if s.name in gaps]
        asked = [
            s.rows(pl.any_horizontal([_gap(s, n) for n in gaps[s.name]]), tuple(gaps[s.name])[:3])
            for s in concerned
        ]
        for split, hits in zip(concerned, await together(asked), strict=True):
            yield self._found(split, gaps[split.name], hits)

    def _found(self, split: Split, gaps: Mapping[str, int], hits: Hits) -> Finding:
        named = ", ".join(f"`{n}` {share(m, split.height)}" for n, m in list(gaps.items())[:4])
        more = f" and {len(gaps) - 4:,} more" if len(gaps) > 4 else ""
        worst = next(iter(gaps))
        return self.finding(
            f"{count_of(len(gaps), 'column')} of {len(split.columns):,} with missing values, "
            f"{count_of(hits.count, 'row')} concerned: {named}{more}",
            split=split,
            rows=hits.rows,
            columns=tuple(gaps),
            examples=cells(hits.cells.filter(_gap(split, worst)), (worst,), 3),
            evidence={"missing": dict(gaps)},
            fix="Fill, flag or drop them on purpose, in the same way in all splits.",
        )


def _parts(split: Split) -> dict[str, Aggregate]:
    """How often each column holds the empty text, where that is not null already (in CSV)."""
    import polars as pl

    strings = [c for c in split.columns if c.is_string and split.table.typed]
    return {c.name: total((pl.col(c.name) == "").fill_null(value=False)) for c in strings}


def _gap(split: Split, name: str) -> pl.Expr:
    """Whether a cell of the column is missing, or the empty text."""
    import polars as pl

    column = split[name]
    missing = is_missing(name, column.dtype)
    return missing | (pl.col(name) == "").fill_null(value=False) if column.is_string else missing

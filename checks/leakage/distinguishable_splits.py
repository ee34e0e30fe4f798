from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING

from dataguard.api import (
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
    Skip,
    Split,
    quoted,
)

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from dataguard.stats.two_samples import F64, Auc, Bits

    Folds = NDArray[np.int64]

MOST_ROWS = 4_000
"""Rows of each split that are looked at."""

MOST_COLUMNS = 200
"""Columns looked at, the first ones; the trees take the 50 most telling."""

FEW_LEVELS = 30
"""Different numbers up to which a column of numbers may be codes."""

BINS = 12
"""Ranges of equal size into which numbers are put, so that a gap in the middle is seen as well."""

_AGE = [round(20 + (i * i * 37 + 11 * i) % 211 / 7, 2) for i in range(180)]
_SIZE = [round((i * i * i * 29 + 5 * i) % 199 / 13, 2) for i in range(180)]
_DAYS = [f"20{21 + i // 100}-{i // 20 % 5 + 1:02}-{i % 20 + 1:02}" for i in range(180)]


class DistinguishableSplits(Check):
    """A simple model can tell whether a row is of the training or of the held-out data.

    ## Why is this bad?
    A score stands for new rows only where the held-out rows are drawn as those will be. If columns
    differ so much between the splits that a model can tell them apart, the score is that of another
    population (another site, another age group, another export), or something was done to one file
    and not to the other.

    ## How it works
    Adversarial validation: in a sample of up to 4,000 rows of each split, one row a group, each
    column is scored by how well it tells of which split a row is: numbers by rank and by range,
    categories by level, texts by a linear model of their words, always on rows it was not fitted
    on. Boosted trees try all columns together. The area under the ROC curve is 0.5 where the
    splits are alike; here it must exceed a limit by four standard errors (Hanley and McNeil, 1982).
    Label, ids and dates are left out: they differ between splits by nature. Where the splits are
    apart in time, other columns drift with it, and the finding is informative.

    ## What to do
    Look at the columns named: are units, codes, missing values or the choice of rows different?
    Split again at random (or by group or time, on purpose), or judge by a sample of what the model
    will meet.
    """

    code = "LEK012"
    name = "distinguishable-splits"
    severity = Severity.WARNING
    fast = False
    needs = (Need.HOLDOUT,)
    clear = Option(
        0.75,
        "Area under the curve from which on it is a warning, less four standard errors. Shifts"
        " between a random half and another are 0.5; of one standard deviation in one column 0.76.",
        low=0.5,
        high=1,
    )
    slight = Option(
        0.6, "The same for an info: half a standard deviation is 0.64.", low=0.5, high=1
    )
    least_rows = Option(
        30, "Rows that each split must have: with 30 the error is 0.06 and more.", low=10
    )
    bad = (
        Example(
            train={"age": _AGE[:100], "size": _SIZE[:100]},
            test={"age": [round(v + 25, 2) for v in _AGE[100:]], "size": _SIZE[100:]},
            expect=(At("test", None, "age"),),
        ),
    )
    good = (
        Example(
            train={"age": _AGE[:100], "size": _SIZE[:100]},
            test={"age": _AGE[100:], "size": _SIZE[100:]},
        ),
        Example(
            title="Ids and dates go on",
            train={"id": list(range(100)), "date": _DAYS[:100], "age": _AGE[:100]},
            test={"id": list(range(100, 180)), "date": _DAYS[100:], "age": _AGE[100:]},
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        looked = False
        for split in data.holdouts:
            columns = _judged(data.train, split)
            parts = [_sample(s, columns) for s in (data.train, split)]
            if not columns or min(p.height for p in parts) < self.least_rows:
                continue
            looked = True
            self.note_sample(parts[0].height, data.train.height)
            single, joint = _scores(data, split, columns, parts)
            finding = self._found(data, split, single, joint)
            if finding is not None:
                yield finding
        if not looked:
            raise Skip(f"no column to compare, or fewer than {self.least_rows} rows in a split")

    def _found(
        self, data: Dataset, split: Split, single: Mapping[str, Auc], joint: Auc
    ) -> Finding | None:
        from dataguard.stats.split_in_time import apart_in_time

        sure = {n: a.surely(4) for n, a in single.items()}
        best = max(sure, key=lambda n: (sure[n], n))
        level = max(sure[best], joint.surely(4))
        if level < self.slight:
            return None
        half = 0.5 + 0.6 * (single[best].apart - 0.5)
        named = [n for n in sure if sure[n] >= self.slight and single[n].apart >= half]
        named.sort(key=lambda n: -single[n].apart)
        timed = apart_in_time(data.train, split)
        told = max(single[best], joint, key=lambda a: a.apart)
        each = ", ".join(f"`{n}` {single[n].apart:.2f}" for n in named[:5])
        by = f"; by single columns: {each}" if named else "; by no single column"
        when = f"; the splits are apart in time (`{timed}`), so some drift is natural"
        return self.finding(
            f"A model tells {split.name} from {data.train.name} with an area under the curve of"
            f" {told.apart:.2f} ± {told.error:.2f} (0.5 if alike){by}{when if timed else ''}",
            split=split,
            columns=tuple(named),
            severity=Severity.INFO if timed or level < self.clear else None,
            confidence=0.9,
            evidence={
                "auc": round(told.apart, 4),
                "error": round(told.error, 4),
                "columns": {n: round(a.apart, 4) for n, a in single.items() if n in named},
            },
            fix=f"Find out why {quoted(named[:3])} differ{'s' if len(named) == 1 else ''}, or split"
            " again at random."
            if named
            else "Find out how the rows were divided, or split again at random.",
        )


def _judged(train: Split, split: Split) -> list[Column]:
    """The columns by which splits should not differ: features that both have, but ids and times."""
    from dataguard.stats.row_keys import numbering

    out = numbering(train) | numbering(split)
    out |= {c.name for role in ("label", "id", "time", "group") for c in train.of_role(role)}
    kinds = (Kind.NUMBER, Kind.CATEGORY, Kind.TEXT)
    both = [c for c in train.columns if c.name in split and c.name not in out and c.kind in kinds]
    return [c for c in both if split[c.name].kind in (c.kind, Kind.EMPTY)][:MOST_COLUMNS]


def _sample(split: Split, columns: Sequence[Column]) -> pl.DataFrame:
    """Some rows, one a group and no two alike."""
    rows = split.preview
    for group in split.of_role("group"):
        rows = rows.unique(group.name, keep="first", maintain_order=True)
    names = [c.name for c in columns if c.name in split]
    return rows.unique(names, keep="first", maintain_order=True).head(MOST_ROWS) if names else rows


def _scores(
    data: Dataset, split: Split, columns: Sequence[Column], parts: Sequence[pl.DataFrame]
) -> tuple[dict[str, Auc], Auc]:
    """How well each column alone, and all together, tell of which split a row is."""
    import numpy as np
    import polars as pl

    from dataguard.expressions import row_key
    from dataguard.stats.two_samples import auc, out_of_fold, together_scores

    both = (data.train, split)
    tables = [
        part.select(
            s[c.name].number.alias(c.name)
            if c.kind is Kind.NUMBER
            else s[c.name].canonical.alias(c.name)
            for c in columns
        )
        for s, part in zip(both, parts, strict=True)
    ]
    second = np.arange(sum(t.height for t in tables)) >= tables[0].height
    table = pl.concat(tables)
    texts = [pl.col(c.name).cast(pl.String) for c in columns]
    keys = table.select(row_key(texts, data.seed)).to_series().to_numpy()
    folds = (keys % np.uint64(5)).astype(np.int64)
    single: dict[str, Auc] = {}
    scored = {}
    for column in columns:
        found = _column_scores(table[column.name], column, second, folds, data.seed)
        aucs = [auc(scores, second) for scores in found]
        if column.kind is not Kind.NUMBER:
            aucs[0] = out_of_fold(aucs[0])
        aucs[1:] = [out_of_fold(a) for a in aucs[1:]]
        best = max(range(len(aucs)), key=lambda i: aucs[i].apart)
        single[column.name], scored[column.name] = aucs[best], found[0]
    telling = sorted(single, key=lambda n: (-single[n].apart, n))[:50]
    joint = together_scores([scored[n] for n in telling], second, folds, data.seed)
    return single, out_of_fold(auc(joint, second))


def _column_scores(
    values: pl.Series, column: Column, second: Bits, folds: Folds, seed: int
) -> list[F64]:
    """The column's scores, the first one for the trees; a number has two."""
    from dataguard.stats.two_samples import level_scores, number_scores, ranges, text_scores

    if column.kind is Kind.TEXT:
        return [text_scores(values, second, folds, seed)]
    if column.kind is Kind.CATEGORY:
        return [level_scores(values, second, folds)]
    few = values.n_unique() <= FEW_LEVELS
    levels = values.rank("dense") if few else ranges(values, BINS)
    return [number_scores(values), level_scores(levels, second, folds)]

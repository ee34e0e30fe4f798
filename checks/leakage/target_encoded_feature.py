from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
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
    Split,
    together,
)

if TYPE_CHECKING:
    import polars as pl

    from dataguard.stats.target_encoding import Encoding

MOST_CLASSES = 20
"""Classes that may have been averaged one by one."""

_CITY = [i % 12 for i in range(240)]
_PAID = [int(i // 12 * 7 % 20 < 4 + c) for i, c in enumerate(_CITY)]
_RATE = [(4 + c) / 20 for c in _CITY]


class TargetEncodedFeature(Check):
    """A column holds the mean of the label by some category, each row's own label included.

    ## Why is this bad?
    The feature was made of the answer. In a category with few rows it is nearly the row's own
    label, so a model trusts it more than it deserves; and where the test rows' labels went into it
    as well, the score is measured on answers that the model was given.

    ## How it works
    A column is named where, for nearly each value v that it holds, the mean of the label over all
    rows with that value is v itself, to the last digit written; this needs no knowledge of the
    category. Where the category still stands in the table, means that are smoothed or leave out the
    row's own label are recognised too. If the mean is that of all splits together, or there is but
    one file, it is a warning; an unsmoothed mean over the training rows alone is informative. A
    smoothed mean over the training rows alone, as it should be, is not reported. Encodings with
    noise added, or fitted across folds, leave no exact trace.

    ## What to do
    Split first. Then encode on the training rows alone, across folds and smoothed: scikit-learn's
    `TargetEncoder` in a `Pipeline` does.
    """

    code = "LEK011"
    name = "target-encoded-feature"
    severity = Severity.WARNING
    needs = (Need.LABEL,)
    uses = ("label",)
    least_rows = Option(
        50,
        "Rows from which on columns are judged; with fewer, means are what they are by chance.",
        low=10,
    )
    bad = (
        Example(
            title="The mean of `paid` by a city that is no longer there",
            train={
                "size": [round(i * 37 % 240 / 7, 2) for i in range(240)],
                "rate": _RATE,
                "paid": _PAID,
            },
            label="paid",
            expect=(At("train", None, "rate"),),
        ),
    )
    good = (
        Example(
            train={
                "rate": [round((v + 1) / 2.5, 2) for v in _RATE],
                "size": [round(i * 37 % 240 / 7, 2) for i in range(240)],
                "paid": _PAID,
            },
            label="paid",
        ),
        Example(
            title="A copy of the label is LEK004's",
            train={"copy": [float(p) for p in _PAID], "paid": _PAID},
            label="paid",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        train, label = data.train, data.train.label
        if label is None or train.height < self.least_rows:
            return
        numbers = _means(train, label)
        if not numbers:
            return
        from dataguard.stats.target_encoding import may_be_encoded

        targets = _targets(train, label, train.preview)
        preview = train.preview.select(c.number.alias(c.name) for c in numbers)
        pairs = may_be_encoded(preview, targets) if targets.width else []
        if not pairs:
            return
        splits = [train, *(s for s in data.holdouts if _can_join(s, label, pairs))]
        found: dict[str, Encoding] = {}
        tables = await _tables(splits, label, sorted({x for x, _ in pairs}))
        for x, y in pairs:
            encoding = None if x in found else _encoding(tables, x, y)
            if encoding is not None:
                found[x] = encoding
        for name, encoding in found.items():
            yield self._found(train, label, name, encoding, alone=len(splits) == 1)

    def _found(
        self, split: Split, label: Column, name: str, encoding: Encoding, *, alone: bool
    ) -> Finding:
        rows = "all splits together" if encoding.everywhere else "the training rows"
        by = f" by `{encoding.category}`" if encoding.category else " by some category"
        over = "" if alone else f" over {rows}"
        own = "" if encoding.how == "mean without the row" else ", each row's own label included"
        return self.finding(
            f"`{name}` is the {encoding.how} of the label `{label.name}`{by}{over}{own}:"
            f" {encoding.values:,} of its values fit to the last digit",
            split=split,
            columns=(name,),
            severity=None if alone or encoding.everywhere else Severity.INFO,
            evidence={
                "how": encoding.how,
                "all splits": encoding.everywhere and not alone,
                "category": encoding.category,
                "values": encoding.values,
            },
            fix="Split first; encode on the training rows alone, across folds, with smoothing.",
        )


def _means(train: Split, label: Column) -> list[Column]:
    """The columns that may hold means: numbers with fractions, some of which repeat."""
    return [
        c
        for c in train.features
        if c.kind is Kind.NUMBER
        and not c.whole
        and c.name != label.name
        and 3 <= c.distinct <= 0.5 * c.sampled
    ]


def _targets(split: Split, label: Column, frame: pl.DataFrame) -> pl.DataFrame:
    """What may have been averaged: the numeric label, or one column of 0 and 1 a class."""
    import polars as pl

    mine = split[label.name]
    if not label.is_classes:
        if label.kind is not Kind.NUMBER:
            return pl.DataFrame()
        return frame.select(mine.number.alias("label"))
    labels = frame.select(mine.canonical.alias("y")).to_series()
    counted = labels.drop_nulls().value_counts(name="n").sort("n", "y", descending=[True, False])
    classes = counted.get_column("y").head(MOST_CLASSES).sort().to_list()
    parts = [(labels == c).cast(pl.Float64).alias(f"class {c}") for c in classes]
    if label.kind is Kind.NUMBER and len(classes) > 2:
        parts.append(frame.select(mine.number.alias("label")).to_series())
    return pl.DataFrame(parts) if len(classes) >= 2 else pl.DataFrame()


def _can_join(split: Split, label: Column, pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether a hold-out has labels and the columns."""
    labelled = label.name in split and split[label.name].missing < split.height
    return labelled and all(x in split for x, _ in pairs)


async def _tables(
    splits: Sequence[Split], label: Column, names: Sequence[str]
) -> list[pl.DataFrame]:
    """By split: the columns, prefixed with "x", the targets, with "y", the categories, with "c"."""
    import polars as pl

    train = splits[0]
    shared = [c for c in train.columns if all(c.name in s for s in splits)]
    categories = [
        c.name
        for c in shared
        if c.kind is Kind.CATEGORY and c.name != label.name and c.distinct <= 0.5 * c.sampled
    ]
    columns = [label.name, *names, *(c for c in categories if c not in names)]
    raw = await together([s.map([pl.col(n) for n in columns]) for s in splits])
    found = []
    for split, frame in zip(splits, raw, strict=True):
        targets = _targets(train, label, frame) if split is train else _targets(split, label, frame)
        found.append(
            frame.select(
                *(split[n].number.alias(f"x{n}") for n in names),
                *(split[n].canonical.alias(f"c{n}") for n in categories),
            ).hstack(targets.rename({n: f"y{n}" for n in targets.columns}))
        )
    return found


def _encoding(tables: Sequence[pl.DataFrame], x: str, y: str) -> Encoding | None:
    """How `x` was made of `y`: over all splits, or else over the training split; None if not."""
    import polars as pl

    from dataguard.stats.target_encoding import Encoding, by_category, by_itself

    if any(f"y{y}" not in t.columns for t in tables):
        tables = tables[:1]
    both = pl.concat(tables, how="diagonal_relaxed") if len(tables) > 1 else tables[0]
    values = by_itself(both[f"x{x}"], both[f"y{y}"])
    if values:
        return Encoding("mean", True, values)
    own = by_itself(tables[0][f"x{x}"], tables[0][f"y{y}"]) if len(tables) > 1 else 0
    if own:
        return Encoding("mean", False, own)
    for name in (c for c in both.columns if c.startswith("c")):
        how, groups = by_category(both[f"x{x}"], both[f"y{y}"], both[name])
        if groups:
            return Encoding(how, True, groups, name[1:])
    return None

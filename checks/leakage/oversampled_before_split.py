from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from dataguard.api import (
    At,
    Check,
    Column,
    Dataset,
    Example,
    Finding,
    Need,
    Option,
    Severity,
    Split,
    share,
    together,
)

if TYPE_CHECKING:
    import polars as pl

CHANCE_SHARE = 0.2
"""Share of the equal pairs that chance may explain; LEK001's."""

_RARE = [round((i * i * 3 + 7) / 11, 2) for i in range(10)]
_COMMON = [round((i * i * 5 + 2) / 13, 2) for i in range(60)]

_YOUNG = [round((i * i * 7 + 3) / 5, 2) for i in range(10)]
_OLD = [round((i * i * 11 + 1) / 3, 2) for i in range(60)]


class OversampledBeforeSplit(Check):
    """The rows of one class were multiplied, and the copies then fell into both splits.

    ## Why is this bad?
    Oversampling copies rows of a class until it is as large as the others. Where that is done
    before the split, most of that class's test rows stand in the training data: the model need only
    remember them. The score of just the class that matters most is the most wrong.

    ## How it works
    Rows that agree in all columns but the ids, the label included, are copies. In the training data
    one class must consist of copies to at least `copied`, another class to no more than a quarter
    of that share; and of the held-out rows of that class at least half must stand in the training
    data, where chance does not explain the copies (see DUP001). Which rows do is LEK001's to say:
    this rule names the cause. Copies that were made with noise added (SMOTE) are not copies, and
    leave no such trace.

    ## What to do
    Go back to the rows before they were multiplied, split those, and oversample the training part
    alone: best within each fold (imbalanced-learn's `Pipeline`). Or weigh the classes instead
    (`class_weight="balanced"`), which needs no copies.
    """

    code = "LEK015"
    name = "oversampled-before-split"
    severity = Severity.ERROR
    needs = (Need.HOLDOUT, Need.LABEL, Need.CLASSES)
    uses = ("label",)
    copied = Option(
        0.3,
        "Least share of a class's training rows that are copies of another row. Doubling a class"
        " makes it 0.8 after a split of 80 to 20; real tables with few columns stay below 0.3, or"
        " repeat in all classes alike.",
        low=0.05,
        high=1,
    )
    in_train = Option(
        0.5,
        "Least share of the class's held-out rows that stand in the training data. Doubling a class"
        " before a split of 80 to 20 makes it 0.8.",
        low=0.05,
        high=1,
    )
    least_rows = Option(
        10, "Held-out rows of the class from which on it is judged: our own choice.", low=2
    )
    bad = (
        Example(
            train={
                "size": [*_COMMON[:48], *_RARE * 5],
                "age": [*_OLD[:48], *_YOUNG * 5],
                "label": ["no"] * 48 + ["yes"] * 50,
            },
            test={
                "size": [*_COMMON[48:], *_RARE],
                "age": [*_OLD[48:], *_YOUNG],
                "label": ["no"] * 12 + ["yes"] * 10,
            },
            label="label",
            expect=(At("test", None, "label"),),
        ),
    )
    good = (
        Example(
            title="Multiplied in the training data alone",
            train={
                "size": [*_COMMON[:48], *_RARE[:5] * 10],
                "age": [*_OLD[:48], *_YOUNG[:5] * 10],
                "label": ["no"] * 48 + ["yes"] * 50,
            },
            test={
                "size": [*_COMMON[48:], *_RARE[5:]],
                "age": [*_OLD[48:], *_YOUNG[5:]],
                "label": ["no"] * 12 + ["yes"] * 5,
            },
            label="label",
        ),
        Example(
            title="All classes repeat",
            train={
                "size": [*_COMMON[:20], *_RARE] * 3,
                "age": [*_OLD[:20], *_YOUNG] * 3,
                "label": (["no"] * 20 + ["yes"] * 10) * 3,
            },
            test={
                "size": [*_COMMON[:20], *_RARE],
                "age": [*_OLD[:20], *_YOUNG],
                "label": ["no"] * 20 + ["yes"] * 10,
            },
            label="label",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.row_keys import contents

        train, label = data.train, data.train.label
        if label is None:
            return
        for split in data.holdouts:
            if label.name not in split or split[label.name].missing == split.height:
                continue
            names = [c.name for c in contents(train) if c.name in split]
            if names == [label.name]:
                continue
            shares = await _copied(train, split, names, label)
            finding = self._judged(split, label.name, shares)
            if finding is not None and not _by_chance(train, names, finding.evidence["class"]):
                yield finding

    def _judged(self, split: Split, label: str, shares: pl.DataFrame) -> Finding | None:
        """The finding, where one class alone is made of copies that stand in both splits."""
        known = shares.filter(shares["train rows"] >= self.least_rows)
        if known.height < 2:
            return None
        ordered = known.sort(["copied", "class"], descending=[True, False])
        most, least = ordered.row(0, named=True), ordered.row(-1, named=True)
        enough = most["copied"] >= self.copied and most["rows"] >= self.least_rows
        if not enough or 4 * least["copied"] > most["copied"] or most["seen"] < self.in_train:
            return None
        name = str(most["class"])[:40]
        seen = round(most["seen"] * most["rows"])
        return self.finding(
            f"The rows of class `{name}` were multiplied before the split:"
            f" {share(most['copied'], 1)} of them are copies in the training data (class"
            f" `{str(least['class'])[:40]}`: {share(least['copied'], 1)}), and {seen:,} of its"
            f" {most['rows']:,} rows in {split.name} ({share(most['seen'], 1)}) stand there too",
            split=split,
            columns=(label,),
            evidence={
                "class": str(most["class"]),
                "copied in train": round(most["copied"], 4),
                "held-out rows in train": round(most["seen"], 4),
            },
            fix="Split the rows as they were, then oversample the training part alone.",
        )


async def _copied(train: Split, split: Split, names: list[str], label: Column) -> pl.DataFrame:
    """By class: its rows in both splits, the share of copies in train, the share seen of split."""
    import polars as pl

    from dataguard.stats.row_keys import matching, same_rows

    if not await _some_copies(train, names):
        return pl.DataFrame(schema={"train rows": pl.UInt32})
    within = await same_rows([train], names, matching)
    across = await same_rows([train, split], names, matching)
    both = (train, split)
    labels = await together([s.map([s[label.name].canonical.alias("class")]) for s in both])
    rows = (within.get_column("row"), across.filter(split=split.name).get_column("row"))
    parts = []
    for frame, flagged, word in zip(labels, rows, ("copied", "seen"), strict=True):
        mark = pl.int_range(pl.len()).is_in(flagged.cast(pl.Int64).implode())
        parts.append(
            frame.with_columns(mark.alias(word))
            .drop_nulls("class")
            .group_by("class")
            .agg(pl.len().alias("rows"), pl.col(word).mean())
        )
    first = parts[0].rename({"rows": "train rows"})
    return first.join(parts[1], on="class", how="left").fill_null(0)


async def _some_copies(train: Split, names: list[str]) -> bool:
    """Whether a cheap look at the training data shows copies in number."""
    groups = await train.collisions([train[n].text for n in names])
    return groups.height >= 0.02 * train.height


def _by_chance(train: Split, names: list[str], name: str) -> bool:
    """Whether rows of this class are so coarse that chance makes too many of them equal.

    Judged among the sample's rows of the class: those of the others may be less coarse.
    """
    import polars as pl

    from dataguard.stats.chance import chance_pairs
    from dataguard.stats.row_keys import matching, wordy

    assert train.label is not None
    mine = train.preview.filter(train.label.canonical == name)
    rows = mine.select(matching(train[n]).alias(n) for n in names)
    sizes = rows.group_by(pl.all()).len().get_column("len").cast(pl.Float64)
    pairs = float((sizes * (sizes - 1)).sum()) / 2
    return chance_pairs(rows, texts=wordy(train, names)) > CHANCE_SHARE * pairs

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

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
    Skip,
    Split,
    cells,
    count_of,
    share,
    together,
)

if TYPE_CHECKING:
    import polars as pl

TEXTS = ("it is a fine day", "the sea is cold", "we met in the park", "it is a fine day")


class ConflictingLabels(Check):
    """The same input stands in the data with different labels.

    ## Why is this bad?
    At most one of the labels is right. The model cannot fit both: it learns to be unsure, and
    the loss has a floor that no training removes.

    ## How it works
    Rows with equal features (all columns but label and id; case, spacing and the way decimals
    are written do not count) are grouped; a group with two or more labels is reported, all its
    rows. Where there are text columns, equal texts are enough: of any length where the texts are
    the only features, of five words or more beside other features. Tables of few coarse columns
    hold equal rows by chance: the number of such pairs is estimated from the pairs that differ
    in one column alone, and where it explains more than a fifth of the pairs found, nothing is
    said. Missing labels take no part, spelling variants of a label are no conflict.

    ## What to do
    Decide which label is right, or leave the group out. If the input truly allows several
    answers, a column is missing that tells them apart.
    """

    code = "LAB003"
    name = "conflicting-labels"
    severity = Severity.WARNING
    needs = (Need.LABEL, Need.CLASSES)
    uses = ("label",)
    chance = Option(
        0.2,
        "Share of the equal pairs that chance may explain before nothing is said. Our own choice.",
        low=0.0,
        high=1.0,
    )
    words = Option(
        5, "Words that make a text specific enough beside other features. Our own choice.", low=1
    )
    bad = (
        Example(
            train={"text": TEXTS, "label": ["good", "bad", "good", "bad"]},
            label="label",
            text=("text",),
            expect=(At("train", 0, "label"), At("train", 3, "label")),
        ),
        Example(
            train={
                "a": [0.31, 1.52, 2.73, 3.14, 4.95, 1.52],
                "b": [9.1, 8.2, 7.3, 6.4, 5.5, 8.2],
                "label": ["x", "y", "x", "y", "x", "x"],
            },
            label="label",
            expect=(At("train", 1, "label"), At("train", 5, "label")),
            title="Measurements.",
        ),
    )
    good = (
        Example(
            train={"text": TEXTS * 2, "label": ["good", "bad", "good", "Good "] * 2},
            label="label",
            text=("text",),
            title="The same label, spelt in another way.",
        ),
        Example(
            train={
                "colour": ["red", "blue"] * 8,
                "size": ["s", "s", "l", "l"] * 4,
                "label": ["x", "y", "x", "x", "y", "y", "x", "y"] * 2,
            },
            label="label",
            title="Few coarse columns: such rows are equal by chance.",
        ),
        Example(
            train={"colour": ["red", "blue", "red", "blue"], "label": ["x", "y", "y", "x"]},
            label="label",
            title="A single category.",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        splits = [s for s in data.splits if s.label is not None and s.height >= 2]
        keyed = [(split, keys) for split in splits if (keys := self._keys(split))]
        if not keyed:
            raise Skip("no column but the label and the id")
        queries = []
        for split, keys in keyed:
            label = _label(split)
            queries += [split.collisions(keys), split.collisions([*keys, label])]
        answers = iter(await together(queries))
        for split, keys in keyed:
            same, agreeing = next(answers), next(answers)
            groups = _conflicts(same, agreeing)
            if groups.is_empty() or self._natural(split, keys, same):
                continue
            assert split.label is not None
            found = await split.cells(groups["row"].to_list(), (split.label.name,))
            yield self._finding(split, groups.sort("row"), found)

    def _keys(self, split: Split) -> list[pl.Expr]:
        """What must be equal, null where a row takes no part; empty where there is nothing."""
        import polars as pl

        features = [c for c in split.features if c.kind is not Kind.EMPTY and c.distinct > 1]
        texts = [c for c in split.texts if c in features]
        parts: Sequence[Column] = texts or features
        if not parts:
            return []
        keys = [c.canonical for c in parts]
        takes_part = _label(split).is_not_null()
        if texts and len(features) > len(texts):
            counted = [k.str.count_matches(r"\S+").fill_null(0) for k in keys]
            takes_part &= pl.sum_horizontal(counted) >= self.words
        return [pl.when(takes_part).then(key) for key in keys]

    def _natural(self, split: Split, keys: Sequence[pl.Expr], same: pl.DataFrame) -> bool:
        """Whether chance explains the equal pairs: the sample's estimate, scaled to all rows."""
        import polars as pl

        from dataguard.stats.chance import chance_pairs

        sample = split.preview.select(k.alias(str(i)) for i, k in enumerate(keys))
        sizes = same.group_by("group").len().get_column("len").cast(pl.Float64)
        pairs = float((sizes * (sizes - 1) / 2).sum())
        scale = (split.height / max(1, sample.height)) ** 2
        return chance_pairs(sample) * scale > self.chance * pairs

    def _finding(self, split: Split, groups: pl.DataFrame, found: pl.DataFrame) -> Finding:
        import polars as pl

        assert split.label is not None
        name, rows = split.label.name, groups["row"].to_list()
        labels = found.sort(ROW).select(pl.col(ROW).alias("row"), split.label.text.alias("label"))
        joined = groups.join(labels.with_columns(pl.col("row").cast(groups["row"].dtype)), on="row")
        given = joined.group_by("group").agg(pl.col("label").unique().sort())
        said = {g: " / ".join(w[:40] for w in words) for g, words in given.iter_rows()}
        number = len(said)
        return self.finding(
            f"{count_of(len(rows), 'row')} of {split.height:,} ({share(len(rows), split.height)})"
            f" have the same features as another row but another label in `{name}`"
            f" ({count_of(number, 'group')})",
            split=split,
            rows=rows,
            columns=(name,),
            groups=groups["group"].to_list(),
            notes=[f"labels given: {said[g]}" for g in groups["group"].to_list()],
            examples=cells(found.sort(ROW), [name]),
            evidence={"groups": number},
            fix="Decide which label of each group is right, or leave the group out.",
        )


def _label(split: Split) -> pl.Expr:
    """The label as a key: null where it is missing, one for all spellings of a class."""
    import polars as pl

    from dataguard.stats.class_names import is_unlabelled, unlabelled_words

    assert split.label is not None
    missing = is_unlabelled(split.label, unlabelled_words(split))
    plain = split.label.canonical.str.replace_all(r"[\s_-]+", " ")
    return pl.when(~missing).then(plain)


def _conflicts(same: pl.DataFrame, agreeing: pl.DataFrame) -> pl.DataFrame:
    """The rows (columns row, group) of groups in `same` that `agreeing` splits up.

    Groups are numbered anew, by their first row.
    """
    import polars as pl

    parts = same.join(agreeing.select("row", pl.col("group").alias("part")), on="row", how="left")
    # A row that agrees with no other in features and label is a part of its own.
    alone = -1 - pl.col("row").cast(pl.Int64)
    parts = parts.with_columns(pl.col("part").cast(pl.Int64).fill_null(alone))
    mixed = parts.filter(pl.col("part").n_unique().over("group") > 1)
    first = pl.col("row").min().over("group")
    return mixed.select("row", (first.rank("dense") - 1).alias("group")).sort("row")

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
    word_count,
)

if TYPE_CHECKING:
    import polars as pl

_LOAD = [round(20 + i * 53 % 97 / 3, 2) for i in range(30)]
TEXTS = ("it is a fine day", "the sea is cold", "we met in the park", "it is a fine day")


class ConflictingLabels(Check):
    """The same input stands in the data with different labels.

    ## Why is this bad?
    At most one of the labels is right. The model cannot fit both: it learns to be unsure, and
    the loss has a floor that no training removes.

    ## How it works
    Rows with equal features (all columns but the label, and the id, codes and times of writing that
    each row has of its own; case, spacing and the way decimals are written do not count) are
    grouped; a group with two or more labels is reported, all its rows. Where there are text
    columns, equal texts are enough: of any length where the texts are the only features, of five
    words or more beside other features. Tables of few coarse columns hold equal rows by chance: the
    number of such pairs is estimated from the pairs that differ in one column alone, and where it
    explains more than a fifth of the pairs found, nothing is said. Missing labels take no part,
    spelling variants of a label are no conflict. Labels that several annotators gave to one item
    are LAB010's.

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
    common = Option(
        0.3,
        "Share of the rows that may be equal but for a code of their own; with more, the code is"
        " what tells them apart. The default is DUP005's.",
        low=0.0,
        high=1.0,
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
        Example(
            train={
                "reading": [48213 + i * 7919 % 9973 for i in range(31)],
                "load": [*_LOAD, _LOAD[4]],
                "torque": [*(round(40 + i * 37 % 101 / 7, 3) for i in range(30)), 46.714],
                "state": [*(["normal", "worn", "broken"] * 10), "broken"],
            },
            label="state",
            expect=(At("train", 4, "state"), At("train", 30, "state")),
            title="A row of measurements that was entered twice, under another number.",
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
        Example(
            train={
                "reading": [48213 + i * 7919 % 9973 for i in range(32)],
                "lat": [f"{52.1 + i % 8 * 0.37:.4f}" for i in range(32)],
                "lon": [f"{13.2 + i % 8 * 0.53:.4f}" for i in range(32)],
                "state": [*(["calm", "windy"] * 11), *(["windy", "calm"] * 5)],
            },
            label="state",
            title="Places that were measured often: the number of the reading tells when.",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.annotators import rated_splits
        from dataguard.stats.row_keys import same_rows

        rated = await rated_splits(data)
        if data.train.name in rated:
            raise Skip("the rows are labels of several annotators; LAB010 compares them")
        splits = [
            s for s in data.splits if s.label is not None and s.height >= 2 and s.name not in rated
        ]
        compared = {split.name: _compared(split) for split in splits}
        if not any(compared.values()):
            raise Skip("no column but the label and the id")
        for split in splits:
            names = [c.name for c in compared[split.name]]
            if not names:
                continue
            assert split.label is not None
            same = await same_rows([split], names, lambda column: column.canonical)
            if same.is_empty() or _code_tells(split, same, self.common):
                continue
            found = await split.cells(same["row"].to_list(), (*names, split.label.name))
            judged = self._judged(split, compared[split.name], same, found)
            groups = _conflicts(judged)
            if not groups.is_empty() and not _by_chance(split, names, judged, self.chance):
                yield self._finding(split, groups, found)

    def _judged(
        self, split: Split, parts: Sequence[Column], same: pl.DataFrame, found: pl.DataFrame
    ) -> pl.DataFrame:
        """The rows that take part, by row: columns "row", "group" and "label" (one a class)."""
        import polars as pl

        label = _label(split)
        takes_part = label.is_not_null()
        if all(c.kind is Kind.TEXT for c in parts) and len(_features(split)) > len(parts):
            words = pl.sum_horizontal(word_count(c.text).fill_null(0) for c in parts)
            takes_part &= words >= self.words
        table = found.select(
            pl.col(ROW).cast(pl.UInt32).alias("row"),
            label.alias("label"),
            takes_part.alias("takes part"),
        )
        groups = same.select(pl.col("row").cast(pl.UInt32), "group")
        joined = groups.join(table.filter("takes part"), on="row")
        return joined.select("row", "group", "label").sort("row")

    def _finding(self, split: Split, groups: pl.DataFrame, found: pl.DataFrame) -> Finding:
        import polars as pl

        assert split.label is not None
        name, rows = split.label.name, groups["row"].to_list()
        spelt = found.select(
            pl.col(ROW).cast(pl.UInt32).alias("row"), split.label.text.alias("spelt")
        )
        joined = groups.join(spelt, on="row")
        given = joined.group_by("group").agg(pl.col("spelt").unique().sort())
        said = {g: " / ".join(w[:40] for w in words) for g, words in given.iter_rows()}
        shown = found.filter(pl.col(ROW).is_in(rows[:5])).sort(ROW)
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
            examples=cells(shown, [name]),
            evidence={"groups": number},
            fix="Decide which label of each group is right, or leave the group out.",
        )


def _features(split: Split) -> list[Column]:
    """The columns that may differ from row to row, without those that number or name the rows."""
    from dataguard.stats.id_like import remaining

    telling = {c.name for c in remaining(split)}
    features = [c for c in split.features if c.name in telling]
    return [c for c in features if c.kind is not Kind.EMPTY and c.distinct > 1]


def _code_tells(split: Split, same: pl.DataFrame, common: float) -> bool:
    """Whether so many rows are equal without their code that the code says what they are."""
    from dataguard.stats.id_like import remaining

    left_out = {c.name for c in split.features} - {c.name for c in remaining(split)}
    return bool(left_out) and same.height > common * split.height


def _compared(split: Split) -> list[Column]:
    """What must be equal: the texts, or all features where there is no text."""
    features = _features(split)
    return [c for c in split.texts if c in features] or features


def _by_chance(split: Split, names: Sequence[str], judged: pl.DataFrame, limit: float) -> bool:
    """Whether chance explains the equal pairs: the sample's estimate, scaled to all rows."""
    from dataguard.stats.chance import chance_pairs
    from dataguard.stats.row_keys import pairs_in

    sample = split.preview.select(split[n].canonical.alias(n) for n in names)
    scale = (split.height / max(1, sample.height)) ** 2
    return chance_pairs(sample) * scale > limit * pairs_in(judged)


def _label(split: Split) -> pl.Expr:
    """The label as a key: null where it is missing, one for all spellings of a class."""
    import polars as pl

    from dataguard.stats.class_names import is_unlabelled, unlabelled_words

    assert split.label is not None
    missing = is_unlabelled(split.label, unlabelled_words(split))
    plain = split.label.canonical.str.replace_all(r"[\s_-]+", " ")
    return pl.when(~missing).then(plain)


def _conflicts(judged: pl.DataFrame) -> pl.DataFrame:
    """The rows of groups with two labels or more (columns row, group), by row.

    Groups are numbered anew, by their first row.
    """
    import polars as pl

    mixed = judged.filter(pl.col("label").n_unique().over("group") > 1)
    first = pl.col("row").min().over("group")
    return mixed.select("row", (first.rank("dense") - 1).alias("group")).sort("row")

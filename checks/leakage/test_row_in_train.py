from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

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
    quoted,
    share,
    together,
    word_count,
)

if TYPE_CHECKING:
    import polars as pl


MOST_GROUPS = 1000
"""Groups of equal rows in which the guessed columns are compared; one that agrees is enough."""


class TestRowInTrain(Check):
    """A row of the test or validation data stands in the training data.

    ## Why is this bad?
    The model has seen the answer. The score on such rows says how well it remembers, not how well
    it generalises, and it looks better than what users will see.

    ## How it works
    Two rows are the same where all columns that both splits share are equal, but the label, the id
    and columns that only number the rows. Case, spacing, the way in which a number or a missing
    value is written do not count, nor whether a reader took a column for numbers or for text.

    Rows of few coarse columns agree by chance (see DUP001); where chance explains more than
    `chance_share` of the pairs, the finding is informative, and where most test rows agree so,
    nothing is said. The finding is a warning, not an error,

    - where such rows are fewer than `few` of all and none is equal to a training row letter by
      letter: whoever dropped exact duplicates left them, and they move the score by less than that;
    - where rows agree only once punctuation is set aside (as in DUP002), or only in their texts;
    - where rows without a text all differ in a column that was only guessed to be the label or
      the id: name it with `--label` or `--id`, and they are an error.

    ## What to do
    Drop the rows from the training data, or split again after dropping duplicates. Then measure
    again: the old score is void.
    """

    __test__ = False  # pytest takes classes named Test… for tests
    code = "LEK001"
    name = "test-row-in-train"
    severity = Severity.ERROR
    needs = (Need.HOLDOUT,)
    chance_share = Option(
        0.2,
        "Share of the equal pairs that chance may explain before they are informative only. The"
        " default is DUP001's.",
        low=0,
    )
    common = Option(
        0.3,
        "Share of the held-out rows from which on rows that agree by chance are not reported at"
        " all. The default is DUP001's.",
        low=0,
        high=1,
    )
    few = Option(
        0.01,
        "Share of the held-out rows below which rows that differ from training rows in case,"
        " spacing or the way a value is written are a warning: they change an accuracy by less"
        " than one point, the 95 % error bar of an accuracy of one half on 10,000 rows.",
        low=0,
        high=1,
    )
    text_words = Option(
        5,
        "Least number of words for texts that agree although other columns differ: shorter ones"
        ' ("I will call you later") are written again by others.',
        low=1,
    )
    bad = (
        Example(
            title="Case, spacing and the id differ",
            train={
                "id": [1, 2, 3],
                "text": ["Where is my card?", "How do I pay?", "Block my card"],
            },
            test={"id": [4, 5], "text": ["where is  my card?", "How long does it take?"]},
            id="id",
            expect=(At("test", row=0),),
        ),
        Example(
            title="One dirty value makes a column text in one file",
            train={
                "length": ["5.10", "4.9", "about 7"],
                "width": [3.5, 3.0, 3.2],
                "height": [1.25, 0.75, 2.5],
            },
            test={"length": [5.1, 6.3], "width": [3.5, 2.5], "height": [1.25, 2.0]},
            expect=(At("test", row=0),),
        ),
        Example(
            title="Punctuation alone differs",
            train={"text": ["Well, where is my card?", "How do I pay?"], "label": [0, 1]},
            test={"text": ["how long does it take?", "Well where is my card"], "label": [1, 0]},
            expect=(At("test", row=1),),
        ),
    )
    good = (
        Example(
            train={"text": ["Where is my card?", "How do I pay?"], "label": [0, 1]},
            test={"text": ["Why was my card refused?"], "label": [0]},
        ),
        Example(
            title="Signs that carry meaning",
            train={"text": ["how do I learn C++ in a week"], "label": [0]},
            test={"text": ["how do I learn C# in a week"], "label": [0]},
        ),
        Example(
            title="Few coarse columns agree by chance",
            train={"sex": ["f", "m"] * 6, "smoker": ["y", "n", "n"] * 4},
            test={"sex": ["f", "m"], "smoker": ["n", "n"]},
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.row_keys import matching, same_rows

        train, looked = data.train, False
        for split in data.holdouts:
            names = _compared(train, split)
            if not names or not train.height or not split.height:
                continue
            looked = True
            groups = await same_rows([train, split], names, matching)
            hits = _held_out(groups, split)
            severity = self._judged(train, split, names, groups)
            if severity is not None and len(hits):
                guessed = _guessed(train, split, names)
                if severity is Severity.ERROR and hits.height < self.few * split.height:
                    raw = await same_rows([train, split], names, _as_written)
                    severity = Severity.ERROR if raw.height else Severity.WARNING
                if severity is Severity.ERROR and guessed:
                    certain = await _agree_in(train, split, groups, guessed)
                    guessed = () if certain else guessed
                yield await self._equal(split, hits, names, severity, guessed)
            known = hits.get_column("row")
            like = hits.clear()
            if _hold_words(train, split, names):
                like = await self._but_for_punctuation(train, split, names, known)
            if like.height:
                told = "differ# from a training row in case, white space or punctuation alone"
                yield await self._found(split, like, names, told, Severity.WARNING)
            known = known.append(like.get_column("row"))
            for finding in await self._by_text(train, split, names, known):
                yield finding
        if not looked:
            raise Skip("the splits share no column to compare rows by")

    def _judged(
        self, train: Split, split: Split, names: list[str], groups: pl.DataFrame
    ) -> Severity | None:
        """Whether rows leaked, or agree by chance; None for what is not worth saying."""
        from dataguard.stats.row_keys import matching

        if groups.is_empty():
            return None
        if not self._by_chance(train, split, names, groups, matching):
            return self.severity
        held_out = groups.filter(split=split.name).height
        return None if held_out >= self.common * split.height else Severity.INFO

    def _by_chance(
        self,
        train: Split,
        split: Split,
        names: list[str],
        groups: pl.DataFrame,
        form: Callable[[Column], pl.Expr],
    ) -> bool:
        """Whether chance explains too many of the pairs that are equal in a normal form."""
        from dataguard.stats.common_rows import expected_by_chance
        from dataguard.stats.row_keys import pairs_across

        expected = expected_by_chance(train, split, names, form)
        return expected > self.chance_share * pairs_across(groups)

    async def _but_for_punctuation(
        self, train: Split, split: Split, names: list[str], known: pl.Series
    ) -> pl.DataFrame:
        """Further held-out rows that agree in normal form; none where chance explains them."""
        from dataguard.stats.row_keys import normalised, same_rows

        groups = _without(await same_rows([train, split], names, normalised), split, known)
        if groups.height and self._by_chance(train, split, names, groups, normalised):
            groups = groups.clear()
        return _held_out(groups, split)

    async def _by_text(
        self, train: Split, split: Split, names: list[str], known: pl.Series
    ) -> list[Finding]:
        """Further rows whose texts alone stand in the training data, in whatever punctuation."""
        import polars as pl

        from dataguard.stats.row_keys import normalised, same_rows
        from dataguard.stats.text_pairs import main_texts

        texts = [c.name for c in main_texts(train) if c.name in names and c.kind is Kind.TEXT]
        if not texts or len(texts) == len(names):
            return []
        groups = await same_rows([train, split], texts, normalised)
        hits = _held_out(_without(groups, split, known), split)
        if hits.is_empty():
            return []
        shown = await split.cells(hits.get_column("row").to_list(), texts)
        words = pl.sum_horizontal(word_count(pl.col(n)) for n in texts)
        hits = hits.filter(shown.select(words).to_series() >= self.text_words)
        if hits.is_empty():
            return []
        told = f"stand# in the training data with the same {quoted(texts)}"
        finding = await self._found(split, hits, texts, told, Severity.WARNING)
        return [replace(finding, columns=tuple(texts))]

    async def _equal(
        self,
        split: Split,
        hits: pl.DataFrame,
        names: list[str],
        severity: Severity,
        guessed: tuple[str, ...],
    ) -> Finding:
        """The finding of rows that agree in all compared columns."""
        told = "stand# in the training data"
        if severity is Severity.INFO:
            told += " too; with so few different values, chance explains that"
        if severity is not Severity.ERROR or not guessed:
            return await self._found(split, hits, names, told, severity)
        told += f", if {quoted(guessed)} do{'es' if len(guessed) == 1 else ''} not count"
        finding = await self._found(split, hits, names, told, Severity.WARNING)
        return replace(finding, confidence=0.8)

    async def _found(
        self, split: Split, hits: pl.DataFrame, names: list[str], told: str, severity: Severity
    ) -> Finding:
        """The finding of some held-out rows; "#" in `told` is the ending of the verb."""
        from dataguard.stats.row_keys import shown_columns

        number = hits.height
        columns = [c for c in shown_columns(split) if c in names] or names[:1]
        shown = await split.cells(hits.head(5).get_column("row").to_list(), columns)
        return self.finding(
            f"{count_of(number, 'row')} of {split.height:,} ({share(number, split.height)})"
            f" {told.replace('#', 's' if number == 1 else '', 1)}",
            split=split,
            rows=hits.get_column("row").to_list(),
            severity=severity,
            groups=hits.get_column("group").to_list(),
            notes=[f"training row {row}" for row in hits.get_column("train").to_list()],
            examples=cells(shown, columns),
            evidence={"compared": names[:100], "training rows": hits["train"].to_list()[:1000]},
            fix="Drop these rows from the training data, or split again without duplicates.",
        )


def _as_written(column: Column) -> pl.Expr:
    """The cell letter by letter."""
    return column.text


def _compared(train: Split, split: Split) -> list[str]:
    """The columns that both splits share, but the label and what numbers the rows."""
    from dataguard.stats.row_keys import contents, numbering

    out = numbering(split) | {c.name for c in train.of_role("label")}
    return [c.name for c in contents(train) if c.name in split and c.name not in out]


def _hold_words(train: Split, split: Split, names: list[str]) -> bool:
    """Whether some column holds strings, in which punctuation may differ."""
    columns = [c for s in (train, split) for c in s.columns if c.name in names]
    return any(c.is_string and c.kind not in (Kind.NUMBER, Kind.DATE) for c in columns)


def _guessed(train: Split, split: Split, names: list[str]) -> tuple[str, ...]:
    """The columns of both splits that are not compared for what we think they are.

    None where texts are compared: rows with one text are copies whatever the other columns are.
    """
    if any(train[name].kind is Kind.TEXT for name in names):
        return ()
    told = {n for info in train.roles.values() if not info.inferred for n in info.columns}
    out = told.union(names)
    return tuple(c.name for c in train.columns if c.name in split and c.name not in out)


async def _agree_in(
    train: Split, split: Split, groups: pl.DataFrame, columns: tuple[str, ...]
) -> bool:
    """Whether some held-out row of the groups agrees with a training row in these columns too."""
    import polars as pl

    from dataguard.stats.row_keys import matching

    first = groups.filter(pl.col("group") < MOST_GROUPS)
    parts = [
        first.filter(split=s.name).select(pl.col("row").alias(ROW), "group") for s in (train, split)
    ]
    queries = [
        s.cells(part.get_column(ROW).to_list(), columns)
        for s, part in zip((train, split), parts, strict=True)
    ]
    frames = await together(queries)
    left, right = (
        frame.join(part, on=ROW).select(
            "group", *(matching(s[n]).alias(f"k{i}") for i, n in enumerate(columns))
        )
        for s, part, frame in zip((train, split), parts, frames, strict=True)
    )
    return left.join(right, on=left.columns, how="semi", nulls_equal=True).height > 0


def _held_out(groups: pl.DataFrame, split: Split) -> pl.DataFrame:
    """The held-out rows: "row", "group" and the first training row of the group, by row."""
    import polars as pl

    train = groups.filter(pl.col("split") != split.name).group_by("group")
    firsts = train.agg(pl.col("row").min().alias("train"))
    mine = groups.filter(pl.col("split") == split.name).select("row", "group")
    return mine.join(firsts, on="group").sort("row")


def _without(groups: pl.DataFrame, split: Split, known: pl.Series) -> pl.DataFrame:
    """The groups that hold a held-out row that is not known yet, without the known ones."""
    import polars as pl

    mine = pl.col("split") == split.name
    left = groups.filter(~(mine & pl.col("row").is_in(known.implode())))
    return left.filter(mine.any().over("group"))

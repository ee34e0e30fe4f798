from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from dataguard.api import (
    ROW,
    At,
    Check,
    Column,
    Dataset,
    Example,
    Finding,
    Need,
    Option,
    Severity,
    Skip,
)

if TYPE_CHECKING:
    import polars as pl

_HALVES = ["ham"] * 40 + ["spam"] * 40
_BLOCKS = (["ham"] * 10 + ["spam"] * 10) * 4
_MIXED = ["ham", "spam", "spam", "ham", "spam", "ham", "ham", "spam"] * 10
_SHUFFLED = [(i * 37) % 80 for i in range(80)]


class OrderPredictsLabel(Check):
    """The id, or the order of the rows, predicts the label.

    ## Why is this bad?
    Ids given out class by class are a copy of the label that every tree finds. Rows sorted by class
    make batches of one class, and a split that does not shuffle puts a class into one part alone.

    ## How it works
    The id (its number, or the letters before the number) and the row number are tried as the only
    feature: does one range hold each class, do neighbours share their class far more often than
    chance has it? An id is a warning; the order of the rows, or a guessed id that only counts the
    rows, is informative, for it goes away when the rows are shuffled. Rows that are sorted by
    class as a whole are SPL006's.

    ## What to do
    Never train on the id. Shuffle the rows before they are split or batched. Where the order is
    time, split by time.
    """

    code = "LEK005"
    name = "order-predicts-label"
    severity = Severity.WARNING
    ordered = True  # its findings are about the order of the rows
    needs = (Need.CLASSES,)
    uses = ("id", "label")
    accuracy = Option(
        0.8,
        "Least balanced accuracy of the worst told class. Random order reaches 0.73 at 50 rows by"
        " chance alone (critical values of Kuiper's statistic), less with more rows.",
        low=0.5,
        high=1,
    )
    agreement = Option(
        0.5,
        "Least agreement of neighbours beyond chance (Cohen's kappa), for classes in blocks. 0.5"
        " means that half of the neighbours follow a rule; in random order 50 rows stay below 0.3.",
        low=0,
        high=1,
    )
    least_rows = Option(50, "Rows below which order proves nothing; see `accuracy`.", low=2)
    bad = (
        Example(
            title="Ids were given out class by class",
            train={"id": _SHUFFLED, "label": [_HALVES[i] for i in _SHUFFLED]},
            id="id",
            label="label",
            expect=(At("train", column="id"),),
        ),
        Example(
            title="Rows stand in blocks of one class",
            train={"size": [float(i % 7) for i in range(80)], "label": _BLOCKS},
            label="label",
            expect=(At("train", column="label"),),
        ),
    )
    good = (
        Example(train={"id": list(range(80)), "label": _MIXED}, id="id", label="label"),
        Example(train={"id": _SHUFFLED, "label": _MIXED}, id="id", label="label"),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        import polars as pl

        from dataguard.stats.leakage import judged_classes
        from dataguard.stats.row_keys import numbering
        from dataguard.stats.sorted_rows import sorted_by_class

        split, label = data.train, data.train.label
        if label is None:
            return
        rows = split.preview
        for group in split.of_role("group"):  # rows of a group share the label and stand together
            rows = rows.unique(group.name, keep="first", maintain_order=True)
        labels = rows.select(label.canonical.alias("y")).to_series()
        classes = judged_classes(labels)
        if rows.height < self.least_rows or not classes:
            raise Skip(f"fewer than {self.least_rows} rows, or two classes with ten rows")
        self.note_sample(rows.height, split.height)
        places = rows.select(pl.col(ROW).cast(pl.Float64)).to_series()
        ids = numbering(split)
        for column in (c for c in split.columns if c.name in ids):
            finding = self._by_id(data, column, rows, labels, classes)
            if finding is not None:
                yield finding
        score, how = self._told(places, labels, classes)
        if score and sorted_by_class(labels.gather(places.arg_sort())) is None:  # SPL006 tells that
            yield self.finding(
                f"The order of the rows predicts the label `{label.name}` ({how})",
                split=split,
                columns=(label.name,),
                severity=Severity.INFO,
                confidence=score,
                evidence={"score": round(score, 4)},
                fix="Shuffle the rows before they are split or batched.",
            )

    def _by_id(
        self,
        data: Dataset,
        column: Column,
        rows: pl.DataFrame,
        labels: pl.Series,
        classes: list[str],
    ) -> Finding | None:
        import polars as pl

        from dataguard.stats.leakage import by_value, same_order

        digits = column.text.str.extract(r"(\d+)\D*$").cast(pl.Float64, strict=False)
        number = rows.select(pl.coalesce(column.number, digits).alias("x")).to_series()
        named = data.roles.get("id")
        given = named is not None and column.name in named.columns and not named.inferred
        counts_rows = same_order(number, rows.get_column(ROW).cast(pl.Float64)).score > 0.99
        if counts_rows and not given:
            return None
        score, how = self._told(number, labels, classes)
        prefix = rows.select(column.text.str.extract(r"^([^\d]+)").alias("x")).to_series()
        by_prefix = by_value(prefix, labels, classes).score
        if by_prefix >= self.accuracy and by_prefix > score:
            score, how = by_prefix, f"its first letters tell {by_prefix:.3g} of each class"
        if not score:
            return None
        return self.finding(
            f"The id `{column.name}` predicts the label `{data.roles['label'].columns[0]}` ({how})",
            split=data.train,
            columns=(column.name,),
            confidence=score,
            evidence={"score": round(score, 4)},
            fix=f"Do not train on `{column.name}`.",
        )

    def _told(self, places: pl.Series, labels: pl.Series, classes: list[str]) -> tuple[float, str]:
        """How well an order tells the class, and in what words; 0 where it does not."""
        from dataguard.stats.leakage import by_range, neighbours_agree

        ranges = by_range(places, labels, classes).score
        if ranges >= self.accuracy:
            return ranges, f"each class has a range, balanced accuracy {ranges:.3g}"
        kappa = neighbours_agree(places, labels)
        if kappa >= self.agreement:
            return kappa, f"neighbours have the same class, kappa {kappa:.2g}"
        return 0.0, ""

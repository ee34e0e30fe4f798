from __future__ import annotations

from collections.abc import AsyncIterator
from math import sqrt
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
    share,
)

if TYPE_CHECKING:
    import polars as pl

LEAST = 0.01
"""Share of the cells that must be missing, and filled in, for a column to be looked at."""

_PAID = ["yes", "no"] * 100
_GAPS = [None if (i % 2 == 0) == (i % 10 > 1) else round(i * 37 % 200 / 7, 2) for i in range(200)]


class MissingnessPredictsLabel(Check):
    """Whether a cell is filled in tells the label, whatever stands in it.

    ## Why is this bad?
    Gaps have reasons. A value that was asked only of customers who had cancelled, or a test that
    was done only on the sick, carries the outcome in its absence. The model learns who filled in
    the form; when the form changes, or the gap is not there yet at prediction, it fails.

    ## How it works
    In a sample of the training data, one row a group, the share of missing cells in each class is
    compared with that in the others. The better of the two balanced accuracies that "missing" gives
    must exceed a limit by three standard errors. Written words for missing ("n/a", "?") count as
    missing. Where gaps give the label away alone (0.95), the column is LEK004's.

    ## What to do
    Ask when and by whom the column is filled in. If that is after the outcome, drop it. If it is
    before, keep the gap as a feature of its own, on purpose, and watch that it stays as it is.
    """

    code = "LEK009"
    name = "missingness-predicts-label"
    severity = Severity.WARNING
    needs = (Need.LABEL, Need.CLASSES)
    uses = ("label",)
    accuracy = Option(
        0.8,
        "Balanced accuracy of missing or not, from which on it is a warning: our own choice; gaps"
        " that say nothing have 0.5.",
        low=0.5,
        high=1,
    )
    slight = Option(0.7, "The same for an info: our own choice.", low=0.5, high=1)
    least_rows = Option(50, "Rows of the sample from which on gaps are judged.", low=10)
    bad = (
        Example(
            train={
                "size": [round(i * 53 % 200 / 9, 2) for i in range(200)],
                "visit": _GAPS,
                "paid": _PAID,
            },
            label="paid",
            expect=(At("train", None, "visit"),),
        ),
    )
    good = (
        Example(
            title="Gaps in both classes alike",
            train={
                "visit": [None if i % 5 == 0 else round(i * 37 % 200 / 7, 2) for i in range(200)],
                "paid": _PAID,
            },
            label="paid",
        ),
        Example(
            title="Gaps that give the label away alone are LEK004's",
            train={
                "visit": [None if i % 2 else round(i * 37 % 200 / 7, 2) for i in range(200)],
                "paid": _PAID,
            },
            label="paid",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        split, label = data.train, data.train.label
        if label is None:
            return
        columns = [c for c in split.features if _has_gaps(split, c)]
        if not columns:
            return
        from dataguard.stats.label_features import one_row_a_group
        from dataguard.stats.leakage import judged_classes

        rows = one_row_a_group(split)
        labels = rows.select(label.canonical.alias("y")).to_series()
        classes = judged_classes(labels)
        if not classes or rows.height < self.least_rows:
            raise Skip(f"fewer than {self.least_rows} rows, or two classes with ten rows")
        self.note_sample(split.preview.height, split.height)
        for column in columns:
            finding = self._judged(data, rows, labels, classes, column)
            if finding is not None:
                yield finding

    def _judged(
        self,
        data: Dataset,
        rows: pl.DataFrame,
        labels: pl.Series,
        classes: list[str],
        column: Column,
    ) -> Finding | None:
        from dataguard.stats.label_features import Limits, telling_rule
        from dataguard.stats.row_keys import matching

        # A text is no word for missing, and costly to bring into normal form.
        form = column.text if column.kind is Kind.TEXT else matching(column)
        missing = rows.select(form.is_null()).to_series()
        if not LEAST <= float(missing.mean() or 0) <= 1 - LEAST:  # type: ignore[arg-type]
            return None
        best = max((_told(missing, labels, c) for c in classes), key=lambda b: b[0] - 3 * b[1])
        accuracy, error, name, inside, outside = best
        if accuracy - 3 * error < self.slight:
            return None
        if telling_rule(rows, column, labels, classes, Limits()) is not None:
            return None
        label = data.roles["label"].columns[0]
        return self.finding(
            f"Whether `{column.name}` is missing tells the label `{label}`: {share(inside, 1)} of"
            f" the rows of `{name[:40]}` have none, {share(outside, 1)} of the others (balanced"
            f" accuracy {accuracy:.2f} ± {error:.2f})",
            split=data.train,
            columns=(column.name,),
            severity=None if accuracy - 3 * error >= self.accuracy else Severity.INFO,
            confidence=accuracy,
            evidence={"class": name[:80], "accuracy": round(accuracy, 4), "error": round(error, 4)},
            fix=f"Find out when `{column.name}` is filled in; if after the outcome, drop it.",
        )


def _has_gaps(split: Split, column: Column) -> bool:
    """Whether the column may have gaps, disguised ones too."""
    return column.kind not in (Kind.EMPTY, Kind.NESTED) and (
        column.missing > 0 or (column.is_string and column.sampled < split.preview.height)
    )


def _told(
    missing: pl.Series, labels: pl.Series, name: str
) -> tuple[float, float, str, float, float]:
    """Balanced accuracy of a class by "missing", its standard error, the class and both shares."""
    mine = missing.filter(labels == name)
    rest = missing.filter((labels != name).fill_null(value=False))
    if not len(mine) or not len(rest):
        return 0.5, 0.5, name, 0.0, 0.0
    shares = [(float(p.sum()) + 1) / (len(p) + 2) for p in (mine, rest)]  # Laplace: never 0 nor 1
    error = 0.5 * sqrt(sum(s * (1 - s) / len(p) for s, p in zip(shares, (mine, rest), strict=True)))
    inside, outside = float(mine.sum()) / len(mine), float(rest.sum()) / len(rest)
    return (1 + abs(inside - outside)) / 2, error, name, inside, outside

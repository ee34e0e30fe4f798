from __future__ import annotations

from collections.abc import AsyncIterator

from dataguard.api import At, Check, Dataset, Example, Finding, Need, Option, Severity, Split

WIDE = tuple(["a", "b"] * 200)


class HoldoutTooSmall(Check):
    """The hold-out has so few rows that a metric measured on it is mostly chance.

    ## Why is this bad?
    On 100 rows a measured accuracy is up to 10 points off by chance alone. Models that differ by
    less cannot be told apart, and early stopping follows noise.

    ## How it works
    For class labels, the error bar is half the 95 % interval of Wilson (1927) for an accuracy,
    at 50 % where it is widest: 5 points take 381 rows. Above 5 points (five hundredths) an info,
    above 10 points (93 rows or fewer) a warning. For other labels the error bar is that of an
    RMSE with normal errors, 1.96 / sqrt(2 (n - 1)) (Ahn and Fessler, 2003): above 10 % an info,
    above 20 % (49 rows or fewer) a warning. Without a label column the first rule gives an info.
    Rows without a label do not count; a split without any label is a set to predict.

    ## What to do
    Hold out more rows. Where the data are small, use cross-validation over all of them and give
    the spread with the mean.
    """

    code = "SPL002"
    name = "holdout-too-small"
    severity = Severity.INFO
    needs = (Need.HOLDOUT,)
    uses = ("label",)
    points = Option(
        0.05, "Half-width of the accuracy's 95 % interval, for an info.", low=0.001, high=0.5
    )
    extreme_points = Option(0.1, "The same for a warning.", low=0.001, high=0.5)
    error = Option(0.1, "Relative half-width of the RMSE's 95 % interval, for an info.", low=0.001)
    extreme_error = Option(0.2, "The same for a warning.", low=0.001)
    bad = (
        Example(
            train={"x": range(400), "y": WIDE},
            test={"x": range(50), "y": WIDE[:50]},
            label="y",
            expect=(At("test"),),
        ),
        Example(
            train={"x": range(400), "y": [i / 7 for i in range(400)]},
            validation={"x": range(9), "y": [i / 3 for i in range(9)]},
            label="y",
            expect=(At("validation"),),
            title="Regression.",
        ),
    )
    good = (
        Example(train={"x": range(400), "y": WIDE}, test={"x": range(400), "y": WIDE}, label="y"),
        Example(
            train={"x": range(400), "y": WIDE},
            test={"x": range(3), "y": [None] * 3},
            label="y",
            title="A set to predict.",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        label = data.train.label
        for split in data.holdouts:
            rows = split.height
            if label is not None:
                rows = split.height - split.label.missing if split.label is not None else 0
            if rows:
                finding = self._judged(split, rows, label is None or label.is_classes)
                if finding is not None:
                    yield finding

    def _judged(self, split: Split, rows: int, classes: bool) -> Finding | None:
        from dataguard.stats import error_bars

        if classes:
            limit, extreme = self.points, self.extreme_points
            width, wanted = (
                error_bars.accuracy_half_width(rows),
                error_bars.rows_for_accuracy(limit),
            )
            told = f"accuracy is uncertain by ±{100 * width:.0f} points"
        else:
            limit, extreme = self.error, self.extreme_error
            width, wanted = error_bars.rmse_half_width(rows), error_bars.rows_for_rmse(limit)
            told = f"RMSE is uncertain by ±{100 * width:.0f} %" if rows > 1 else "nothing is known"
        if width <= limit:
            return None
        unit = "points" if classes else "%"
        kind = ("labelled row" if split.label else "row") + ("" if rows == 1 else "s")
        return self.finding(
            f"{split.name} has {rows:,} {kind}: {told} (95 % interval;"
            f" limit ±{100 * limit:.0f} {unit})",
            split=split,
            evidence={
                "rows": rows,
                "half_width": round(min(width, 10.0), 4),
                "rows_wanted": wanted,
            },
            severity=Severity.WARNING if width > extreme and split.label else None,
            fix=f"Hold out at least {wanted:,} rows, or judge by cross-validation.",
        )

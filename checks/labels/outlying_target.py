from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from dataguard.api import (
    ROW,
    At,
    Check,
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
    share,
    verb,
)

if TYPE_CHECKING:
    import polars as pl

    from dataguard.stats.target_outliers import Residuals

_AREAS = [50 + i * 37 % 101 for i in range(120)]
_YEARS = [1950 + i * 17 % 67 for i in range(120)]
_PRICES = [
    3000 * area + 400 * (year - 1950) + i * 7919 % 9973
    for i, (area, year) in enumerate(zip(_AREAS, _YEARS, strict=True))
]


class OutlyingTarget(Check):
    """A numeric target is far off what the features say.

    ## Why is this bad?
    A price with a zero too many weighs, in a squared loss, more than thousands of right ones: it
    bends the whole fit towards itself, and in the test data it decides the score alone.

    ## How it works
    Each target is predicted by models that saw neither the row nor a copy of it (five folds;
    randomised trees and ridge regression, on the logarithm of a positive target that spans more
    than a factor of 20), a second time without the outliers of the first. Its distance from the
    prediction is divided by the distances usual for rows with such a prediction (1.48 times their
    median). Reported are rows from `score` on that also lie `clear` times beyond the distance that
    99 of 100 rows keep: where large errors thin out slowly, they are the models' own. Targets
    beyond the highest or lowest hundredth of the predictions need ten times the distance, for
    models do not reach further than what they have seen. Nothing is said where the models tell
    little, where a fifth of the targets are one value, or where more than `most` of the rows stand
    out. Past 20,000 rows a sample is judged.

    ## What to do
    Look at the rows: a unit, a decimal point, a missing value written as 0 or 9999. Correct or
    leave out what is wrong; with honest outliers use a robust loss (Huber).
    """

    code = "LAB007"
    name = "outlying-target"
    severity = Severity.WARNING
    fast = False
    needs = (Need.LABEL,)
    uses = ("label",)
    score = Option(
        8.0,
        "Distance from the prediction, in robust standard deviations, from which on a target is"
        " reported. Of normal errors none in 10^15 is that large; our own choice.",
        low=3,
    )
    clear = Option(
        2.0,
        "How many times the 99th percentile of all distances it must be. Our own choice, by real"
        " tables with heavy tails.",
        low=1,
    )
    skill = Option(
        0.3,
        "Share of the median rule's error that the models must remove. Our own choice.",
        low=0,
        high=1,
    )
    most = Option(0.05, "Share of rows above which nothing is said. Our own choice.", low=0, high=1)
    same = Option(
        0.2,
        "Share of targets of one value (mostly 0) above which nothing is said: the others are then"
        " all far off. Our own choice, by real tables.",
        low=0,
        high=1,
    )
    rows = Option(20_000, "Rows judged at most; the default is LAB002's.", low=100)
    least = Option(50, "Rows with a target that are needed. Our own choice.", low=20)
    folds = Option(5, "Folds of the out-of-sample predictions, as LAB002's.", low=2, high=20)
    bad = (
        Example(
            title="A price with a zero too many",
            train={
                "area": _AREAS,
                "year": _YEARS,
                "price": [p * 10 if i == 17 else p for i, p in enumerate(_PRICES)],
            },
            label="price",
            expect=(At("train", row=17, column="price"),),
        ),
    )
    good = (
        Example(train={"area": _AREAS, "year": _YEARS, "price": _PRICES}, label="price"),
        Example(
            title="Features that say nothing",
            train={
                "area": _AREAS,
                "wait": [10 if i == 17 else (i * 7919 % 997) / 997 for i in range(120)],
            },
            label="wait",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.label_judging import predictors, sampled

        label = data.train.label
        if label is None or label.kind is not Kind.NUMBER or label.is_classes:
            raise Skip("the label is no numeric target")
        splits = [s for s in data.splits if s.label is not None and s.label.missing < s.height]
        names = predictors(splits, 1.0)
        samples = await sampled(splits, self.rows, self.least)
        self.note_sample(sum(s.height for s in samples), sum(s.height for s in splits))
        judged, targets = self._judged(data, splits, samples, names)
        chosen = self._chosen(judged)
        first = 0
        for split, sample in zip(splits, samples, strict=True):
            end = first + sample.height
            mine = [i for i in chosen if first <= judged.positions[i] < end]
            if mine:
                yield self._found(split, sample, judged, mine, targets, first)
            first = end

    def _judged(
        self,
        data: Dataset,
        splits: Sequence[Split],
        samples: Sequence[pl.DataFrame],
        names: Sequence[str],
    ) -> tuple[Residuals, pl.Series]:
        import polars as pl

        from dataguard.stats.label_features import gathered
        from dataguard.stats.target_outliers import residuals

        features, _ = gathered(splits, samples, names)
        targets = pl.concat(
            sample.select(split.label.number.alias("y")).get_column("y")
            for split, sample in zip(splits, samples, strict=True)
            if split.label is not None
        )
        if targets.len() - targets.null_count() < self.least:
            raise Skip(f"fewer than {self.least} rows with a target")
        most = int(targets.drop_nulls().value_counts(name="n").get_column("n").sort()[-1])
        if most > self.same * len(targets):
            raise Skip(f"more than {share(self.same, 1)} of the targets are the same value")
        found = residuals(features, targets, folds=self.folds, seed=data.seed)
        if found.skill < self.skill:
            raise Skip(f"the features tell too little of the target (skill {found.skill:.2f})")
        return found, targets

    def _chosen(self, judged: Residuals) -> list[int]:
        """Places of the rows that stand out; none where too many do."""
        import numpy as np

        scores = np.sort(judged.scores)
        # With fewer than 200 rows the 99th percentile would be an outlier itself.
        usual = scores[min(int(0.99 * len(scores)), len(scores) - 1)]
        inner = scores[: max(1, int((1 - self.most) * len(scores)))][-1]
        limit = max(self.score, self.clear * min(usual, 2 * inner))
        places = np.flatnonzero(judged.scores >= limit)
        return places.tolist() if len(places) <= self.most * len(scores) else []

    def _found(
        self,
        split: Split,
        sample: pl.DataFrame,
        judged: Residuals,
        places: Sequence[int],
        targets: pl.Series,
        first: int,
    ) -> Finding:
        assert split.label is not None
        name, numbers = split.label.name, sample.get_column(ROW).to_list()
        ordered = sorted((numbers[judged.positions[i] - first], i) for i in places)
        worst = sorted(ordered, key=lambda pair: -judged.scores[pair[1]])[:5]
        shown = sample[[int(judged.positions[i]) - first for _, i in worst]]
        said = {row: float(judged.predicted[i]) for row, i in ordered}
        (row, place), number = worst[0], len(ordered)
        target = _written(targets[int(judged.positions[place])], 6)
        return self.finding(
            f"{number:,} of {sample.height:,} values in `{name}` ({share(number, sample.height)})"
            f" {verb(number, 'is', 'are')} far off what the features say: {target} where they say"
            f" {_written(said[row], 3)} ({judged.scores[place]:.0f} robust standard deviations,"
            f" limit {self.score:g})",
            split=split,
            rows=[row for row, _ in ordered],
            columns=(name,),
            scores=[round(float(judged.scores[i]), 2) for _, i in ordered],
            notes=[f"expected about {_written(said[row], 3)}" for row, _ in ordered],
            examples=cells(shown, [name]),
            evidence={"skill": round(judged.skill, 3)},
            confidence=0.9,
            fix="Look at the rows: a unit, a decimal point or a missing value written as a number.",
        )


def _written(value: float, digits: int) -> str:
    """A number with so many significant digits, and without an exponent where that is readable."""
    return f"{float(f'{value:.{digits}g}'):,.12g}"

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from dataguard.api import (
    ROW,
    At,
    Check,
    Dataset,
    Derived,
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

    from dataguard.stats.label_noise import Probabilities, Suspect

LEFT_OUT = ("id", "time", "group")
"""Roles whose columns tell nothing about a new row's label."""

WORDS = (
    ("sweet ripe fresh juicy sour", "apple pear plum fig peach", "in a bowl,with cream,for lunch"),
    (
        "steel heavy rusty sharp old",
        "saw axe file vice drill",
        "on the bench,for the wall,with oil",
    ),
)
FRUIT, TOOLS = (
    [f"{a} {b} {c}" for a in first.split() for b in then.split() for c in last.split(",")]
    for first, then, last in WORDS
)


class MislabelledRows(Check):
    """A row's label is probably wrong: all that its features say speaks for another class.

    ## Why is this bad?
    Wrong labels in the training data make the model worse, and in the test data they make the
    measured score wrong: a few per cent can turn round which of two models looks better
    (Northcutt, Athalye and Mueller, 2021).

    ## How it works
    Each row is predicted by classifiers that saw neither it nor a copy of it (five folds). They
    read texts, numbers and categories; id, time and group columns, constant columns and columns
    that give the label away are left out. cleanlab's confident learning then weighs the share of
    wrong labels that the data show against each prediction. The score is the probability that
    the label is wrong; a row is reported from 0.5 on. Past 20,000 rows a sample is judged.
    Spelling variants count as the class that they mean, rows of classes with fewer than five rows
    are not judged, and if the features hardly predict the label at all, the check says so and is
    skipped. The finding is an info where it is little
    to go by: fewer than one row in 200 is suspected (any data have some odd rows), more than one
    in ten (more than in each of ten well-known data sets whose labels were checked by hand,
    Northcutt et al. 2021), or the models fail on many rows that are not suspected.

    ## What to do
    Look at the rows, worst first (`--rows-out rows.csv` writes all of them with their scores),
    and correct the label where you agree. Never correct them unseen: a part of the suspects is
    right and merely unusual.
    """

    code = "LAB002"
    name = "mislabelled-rows"
    severity = Severity.WARNING
    fast = False
    needs = (Need.LABEL, Need.CLASSES)
    uses = ("label",)
    score = Option(
        0.5,
        "Probability of a wrong label from which on a row is reported: likelier wrong than right.",
        low=0.0,
        high=1.0,
    )
    rows = Option(
        20_000, "Rows judged at most; 20,000 texts take about ten seconds on one core.", low=100
    )
    least = Option(20, "Labelled rows needed: four for each of five folds.", low=10)
    folds = Option(
        5, "Folds of the out-of-sample predictions, as cleanlab advises.", low=2, high=20
    )
    leak = Option(
        0.97,
        "Balanced accuracy from which on a column alone gives the label away, as in LEK004.",
        low=0.5,
        high=1.0,
    )
    few = Option(
        0.005,
        "Share of suspects below which the finding is an info. Our own choice: breast_cancer, "
        "which is clean, has 0.4 % of odd rows.",
        low=0.0,
        high=1.0,
    )
    many = Option(
        0.1,
        "Share above which it is an info: QuickDraw, the worst of ten, has 10 %.",
        low=0,
        high=1,
    )
    most = Option(
        0.3,
        "Share above which the check is skipped: the columns then hardly decide the label. "
        "Our own choice, by real tables.",
        low=0.0,
        high=1.0,
    )
    skill = Option(
        0.8,
        "Share of the majority rule's errors that the models must remove on the rows that are not "
        "suspected; below it an info. Our own choice.",
        low=0.0,
        high=1.0,
    )
    bad = (
        Example(
            train={"text": [*FRUIT, *TOOLS], "label": ["tool", *["fruit"] * 74, *["tool"] * 75]},
            label="label",
            text=("text",),
            expect=(At("train", 0, "label"),),
        ),
    )
    good = (
        Example(
            train={"text": [*FRUIT, *TOOLS], "label": [*["fruit"] * 75, *["tool"] * 75]},
            label="label",
            text=("text",),
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        splits = [s for s in data.splits if s.label is not None and s.label.missing < s.height]
        samples = await self._samples(splits)
        found, suspects = await self._judged(data, splits, samples)
        severity = self._severity(found, len(suspects))
        first = 0
        for split, sample in zip(splits, samples, strict=True):
            end = first + sample.height
            judged = sum(first <= position < end for position in found.positions.tolist())
            mine = [(s.position - first, s) for s in suspects if first <= s.position < end]
            if mine:
                yield self._finding(split, sample, mine, judged, severity)
            first = end

    async def _samples(self, splits: Sequence[Split]) -> Sequence[pl.DataFrame]:
        """Of each split as many rows as its share of all."""
        height = sum(s.height for s in splits)
        if height < self.least:
            raise Skip(f"fewer than {self.least} labelled rows")
        sizes = [s.height * self.rows // max(self.rows, height) for s in splits]
        samples = await together([s.sample(n) for s, n in zip(splits, sizes, strict=True)])
        self.note_sample(sum(s.height for s in samples), height)
        return samples

    async def _judged(
        self, data: Dataset, splits: Sequence[Split], samples: Sequence[pl.DataFrame]
    ) -> tuple[Probabilities, Sequence[Suspect]]:
        """What the features say of each label, and the labels that they speak against."""
        from dataguard.stats import label_noise
        from dataguard.stats.class_names import class_counts, spelling_variants
        from dataguard.stats.label_features import gathered

        totals: Counter[str] = Counter()
        for counted in (await Derived(class_counts)).values():
            totals.update(counted)
        variants = spelling_variants(totals)
        features, labels = gathered(splits, samples, self._columns(splits))
        labels = labels.replace({word: v.meant for word, v in variants.items()})
        if labels.len() - labels.null_count() < self.least:
            raise Skip(f"fewer than {self.least} labelled rows")
        found = label_noise.out_of_sample_probabilities(
            features, labels, folds=self.folds, seed=data.seed, max_rows=self.rows
        )
        if found.unusable is not None:
            raise Skip(found.unusable)
        suspects = label_noise.likely_mislabelled(found, labels, least=self.score)
        if len(suspects) > self.most * len(found.positions):
            told = share(len(suspects), len(found.positions))
            raise Skip(f"the features tell too little: they speak against {told} of the labels")
        return found, suspects

    def _columns(self, splits: Sequence[Split]) -> list[str]:
        """Names of the columns to learn from: those of all splits that may tell the label."""
        from dataguard.stats.label_features import Limits, is_prose, telling_columns
        from dataguard.stats.row_keys import contents

        first = splits[0]
        out = {c.name for role in LEFT_OUT for c in first.of_role(role)}
        columns = [
            c
            for c in contents(first)
            if c.name not in out
            and c.kind not in (Kind.EMPTY, Kind.DATE)
            and c.distinct > 1
            and all(c.name in s for s in splits)
            and (c.kind not in (Kind.CODE, Kind.TEXT) or is_prose(first, c))
        ]
        telling = telling_columns(first, columns, Limits(accuracy=self.leak))
        names = [c.name for c in columns if c.name not in telling]
        if not names:
            raise Skip("no column to predict the label from")
        return names

    def _severity(self, found: Probabilities, suspects: int) -> Severity:
        """How much the suspects are to go by."""
        rows = len(found.positions)
        clear = found.accuracy * rows / max(1, rows - suspects)
        skill = (clear - found.majority) / max(1e-9, 1 - found.majority)
        credible = self.few <= suspects / rows <= self.many and skill >= self.skill
        return self.severity if credible else Severity.INFO

    def _finding(
        self,
        split: Split,
        sample: pl.DataFrame,
        suspects: Sequence[tuple[int, Suspect]],
        judged: int,
        severity: Severity,
    ) -> Finding:
        assert split.label is not None
        name = split.label.name
        worst = sample[[place for place, _ in suspects[:5]]]
        shown = next((c.name for c in split.texts if c.name in worst.columns), name)
        numbers = sample.get_column(ROW).to_list()
        ordered = sorted((numbers[place], s) for place, s in suspects)
        verb = "is" if len(ordered) == 1 else "are"
        return self.finding(
            f"{count_of(len(ordered), 'label')} in `{name}`"
            f" ({share(len(ordered), judged)} of {judged:,} judged)"
            f" {verb} probably wrong (score {self.score:g} or more)",
            split=split,
            rows=[row for row, _ in ordered],
            columns=(name,),
            scores=[round(s.score, 4) for _, s in ordered],
            notes=[f"suggested label: {s.suggested}" for _, s in ordered],
            examples=[
                {**example, "note": f"{suspect.given} → {suspect.suggested}"}
                for example, (_, suspect) in zip(cells(worst, [shown]), suspects[:5], strict=True)
            ],
            evidence={
                "judged": judged,
                "suggested": [s.suggested for _, s in suspects[:5]],
                "scores": [round(s.score, 4) for _, s in suspects[:5]],
            },
            severity=severity,
            confidence=round(sum(s.score for _, s in ordered) / len(ordered), 2),
            fix="Look at the rows, highest score first, and correct the label where you agree.",
        )

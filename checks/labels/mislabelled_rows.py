from __future__ import annotations

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
    Need,
    Option,
    Severity,
    Skip,
    Split,
    cells,
    count_of,
    share,
)

if TYPE_CHECKING:
    import polars as pl

    from dataguard.stats.label_judging import Judged
    from dataguard.stats.label_noise import Probabilities, Suspect

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
        from dataguard.stats.label_judging import Judging

        judged = await Derived(Judging(self.rows, self.least, self.folds, self.leak))
        height = sum(s.height for s in data.splits if s in judged.splits)
        self.note_sample(sum(s.height for s in judged.samples), height)
        suspects = self._suspects(judged)
        severity = self._severity(judged.found, len(suspects))
        first = 0
        for split, sample in zip(judged.splits, judged.samples, strict=True):
            end = first + sample.height
            looked = sum(first <= position < end for position in judged.found.positions.tolist())
            mine = [(s.position - first, s) for s in suspects if first <= s.position < end]
            if mine:
                yield self._finding(split, sample, mine, looked, severity)
            first = end

    def _suspects(self, judged: Judged) -> Sequence[Suspect]:
        """The labels that the features speak against."""
        from dataguard.stats import label_noise

        if judged.found.unusable is not None:
            raise Skip(judged.found.unusable)
        suspects = label_noise.likely_mislabelled(judged.found, judged.labels, least=self.score)
        number = len(judged.found.positions)
        if len(suspects) > self.most * number:
            told = share(len(suspects), number)
            raise Skip(f"the features tell too little: they speak against {told} of the labels")
        return suspects

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

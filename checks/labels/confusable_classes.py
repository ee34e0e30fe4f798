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
    Kind,
    Need,
    Option,
    Severity,
    Skip,
    Split,
    cells,
    share,
)

if TYPE_CHECKING:
    from dataguard.stats.confusion import Confusion
    from dataguard.stats.label_judging import Judged

MOST_NUMBERS = 10
"""Different whole numbers up to which they are surely classes; neighbours of more are alike."""

_PLANTS = ["oak", "elm", "fern", "moss"] * 20


def _height(i: int, tall: bool) -> float:
    return round((30 if tall else 1) + i * 37 % 41 / 9, 2)


_HEIGHTS = [_height(i, _PLANTS[i] in ("oak", "elm")) for i in range(80)]
_MOIST = [_height(i * 3 + 1, _PLANTS[i] == "moss") for i in range(80)]


class ConfusableClasses(Check):
    """Two classes look the same to the models, while the others are told apart.

    ## Why is this bad?
    Rows of the two get the one label or the other as if by lot. Either they are one class under two
    names, or the guidelines leave open which is which, or a feature that tells them apart is
    missing. No amount of such data mends it, and the score has a ceiling that looks like a weak
    model.

    ## How it works
    The out-of-sample probabilities of LAB002 are used, fitted once. For each pair of classes with
    15 rows or more the rows of both are put in the order of their odds, and the limit is sought
    that leaves the fewest on the wrong side. A pair is reported where the mean error of its two
    classes is `error` or more, and `times` that of the middle pair: with features that tell no
    class from another, no pair is special. With two classes there is nothing to compare. From
    `lot` on it is a warning. Single wrong labels are LAB002's.

    ## What to do
    Read some rows of both classes side by side. Merge the classes, sharpen the guidelines and label
    these rows again, or add the feature that decides.
    """

    code = "LAB008"
    name = "confusable-classes"
    severity = Severity.WARNING
    fast = False
    needs = (Need.LABEL, Need.CLASSES)
    uses = ("label",)
    error = Option(
        0.25,
        "Least mean error of the two classes: half way from told apart to a lot drawn. Our own"
        " choice.",
        low=0,
        high=0.5,
    )
    lot = Option(
        0.35, "The same for a warning; a lot drawn has 0.5. Our own choice.", low=0, high=0.5
    )
    times = Option(
        3.0, "Times the error of the middle pair that it must be. Our own choice.", low=1
    )
    bad = (
        Example(
            title="Oak and elm differ in nothing that was measured",
            train={"height": _HEIGHTS, "moist": _MOIST, "label": _PLANTS},
            label="label",
            expect=(At("train", column="label"),),
        ),
    )
    good = (
        Example(
            title="All classes are told apart",
            train={
                "height": _HEIGHTS,
                "moist": [_height(i * 3 + 1, _PLANTS[i] in ("moss", "elm")) for i in range(80)],
                "label": _PLANTS,
            },
            label="label",
        ),
        Example(
            title="No class is told from another: the features say nothing",
            train={"height": _MOIST, "label": (_PLANTS[7:] + _PLANTS[:7])[::-1]},
            label="label",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.confusion import confused_pairs
        from dataguard.stats.label_judging import Judging
        from dataguard.stats.label_noise import LEAST_SKILL

        label = data.train.label
        if label is not None and label.kind is Kind.NUMBER and label.distinct > MOST_NUMBERS:
            raise Skip(f"more than {MOST_NUMBERS} different numbers may be measured, not classes")
        judged = await Derived(Judging())
        found = judged.found
        height = sum(s.height for s in data.splits if s in judged.splits)
        self.note_sample(sum(s.height for s in judged.samples), height)
        if len(found.classes) < 3:
            raise Skip("fewer than three classes with enough rows: no pair to compare with others")
        skill = (found.accuracy - found.majority) / max(1e-9, 1 - found.majority)
        if skill < LEAST_SKILL:
            raise Skip(f"the features do not predict the label (accuracy {found.accuracy:.2f})")
        pairs = confused_pairs(found, judged.labels, least=self.error, times=self.times)
        if pairs:
            yield await self._found(judged, pairs)

    async def _found(self, judged: Judged, pairs: Sequence[Confusion]) -> Finding:
        """One finding of all pairs, with the rows of the first split."""
        from dataguard.stats.class_names import named

        split, sample = judged.splits[0], judged.samples[0]
        assert split.label is not None
        worst = pairs[0]
        numbers = sample.get_column(ROW).to_list()
        places = {place for pair in pairs for place in pair.positions if place < len(numbers)}
        rows = sorted(numbers[place] for place in places)
        shown = await split.cells(rows[:5], [_shown(split)])
        more = f"; {len(pairs) - 1} more such pairs" if len(pairs) > 1 else ""
        more = more.removesuffix("s") if len(pairs) == 2 else more
        return self.finding(
            f"{named(worst.one)} and {named(worst.other)} in `{split.label.name}` are hardly told"
            f" apart: {worst.one_as_other:,} of {worst.sizes[0]:,} and {worst.other_as_one:,} of"
            f" {worst.sizes[1]:,} rows look like the other class (mean error"
            f" {share(worst.error, 1)}; middle pair {share(worst.usual, 1)}){more}",
            split=split,
            rows=rows,
            columns=(split.label.name,),
            examples=cells(shown, [_shown(split)]),
            severity=None if worst.error >= self.lot else Severity.INFO,
            confidence=0.9,
            evidence={
                "usual_error": round(worst.usual, 4),
                "pairs": [
                    {
                        "classes": [p.one, p.other],
                        "error": round(p.error, 4),
                        "rows": list(p.sizes),
                        "confused": [p.one_as_other, p.other_as_one],
                    }
                    for p in pairs[:20]
                ],
            },
            fix="Read rows of both classes side by side: merge them, sharpen the guidelines, or add"
            " the feature that decides.",
        )


def _shown(split: Split) -> str:
    """The column that a reader judges a row by."""
    assert split.label is not None
    return split.texts[0].name if split.texts else split.label.name

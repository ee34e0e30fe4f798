from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from dataguard.api import (
    At,
    Check,
    Dataset,
    Derived,
    Example,
    Finding,
    Hits,
    Need,
    Option,
    Severity,
    Split,
    cells,
    count_of,
    share,
    together,
    verb,
)

if TYPE_CHECKING:
    from dataguard.stats.named_label import Naming

_TEXTS = [
    f"the {thing} that I bought {when} {how}"
    for thing in ("kettle", "lamp", "tent", "sofa")
    for when in ("last week", "in May", "for a friend", "on a whim", "too early")
    for how in ("broke at once", "is fine", "leaks", "looks good")
]
_MOODS = ["positive" if "fine" in t or "good" in t else "negative" for t in _TEXTS]


class LabelInText(Check):
    """The text names its own class.

    ## Why is this bad?
    "label: spam" at the end of a mail, "[positive]" in front of a review: the model learns to read
    the answer off and nothing else. The texts that it will meet have no such mark.

    ## How it works
    In a sample of the training data, each text is searched for the name of its class as a whole
    word: behind a mark ("label:", the label column's name, "__label__", in brackets at the
    beginning or the end), in at least five texts and `least` of all; or anywhere, if more than half
    of the texts hold it and the classes have names. Nine of ten texts that name a class so must
    name their own. Where the sample of 10,000 rows shows it, all rows are searched. Other words
    that give a class away are LEK004's, which then does not repeat this one.

    ## What to do
    Cut the mark out of the texts, in all splits alike, and train again: the old score is void.
    """

    code = "LEK010"
    name = "label-in-text"
    severity = Severity.WARNING
    needs = (Need.LABEL, Need.CLASSES, Need.TEXT)
    uses = ("label",)
    least = Option(
        0.005,
        "Least share of the rows whose text names their class, marked as such: our own choice; such"
        " marks are no chance, but a few quotations may be.",
        low=0,
        high=1,
    )
    bad = (
        Example(
            train={
                "text": [f"{t} sentiment: {m}" for t, m in zip(_TEXTS, _MOODS, strict=True)],
                "label": _MOODS,
            },
            label="label",
            text=("text",),
            expect=tuple(At("train", row, "text") for row in range(80)),
        ),
        Example(
            title="In brackets, in some rows",
            train={
                "text": [
                    f"[{m.upper()}] {t}" if i % 8 == 0 else t
                    for i, (t, m) in enumerate(zip(_TEXTS, _MOODS, strict=True))
                ],
                "label": _MOODS,
            },
            label="label",
            text=("text",),
            expect=tuple(At("train", row, "text") for row in range(0, 80, 8)),
        ),
    )
    good = (
        Example(train={"text": _TEXTS, "label": _MOODS}, label="label", text=("text",)),
        Example(
            title="Classes are spoken of",
            train={
                "text": [f"{t} and sport" if i % 3 else t for i, t in enumerate(_TEXTS)],
                "topic": ["sport", "home"] * 40,
            },
            label="topic",
            text=("text",),
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.named_label import names_own_class, namings

        found = await Derived(namings)
        if not found or data.train.label is None:
            return
        places = [
            (split, name)
            for split in data.splits
            if split.label is not None
            for name in found
            if name in split
        ]
        hits = await together(
            [s.rows(names_own_class(s, s[n], found[n]), (n,), limit=5) for s, n in places]
        )
        for (split, name), hit in zip(places, hits, strict=True):
            if hit.count and hit.count >= self.least * split.height:
                yield self._found(split, name, found[name], hit)

    def _found(self, split: Split, name: str, how: Naming, hit: Hits) -> Finding:
        assert split.label is not None
        number = hit.count
        mark = ", marked as such" if how.marked else ""
        return self.finding(
            f"{count_of(number, 'text')} of {split.height:,} ({share(number, split.height)}) in"
            f" `{name}` {verb(number, 'names its', 'name their')} own class of"
            f" `{split.label.name}`{mark}",
            split=split,
            rows=list(hit.rows),
            columns=(name,),
            confidence=round(how.rows / (how.rows + how.others), 4),
            examples=cells(hit.cells, [name]),
            evidence={"marked": how.marked, "sample": {"own": how.rows, "other": how.others}},
            fix=f"Cut the label out of `{name}`, in all splits alike.",
        )

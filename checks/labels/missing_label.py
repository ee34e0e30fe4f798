from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from dataguard.api import (
    At,
    Check,
    Dataset,
    Example,
    Finding,
    Need,
    Option,
    Severity,
    Skip,
    Split,
    cells,
    share,
    together,
)

if TYPE_CHECKING:
    import polars as pl

ANSWERS = ("yes", "no") * 4
MANY = ("a", "b") * 10


class MissingLabel(Check):
    """A row has no label, or a word that stands for "no label".

    ## Why is this bad?
    Most training code fails on a missing label or drops the row without a word. A written one
    ("N/A", "?") is worse: it becomes a class of its own, and the model learns to predict it.

    ## How it works
    A label is missing where the cell is null, NaN or blank, or holds a word that stands for
    missing: `n/a`, `nan`, `null`, `?` and their like (most of them are what pandas reads as NaN).
    Words that are names of real classes as well (`none`, `unknown`, `-`) count only where they
    are rare: in fewer than 5 % of the rows and in fewer than half the rows of the middle class
    (`none` only beside labels that are surely missing). If such words are all that is found, the
    finding is a warning. A split without any label is a set
    to predict, and nothing is said of it. Where most rows have none, the data are probably
    labelled in part on purpose: the finding is a warning too.

    ## What to do
    Label the rows, or leave them out: `df = df.dropna(subset=["label"])`.
    """

    code = "LAB001"
    name = "missing-label"
    severity = Severity.ERROR
    needs = (Need.LABEL,)
    uses = ("label",)
    partly = Option(
        0.5,
        "Share of missing labels above which the data are taken as labelled in part on purpose. "
        "Our own choice: the larger part decides.",
        low=0.0,
        high=1.0,
    )
    bad = (
        Example(
            train={"text": [*"abcdefgh", "i"], "label": [*ANSWERS, None]},
            label="label",
            expect=(At("train", row=8, column="label"),),
        ),
        Example(
            train=b"x,label\n1,yes\n2,no\n3,N/A\n4,yes\n5,no\n6,?\n7,yes\n8, \n9,no\n",
            label="label",
            expect=tuple(At("train", row=r, column="label") for r in (2, 5, 7)),
            title="Words that stand for missing.",
        ),
        Example(
            train={"x": range(21), "label": [*MANY, "unknown"]},
            label="label",
            expect=(At("train", row=20, column="label"),),
            title="A rare `unknown` beside common classes.",
        ),
    )
    good = (
        Example(train={"text": list("abcdefgh"), "label": ANSWERS}, label="label"),
        Example(
            train={"x": range(9), "label": ["none", "mild", "severe"] * 3},
            label="label",
            title="A class that is called none.",
        ),
        Example(
            train={"x": range(8), "label": ["+", "-"] * 4},
            label="label",
            title="Classes that are called plus and minus.",
        ),
        Example(
            train={"x": range(8), "label": ANSWERS},
            test={"x": range(3), "label": [None, None, None]},
            label="label",
            title="A test set without labels is there to be predicted.",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.class_names import is_unlabelled, unlabelled_words

        splits = [s for s in data.splits if s.label is not None and s.label.missing < s.height]
        if not splits:
            raise Skip("the label column is empty")
        queries = []
        for split in splits:
            assert split.label is not None
            where = is_unlabelled(split.label, unlabelled_words(split))
            queries.append(split.rows(where, (split.label.name,), limit=split.height))
        for split, hits in zip(splits, await together(queries), strict=True):
            if 0 < hits.count < split.height:
                yield self._finding(split, list(hits.rows), hits.cells)

    def _finding(self, split: Split, rows: list[int], found: pl.DataFrame) -> Finding:
        from dataguard.stats.class_names import MAYBE_CLASSES, named

        assert split.label is not None
        name = split.label.name
        spelt = found.select(split.label.text.str.strip_chars().alias("word"))["word"]
        words = {w: int(n) for w, n in spelt.value_counts().iter_rows() if w}
        words = dict(sorted(words.items(), key=lambda pair: (-pair[1], pair[0])))
        maybe = all(w.lower() in MAYBE_CLASSES for w in words) and sum(words.values()) == len(rows)
        missing = len(rows) / split.height
        written = ", ".join(named(w) for w in list(words)[:5])
        of, verb = share(len(rows), split.height), "is" if len(rows) == 1 else "are"
        return self.finding(
            f"{len(rows):,} of {split.height:,} labels in `{name}` ({of}) {verb} missing"
            + (f", written as {written}" if written else ""),
            split=split,
            rows=rows,
            columns=(name,),
            examples=cells(found, [name]),
            evidence={"words": words, "share": round(missing, 6)},
            severity=Severity.WARNING if maybe or missing > self.partly else Severity.ERROR,
            confidence=0.7 if maybe else 1.0,
            fix=f'Label these rows or leave them out: `df.dropna(subset=["{name}"])`.',
        )

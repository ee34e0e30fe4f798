from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING

from dataguard.api import (
    At,
    Check,
    Dataset,
    Derived,
    Example,
    Finding,
    Need,
    Severity,
    Split,
    cells,
    together,
)

if TYPE_CHECKING:
    from dataguard.stats.class_names import Variant

MANY = ["positive", "negative"] * 20


class LabelSpellingVariants(Check):
    """One class is spelt in several ways.

    ## Why is this bad?
    A model takes each spelling for a class of its own: "Positive" and "positive " share no
    example, the rare spelling is hardly learnt, and scores are worse than they should be.

    ## How it works
    Two spellings are surely one class where they differ only in case, in spaces, hyphens and
    underscores between words, in surrounding quotes or in full stops at the end. Signs that tell
    classes apart ("A+", "A-", "C++") count. Besides, a spelling is guessed to be a typo where one
    letter was left out, added, replaced or swapped, in a word of five or more letters, at its
    first or last letter only where no other word can come of it ("egative", but not "typical" of
    "atypical" or "class b" of "class a"), and the right spelling is
    at least twenty times as frequent (a choice of ours: on 400 public tables it brings
    no false alarm). Numbers are left alone.

    ## What to do
    Write each class in one way: `df["label"] = df["label"].str.strip().str.lower()`, and map what
    is left by hand.
    """

    code = "LAB004"
    name = "label-spelling-variants"
    severity = Severity.WARNING
    needs = (Need.LABEL, Need.CLASSES)
    uses = ("label",)
    bad = (
        Example(
            train={"x": range(7), "label": ["yes", "no", "yes", "no", "yes", "Yes", "no "]},
            label="label",
            expect=(At("train", 5, "label"), At("train", 6, "label")),
        ),
        Example(
            train={"x": range(41), "label": [*MANY, "postive"]},
            label="label",
            expect=(At("train", 40, "label"),),
            title="A letter is missing.",
        ),
        Example(
            train={"x": range(6), "label": ["not spam", "spam"] * 3},
            test={"x": range(2), "label": ["not_spam", "spam"]},
            label="label",
            expect=(At("test", 0, "label"),),
            title="Another spelling in another split.",
        ),
    )
    good = (
        Example(train={"x": range(40), "label": MANY}, label="label"),
        Example(
            train={"x": range(42), "label": [*["typical", "class a"] * 20, "atypical", "class b"]},
            label="label",
            title="Rare classes whose names are close to those of common ones.",
        ),
        Example(
            train={"x": range(8), "label": ["A+", "A-", "A", "B"] * 2},
            label="label",
            title="Grades.",
        ),
        Example(
            train={"x": range(8), "label": ["AA", "Aa", "aa", "Aa"] * 2},
            label="label",
            title="Genotypes, where case has a meaning.",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.class_names import class_counts, spelling_variants

        counted = await Derived(class_counts)
        totals: dict[str, int] = {}
        for labels in counted.values():
            for word, number in labels.items():
                totals[word] = totals.get(word, 0) + number
        variants = spelling_variants(totals)
        for certain in (True, False):
            chosen = {w: v for w, v in variants.items() if v.certain is certain}
            splits = [s for s in data.splits if set(counted.get(s.name, ())) & set(chosen)]
            for finding in await self._findings(splits, chosen) if splits else ():
                yield finding

    async def _findings(
        self, splits: list[Split], variants: Mapping[str, Variant]
    ) -> list[Finding]:
        from dataguard.stats.class_names import named

        queries = []
        for split in splits:
            assert split.label is not None
            where = split.label.text.is_in(sorted(variants))
            queries.append(split.rows(where, (split.label.name,), limit=split.height))
        certain = all(v.certain for v in variants.values())
        found = []
        for split, hits in zip(splits, await together(queries), strict=True):
            assert split.label is not None
            name = split.label.name
            words = hits.cells.select(split.label.text.alias("word"))["word"].to_list()
            pairs = sorted({(w, variants[w].meant) for w in words})
            shown = ", ".join(f"{named(w)} for {named(meant)}" for w, meant in pairs[:3])
            more = f" and {len(pairs) - 3:,} more" if len(pairs) > 3 else ""
            kind = "spelt differently" if certain else "spelt almost alike"
            verb = "is" if len(words) == 1 else "are"
            found.append(
                self.finding(
                    f"{len(words):,} of {split.height:,} labels in `{name}` {verb} {kind}:"
                    f" {shown}{more}",
                    split=split,
                    rows=list(hits.rows),
                    columns=(name,),
                    examples=cells(hits.cells, [name]),
                    evidence={"variants": dict(pairs[:50])},
                    notes=[f"did you mean {variants[w].meant!r}?" for w in words],
                    confidence=1.0 if certain else 0.7,
                    fix=f"Write each class of `{name}` in one way, before training.",
                )
            )
        return found

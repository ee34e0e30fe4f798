"""FMT024: texts of a length far from all others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from math import isfinite

from dataguard.api import (
    DISGUISED_MISSING,
    At,
    Check,
    Column,
    Dataset,
    Example,
    Finding,
    Kind,
    Option,
    Severity,
    Split,
    cells,
    share,
    verb,
)

WORDLESS = r"""^[\s.,;!?…·'"“”‘’«»_~-]*[.,;!?…·'"“”‘’«»_~-][\s.,;!?…·'"“”‘’«»_~-]*$"""
"""Nothing but punctuation; emoji, `:-)`, `***` and `[]` say something."""

SIDES = tuple(f"{place} was {how} this year" for place in ("rent", "food", "the weather here",
    "the way to work", "school") for how in ("dear", "better than last time", "a surprise", "bad",
    "as good as ever"))  # fmt: skip


class TextLengthOutlier(Check):
    """A text is far longer than all others of its column, or has no word in it.

    ## Why is this bad?
    One text of a hundred thousand characters fills a batch, or is cut to a model's window and
    loses most of what its label speaks of. It is often several records in one, or a file pasted
    in. A text without a word (`!!!`) has a label that nothing in it explains.

    ## How it works
    Lengths are compared by their logarithms, as texts differ by factors: a text is reported whose
    length is many deviations above the median, by the median absolute deviation, and many times
    the median (Iglewicz and Hoaglin 1993). Long texts are `info`: they may be meant. Texts of
    nothing but punctuation are warnings; emoji count as words. What is usual is judged by a sample
    of 10,000 rows.

    ## What to do
    Look at the longest first. Split what is several records; cut on purpose, where the window
    ends. Leave texts without a word out of training.
    """

    code = "FMT024"
    name = "text-length-outlier"
    severity = Severity.WARNING
    deviations = Option(
        6.0,
        "Robust deviations above the median, of logarithms (judged: 3.5 is usual for one look at "
        "normal data; texts have longer tails).",
        low=1.0,
    )
    times = Option(
        10.0, "How many times the median a text must be as long, at the least (judged).", low=1.0
    )
    shortest = Option(
        1000, "Characters that a text must have to be called very long (judged).", low=1
    )
    bad = (
        Example(
            train={"text": [*SIDES[:12], "rent was dear this year. " * 99, *SIDES[12:], "!?!"]},
            expect=(At(row=12), At(row=26)),
        ),
    )
    good = (
        Example(train={"text": [*SIDES, "👍", "so good", "the weather here was bad " * 9]}),
        Example(train={"text": [side * (1 + i * i // 5) for i, side in enumerate(SIDES)]}),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        import polars as pl

        from dataguard.stats.traces import Asked, search

        asked = []
        limits: dict[int, float] = {}
        for split in data.splits:
            for column in split.of_kind(Kind.TEXT):
                if not column.is_string:
                    continue
                text = pl.col(column.name)
                short = pl.when(text.str.len_bytes().is_between(1, 40)).then(text)
                missing = text.str.strip_chars().is_in(DISGUISED_MISSING)  # told by FMT004
                asked.append(Asked(split, column, short.str.contains(WORDLESS) & ~missing))
                limit = self._limit(split, column)
                if isfinite(limit):
                    asked.append(Asked(split, column, text.str.len_chars() > limit))
                    limits[id(asked[-1])] = limit
        for one in await search(asked, 5):
            name, count = one.column.name, one.hits.count
            limit = limits.get(id(one.asked), 0.0)
            what = verb(count, "holds no word", "hold no word")
            if limit:
                what = (
                    f"{verb(count, 'is', 'are')} longer than {limit:,.0f} characters, far from all "
                    "others"
                )
            yield self.finding(
                f"{count:,} of {one.filled:,} values ({share(count, one.filled)}) in `{name}` "
                f"{what}",
                split=one.split,
                rows=one.hits.rows,
                columns=(name,),
                examples=cells(one.hits.cells, (name,)),
                evidence={"limit": round(limit)} if limit else {},
                severity=Severity.INFO if limit else None,
                confidence=0.8,
                fix="Look at the longest: split what is several records, or cut it on purpose."
                if limit
                else "Leave these rows out, or mend the text.",
            )

    def _limit(self, split: Split, column: Column) -> float:
        from dataguard.stats.text_lengths import far_lengths

        lengths = split.preview[column.name].drop_nulls().str.len_chars()
        limit = far_lengths(lengths, deviations=self.deviations, times=self.times)
        return max(limit, float(self.shortest))

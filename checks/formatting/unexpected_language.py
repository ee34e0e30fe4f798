"""FMT023: texts in another language than the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from dataguard.api import (
    ROW,
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
    quoted,
    share,
    verb,
)

if TYPE_CHECKING:
    import polars as pl

    from dataguard.stats.languages import Tongue
    from dataguard.stats.traces import Flagged


class UnexpectedLanguage(Check):
    """A text is in another language, or another script, than the others of its column.

    ## Why is this bad?
    A model of English sees a few German texts as noise; if their labels lean one way, it learns to
    tell the language instead of the class. Often they are what a filter or a join let through.

    ## How it works
    What language a column is in is told by the script and by the commonest words (the, and, of …)
    of twenty-one languages; columns of several languages are left alone. A text is reported that
    is mostly of another script, or long enough, without any word that is the column's language's
    alone, and with several of another's. Names and loanwords are too few to count. No model is
    used. Judged by a sample of 10,000 rows; where the sample shows some, all rows are searched.

    ## What to do
    Translate these texts, leave them out, or say in the card of the data set that it is of several
    languages, and judge the model on each.
    """

    code = "FMT023"
    name = "unexpected-language"
    severity = Severity.WARNING
    least = Option(
        6, "Words that a text of the column's own script must have to be told (judged).", low=3
    )
    clear = Option(
        0.8,
        "Share of a column's texts that must be in one language, for the others to be unexpected "
        "(judged).",
        low=0.5,
        high=1.0,
    )
    verify = Option(
        20_000,
        "Suspect texts of a column that are looked at one by one; those beyond are not reported "
        "(about a second's work, measured).",
        low=100,
    )
    bad = (
        Example(
            train={
                "text": [
                    "The room was clean and the staff were very kind to us",
                    "We had to wait for an hour because the kitchen was closed",
                    "Das Zimmer war sehr sauber und das Personal war nett zu uns",
                    "It is a nice place but the breakfast was not what we had hoped for",
                    "Номер был чистый, а персонал очень внимательный",
                    "You can walk to the beach from this hotel in ten minutes",
                    "They have a pool which is open for all of the guests",
                    "I would not go there again because of the noise at night",
                    "Our children did like the playground and the small zoo",
                    "What can I say about it that has not been said before",
                ]
            },
            expect=(At(row=2), At(row=4)),
        ),
    )
    good = (
        Example(
            train={
                "text": [
                    "The film La vita è bella was on and we all liked it",
                    "We had a café au lait and a crème brûlée in the old town",
                    "It was near the Rue de la Paix, which is not far from here",
                    "Fast delivery, great price, five stars",
                    "The word Москва is on the sign and you can read it from far away",
                    "This is what they said about the Berliner Morgenpost and its staff",
                ]
            }
        ),
        Example(
            train={
                "text": [
                    "The room was clean and the staff were very kind",
                    "Das Zimmer war sauber und das Personal war sehr nett",
                    "La chambre était propre et le personnel est très aimable",
                ]
                * 3
            },
            title="a column of several languages",
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.languages import LOOKED_AT, tongue_of_column
        from dataguard.stats.traces import Asked, search

        asked: list[Asked] = []
        tongues: dict[int, Tongue] = {}
        for split in data.splits:
            for column in split.of_kind(Kind.TEXT):
                if not column.is_string:
                    continue
                texts = split.preview[column.name].drop_nulls().head(LOOKED_AT).to_list()
                own = tongue_of_column(texts, self.clear)
                if own is not None and self._shows(split, column, own):
                    asked.append(Asked(split, column, _suspect(column, own)))
                    tongues[id(asked[-1])] = own
        for one in await search(asked, self.verify):
            finding = self._told(one, tongues[id(one.asked)])
            if finding is not None:
                yield finding

    def _shows(self, split: Split, column: Column, own: Tongue) -> bool:
        """Whether the sample holds a text in another language, and not too many."""
        from dataguard.stats.languages import foreign_to

        suspects = split.preview.filter(_suspect(column, own))[column.name].to_list()
        count = sum(foreign_to(text, own, self.least) is not None for text in suspects)
        return count > 0 and len(split.preview) - count >= self.clear * len(split.preview)

    def _told(self, one: Flagged, own: Tongue) -> Finding | None:
        import polars as pl

        from dataguard.stats.languages import foreign_to

        name = one.column.name
        judged = [(row, foreign_to(text, own, self.least)) for row, text in one.hits.cells.rows()]
        found = {row: str(tongue) for row, tongue in judged if tongue is not None}
        if not found:
            return None
        counted = sorted(Counter(found.values()).items(), key=lambda pair: (-pair[1], pair[0]))
        bad = one.hits.cells.filter(pl.col(ROW).is_in(list(found)))
        count = len(found)
        return self.finding(
            f"{count:,} of {one.filled:,} values ({share(count, one.filled)}) in `{name}` "
            f"{verb(count, 'is', 'are')} not in {own} as the others: "
            f"{quoted([f'{tongue} {n:,}' for tongue, n in counted], 3)}",
            split=one.split,
            rows=list(found),
            columns=(name,),
            examples=cells(bad, (name,)),
            evidence={"own": str(own), "others": dict(counted)},
            notes=list(found.values()),
            confidence=0.9,
            fix="Translate them, leave them out, or judge the model on each language.",
        )


def _suspect(column: Column, own: Tongue) -> pl.Expr:
    """The texts that may be in another language: a cheap test that lets few through."""
    import polars as pl

    from dataguard.stats.languages import suspect_pattern

    words, letters = suspect_pattern(own)
    text = pl.col(column.name)
    wide = text.str.len_bytes() != text.str.len_chars()
    foreign = pl.when(wide).then(text) if own.script == "Latin" else text
    strange = (foreign.str.count_matches(letters) >= 5).fill_null(value=False)
    return (~text.str.contains(words) | strange) if words else strange

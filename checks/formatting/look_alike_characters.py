"""FMT010: look-alike characters."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
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
    Option,
    Severity,
    cells,
    share,
    verb,
)

if TYPE_CHECKING:
    from dataguard.stats.traces import Flagged


class LookAlikeCharacters(Check):
    """A character looks like another: a Cyrillic "а" in "Раris", a full-width "Ａ".

    ## Why is this bad?
    What looks like one value is two: two categories, two join keys, two tokens. In texts such
    letters are also used to get past filters, so a model that is to find spam never sees the word.

    ## How it works
    A value is flagged where a word mixes Latin with Greek or Cyrillic letters that look alike; is
    all of Cyrillic look-alikes in a column without Cyrillic words; has full-width characters in a
    column without Chinese, Japanese or Korean; letters of fancy fonts (𝐁𝐨𝐥𝐝) or ligatures (ﬁ).
    Accents kept apart from their letters are flagged where others are written as one. In codes and
    categories so are dashes and apostrophes that make a second spelling of a value. `μm`,
    `α-tocopherol` and dashes in prose are left alone. Judged by a sample of 10,000 rows; where the
    sample shows some, all rows are searched.

    ## What to do
    `unicodedata.normalize("NFKC", text)` mends wide forms, fonts, ligatures and accents. Letters
    of another script need a table of look-alikes; the note of each row shows how it should read.
    """

    code = "FMT010"
    name = "look-alike-characters"
    severity = Severity.WARNING
    verify = Option(
        20_000,
        "Suspect cells of a column that are looked at one by one; what lies beyond is taken as "
        "suspected, if nearly all of these were confirmed (about a second's work, measured).",
        low=100,
    )
    bad = (
        Example(
            train={
                "city": [
                    "Paris",
                    "Р\u0430ris",
                    "Lima",
                    "Lim\u0430",
                    "Quito",
                    "Ｌｉｍａ",
                    "СОР",
                ],
                "part": ["A-12", "A-13", "B\u201312", "B-12", "C-11", "A-15", "D-19"],
                "note": ["a \ufb01ne day", "𝐁𝐮𝐲 now", "café", "cafe\u0301", "5 μm", "Zoë", "–"],
            },
            expect=(
                At(row=1, column="city"),
                At(row=3, column="city"),
                At(row=5, column="city"),
                At(row=6, column="city"),
                At(row=2, column="part"),
                At(row=0, column="note"),
                At(row=1, column="note"),
                At(row=3, column="note"),
            ),
        ),
    )
    good = (
        Example(
            train={
                "text": [
                    "Москва и USB-кабель, SMSка, IT",
                    "β-carotene, μg, Δt, Kα, ΔH and 5 kΩ",
                    "東京ＡＢＣ！",
                    "Αθήνα και New York",
                    "naïve – “quoted” — don’t",
                    "Tiếng Việt Ωmega",
                ]
            }
        ),
        Example(
            train={"range": ["10–20", "20–30", "30–40", "10–20"], "unit": ["μm", "µm", "Ω", "Å"]}
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        import polars as pl

        from dataguard.stats import look_alikes as looks
        from dataguard.stats.traces import Asked, column_traces, search

        traces = await Derived(column_traces)
        asked = []
        for split in data.splits:
            for column in split.columns:
                seen = traces.get((split.name, column.name))
                if seen is None or seen.ascii or column.kind is Kind.NUMBER:
                    continue
                if seen.western and column.kind is Kind.TEXT:
                    continue
                text = pl.col(column.name)
                forms = [looks.MIXED, looks.FOREIGN, looks.STRANGE, looks.DECOMPOSED]
                if column.kind in (Kind.CATEGORY, Kind.CODE):
                    forms += [looks.DASHES, looks.QUOTES]
                foreign = pl.when(text.str.len_bytes() != text.str.len_chars()).then(text)
                asked.append(Asked(split, column, foreign.str.contains("|".join(forms))))
        for one in await search(asked, self.verify):
            finding = self._told(one)
            if finding is not None:
                yield finding

    def _told(self, one: Flagged) -> Finding | None:
        import polars as pl

        from dataguard.stats import look_alikes as looks

        column, hits, name = one.column, one.hits, one.column.name
        sample = one.split.preview[name].drop_nulls().unique(maintain_order=True)
        usual = looks.usual(sample.to_list(), codes=column.kind in (Kind.CATEGORY, Kind.CODE))
        mended = {cell: looks.plain(cell, usual) for cell in hits.cells[name].unique()}
        changed = [cell for cell, better in mended.items() if better != cell]
        bad = hits.cells.filter(pl.col(name).is_in(changed))
        rows, beyond = bad[ROW].to_list(), hits.rows[len(hits.cells) :]
        if not rows:
            return None
        written = bad[name].to_list()
        notes = [f"reads {mended[cell][:80]!r}" for cell in written]
        if beyond and len(rows) >= 0.9 * len(hits.cells):
            rows, notes = [*rows, *beyond], []
        counted = Counter(looks.named(cell, mended[cell]) for cell in written)
        most = min(counted, key=lambda character: (-counted[character], character))
        return self.finding(
            f"{len(rows):,} of {one.filled:,} values ({share(len(rows), one.filled)}) in "
            f"`{name}` {verb(len(rows), 'has', 'have')} characters that look like others, as "
            f"{most}",
            split=one.split,
            rows=rows,
            columns=(name,),
            examples=cells(bad, (name,)),
            evidence={"characters": dict(sorted(counted.items()))},
            notes=notes,
            fix="Apply `unicodedata.normalize('NFKC', text)`, and put letters of one script.",
        )

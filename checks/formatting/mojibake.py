"""FMT005: mojibake."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from dataguard.api import (
    ROW,
    At,
    Check,
    Column,
    Dataset,
    Derived,
    Example,
    Finding,
    Hits,
    Option,
    Severity,
    Split,
    cells,
    share,
    together,
    verb,
)


class Mojibake(Check):
    """Text was decoded with the wrong encoding: "cafÃ©" for "café".

    ## Why is this bad?
    The same word comes in two spellings, tokenisers break it into pieces that they have never
    seen, and a model that generates text learns to write the damage.

    ## How it works
    Cells outside ASCII are searched for pairs of characters that UTF-8 gives when it is read as
    Latin-1, Windows-1251/1252 or a DOS or Mac code page. ftfy then tries to undo the damage; a
    cell that it mends is reported. The replacement character U+FFFD is reported as such: what
    stood there is lost.

    ## What to do
    Read the source again as UTF-8; where it is gone, `ftfy.fix_encoding` restores most of it.
    """

    code = "FMT005"
    name = "mojibake"
    severity = Severity.WARNING
    verify = Option(
        50_000,
        "Suspect cells of a column that are verified; what lies beyond is taken as suspected, "
        "if nearly all of these were confirmed. About a second's work (measured).",
        low=100,
    )
    bad = (
        Example(
            train={
                "city": ["Bogotá", "BogotÃ¡", "MÃ¼nchen", "Lima", "M\ufffdlaga"],
                "note": ["Ã…berg", "donâ€™t", "“fine”", "ÐÐµÑ, ÑÐ¿Ð°ÑÐ¸Ð±Ð¾", "fine"],
            },
            expect=(
                At(row=1, column="city"),
                At(row=2, column="city"),
                At(row=4, column="city"),
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
                    "SÃO PAULO",
                    "AMANHÃ… NÃO É MAÇÃ",
                    "Ça va, Zoë?",
                    "Привет, Россия",
                    "½ “x” © ®™",
                ],
                "more": [
                    "Tiếng Việt rất đẹp",
                    "Ångström Æsir",
                    "naïve—café…",
                    "東京 ¥100",
                    "👩‍👩‍👧 ok",
                ],
            }
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        import polars as pl

        from dataguard.stats.mojibake import SUSPECT
        from dataguard.stats.odd_text import is_odd
        from dataguard.stats.traces import column_traces

        traces = await Derived(column_traces)
        pairs = [
            (split, column)
            for split in data.splits
            for column in split.columns
            if (seen := traces.get((split.name, column.name))) is not None
            and not (split.is_small and seen.ascii)
        ]
        asked = []
        for split, column in pairs:
            text = pl.col(column.name)
            foreign = text.str.len_bytes() != text.str.len_chars()
            where = pl.when(foreign & is_odd(text)).then(text).str.contains(SUSPECT)
            asked.append(split.rows(where, (column.name,), self.verify))
        for (split, column), hits in zip(pairs, await together(asked), strict=True):
            finding = self._told(split, column, hits) if hits.count else None
            if finding is not None:
                yield finding

    def _told(self, split: Split, column: Column, hits: Hits) -> Finding | None:
        """The finding on a column with suspect cells; None where none of them is damaged."""
        values = hits.cells[column.name]
        mended = _mended(values.unique())
        bad = hits.cells.filter(values.is_in(list(mended)))
        rows = bad[ROW].to_list()
        beyond = hits.rows[len(hits.cells) :]
        if beyond and len(rows) >= 0.9 * len(hits.cells):
            rows += beyond
        if not rows:
            return None
        filled = split.height - column.missing
        lost = sum("\ufffd" in v for v in bad[column.name])
        more = f"; {lost:,} {verb(lost, 'has', 'have')} lost characters (U+FFFD)" if lost else ""
        return self.finding(
            f"{len(rows):,} of {filled:,} values ({share(len(rows), filled)}) in `{column.name}` "
            f"{verb(len(rows), 'was', 'were')} decoded with the wrong encoding{more}",
            split=split,
            rows=rows,
            columns=(column.name,),
            examples=cells(bad, (column.name,)),
            evidence={"lost": lost},
            notes=[] if beyond else [_note(mended[v]) for v in bad[column.name]],
            fix="Read the source again as UTF-8, or mend the cells with `ftfy.fix_encoding`.",
        )


def _mended(values: Iterable[str]) -> dict[str, str]:
    """The damaged ones among `values`, and how they read when mended (or as they are)."""
    from dataguard.stats.mojibake import mended

    found = {}
    for value in values:
        better = mended(value)
        if better != value or "\ufffd" in value:
            found[value] = better
    return found


def _note(mended: str) -> str:
    return "mended: " + (mended if len(mended) <= 80 else mended[:79] + "…")

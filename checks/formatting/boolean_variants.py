"""FMT018: boolean variants."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from dataguard.api import (
    At,
    Check,
    Column,
    Dataset,
    Derived,
    Example,
    Finding,
    Hits,
    Severity,
    Split,
    cells,
    share,
    together,
    verb,
)


class BooleanVariants(Check):
    """True and false are written in several ways.

    ## Why is this bad?
    `yes`, `Y` and `1` become three categories of the same meaning: the rare ones are hardly
    learnt, and a reader that knows only `true` and `false` takes the column for text.

    ## How it works
    Nine in ten values of the column are truth values (true, yes, t, y, 1, on and their opposites,
    in a few languages). Those that are not in the style of most are reported; capitals do not
    count. Judged by a sample of 10,000 rows; where it shows several styles, all rows are searched.

    ## What to do
    Map them: `df[c] = df[c].str.lower().map({"yes": True, "y": True, "no": False, "n": False})`.
    """

    code = "FMT018"
    name = "boolean-variants"
    severity = Severity.WARNING
    bad = (
        Example(
            train={"smoker": ["yes", "no", "Y", "no", "yes", "N", "true", "no", "yes", "no"]},
            expect=tuple(At(row=r, column="smoker") for r in (2, 5, 6)),
        ),
    )
    good = (
        Example(train={"smoker": ["yes", "no", "Yes", "No", "yes", "no"]}, title="Case only."),
        Example(train={"sex": ["f", "m", "f", "m", "f"], "grade": ["A", "F", "T", "N", "Y"]}),
        Example(train={"light": ["on", "off", "on", "off"], "won": [1, 0, 1, 0]}),
        Example(train={"answer": ["yes", "no", "maybe", "yes", "no", "n/a"]}),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.booleans import may_be_boolean, other_styles
        from dataguard.stats.values import (
            first_values,
            found_in,
            is_role,
            text_values,
            without_missing,
        )

        counted = await Derived(text_values)
        chosen = [
            (split, column, found)
            for split in data.splits
            for column in split.columns
            if may_be_boolean(first_values(split, column))
            and not is_role(split, column, "id")
            and (found := other_styles(without_missing(counted.of(split, column))))
        ]
        queries = [s.rows(found_in(c, list(v)), (c.name,), limit=s.height) for s, c, v in chosen]
        hits = await together(queries) if queries else ()
        for (split, column, styles), some in zip(chosen, hits, strict=True):
            yield self._told(split, column, styles, some)

    def _told(
        self, split: Split, column: Column, styles: Mapping[str, bool], hits: Hits
    ) -> Finding:
        name = column.name
        values = split.height - column.missing
        words = [" ".join(str(w).split()) for w in hits.cells[name].to_list()]
        shown = ", ".join(
            f"`{w}` for {'true' if styles[w] else 'false'}" for w in sorted(set(words))[:4]
        )
        return self.finding(
            f"{hits.count:,} of {values:,} truth values ({share(hits.count, values)}) in `{name}` "
            f"{verb(hits.count, 'is', 'are')} written in another way than most: {shown}",
            split=split,
            rows=hits.rows,
            columns=(name,),
            examples=cells(hits.cells, (name,)),
            notes=[f"means {'true' if styles[w] else 'false'}" for w in words],
            fix=f"Map all values of `{name}` to true and false.",
        )

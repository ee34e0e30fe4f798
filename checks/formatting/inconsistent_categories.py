"""FMT009: inconsistent categories."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from dataguard.stats.class_names import Variant

CITIES = ["Lisbon", "Porto", "Braga", "Faro"] * 12


class InconsistentCategories(Check):
    """One category is written in several ways.

    ## Why is this bad?
    `Lisbon`, `lisbon` and `Lisbonn` become three categories: the rare ones carry hardly any
    examples, one-hot columns multiply, and a value seen only in the test set is unknown to the
    model.

    ## How it works
    In columns whose values repeat, values that differ only in case, spaces, quotes, hyphens or a
    full stop at the end are one category, and the most frequent spelling is the likely right one.
    Besides, a rare value is taken for a slip of the pen where a letter was left out, added,
    swapped or replaced (in long values one in six) and the right one is far more frequent: three
    times where slips are most of the rare values, else fifteen times (choices of ours, on public
    tables). Digits, short words and words that other values have too tell values apart: `A1` and
    `A2`, `male` and `female` are never slips. Judged by a sample of 10,000 rows; columns in which
    the sample shows a variant are searched as a whole. The label has its own rule,
    label-spelling-variants.

    ## What to do
    Map each variant to the likely right value: `df[c] = df[c].replace({"lisbon": "Lisbon"})`.
    """

    code = "FMT009"
    name = "inconsistent-categories"
    severity = Severity.WARNING
    bad = (
        Example(
            train={"city": [*CITIES, "lisbon", "PORTO", "Braga."], "x": range(51)},
            expect=tuple(At(row=r, column="city") for r in (48, 49, 50)),
        ),
        Example(
            train={"city": [*CITIES, "Lisbbon", "Prto", "Bragaa"], "x": range(51)},
            expect=tuple(At(row=r, column="city") for r in (48, 49, 50)),
            title="Slips of the pen.",
        ),
    )
    good = (
        Example(train={"city": CITIES, "x": range(48)}),
        Example(
            train={"sex": [*["male", "female"] * 20, "female"], "ward": ["A1"] * 40 + ["A2"]},
            title="Values of their own, however near.",
        ),
        Example(
            train={"cell": ["typical", "class a"] * 20 + ["atypical", "class b"]},
            title="Rare values whose names are close to those of common ones.",
        ),
        Example(train={"gene": ["AA", "Aa", "aa", "Aa"] * 10}, title="Case has a meaning."),
        Example(train={"state": ["CA", "WA", "OR"] * 20 + ["PA", "GA", "OK"]}),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.category_variants import category_variants
        from dataguard.stats.values import found_in

        known = await Derived(category_variants)
        chosen = [
            (split, split[name], found)
            for split in data.splits
            for (place, name), found in known.items()
            if place == split.name
        ]
        queries = [s.rows(found_in(c, list(v)), (c.name,), s.height) for s, c, v in chosen]
        hits = await together(queries) if queries else ()
        for (split, column, variants), some in zip(chosen, hits, strict=True):
            if some.count:
                yield self._told(split, column, variants, some)

    def _told(
        self, split: Split, column: Column, variants: Mapping[str, Variant], hits: Hits
    ) -> Finding:
        name = column.name
        words = [" ".join(str(w).split()) for w in hits.cells[name].to_list()]
        pairs = sorted({(w, variants[w].meant) for w in words})
        shown = ", ".join(f"`{_cut(w)}` for `{_cut(meant)}`" for w, meant in pairs[:3])
        more = f" and {len(pairs) - 3:,} more" if len(pairs) > 3 else ""
        values = split.height - column.missing
        certain = all(variants[w].certain for w in words)
        spelt = "written differently" if certain else "written almost alike"
        return self.finding(
            f"{hits.count:,} of {values:,} values ({share(hits.count, values)}) in `{name}` "
            f"{verb(hits.count, 'is a category', 'are categories')} {spelt}: {shown}{more}",
            split=split,
            rows=hits.rows,
            columns=(name,),
            examples=cells(hits.cells, (name,)),
            evidence={"variants": dict(pairs[:50])},
            notes=[f"did you mean {variants[w].meant!r}?" for w in words],
            confidence=1.0 if certain else 0.8,
            fix=f"Write each category of `{name}` in one way: map the variants to the likely "
            "right values in the evidence.",
        )


def _cut(value: str, length: int = 40) -> str:
    return value if len(value) <= length else f"{value[: length - 1]}…"

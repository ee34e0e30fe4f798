"""FMT014: mixed units."""

from __future__ import annotations

from collections.abc import AsyncIterator
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
    from dataguard.stats.units import Mixed


class MixedUnits(Check):
    """The quantities of one column are in several units or currencies.

    ## Why is this bad?
    Once the units are cut off, 2 kg and 2000 g are a factor of a thousand apart, and the model
    learns from the unit instead of the weight. Nor does any scaler mend that afterwards.

    ## How it works
    Nine in ten values of the column are a number with a known unit or currency. The values that
    are not in the most frequent one are reported, also where only its spelling differs (`oz`,
    `ounce`). Judged by a sample of 10,000 rows; where it shows several units, all rows are
    searched for the values seen.

    ## What to do
    Convert all values to one unit and store plain numbers, the unit in the column's name.
    """

    code = "FMT014"
    name = "mixed-units"
    severity = Severity.WARNING
    bad = (
        Example(
            train={"weight": ["2 kg", "3.5 kg", "750 g", "1.2 kg", "4 kg", "12 lbs"]},
            expect=(At(row=2, column="weight"), At(row=5, column="weight")),
        ),
        Example(
            train={"price": ["$9.50", "$12.00", "€11.00", "$7.25", "$8.10"]},
            expect=(At(row=2, column="price"),),
            title="Currencies.",
        ),
        Example(
            train={"size": ["12 oz", "16 oz", "12 ounce", "12 oz.", "8 oz"]},
            expect=(At(row=2, column="size"), At(row=3, column="size")),
            title="One unit in several spellings.",
        ),
    )
    good = (
        Example(train={"weight": ["2 kg", "3.5 kg", "0.75 kg", "1.2 kg"]}),
        Example(train={"room": ["12 A", "12 B", "14 C", "15 A", "16 D"]}, title="Codes."),
        Example(train={"strain": ["7F", "16G", "17G", "7H", "16H", "39H"]}),
        Example(train={"track": ["4 in the morning", "99 problems", "7 years", "1979"]}),
        Example(train={"share": ["12%", "7%", "9.5%", "45%"]}),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.units import may_be_quantities, mixed_units
        from dataguard.stats.values import first_values, found_in, text_values, without_missing

        counted = await Derived(text_values)
        chosen = [
            (split, column, found)
            for split in data.splits
            for column in split.columns
            if may_be_quantities(first_values(split, column))
            and (found := mixed_units(without_missing(counted.of(split, column)))) is not None
        ]
        queries = [s.rows(found_in(c, list(m.others)), (c.name,)) for s, c, m in chosen]
        hits = await together(queries) if queries else ()
        for (split, column, mixed), some in zip(chosen, hits, strict=True):
            yield self._told(split, column, mixed, some)

    def _told(self, split: Split, column: Column, mixed: Mixed, hits: Hits) -> Finding:
        name = column.name
        values = split.height - column.missing
        first, *others = mixed.rows
        written = ", ".join(f"`{unit}`" for unit in others[:4])
        more = f" and {len(others) - 4} more" if len(others) > 4 else ""
        what = "in another unit" if mixed.differ else "with the unit in another spelling"
        return self.finding(
            f"{hits.count:,} of {values:,} values ({share(hits.count, values)}) in `{name}` "
            f"{verb(hits.count, 'is', 'are')} {what}: {written}{more}, where most have `{first}`",
            split=split,
            rows=hits.rows,
            columns=(name,),
            examples=cells(hits.cells, (name,)),
            evidence={"units": dict(list(mixed.rows.items())[:20])},
            fix=f"Convert `{name}` to one unit, and store plain numbers.",
        )

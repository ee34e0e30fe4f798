"""FMT012: pattern violation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from dataguard.api import (
    PLAIN_NUMBER,
    At,
    Check,
    Column,
    Dataset,
    Derived,
    Example,
    Finding,
    Hits,
    Kind,
    Severity,
    Split,
    cells,
    quoted,
    share,
    together,
    verb,
)

if TYPE_CHECKING:
    from dataguard.stats.patterns import Breaks

MOST_ROWS = 0.05
"""Share of the rows beyond which values that break a pattern may follow another, unknown one."""

CODES = [f"AZ-{i * 37 % 1000:03d}" for i in range(30)]
MEASURED = [f"{20 + i % 7}.{i % 10}" for i in range(30)]


class PatternViolation(Check):
    """A few values are not written as all others of their column are.

    ## Why is this bad?
    A code with a letter too many matches no other table, a date with a digit too few is read as
    missing or as another day: the row keeps a wrong value, or loses it, without a word.

    ## How it works
    In columns whose values have digits, a value's pattern is its order of letters, digits and
    signs (`AZ-017` is AA-999). Where one to three patterns make up four fifths of the rows and
    each other one is rare (2 % of the rows, or one), the values in these are reported, for
    information where they are more than one row in twenty. The number of digits counts where it
    is fixed. A rare pattern of three values or more is a kind of its own, unless it is a slip away
    from a frequent one. In any column values with `***`, `###` or `???` are reported; in columns
    of numbers, for information, those with eight decimals more than all others: they were
    computed, not measured. Judged by a sample of 10,000 rows; where it shows such values, all rows
    are searched for them.

    ## What to do
    Correct the values at their source, or match the column against its pattern when reading it.
    """

    code = "FMT012"
    name = "pattern-violation"
    severity = Severity.WARNING
    bad = (
        Example(
            train={"unit": [*CODES, "AZ-0l7", "ZA017", "AZ-17"]},
            expect=tuple(At(row=r, column="unit") for r in (30, 31, 32)),
        ),
        Example(
            train={"temp": [*map(float, MEASURED), 23.7182937465]},
            expect=(At(row=30, column="temp"),),
            title="A mean that filled a gap.",
        ),
    )
    good = (
        Example(train={"unit": CODES}),
        Example(train={"seat": [f"P{i}" for i in range(1, 120)]}, title="Numbers that grow."),
        Example(train={"name": [f"{w} street" for w in ("Oak", "Elm", "St. Mary's") * 8]}),
        Example(train={"size": [0.1 * i for i in range(40)]}, title="Rounding of fractions."),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.category_variants import category_variants
        from dataguard.stats.patterns import breaks
        from dataguard.stats.values import found_in, text_values, without_missing

        counted = await Derived(text_values)
        known = await Derived(category_variants)
        chosen: list[tuple[Split, Column, Breaks]] = []
        for split in data.splits:
            for column in split.columns:
                if not _has_pattern(split, column):
                    continue
                values = without_missing(counted.of(split, column))
                told = known.get((split.name, column.name), {})
                found = breaks({v: n for v, n in values.items() if v not in told})
                if found is not None and (left := _told_here(column, found, values)).values:
                    chosen.append((split, column, left))
        precise = [one for split in data.splits for one in _computed(split)]
        queries = [s.rows(found_in(c, list(b.values)), (c.name,)) for s, c, b in chosen]
        queries += [s.rows(c.number.is_in(numbers), (c.name,)) for s, c, numbers in precise]
        hits = await together(queries) if queries else ()
        for (split, column, one), some in zip(chosen, hits, strict=False):
            yield self._told(split, column, one, some)
        for (split, column, _), some in zip(precise, hits[len(chosen) :], strict=True):
            yield self._precise(split, column, some)

    def _told(self, split: Split, column: Column, one: Breaks, hits: Hits) -> Finding:
        name = column.name
        values = split.height - column.missing
        few = hits.count <= MOST_ROWS * values
        shown = quoted([v[:40] for v in one.values], 3)
        return self.finding(
            f"{hits.count:,} of {values:,} values ({share(hits.count, values)}) in `{name}` "
            f"{verb(hits.count, 'breaks', 'break')} the pattern of the others "
            f"(`{one.usual[:40]}`): {shown}",
            split=split,
            rows=hits.rows,
            columns=(name,),
            examples=cells(hits.cells, (name,)),
            evidence={"pattern": one.pattern[:80]},
            severity=self.severity if few else Severity.INFO,
            confidence=0.8 if few else 0.5,
            fix=f"Correct these values of `{name}` at their source.",
        )

    def _precise(self, split: Split, column: Column, hits: Hits) -> Finding:
        name = column.name
        values = split.height - column.missing
        return self.finding(
            f"{hits.count:,} of {values:,} values ({share(hits.count, values)}) in `{name}` "
            f"{verb(hits.count, 'has', 'have')} far more decimals than the others, such as "
            f"`{hits.cells[name].cast(str).sort()[0]}`: computed, not measured",
            split=split,
            rows=hits.rows,
            columns=(name,),
            examples=cells(hits.cells, (name,)),
            severity=Severity.INFO,
            confidence=0.6,
            fix=f"Find out which program wrote these values of `{name}`: a mean that fills gaps "
            "belongs into the training pipeline, fitted on the training split alone.",
        )


def _has_pattern(split: Split, column: Column) -> bool:
    from dataguard.stats.patterns import may_break
    from dataguard.stats.units import may_be_quantities
    from dataguard.stats.values import first_values, is_role

    if column.kind in (Kind.TEXT, Kind.NESTED, Kind.EMPTY) or not column.is_string:
        return False
    if is_role(split, column, "label") and column.is_classes:
        return False
    if may_be_quantities(first_values(split, column)):  # units have their own rules
        return False
    if column.kind is Kind.NUMBER and not _odd_numbers(split, column):
        return False
    return may_break(split.preview[column.name].drop_nulls())


def _odd_numbers(split: Split, column: Column) -> bool:
    """Whether the sample of a column of numbers holds anything else."""
    cells = split.shown(column).select(column.number.is_not_null().sum().alias("n"))["n"].item()
    return bool(cells < split.preview[column.name].count())


def _told_here(column: Column, found: Breaks, values: Mapping[str, int]) -> Breaks:
    """`found` without what other rules tell of: dates in other formats, numbers with words, and
    numbers among numbers that are stored as text (`4,59` among `562,59`)."""
    import polars as pl

    from dataguard.stats.date_text import format_name
    from dataguard.stats.number_text import DECORATED, is_code, shares

    odd = pl.DataFrame({"t": found.values})
    text = pl.col("t")
    number = text.cast(pl.Float64, strict=False).is_not_null()
    if column.kind is Kind.DATE:
        kept = format_name(text.str.to_lowercase()).is_null()
    elif column.kind is Kind.NUMBER:
        kept = (is_code(text) & ~number).all() & (text == text)
    elif shares(pl.Series(list(values), dtype=pl.String).str.strip_chars()).are_numbers:
        kept = ~number & ~text.str.contains(DECORATED)
    else:
        return found
    return replace(found, values=tuple(odd.filter(kept)["t"].to_list()))


def _computed(split: Split) -> list[tuple[Split, Column, list[float]]]:
    """The columns of numbers of which a few have far more decimals than the others."""
    from dataguard.stats.patterns import long_decimals

    found = []
    for column in split.of_kind(Kind.NUMBER):
        if column.whole or not (column.is_string or column.dtype.is_float()):
            continue
        text = (
            split.shown(column).select(column.text.str.strip_chars().alias("t"))["t"].drop_nulls()
        )
        lengths = text.str.len_bytes()
        if text.is_empty():
            continue
        sizes = lengths.sort()
        if sizes[-1] <= sizes[len(sizes) // 2] + 6:
            continue
        counts = dict(text.filter(text.str.contains(PLAIN_NUMBER)).value_counts().iter_rows())
        numbers = sorted(map(float, long_decimals(counts)))
        if numbers:
            found.append((split, column, numbers))
    return found

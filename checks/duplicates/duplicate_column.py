from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from dataguard.api import (
    At,
    Check,
    Column,
    Dataset,
    Example,
    Finding,
    Option,
    Severity,
    Split,
    quoted,
    total,
)

_SIZES = [f"{37.3 * i % 11:.1f}" for i in range(24)]
_CITIES = ["Lisbon", "Porto", "Turin", "Lyon"] * 6
_CODES = ["PT1", "PT2", "IT1", "FR1"] * 6


class DuplicateColumn(Check):
    """Two columns say the same.

    ## Why is this bad?
    A copy of a column adds nothing and costs: coefficients of a linear model split between the
    copies and mean nothing any more, importance is shared out, distances count the column twice.
    It often comes from a join, and may hide that another column should have stood there.

    ## How it works
    Candidates are found in a sample of 10,000 rows and confirmed on all. Two columns are equal
    where all their cells are, numbers by value, missing cells included: a warning. Numberings
    of the rows that stand twice are not told. Two columns of categories are one to one
    where each value of the one goes with a single value of the other, as a code goes with a name:
    informative. Columns of few different values agree by chance, so `least_bits` are asked for.
    The label takes no part: what equals it is LEK004's. Constant columns are FMT007's.

    ## What to do
    Keep one of them: `df.drop(columns=[...])`. Of a code and its name keep the name, or keep both
    and give the model one.
    """

    code = "DUP006"
    name = "duplicate-column"
    severity = Severity.WARNING
    least_bits = Option(
        20.0,
        "How surprising it must be that two unrelated columns agree: the logarithm to base 2 of the"
        " number of ways in which the values can be arranged, less that of the pairs of columns."
        " 20 bits are a chance of one in a million. Our own choice.",
        low=0,
    )
    most_values = Option(
        1000, "Different values up to which two columns may be one to one. Our own choice.", low=2
    )
    bad = (
        Example(
            train={"size": _SIZES, "city": _CITIES, "width": _SIZES},
            expect=(At("train", column="size"), At("train", column="width")),
        ),
        Example(
            title="A code and its name",
            train={"size": _SIZES, "city": _CITIES, "office": _CODES},
            expect=(At("train", column="city"), At("train", column="office")),
        ),
    )
    good = (
        Example(
            train={"size": _SIZES, "city": _CITIES, "width": [*_SIZES[1:], _SIZES[0]]},
        ),
        Example(
            title="Rare flags agree by chance",
            train={
                "size": _SIZES,
                "insured": ["no"] * 23 + ["yes"],
                "exported": ["no"] * 23 + ["yes"],
            },
        ),
        Example(
            title="What equals the label is LEK004's",
            train={"size": _SIZES, "status": _CODES, "label": _CODES},
            label="label",
        ),
        Example(
            title="Columns of distinct values are one to one without saying the same",
            train={"size": range(24), "name": [f"name {i * 7 % 24}" for i in range(24)]},
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats import same_columns
        from dataguard.stats.row_keys import numbering

        split = data.train
        same, maps = same_columns.candidates(split, self.least_bits, self.most_values)
        if not same and not maps:
            return
        equal = {pair: total(same_columns.differ(*pair)) for pair in same}
        mapped = {pair: same_columns.pair_counts(*pair) for pair in maps}
        parts = {_key(pair): part for pair, part in (equal | mapped).items()}
        found = await split.aggregate(parts)
        for group in same_columns.groups([pair for pair in equal if not found[_key(pair)]]):
            names = tuple(c.name for c in group)
            if len(set(names) - numbering(split)) > 1:
                yield self._equal(split, names)
        certain = [p for p in mapped if same_columns.is_one_to_one(found[_key(p)])]
        for group in same_columns.groups(certain):
            first = found[_key((group[0], group[1]))]
            yield self._one_to_one(split, group, same_columns.most_frequent(first))

    def _equal(self, split: Split, names: tuple[str, ...]) -> Finding:
        return self.finding(
            f"{quoted(names)} hold the same value in each of {split.height:,} rows",
            split=split,
            columns=names,
            evidence={"relation": "equal"},
            fix=f"Keep `{names[0]}`: `df.drop(columns={list(names[1:])!r})`; and look whether"
            " another column was meant to stand there.",
        )

    def _one_to_one(
        self, split: Split, group: Sequence[Column], pairs: Sequence[tuple[str, str]]
    ) -> Finding:
        from dataguard.stats.class_names import named

        names = tuple(c.name for c in group)
        shown = ", ".join(f"{named(a)} is {named(b)}" for a, b in pairs)
        return self.finding(
            f"{quoted(names)} go one to one: each of {group[0].distinct:,} values of the one"
            f" stands with a single value of the other" + (f" ({shown})" if shown else ""),
            split=split,
            columns=names,
            severity=Severity.INFO,
            evidence={"relation": "one to one", "pairs": [list(pair) for pair in pairs]},
            fix="Give the model one of them: they say the same in other words.",
        )


def _key(pair: tuple[Column, Column]) -> str:
    return f"{pair[0].name}\0{pair[1].name}"

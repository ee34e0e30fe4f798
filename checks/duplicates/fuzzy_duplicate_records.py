from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from dataguard.api import (
    At,
    Check,
    Column,
    Dataset,
    Example,
    Finding,
    Kind,
    Option,
    Severity,
    Skip,
    Split,
    cells,
    count_of,
    share,
)

if TYPE_CHECKING:
    import polars as pl

    from dataguard.stats.record_pairs import RecordPairs

_FIRST = ("Anna", "Boris", "Clara", "Dimitri", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas")
_LAST = ("Abbott", "Brandtner", "Castellan", "Dietrich", "Eklundsen", "Fischbach")
_STREET = ("Mill Lane", "Harbour Road", "Church Street", "Station Avenue", "Garden Way")


def _people(slip: bool) -> dict[str, list[str]]:
    rows = range(40)
    table = {
        "first": [_FIRST[i % 10] for i in rows],
        "last": [_LAST[i * 7 % 6] for i in rows],
        "street": [f"{i * 13 % 89} {_STREET[i * 3 % 5]}" for i in rows],
        "born": [f"19{40 + i * 11 % 60}-{1 + i % 12:02}-{1 + i * 5 % 28:02}" for i in rows],
        "phone": [f"0{30000 + i * 7919 % 60013}" for i in rows],
    }
    if slip:
        for name, value in zip(
            table, ("Dimitry", table["last"][3], table["street"][3] + ".", None, None), strict=True
        ):
            table[name].append(value if value is not None else table[name][3])
    return table


class FuzzyDuplicateRecords(Check):
    """Two rows are the same person or thing, written differently.

    ## Why is this bad?
    A customer who stands in the table twice, once with a slip in the name and once with a digit
    less, weighs twice, gets two answers, and carries the training data into the test data where the
    split puts the two rows apart.

    ## How it works
    Record linkage after Fellegi and Sunter (1969): fields are compared one by one, without case,
    spaces and punctuation; agreement in a rare value counts for more than in a common one, a value
    that one slip or two made unlike counts nearly as an equal one, missing cells count neither way,
    and fields that say the same (a town, its postal code) count once. Compared are rows that share
    two fields, or a rare one. A pair is reported where `score` of what was compared agrees, by more
    than chance can give. Pairs that differ where many others do, such as in a date, in a measured
    value or in first name and birthday, are left out: they are visits, seasons and relatives.

    Tables need three columns that name what a row is about: two varied strings, and a third one, a
    date or a number of four digits or more. Label, ids and codes that are unique take no part, and
    measured numbers only count as equal or not. Long texts are DUP003's, copies DUP001's, DUP002's
    and DUP005's.

    ## What to do
    Look at the groups (`--rows-out rows.csv`), keep the fullest row of each, or give the rows of a
    group one id and keep them in one split.
    """

    code = "DUP007"
    name = "fuzzy-duplicate-records"
    severity = Severity.WARNING
    fast = False
    score = Option(
        0.65,
        "Least part of the compared information that agrees. On the FEBRL tables of synthetic"
        " persons it gives a precision of 1 and a recall of 0.94 to 0.99.",
        low=0.3,
        high=1,
    )
    rows = Option(
        1_000_000, "Rows compared at most, chosen by content; a million take a minute.", low=100
    )
    bad = (
        Example(
            title="A person entered twice, with a slip in the name",
            train=_people(slip=True),
            expect=(At("train", row=3), At("train", row=40)),
        ),
    )
    good = (
        Example(train=_people(slip=False)),
        Example(
            title="One person measured every day",
            train={
                "name": [f"{_FIRST[i]} {_LAST[i % 6]}" for i in range(10) for _ in range(4)],
                "town": [f"{_STREET[i % 5]} {i}" for i in range(10) for _ in range(4)],
                "born": [f"19{40 + i * 11 % 60}-05-01" for i in range(10) for _ in range(4)],
                "day": [f"2024-03-{i:02}" for i in range(1, 11) for _ in range(4)],
                "pulse": [60 + i * 17 % 41 for i in range(40)],
            },
        ),
        Example(
            title="Rows that share categories",
            train={
                "city": [_STREET[i % 5] for i in range(60)],
                "trade": [_LAST[i * 7 % 6] for i in range(60)],
                "size": [i * 37 % 11 for i in range(60)],
                "paid": [f"{i * 7919 % 997}.50" for i in range(60)],
            },
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.record_pairs import alike, fields_of

        looked = False
        for split in data.splits:
            columns = _compared(split)
            if not columns:
                continue
            looked = True
            sample = await split.sample(min(self.rows, split.height), [c.name for c in columns])
            self.note_sample(sample.height, split.height)
            naming = [_names_it(split, c) for c in columns]
            strings = [c.kind not in (Kind.NUMBER, Kind.DATE) for c in columns]
            fields = fields_of(sample.select(_forms(columns)), naming, strings)
            pairs = alike(fields, least=self.score)
            if len(pairs.left):
                yield await self._found(split, columns, sample, pairs)
        if not looked:
            raise Skip("no three columns that name a person or thing, two of them varied strings")

    async def _found(
        self, split: Split, columns: Sequence[Column], sample: pl.DataFrame, pairs: RecordPairs
    ) -> Finding:
        from dataguard.stats.record_groups import grouped

        found = grouped(pairs, sample)
        names = [c.name for c in columns]
        number, groups = len(found.rows), len(found.representatives)
        pair = sorted({found.rows[0], found.partners[0]})
        shown = await split.cells(pair, names)
        unlike = [n for n in names if shown.get_column(n).n_unique() > 1][:2] or names[:1]
        return self.finding(
            f"{count_of(number, 'row')} of {split.height:,} ({share(number, split.height)}) in"
            f" {count_of(groups, 'group')} are probably the same record, written differently"
            f" (agreement {self.score:g} or more)",
            split=split,
            rows=found.rows,
            scores=found.scores,
            groups=found.groups,
            notes=[
                f"{s:.2f} like row {p}" for s, p in zip(found.scores, found.partners, strict=True)
            ],
            examples=cells(shown, unlike),
            evidence={
                "compared": names,
                "groups": groups,
                "representatives": found.representatives[:1000],
            },
            confidence=0.9,
            fix="Keep the fullest row of each group, or keep each group in one split.",
        )


def _compared(split: Split) -> list[Column]:
    """The fields of a record; none where too few of them name it."""
    from dataguard.stats.id_like import remaining
    from dataguard.stats.record_pairs import LEAST_NAMING, LEAST_ROWS, MOST_FIELDS
    from dataguard.stats.text_pairs import main_texts

    if split.height < LEAST_ROWS or main_texts(split):
        return []
    out = {c.name for role in ("label", "group") for c in split.of_role(role)}
    fields = [
        c
        for c in remaining(split)
        if c.name not in out and c.kind not in (Kind.EMPTY, Kind.NESTED) and c.distinct > 1
    ]
    naming = [c for c in fields if _names_it(split, c)]
    strings = [c for c in naming if c.kind not in (Kind.NUMBER, Kind.DATE)]
    if len(naming) < LEAST_NAMING or len(strings) < 2:
        return []
    return sorted(fields, key=lambda c: (c not in naming, -c.distinct, c.name))[:MOST_FIELDS]


def _names_it(split: Split, column: Column) -> bool:
    """Whether a field says who or what a record is: a varied string, a date, a number of digits."""
    from dataguard.stats.record_pairs import LEAST_VALUES, SHORT_DIGITS

    if column.distinct < max(5, LEAST_VALUES * column.sampled):
        return False
    if column.kind is Kind.NUMBER:
        digits = column.text.str.contains(rf"^\s*\d{{{SHORT_DIGITS},}}\s*$").mean()
        return column.whole and bool((split.shown(column).select(digits).item() or 0) >= 0.8)
    if column.kind is Kind.DATE:
        return True
    letters = column.text.str.contains(r"\p{L}|\d{4}").mean()
    return bool(
        (split.shown(column).select(letters).item() or 0)
        >= 0.8 * (1 - column.missing / split.height)
    )


def _forms(columns: Sequence[Column]) -> list[pl.Expr]:
    """The cells in normal form; null where they are missing, however written."""
    import polars as pl

    from dataguard.api import DISGUISED_MISSING
    from dataguard.stats.row_keys import normalised

    forms = []
    for column in columns:
        text = column.text.str.strip_chars().str.to_lowercase()
        given = (text != "") & ~text.is_in(DISGUISED_MISSING)
        forms.append(pl.when(given).then(normalised(column)).alias(column.name))
    return forms

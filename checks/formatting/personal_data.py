"""FMT021: personal data."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from dataguard.api import (
    At,
    Check,
    Column,
    Dataset,
    Derived,
    Example,
    Finding,
    Kind,
    Option,
    Severity,
    Split,
    count_of,
    share,
    verb,
)

if TYPE_CHECKING:
    from dataguard.stats.personal import PersonalForm
    from dataguard.stats.traces import Flagged, Traces

LOOKED_AT = 2000
"""Suspect cells of a column's sample by which its kinds of personal data are told."""

SHORTEST = 8
"""Digits of the shortest number that is looked at in a column of numbers."""

MOSTLY = 0.5
"""Share of the numbers of one form whose checksum is right from which on it is no chance."""


class PersonalData(Check):
    """Cells hold personal data: e-mail addresses, phone numbers, accounts, cards, national ids.

    ## Why is this bad?
    A model can repeat what it was trained on, names and numbers of real people included, and laws
    such as the GDPR ask for a reason to hold them. As a feature they teach it persons, not rules.

    ## How it works
    Cells are searched for e-mail addresses, phone numbers, public IP addresses, IBANs, credit
    card numbers and national ids (US, Brazil, Spain, Italy, France, Finland, China, India).
    Numbers with a checksum count only where it is right, and where most numbers of that form in
    the column have it right: by chance one in ten would. A column that is plainly meant to hold
    e-mail addresses, phone numbers or IP addresses is `info`. Judged by a sample of 10,000 rows;
    where the sample shows some, all rows are searched. No report shows them: stars stand in their
    place. Names and postal addresses are not looked for.

    ## What to do
    Drop the column if the model can do without. In texts put a placeholder (`<EMAIL>`) in their
    place; where rows must be joined, a keyed hash.
    """

    code = "FMT021"
    name = "personal-data"
    severity = Severity.WARNING
    meant = Option(
        0.8,
        "Share of a column's values from which on it is meant to hold what they are (judged).",
        low=0.0,
        high=1.0,
    )
    verify = Option(
        50_000,
        "Suspect cells of a column that are looked at one by one; what lies beyond is taken as "
        "suspected, if nearly all of these were confirmed. About a second's work (measured).",
        low=100,
    )
    bad = (
        Example(
            train={
                "note": [
                    "write to john.doe@example.org for details",
                    "nothing personal in this one",
                    "paid with 4111 1111 1111 1111 last week",
                    "call +49 151 23456789 before noon",
                    "account DE89 3704 0044 0532 0130 00 please",
                ],
                "email": ["a@example.org", "b@example.org", "c@example.org", None, "d@example.org"],
            },
            expect=(
                At(row=0, column="note"),
                At(row=2, column="note"),
                At(row=3, column="note"),
                At(row=4, column="note"),
                At(row=0, column="email"),
                At(row=1, column="email"),
                At(row=2, column="email"),
                At(row=4, column="email"),
            ),
        ),
    )
    good = (
        Example(
            train={
                "order": ["4111111111111112", "4000123412341235", "5212345678901235", None],
                "version": ["1.2.3.4", "10.0.0.1", "192.168.1.20", "2.0.1.7"],
                "text": [
                    "see logo@2x.png and @anna",
                    "meet @ 8 at 555-1234",
                    "ISBN 978-3-16-148",
                    "",
                ],
                "when": ["2021-03-04 10:00", "2021-03-05 11:00", "x", "y"],
                "uuid": ["550e8400-e29b-41d4-a716-446655440000", "a", "b", "c"],
            }
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        from dataguard.stats.personal import any_of
        from dataguard.stats.traces import Asked, column_traces, search

        traces = await Derived(column_traces)
        asked, forms = [], {}
        for split in data.splits:
            for column in split.columns:
                seen = traces.get((split.name, column.name))
                kept = _kinds(split, column, seen) if _may_hold_some(column) else ()
                if kept:
                    one = Asked(split, column, column.text.str.contains(any_of(kept)))
                    asked.append(one)
                    forms[id(one)] = kept
        for found in await search(asked, self.verify):
            confirmed = _confirmed(found, forms[id(found.asked)])
            if confirmed.rows:
                yield self._told(found, confirmed)

    def _told(self, found: Flagged, confirmed: _Confirmed) -> Finding:
        from dataguard.stats.masking import excerpt, masked

        name, filled, count = found.column.name, found.filled, len(confirmed.rows)
        kinds = sorted(confirmed.kinds.items(), key=lambda pair: (-pair[1], pair[0].name))
        meant = len(kinds) == 1 and count >= self.meant * filled
        named = [f"{n:,} {f.plural if n > 1 else f.name}" for f, n in kinds[:3]]
        if meant:
            form = kinds[0][0]
            what = f"{verb(count, f'is a {form.name}', f'are {form.plural}')}: personal data"
        else:
            more = f" and {count_of(len(kinds) - 3, 'other kind')}" if len(kinds) > 3 else ""
            what = f"{verb(count, 'holds', 'hold')} personal data: {', '.join(named)}{more}"
        return self.finding(
            f"{count:,} of {filled:,} values ({share(count, filled)}) in `{name}` {what}",
            split=found.split,
            rows=confirmed.rows,
            columns=(name,),
            examples=[
                {"row": row, "column": name, "value": excerpt(masked(cell, name))}
                for row, cell in confirmed.shown
            ],
            evidence={"kinds": {form.name: n for form, n in kinds}},
            notes=confirmed.notes,
            severity=Severity.INFO if meant and not kinds[0][0].grave else None,
            confidence=0.9,
            fix="Drop it where the model can do without; else put placeholders or a keyed hash in "
            "its place.",
        )


class _Confirmed(msgspec.Struct, frozen=True):
    """The rows of a column that hold personal data, and of what kinds."""

    rows: Sequence[int]
    kinds: Mapping[PersonalForm, int]
    notes: Sequence[str]
    shown: Sequence[tuple[int, str]]


def _confirmed(found: Flagged, forms: Sequence[PersonalForm]) -> _Confirmed:
    """What is left of the suspect cells once each is looked at."""
    from dataguard.stats.personal import kinds_in

    cells = [(row, str(cell), kinds_in(str(cell), forms)) for row, cell in found.hits.cells.rows()]
    sure = [(row, cell, kinds) for row, cell, kinds in cells if kinds]
    rows = [row for row, _, _ in sure]
    beyond = found.hits.rows[len(cells) :]
    notes = [", ".join(form.name for form in kinds) for _, _, kinds in sure]
    counted = Counter(form for _, _, kinds in sure for form in kinds)
    if beyond and len(rows) >= 0.9 * len(cells):
        scale = (len(rows) + len(beyond)) / len(rows)
        counted = Counter({form: round(n * scale) for form, n in counted.items()})
        rows, notes = [*rows, *beyond], []
    return _Confirmed(rows, counted, notes, [(row, cell) for row, cell, _ in sure[:5]])


def _may_hold_some(column: Column) -> bool:
    """Whether the kind of the column allows it; a long whole number may be a card's."""
    if column.kind is Kind.NUMBER:
        return column.whole and not column.dtype.is_float()
    return column.is_string and column.kind not in (Kind.EMPTY, Kind.DATE)


def _kinds(split: Split, column: Column, seen: Traces | None) -> tuple[PersonalForm, ...]:
    """The kinds of personal data that the sample of a column shows."""
    import polars as pl

    from dataguard.stats.personal import (
        FORMS,
        NUMBERED,
        PHONES,
        any_of,
        is_named_for_phones,
        kinds_in,
    )

    signs = seen.signs if seen else frozenset()
    near = [NUMBERED, *([r"@\w"] * ("@" in signs)), *([r"[0-9]\.[0-9]+\.[0-9]"] * ("." in signs))]
    text = pl.col("text")
    likely = text.str.contains("|".join(near))
    if column.kind is Kind.NUMBER:
        likely = likely & (text.str.len_bytes() >= SHORTEST)
    rows = split.shown(column).select(column.text.alias("text")).filter(likely)
    suspects = rows.get_column("text")
    if suspects.is_empty():
        return ()
    forms = [form for form in FORMS if not form.signs or signs & set(form.signs)]
    filled = split.preview.height - split.preview.get_column(column.name).null_count()
    if is_named_for_phones(column.name) and len(suspects) >= 0.5 * filled:
        forms.append(PHONES)
    suspects = suspects.filter(suspects.str.contains(any_of(forms)))
    kept = []
    for form in forms if len(suspects) else ():
        cells = suspects.filter(suspects.str.contains(any_of([form]))).head(LOOKED_AT).to_list()
        valid = sum(bool(kinds_in(cell, [form])) for cell in cells)
        if valid and (not form.grave or valid >= MOSTLY * len(cells)):
            kept.append(form)
    return tuple(kept)

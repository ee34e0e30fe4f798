"""FMT016: spreadsheet formulas and error values."""

from __future__ import annotations

from collections import Counter
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
    Kind,
    Option,
    Severity,
    cells,
    quoted,
    share,
    verb,
)

if TYPE_CHECKING:
    from dataguard.stats.traces import Flagged


class SpreadsheetFormula(Check):
    """A cell holds a spreadsheet's formula, or the error that one ended with.

    ## Why is this bad?
    `=SUM(B2:B9)` is a text to a model, and the number that stood there is lost. `#REF!` and
    `#DIV/0!` turn a column of numbers into text. A formula such as `=cmd|' /C calc'!A0` starts a
    program on the machine of whoever opens the file in a spreadsheet.

    ## How it works
    Cells are flagged that are an error value of Excel or LibreOffice, or that begin with `=`, `+`,
    `-` or `@` and go on as a formula does: a function, a cell's address, arithmetic of numbers.
    Phone numbers (`+1 555 0100`), negative numbers, `@names` and `=)` are none. Judged by a
    sample of 10,000 rows; where the sample shows it, all rows are searched.

    ## What to do
    Export the sheet again as values ("paste values"), and mend the formulas that end in an error.
    Before others open the file in a spreadsheet, put an apostrophe in front of such cells.
    """

    code = "FMT016"
    name = "spreadsheet-formula"
    severity = Severity.WARNING
    meant = Option(
        0.9,
        "Share of a column's values that are formulas from which on it is about them: `info` "
        "(judged).",
        low=0.0,
        high=1.0,
    )
    bad = (
        Example(
            train={
                "total": ["12.5", "=SUM(B2:B9)", "#DIV/0!", "14", "15.5", "11.5", "#REF!"],
                "note": ["fine", "a", "b", "=cmd|' /C calc'!A0", "+A1*2", "-5", "@SUM(1+1)"],
                "code": ["00123", '="00124"', "00125", "00126", "00127", "00128", "=B7&C7"],
            },
            expect=(
                At(row=1, column="total"),
                At(row=2, column="total"),
                At(row=6, column="total"),
                At(row=3, column="note"),
                At(row=4, column="note"),
                At(row=6, column="note"),
                At(row=1, column="code"),
                At(row=6, column="code"),
            ),
        ),
    )
    good = (
        Example(
            train={
                "phone": ["+1 555 0100", "+49 30 123456", "+44 (20) 7946-0123", "+1-555-0199"],
                "change": ["-5", "+3.5", "-12 %", "+7"],
                "who": ["@anna", "@ben_b", "@Carl99", "@dora"],
                "text": [
                    "=) that was fun",
                    "- first point (of two)",
                    "=> see below",
                    "== Title ==",
                ],
                "limit": ["<5", "=5", ">5", "<=7"],
                "grade": ["A+", "B-", "-A", "+B"],
                "tag": ["#1", "#winning", "# Title", "#ffffff"],
            }
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        import polars as pl

        from dataguard.stats.spreadsheet import ERROR, FORMULA
        from dataguard.stats.traces import Asked, column_traces, search

        traces = await Derived(column_traces)
        asked: list[Asked] = []
        errors: list[Asked] = []
        for split in data.splits:
            for column in split.columns:
                seen = traces.get((split.name, column.name))
                text = pl.col(column.name)
                if seen is None:
                    continue
                if _may_hold_formulas(column, seen.signs):
                    near = text.str.strip_chars_start().str.contains("^[=+@-]")
                    asked.append(Asked(split, column, text.str.contains(FORMULA), near))
                if seen.signs & set("#:"):
                    errors.append(Asked(split, column, text.str.contains(ERROR)))
        formulas = set(map(id, asked))
        for one in await search(asked + errors, 1000):
            yield self._formulas(one) if id(one.asked) in formulas else self._errors(one)

    def _formulas(self, one: Flagged) -> Finding:
        from dataguard.stats.spreadsheet import runs_a_command

        found, name = one.hits, one.column.name
        commands = any(runs_a_command(cell) for cell in found.cells[name])
        meant = found.count >= max(3, self.meant * one.filled) and "formula" in name.lower()
        return self.finding(
            f"{found.count:,} of {one.filled:,} values ({share(found.count, one.filled)}) in "
            f"`{name}` {verb(found.count, 'is a spreadsheet formula', 'are spreadsheet formulas')}"
            + ("; one starts a program when the file is opened" if commands else ""),
            split=one.split,
            rows=found.rows,
            columns=(name,),
            examples=cells(found.cells, (name,)),
            severity=Severity.INFO if meant and not commands else None,
            fix="Export the sheet again as values; a model needs what the formula gave.",
        )

    def _errors(self, one: Flagged) -> Finding:
        found, name = one.hits, one.column.name
        written = Counter(cell.strip() for cell in found.cells[name])
        most = [word for word, _ in sorted(written.items(), key=lambda pair: (-pair[1], pair[0]))]
        return self.finding(
            f"{found.count:,} of {one.filled:,} values ({share(found.count, one.filled)}) in "
            f"`{name}` {verb(found.count, 'is the error', 'are errors')} of a spreadsheet formula: "
            f"{quoted(most, 3)}",
            split=one.split,
            rows=found.rows,
            columns=(name,),
            examples=cells(found.cells, (name,)),
            fix="Mend the formulas in the sheet and export it again, or write empty cells.",
        )


def _may_hold_formulas(column: Column, signs: frozenset[str]) -> bool:
    """Whether some cell could be one; numbers have signs in front that are none."""
    if column.kind is Kind.NUMBER:
        return bool(signs & set("=(|"))
    return bool(signs & set("=+-@"))

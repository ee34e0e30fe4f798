"""FMT003: stray white space."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from dataguard.api import (
    At,
    Check,
    Column,
    Dataset,
    Example,
    Finding,
    Hits,
    Kind,
    Option,
    Severity,
    Split,
    cells,
    quoted,
    share,
    together,
    verb,
)

if TYPE_CHECKING:
    import polars as pl

ENDS = r"^\s+\S|[^\sÃÂ]\s+$"
"""White space before or after a value. Cells of nothing else are told as disguised missing; a
no-break space after Ã or Â is mojibake."""

COLLAPSED = '.str.replace(r"(?<=\\S)[^\\S\\n]{2,}", " ", regex=True)'
"""What makes one blank of several and leaves line breaks and indentation alone."""

WITHOUT_INVISIBLE = (
    '.str.replace(r"[\\x00-\\x08\\x0e-\\x1f\\x7f\\u200b\\u2060\\ufeff]", "", regex=True)'
)

BLANKS = r"[^\sÃÂ][^\S\r\n]{2,}\S"
"""Two or more blanks inside a line; not the indentation at its beginning."""

LONG = 45
"""Characters of a text that a line of the report surely shows."""

ONE_LINE = r"\A[^\n]*{}[^\n]*\z"
"""The same where the whole text is one line: in several lines doubled blanks are layout."""

CONTROL = r"\x00-\x08\x0e-\x1f\x7f"
INVISIBLE = f"[{CONTROL}\u200b\u2060\ufeff]"
"""NUL and other control characters, and characters without width that no script needs; Persian and
emoji need the joiners."""

ODD_BLANK = "[\t\u00a0\u2000-\u200a\u202f\u3000]"
"""Blanks that look like a space and are none."""


class StrayWhitespace(Check):
    """White space before, after or doubled within values.

    ## Why is this bad?
    `"Lima "` and `"Lima"` are two categories, two join keys and two tokens, and look alike to
    whoever checks the data by eye.

    ## How it works
    A value is flagged where it begins or ends with white space (no-break spaces, tabs and line
    breaks count), holds two blanks in a row inside a line, or a character that cannot be seen: one
    without width, a NUL or another control character.
    Short values are also flagged for a tab or no-break space in place of a space. Columns where
    most values are padded, as fixed-width exports are, are told together. In prose it is only
    `info`: doubled blanks there do little harm. So it is where all texts of a JSON or Parquet
    column begin or end alike, as completions often end with a line break: that may be meant. In
    texts of several lines doubled blanks are layout (code, tables), and are let be.

    ## What to do
    Strip: `df[c] = df[c].str.strip()`, or read the file with `skipinitialspace=True` where every
    value follows a blank. Names and categories may be collapsed as well
    (`df[c].str.split().str.join(" ")`); in texts of several lines and in code that would take the
    line breaks and the indentation.
    """

    code = "FMT003"
    name = "stray-whitespace"
    severity = Severity.WARNING
    padded = Option(
        0.5,
        "Share of flagged values from which a column counts as padded throughout (judged).",
        low=0.0,
        high=1.0,
    )
    bad = (
        Example(
            train={"city": ["Lima", "Lima ", "La  Paz", "\u00a0Quito", "Quito", "Quito", "La Paz"]},
            expect=(At(row=1), At(row=2), At(row=3)),
        ),
        Example(train=b"id, size\n1,4\n2,5\n", expect=(At(column=" size"),), title="in a name"),
    )
    good = (
        Example(train={"city": ["Lima", "La Paz", "Quito"]}),
        Example(
            train={"code": ["def f():\n    return 1", "a\n\nb", "x = 1"]},
            title="line breaks and indentation",
        ),
        Example(
            train={"text": ["Bonjour\u00a0!", "Comment ça va ce soir\u00a0?", "می\u200cخواهم"]}
        ),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        for split in data.splits:
            names = tuple(c.name for c in split.columns if c.name != " ".join(c.name.split()))
            if names:
                yield self.finding(
                    f"white space around or doubled in column names: {quoted(names)}",
                    split=split,
                    columns=names,
                    fix="Strip the names: `df.columns = df.columns.str.strip()`.",
                )
        pairs = [(s, c) for s in data.splits for c in s.columns if c.is_string]
        asked = [split.rows(_stray(split, column), (column.name,)) for split, column in pairs]
        found: dict[str, list[tuple[Column, Hits]]] = {}
        for (split, column), hits in zip(pairs, await together(asked), strict=True):
            if hits.count:
                found.setdefault(split.name, []).append((column, hits))
        for split in data.splits:
            for finding in self._told(split, found.get(split.name, [])):
                yield finding

    def _told(self, split: Split, found: list[tuple[Column, Hits]]) -> list[Finding]:
        """One finding a column, and one for all that are padded throughout."""
        everywhere = [
            (column, hits)
            for column, hits in found
            if not _common_ends(split, column)
            and hits.count >= max(3, self.padded * (split.height - column.missing))
        ]
        padded = everywhere if len(everywhere) > 1 else []
        told = [self._column(split, c, hits) for c, hits in found if (c, hits) not in padded]
        return [*told, self._padded(split, padded)] if padded else told

    def _column(self, split: Split, column: Column, hits: Hits) -> Finding:
        values = split.height - column.missing
        alike = _common_ends(split, column) if hits.count == values else ""
        if alike:
            return self.finding(
                f"all {values:,} values in `{column.name}` {alike}",
                split=split,
                columns=(column.name,),
                severity=Severity.INFO,
                fix="Fine where the form of prompt and answer asks for it; else strip it.",
            )
        return self.finding(
            f"{hits.count:,} of {values:,} values ({share(hits.count, values)}) in "
            f"`{column.name}` {verb(hits.count, 'has', 'have')} stray white space or invisible "
            "characters",
            split=split,
            rows=hits.rows,
            columns=(column.name,),
            examples=[_around(example) for example in cells(hits.cells, (column.name,))],
            severity=Severity.INFO if column.kind is Kind.TEXT else None,
            fix=_advice(column, hits.cells[column.name]),
        )

    def _padded(self, split: Split, padded: list[tuple[Column, Hits]]) -> Finding:
        from dataguard.stats.flagged_rows import rows_with_columns

        columns = tuple(column.name for column, _ in padded)
        rows = rows_with_columns({column.name: hits.rows for column, hits in padded})
        text = all(column.kind is Kind.TEXT for column, _ in padded)
        return self.finding(
            f"most values of {len(columns):,} columns have stray white space or invisible "
            f"characters: {quoted(columns)}",
            split=split,
            rows=rows["row"].to_list(),
            columns=columns,
            examples=[e for c, h in padded[:5] for e in cells(h.cells, (c.name,), 1)],
            severity=Severity.INFO if text else None,
            notes=[
                f"stray white space or invisible characters in {names}" for names in rows["columns"]
            ],
            fix="Read the file with `skipinitialspace=True`, or strip every column.",
        )


def _stray(split: Split, column: Column) -> pl.Expr:
    """Whether a cell has stray white space; false for cells of nothing but white space.

    Only the few cells that cheap tests let through are searched in full.
    """
    import polars as pl

    from dataguard.stats.odd_text import is_odd

    text = pl.col(column.name)
    ends = text.str.strip_chars().str.len_bytes() != text.str.len_bytes()
    pattern = f"{ENDS}|{INVISIBLE}"
    if column.kind in (Kind.CATEGORY, Kind.CODE):
        odd = split.preview[column.name].str.contains(ODD_BLANK).sum()
        if odd <= 0.05 * len(split.preview):
            pattern += f"|{ODD_BLANK}"
    suspect = pl.when(ends | is_odd(text)).then(text)
    doubled = ONE_LINE.format(BLANKS) if column.kind is Kind.TEXT else BLANKS
    return suspect.str.contains(f"{pattern}|{doubled}")  # one pattern: each is compiled anew often


def _around(example: Mapping[str, Any]) -> Mapping[str, Any]:
    """The example, a long text cut to what stands around its first stray white space."""
    value = example["value"]
    found = re.search(r"[^\S ]|  +| $", value[1:])
    if len(value) <= LONG or found is None or found.start() < LONG:
        return example
    return {**example, "value": f"…{value[found.start() + 1 - LONG // 3 :]}"}


def _common_ends(split: Split, column: Column) -> str:
    """How all texts of a column begin or end alike, where nothing else in them is stray.

    Only in formats whose cells are what somebody wrote: a blank behind each comma of a CSV file is
    no part of a text.
    """
    if column.kind is not Kind.TEXT or not split.table.typed:
        return ""
    values = split.preview.get_column(column.name).drop_nulls()
    plain = values.str.strip_chars()
    doubled = plain.str.contains(BLANKS) & ~plain.str.contains("\n", literal=True)
    if (doubled | plain.str.contains(INVISIBLE)).any():
        return ""
    ends = {"begin": values.str.extract(r"^(\s+)"), "end": values.str.extract(r"(\s+)$")}
    found = {verb: end.fill_null("").unique().to_list() for verb, end in ends.items()}
    if any(len(blanks) != 1 for blanks in found.values()):
        return ""
    return " and ".join(f"{verb} with {blanks[0]!r}" for verb, blanks in found.items() if blanks[0])


def _advice(column: Column, values: pl.Series) -> str:
    """What mends these values, and takes no line break or indentation with it."""
    steps = []
    inner = values.str.strip_chars()
    if inner.str.contains(INVISIBLE).any():
        steps.append(WITHOUT_INVISIBLE)
    lines = values.str.contains("[\\r\\n]").any() or column.kind is Kind.TEXT
    if column.kind is Kind.TEXT:
        inner = inner.filter(~inner.str.contains("\n", literal=True))
    doubled = inner.str.contains(BLANKS if lines else f"{BLANKS}|{ODD_BLANK}").any()
    if doubled and not lines:
        steps.append('.str.split().str.join(" ")')
    else:
        steps += [COLLAPSED, ".str.strip()"] if doubled else [".str.strip()"]
    return f"Strip it: `df[c] = df[c]{''.join(steps)}`."

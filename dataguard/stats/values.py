"""The values of text columns with how often they stand there, counted once for all checks."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from dataguard.expressions import DISGUISED_MISSING, PLAIN_NUMBER

if TYPE_CHECKING:
    import polars as pl

    from dataguard.dataset import Column, Dataset, Split

Counts = dict[str, int]

LONGEST = 300
"""Characters of the longest value that is compared; longer cells are documents, not values."""


class TextValues(msgspec.Struct, frozen=True, eq=False):
    """The values of a dataset's text columns in the previews, each column counted when asked for.

    Attributes:
        known: What was counted, by (split, column).
    """

    known: dict[tuple[str, str], Counts] = msgspec.field(default_factory=dict)

    def of(self, split: Split, column: Column) -> Counts:
        """Rows of the preview by single-spaced value, sorted by count, then by value.

        Empty for other columns, long texts, and numbers. Blanks are left out, and what has rules of
        its own: an opening quote that is not closed, replacement characters.
        """
        place = split.name, column.name
        if place not in self.known:
            fit = column.is_string and column.distinct > 1
            self.known[place] = _counted(split.preview[column.name]) if fit else {}
        return self.known[place]


async def text_values(data: Dataset) -> TextValues:  # noqa: ARG001 (what is derived takes a dataset)
    """What checks share of the values of text columns."""
    return TextValues()


def _counted(cells: pl.Series) -> Counts:
    import polars as pl

    some = [cell for cell in cells.head(200).to_list() if cell is not None][:50]
    if sum(map(len, some)) > LONGEST * len(some):
        return {}
    text = pl.col("text")
    distinct = cells.alias("text").value_counts(name="count").select(single_spaced(text), "count")
    counted: Counter[str] = Counter()
    for value, count in distinct.drop_nulls().iter_rows():
        counted[value] += count
    values = {v: n for v, n in counted.items() if _is_fit(v)}
    if all(re.match(PLAIN_NUMBER, value) for value in values):
        return {}
    return dict(sorted(values.items(), key=lambda pair: (-pair[1], pair[0])))


def _is_fit(value: str) -> bool:
    unclosed = value.startswith('"') and not value.endswith('"')
    return value != "" and not unclosed and "\ufffd" not in value


def first_values(split: Split, column: Column, number: int = 20) -> list[str]:
    """The first stripped values of a text column, to leave it alone at little cost; else none."""
    if not column.is_string or column.distinct < 2:
        return []
    cells = split.preview[column.name].drop_nulls()
    found: list[str] = []
    for start in range(0, len(cells), 4 * number):
        some = [str(cell).strip() for cell in cells.slice(start, 4 * number).to_list()]
        found += [v for v in some if v and v.lower() not in DISGUISED_MISSING]
        if len(found) >= number:
            break
    return found[:number]


def without_missing(values: Counts) -> Counts:
    """The values that are no words for "missing"."""
    return {v: n for v, n in values.items() if v.lower() not in DISGUISED_MISSING}


def found_in(column: Column, values: list[str]) -> pl.Expr:
    """Whether a cell, single-spaced, is one of `values`."""
    import polars as pl

    return single_spaced(pl.col(column.name)).is_in(sorted(values))


def single_spaced(text: pl.Expr) -> pl.Expr:
    """Without blanks around, single ones between words: stray white space has its own rule."""
    return text.str.strip_chars().str.replace_all(r"\s+", " ")


def is_role(split: Split, column: Column, *roles: str) -> bool:
    """Whether the column plays one of `roles`."""
    return any(c.name == column.name for role in roles for c in split.of_role(role))

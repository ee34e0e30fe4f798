"""The values of text columns with how often they stand there, counted once for all checks."""

from __future__ import annotations

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
    unclosed = text.str.starts_with('"') & ~text.str.ends_with('"')
    fit = (text != "") & ~unclosed & ~text.str.contains("\ufffd", literal=True)
    counted = cells.alias("text").to_frame().drop_nulls().select(single_spaced(text))
    counted = counted.group_by("text").len(name="count").filter(fit)
    counted = counted.with_columns(number=text.str.contains(PLAIN_NUMBER))
    values = counted.sort(["count", "text"], descending=[True, False])
    if values.get_column("number").all():
        return {}
    return dict(zip(values.get_column("text"), values.get_column("count"), strict=True))


def first_values(split: Split, column: Column, number: int = 20) -> list[str]:
    """A few stripped values of a text column, to leave it alone at little cost; else none."""
    if not column.is_string or column.distinct < 2:
        return []
    cells = split.preview[column.name].head(4 * number).to_list()
    some = [str(cell).strip() for cell in cells if cell is not None]
    return [v for v in some if v and v.lower() not in DISGUISED_MISSING][:number]


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

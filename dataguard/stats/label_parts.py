"""Labels that are several labels in one cell."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from dataguard.api import Column, Kind, Split

if TYPE_CHECKING:
    import polars as pl

LISTS = "["
"""Stands for labels written as lists."""

SEPARATORS = ("|", ";", ",", "//")

LEAST_CELLS = 3
"""Sampled labels that must hold a separator."""

LONGEST_PART = 40
"""Characters of a part on average, past which it is text."""

_LIST = r"^\s*\[.*\]\s*$"
_LIST_OF_SEVERAL = r"^\s*\[.*,.*\]\s*$"


def separator(split: Split, label: Column, least: float, known: float) -> str | None:
    """What stands between the labels of one cell in the sample; None for single labels.

    Args:
        split: Its preview is judged.
        label: A column of any kind.
        least: Share of the cells that must hold the separator.
        known: Share of the parts, by rows, that must be classes of other cells as well.
    """
    words = split.preview.select(label.text.str.strip_chars().alias("v")).drop_nulls()
    if words.is_empty():
        return None
    if _holds_lists(label, words):
        several = words.select(holds_several(label, LISTS, "v").sum()).item()
        return LISTS if several >= max(1, least * words.height) else None
    counted: dict[str, int] = dict(words.get_column("v").value_counts(name="n").iter_rows())
    return next((s for s in SEPARATORS if _separates(counted, s, least, known)), None)


def holds_several(label: Column, way: str, name: str | None = None) -> pl.Expr:
    """Whether a cell of the label holds several labels, separated in this way.

    Args:
        label: The column.
        way: See `separator`.
        name: A column of its cells as text, where it is not the column itself.
    """
    import polars as pl

    text = label.text if name is None else pl.col(name)
    if way == LISTS:
        return text.str.contains(_LIST_OF_SEVERAL)
    middle = text.str.strip_chars().str.strip_chars(way)
    return middle.str.contains(way, literal=True)


def _holds_lists(label: Column, words: pl.DataFrame) -> bool:
    import polars as pl

    return label.kind is Kind.NESTED or bool(
        words.select(pl.col("v").str.contains(_LIST).mean()).item() >= 0.9
    )


def _separates(counted: dict[str, int], sign: str, least: float, known: float) -> bool:
    """Whether the parts between these signs are classes that stand elsewhere too."""
    split = {word: _parts(word, sign) for word in counted}
    several = {word: parts for word, parts in split.items() if len(parts) > 1}
    rows = sum(counted[word] for word in several)
    if rows < max(LEAST_CELLS, least * sum(counted.values())) or len(several) < 2:
        return False
    alone = {parts[0] for parts in split.values() if len(parts) == 1}
    places = Counter(part for parts in split.values() for part in set(parts))
    all_parts = [(part, counted[word]) for word, parts in several.items() for part in parts]
    if sum(len(p) * n for p, n in all_parts) > LONGEST_PART * sum(n for _, n in all_parts):
        return False
    if any(not any(c.isalpha() for c in part) for part, _ in all_parts) and sign in ",/":
        return False
    total = sum(n for _, n in all_parts)
    if sign == ",":
        return sum(n for part, n in all_parts if part in alone) >= 0.95 * total
    return sum(n for part, n in all_parts if part in alone or places[part] > 1) >= known * total


def _parts(word: str, sign: str) -> list[str]:
    return [part for part in (piece.strip().lower() for piece in word.split(sign)) if part]

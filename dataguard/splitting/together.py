"""Which rows must not be divided: those that the checks for duplicates and leakage call alike."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TYPE_CHECKING

from dataguard.check import Check
from dataguard.dataset import Dataset, Kind, Split
from dataguard.finding import Finding, Severity
from dataguard.splitting.assign import Unions

if TYPE_CHECKING:
    import polars as pl

    from dataguard.dataset import Column

THRESHOLD = 0.8
"""Similarity from which on texts are near-duplicates; that of DUP003 and LEK002."""

MANY = 0.3
"""Share of the rows that are equal, from which on chance is asked whether they are copies; as in
DUP001. Where it explains them, as in counted data, they may be divided."""

CHANCE = 0.2
"""Share of the equal pairs that chance may explain before they are no copies; that of DUP001."""


class Together(Check):
    """Takes part in a run as a check does, and gathers rows that belong together.

    Attributes:
        unions: The units of the first split's rows.
        reasons: How many rows were joined to others, by reason.
    """

    code = "SPLIT0"
    name = "together"
    severity = Severity.INFO

    def __init__(self, height: int, group: str | None) -> None:
        super().__init__()
        self.unions = Unions(height)
        self.reasons: dict[str, int] = {}
        self._group = group

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        split = data.train
        for reason, queries in _keys(split, self._group):
            groups = await split.collisions(queries)
            if reason == "copies" and _by_chance(split, groups, queries):
                continue
            self._join(reason, _members(groups))
        texts = _texts(split)
        if texts:
            cells = await split.map([c.text.alias(c.name) for c in texts])
            self._join("near-duplicates", _near(cells, data.seed))
        return
        yield

    def _join(self, reason: str, groups: Iterator[Sequence[int]]) -> None:
        for rows in groups:
            if self.unions.join(rows):
                self.reasons[reason] = self.reasons.get(reason, 0) + len(rows)


def _keys(split: Split, group: str | None) -> Iterator[tuple[str, list[pl.Expr]]]:
    """By which expressions rows are the same, and why that keeps them together."""
    from dataguard.stats.folded_text import folded
    from dataguard.stats.row_keys import contents, matching, normalised, numbering
    from dataguard.stats.text_pairs import main_texts

    if group is not None:
        yield "groups", [matching(split[group])]
    out = numbering(split) | {c.name for c in split.of_role("label")}
    columns = [c for c in contents(split) if c.name not in out]
    if columns:
        yield "copies", [matching(c) for c in columns]
        yield "copies", [normalised(c) for c in columns]
    texts = [c for c in main_texts(split) if c.kind is Kind.TEXT]
    if texts:
        yield "equal texts", [normalised(c) for c in texts]
        yield "equal texts", [folded(c) for c in texts]


def _texts(split: Split) -> tuple[Column, ...]:
    from dataguard.stats.text_pairs import main_texts

    return main_texts(split)


def _by_chance(split: Split, groups: pl.DataFrame, keys: Sequence[pl.Expr]) -> bool:
    """Whether a large part of the rows repeats, as chance lets rows of few coarse values do."""
    from dataguard.stats.chance import chance_pairs
    from dataguard.stats.row_keys import pairs_in

    if groups.height < MANY * split.height:
        return False
    sample = split.preview.select(e.alias(f"k{i}") for i, e in enumerate(keys))
    scale = (split.height / max(1, sample.height)) ** 2
    return chance_pairs(sample) * scale > CHANCE * pairs_in(groups)


def _members(groups: pl.DataFrame) -> Iterator[Sequence[int]]:
    for (_,), part in groups.group_by("group", maintain_order=True):
        yield part.get_column("row").to_list()


def _near(texts: pl.DataFrame, seed: int) -> Iterator[Sequence[int]]:
    """All pairs of rows whose texts, taken together, are nearly the same; and equal ones."""
    import polars as pl

    from dataguard.stats.minhash import near_duplicates

    joined = texts.select(pl.concat_str(pl.all(), separator=" ", ignore_nulls=True)).to_series()
    found = near_duplicates(joined, threshold=THRESHOLD, seed=seed)
    yield from zip(found.left.tolist(), found.right.tolist(), strict=True)
    first: dict[int, int] = {}
    # A pair is told by one position a text: the equal ones belong to it as well.
    for row, text in enumerate(found.distinct.tolist()):
        if text >= 0 and first.setdefault(text, row) != row and found.partner[row] >= 0:
            yield first[text], row

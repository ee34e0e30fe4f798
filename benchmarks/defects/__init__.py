"""Small tables with one planted defect each, and their clean twins: one planter a check.

A planter makes, from a seed, files that hold one defect and the same files without it.
`python -m benchmarks.quality` lints both and counts what is found, missed and wrongly told.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Frame = dict[str, list[Any]]
"""A table as columns; None is an empty cell."""


@dataclass(frozen=True, slots=True)
class Planted:
    """One defect and its clean twin.

    Attributes:
        files: Content by file name ("train.csv", "test.csv", "train.jsonl"); names make splits.
        clean: The same without the defect.
        rows: Faulty records by file name, from 0; empty where the defect has no rows.
        columns: Faulty columns; where both are empty, a finding anywhere counts.
        roles: Keyword arguments of `dataguard.roles.GivenRoles`.
        options: Options of the check, by name.
    """

    files: Mapping[str, bytes]
    clean: Mapping[str, bytes]
    rows: Mapping[str, frozenset[int]] = field(default_factory=dict)
    columns: frozenset[str] = frozenset()
    roles: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


Planter = Callable[[random.Random], Planted]

PLANTERS: dict[str, Planter] = {}
"""Planters by the code of the check that must find what they plant."""


def plants(code: str) -> Callable[[Planter], Planter]:
    """Register a planter for a check."""

    def register(planter: Planter) -> Planter:
        assert code not in PLANTERS, f"{code} has two planters"
        PLANTERS[code] = planter
        return planter

    return register


def as_csv(table: Mapping[str, Sequence[Any]], *, delimiter: str = ",") -> bytes:
    """The table as a CSV file: UTF-8, line feeds, quotes where needed."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(
        ["" if cell is None else cell for cell in row] for row in zip(*table.values(), strict=True)
    )
    return text.getvalue().encode()


def copied(table: Mapping[str, Sequence[Any]]) -> Frame:
    """A copy whose cells can be changed."""
    return {name: list(values) for name, values in table.items()}


def part(table: Mapping[str, Sequence[Any]], rows: Sequence[int]) -> Frame:
    """The given rows of a table."""
    return {name: [values[row] for row in rows] for name, values in table.items()}


def some(draw: random.Random, rows: int, least: int = 3, share: float = 0.02) -> list[int]:
    """Which rows become faulty: at least `least`, up to twice `share` of them, ascending."""
    number = max(least, int(rows * draw.uniform(0.5, 2.0) * share))
    return sorted(draw.sample(range(rows), min(number, rows)))

"""Rows that keep their identity while faults are planted, and the truth about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any


@dataclass(slots=True, eq=False)
class Row:
    """One record: its cells as they will stand in the file, by column."""

    cells: dict[str, str]
    raw: str = ""
    """How the written line is to be broken (see `writing`), nothing for a good line."""

    def copy(self) -> Row:
        """A second row with the same cells."""
        return Row(dict(self.cells))


@dataclass(slots=True)
class Sheet:
    """One file of a case: its columns in order and its rows."""

    columns: list[str]
    rows: list[Row]

    def add_column(self, name: str, values: Iterable[str]) -> None:
        """Append a column; `values` gives one cell a row."""
        self.columns.append(name)
        for row, value in zip(self.rows, values, strict=True):
            row.cells[name] = value

    def insert(self, row: Row, rng: Random) -> None:
        """Put `row` somewhere into the file."""
        self.rows.insert(rng.randint(0, len(self.rows)), row)


@dataclass(frozen=True, slots=True)
class Roles:
    """Which column is what; empty where the table has none."""

    label: str = ""
    text: tuple[str, ...] = ()
    id: str = ""
    time: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A planted fault, rows still as objects: `partners` are the rows that they repeat."""

    fault: str
    split: str
    rows: tuple[Row, ...] = ()
    kinds: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    partners: tuple[Row, ...] = ()
    partner_split: str = ""


@dataclass(frozen=True, slots=True)
class Planted:
    """A planted fault as recorded: 0-based record numbers and 1-based physical lines."""

    fault: str
    split: str
    rows: list[int]
    lines: list[int]
    kinds: list[str]
    columns: list[str]
    partners: list[int]
    partner_split: str


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of a generated case; `untouched` lists the columns without any fault."""

    case: str
    seed: int
    domain: str
    files: dict[str, str]
    rows: dict[str, int]
    roles: dict[str, Any]
    untouched: dict[str, list[str]]
    planted: list[Planted]

    def as_json(self) -> dict[str, Any]:
        """Plain values, for `json.dump`."""
        return asdict(self)

    @staticmethod
    def from_json(value: dict[str, Any]) -> Truth:
        """The inverse of `as_json`."""
        planted = [Planted(**item) for item in value["planted"]]
        return Truth(**{**value, "planted": planted})


@dataclass(slots=True)
class Bench:
    """A table under the hand of the fault planters: each takes rows that no other has taken."""

    sheets: dict[str, Sheet]
    roles: Roles
    numbers: tuple[str, ...]
    """Columns of plain numbers, measured values rather than codes."""
    categories: tuple[str, ...]
    """Columns of a few repeated words."""
    names: tuple[str, ...]
    """Columns of short free text with accents: people, places."""
    domain: str = ""
    marks: list[Mark] = field(default_factory=list)
    _taken: set[int] = field(default_factory=set)
    _touched: set[str] = field(default_factory=set)

    @property
    def train(self) -> Sheet:
        """The training rows."""
        return self.sheets["train"]

    @property
    def test(self) -> Sheet:
        """The test rows."""
        return self.sheets["test"]

    def take(self, split: str, share: float, rng: Random, at_least: int = 8) -> list[Row]:
        """A share of the split's rows that carry no fault yet; they count as taken from now on."""
        free = [row for row in self.sheets[split].rows if id(row) not in self._taken]
        wanted = min(len(free), max(at_least, round(share * len(self.sheets[split].rows))))
        picked = rng.sample(free, wanted)
        self.reserve(picked)
        return picked

    def take_where(self, split: str, share: float, rng: Random, column: str) -> list[Row]:
        """Like `take`, among rows whose cell has letters outside ASCII; may be fewer."""
        free = [
            row
            for row in self.sheets[split].rows
            if id(row) not in self._taken and not row.cells[column].isascii()
        ]
        wanted = min(len(free), max(8, round(share * len(self.sheets[split].rows))))
        picked = rng.sample(free, wanted)
        self.reserve(picked)
        return picked

    def reserve(self, rows: Iterable[Row]) -> None:
        """Keep rows out of the reach of later planters."""
        self._taken.update(id(row) for row in rows)

    def column(self, candidates: tuple[str, ...], rng: Random) -> str:
        """One of the columns, still without a fault if there is such a one."""
        fresh = [name for name in candidates if name not in self._touched]
        name = rng.choice(fresh or list(candidates))
        self._touched.add(name)
        return name

    def touch(self, column: str) -> None:
        """Let `column` prefer other columns from now on."""
        self._touched.add(column)

    def mark(self, mark: Mark) -> None:
        """Record a planted fault."""
        self.marks.append(mark)

    def fresh_id(self, row: Row, rng: Random) -> None:
        """Give `row` an identifier of its own, in the manner of the others."""
        if not self.roles.id:
            return
        old = row.cells[self.roles.id]
        head = old.rstrip("0123456789")
        digits = len(old) - len(head)
        known = {r.cells[self.roles.id] for sheet in self.sheets.values() for r in sheet.rows}
        new = old
        while new in known:
            new = head + str(rng.randrange(10 ** (digits - 1), 10**digits))
        row.cells[self.roles.id] = new

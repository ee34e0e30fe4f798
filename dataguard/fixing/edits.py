"""What is changed in one file, by the numbers of its own rows and the names of its own columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import msgspec

from dataguard.fixing.kinds import Kind

if TYPE_CHECKING:
    import polars as pl

    from dataguard.sources.table import Table


class CellEdit(msgspec.Struct, frozen=True):
    """A cell's new value (None: missing), and the kinds of fixes that made it, in their order."""

    new: str | None
    kinds: tuple[Kind, ...]


class RowDrop(msgspec.Struct, frozen=True):
    """Why a row is left out."""

    kind: Kind
    note: str = ""


class Edits(msgspec.Struct):
    """All changes to one file.

    Attributes:
        cells: New values, by row and column as the original file has them.
        rows: Rows that are left out.
        columns: Columns that are left out.
        names: New names of columns, by the old ones.
        files: Changes to the file as a whole.
    """

    cells: dict[tuple[int, str], CellEdit] = msgspec.field(default_factory=dict)
    rows: dict[int, RowDrop] = msgspec.field(default_factory=dict)
    columns: dict[str, Kind] = msgspec.field(default_factory=dict)
    names: dict[str, str] = msgspec.field(default_factory=dict)
    files: set[Kind] = msgspec.field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.cells or self.rows or self.columns or self.names or self.files)

    def kept(self, height: int) -> list[int]:
        """The rows that stay, in their order."""
        return [row for row in range(height) if row not in self.rows]

    def live_cells(self) -> dict[tuple[int, str], CellEdit]:
        """The changed cells in rows and columns that stay, by row."""
        return {
            (row, column): edit
            for (row, column), edit in sorted(self.cells.items(), key=lambda e: e[0])
            if row not in self.rows and column not in self.columns
        }


class Entry(msgspec.Struct, frozen=True):
    """One line of the log; together they say how to undo everything.

    Attributes:
        action: "cell", "row", "column" (one a row), "name" (of a column), or "file".
        kind: The kinds of fixes that did it, by "+".
        row: 0-based number of the record in the input; None for names and files.
        line: 1-based physical line in the input, where the format has lines.
        column: The column's name in the input; None for rows and files.
        old: The value before; of a file how it was written.
        new: The value after; None for what was dropped.
        raw: The old text as it stood in the file, quotes and line end included; None in Parquet.
        note: Why, where there is more to say.
    """

    action: str
    kind: str
    row: int | None
    line: int | None
    column: str | None
    old: str | None
    new: str | None
    raw: str | None = None
    note: str = ""


class Document(Protocol):
    """A file that can be written anew with some cells and rows changed, and nothing else."""

    @property
    def table(self) -> Table:
        """The file as the linter reads it."""

    @property
    def frame(self) -> pl.DataFrame:
        """Its cells."""

    @property
    def faults(self) -> Mapping[Kind, str]:
        """What may be changed in the file as a whole, and how it is written now."""

    def takes_cell(self, row: int, column: str, new: str | None) -> bool:
        """Whether a cell can be given this value without touching others."""

    def takes_row(self, row: int) -> bool:
        """Whether a row can be left out."""

    def takes_column(self, column: str) -> bool:
        """Whether a column can be left out."""

    def takes_name(self, column: str) -> bool:
        """Whether a column can be renamed."""

    def rendered(self, edits: Edits) -> bytes:
        """The file with the edits."""

    def log(self, edits: Edits) -> list[Entry]:
        """The edits with all that is needed to undo them."""

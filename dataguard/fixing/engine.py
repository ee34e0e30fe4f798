"""The road of a fix: look, change what the findings say, look again, until nothing is found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from dataguard.errors import DataguardError, SourceError
from dataguard.finding import Severity, Status
from dataguard.fixing import (
    dates,
    files,
    labels,
    missing,
    mojibake,
    rows,
    spellings,
    whitespace,
)
from dataguard.fixing.documents import document_of, read_bytes, table_of
from dataguard.fixing.edits import CellEdit, Document, Edits, Entry, RowDrop
from dataguard.fixing.kinds import CODES, Kind, Wish
from dataguard.fixing.look import (
    Look,
    NewCell,
    NewForm,
    NewName,
    NoColumn,
    NoRow,
    Proposal,
    has_plain_names,
    look_at,
    only,
)

if TYPE_CHECKING:
    from dataguard.linter import Settings
    from dataguard.roles import GivenRoles
    from dataguard.sources.discover import DatasetSource
    from dataguard.sources.table import Table

MOST_ROUNDS = 60
"""Looks until nothing is found. A cell takes one for each of its faults; most files take three."""

MOST_TIMES = 3
"""A cell is not changed more often than this by one kind of fix."""

Propose = Callable[[Look, Wish], Iterator[Proposal]]

SAFE: tuple[tuple[Kind, Propose], ...] = (
    (Kind.ENCODING, files.encoding),
    (Kind.MARK, files.mark),
    (Kind.LINE_ENDS, files.line_ends),
    (Kind.INDEX, files.index),
    (Kind.MOJIBAKE, mojibake.proposals),
    (Kind.WHITESPACE, whitespace.proposals),
    (Kind.MISSING, missing.proposals),
    (Kind.DATES, dates.proposals),
    (Kind.SPELLINGS, spellings.spellings),
    (Kind.TYPOS, spellings.typos),
    (Kind.DUPLICATES, rows.duplicates),
)
ALIKE: tuple[tuple[Kind, Propose], ...] = (
    (Kind.LEAKED, rows.leaked),
    (Kind.NEAR_DUPLICATES, rows.near_duplicates),
)
JUDGED: tuple[tuple[Kind, Propose], ...] = (
    (Kind.MISLABELLED, labels.mislabelled),
    (Kind.RELABEL, labels.relabelled),
)

_HELD_OUT = re.compile(
    r"(?:^|[-_. ])(?:test|testing|validation|valid|val|dev|eval|evaluation|holdout)(?:[-_. ]|$)",
    re.IGNORECASE,
)


class FixedFile(msgspec.Struct, eq=False):
    """One file, what was changed in it, and its new bytes, unpacked."""

    split: str
    path: str
    document: Document
    original: bytes
    data: bytes
    table: Table
    edits: Edits = msgspec.field(default_factory=Edits)

    def render(self) -> None:
        """Make the new bytes, and read them as the linter does."""
        self.data = self.document.rendered(self.edits)
        self.table = table_of(self.data, self.path)

    @property
    def changed(self) -> bool:
        """Whether the file differs from what it was."""
        return self.data != self.original

    def log(self) -> list[Entry]:
        """What was changed, for a reader and for a way back."""
        return self.document.log(self.edits)


class Fixed(msgspec.Struct, eq=False):
    """One data set after its fix.

    Attributes:
        files: One a split.
        notes: What the user should know: what was left, and why.
    """

    files: list[FixedFile]
    notes: list[str]


def fix(source: DatasetSource, given: GivenRoles, settings: Settings, wish: Wish) -> Fixed:
    """Fix one data set in memory; nothing is written.

    Args:
        source: Its files.
        given: Roles that the user named.
        settings: Checks that may be asked, seed, and ignored paths.
        wish: Which unsafe fixes are asked for.

    Raises:
        SourceError: A file cannot be read, or not be edited in parts.
        UsageError: A named column is in no split.
    """
    work = _Work(source.name, [], given, settings, wish)
    for split, path in source.splits.items():
        data = read_bytes(path)
        document = document_of(data, path)
        if not has_plain_names(document.frame):
            raise SourceError(path, "has a column name with ^ and $ around it; rename it first")
        work.files.append(FixedFile(split, path, document, data, data, document.table))
    work.settle(SAFE)
    judged = [pair for pair in JUDGED if wish.wants(pair[0])]
    if judged and work.may_judge():
        work.once(judged)
        work.settle(SAFE)
    alike = [pair for pair in ALIKE if wish.wants(pair[0])]
    if alike:
        work.settle((*SAFE, *alike))
    work.verify()
    return Fixed(work.files, work.notes())


class _Work(msgspec.Struct, eq=False):
    """A fix under way."""

    name: str
    files: list[FixedFile]
    given: GivenRoles
    settings: Settings
    wish: Wish
    refused: set[tuple[str, Proposal]] = msgspec.field(default_factory=set)
    last: Look | None = None
    said: list[str] = msgspec.field(default_factory=list)

    def settle(self, kinds: Sequence[tuple[Kind, Propose]]) -> None:
        """Fix until the linter finds nothing more that can be fixed."""
        for _ in range(MOST_ROUNDS):
            if not self.once(kinds):
                return
        self.said.append(f"stopped after {MOST_ROUNDS} rounds: fix the result once more")

    def once(self, kinds: Sequence[tuple[Kind, Propose]]) -> bool:
        """One look, and the changes that it asks for; whether there were any."""
        tables = {f.split: f.table for f in self.files}
        for file in self.files:
            if file.table.height != len(file.edits.kept(file.document.table.height)):
                raise _read_otherwise(file)
        look = look_at(self.name, tables, self._roles(), only(self.settings, [k for k, _ in kinds]))
        self.last = look
        self._say_what_did_not_run(look, kinds)
        round_ = _Round(self, look)
        for kind, propose in kinds:
            for proposal in propose(look, self.wish):
                round_.take(kind, proposal)
        for file in self.files:
            if file.split in round_.touched:
                file.render()
        return bool(round_.touched)

    def may_judge(self) -> bool:
        """Whether there are training data whose labels may be judged."""
        train = next((f for f in self.files if f.split == "train"), None)
        alone = train is not None and len(self.files) == 1
        held_out = alone and train and _HELD_OUT.search(Path(train.path).name.partition(".")[0])
        others = [f.path for f in self.files if f.split != "train" or held_out]
        if others:
            self.said.append(
                f"{', '.join(others)}: no label is judged there; to drop or change test rows that"
                " a model gets wrong flatters its score"
            )
        return train is not None and not held_out

    def notes(self) -> list[str]:
        """What is left, and why."""
        found = list(dict.fromkeys(self.said))
        if self.refused:
            number = len(self.refused)
            left = "1 change was" if number == 1 else f"{number:,} changes were"
            found.append(f"{left} left out: the records there cannot be edited in parts")
        for finding in self.last.findings if self.last else ():
            mends_rows = len(finding.rows) and finding.code.startswith(("FMT", "LAB004", "FIL002"))
            chance = finding.code == "DUP001" and finding.severity < Severity.WARNING
            if mends_rows or chance:
                hint = _why_left(finding.code, finding.confidence)
                where = f" in `{'`, `'.join(finding.columns[:3])}`" if finding.columns else ""
                found.append(
                    f"{finding.path}: {finding.code} is left in {finding.row_count:,}"
                    f" row{'' if finding.row_count == 1 else 's'}{where}{hint}"
                )
        return found

    def verify(self) -> None:
        """See that all cells of CSV files are read as they should be.

        Raises:
            DataguardError: They are not; nothing has been written.
        """
        for file in self.files:
            if file.edits and file.document.table.format == "csv":
                _verify(file)

    def _say_what_did_not_run(self, look: Look, kinds: Sequence[tuple[Kind, Propose]]) -> None:
        for outcome in look.outcomes:
            crashed = outcome.status is Status.CRASHED
            asked = any(k in self.wish.unsafe and outcome.code in CODES[k] for k, _ in kinds)
            if crashed or (asked and outcome.status is Status.SKIPPED):
                self.said.append(f"{outcome.code} did not run: {outcome.reason}")

    def _roles(self) -> GivenRoles:
        """The given roles by the names that the columns have by now."""
        names: dict[str, str] = {}
        for file in self.files:
            names |= file.edits.names
        given = self.given
        plain = {r: names.get(getattr(given, r) or "", getattr(given, r)) for r in _SINGLE}
        return replace(given, text=tuple(names.get(n, n) for n in given.text), **plain)


_SINGLE = ("label", "id", "time", "group")


class _Round(msgspec.Struct, eq=False):
    """The changes of one look, by the numbers that rows have in it."""

    work: _Work
    look: Look
    touched: set[str] = msgspec.field(default_factory=set)
    cells: set[tuple[str, int, str]] = msgspec.field(default_factory=set)
    dropping: Kind | None = None
    _kept: dict[str, list[int]] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        for file in self.work.files:
            self._kept[file.split] = file.edits.kept(file.document.table.height)

    def take(self, kind: Kind, proposal: Proposal) -> None:
        """Make the change, unless it is none, comes too often, or cannot be made."""
        file = next((f for f in self.work.files if f.split == proposal.split), None)
        if file is None:
            return
        made = False
        match proposal:
            case NewCell():
                made = self._cell(file, kind, proposal)
            case NoRow():
                made = self._row(file, kind, proposal)
            case NoColumn(_, column):
                name = self._original(file, column)
                made = name not in file.edits.columns and file.document.takes_column(name)
                if made:
                    file.edits.columns[name] = kind
            case NewName(_, column, new):
                made = self._original(file, column) == column and file.document.takes_name(column)
                if made:
                    file.edits.names[column] = new
            case NewForm():
                made = kind in file.document.faults and kind not in file.edits.files
                if made:
                    file.edits.files.add(kind)
        if made:
            self.touched.add(file.split)

    def _cell(self, file: FixedFile, kind: Kind, proposal: NewCell) -> bool:
        split, row, column, new = proposal
        place = (split, row, column)
        if place in self.cells or self.look.frames[split].get_column(column)[row] == (new or None):
            return False
        key = (self._kept[split][row], self._original(file, column))
        before = file.edits.cells.get(key)
        if before is not None and before.kinds.count(kind) >= MOST_TIMES:
            return False
        if not file.document.takes_cell(*key, new):
            self.work.refused.add((kind, NewCell(split, key[0], key[1], new)))
            return False
        self.cells.add(place)
        file.edits.cells[key] = CellEdit(new, (*(before.kinds if before else ()), kind))
        return True

    def _row(self, file: FixedFile, kind: Kind, proposal: NoRow) -> bool:
        if self.dropping not in (None, kind):
            return False
        row = self._kept[proposal.split][proposal.row]
        left = len(self._kept[proposal.split]) - len(file.edits.rows)
        if row in file.edits.rows or left < 1:
            return False
        if not file.document.takes_row(row):
            self.work.refused.add((kind, NoRow(proposal.split, row)))
            return False
        self.dropping = kind
        file.edits.rows[row] = RowDrop(kind, self._note(proposal))
        return True

    def _note(self, proposal: NoRow) -> str:
        if proposal.of is None:
            return proposal.note.removesuffix(" of")
        split, row = proposal.of
        original = self._kept[split][row]
        file = next(f for f in self.work.files if f.split == split)
        line = file.document.table.lines.of(original)
        return f"{proposal.note} " + (f"row {original}" if line is None else f"line {line}")

    @staticmethod
    def _original(file: FixedFile, column: str) -> str:
        """The name that a column has in the input."""
        return next((old for old, new in file.edits.names.items() if new == column), column)


def _why_left(code: str, confidence: float) -> str:
    if code == "FMT002":
        return ": they can be read in more than one way, or are no dates"
    if code in ("FMT009", "LAB004") and confidence < 1:
        return ": a guess; --unsafe typos"
    if code == "DUP001":
        return ": chance explains that they are equal"
    return ""


def _read_otherwise(file: FixedFile) -> DataguardError:
    reason = "its records are read otherwise once it is fixed, so nothing was written"
    return DataguardError(f"{file.path}: {reason}; repair first what lint says of it (FIL…)")


def _verify(file: FixedFile) -> None:
    """See that a CSV file is read as it should be.

    Raises:
        DataguardError: It is not.
    """
    import polars as pl

    frame, edits = file.document.frame, file.edits
    series = []
    changed: dict[str, dict[int, str | None]] = {}
    for (row, column), edit in edits.cells.items():
        changed.setdefault(column, {})[row] = edit.new or None
    for old in frame.get_columns():
        if old.name in edits.columns:
            continue
        cells = old.to_list() if old.name in changed else None
        for row, new in changed.get(old.name, {}).items():
            assert cells is not None
            cells[row] = new
        kept = old if cells is None else pl.Series(old.name, cells, pl.String)
        series.append(kept.alias(edits.names.get(old.name, old.name)))
    wanted = pl.DataFrame(series)[edits.kept(frame.height)]
    found = file.table.frame.collect()
    if found.columns != wanted.columns and len(found.columns) == len(wanted.columns):
        wanted.columns = found.columns  # nameless columns are called by their place
    if not found.equals(wanted):
        raise _read_otherwise(file)


def counts(files: Iterable[Sequence[Entry]]) -> dict[str, int]:
    """How many cells, rows, columns and files each kind of fix changed, most frequent first.

    Args:
        files: The log of each file.
    """
    found: dict[str, int] = {}
    for entries in files:
        columns = {(e.kind, e.column) for e in entries if e.action == "column"}
        kinds = [k for e in entries if e.action != "column" for k in e.kind.split("+")]
        for kind in [*kinds, *(kind for kind, _ in columns)]:
            found[kind] = found.get(kind, 0) + 1
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

"""One look of the linter at the files as they are by now, and what the kinds of fixes propose."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec
from msgspec.structs import replace

from dataguard.check import Check
from dataguard.finding import Finding, Outcome, Severity
from dataguard.fixing.kinds import CODES, Kind
from dataguard.queries import ROW, Derived

if TYPE_CHECKING:
    import polars as pl

    from dataguard.dataset import Dataset
    from dataguard.linter import Settings
    from dataguard.roles import GivenRoles
    from dataguard.sources.table import Table

T = TypeVar("T")


class NewCell(NamedTuple):
    """A cell gets another value; None is missing."""

    split: str
    row: int
    column: str
    new: str | None


class NoRow(NamedTuple):
    """A row is left out; `note` may name another row, which stands in `of`."""

    split: str
    row: int
    note: str = ""
    of: tuple[str, int] | None = None


class NoColumn(NamedTuple):
    """A column is left out."""

    split: str
    column: str


class NewName(NamedTuple):
    """A column gets another name."""

    split: str
    column: str
    new: str


class NewForm(NamedTuple):
    """The file as a whole is written otherwise."""

    split: str


Proposal = NewCell | NoRow | NoColumn | NewName | NewForm


class Look(msgspec.Struct, frozen=True, eq=False, dict=True):
    """What the linter says of the tables as they are by now.

    Attributes:
        tables: By split.
        findings: Of all checks that were asked.
        outcomes: What became of these checks.
        given: Roles that the user named.
        seed: The run's seed.
    """

    tables: Mapping[str, Table]
    findings: Sequence[Finding]
    outcomes: Sequence[Outcome]
    given: GivenRoles
    seed: int

    def of(self, kind: Kind, least: Severity = Severity.INFO) -> list[Finding]:
        """The findings that fixes of this kind mend, from this severity on."""
        codes = CODES[kind]
        return [f for f in self.findings if f.code in codes and f.severity >= least]

    @cached_property
    def frames(self) -> dict[str, pl.DataFrame]:
        """The cells of each split."""
        return {split: table.frame.collect() for split, table in self.tables.items()}

    @cached_property
    def data(self) -> Dataset:
        """The data set as checks see it, without splits that hold no record."""
        from dataguard.linter import dataset_of

        tables = {split: table for split, table in self.tables.items() if table.height}
        return dataset_of("", tables, self.given, self.seed)

    def values(self, finding: Finding, column: str) -> list[tuple[int, Any]]:
        """The finding's rows, each with its cell of `column`."""
        assert finding.split is not None
        cells = self.frames[finding.split].get_column(column)
        return [(row, cells[row]) for row in finding.rows]

    def derived(self, derive: Callable[[Dataset], Coroutine[Any, Any, T]]) -> T:
        """What checks share, from the same coroutine.

        Raises:
            RuntimeError: It could not be derived.
        """
        from dataguard.engines.local import LocalEngine
        from dataguard.runner import Runner

        question = _Question(derive)
        _, (outcome,) = Runner(LocalEngine(), self.data).run([question])
        if not question.answers:
            raise RuntimeError(outcome.reason)
        answer: T = question.answers[0]
        return answer


class _Question(Check):
    """Takes part in a run as a check does, and finds nothing."""

    code = "ASK000"
    name = "question"
    severity = Severity.INFO

    def __init__(self, derive: Callable[[Dataset], Coroutine[Any, Any, Any]]) -> None:
        super().__init__()
        self._derive = derive
        self.answers: list[Any] = []

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:  # noqa: ARG002
        self.answers.append(await Derived(self._derive))
        return
        yield


def look_at(name: str, tables: Mapping[str, Table], given: GivenRoles, settings: Settings) -> Look:
    """Lint the tables by the checks of `settings`.

    Raises:
        UsageError: A named column is in no split.
    """
    from dataguard.linter import lint_tables

    report = lint_tables(name, tables, given, settings)
    return Look(tables, report.findings, report.outcomes, given, settings.seed)


def has_plain_names(frame: pl.DataFrame) -> bool:
    """Whether no column's name is a pattern to Polars, or one of ours."""
    return not any(n == ROW or (n.startswith("^") and n.endswith("$")) for n in frame.columns)


def only(settings: Settings, kinds: Sequence[Kind]) -> Settings:
    """The settings with the checks alone whose findings these kinds mend."""
    codes = {code for kind in kinds for code in CODES[kind]}
    return replace(settings, checks=tuple(c for c in settings.checks if c.code in codes))

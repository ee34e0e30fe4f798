"""The main road: sources to tables, tables to a dataset, checks over it, findings to a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from msgspec.structs import replace

from dataguard import __version__
from dataguard.check import Check
from dataguard.dataset import Dataset, Split
from dataguard.errors import SourceError
from dataguard.finding import Finding, Outcome, Report, RoleInfo, Severity, SourceInfo, Status
from dataguard.fingerprints import with_fingerprints
from dataguard.ignores import matches
from dataguard.queries import ROW
from dataguard.roles import GivenRoles, assign
from dataguard.runner import Progress, Runner
from dataguard.sources.discover import COMPRESSIONS
from dataguard.sources.table import Fault, FaultKind, Table
from dataguard.stats.masking import masked_finding

if TYPE_CHECKING:
    from dataguard.webpage.facts import Summary

IN_MEMORY = 512 * 2**20
"""Bytes of a table's text up to which it is held in memory; larger ones are read in each pass.

Measured on 350 MB: held, a fast run takes 1.0 GB and 21 CPU seconds; read in each pass, 1.35 GB
and 34 seconds.
"""

SIZE_ROWS = 1000
"""Rows by which the size of a compressed table is judged."""

MOST_COLUMNS = 20_000
"""Columns from which on a table is refused: each check asks something of each column."""


class Sift(Protocol):
    """Leaves out findings that need no telling: those ignored, those in a baseline."""

    def __call__(
        self, findings: Sequence[Finding], paths: Sequence[str], outcomes: Sequence[Outcome]
    ) -> list[Finding]:
        """What is left of the findings of one data set, whose files are `paths`."""

    def notes(self, *, every_file: bool, alone: bool = False) -> Iterator[str]:
        """What to tell after the last data set.

        Args:
            every_file: The run looked at all data sets of the config.
            alone: It looked at some files, each by itself.
        """


class Settings(msgspec.Struct, frozen=True):
    """How to lint.

    Attributes:
        checks: The checks to run, configured.
        fast: Leave out the checks that need a model or a similarity search.
        seed: Seed of everything random.
        per_file_ignores: Codes that are not reported for paths that match a pattern.
        root: Directory that these patterns are relative to.
        progress: Told after every check that ends.
        sifts: What leaves out findings, one after the other.
        summary: Gather `Report.summary` as well, for a report that shows the data.
    """

    checks: tuple[Check, ...]
    fast: bool = False
    seed: int = 0
    per_file_ignores: Mapping[str, tuple[str, ...]] | None = None
    progress: Progress | None = None
    root: str = "."
    sifts: tuple[Sift, ...] = ()
    summary: bool = False


def lint_tables(
    name: str, tables: Mapping[str, Table], given: GivenRoles, settings: Settings
) -> Report:
    """Lint one dataset.

    Args:
        name: Name of the dataset.
        tables: By split name, in the order train, validation, test.
        given: The roles that the user named.
        settings: What to run and how.

    Raises:
        UsageError: A named column is in no split.
    """
    own = _plain_names(tables)
    data = dataset_of(name, tables, given, settings.seed, own)
    findings, outcomes = _run(data, settings)
    guessed = {c.code for c in settings.checks if any(data.inferred(r) for r in c.uses)}
    findings = [_capped(f) if f.code in guessed else f for f in findings]
    findings = _with_places([_in_own_names(f, own) for f in findings], data)
    findings = [masked_finding(f) for f in with_fingerprints(findings, data.splits)]
    if settings.per_file_ignores:
        findings = [f for f in findings if not _ignored(f, settings)]
    findings.sort(key=_order)
    for sift in settings.sifts:
        findings = sift(findings, [table.path for table in tables.values()], outcomes)
    return Report(
        name=name,
        findings=tuple(findings),
        outcomes=tuple(sorted(outcomes, key=lambda o: o.code)),
        sources=tuple(_source(s) for s in data.splits),
        roles=_roles_in_own_names(data.roles, own),
        version=__version__,
        summary=_summary(data, findings, own) if settings.summary else None,
    )


def _summary(data: Dataset, findings: Sequence[Finding], own: Mapping[str, str]) -> Summary:
    from dataguard.webpage.gather import summarise

    return summarise(data, findings, own)


def unreadable(tables: Mapping[str, Table]) -> list[SourceError]:
    """Why some tables hold no record, be they empty or unreadable: one error each."""
    empty = [table for table in tables.values() if table.height == 0]
    return [SourceError(table.path, _why_empty(table).message) for table in empty]


def _why_empty(table: Table) -> Fault:
    """The fault of a table without a record, be it the source's own."""
    known = [f for f in table.faults if f.kind is FaultKind.UNREADABLE]
    words = "there is no record"
    if table.frame.collect_schema().names():
        words = "there is a header, but no record"
    return known[0] if known else Fault(FaultKind.UNREADABLE, words)


def _run(data: Dataset, settings: Settings) -> tuple[list[Finding], list[Outcome]]:
    """Structural checks look at every split, the others at those that hold records."""
    from dataguard.engines.local import LocalEngine

    structural = [c for c in settings.checks if c.structural]
    others = [c for c in settings.checks if not c.structural]
    running = [c for c in others if c.fast or not settings.fast]
    findings, outcomes = Runner(LocalEngine(), data).run(structural)
    more, ended = Runner(LocalEngine(), _with_records(data), settings.progress).run(running)
    left_out = [
        Outcome(c.code, c.name, Status.SKIPPED, "left out by --fast")
        for c in others
        if c not in running
    ]
    return findings + more, outcomes + ended + left_out


def _with_records(data: Dataset) -> Dataset:
    """The dataset without empty splits; none is left where there is nothing to train on."""
    empty = tuple(s.name for s in data.splits if not s.height)
    readable = tuple(s for s in data.splits if s.height) if data.train.height else ()
    return replace(data, splits=readable, given_empty=empty)


def dataset_of(
    name: str,
    tables: Mapping[str, Table],
    given: GivenRoles,
    seed: int = 0,
    own: Mapping[str, str] = MappingProxyType({}),
) -> Dataset:
    """The dataset that checks look at: kinds judged, roles assigned, small tables in memory.

    Args:
        name: Name of the dataset.
        tables: By split name, in the order train, validation, test.
        given: The roles that the user named.
        seed: Seed of everything random.
        own: The user's names of columns by those that they go by here, where these differ.

    Raises:
        UsageError: A named column is in no split.
        SourceError: A table has more columns than can be linted.
    """
    from dataguard.kinds import profile

    for table in tables.values():
        width = len(table.frame.collect_schema())
        if width > MOST_COLUMNS:
            reason = f"has {width:,} columns, and dataguard lints up to {MOST_COLUMNS:,}"
            raise SourceError(table.path, f"{reason}; is the table transposed?")
    plain = {users: ours for ours, users in own.items()}
    held = {split: _held(_renamed(table, plain)) for split, table in tables.items()}
    profiles = {split: profile(table) for split, table in held.items()}
    known = dict.fromkeys(c.name for columns, _ in profiles.values() for c in columns)
    first = next((columns for columns, _ in profiles.values() if columns), ())
    roles = assign(_given_in_plain_names(given, plain), first, list(known)) if known else {}
    splits = tuple(
        Split(split, table, profiles[split][0], table.height, profiles[split][1], roles)
        for split, table in held.items()
    )
    return Dataset(name, splits, roles, seed)


def _plain_names(tables: Mapping[str, Table]) -> dict[str, str]:
    """The user's name for ours, for columns whose names mean something to Polars or to us.

    Polars takes "^a$" for a pattern that selects the column "a". Ours have "_" behind, as often
    as it takes to be no other column's.
    """
    taken = {n for table in tables.values() for n in table.frame.collect_schema().names()}
    own: dict[str, str] = {}
    for name in sorted(n for n in taken if n == ROW or (n.startswith("^") and n.endswith("$"))):
        plain = f"{name}_"
        while plain in taken or plain in own:
            plain += "_"
        own[plain] = name
    return own


def _renamed(table: Table, plain: Mapping[str, str]) -> Table:
    names = {n: plain[n] for n in table.frame.collect_schema().names() if n in plain}
    return replace(table, frame=table.frame.rename(names, strict=True)) if names else table


def _given_in_plain_names(given: GivenRoles, plain: Mapping[str, str]) -> GivenRoles:
    one = {role: plain[names[0]] for role, names in given.items() if names[0] in plain}
    one.pop("text", None)
    return replace(given, text=tuple(plain.get(n, n) for n in given.text), **one)


def _roles_in_own_names(
    roles: Mapping[str, RoleInfo], own: Mapping[str, str]
) -> dict[str, RoleInfo]:
    return {
        role: replace(info, columns=tuple(own.get(n, n) for n in info.columns))
        for role, info in roles.items()
    }


def _in_own_names(finding: Finding, own: Mapping[str, str]) -> Finding:
    """The finding with the names that the user knows; messages quote them in backticks."""
    if not own:
        return finding
    message, fix = finding.message, finding.fix
    for ours, users in own.items():
        message = message.replace(f"`{ours}`", f"`{users}`")
        fix = fix.replace(f"`{ours}`", f"`{users}`")
    evidence = dict(finding.evidence)
    examples = _examples(finding)
    if examples:
        evidence["examples"] = [
            {**e, "column": own.get(e["column"], e["column"])}
            if isinstance(e.get("column"), str)
            else e
            for e in examples
        ]
    columns = tuple(own.get(n, n) for n in finding.columns)
    return replace(finding, columns=columns, evidence=evidence, message=message, fix=fix)


def _held(table: Table) -> Table:
    """The table in memory, where it is small; reading a small file once beats reading it often."""
    if table.height == 0 and _why_empty(table) not in table.faults:
        table = replace(table, faults=(*table.faults, _why_empty(table)))
    if table.format != "frame" and _size(table) > IN_MEMORY:
        return table
    return replace(table, frame=table.frame.collect().lazy())


def _size(table: Table) -> int:
    """Bytes of the table as text; of packed ones, judged by the first rows, one more a cell."""
    path = Path(table.path)
    size = path.stat().st_size if path.is_file() else 0
    packed = table.format not in ("csv", "jsonl") or path.suffix.lower() in COMPRESSIONS
    if not packed or not size or size > IN_MEMORY:
        return size
    head = table.frame.head(SIZE_ROWS).collect()
    text = int(head.estimated_size()) + head.height * head.width
    return max(size, text * table.height // max(head.height, 1))


def _capped(finding: Finding) -> Finding:
    """A finding that rests on a guessed role is never an error."""
    if finding.severity < Severity.ERROR:
        return finding
    return replace(finding, severity=Severity.WARNING, confidence=min(finding.confidence, 0.8))


def _with_places(findings: list[Finding], data: Dataset) -> list[Finding]:
    """Add the path and the physical lines to every finding."""
    placed = []
    for finding in findings:
        split = next((s for s in data.splits if s.name == finding.split), None)
        if split is None:
            path = data.splits[0].table.path if len(data.splits) == 1 else None
            placed.append(replace(finding, path=path))
            continue
        place = split.table.lines.of
        lines = finding.lines
        if not lines:
            found = [place(row) for row in finding.rows]
            lines = [line for line in found if line is not None]
        evidence = dict(finding.evidence)
        examples = _examples(finding)
        if examples:
            evidence["examples"] = [
                {"row": e["row"], "line": place(e["row"]), **e} for e in examples
            ]
        line = finding.line or (lines[0] if lines else None)
        placed.append(
            replace(
                finding,
                path=split.table.path,
                lines=lines,
                line=line,
                evidence=evidence,
            )
        )
    return placed


def _examples(finding: Finding) -> list[dict[str, Any]]:
    """The finding's examples; empty where a check keeps something else under that key."""
    found = finding.evidence.get("examples")
    if isinstance(found, list) and all(
        isinstance(e, dict) and type(e.get("row")) is int for e in found
    ):
        return found
    return []


def _ignored(finding: Finding, settings: Settings) -> bool:
    """Whether `per-file-ignores` names the finding's code for its file."""
    if finding.path is None:
        return False
    return any(
        finding.code in codes and matches(finding.path, pattern, settings.root)
        for pattern, codes in (settings.per_file_ignores or {}).items()
    )


def _order(finding: Finding) -> tuple[Any, ...]:
    rows = finding.rows[0] if len(finding.rows) else -1
    return (-finding.severity, finding.code, finding.split or "", finding.columns, rows)


def _source(split: Split) -> SourceInfo:
    table = split.table
    return SourceInfo(
        split.name, table.path, table.format, split.height, len(split.columns), table.dialect
    )

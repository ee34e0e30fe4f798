"""The main road: sources to tables, tables to a dataset, checks over it, findings to a report."""

from __future__ import annotations

import fnmatch
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataguard import __version__
from dataguard.check import Check
from dataguard.dataset import Dataset, Split
from dataguard.errors import SourceError
from dataguard.finding import Finding, Outcome, Report, Severity, SourceInfo, Status
from dataguard.queries import ROW
from dataguard.roles import GivenRoles, assign
from dataguard.runner import Progress, Runner
from dataguard.sources.table import Fault, FaultKind, Table

if TYPE_CHECKING:
    pass

IN_MEMORY = 64 * 2**20
"""Bytes of a table's text up to which it is held in memory; larger ones are read in each pass."""

MOST_COLUMNS = 20_000
"""Columns from which on a table is refused: each check asks something of each column."""

FINGERPRINT_ROWS = 64
"""Rows a finding whose contents go into its fingerprint: those with the smallest content hash."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to lint.

    Attributes:
        checks: The checks to run, configured.
        fast: Leave out the checks that need a model or a similarity search.
        seed: Seed of everything random.
        per_file_ignores: Codes that are not reported for paths that match a pattern.
        progress: Told after every check that ends.
    """

    checks: tuple[Check, ...]
    fast: bool = False
    seed: int = 0
    per_file_ignores: Mapping[str, tuple[str, ...]] | None = None
    progress: Progress | None = None


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
    from dataguard.engines.local import LocalEngine

    data = _dataset(name, tables, given, settings.seed)
    readable = replace(data, splits=tuple(s for s in data.splits if s.height))
    runner = Runner(LocalEngine(), readable, settings.progress)
    file_runner = Runner(LocalEngine(), data)
    file_checks = [c for c in settings.checks if c.code.startswith("FIL")]
    others = [c for c in settings.checks if c not in file_checks]
    running = [c for c in others if c.fast or not settings.fast]
    left_out = [c for c in others if c not in running]
    findings, outcomes = file_runner.run(file_checks)
    more, ended = runner.run(running)
    outcomes += ended
    outcomes += [Outcome(c.code, c.name, Status.SKIPPED, "left out by --fast") for c in left_out]
    guessed = {c.code for c in settings.checks if any(data.inferred(r) for r in c.uses)}
    findings = [_capped(f) if f.code in guessed else f for f in [*findings, *more]]
    findings = _with_places(findings, data)
    if settings.per_file_ignores:
        findings = [f for f in findings if not _ignored(f, settings.per_file_ignores)]
    return Report(
        name=name,
        findings=tuple(sorted(findings, key=_order)),
        outcomes=tuple(sorted(outcomes, key=lambda o: o.code)),
        sources=tuple(_source(s) for s in data.splits),
        roles=data.roles,
        version=__version__,
    )


def unreadable(tables: Mapping[str, Table]) -> bool:
    """Whether some table holds no record, be it empty or unreadable."""
    return any(table.height == 0 for table in tables.values())


def _dataset(name: str, tables: Mapping[str, Table], given: GivenRoles, seed: int) -> Dataset:
    from dataguard.kinds import profile

    for table in tables.values():
        width = len(table.frame.collect_schema())
        if width > MOST_COLUMNS:
            reason = f"has {width:,} columns, and dataguard lints up to {MOST_COLUMNS:,}"
            raise SourceError(table.path, f"{reason}; is the table transposed?")
    held = {split: _held(_with_plain_names(table)) for split, table in tables.items()}
    profiles = {split: profile(table) for split, table in held.items()}
    known = dict.fromkeys(c.name for columns, _ in profiles.values() for c in columns)
    first = next((columns for columns, _ in profiles.values() if columns), ())
    roles = assign(given, first, list(known)) if known else {}
    splits = tuple(
        Split(split, table, profiles[split][0], table.height, profiles[split][1], roles)
        for split, table in held.items()
    )
    return Dataset(name, splits, roles, seed)


def _with_plain_names(table: Table) -> Table:
    """The table without names that mean something to Polars or to us; these get a "_" behind.

    Polars takes "^a$" for a pattern that selects the column "a".
    """
    names = table.frame.collect_schema().names()
    special = [n for n in names if n == ROW or (n.startswith("^") and n.endswith("$"))]
    if not special:
        return table
    plain = {name: f"{name}_" for name in special}
    return replace(table, frame=table.frame.rename(plain, strict=True))


def _held(table: Table) -> Table:
    """The table in memory, where it is small; reading a small file once beats reading it often."""
    if table.height == 0 and not any(f.kind is FaultKind.UNREADABLE for f in table.faults):
        fault = Fault(FaultKind.UNREADABLE, "there is a header, but no record")
        table = replace(table, faults=(*table.faults, fault))
    size = 0
    if table.format != "frame":
        path = Path(table.path)
        size = path.stat().st_size if path.is_file() else 0
    if size > IN_MEMORY:
        return table
    return replace(table, frame=table.frame.collect().lazy())


def _capped(finding: Finding) -> Finding:
    """A finding that rests on a guessed role is never an error."""
    if finding.severity < Severity.ERROR:
        return finding
    return replace(finding, severity=Severity.WARNING, confidence=min(finding.confidence, 0.8))


def _with_places(findings: list[Finding], data: Dataset) -> list[Finding]:
    """Add the path, the physical lines and the fingerprint to every finding."""
    digests = {s.name: _row_digests(s, findings) for s in data.splits}
    placed = []
    for finding in findings:
        split = next((s for s in data.splits if s.name == finding.split), None)
        if split is None:
            path = data.splits[0].table.path if len(data.splits) == 1 else None
            placed.append(replace(finding, path=path, fingerprint=_fingerprint(finding, ())))
            continue
        place = split.table.lines.of
        lines = finding.lines
        if not lines:
            found = [place(row) for row in finding.rows]
            lines = [line for line in found if line is not None]
        evidence = dict(finding.evidence)
        if "examples" in evidence:
            evidence["examples"] = [
                {"row": e["row"], "line": place(e["row"]), **e} for e in evidence["examples"]
            ]
        line = finding.line or (lines[0] if lines else None)
        placed.append(
            replace(
                finding,
                path=split.table.path,
                lines=lines,
                line=line,
                evidence=evidence,
                fingerprint=_fingerprint(finding, digests[split.name].get(id(finding), ())),
            )
        )
    return placed


def _row_digests(split: Split, findings: list[Finding]) -> dict[int, list[bytes]]:
    """The digests of the rows whose contents go into a fingerprint, by the finding's `id()`."""
    import polars as pl

    from dataguard.engines.local import KEY_SEED
    from dataguard.expressions import content_key

    mine = {id(f): _identifying(f) for f in findings if f.split == split.name and len(f.rows)}
    if not mine or not split.columns:
        return {}
    key = content_key([c.text for c in split.columns]).alias("key")
    keyed = split.table.frame.select(key).with_row_index("row")

    def among(rows: set[int]) -> pl.LazyFrame:
        wanted = pl.Series("row", sorted(rows), dtype=pl.UInt32)
        return keyed.filter(pl.col("row").is_in(wanted.implode()))

    order = among({row for rows in mine.values() for row in rows})
    order = order.select("row", pl.col("key").hash(KEY_SEED).alias("hash"))
    hashes = dict(order.collect(engine="streaming").iter_rows())
    chosen = {
        finding: sorted(rows, key=lambda row: hashes[row])[:FINGERPRINT_ROWS]
        for finding, rows in mine.items()
    }
    contents = among({row for rows in chosen.values() for row in rows})
    digests = {
        row: hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        for row, text in contents.collect(engine="streaming").iter_rows()
    }
    return {finding: [digests[row] for row in rows] for finding, rows in chosen.items()}


def _identifying(finding: Finding) -> list[int]:
    """The rows whose contents tell one finding from another.

    Which of two copies is the later one depends on the order of rows, so the rows that flagged
    ones repeat (`evidence["originals"]`) count as well.
    """
    return sorted({*finding.rows, *finding.evidence.get("originals", ())})


def _fingerprint(finding: Finding, digests: Sequence[bytes]) -> str:
    """Hash of code, split, columns and row contents, so that it survives a shuffle."""
    parts = [finding.code, finding.split or "", *finding.columns]
    digest = hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16)
    for content in sorted(digests):
        digest.update(content)
    return digest.hexdigest()


def _ignored(finding: Finding, ignores: Mapping[str, tuple[str, ...]]) -> bool:
    if finding.path is None:
        return False
    path = Path(finding.path)
    for pattern, codes in ignores.items():
        matches = fnmatch.fnmatch(path.as_posix(), pattern) or fnmatch.fnmatch(path.name, pattern)
        if matches and any(finding.code.startswith(c.upper()) for c in codes):
            return True
    return False


def _order(finding: Finding) -> tuple[Any, ...]:
    rows = finding.rows[0] if len(finding.rows) else -1
    return (-finding.severity, finding.code, finding.split or "", finding.columns, rows)


def _source(split: Split) -> SourceInfo:
    table = split.table
    return SourceInfo(
        split.name, table.path, table.format, split.height, len(split.columns), table.dialect
    )

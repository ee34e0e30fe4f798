"""What a run says: findings, the outcome of every check, and the report that holds both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from dataguard.webpage.facts import Summary

ROWS_COLUMNS = ("dataset", "split", "row", "line", "column", "code", "score", "group", "message")


class Severity(IntEnum):
    """How much a finding hurts a model, if it is true. How sure we are is `confidence`."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


class Status(StrEnum):
    """What became of a check in a run."""

    RAN = "ran"
    SKIPPED = "skipped"
    CRASHED = "crashed"


class Location(msgspec.Struct, frozen=True):
    """One place in the data: `row` is the 0-based record number, `line` the 1-based file line."""

    path: str | None
    split: str | None
    row: int | None
    line: int | None


class Finding(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """One fault, with all the rows that have it.

    Attributes:
        code: Rule code, "DUP001".
        name: Rule name, "duplicate-rows".
        severity: INFO, WARNING or ERROR.
        message: The fact, where, and the number crossed.
        split: Split that the rows belong to; None where the finding is about all splits.
        rows: 0-based record numbers, ascending, all of them.
        row_count: How many rows are concerned (equals len(rows) where rows are known).
        columns: Columns concerned.
        line: 1-based physical line of the first place, None where the format has no lines.
        confidence: 0 to 1; 1 where the fault is a fact and not an inference.
        evidence: Facts behind the message; `examples` holds offending cells
            ({"row", "line", "column", "value"}), already cut to a readable length.
        fix: What to do, one sentence.
        fingerprint: Hash of code, columns and row contents; the same after a shuffle.
        path: Source of the split as the user named it.
        lines: Physical lines parallel to `rows`; empty where the format has no lines.
        scores: Score of each row (higher is worse), or empty.
        groups: Group number of each row (rows that belong together), or empty.
        notes: A remark for each row ("suggested label: spam"), or empty.
        contents: 64-bit digests of the contents of the rows that identify the finding: of `rows`,
            then of those that they repeat; of names where there is no row.
    """

    code: str
    name: str
    severity: Severity
    message: str
    split: str | None = None
    rows: Sequence[int] = ()
    row_count: int = 0
    columns: tuple[str, ...] = ()
    line: int | None = None
    confidence: float = 1.0
    evidence: Mapping[str, Any] = msgspec.field(default_factory=lambda: MappingProxyType({}))
    fix: str = ""
    fingerprint: str = ""
    path: str | None = None
    lines: Sequence[int] = ()
    scores: Sequence[float] = ()
    groups: Sequence[int] = ()
    notes: Sequence[str] = ()
    contents: Sequence[int] = ()

    def locations(self, limit: int) -> Iterator[Location]:
        """The first `limit` places; one place without a row where no row is concerned."""
        for i, row in enumerate(self.rows[:limit]):
            line = self.lines[i] if i < len(self.lines) else None
            yield Location(self.path, self.split, row, line)
        if not self.rows:
            yield Location(self.path, self.split, None, self.line)


class Outcome(msgspec.Struct, frozen=True):
    """What became of one check: nothing found never looks like not run.

    Attributes:
        code: Rule code.
        name: Rule name.
        status: ran, skipped or crashed.
        reason: Why it was skipped or how it crashed; empty where it ran.
        seconds: Time spent in the check itself; shared passes over the data are not included.
        sampled: "20000 of 1000000 rows" where the answer rests on a sample, else empty.
    """

    code: str
    name: str
    status: Status
    reason: str = ""
    seconds: float = 0.0
    sampled: str = ""


class SourceInfo(msgspec.Struct, frozen=True):
    """One input of a report."""

    split: str
    path: str
    format: str
    rows: int
    columns: int
    dialect: Mapping[str, str] = msgspec.field(default_factory=lambda: MappingProxyType({}))


class RoleInfo(msgspec.Struct, frozen=True):
    """Which columns play a role ("label", "text", "id", "time", "group") and who said so."""

    columns: tuple[str, ...]
    inferred: bool


class Report(msgspec.Struct, frozen=True):
    """All that one run says of one dataset.

    Attributes:
        name: Name of the dataset.
        findings: Worst first, then by code, split and column.
        outcomes: One a check, by code.
        sources: One a split.
        roles: By role name; only roles that some column plays.
        version: Version of dataguard that wrote it.
        summary: What a page shows of the data beside the findings; None unless it was asked for.
    """

    name: str
    findings: tuple[Finding, ...]
    outcomes: tuple[Outcome, ...]
    sources: tuple[SourceInfo, ...]
    roles: Mapping[str, RoleInfo]
    version: str
    summary: Summary | None = None

    def ok(self, fail_on: Severity | str = Severity.ERROR) -> bool:
        """Whether no finding is at or above `fail_on` and no check crashed.

        Args:
            fail_on: A severity or its name; "never" asks for crashes alone.

        Raises:
            UsageError: `fail_on` is no severity.
        """
        if any(o.status is Status.CRASHED for o in self.outcomes):
            return False
        limit = parse_fail_on(fail_on)
        return limit is None or all(f.severity < limit for f in self.findings)

    def count(self, severity: Severity) -> int:
        """How many findings have exactly this severity."""
        return sum(f.severity is severity for f in self.findings)

    def to_pandas(self) -> pd.DataFrame:
        """The findings as a pandas DataFrame, one row a finding."""
        import pandas as pd

        names = ["code", "name", "severity", "message", "split", "row_count", "columns", "line"]
        names += ["confidence", "fix", "fingerprint", "rows"]
        records = [
            [str(f.severity) if n == "severity" else getattr(f, n) for n in names]
            for f in self.findings
        ]
        table = pd.DataFrame(records, columns=names)
        table["rows"] = [list(f.rows) for f in self.findings]
        table["columns"] = [list(f.columns) for f in self.findings]
        return table

    def rows(self) -> pd.DataFrame:
        """Every flagged row as a pandas DataFrame, one line a flagged row and finding.

        Columns: dataset, split, row, line, column, code, score, group, message.
        """
        frame = rows_frame([self])
        import pandas as pd

        return pd.DataFrame(frame.to_dict(as_series=False), columns=list(ROWS_COLUMNS))

    def __str__(self) -> str:
        from dataguard.rendering import Style, render

        return render("text", [self], Style(python=True))

    def _repr_html_(self) -> str:
        from dataguard.rendering import notebook

        return notebook(self)


def parse_fail_on(value: Severity | str) -> Severity | None:
    """The severity named by `value`, None for "never".

    Raises:
        UsageError: The name is none of error, warning, info, never.
    """
    from dataguard.errors import UsageError, did_you_mean

    if isinstance(value, Severity):
        return value
    names = {str(s): s for s in Severity}
    if value == "never":
        return None
    if value not in names:
        hint = did_you_mean(value, [*names, "never"])
        raise UsageError(f"fail-on has no level '{value}'{hint}")
    return names[value]


def rows_frame(reports: Sequence[Report]) -> pl.DataFrame:
    """Every flagged row of all findings as one Polars table with the columns `ROWS_COLUMNS`."""
    import polars as pl

    schema = {
        "dataset": pl.String, "split": pl.String, "row": pl.Int64, "line": pl.Int64,
        "column": pl.String, "code": pl.String, "score": pl.Float64, "group": pl.Int64,
        "message": pl.String,
    }  # fmt: skip
    parts = [pl.DataFrame(schema=schema)]
    for report in reports:
        for f in report.findings:
            if len(f.rows) == 0:
                continue
            part = pl.DataFrame(
                {
                    "row": pl.Series(list(f.rows), dtype=pl.Int64),
                    "line": _column(f.lines, len(f.rows), pl.Int64),
                    "score": _column(f.scores, len(f.rows), pl.Float64),
                    "group": _column(f.groups, len(f.rows), pl.Int64),
                    "message": _column(f.notes, len(f.rows), pl.String).fill_null(f.message),
                }
            )
            fixed = {
                "dataset": report.name,
                "split": f.split,
                "column": ", ".join(f.columns) or None,
                "code": f.code,
            }
            part = part.with_columns(pl.lit(v, pl.String).alias(k) for k, v in fixed.items())
            parts.append(part.select(ROWS_COLUMNS))
    return pl.concat(parts)


def _column(values: Sequence[Any], height: int, dtype: Any) -> pl.Series:
    import polars as pl

    if len(values) == 0:
        return pl.Series([None] * height, dtype=dtype)
    return pl.Series(list(values), dtype=dtype)

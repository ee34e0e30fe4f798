"""What the author of a check, built in or a plugin, uses to test it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dataguard.check import At, Check, Example
from dataguard.examples import Content, file_name, given_roles, splits_of
from dataguard.finding import Finding, Report, Status
from dataguard.linter import Settings, lint_tables

if TYPE_CHECKING:
    from dataguard.sources.table import Table


def run_example(check: Check | type[Check], example: Example, *, seed: int = 0) -> Report:
    """The report of one check on one example."""
    instance = configured(check, example)
    with tempfile.TemporaryDirectory() as folder:
        tables = {
            name: _table(content, name, Path(folder))
            for name, content in splits_of(example).items()
        }
        settings = Settings((instance,), seed=seed)
        return lint_tables("example", tables, given_roles(example), settings)


def configured(check: Check | type[Check], example: Example) -> Check:
    """The check with the options of an example, and its own beyond those."""
    if isinstance(check, type):
        return check.configure(example.options)
    options = {**example.options, **check.configured}
    return type(check)(options, check.set_severity) if example.options else check


def assert_found(check: Check | type[Check], example: Example) -> None:
    """Assert that the check finds what the example expects, and nothing else.

    Raises:
        AssertionError: A place is missing, a finding is at no expected place, or it did not run.
    """
    report = run_example(check, example)
    _assert_ran(report)
    for place in example.expect:
        assert any(_is_at(f, place) for f in report.findings), (
            f"nothing found at {place}; found: {_told(report.findings)}"
        )
    for finding in report.findings:
        assert any(_is_at(finding, place) for place in example.expect), (
            f"found where nothing is expected: {_told([finding])}"
        )
        expected = {p.row for p in example.expect if _is_at(finding, p) and p.row is not None}
        assert set(finding.rows) <= expected or not expected, (
            f"rows {sorted(set(finding.rows) - expected)} are not expected: {_told([finding])}"
        )


def assert_quiet(check: Check | type[Check], example: Example) -> None:
    """Assert that the check finds nothing in a good example, and did look.

    Raises:
        AssertionError: It found something, or crashed.
    """
    report = run_example(check, example)
    assert not report.findings, f"found in a good example: {_told(report.findings)}"
    assert all(o.status is not Status.CRASHED for o in report.outcomes), report.outcomes[0].reason


def _assert_ran(report: Report) -> None:
    for outcome in report.outcomes:
        assert outcome.status is Status.RAN, f"{outcome.status}: {outcome.reason}"


def _table(content: Content, name: str, folder: Path) -> Table:
    if isinstance(content, bytes):
        from dataguard.sources import open_table

        path = folder / file_name(name, content)
        path.write_bytes(content)
        return open_table(str(path))
    from dataguard.sources.frame import read_frame

    return read_frame(dict(content), name=f"<{name}>")


def _is_at(finding: Finding, place: At) -> bool:
    return (
        finding.split == place.split
        and (place.row is None or place.row in finding.rows)
        and (place.column is None or place.column in finding.columns)
    )


def _told(findings: Sequence[Finding]) -> str:
    return "; ".join(
        f"{f.code} {f.split} rows {list(f.rows)[:10]} columns {f.columns}: {f.message}"
        for f in findings
    )

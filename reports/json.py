"""Reports as JSON. The schema of the document is in `dataguard-1.schema.json` beside this file."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from dataguard import __version__
from dataguard.finding import Finding, Outcome, Report, Severity
from dataguard.rendering import Style, plain

SCHEMA = "dataguard/1"
"""Name and major version of the contract. Fields may be added to it, never changed or removed."""

_NUMBERS = re.compile(r"\[\n[-+\d.eE,\s]*\n\s*\]")


def render(reports: Sequence[Report], style: Style) -> str:
    """The reports as one JSON document.

    The same reports give the same bytes: times are left out. All characters beyond ASCII are
    escaped, so that the document is safe in any terminal and any encoding.
    """
    findings = [f for report in reports for f in report.findings]
    document = {
        "schema": SCHEMA,
        "version": reports[0].version if reports else __version__,
        "datasets": [_dataset(report, style.row_limit) for report in reports],
        "summary": {
            str(level): sum(f.severity is level for f in findings)
            for level in sorted(Severity, reverse=True)
        },
    }
    # "<" stands in strings alone; escaped, the document may stand in a page's script as well.
    text = json.dumps(document, indent=2, allow_nan=False).replace("<", "\\u003c")
    # A line break never stands inside a JSON string, so this touches lists of numbers alone.
    return _NUMBERS.sub(lambda found: f"[{' '.join(found.group()[1:-1].split())}]", text) + "\n"


def _dataset(report: Report, row_limit: int) -> dict[str, Any]:
    sources = [
        {
            "split": plain(s.split),
            "path": plain(s.path),
            "format": s.format,
            "rows": s.rows,
            "columns": s.columns,
            "dialect": plain(s.dialect),
        }
        for s in report.sources
    ]
    return {
        "name": plain(report.name),
        "sources": sources,
        "roles": {
            role: {"columns": plain(info.columns), "inferred": info.inferred}
            for role, info in report.roles.items()
        },
        "findings": [_finding(f, row_limit) for f in report.findings],
        "outcomes": [_outcome(o) for o in report.outcomes],
    }


def _finding(finding: Finding, row_limit: int) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": str(finding.severity),
        "message": plain(finding.message),
        "path": plain(finding.path),
        "split": plain(finding.split),
        "columns": plain(finding.columns),
        "line": finding.line,
        "row_count": finding.row_count,
        "rows": plain(finding.rows[:row_limit]),
        "lines": plain(finding.lines[:row_limit]),
        "scores": plain(finding.scores[:row_limit]),
        "groups": plain(finding.groups[:row_limit]),
        "notes": plain(finding.notes[:row_limit]),
        "confidence": plain(finding.confidence),
        "evidence": plain(finding.evidence),
        "fix": plain(finding.fix),
        "fingerprint": finding.fingerprint,
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "code": outcome.code,
        "name": outcome.name,
        "status": str(outcome.status),
        "reason": plain(outcome.reason),
        "sampled": plain(outcome.sampled),
    }

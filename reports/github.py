"""Reports as GitHub workflow commands, which become annotations on the lines of a change."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from dataguard.finding import Finding, Report, Severity, Status
from dataguard.rendering import Style, visible

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}

MOST = 10
"""Annotations of a kind that GitHub shows for one step; it drops the rest without a word."""


def render(reports: Sequence[Report], style: Style) -> str:  # noqa: ARG001 - one shape for all
    """One annotation a finding, at most ten of a kind, then the counts of all.

    The last notice says how many findings have no annotation.
    """
    lines: list[str] = []
    findings = [f for report in reports for f in report.findings]
    crashes = [o for r in reports for o in r.outcomes if o.status is Status.CRASHED]
    errors = [f"::error title=dataguard::{_data(f'{o.code} crashed: {o.reason}')}" for o in crashes]
    counts, left = [], []
    for severity in sorted(Severity, reverse=True):
        mine = [f for f in findings if f.severity is severity]
        made = (errors if severity is Severity.ERROR else []) + [_annotation(f) for f in mine]
        # The notice that counts what is left out needs a place too.
        room = MOST - (severity is Severity.INFO)
        lines += made[:room]
        counts.append(f"{severity}: {len(mine)}")
        if len(made) > room:
            left.append(f"{len(made) - room} more of level {severity}")
    if left:
        lines.append(f"::notice title=dataguard::Not shown here: {', '.join(left)}.")
    lines.append(f"dataguard: {', '.join(counts)}, crashed: {len(crashes)}")
    return "\n".join(lines) + "\n"


def _annotation(finding: Finding) -> str:
    place = {}
    path = finding.path
    if path is not None and path != "-" and not path.startswith("<"):
        place["file"] = PurePath(path).as_posix()
        if finding.line is not None:
            place["line"] = str(finding.line)
    place["title"] = f"{finding.code} {finding.name}"
    properties = ",".join(f"{key}={_property(value)}" for key, value in place.items())
    text = f"{finding.message.rstrip('.')}. {finding.fix}".strip()
    return f"::{COMMANDS[finding.severity]} {properties}::{_data(text)}"


def _data(text: str) -> str:
    """Text after the second `::`. A percent sign begins an escape there."""
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """The value of a property, which a colon or a comma would end."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")

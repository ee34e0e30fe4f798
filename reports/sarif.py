"""Reports as SARIF 2.1.0 (OASIS standard, 2020), for code scanning and editors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from dataguard import __version__
from dataguard.check import Check
from dataguard.finding import Finding, Location, Outcome, Report, Severity, Status
from dataguard.pages import page_of, summary
from dataguard.registry import load_checks
from dataguard.rendering import Style, plain, visible

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}

PLACES = 10
"""Places of a finding that are written out; all its rows stand in the properties."""

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(reports: Sequence[Report], style: Style) -> str:
    """The reports as one SARIF log, on one line, with one run, as code scanning wants it.

    One result is one finding. Its first place is its location, the next ones are related
    locations: a viewer shows the first alone, and lists the others.
    """
    checks = load_checks(style.plugins)
    codes = {o.code: o.name for r in reports for o in r.outcomes}
    codes |= {f.code: f.name for r in reports for f in r.findings}
    rules = [_rule(code, codes[code], checks.get(code)) for code in sorted(codes)]
    places = {code: i for i, code in enumerate(sorted(codes))}
    outcomes = [o for r in reports for o in r.outcomes]
    run = {
        "tool": {
            "driver": {
                "name": "dataguard",
                "version": reports[0].version if reports else __version__,
                "rules": rules,
            }
        },
        "invocations": [
            {
                "executionSuccessful": all(o.status is not Status.CRASHED for o in outcomes),
                "toolExecutionNotifications": [
                    _notification(o) for o in outcomes if o.status is not Status.RAN
                ],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(f, report, places[f.code], style.row_limit)
            for report in reports
            for f in report.findings
        ],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    # "<" stands in strings alone; escaped, the log may stand in a page's script as well.
    return json.dumps(log, allow_nan=False).replace("<", "\\u003c") + "\n"


def _rule(code: str, name: str, check: type[Check] | None) -> dict[str, Any]:
    words = "".join(part.capitalize() for part in name.split("-"))
    rule: dict[str, Any] = {"id": code, "name": words}
    if check is None or check.name != name:
        return rule | {"shortDescription": {"text": name}}
    page = page_of(check)
    return rule | {
        "shortDescription": {"text": summary(check)},
        "fullDescription": {"text": summary(check)},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": LEVELS[check.severity]},
        "properties": {"tags": ["data", code.rstrip("0123456789")]},
    }


def _result(finding: Finding, report: Report, rule: int, row_limit: int) -> dict[str, Any]:
    places = [_place(p, finding) for p in finding.locations(PLACES)]
    related = [place | {"id": i} for i, place in enumerate(places[1:], start=1)]
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": LEVELS[finding.severity],
        "rank": round(100 * finding.confidence, 1),
        "message": {"text": _message(finding)},
        "locations": places[:1],
        "partialFingerprints": {"dataguard/v1": finding.fingerprint},
        "properties": {
            "dataset": plain(report.name),
            "split": plain(finding.split),
            "columns": plain(finding.columns),
            "rowCount": finding.row_count,
            "rows": plain(finding.rows[:row_limit]),
        },
    }
    return result | {"relatedLocations": related} if related else result


def _message(finding: Finding) -> str:
    """The message and what to do; rows are named where no line can be."""
    text = finding.message.rstrip(".") + "."
    if len(finding.rows) and not finding.lines:
        shown = ", ".join(str(row) for row in finding.rows[:PLACES])
        more = ", …" if finding.row_count > PLACES else ""
        text += f" Rows: {shown}{more}."
    # "[text](1)" would become a link: section 3.11.6 of the standard.
    return visible(f"{text} {finding.fix}".strip()).replace("](", "] (")


def _place(place: Location, finding: Finding) -> dict[str, Any]:
    found: dict[str, Any] = {}
    uri = address(place.path)
    if uri is not None:
        physical: dict[str, Any] = {"artifactLocation": {"uri": uri}}
        if place.line is not None:
            physical["region"] = {"startLine": place.line}
        found["physicalLocation"] = physical
    names = [n for n in (place.split, *finding.columns[:1]) if n]
    if names:
        name = visible("/".join(names))
        found["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "member"}]
    if place.row is not None:
        found["message"] = {"text": f"row {place.row}"}
    return found


def address(path: str | None) -> str | None:
    """A path as a URI: relative if it is, percent-encoded; None where there is no file."""
    if path is None or path == "-" or path.startswith("<"):
        return None
    pure = PurePath(path)
    written = quote(str(plain(pure.as_posix())), safe="/")
    if not pure.is_absolute():
        return written
    return "file://" + (written if written.startswith("/") else "/" + written)


def _notification(outcome: Outcome) -> dict[str, Any]:
    crashed = outcome.status is Status.CRASHED
    return {
        "descriptor": {"id": outcome.code},
        "level": "error" if crashed else "none",
        "message": {"text": visible(f"{outcome.code} {outcome.status}: {outcome.reason}")},
    }

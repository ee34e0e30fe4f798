"""Reports as JUnit XML: a test suite a dataset, a test case a check."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from dataguard.finding import Finding, Outcome, Report, Severity, Status
from dataguard.rendering import Style, visible

MOST = 50
"""Findings of one check that are written out."""


def render(reports: Sequence[Report], style: Style) -> str:  # noqa: ARG001 - one shape for all
    """The reports as one XML document.

    A check fails by findings of level warning and error, is in error where it crashed, and
    skipped with its reason. Infos stand in the output of a case that passes. Times are left
    out, so that the same data give the same bytes.
    """
    root = ElementTree.Element("testsuites", name="dataguard")
    for report in reports:
        root.append(_suite(report))
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _suite(report: Report) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", name=visible(report.name))
    for outcome in report.outcomes:
        findings = [f for f in report.findings if f.code == outcome.code]
        suite.append(_case(outcome, findings))
    suite.set("tests", str(len(suite)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in suite)))
    return suite


def _case(outcome: Outcome, findings: Sequence[Finding]) -> ElementTree.Element:
    family = outcome.code.rstrip("0123456789")
    name = visible(f"{outcome.code} {outcome.name}")
    case = ElementTree.Element("testcase", classname=f"dataguard.{family}", name=name)
    if outcome.status is Status.CRASHED:
        ElementTree.SubElement(case, "error", message=visible(outcome.reason), type="crashed")
        return case
    if outcome.status is Status.SKIPPED:
        ElementTree.SubElement(case, "skipped", message=visible(outcome.reason))
        return case
    faults = [f for f in findings if f.severity >= Severity.WARNING]
    if faults:
        first = visible(faults[0].message)
        level = str(max(f.severity for f in faults))
        failure = ElementTree.SubElement(case, "failure", message=first, type=level)
        failure.text = _told(faults)
    infos = [f for f in findings if f.severity < Severity.WARNING]
    if infos:
        ElementTree.SubElement(case, "system-out").text = _told(infos)
    return case


def _told(findings: Sequence[Finding]) -> str:
    lines = []
    for f in findings[:MOST]:
        line = "" if f.line is None else f":{f.line}"
        place = f"{f.path or f.split or 'all splits'}{line}"
        lines.append(visible(f"{place}: {f.message.rstrip('.')}. {f.fix}".strip()))
    if len(findings) > MOST:
        lines.append(f"and {len(findings) - MOST} more findings")
    return "\n".join(lines)

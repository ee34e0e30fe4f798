"""Reports and runs as pieces of HTML for a notebook cell: bounded, without script."""

from __future__ import annotations

from markupsafe import Markup

from dataguard.finding import Report, Status
from dataguard.monitor.core import Monitor
from dataguard.monitor.picture import flagged
from dataguard.monitor.rule import number
from dataguard.rendering import by_importance
from dataguard.webpage.environment import part, style
from dataguard.webpage.lint import verdict
from dataguard.webpage.run import drawn

MOST_FINDINGS = 100
"""Findings that a cell shows."""

MOST_EVENTS = 20
"""Events that a cell shows."""


def report_part(report: Report) -> str:
    """The verdict, the findings and the checks that did not run.

    The style names the piece's own class alone, so that the notebook around it stays as it is, and
    takes the notebook's colours; where a viewer drops styles, plain tables remain.
    """
    findings = by_importance(report.findings)
    values = {
        "css": Markup(style("notebook.css")),
        "verdict": verdict([report]),
        "report": report,
        "findings": findings[:MOST_FINDINGS],
        "more": max(0, len(findings) - MOST_FINDINGS),
        "ran": sum(o.status is Status.RAN for o in report.outcomes),
        "crashed": [o for o in report.outcomes if o.status is Status.CRASHED][:50],
        "skipped": [o for o in report.outcomes if o.status is Status.SKIPPED][:200],
    }
    return part("notebook_report.html", values)


def run_part(monitor: Monitor) -> str:
    """The verdict, the curves and the events of a run so far."""
    events = [(event, None) for event in monitor.events]
    values = drawn(monitor, events, MOST_EVENTS) | {"narrow": None}
    flag = flagged(monitor.events, monitor.best_step)
    told = "No evaluation yet." if monitor.best_step is None else "Nothing wrong so far."
    if flag is not None:
        told = f"{flag.name.replace('-', ' ').capitalize()}, flagged at step {flag.step}"
        told += "." if monitor.best is None else "; "
        if monitor.best is not None:
            told += f"the best step is {monitor.best_step} ({number(monitor.best)})."
    return part(
        "notebook_run.html", {"css": Markup(style("notebook.css")), "verdict": told, **values}
    )

"""Reports as one page of HTML that loads nothing and runs nothing, and as pieces for a notebook."""

from __future__ import annotations

from collections.abc import Sequence

from dataguard.finding import Report
from dataguard.monitor.core import Monitor
from dataguard.rendering import Style


def render(reports: Sequence[Report], style: Style) -> str:  # noqa: ARG001 - one shape for all
    """The reports as one self-contained page of less than a megabyte, ending with a newline.

    Reports that were gathered with `Settings.summary` show the data beside the findings.
    """
    from dataguard.webpage.lint import lint_page

    return lint_page(reports)


def notebook(report: Report) -> str:
    """The report as a piece of HTML for a notebook cell."""
    from dataguard.webpage.notebook import report_part

    return report_part(report)


def notebook_run(monitor: Monitor) -> str:
    """A run that is watched, likewise."""
    from dataguard.webpage.notebook import run_part

    return run_part(monitor)

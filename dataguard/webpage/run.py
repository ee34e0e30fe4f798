"""What the page of a watched training run says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dataguard import __version__
from dataguard.finding import Status
from dataguard.monitor.core import Monitor
from dataguard.monitor.picture import flagged, picture
from dataguard.monitor.rule import Event, number
from dataguard.monitor.watched import Watched
from dataguard.webpage import plots
from dataguard.webpage.environment import fitting, page

MOST_EVENTS = 200
"""Events that are shown, gravest first."""

NARROW = plots.Frame(width=400, height=320, left=52, right=10)
"""The drawing that a phone shows instead."""


def run_page(run: Watched) -> str:
    """The page of a run, ending with a newline."""
    return fitting(lambda most: _page(run, most), MOST_EVENTS, lambda most: max(1, most // 2))


def _page(run: Watched, most: int) -> str:
    reasons: dict[str, list[str]] = {}
    for outcome in run.outcomes:
        if outcome.status is not Status.RAN:
            reasons.setdefault(outcome.reason, []).append(outcome.code)
    values: dict[str, Any] = {
        "title": run.path,
        "verdict": run.verdict,
        "tone": "clean" if run.flag is None else str(run.flag.severity),
        "run": run,
        "ran": [o.code for o in run.outcomes if o.status is Status.RAN],
        "skipped": list(reasons.items()),
        "figures": _figures(run.monitor),
        "version": __version__,
        **drawn(run.monitor, [(seen.event, seen.line) for seen in run.seen], most),
    }
    return page("run.html", values)


def drawn(
    monitor: Monitor, events: Sequence[tuple[Event, int | None]], most: int
) -> dict[str, Any]:
    """What the templates of the curves and the events take.

    Args:
        monitor: It knows the curves.
        events: Each with its line in the log, if it has one.
        most: Events to show.
    """
    ordered = sorted(events, key=lambda pair: (-pair[0].severity, pair[0].step, pair[0].code))
    found: dict[str, Any] = {
        "drawing": None,
        "events": ordered[:most],
        "more_events": max(0, len(ordered) - most),
        "best": None,
        "flag": flagged((event for event, _ in events), monitor.best_step),
        "noise": None,
        "legend": [],
    }
    shown = picture(monitor)
    if shown is None:
        return found
    if shown.best is not None:
        found["best"] = (shown.best[0], number(shown.best[1]))
    title = "Curves of the run" + (f"; best step {shown.best[0]}" if shown.best else "")
    if shown.flag is not None:
        title += f"; {shown.flag.name} flagged at step {shown.flag.step}"
    noise = monitor.noise if monitor.decides in shown.curves else None
    legend = [(plots.curve_class(shown, i, name), name) for i, name in enumerate(shown.curves)]
    return found | {
        "drawing": plots.curves(monitor, title, kind="curves broad"),
        "narrow": plots.curves(monitor, title, NARROW, kind="curves narrow"),
        "noise": number(plots.BAND * noise) if noise else None,
        "legend": legend,
    }


def _figures(monitor: Monitor) -> list[tuple[str, str]]:
    """The best, the last and the noise of what decides, for those who want numbers."""
    found = []
    if monitor.best is not None:
        found.append(
            (f"Best {monitor.decides}", f"{number(monitor.best)} at step {monitor.best_step}")
        )
    for name, points in monitor.history().items():
        if points:
            found.append((f"Last {name}", f"{number(points[-1][1])} at step {points[-1][0]}"))
    if monitor.noise is not None:
        found.append(("Noise (standard deviation)", number(monitor.noise)))
    return found[:12]

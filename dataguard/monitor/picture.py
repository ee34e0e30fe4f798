"""What every drawing of a run shows: its curves, the best and the flagged step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataguard.finding import Severity
from dataguard.monitor.history import Point, finite
from dataguard.monitor.rule import Event

if TYPE_CHECKING:
    from dataguard.monitor.core import Monitor

TRAIN = "train_loss"

MOST_CURVES = 4
"""Curves in a drawing; more cannot be told apart."""

OUTLYING = 3.0
"""A drawing whose highest 2 % of values take this many times the height of all others is cut."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The run as it is drawn.

    Attributes:
        curves: Points by name, the training loss first if it is there.
        low: Lower end of the values.
        high: Upper end of the values; what lies beyond it is cut.
        first: First step.
        last: Last step.
        best: Step and value of the best validation, None without one.
        flag: The event to show, None without one.
    """

    curves: dict[str, list[Point]]
    low: float
    high: float
    first: int
    last: int
    best: Point | None
    flag: Event | None

    def across(self, step: int) -> float:
        """Where a step stands, from 0 to 1."""
        share = (step - self.first) / max(self.last - self.first, 1)
        return min(max(share, 0.0), 1.0)

    def up(self, value: float) -> float:
        """Where a value stands, from 0 to 1."""
        # Halves, since the difference of two numbers may be too large for one.
        share = (value / 2 - self.low / 2) / ((self.high / 2 - self.low / 2) or 1.0)
        return min(max(share, 0.0), 1.0)


def picture(monitor: Monitor) -> Picture | None:
    """What to draw of a run; None where no value is finite yet."""
    curves = _shown(monitor)
    points = [point for curve in curves.values() for point in finite(curve)]
    if not points:
        return None
    low, high = _ends(sorted(value for _, value in points))
    steps = [step for curve in curves.values() for step, _ in curve]
    best = None
    if monitor.best_step is not None and monitor.best is not None:
        best = (monitor.best_step, monitor.best)
    return Picture(
        curves, low, high, min(steps), max(steps), best, flagged(monitor.events, monitor.best_step)
    )


def flagged(events: Iterable[Event], best_step: int | None) -> Event | None:
    """The event that says most: the gravest one, of those the lowest code, then the first.

    Of two with one code the one that was raised after the best step says more: a run that was
    flagged, got better and was flagged again is told by what still holds. Events of severity INFO
    say what may be better, not that the run goes wrong.
    """
    grave = [event for event in events if event.severity > Severity.INFO]
    return min(grave, key=lambda e: (-e.severity, e.code, e.best_step != best_step), default=None)


def _shown(monitor: Monitor) -> dict[str, list[Point]]:
    """The curves, without a training loss that is of another scale than a maximised metric."""
    found = monitor.history()
    names = [name for name in found if name != TRAIN]
    if monitor.mode == "max":
        if monitor.watch is not None:
            names = [name for name in names if name == monitor.watch]
        return {name: found[name] for name in names[:MOST_CURVES]} or found
    train = {TRAIN: found[TRAIN]} if TRAIN in found else {}
    return train | {name: found[name] for name in names[: MOST_CURVES - len(train)]}


def _ends(values: list[float]) -> tuple[float, float]:
    """The range that is drawn: all of it, but for outliers that would flatten the rest."""
    low, high = values[0], values[-1]
    most = values[int(0.98 * (len(values) - 1))]
    least = values[len(values) - 1 - int(0.98 * (len(values) - 1))]
    if most > low and high - most > OUTLYING * (most - low):
        high = most + 0.5 * (most - low)
    elif high > least and least - low > OUTLYING * (high - least):
        low = least - 0.5 * (high - least)
    return low, high

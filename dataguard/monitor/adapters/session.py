"""What all callbacks share: a monitor, and what becomes of its events."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from dataguard.finding import Severity
from dataguard.monitor.core import Monitor, Verdict
from dataguard.monitor.rule import Event

Listener = Callable[[Event], None]
"""Is handed each event as it is raised."""

_log = logging.getLogger("dataguard.monitor")


class Session:
    """A monitor that says what it sees.

    Args:
        monitor: The monitor; None for one with the defaults, which only warns.
        on_event: Is handed each event as it is raised; None logs it (`log_event`).
    """

    def __init__(self, monitor: Monitor | None = None, *, on_event: Listener | None = None) -> None:
        self.monitor = Monitor() if monitor is None else monitor
        self.on_event: Listener = log_event if on_event is None else on_event

    def update(
        self,
        step: int | None = None,
        train_loss: float | None = None,
        val_loss: float | Mapping[str, float] | None = None,
        metrics: Mapping[str, float] | None = None,
    ) -> Verdict:
        """`Monitor.update`, whose events are handed to `on_event`."""
        verdict = self.monitor.update(step, train_loss, val_loss, metrics)
        for event in verdict.events:
            self.on_event(event)
        return verdict


def log_event(event: Event) -> None:
    """Log an event by the logger "dataguard.monitor": WARNING, or INFO for one of that severity."""
    level = logging.INFO if event.severity is Severity.INFO else logging.WARNING
    _log.log(
        level, "dataguard %s %s at step %d: %s", event.code, event.name, event.step, event.message
    )

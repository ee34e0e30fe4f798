"""Steps that only rise, although a framework counts the epochs of each fit from the beginning."""

from __future__ import annotations

from dataguard.monitor.core import Monitor


class Steps:
    """Turns the epochs of a framework into steps of a monitor.

    A second fit, or one that is resumed without saying at which epoch, goes on after the last step
    that the monitor has seen.

    Args:
        monitor: The monitor; its last step is looked at when a fit begins.
    """

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._shift: int | None = None

    def begin(self) -> None:
        """A fit begins."""
        self._shift = None

    def of(self, epoch: int) -> int:
        """The step of an epoch."""
        if self._shift is None:
            state = self._monitor.state_dict()
            after = state["step"] + 1 if state["updates"] else epoch
            self._shift = max(0, after - epoch)
        return epoch + self._shift

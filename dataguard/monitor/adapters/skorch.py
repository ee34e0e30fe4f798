"""skorch."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from numbers import Real
from typing import Any

from skorch.callbacks import Callback

from dataguard.monitor.adapters.session import Listener, Session
from dataguard.monitor.core import Monitor

ABOUT = ("epoch", "dur", "batch_count", "train_loss", "valid_loss")
"""Ends of names in the history that are no metrics."""


class MonitorCallback(Callback):
    """Watches the epochs of a net: `NeuralNetClassifier(…, callbacks=[MonitorCallback()])`.

    Told of every epoch in the net's history that the monitor has not seen: a net that goes on from
    a history (`load_params(f_history=…)`, `LoadInitState`) needs nothing else. `fit` makes a new
    net, and is judged anew; `partial_fit` goes on. As skorch
    has it, attributes that are no parameters end in an underscore.

    Args:
        monitor: The monitor; None for one with the defaults, which only warns.
        on_event: Is handed each event as it is raised; None logs it.
        restore_best: Keep the weights of the best epoch, and put them back when training ends, also
            those of an earlier one, where a `partial_fit` brings no better.
    """

    def __init__(
        self,
        monitor: Monitor | None = None,
        on_event: Listener | None = None,
        restore_best: bool = False,
    ) -> None:
        self.monitor = Monitor() if monitor is None else monitor
        self.on_event = on_event
        self.restore_best = restore_best
        self.best_: dict[str, Any] | None = None

    def initialize(self) -> MonitorCallback:
        """A new net begins: what the monitor knows is of another."""
        self.monitor.load_state_dict(Monitor().state_dict())
        self.best_ = None
        return self

    def on_epoch_end(self, net: Any, *_: Any, **__: Any) -> None:
        """Tell the monitor of the epochs that it has not seen.

        Raises:
            KeyboardInterrupt: The monitor asks to stop; skorch ends the training then.
        """
        state = self.monitor.state_dict()
        seen = state["step"] if state["updates"] else 0
        session, improved = Session(self.monitor, on_event=self.on_event), False
        for row in net.history:
            if row["epoch"] > seen:
                improved = _told(session, row)
        if self.restore_best and improved:
            self.best_ = copy.deepcopy(net.module_.state_dict())
        if self.monitor.should_stop:
            raise KeyboardInterrupt

    def on_train_end(self, net: Any, *_: Any, **__: Any) -> None:
        """Put the best weights back."""
        if self.best_ is not None:
            net.module_.load_state_dict(self.best_)

    def __getstate__(self) -> dict[str, Any]:
        """Weights are in the net already."""
        return {**self.__dict__, "best_": None}


def _told(session: Session, row: Mapping[str, Any]) -> bool:
    """Tell of one epoch of the history; whether it is the best so far."""
    metrics = {
        name: float(value)
        for name, value in row.items()
        if isinstance(value, Real) and not isinstance(value, bool) and not name.endswith(ABOUT)
    }
    losses = row.get("train_loss"), row.get("valid_loss")
    return session.update(row["epoch"], *losses, metrics).improved

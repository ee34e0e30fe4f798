"""Keras 3, on any backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from dataguard.monitor.adapters.session import Listener, Session
from dataguard.monitor.adapters.steps import Steps
from dataguard.monitor.core import Monitor


class MonitorCallback(keras.callbacks.Callback):
    """Watches the epochs of a fit: `model.fit(…, callbacks=[MonitorCallback()])`.

    It looks at the logs of an epoch alone, so that Keras need not wait for any batch. Keras has no
    place for the state of a callback: keep `callback.monitor.state_dict()` beside the weights.

    Args:
        monitor: The monitor; None for one with the defaults, which only warns.
        on_event: Is handed each event as it is raised; None logs it.
        restore_best: Keep the weights of the best epoch, and put them back when training ends, also
            those of an earlier fit of the same model, where a later one brings no better.
    """

    def __init__(
        self,
        monitor: Monitor | None = None,
        *,
        on_event: Listener | None = None,
        restore_best: bool = False,
    ) -> None:
        super().__init__()
        self.restore_best = restore_best
        self._session = Session(monitor, on_event=on_event)
        self.monitor = self._session.monitor
        self._steps = Steps(self.monitor)
        self._best: list[Any] | None = None
        self._of: Any = None

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Epochs may be counted from 0 again; the best weights of another model do not fit."""
        self._steps.begin()
        if self.model is not self._of:
            self._best, self._of = None, self.model

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Tell the monitor of an epoch."""
        values = {name: float(value) for name, value in (logs or {}).items()}
        verdict = self._session.update(
            self._steps.of(epoch), values.pop("loss", None), values.pop("val_loss", None), values
        )
        if self.restore_best and verdict.improved:
            self._best = self.model.get_weights()
        if verdict.should_stop:
            self.model.stop_training = True

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Put the best weights back."""
        if self._best is not None:
            self.model.set_weights(self._best)

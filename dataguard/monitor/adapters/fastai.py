"""fastai's Learner."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any

from fastai.callback.core import Callback, CancelFitException
from fastai.torch_core import find_bs

from dataguard.monitor.adapters.session import Listener
from dataguard.monitor.adapters.steps import Steps
from dataguard.monitor.adapters.torch import TorchMonitor
from dataguard.monitor.core import Monitor


class MonitorCallback(Callback):
    """Watches the epochs of a Learner: `Learner(…, cbs=MonitorCallback())`, or in `fit`.

    Losses are summed on their device, as `TorchMonitor` does it, and not smoothed. What is run
    outside of a fit (`validate`, `get_preds`) and in `lr_find` is not judged.

    Args:
        monitor: The monitor; None for one with the defaults, which only warns.
        on_event: Is handed each event as it is raised; None logs it.
        restore_best: Load the weights of the best epoch when training ends.
    """

    order = 64  # after the recorder (50), and after those who save or stop, the last of which is 63

    def __init__(
        self,
        monitor: Monitor | None = None,
        *,
        on_event: Listener | None = None,
        restore_best: bool = False,
    ) -> None:
        super().__init__()
        self._watch = TorchMonitor(monitor, on_event=on_event)
        self.monitor = self._watch.monitor
        self._restore_best = restore_best
        self._steps = Steps(self.monitor)
        self._fitting = False

    def before_fit(self) -> None:
        """Not yet training: `validate` begins so, too."""
        self._fitting = False

    def before_train(self) -> None:
        """Judge from here on, unless this is a search for a learning rate."""
        if self._fitting or hasattr(self.learn, "lr_finder"):
            return
        self._fitting = True
        self._watch.model = self.learn.model if self._restore_best else None
        self._steps.begin()

    def after_batch(self) -> None:
        """Sum the loss; nothing is read from the device."""
        if not self._fitting or not len(self.learn.yb):
            return
        rows = find_bs(self.learn.yb)
        if self.learn.training:
            self._watch.step(self.learn.loss, rows)
        else:
            self._watch.validation(self.learn.loss, rows)

    def after_epoch(self) -> None:
        """Judge.

        Raises:
            CancelFitException: The monitor asks to stop.
        """
        if not self._fitting or not self._watch.pending:  # an epoch may be skipped
            return
        step = self._steps.of(self.learn.epoch)
        if self._watch.evaluate(step, metrics=self._metrics()).should_stop:
            raise CancelFitException

    def after_fit(self) -> None:
        """Load the best weights, if asked."""
        if self._fitting and self._restore_best:
            self._watch.restore()
        self._fitting = False

    def state_dict(self) -> dict[str, Any]:
        """The whole state, for `torch.save`."""
        return self._watch.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where `state_dict` was taken."""
        self._watch.load_state_dict(state)

    def __reduce__(self) -> tuple[type[MonitorCallback], tuple[()]]:
        """An exported Learner holds a new callback: it is for inference."""
        return type(self), ()

    def _metrics(self) -> dict[str, float]:
        """What fastai's recorder has noted of this epoch, by name."""
        recorder = getattr(self.learn, "recorder", None)
        if recorder is None or not recorder.values:
            return {}
        named = zip(recorder.metric_names[1:], recorder.values[-1], strict=False)
        skipped = ("train_loss", "valid_loss")
        return {n: float(v) for n, v in named if isinstance(v, Real) and n not in skipped}

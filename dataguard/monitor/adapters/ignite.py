"""Ignite."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any

from ignite.engine import Engine, Events
from torch import Tensor, nn

from dataguard.errors import UsageError, did_you_mean
from dataguard.monitor.adapters.session import Listener
from dataguard.monitor.adapters.torch import TorchMonitor
from dataguard.monitor.core import Monitor


def loss_of(output: Any) -> Any:
    """The loss in what a training step returns: the output itself, or its entry "loss"."""
    return output.get("loss") if isinstance(output, Mapping) else output


class MonitorCallback:
    """Watches a trainer and an evaluator: `MonitorCallback().attach(trainer, evaluator)`.

    Training losses are summed on their device, as `TorchMonitor` does it. Steps are the trainer's
    iterations. `Checkpoint` saves the state where the callback is one of its `to_save`.

    Args:
        monitor: The monitor; None for one with the defaults, which only warns.
        model: The model whose best weights are to be restored.
        restore_best: Load the weights of the best evaluation into `model` when training ends.
        on_event: Is handed each event as it is raised; None logs it.
        output_transform: Finds the loss in the trainer's output, None where there is none.
        val_loss: Name of the evaluator's metric that is the validation loss.

    Raises:
        UsageError: `restore_best` without a model; in training: the evaluator has no such metric.
    """

    def __init__(
        self,
        monitor: Monitor | None = None,
        *,
        model: nn.Module | None = None,
        restore_best: bool = False,
        on_event: Listener | None = None,
        output_transform: Callable[[Any], Any] = loss_of,
        val_loss: str = "loss",
    ) -> None:
        if restore_best and model is None:
            raise UsageError("restore_best needs the model: MonitorCallback(model=model, …)")
        self._watch = TorchMonitor(monitor, model if restore_best else None, on_event=on_event)
        self.monitor = self._watch.monitor
        self._transform = output_transform
        self._val_loss = val_loss
        self._trainer: Engine | None = None
        self._running = False

    def attach(self, trainer: Engine, evaluator: Engine, name: str = "val_loss") -> None:
        """Watch a trainer, and judge whenever the evaluator has run during its training.

        Args:
            trainer: Its outputs hold the training loss.
            evaluator: Has the metric `val_loss`.
            name: Of the curve; call it again with another for another evaluator.
        """
        if self._trainer is None:
            self._trainer = trainer
            trainer.add_event_handler(Events.STARTED, self._run, True)
            trainer.add_event_handler(Events.ITERATION_COMPLETED, self._step)
            trainer.add_event_handler(Events.COMPLETED, self._end)
        evaluator.add_event_handler(Events.COMPLETED, self._judge, trainer, name)

    def state_dict(self) -> dict[str, Any]:
        """The whole state, for `Checkpoint`."""
        return self._watch.state_dict()

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where `state_dict` was taken."""
        self._watch.load_state_dict(state_dict)

    def _run(self, trainer: Engine, running: bool) -> None:
        self._running = running

    def _step(self, trainer: Engine) -> None:
        """Sum the loss; nothing is read from the device."""
        loss = self._transform(trainer.state.output)
        if isinstance(loss, Tensor | Real):
            self._watch.step(loss if isinstance(loss, Tensor) else float(loss))
            if self.monitor.should_stop:  # a loss that is not finite
                trainer.terminate()

    def _judge(self, evaluator: Engine, trainer: Engine, name: str) -> None:
        """Judge, unless the evaluator runs outside of the training."""
        if not self._running:
            return
        metrics = {
            key: value for key, value in evaluator.state.metrics.items() if _is_number(value)
        }
        if self._val_loss not in metrics:
            hint = did_you_mean(self._val_loss, list(metrics)) if metrics else ""
            raise UsageError(f"the evaluator has no metric '{self._val_loss}'{hint}")
        loss = metrics.pop(self._val_loss)
        if self._watch.evaluate(trainer.state.iteration, {name: loss}, metrics).should_stop:
            trainer.terminate()

    def _end(self, trainer: Engine) -> None:
        self._running = False
        if self._watch.model is not None:
            self._watch.restore()


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) or (isinstance(value, Tensor) and value.numel() == 1)

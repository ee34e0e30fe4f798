"""Lightning's Trainer."""

from __future__ import annotations

import logging
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.trainer.states import TrainerFn
from torch import Tensor

from dataguard.monitor.adapters.session import Listener
from dataguard.monitor.adapters.torch import TorchMonitor
from dataguard.monitor.core import Monitor

_log = logging.getLogger("dataguard.monitor")


class MonitorCallback(Callback):
    """Watches a Lightning run: `Trainer(..., callbacks=[MonitorCallback()])`.

    Training losses are summed on their device, as `TorchMonitor` does it; nothing needs to be
    logged for that. The validation loss is what the module logs as `val_loss` (several validation
    loaders are several curves). The state travels in the checkpoints' callback states.

    Args:
        monitor: The monitor; None for one with the defaults, which only warns.
        val_loss: Name by which the module logs the validation loss.
        train_loss: Name by which it logs the training loss; looked at only where `training_step`
            returns none (manual optimisation).
        restore_best: Load the weights of the best validation into the module when training ends.
            They are kept on the CPU, and in the checkpoints.
        on_event: Is handed each event; None logs it.
    """

    def __init__(
        self,
        monitor: Monitor | None = None,
        *,
        val_loss: str = "val_loss",
        train_loss: str = "train_loss",
        restore_best: bool = False,
        on_event: Listener | None = None,
    ) -> None:
        self._watch = TorchMonitor(monitor, on_event=on_event)
        self.monitor = self._watch.monitor
        self._name, self._train_name = val_loss, train_loss
        self._restore_best = restore_best
        self._returns_loss = self._missed = False

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """From here on the weights can be kept."""
        self._watch.model = pl_module if self._restore_best else None

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Sum the loss; nothing is read from the device."""
        loss = outputs.get("loss") if isinstance(outputs, dict) else outputs
        if isinstance(loss, Tensor):
            self._returns_loss = True
            # Lightning hands out the loss divided by the batches of an optimiser step.
            batches = trainer.accumulate_grad_batches
            self._watch.step(loss if batches == 1 else loss.detach() * batches)
            if self._watch.should_stop:  # one process only: ranks agree at the validation
                trainer.should_stop = True

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Judge, unless this is the sanity check or a validation outside of training."""
        if trainer.state.fn == TrainerFn.FITTING and not trainer.sanity_checking:
            self._judge(trainer)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Tell of the training loss of an epoch, unless a validation after it has."""
        logged = trainer.callback_metrics
        if not self._returns_loss and self._train_name in logged:
            self._watch.step(logged[self._train_name])
        if self._watch.pending:
            self._judge(trainer, validated=False)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Load the best weights, if asked."""
        if self._restore_best:
            self._watch.restore()

    def state_dict(self) -> dict[str, Any]:
        """The state for the checkpoint."""
        return self._watch.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where the checkpoint was written."""
        self._watch.load_state_dict(state_dict)

    def _judge(self, trainer: Trainer, *, validated: bool = True) -> None:
        logged = trainer.callback_metrics
        looked_at = {"grad_norm", "learning_rate", self.monitor.watch or ""} & set(logged)
        losses = {k: v for k, v in logged.items() if k.split("/dataloader_idx_")[0] == self._name}
        if validated and not losses and not self._missed:
            self._missed = True
            _log.warning(
                "dataguard: the module logs no %r (but %s): MonitorCallback(val_loss=NAME)",
                self._name,
                ", ".join(map(repr, logged)) or "nothing",
            )
        verdict = self._watch.evaluate(
            trainer.global_step,
            losses if validated else None,
            {name: logged[name] for name in sorted(looked_at)} if validated else None,
        )
        stop = trainer.strategy.reduce_boolean_decision(verdict.should_stop, all=False)
        trainer.should_stop = trainer.should_stop or stop

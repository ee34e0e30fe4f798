"""Hugging Face's Trainer, and those made of it, such as TRL's SFTTrainer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from dataguard.monitor.adapters.session import Listener, Session, log_event
from dataguard.monitor.core import Monitor, Verdict
from dataguard.monitor.rule import Event

SAVED = "dataguard.monitor"
"""Where the monitor's state stands in `trainer_state.json`, under `stateful_callbacks`."""


class MonitorCallback(TrainerCallback):  # type: ignore[misc]
    """Watches what the Trainer logs and evaluates: `Trainer(..., callbacks=[MonitorCallback()])`.

    Curves have the Trainer's names: "eval_loss", or "eval_NAME_loss" where there are several
    evaluation sets; metrics too: `Monitor(watch="eval_accuracy", mode="max")`. The Trainer gathers
    losses from all ranks before it logs them, so all ranks judge the same numbers and agree on a
    stop; rank 0 hands out the events.

    The state travels in `trainer_state.json` and is found again by `resume_from_checkpoint`. It is
    no `ExportableState`: to restore one the Trainer makes a new callback of JSON values, which
    would lose the monitor that the user holds, and `on_event`.

    Args:
        monitor: The monitor; None for one with the defaults, which only warns.
        on_event: Is handed each event; None logs it.
    """

    def __init__(self, monitor: Monitor | None = None, *, on_event: Listener | None = None) -> None:
        self._session = Session(monitor, on_event=self._say)
        self.monitor = self._session.monitor
        self._listener = log_event if on_event is None else on_event
        self._fresh = self.monitor.state_dict()
        self._training = False
        self._speaks = True

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Go on where the checkpoint was written, or begin anew."""
        saved = _kept(state).get(SAVED) if state.global_step else None
        self.monitor.load_state_dict(self._fresh if saved is None else saved)
        self._speaks = state.is_world_process_zero
        self._training = True

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Tell of the training loss since the log before."""
        found = _numbers(logs or {})
        loss = found.pop("loss", None)
        if self._training and loss is not None:
            self._judged(
                self._session.update(state.global_step, loss, metrics=found), state, control
            )

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        metrics: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Tell of one evaluation set."""
        found = _numbers(metrics or {})
        losses = {k: v for k, v in found.items() if k.startswith("eval_") and k.endswith("_loss")}
        others = {k: v for k, v in found.items() if k not in losses}
        if self._training and found:
            self._judged(
                self._session.update(state.global_step, None, losses, others), state, control
            )

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """What is evaluated from now on, such as a test set, is no part of the run."""
        self._training = False

    def _judged(self, verdict: Verdict, state: TrainerState, control: TrainerControl) -> None:
        _kept(state)[SAVED] = self.monitor.state_dict()
        control.should_training_stop = control.should_training_stop or verdict.should_stop

    def _say(self, event: Event) -> None:
        if self._speaks:
            self._listener(event)


def _kept(state: TrainerState) -> dict[str, Any]:
    """What the Trainer writes beside its own state; annotated as a list, and always a mapping."""
    kept: Any = state.stateful_callbacks
    return kept  # type: ignore[no-any-return]


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    return {k: float(v) for k, v in values.items() if isinstance(v, int | float)}

"""Plain PyTorch loops. No step waits for the device: losses are summed where they are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import torch
import torch.distributed as dist
from torch import Tensor, nn

from dataguard.errors import UsageError
from dataguard.monitor.adapters.session import Listener, Session, log_event
from dataguard.monitor.core import Monitor, Verdict
from dataguard.monitor.rule import Event
from dataguard.monitor.samples import SampleTracker

Number: TypeAlias = float | Tensor
"""A number, or a tensor of one element; tensors become floats at evaluations only."""


MEMORISING = ("MON001", "MON007")
"""Rules after whose events rows are learnt by heart."""


class TorchMonitor:
    """Watches a PyTorch loop: `step(loss)` in training, `evaluate()` after each validation.

    A step adds the loss to a sum on its own device and starts one copy of that sum to pinned
    memory, which is looked at in a later step, when it has arrived: a loss that is not finite is
    reported within a few steps, and nothing waits. Where `torch.distributed` runs, all ranks call
    `evaluate` with the same names; it all-reduces the sums once, so that all ranks judge the same
    numbers and agree on a stop. Events are handed out on rank 0.

    Args:
        monitor: The monitor; None for one with the defaults, which only warns.
        model: Whose best weights are kept on the CPU; they are copied when validation improves.
        restore_best: Load them into `model` as soon as a verdict asks to stop.
        best_path: Keep the best weights in this file rather than in memory.
        on_event: Is handed each event; None logs it.
        rows: Number of training rows, where `samples` is to follow each of them.

    Raises:
        UsageError: `restore_best` or `best_path` without a model.
    """

    def __init__(
        self,
        monitor: Monitor | None = None,
        model: nn.Module | None = None,
        *,
        restore_best: bool = False,
        best_path: str | os.PathLike[str] | None = None,
        on_event: Listener | None = None,
        rows: int | None = None,
    ) -> None:
        if model is None and (restore_best or best_path is not None):
            raise UsageError("restore_best and best_path need the model: TorchMonitor(model=model)")
        self._session = Session(monitor, on_event=partial(_on_first_rank, on_event or log_event))
        self.monitor = self._session.monitor
        self.steps = 0
        self.model = model
        self._restore_best = restore_best
        self._path = None if best_path is None else Path(best_path)
        self._best: dict[str, Any] = {}
        self._train = LossSum()
        self._validation: dict[str, LossSum] = {}
        self._peek = _Peek()
        self._last_step: int | None = None
        self.tracker = None if rows is None else SampleTracker(rows)

    def step(self, loss: Number, count: float = 1) -> None:
        """Tell of one training step; nothing is read from the device.

        Args:
            loss: Its loss, as a tensor; the mean of one that has several elements.
            count: Weight, such as the number of rows or tokens.
        """
        self.steps += 1
        self._train.add(loss, count)
        if self._train.total is None or _ranks() > 1:
            return  # ranks must judge the same numbers: they meet at the evaluation
        if self._peek.bad(self._train.total):
            self._session.update(self._next_step(), train_loss=float("nan"))

    def samples(
        self,
        indices: Tensor,
        logits: Tensor | None = None,
        labels: Tensor | None = None,
        *,
        losses: Tensor | None = None,
    ) -> None:
        """Tell how each row of a training batch fared; nothing is read from the device.

        `tracker.ranked()` says afterwards which rows are likely to be mislabelled. Each evaluation
        closes an epoch of it; it takes in nothing more once the model begins to memorise.

        Args:
            indices: Row numbers of the batch, shape (batch,).
            logits: Shape (batch, classes), with `labels`; or
            labels: Classes, shape (batch,).
            losses: Loss of each row, shape (batch,), where there are no classes.

        Raises:
            UsageError: `rows` was not given, or neither logits with labels nor losses.
        """
        if self.tracker is None:
            raise UsageError("name the number of training rows: TorchMonitor(rows=len(train_set))")
        self.tracker.update(indices, logits, labels, losses=losses)

    def validation(self, loss: Number, count: float = 1, name: str = "val_loss") -> None:
        """Tell of one validation batch; nothing is read from the device.

        Args:
            loss: Its mean loss.
            count: Rows of the batch, so that a smaller last one weighs less.
            name: Which validation set, where there are several.
        """
        self._validation.setdefault(name, LossSum()).add(loss, count)

    def evaluate(
        self,
        step: int | None = None,
        val_loss: Number | Mapping[str, Number] | None = None,
        metrics: Mapping[str, Number] | None = None,
    ) -> Verdict:
        """Judge the run, after a validation. Here, and only here, numbers leave the device.

        Args:
            step: Step or epoch; the number of training steps where not given.
            val_loss: Validation loss, or one a set by name; None takes what `validation` summed.
            metrics: Other numbers, such as "grad_norm", "learning_rate" and an accuracy.

        Returns:
            The events, and whether to stop; the same on all ranks.
        """
        given = val_loss if isinstance(val_loss, Mapping) else {"val_loss": val_loss}
        losses = {name: one.read() for name, one in self._validation.items()}
        losses |= {name: (_float(v), 1.0) for name, v in given.items() if v is not None}
        others = {name: (_float(v), 1.0) for name, v in (metrics or {}).items()}
        trained, losses, others = _agreed(self._train.read(), losses, others)
        self._train, self._validation = LossSum(), {}
        self._peek.forget()
        found, stopping = _means(losses), self.monitor.should_stop
        self._last_step = step
        verdict = self._session.update(
            self.steps if step is None else step,
            _mean(trained),
            found if set(found) - {"val_loss"} else found.get("val_loss"),
            _means(others),
        )
        if self.tracker is not None:
            self.tracker.end_epoch()
            memorises = any(event.code in MEMORISING for event in verdict.events)
            self.tracker.frozen = self.tracker.frozen or memorises
        if verdict.improved:
            self._keep()
        if verdict.should_stop and not stopping and self._restore_best:
            self.restore()
        return verdict

    @property
    def should_stop(self) -> bool:
        """Whether an event of the monitor's `stop_on` was raised."""
        return self.monitor.should_stop

    @property
    def pending(self) -> bool:
        """Whether training losses were told since the last evaluation."""
        return self._train.count > 0

    def _next_step(self) -> int:
        """The step of what happens between two evaluations, in the unit of these."""
        return self.steps if self._last_step is None else self._last_step + 1

    def restore(self) -> None:
        """Load the weights of the best evaluation into the model; none so far changes nothing."""
        if self.model is None:
            raise UsageError("there is no model to restore: TorchMonitor(model=model)")
        if self._path is not None and self.monitor.best_step is not None:
            weights = torch.load(self._path, map_location="cpu", weights_only=True)
            self.model.load_state_dict(weights)
        elif self._best:
            self.model.load_state_dict(self._best)

    def state_dict(self) -> dict[str, Any]:
        """The whole state, for `torch.save`; with the best weights where they are in memory."""
        return {
            "monitor": self.monitor.state_dict(),
            "steps": self.steps,
            "last_step": self._last_step,
            "told": self._peek.told,
            "train": self._train.read(),
            "validation": {name: one.read() for name, one in self._validation.items()},
            "best": {name: _copied(value) for name, value in self._best.items()},
            "tracker": None if self.tracker is None else self.tracker.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where `state_dict` was taken."""
        self.monitor.load_state_dict(state["monitor"])
        self.steps, self._last_step = state["steps"], state["last_step"]
        self._train = LossSum(*state["train"])
        self._validation = {name: LossSum(*one) for name, one in state["validation"].items()}
        self._best = {name: _copied(value) for name, value in state["best"].items()}
        self._peek = _Peek(state["told"])
        if self.tracker is not None and state["tracker"] is not None:
            self.tracker.load_state_dict(state["tracker"])

    def _keep(self) -> None:
        """Keep the model's weights as the best ones."""
        if self.model is None:
            return
        weights = self.model.state_dict()
        if self._path is None:
            self._best = {name: _copied(value) for name, value in weights.items()}
        elif _rank() == 0:
            beside = self._path.with_name(f"{self._path.name}.part")
            torch.save(weights, beside)
            beside.replace(self._path)


class LossSum:
    """A sum of losses on the device where they are, and their count on the host.

    The sum tells by itself whether a loss was not finite: it is in double precision, in which
    losses cannot overflow it. So a step costs one small kernel.

    Args:
        start: Sum to go on from.
        count: Its count.
    """

    def __init__(self, start: float = 0.0, count: float = 0.0) -> None:
        self.total: Tensor | None = None
        self.count = count
        self._start = start

    def add(self, loss: Number, count: float = 1) -> None:
        """Add a mean loss of so many rows. Nothing is read from the device, no graph is kept."""
        value = loss.detach() if isinstance(loss, Tensor) else torch.tensor(float(loss))
        if value.ndim:
            value = value.mean()
        if self.total is None:
            kind = torch.float32 if value.device.type == "mps" else torch.float64
            with torch.inference_mode(False):  # validation may run in it, training must not
                self.total = torch.full((), self._start, dtype=kind, device=value.device)
        self.total.add_(value, alpha=count)
        self.count += count

    def read(self) -> tuple[float, float]:
        """Sum and count. This waits for the device."""
        return self._start if self.total is None else float(self.total), self.count


class _Peek:
    """Looks, without waiting, whether a sum has become NaN or infinite.

    Args:
        told: Whether it has already said so.
    """

    def __init__(self, told: bool = False) -> None:
        self.told = told
        self._host: Tensor | None = None
        self._arrived: torch.cuda.Event | None = None
        self._asked = False

    def bad(self, total: Tensor) -> bool:
        """Whether the copy of an earlier step was not finite; true once. Starts the next copy."""
        if self.told or total.device.type not in ("cpu", "cuda"):
            return False
        if self._asked:
            if self._arrived is not None and not self._arrived.query():
                return False
            if self._host is not None and not torch.isfinite(self._host):
                self.told = True
                return True
        self._ask(total)
        return False

    def _ask(self, total: Tensor) -> None:
        cuda = total.device.type == "cuda"
        if self._host is None:
            self._host = torch.zeros((), dtype=total.dtype, pin_memory=cuda)
            self._arrived = torch.cuda.Event() if cuda else None
        self._host.copy_(total, non_blocking=True)
        if self._arrived is not None:
            self._arrived.record(torch.cuda.current_stream(total.device))
        self._asked = True

    def forget(self) -> None:
        """Another sum begins."""
        self.told = self._asked = False


Sums: TypeAlias = dict[str, tuple[float, float]]


def _agreed(
    trained: tuple[float, float], losses: Sums, metrics: Sums
) -> tuple[tuple[float, float], Sums, Sums]:
    """The sums over all ranks, by one all-reduce; as given where there is one process."""
    if _ranks() < 2:
        return trained, losses, metrics
    losses = {"val_loss": (0.0, 0.0), **losses}  # a rank that does not validate has it too
    names = [(0, name) for name in sorted(losses)] + [(1, name) for name in sorted(metrics)]
    flat = [trained, *((losses, metrics)[kind][name] for kind, name in names)]
    kinds = dist.get_backend_config().split(",")
    device = "cpu" if any(kind.startswith("cpu:") for kind in kinds) else kinds[0].split(":")[0]
    shared = torch.tensor(flat, dtype=torch.float64, device=device)
    dist.all_reduce(shared)
    pairs = [(float(total), float(count)) for total, count in shared.tolist()]
    found: tuple[Sums, Sums] = ({}, {})
    for (kind, name), pair in zip(names, pairs[1:], strict=True):
        found[kind][name] = pair
    return pairs[0], *found


def _mean(pair: tuple[float, float]) -> float | None:
    return pair[0] / pair[1] if pair[1] else None


def _means(sums: Sums) -> dict[str, float]:
    return {name: total / count for name, (total, count) in sums.items() if count}


def _float(value: Number) -> float:
    return float(value.detach() if isinstance(value, Tensor) else value)


def _copied(value: Any) -> Any:
    return value.detach().to("cpu", copy=True) if isinstance(value, Tensor) else value


def _ranks() -> int:
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def _rank() -> int:
    return dist.get_rank() if _ranks() > 1 else 0


def _on_first_rank(listener: Listener, event: Event) -> None:
    """Call the listener, on the first rank only. A function, and no closure, can be pickled."""
    if _rank() == 0:
        listener(event)

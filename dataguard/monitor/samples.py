"""Which training rows are to blame: how each row fared in the early epochs of a torch training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataguard.errors import UsageError

if TYPE_CHECKING:
    import polars as pl
    import torch

REST = 0.3
"""Mean training loss of an epoch, relative to the first epoch's, below which rows with wrong
labels are being learnt by heart: nothing is added from then on. Tuned on digits with 20 % noise."""

EPOCHS = 10
"""Early epochs that count at most."""

LEAST = 2
"""Epochs that count at least."""

CODE, NAME = "LAB002", "mislabelled-rows"
"""The rule of `dataguard lint` that looks for the same fault."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A row that is likely to be mislabelled.

    Attributes:
        row: Its index, as given to `update`.
        score: Above 0, up to 1 for the most suspect: the share of rows seen that are no more so.
        margin: Mean margin of its label over the best other class, in early epochs; None where
            losses alone were given.
        suggested: The other class that the model held most likely; None without logits.
    """

    row: int
    score: float
    margin: float | None
    suggested: int | None


class SampleTracker:
    """Follows every training row through the early epochs and ranks them by how little they fit.

    A row whose label is wrong is learnt late, against what similar rows teach. Two statistics
    tell: the area under the margin (Pleiss et al., 2020: the label's logit less the largest other
    one, averaged over epochs) and the early EL2N score (Paul et al., 2021: the length of the error
    vector, softmax less one-hot). Rows are ranked by both. Both are averaged over the early epochs
    alone, before the model knows the wrong labels by heart.

    Everything stays on the device of the logits; a step adds a handful of small kernels and no
    synchronisation. Numbers come to the host at the end of an epoch and of the training.

    Args:
        rows: Number of training rows; indices are below it.
        epochs: Early epochs that count at most.
    """

    def __init__(self, rows: int, epochs: int = EPOCHS) -> None:
        if rows < 1 or epochs < LEAST:
            raise UsageError(f"rows must be at least 1 and epochs at least {LEAST}")
        self.rows = rows
        self.epochs = epochs
        self.epoch = 0
        self.frozen = False
        self._first: float | None = None
        self._before = (0.0, 0.0)  # loss and rows of the epochs that are closed
        self._sums: dict[str, torch.Tensor] = {}

    def update(
        self,
        indices: torch.Tensor,
        logits: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        *,
        losses: torch.Tensor | None = None,
    ) -> None:
        """Add a batch, after the forward pass.

        Args:
            indices: Row numbers of the batch, shape (batch,).
            logits: Shape (batch, classes), with `labels`; or
            labels: Classes, shape (batch,).
            losses: Loss of each row, shape (batch,), where there are no classes.

        Raises:
            UsageError: Neither logits with labels nor losses are given.
        """
        import torch

        if self.frozen:
            return
        if (logits is None or labels is None) and losses is None:
            raise UsageError("give logits and labels, or losses with one value a row")
        with torch.inference_mode(False), torch.no_grad():
            if logits is not None and labels is not None:
                self._add_logits(indices, logits.detach().float(), labels)
            elif losses is not None:
                self._add("loss", indices, losses.detach().float())
                self._add("seen", indices, torch.ones_like(losses, dtype=torch.float32))

    def end_epoch(self) -> bool:
        """Close an epoch: the one place where a number comes to the host.

        Returns:
            Whether later epochs no longer count.
        """
        if self.frozen or "seen" not in self._sums:
            return self.frozen
        self.epoch += 1
        loss, seen = (self._sums[name].sum().item() for name in ("loss", "seen"))
        mean = (loss - self._before[0]) / max(seen - self._before[1], 1.0)
        self._before = (loss, seen)
        if self._first is None:
            self._first = mean
        learnt = mean < REST * self._first
        self.frozen = self.epoch >= self.epochs or (learnt and self.epoch >= LEAST)
        return self.frozen

    def ranked(self) -> list[Suspect]:
        """All rows seen, the most suspect first; ties by row number."""
        import torch

        if "seen" not in self._sums:
            return []
        seen = self._sums["seen"].cpu()
        rows = torch.nonzero(seen > 0).flatten()
        count = seen[rows]
        loss = self._sums["loss"].cpu()[rows] / count
        suspicion = _ranks(loss)
        margin = suggested = None
        if "margin" in self._sums:
            margin = self._sums["margin"].cpu()[rows] / count
            error = self._sums["error"].cpu()[rows] / count
            suspicion = (_ranks(-margin) + _ranks(error)) / 2.0
            suggested = self._sums["votes"].cpu()[rows].argmax(1)
        order = torch.argsort(suspicion, descending=True, stable=True).tolist()
        return [
            Suspect(
                int(rows[i]),
                round(1.0 - place / len(order), 6),
                None if margin is None else round(float(margin[i]), 6),
                None if suggested is None else int(suggested[i]),
            )
            for place, i in enumerate(order)
        ]

    def to_rows(
        self, most: int | None = None, *, dataset: str = "train", column: str | None = None
    ) -> pl.DataFrame:
        """The most suspect rows in the format of `dataguard lint --rows-out`.

        Args:
            most: Rows to return; all by default.
            dataset: Name of the data set.
            column: Name of the label column.
        """
        import polars as pl

        suspects = self.ranked()[:most]
        return pl.DataFrame(
            {
                "dataset": [dataset] * len(suspects),
                "split": ["train"] * len(suspects),
                "row": [s.row for s in suspects],
                "line": [None] * len(suspects),
                "column": [column] * len(suspects),
                "code": [CODE] * len(suspects),
                "score": [s.score for s in suspects],
                "group": [None] * len(suspects),
                "message": [_told(s) for s in suspects],
            },
            schema_overrides={
                "row": pl.Int64, "line": pl.Int64, "column": pl.String, "group": pl.Int64,
            },
        )  # fmt: skip

    def state_dict(self) -> dict[str, Any]:
        """The whole state; tensors as they are, for `torch.save`."""
        return {
            "epoch": self.epoch,
            "frozen": self.frozen,
            "first": self._first,
            "before": self._before,
            "sums": {name: tensor.detach().cpu().clone() for name, tensor in self._sums.items()},
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where `state_dict` was taken."""
        self.epoch, self.frozen = state["epoch"], state["frozen"]
        self._first, self._before = state["first"], tuple(state["before"])
        self._sums = {name: tensor.clone() for name, tensor in state["sums"].items()}

    def _add_logits(
        self, indices: torch.Tensor, logits: torch.Tensor, labels: torch.Tensor
    ) -> None:
        import torch

        column = labels.long().unsqueeze(1)
        mine = logits.gather(1, column).squeeze(1)
        others = logits.scatter(1, column, float("-inf")).amax(1)
        shares = torch.softmax(logits, 1)
        share = shares.gather(1, column).squeeze(1)
        error = (shares.square().sum(1) - share.square() + (1.0 - share).square()).sqrt()
        self._add("margin", indices, mine - others)
        self._add("error", indices, error)
        self._add("loss", indices, -share.clamp(min=1e-12).log())
        self._add("seen", indices, torch.ones_like(mine))
        self._add("votes", indices, shares.scatter(1, column, 0.0))

    def _add(self, name: str, indices: torch.Tensor, values: torch.Tensor) -> None:
        import torch

        sums = self._sums.get(name)
        if sums is None or sums.device != values.device:
            shape = (self.rows, *values.shape[1:])
            fresh = torch.zeros(shape, device=values.device)
            sums = self._sums[name] = fresh if sums is None else sums.to(values.device)
        sums.index_add_(0, indices.to(values.device, non_blocking=True).long(), values)


def _ranks(values: torch.Tensor) -> torch.Tensor:
    """Ranks from 0 (lowest) to 1, shape as given."""
    import torch

    order = torch.argsort(values, stable=True)
    ranks = torch.empty(len(values), dtype=torch.float64)
    ranks[order] = torch.arange(len(values), dtype=torch.float64)
    return ranks / max(len(values) - 1, 1)


def _told(suspect: Suspect) -> str:
    if suspect.suggested is None:
        return "high loss in the early epochs of a training"
    return (
        f"learnt against its label: margin {suspect.margin:.3g} in early epochs; "
        f"the model preferred class {suspect.suggested}"
    )

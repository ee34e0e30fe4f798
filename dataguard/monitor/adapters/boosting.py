"""What the callbacks of boosting libraries share: which set is training, which metric decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dataguard.errors import UsageError, did_you_mean
from dataguard.monitor.adapters.session import Listener, Session
from dataguard.monitor.core import Monitor, Verdict

TRAINING = ("train", "training", "learn", "dtrain")
"""Names under which libraries and their users list the training set."""


@dataclass(frozen=True, slots=True)
class Score:
    """One metric of one data set after a round.

    Attributes:
        data: Name of the data set: "train", "validation_1".
        metric: Name of the metric: "logloss".
        value: Its value.
        maximised: Whether larger is better; None where the library does not say.
    """

    data: str
    metric: str
    value: float
    maximised: bool | None

    @property
    def name(self) -> str:
        """The curve's name, for `Monitor(watch=…)`: "validation_1-auc"."""
        return f"{self.data}-{self.metric}"


class Rounds(Session):
    """A session that is told the scores of each round.

    Args:
        monitor: The monitor; None for one with the defaults, which only warns.
        on_event: Is handed each event as it is raised; None logs it.
        train: Name of the training set; None for the usual names, "" for none.
        metric: The metric that is taken as the loss; None for the first that is minimised.
    """

    def __init__(
        self,
        monitor: Monitor | None = None,
        *,
        on_event: Listener | None = None,
        train: str | None = None,
        metric: str | None = None,
    ) -> None:
        super().__init__(monitor, on_event=on_event)
        self.train = train
        self.metric = metric

    def told(self, step: int, scores: Sequence[Score]) -> Verdict:
        """Tell the monitor of a round.

        The loss of the training set goes in as training loss, that of the others as validation
        losses named "SET-METRIC", all other scores as metrics named alike. A maximised training
        metric is negated, since the monitor takes a training loss to be better where it is lower.

        Raises:
            UsageError: No set or no metric of this name is evaluated.
        """
        trained, metric = self._trained(scores), self._metric(scores)
        losses = [score for score in scores if score.metric == metric]
        sign = -1.0 if self._maximised(scores, losses) else 1.0
        loss = [sign * float(s.value) for s in losses if s.data == trained]
        return self.update(
            step,
            loss[0] if loss else None,
            {s.name: float(s.value) for s in losses if s.data != trained} or None,
            {s.name: float(s.value) for s in scores if s.metric != metric},
        )

    def _maximised(self, scores: Sequence[Score], losses: Sequence[Score]) -> bool:
        """Whether the losses are maximised; the monitor's mode becomes what the library says."""
        watched = next((s for s in scores if s.name == self.monitor.watch), None)
        decides = losses[:1] if watched is None else [watched]
        if decides and decides[0].maximised is not None:
            self.monitor.mode = "max" if decides[0].maximised else "min"
        if losses and losses[0].maximised is not None:
            return losses[0].maximised
        return watched is None and self.monitor.mode == "max"

    def _trained(self, scores: Sequence[Score]) -> str | None:
        names = list(dict.fromkeys(score.data for score in scores))
        if self.train:
            if names and self.train not in names:
                hint = did_you_mean(self.train, names)
                raise UsageError(f"no data set '{self.train}' is evaluated{hint}")
            return self.train
        return None if self.train == "" else next((n for n in names if n in TRAINING), None)

    def _metric(self, scores: Sequence[Score]) -> str | None:
        names = list(dict.fromkeys(score.metric for score in scores))
        if self.metric is not None:
            if names and self.metric not in names:
                raise UsageError(f"no metric '{self.metric}'{did_you_mean(self.metric, names)}")
            return self.metric
        minimised = [score.metric for score in scores if not score.maximised]
        return next(iter([*minimised, *names]), None)

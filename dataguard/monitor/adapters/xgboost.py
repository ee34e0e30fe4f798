"""XGBoost: `xgb.train`, `xgb.cv` and the scikit-learn estimators."""

from __future__ import annotations

import json
from typing import Any

from xgboost.callback import TrainingCallback

from dataguard.errors import UsageError
from dataguard.monitor.adapters.boosting import Rounds, Score
from dataguard.monitor.adapters.session import Listener
from dataguard.monitor.core import Monitor

MAXIMISED = frozenset({"auc", "aucpr", "interval-regression-accuracy", "map", "ndcg", "pre"})
"""Metrics of XGBoost that are better where they are larger, without "@n". Of others, custom ones
among them, XGBoost does not know the direction: `Monitor(mode=…)` tells it."""

ATTRIBUTE = "dataguard_monitor"
"""Attribute of the booster that holds the monitor's state: it is saved with the model."""


class MonitorCallback(TrainingCallback):
    """Watches the rounds of a training: `xgb.train(…, callbacks=[MonitorCallback()])`.

    The state of the monitor is an attribute of the booster, so it is saved with it, and a training
    that continues a model (`xgb_model=…`) continues the monitor, if that is a new one.

    Args:
        monitor: The monitor; None for one with the defaults, which only warns.
        on_event: Is handed each event as it is raised; None logs it.
        restore_best: Drop the rounds after the best one when training ends.
        train: Name of the training set; None for "train" and the like, or "validation_0" where
            the scikit-learn estimators were given several sets; "" for none.
        metric: The metric that is taken as the loss; None for the first that is minimised.
        state_every: Rounds after which the booster is given the state, which costs as much as a
            small tree; it is given it at the end in any case.

    Raises:
        UsageError: In training: no set or metric of that name; `restore_best` in `xgb.cv`.
    """

    def __init__(
        self,
        monitor: Monitor | None = None,
        *,
        on_event: Listener | None = None,
        restore_best: bool = False,
        train: str | None = None,
        metric: str | None = None,
        state_every: int = 10,
    ) -> None:
        super().__init__()
        self.state_every = state_every
        self.restore_best = restore_best
        self._rounds = Rounds(monitor, on_event=on_event, train=train, metric=metric)
        self.monitor = self._rounds.monitor
        self._start = 0

    def before_training(self, model: Any) -> Any:
        """Take up the state that a continued model carries."""
        self._start = model.num_boosted_rounds()
        if _is_cv(model):
            if self.restore_best:
                raise UsageError("xgb.cv returns no model: leave restore_best out")
            return model
        state = model.attr(ATTRIBUTE)
        if state is not None and self.monitor.state_dict()["updates"] == 0:
            self.monitor.load_state_dict(json.loads(state))
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        """Tell the monitor of a round; True where it asks to stop."""
        if self._rounds.train is None and _numbered(list(evals_log)):
            self._rounds.train = "validation_0"
        scores = [
            Score(data, metric, _mean(values[-1]), metric.split("@")[0] in MAXIMISED or None)
            for data, metrics in evals_log.items()
            for metric, values in metrics.items()
        ]
        verdict = self._rounds.told(self._start + epoch, scores)
        if (epoch + 1) % self.state_every == 0:
            self._save(model)
        return verdict.should_stop

    def after_training(self, model: Any) -> Any:
        """The model, cut to its best round if asked; one that is cut has no state to go on from."""
        best = self.monitor.best_step
        if not self.restore_best or best is None:
            self._save(model)
            return model
        model = model[: best + 1]
        model.set_attr(**{ATTRIBUTE: None})
        model.best_iteration = best
        return model

    def _save(self, model: Any) -> None:
        if not _is_cv(model):
            model.set_attr(**{ATTRIBUTE: json.dumps(self.monitor.state_dict())})


def _numbered(names: list[str]) -> bool:
    """Whether the sets are those of a scikit-learn estimator, the training set first."""
    return len(names) > 1 and all(name.startswith("validation_") for name in names)


def _mean(value: Any) -> float:
    """`xgb.cv` gives (mean, deviation)."""
    return float(value[0] if isinstance(value, tuple) else value)


def _is_cv(model: Any) -> bool:
    return hasattr(model, "cvfolds")

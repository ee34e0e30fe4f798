"""LightGBM: `lgb.train`, `lgb.cv` and the scikit-learn estimators."""

from __future__ import annotations

from typing import Any

from lightgbm.callback import CallbackEnv, EarlyStopException

from dataguard.errors import UsageError
from dataguard.monitor.adapters.boosting import Rounds, Score
from dataguard.monitor.adapters.session import Listener
from dataguard.monitor.core import Monitor


class MonitorCallback:
    """Watches the rounds of a training: `lgb.train(…, callbacks=[MonitorCallback()])`.

    The monitor's state is not part of a LightGBM model: keep `callback.monitor.state_dict()`
    beside it.

    Args:
        monitor: The monitor; None for one with the defaults, which only warns.
        on_event: Is handed each event as it is raised; None logs it.
        restore_best: Tell LightGBM the best round: the model predicts by it, and drops later ones.
        train: Name of the training set; None for the one that LightGBM knows to be it, or
            "training" and the like; "" for none.
        metric: The metric that is taken as the loss; None for the first that is minimised.

    Raises:
        UsageError: In training: no set or metric of that name; `restore_best` with DART, which
            changes earlier trees in later rounds.
    """

    def __init__(
        self,
        monitor: Monitor | None = None,
        *,
        on_event: Listener | None = None,
        restore_best: bool = False,
        train: str | None = None,
        metric: str | None = None,
    ) -> None:
        self.order = 25  # after record_evaluation (20), before early_stopping (30) ends the round
        self.before_iteration = False
        self.restore_best = restore_best
        self._rounds = Rounds(monitor, on_event=on_event, train=train, metric=metric)
        self.monitor = self._rounds.monitor
        self._best_scores: list[Any] = []

    def __call__(self, env: CallbackEnv) -> None:
        """Tell the monitor of a round.

        Raises:
            EarlyStopException: The monitor asks to stop; or, to restore the best round, at the
                last one. It is how LightGBM is told which round is the best.
        """
        if self.restore_best and _is_dart(env.params):
            raise UsageError("DART changes earlier trees: leave restore_best out")
        results = list(env.evaluation_result_list or ())
        scores = [Score(str(r[0]), str(r[1]), float(r[2]), bool(r[3])) for r in results]
        name = getattr(env.model, "_train_data_name", None)  # as LightGBM's own early stopping does
        if self._rounds.train is None and any(score.data == name for score in scores):
            self._rounds.train = name
        verdict = self._rounds.told(env.iteration, scores)
        if verdict.improved:
            self._best_scores = results
        last = env.iteration == env.end_iteration - 1
        if self.restore_best and verdict.best_step is not None:
            if verdict.should_stop or last:
                raise EarlyStopException(verdict.best_step, self._best_scores)
        elif verdict.should_stop:
            raise EarlyStopException(env.iteration, results)


def _is_dart(params: dict[str, Any]) -> bool:
    names = ("boosting", "boosting_type", "boost")  # the aliases of one parameter
    return any(params.get(name) == "dart" for name in names)

"""CatBoost, on the CPU: on a GPU it has no callbacks (`dataguard watch` reads its log)."""

from __future__ import annotations

from functools import cache
from typing import Any

from catboost import CatBoostError
from catboost.core import is_maximizable_metric

from dataguard.monitor.adapters.boosting import Rounds, Score
from dataguard.monitor.adapters.session import Listener
from dataguard.monitor.core import Monitor


class MonitorCallback:
    """Watches the rounds of a training: `model.fit(…, callbacks=[MonitorCallback()])`.

    Steps are counted from 0, as in CatBoost's own logs and `best_iteration_`. To keep the best
    rounds alone is CatBoost's own `use_best_model`, its default where there is an `eval_set`.

    A training that continues from CatBoost's snapshot tells of all rounds since its beginning, and
    so does this callback: the new monitor sees them all. One whose state was loaded goes on.

    Args:
        monitor: The monitor; None for one with the defaults, which only warns.
        on_event: Is handed each event as it is raised; None logs it.
        metric: The metric that is taken as the loss; None for the first that is minimised.

    Raises:
        UsageError: In training, inside a CatBoostError: no metric of that name.
    """

    def __init__(
        self,
        monitor: Monitor | None = None,
        *,
        on_event: Listener | None = None,
        metric: str | None = None,
    ) -> None:
        self._rounds = Rounds(monitor, on_event=on_event, train="learn", metric=metric)
        self.monitor = self._rounds.monitor
        self._told = 0
        self._start: int | None = None
        self._seen = -1

    def after_iteration(self, info: Any) -> bool:
        """Tell the monitor of the rounds that were evaluated; False where it asks to stop."""
        sets: dict[str, dict[str, list[float]]] = info.metrics or {}
        if self._start is None:
            state = self.monitor.state_dict()
            self._seen = state["step"] if state["updates"] else -1
            self._start = self._seen + 1 if info.iteration == 1 else 0  # else from a snapshot
        count = max((len(v) for metrics in sets.values() for v in metrics.values()), default=0)
        for at in range(self._told, count):
            step = self._start + (info.iteration - 1) * at // max(count - 1, 1)
            if step > self._seen:
                self._rounds.told(step, _scores(sets, at))
        self._told = count
        return not self.monitor.should_stop


def _scores(sets: dict[str, dict[str, list[float]]], at: int) -> list[Score]:
    return [
        Score(data, metric, values[at], _maximised(metric))
        for data, metrics in sets.items()
        for metric, values in metrics.items()
        if at < len(values)
    ]


@cache
def _maximised(metric: str) -> bool | None:
    """What CatBoost says of a metric; None for a custom one."""
    try:
        return bool(is_maximizable_metric(metric))
    except CatBoostError:
        return None

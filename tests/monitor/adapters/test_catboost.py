"""The CatBoost callback, on real small trainings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from monitor import toys

from dataguard.monitor import Event, Monitor, Severity

catboost = pytest.importorskip("catboost", reason="needs CatBoost: pip install '.[test]'")

from dataguard.monitor.adapters.catboost import MonitorCallback  # noqa: E402

LARGE = {"depth": 6, "learning_rate": 0.1, "l2_leaf_reg": 0.1, "bootstrap_type": "No"}
SMALL = {"depth": 3, "learning_rate": 0.1}
ROUNDS = 60


def train(
    toy: toys.Toy,
    params: dict[str, Any],
    callback: MonitorCallback,
    rounds: int = ROUNDS,
    *,
    snapshot: Path | None = None,
    model: Any = None,
) -> Any:
    settings = {"random_seed": 0, "thread_count": 1, "verbose": False, "boosting_type": "Plain"}
    if snapshot is None:
        settings["allow_writing_files"] = False
    else:
        settings["train_dir"] = str(snapshot)
    classifier = catboost.CatBoostClassifier(iterations=rounds, **settings, **params)
    classifier.fit(
        toy.train_x,
        toy.train_y,
        eval_set=(toy.val_x, toy.val_y),
        use_best_model=False,
        save_snapshot=snapshot is not None,
        snapshot_interval=0,
        init_model=model,
        callbacks=[callback],
    )
    return classifier


def codes(monitor: Monitor) -> list[tuple[str, int]]:
    return [(event.code, event.step) for event in monitor.events]


def test_it_warns_of_overfitting_and_does_not_stop() -> None:
    seen: list[Event] = []
    callback = MonitorCallback(on_event=seen.append)
    model = train(toys.overfitting(), LARGE, callback)
    assert "MON001" in [event.code for event in seen]
    assert tuple(seen) == callback.monitor.events
    assert model.tree_count_ == ROUNDS
    assert callback.monitor.best_step == model.best_iteration_


def test_a_healthy_run_raises_no_warning() -> None:
    callback = MonitorCallback()
    train(toys.healthy(), SMALL, callback)
    assert callback.monitor.best_step == ROUNDS - 1
    assert [e for e in callback.monitor.events if e.severity >= Severity.WARNING] == []


def test_it_stops_where_asked() -> None:
    monitor = Monitor(stop_on=("MON001",))
    model = train(toys.overfitting(), LARGE, MonitorCallback(monitor))
    assert model.tree_count_ == monitor.events[-1].step + 1 < ROUNDS


@pytest.mark.parametrize("load", [False, True])
def test_a_snapshot_continues_the_monitor(tmp_path: Path, load: bool) -> None:
    whole, first, second = MonitorCallback(), MonitorCallback(), MonitorCallback()
    train(toys.overfitting(), LARGE, whole)
    train(toys.overfitting(), LARGE, first, 8, snapshot=tmp_path)
    if load:
        second.monitor.load_state_dict(json.loads(json.dumps(first.monitor.state_dict())))
    train(toys.overfitting(), LARGE, second, snapshot=tmp_path)
    assert "MON001" in dict(codes(whole.monitor))
    assert codes(second.monitor) == codes(whole.monitor)
    assert second.monitor.best_step == whole.monitor.best_step


def test_a_continued_model_goes_on_counting() -> None:
    first, second = MonitorCallback(), MonitorCallback()
    model = train(toys.overfitting(), LARGE, first, 8)
    second.monitor.load_state_dict(first.monitor.state_dict())
    train(toys.overfitting(), LARGE, second, 10, model=model)
    assert second.monitor.state_dict()["step"] == 17


def test_rounds_without_an_evaluation_are_left_out() -> None:
    callback = MonitorCallback()
    model = train(toys.overfitting(), {**LARGE, "metric_period": 5}, callback, 30)
    losses = model.get_evals_result()["validation"]["Logloss"]
    assert callback.monitor.state_dict()["updates"] == len(losses) == 7
    assert callback.monitor.best_step == 5 * int(np.argmin(losses))


def test_a_metric_that_is_watched_decides_in_its_own_direction() -> None:
    callback = MonitorCallback(Monitor(watch="validation-AUC"))
    model = train(toys.overfitting(), {**LARGE, "custom_metric": ["AUC", "Accuracy"]}, callback)
    aucs = model.get_evals_result()["validation"]["AUC"]
    assert callback.monitor.best == max(aucs)
    assert callback.monitor.best_step == int(np.argmax(aucs))
    names = {curve["name"] for curve in callback.monitor.state_dict()["curves"]}
    assert names == {"validation-AUC", "validation-Logloss"}


def test_a_metric_that_is_not_evaluated_names_those_that_are() -> None:
    with pytest.raises(catboost.CatBoostError, match=r"UsageError: .* did you mean 'Logloss'"):
        train(toys.overfitting(), LARGE, MonitorCallback(metric="LogLos"), 1)

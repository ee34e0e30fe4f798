"""The LightGBM callback, on real small trainings."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from monitor import toys

from dataguard.errors import UsageError
from dataguard.monitor import Event, Monitor, Severity

lgb = pytest.importorskip("lightgbm", reason="needs LightGBM: pip install '.[test]'")

from dataguard.monitor.adapters.lightgbm import MonitorCallback  # noqa: E402

LARGE = {"num_leaves": 31, "min_data_in_leaf": 5, "learning_rate": 0.02}
SMALL = {"num_leaves": 7, "learning_rate": 0.1}
ROUNDS = 60


def train(
    toy: toys.Toy, params: dict[str, Any], *callbacks: Any, rounds: int = ROUNDS, model: Any = None
) -> Any:
    rows = lgb.Dataset(toy.train_x, toy.train_y)
    return lgb.train(
        {"objective": "binary", "seed": 0, "num_threads": 1, "verbose": -1, **params},
        rows,
        rounds,
        valid_sets=[rows, lgb.Dataset(toy.val_x, toy.val_y, reference=rows)],
        valid_names=["training", "validation"],
        callbacks=list(callbacks),
        init_model=model,
    )


def codes(monitor: Monitor) -> list[tuple[str, int]]:
    return [(event.code, event.step) for event in monitor.events]


def test_it_warns_of_overfitting_and_does_not_stop() -> None:
    seen: list[Event] = []
    callback = MonitorCallback(on_event=seen.append)
    booster = train(toys.overfitting(), LARGE, callback)
    assert "MON001" in [event.code for event in seen]
    assert tuple(seen) == callback.monitor.events
    assert booster.current_iteration() == ROUNDS


def test_a_healthy_run_raises_no_warning() -> None:
    callback = MonitorCallback()
    train(toys.healthy(), SMALL, callback)
    assert callback.monitor.best_step == ROUNDS - 1
    assert [e for e in callback.monitor.events if e.severity >= Severity.WARNING] == []


def test_it_stops_where_asked() -> None:
    monitor = Monitor(stop_on=("MON001",))
    booster = train(toys.overfitting(), LARGE, MonitorCallback(monitor))
    assert booster.current_iteration() == monitor.events[-1].step + 1 < ROUNDS
    assert booster.best_iteration == booster.current_iteration()


@pytest.mark.parametrize("stop_on", [(), ("MON001",)])
def test_the_best_round_is_what_predicts(stop_on: tuple[str, ...]) -> None:
    toy, monitor = toys.overfitting(), Monitor(stop_on=stop_on)
    booster = train(toy, LARGE, MonitorCallback(monitor, restore_best=True))
    best = monitor.best_step
    assert best is not None
    assert 0 < best < ROUNDS - 1
    assert booster.best_iteration == booster.current_iteration() == best + 1
    assert booster.best_score["validation"]["binary_logloss"] == monitor.best
    odds = booster.predict(toy.val_x)
    loss = -np.mean(np.log(np.where(toy.val_y == 1, odds, 1 - odds)))
    assert loss == pytest.approx(monitor.best)


def test_a_continued_model_continues_the_monitor() -> None:
    whole, first, second = MonitorCallback(), MonitorCallback(), MonitorCallback()
    train(toys.overfitting(), LARGE, whole)
    half = train(toys.overfitting(), LARGE, first, rounds=20)
    second.monitor.load_state_dict(json.loads(json.dumps(first.monitor.state_dict())))
    train(toys.overfitting(), LARGE, second, rounds=ROUNDS - 20, model=half)
    assert "MON001" in dict(codes(whole.monitor))
    assert codes(second.monitor) == codes(whole.monitor)
    assert second.monitor.best_step == whole.monitor.best_step


def test_a_maximised_metric_turns_the_monitor_round() -> None:
    log: dict[str, dict[str, list[float]]] = {}
    callback = MonitorCallback()
    train(toys.overfitting(), {**LARGE, "metric": "auc"}, callback, lgb.record_evaluation(log))
    assert callback.monitor.best == max(log["validation"]["auc"])
    assert callback.monitor.best_step == int(np.argmax(log["validation"]["auc"]))


def test_the_round_in_which_early_stopping_ends_the_training_is_seen() -> None:
    callback = MonitorCallback()
    early = lgb.early_stopping(1, verbose=False)
    booster = train(toys.overfitting(), LARGE, early, callback)
    assert callback.monitor.state_dict()["updates"] == booster.best_iteration + 1


def test_a_metric_that_is_watched_decides_in_its_own_direction() -> None:
    log: dict[str, dict[str, list[float]]] = {}
    callback = MonitorCallback(Monitor(watch="validation-auc"))
    params = {**LARGE, "metric": ["auc", "binary_logloss"]}
    train(toys.overfitting(), params, callback, lgb.record_evaluation(log))
    assert callback.monitor.best == max(log["validation"]["auc"])
    assert "validation-binary_logloss is" in callback.monitor.events[-1].message


def test_the_training_set_is_known_by_any_name() -> None:
    toy, callback = toys.overfitting(), MonitorCallback()
    rows = lgb.Dataset(toy.train_x, toy.train_y)
    held_out = lgb.Dataset(toy.val_x, toy.val_y, reference=rows)
    params = {"objective": "binary", "num_threads": 1, "verbose": -1, **LARGE}
    names = ["held out", "mine"]
    lgb.train(params, rows, 3, [held_out, rows], valid_names=names, callbacks=[callback])
    assert [curve["name"] for curve in callback.monitor.state_dict()["curves"]] == [
        "held out-binary_logloss"
    ]


def test_estimators_are_watched_too() -> None:
    toy, callback = toys.overfitting(), MonitorCallback()
    model = lgb.LGBMClassifier(
        n_estimators=ROUNDS, min_child_samples=5, learning_rate=0.02, n_jobs=1, verbose=-1
    )
    model.fit(
        toy.train_x,
        toy.train_y,
        eval_X=(toy.train_x, toy.val_x),
        eval_y=(toy.train_y, toy.val_y),
        eval_names=["training", "validation"],
        callbacks=[callback],
    )
    assert callback.monitor.best == min(model.evals_result_["validation"]["binary_logloss"])
    assert "MON001" in dict(codes(callback.monitor))


def test_a_cross_validation_is_watched_by_its_means() -> None:
    toy, monitor = toys.overfitting(), Monitor(stop_on=("MON001",))
    table = lgb.cv(
        {"objective": "binary", "num_threads": 1, "verbose": -1, **LARGE, "learning_rate": 0.3},
        lgb.Dataset(toy.train_x, toy.train_y),
        ROUNDS,
        nfold=3,
        eval_train_metric=True,
        callbacks=[MonitorCallback(monitor, restore_best=True)],
    )
    means = table["valid binary_logloss-mean"]
    assert monitor.best == min(means)
    assert monitor.best_step is not None
    assert len(means) == monitor.best_step + 1 < ROUNDS


def test_dart_has_no_best_round_to_restore() -> None:
    params = {**LARGE, "boosting": "dart"}
    with pytest.raises(UsageError, match="DART"):
        train(toys.overfitting(), params, MonitorCallback(restore_best=True))

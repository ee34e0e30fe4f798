"""The XGBoost callback, on real small trainings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from monitor import toys

from dataguard.errors import UsageError
from dataguard.monitor import Event, Monitor, Severity

xgb = pytest.importorskip("xgboost", reason="needs XGBoost: pip install '.[test]'")

from dataguard.monitor.adapters.xgboost import MonitorCallback  # noqa: E402

LARGE = {"max_depth": 6, "eta": 0.05, "reg_lambda": 0, "subsample": 0.8}
SMALL = {"max_depth": 3, "eta": 0.1}
ROUNDS = 60


def train(
    toy: toys.Toy, params: dict[str, Any], *callbacks: Any, rounds: int = ROUNDS, model: Any = None
) -> Any:
    rows = xgb.DMatrix(toy.train_x, toy.train_y)
    held_out = xgb.DMatrix(toy.val_x, toy.val_y)
    return xgb.train(
        {"objective": "binary:logistic", "seed": 0, "nthread": 1, **params},
        rows,
        rounds,
        evals=[(rows, "train"), (held_out, "validation")],
        verbose_eval=False,
        callbacks=list(callbacks),
        xgb_model=model,
    )


def codes(monitor: Monitor) -> list[tuple[str, int]]:
    return [(event.code, event.step) for event in monitor.events]


def test_it_warns_of_overfitting_and_does_not_stop() -> None:
    seen: list[Event] = []
    callback = MonitorCallback(on_event=seen.append)
    booster = train(toys.overfitting(), LARGE, callback)
    assert "MON001" in [event.code for event in seen]
    assert tuple(seen) == callback.monitor.events
    assert booster.num_boosted_rounds() == ROUNDS


def test_a_healthy_run_raises_no_warning() -> None:
    callback = MonitorCallback()
    train(toys.healthy(), SMALL, callback)
    assert callback.monitor.best_step == ROUNDS - 1
    assert [e for e in callback.monitor.events if e.severity >= Severity.WARNING] == []


def test_it_stops_where_asked_and_restores_the_best_rounds() -> None:
    monitor = Monitor(stop_on=("MON001",))
    booster = train(toys.overfitting(), LARGE, MonitorCallback(monitor, restore_best=True))
    best = monitor.best_step
    assert best is not None
    assert 0 < best < monitor.events[-1].step < ROUNDS - 1
    assert booster.num_boosted_rounds() == best + 1
    toy = toys.overfitting()
    loss = float(booster.eval(xgb.DMatrix(toy.val_x, toy.val_y)).split(":")[1])
    assert loss == pytest.approx(monitor.best, abs=1e-5)


def test_a_continued_model_continues_the_monitor(tmp_path: Path) -> None:
    whole = MonitorCallback()
    everything = {**LARGE, "subsample": 1}  # drawing rows begins anew where a training continues
    train(toys.overfitting(), everything, whole)
    first, second = MonitorCallback(), MonitorCallback()
    train(toys.overfitting(), everything, first, rounds=7).save_model(tmp_path / "model.ubj")
    half = xgb.Booster(model_file=tmp_path / "model.ubj")
    train(toys.overfitting(), everything, second, rounds=ROUNDS - 7, model=half)
    assert "MON001" in dict(codes(whole.monitor))
    assert codes(second.monitor) == codes(whole.monitor)
    assert second.monitor.best_step == whole.monitor.best_step


def test_a_checkpoint_holds_the_state_of_its_round(tmp_path: Path) -> None:
    whole, first, second = MonitorCallback(), MonitorCallback(state_every=1), MonitorCallback()
    everything = {**LARGE, "subsample": 1}
    train(toys.overfitting(), everything, whole)
    saver = xgb.callback.TrainingCheckPoint(tmp_path, interval=13)
    train(toys.overfitting(), everything, first, saver, rounds=20)
    half = xgb.Booster(model_file=tmp_path / "model_13.ubj")
    train(toys.overfitting(), everything, second, rounds=ROUNDS - 14, model=half)
    assert codes(second.monitor) == codes(whole.monitor)
    assert second.monitor.state_dict()["updates"] == ROUNDS


def test_a_model_that_was_cut_has_no_state_to_go_on_from() -> None:
    monitor = Monitor(stop_on=("MON001",))
    cut = train(toys.overfitting(), LARGE, MonitorCallback(monitor, restore_best=True))
    again = Monitor(stop_on=("MON001",))
    rounds = cut.num_boosted_rounds()
    train(toys.overfitting(), LARGE, MonitorCallback(again), rounds=3, model=cut)
    assert again.state_dict()["updates"] == 3
    assert again.state_dict()["step"] == rounds + 2


def test_a_maximised_metric_turns_the_monitor_round() -> None:
    log: dict[str, dict[str, list[float]]] = {}
    toy, callback = toys.overfitting(), MonitorCallback()
    held_out = xgb.DMatrix(toy.val_x, toy.val_y)
    rows = xgb.DMatrix(toy.train_x, toy.train_y)
    params = {"objective": "binary:logistic", "nthread": 1, "eval_metric": ["auc"], **LARGE}
    xgb.train(
        params,
        rows,
        20,
        evals=[(rows, "train"), (held_out, "validation")],
        evals_result=log,
        verbose_eval=False,
        callbacks=[callback],
    )
    assert callback.monitor.best == max(log["validation"]["auc"])
    assert callback.monitor.best_step == int(np.argmax(log["validation"]["auc"]))


def test_estimators_list_the_training_set_first() -> None:
    toy, callback = toys.overfitting(), MonitorCallback()
    model = xgb.XGBClassifier(n_estimators=ROUNDS, n_jobs=1, **LARGE, callbacks=[callback])
    sets = [(toy.train_x, toy.train_y), (toy.val_x, toy.val_y)]
    model.fit(toy.train_x, toy.train_y, eval_set=sets, verbose=False)
    losses = model.evals_result()["validation_1"]["logloss"]
    assert callback.monitor.best == min(losses)
    assert "MON001" in dict(codes(callback.monitor))


def test_a_cross_validation_is_watched_by_its_means() -> None:
    toy, callback = toys.overfitting(), MonitorCallback()
    params = {"objective": "binary:logistic", "nthread": 1, **LARGE}
    rows = xgb.DMatrix(toy.train_x, toy.train_y)
    table = xgb.cv(params, rows, 20, nfold=3, as_pandas=False, callbacks=[callback])
    assert callback.monitor.best == pytest.approx(min(table["test-logloss-mean"]))
    with pytest.raises(UsageError, match="returns no model"):
        xgb.cv(params, rows, 2, nfold=3, callbacks=[MonitorCallback(restore_best=True)])


@pytest.mark.parametrize(
    ("given", "message"),
    [({"train": "training"}, "did you mean 'train'"), ({"metric": "logos"}, "'logloss'")],
)
def test_a_name_that_is_not_evaluated_names_those_that_are(
    given: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        train(toys.overfitting(), LARGE, MonitorCallback(**given), rounds=1)

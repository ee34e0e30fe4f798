"""The monitor in scikit-learn: loops of `partial_fit`, callbacks, and fitted estimators."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from monitor import toys
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.linear_model import LogisticRegression, SGDClassifier, SGDRegressor
from sklearn.metrics import log_loss, mean_squared_error
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from dataguard.errors import UsageError
from dataguard.monitor import Event, Monitor, Severity
from dataguard.monitor.adapters.sklearn import (
    MonitorCallback,
    default_loss,
    replay,
    watch_partial_fit,
)

EPOCHS = 30


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Threads of so small trainings wait for each other more than they work."""
    with threadpool_limits(1):
        yield


def large() -> MLPClassifier:
    return MLPClassifier((64,), alpha=0.0, learning_rate_init=0.01, random_state=0)


def small() -> SGDClassifier:
    return SGDClassifier(loss="log_loss", learning_rate="constant", eta0=0.001, random_state=0)


def train(toy: toys.Toy, estimator: Any, epochs: int = EPOCHS, **settings: Any) -> Any:
    return watch_partial_fit(
        estimator, toy.train_x, toy.train_y, toy.val_x, toy.val_y, epochs=epochs, **settings
    )


def codes(monitor: Monitor) -> list[tuple[str, int]]:
    return [(event.code, event.step) for event in monitor.events]


def warnings_of(monitor: Monitor) -> list[Event]:
    return [event for event in monitor.events if event.severity >= Severity.WARNING]


def updates(monitor: Monitor) -> int:
    return int(monitor.state_dict()["updates"])


def test_a_loop_warns_of_overfitting_and_does_not_stop() -> None:
    seen: list[Event] = []
    monitor = Monitor()
    train(toys.overfitting(), large(), monitor=monitor, on_event=seen.append)
    assert "MON001" in [event.code for event in seen]
    assert tuple(seen) == monitor.events
    assert updates(monitor) == EPOCHS


def test_a_healthy_loop_raises_no_warning() -> None:
    monitor = Monitor()
    train(toys.healthy(), small(), monitor=monitor)
    assert updates(monitor) == EPOCHS
    assert warnings_of(monitor) == []


def test_a_loop_stops_where_asked_and_restores_the_best_epoch() -> None:
    monitor, toy = Monitor(stop_on=("MON001",)), toys.overfitting()
    estimator = large()
    assert train(toy, estimator, monitor=monitor, restore_best=True) is estimator
    assert monitor.best_step is not None
    assert monitor.best_step < monitor.events[-1].step == updates(monitor) - 1 < EPOCHS - 1
    assert default_loss(estimator, toy.val_x, toy.val_y) == monitor.best


@pytest.mark.parametrize("batch_size", [None, 16])
def test_an_interrupted_loop_goes_on_as_if_it_were_not(batch_size: int | None) -> None:
    whole, first, second = Monitor(), Monitor(), Monitor()
    train(toys.overfitting(), large(), monitor=whole, batch_size=batch_size)
    half = train(toys.overfitting(), large(), 10, monitor=first, batch_size=batch_size)
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    resumed = pickle.loads(pickle.dumps(half))
    train(toys.overfitting(), resumed, EPOCHS - 10, monitor=second, batch_size=batch_size)
    assert "MON001" in dict(codes(whole))
    assert codes(second) == codes(whole)
    assert second.best_step == whole.best_step


def test_a_loop_takes_tables_and_text_labels() -> None:
    toy, monitor = toys.overfitting(), Monitor()
    train_y, val_y = (pd.Series(np.array(["no", "yes"])[y]) for y in (toy.train_y, toy.val_y))
    rows = pd.DataFrame(toy.train_x), train_y, pd.DataFrame(toy.val_x), val_y
    watch_partial_fit(large(), *rows, epochs=3, batch_size=10, monitor=monitor)
    assert monitor.best is not None
    assert 0.0 < monitor.best < 1.0


def test_what_is_watched_fits_the_estimator() -> None:
    toy = toys.overfitting()
    rows, target = toy.train_x, toy.train_y
    hinge = SGDClassifier(random_state=0).fit(rows, target)
    assert default_loss(hinge, rows, target) == 1.0 - hinge.score(rows, target)
    line = SGDRegressor(random_state=0).fit(rows, target)
    assert default_loss(line, rows, target) == mean_squared_error(target, line.predict(rows))


callbacks = pytest.mark.skipif(
    not hasattr(LogisticRegression, "set_callbacks"), reason="needs scikit-learn 1.9"
)


@callbacks
def test_a_callback_warns_of_overfitting() -> None:
    toy, seen = toys.overfitting(), list[Event]()
    callback = MonitorCallback(X_val=toy.val_x, y_val=toy.val_y, on_event=seen.append)
    model = LogisticRegression(C=1e6, max_iter=500, tol=1e-8).set_callbacks(callback)
    model.fit(toy.train_x, np.array(["no", "yes"])[toy.train_y] == "yes")
    assert "MON001" in [event.code for event in seen]
    assert updates(callback.monitor) == model.n_iter_[0]
    assert list(callback.monitor.events) == seen


@callbacks
def test_a_callback_finds_a_healthy_fit_healthy() -> None:
    toy = toys.healthy()
    callback = MonitorCallback(X_val=toy.val_x, y_val=toy.val_y)
    LogisticRegression(max_iter=500).set_callbacks(callback).fit(toy.train_x, toy.train_y)
    assert updates(callback.monitor) > 5
    assert warnings_of(callback.monitor) == []


@callbacks
def test_a_second_fit_is_judged_anew_unless_it_starts_warm() -> None:
    toy = toys.healthy()
    for warm in (False, True):
        callback = MonitorCallback(X_val=toy.val_x, y_val=toy.val_y)
        model = LogisticRegression(max_iter=500, warm_start=warm).set_callbacks(callback)
        iterations = [model.fit(toy.train_x, toy.train_y).n_iter_[0] for _ in range(2)]
        assert updates(callback.monitor) == (sum(iterations) if warm else iterations[1])


def test_a_callback_asks_to_stop() -> None:
    """Asked directly: no estimator of scikit-learn 1.9 heeds it yet."""
    toy, monitor = toys.overfitting(), Monitor(stop_on=("MON004",))
    callback = MonitorCallback(monitor, loss=lambda *_: float("nan"))
    iteration = type("Context", (), {"parent": object(), "max_subtasks": 0})()
    model = small()
    assert callback.on_fit_task_end(
        model, iteration, X=toy.train_x, y=toy.train_y, fitted_estimator=model
    )


def test_validation_rows_need_their_targets() -> None:
    with pytest.raises(UsageError, match="go together"):
        MonitorCallback(X_val=toys.healthy().val_x)


@pytest.mark.parametrize(
    ("kind", "measure"),
    [
        (GradientBoostingClassifier, log_loss),
        (HistGradientBoostingClassifier, log_loss),
        (GradientBoostingRegressor, mean_squared_error),
        (HistGradientBoostingRegressor, mean_squared_error),
    ],
)
def test_stages_are_replayed_on_one_scale(kind: Any, measure: Any) -> None:
    toy = toys.healthy()
    histogram = {"early_stopping": True, "max_iter": 20} if "Hist" in kind.__name__ else {}
    settings = histogram or {"n_estimators": 20}
    model = kind(random_state=0, **settings).fit(toy.train_x, toy.train_y)
    monitor = replay(model, toy.train_x, toy.train_y)
    predict = model.predict_proba if measure is log_loss else model.predict
    assert monitor.best == measure(toy.train_y, predict(toy.train_x))
    trained = monitor.state_dict()["train"]["last"]
    assert trained == pytest.approx(monitor.best, rel=0.1)  # histograms: a part of the rows


def test_replaying_stages_tells_overfitting_from_health() -> None:
    bad, good = toys.overfitting(), toys.healthy()
    model = GradientBoostingClassifier(n_estimators=30, random_state=0)
    overfitted = replay(model.fit(bad.train_x, bad.train_y), bad.val_x, bad.val_y)
    assert "MON001" in dict(codes(overfitted))
    assert warnings_of(replay(model.fit(good.train_x, good.train_y), good.val_x, good.val_y)) == []


@pytest.mark.parametrize("scoring", ["loss", "roc_auc"])
def test_the_scores_of_early_stopping_are_replayed(scoring: str) -> None:
    toy = toys.overfitting()
    model = HistGradientBoostingClassifier(
        early_stopping=True, scoring=scoring, max_iter=20, n_iter_no_change=20, min_samples_leaf=2
    )
    model.fit(toy.train_x, toy.train_y)
    monitor = replay(model)
    best = max(model.validation_score_)
    assert monitor.best == (-best if scoring == "loss" else best)
    assert monitor.best_step == int(np.argmax(model.validation_score_))


def test_the_curves_of_a_perceptron_are_replayed() -> None:
    toy = toys.overfitting()
    model = large().set_params(
        early_stopping=True, n_iter_no_change=15, validation_fraction=0.5, tol=1.0
    )
    monitor = replay(model.fit(toy.train_x, toy.train_y))
    assert monitor.mode == "max"
    assert monitor.best == max(model.validation_scores_)
    assert updates(monitor) == len(model.loss_curve_)


def test_the_out_of_bag_loss_is_replayed() -> None:
    toy = toys.overfitting()
    model = GradientBoostingClassifier(subsample=0.5, n_estimators=20, random_state=0)
    monitor = replay(model.fit(toy.train_x, toy.train_y))
    assert monitor.best == min(model.oob_scores_)


def test_what_cannot_be_replayed_says_so() -> None:
    toy = toys.healthy()
    with pytest.raises(UsageError, match="has kept no curve"):
        replay(small())
    with pytest.raises(UsageError, match="does not predict by stages"):
        replay(small().fit(toy.train_x, toy.train_y), toy.val_x, toy.val_y)

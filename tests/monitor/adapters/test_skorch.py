"""The skorch callback, on real small trainings."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from monitor import toys
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from dataguard.monitor import Event, Monitor, Severity

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install '.[test]'")
skorch = pytest.importorskip("skorch", reason="needs skorch: pip install '.[test]'")

from skorch.callbacks import LoadInitState, TrainEndCheckpoint  # noqa: E402
from skorch.dataset import Dataset  # noqa: E402
from skorch.helper import predefined_split  # noqa: E402

from dataguard.monitor.adapters.skorch import MonitorCallback  # noqa: E402

torch.set_num_threads(1)

EPOCHS = 30


class Net(torch.nn.Sequential):
    """A linear model, or one with a hidden layer."""

    def __init__(self, hidden: int = 0) -> None:
        torch.manual_seed(0)
        last = torch.nn.Linear(hidden or toys.FEATURES, 2)
        wide = (torch.nn.Linear(toys.FEATURES, hidden), torch.nn.ReLU()) if hidden else ()
        super().__init__(*wide, last)


def built(toy: toys.Toy, *callbacks: Any, hidden: int = 64, epochs: int = EPOCHS) -> Any:
    return skorch.NeuralNetClassifier(
        Net,
        module__hidden=hidden,
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        lr=0.01 if hidden else 0.003,
        batch_size=1_000,
        max_epochs=epochs,
        train_split=predefined_split(Dataset(toy.val_x, toy.val_y)),
        iterator_train__shuffle=False,
        callbacks=list(callbacks),
        verbose=0,
    )


def codes(monitor: Monitor) -> list[tuple[str, int]]:
    return [(event.code, event.step) for event in monitor.events]


def test_it_warns_of_overfitting_and_does_not_stop() -> None:
    toy, seen = toys.overfitting(), list[Event]()
    callback = MonitorCallback(on_event=seen.append)
    net = built(toy, callback).fit(toy.train_x, toy.train_y)
    assert "MON001" in [event.code for event in seen]
    assert tuple(seen) == callback.monitor.events
    assert len(net.history) == EPOCHS
    assert callback.monitor.best == min(net.history[:, "valid_loss"])


def test_a_healthy_run_raises_no_warning() -> None:
    toy, callback = toys.healthy(), MonitorCallback()
    net = built(toy, callback, hidden=0).fit(toy.train_x, toy.train_y)
    assert callback.monitor.best == min(net.history[:, "valid_loss"])
    assert [e for e in callback.monitor.events if e.severity >= Severity.WARNING] == []


def test_it_stops_where_asked_and_restores_the_best_epoch() -> None:
    toy, monitor = toys.overfitting(), Monitor(stop_on=("MON001",))
    net = built(toy, MonitorCallback(monitor, restore_best=True)).fit(toy.train_x, toy.train_y)
    assert len(net.history) == monitor.events[-1].step < EPOCHS
    assert monitor.best_step is not None
    assert monitor.best_step < len(net.history)
    with torch.inference_mode():
        odds = net.module_(torch.as_tensor(toy.val_x))
        loss = torch.nn.functional.cross_entropy(odds, torch.as_tensor(toy.val_y))
    assert float(loss) == pytest.approx(monitor.best, rel=1e-6)


def test_a_partial_fit_that_brings_no_better_epoch_ends_with_the_best_before() -> None:
    toy, callback = toys.overfitting(), MonitorCallback(restore_best=True)
    net = built(toy, callback).fit(toy.train_x, toy.train_y)
    best = callback.monitor.best
    net.partial_fit(toy.train_x, toy.train_y)
    assert callback.monitor.best == best
    logits = net.forward(toy.val_x)
    loss = torch.nn.functional.cross_entropy(logits, torch.as_tensor(toy.val_y))
    assert float(loss) == pytest.approx(best, rel=1e-6)
    net.fit(toy.train_x, toy.train_y, epochs=1)  # a new net, with weights of its own
    assert callback.monitor.best == net.history[-1, "valid_loss"]


def test_a_pickled_net_goes_on_as_if_it_were_not_interrupted() -> None:
    toy, whole = toys.overfitting(), MonitorCallback()
    built(toy, whole).fit(toy.train_x, toy.train_y)
    first = built(toy, MonitorCallback(), epochs=8)
    second = pickle.loads(pickle.dumps(first.partial_fit(toy.train_x, toy.train_y)))
    second.set_params(max_epochs=EPOCHS - 8).partial_fit(toy.train_x, toy.train_y)
    monitor = dict(second.callbacks_)["MonitorCallback"].monitor
    assert "MON001" in dict(codes(whole.monitor))
    assert codes(monitor) == codes(whole.monitor)
    assert monitor.best_step == whole.monitor.best_step


def test_a_history_is_enough_to_go_on(tmp_path: Path) -> None:
    toy, whole, second = toys.overfitting(), MonitorCallback(), MonitorCallback()
    built(toy, whole).fit(toy.train_x, toy.train_y)
    saved = TrainEndCheckpoint(dirname=tmp_path)
    built(toy, saved, epochs=8).fit(toy.train_x, toy.train_y)
    resumed = built(toy, second, LoadInitState(saved), epochs=EPOCHS - 8)
    resumed.fit(toy.train_x, toy.train_y)
    assert len(resumed.history) == EPOCHS
    assert codes(second.monitor) == codes(whole.monitor)


def test_a_state_goes_into_a_net_that_is_made() -> None:
    toy, callback, other = toys.overfitting(), MonitorCallback(), MonitorCallback()
    net = built(toy, callback, epochs=8).fit(toy.train_x, toy.train_y)
    resumed = built(toy, other, epochs=1).initialize()
    other.monitor.load_state_dict(json.loads(json.dumps(callback.monitor.state_dict())))
    resumed.history = net.history
    resumed.partial_fit(toy.train_x, toy.train_y)
    assert other.monitor.state_dict()["updates"] == 9


def test_a_net_that_is_fitted_again_is_judged_anew() -> None:
    toy, callback = toys.overfitting(), MonitorCallback()
    net = built(toy, callback)
    once = codes(dict(net.fit(toy.train_x, toy.train_y).callbacks_)["MonitorCallback"].monitor)
    assert codes(callback.monitor) == once != []
    net.fit(toy.train_x, toy.train_y)
    assert codes(callback.monitor) == once


def test_each_net_of_a_search_has_its_own_monitor() -> None:
    toy = toys.overfitting()
    net = built(toy, MonitorCallback(), epochs=3)
    assert clone(net).callbacks[0].monitor is not net.callbacks[0].monitor
    search = GridSearchCV(net, {"lr": [0.01, 0.02]}, cv=2, scoring="accuracy")
    search.fit(toy.train_x, toy.train_y)
    best = dict(search.best_estimator_.callbacks_)["MonitorCallback"].monitor
    assert best.state_dict()["updates"] == 3
    assert net.callbacks[0].monitor.state_dict()["updates"] == 0


def test_a_score_decides_where_it_is_watched() -> None:
    toy, callback = toys.overfitting(), MonitorCallback(Monitor("valid_acc", "max"))
    net = built(toy, callback, epochs=10).fit(toy.train_x, toy.train_y)
    assert callback.monitor.best == max(net.history[:, "valid_acc"])

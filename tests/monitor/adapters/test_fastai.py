"""The fastai callback, on real small trainings."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import pytest
from monitor import toys

from dataguard.monitor import Event, Monitor, Severity

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install '.[test]'")
with warnings.catch_warnings():  # fastai 2.8 and what it loads, when they are imported
    warnings.simplefilter("ignore")
    pytest.importorskip(
        "fastai.learner", reason="needs fastai: pip install '.[fastai]', see CONTRIBUTING.md"
    )

    from fastai.data.core import DataLoaders
    from fastai.data.load import DataLoader
    from fastai.learner import Learner
    from fastai.metrics import accuracy
    from fastai.optimizer import Adam
    from fastcore.basics import noop

    from dataguard.monitor.adapters.fastai import MonitorCallback

torch.set_num_threads(1)

# fastai 2.8 names numpy.core when it loads a model.
pytestmark = pytest.mark.filterwarnings("ignore:numpy.core is deprecated:DeprecationWarning")

EPOCHS = 30


def built(toy: toys.Toy, *callbacks: Any, large: bool = True) -> Any:
    torch.manual_seed(0)
    hidden = (torch.nn.Linear(toys.FEATURES, 64), torch.nn.ReLU()) if large else ()
    last = torch.nn.Linear(64 if large else toys.FEATURES, 2)
    sets = (toy.train_x, toy.train_y), (toy.val_x, toy.val_y)
    rows, held_out = (
        list(zip(torch.as_tensor(x), torch.as_tensor(y), strict=True)) for x, y in sets
    )
    loaders = DataLoaders(
        DataLoader(rows, bs=len(rows) // 2, num_workers=0),
        DataLoader(held_out, bs=1_000, num_workers=0),
    )
    learner = Learner(
        loaders,
        torch.nn.Sequential(*hidden, last),
        loss_func=torch.nn.CrossEntropyLoss(),
        opt_func=Adam,
        lr=0.01,
        metrics=accuracy,
        cbs=list(callbacks),
    )
    learner.logger = noop  # it prints
    return learner


def column(learner: Any, number: int) -> list[float]:
    return [values[number] for values in learner.recorder.values]


def codes(monitor: Monitor) -> list[tuple[str, int]]:
    return [(event.code, event.step) for event in monitor.events]


def test_it_warns_of_overfitting_and_does_not_stop() -> None:
    seen: list[Event] = []
    callback = MonitorCallback(on_event=seen.append)
    learner = built(toys.overfitting(), callback)
    learner.fit(EPOCHS)
    assert "MON001" in [event.code for event in seen]
    assert tuple(seen) == callback.monitor.events
    assert len(learner.recorder.values) == EPOCHS
    assert callback.monitor.best == pytest.approx(min(column(learner, 1)))


def test_a_healthy_run_raises_no_warning() -> None:
    callback = MonitorCallback()
    learner = built(toys.healthy(), callback, large=False)
    learner.fit(EPOCHS)
    assert callback.monitor.best == pytest.approx(min(column(learner, 1)))
    assert [e for e in callback.monitor.events if e.severity >= Severity.WARNING] == []


def test_it_stops_where_asked_and_restores_the_best_epoch() -> None:
    monitor = Monitor(stop_on=("MON001",))
    learner = built(toys.overfitting(), MonitorCallback(monitor, restore_best=True))
    learner.fit(EPOCHS)
    losses = column(learner, 1)
    assert len(losses) == monitor.events[-1].step + 1 < EPOCHS
    assert learner.validate()[0] == pytest.approx(monitor.best)
    assert monitor.best == pytest.approx(min(losses))
    assert monitor.best_step is not None
    assert monitor.best_step < len(losses) - 1


def test_what_is_validated_outside_of_a_fit_is_neither_judged_nor_restored() -> None:
    callback = MonitorCallback(restore_best=True)
    learner = built(toys.overfitting(), callback)
    learner.fit(EPOCHS)
    for weights in learner.model.parameters():
        torch.nn.init.zeros_(weights)
    assert learner.validate()[0] == pytest.approx(0.6931, abs=1e-4)
    assert learner.validate()[0] == pytest.approx(0.6931, abs=1e-4)
    assert callback.monitor.state_dict()["updates"] == EPOCHS
    learner.fit(1)
    assert callback.monitor.state_dict()["curves"][0]["series"]["last"] == pytest.approx(
        column(learner, 1)[0]
    )


def test_a_run_that_is_resumed_goes_on_as_if_it_was_not_interrupted(tmp_path: Path) -> None:
    whole, first, second = MonitorCallback(), MonitorCallback(), MonitorCallback()
    built(toys.overfitting(), whole).fit(EPOCHS)
    learner = built(toys.overfitting(), first)
    learner.fit(7)
    learner.save(tmp_path / "model")
    torch.save(first.state_dict(), tmp_path / "monitor.pt")
    second.load_state_dict(torch.load(tmp_path / "monitor.pt"))
    resumed = built(toys.overfitting(), second).load(tmp_path / "model")
    resumed.fit(EPOCHS, start_epoch=7)
    assert "MON001" in dict(codes(whole.monitor))
    assert codes(second.monitor) == codes(whole.monitor)
    assert second.monitor.best_step == whole.monitor.best_step


def test_a_second_fit_goes_on_counting() -> None:
    callback = MonitorCallback()
    learner = built(toys.overfitting(), callback)
    learner.fit(3)
    learner.fit(2)
    assert callback.monitor.state_dict()["step"] == 4
    assert callback.monitor.state_dict()["updates"] == 5


def test_finding_a_learning_rate_is_not_judged(tmp_path: Path) -> None:
    schedule = pytest.importorskip(
        "fastai.callback.schedule",
        reason="needs fastai: pip install '.[fastai]', see CONTRIBUTING.md",
    )
    callback = MonitorCallback()
    learner = built(toys.healthy(), callback, large=False)
    learner.path = tmp_path
    schedule.Learner.lr_find(learner, num_it=20, show_plot=False)
    assert callback.monitor.state_dict()["updates"] == 0


def test_a_metric_decides_where_it_is_watched() -> None:
    callback = MonitorCallback(Monitor("accuracy", "max"))
    learner = built(toys.overfitting(), callback)
    learner.fit(10)
    assert callback.monitor.best == pytest.approx(max(column(learner, 2)))


def test_a_learner_is_pickled_with_a_new_callback() -> None:
    callback = MonitorCallback()
    learner = built(toys.overfitting(), callback)
    learner.fit(2)
    (copy,) = [c for c in pickle.loads(pickle.dumps(learner)).cbs if c.name == "monitor"]
    assert copy.monitor.state_dict()["updates"] == 0

"""The Keras callback, on real small trainings with the torch backend."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from monitor import toys

from dataguard.monitor import Event, Monitor, Severity

os.environ.setdefault("KERAS_BACKEND", "torch")
torch = pytest.importorskip("torch", reason="needs PyTorch: pip install '.[test]'")
keras = pytest.importorskip("keras", reason="needs Keras: pip install '.[test]'")

from dataguard.monitor.adapters.keras import MonitorCallback  # noqa: E402

torch.set_num_threads(1)

# Keras 3.15 reads its own weights in a way that NumPy 2 is about to drop.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)

EPOCHS = 30


def built(*, large: bool) -> Any:
    keras.utils.set_random_seed(0)
    hidden = [keras.layers.Dense(64, activation="relu")] if large else []
    model = keras.Sequential([keras.Input((toys.FEATURES,)), *hidden, keras.layers.Dense(2)])
    model.compile(
        optimizer=keras.optimizers.Adam(0.01 if large else 0.003),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def train(
    toy: toys.Toy, model: Any, callback: Any, epochs: int = EPOCHS, start: int = 0, **settings: Any
) -> Any:
    return model.fit(
        toy.train_x,
        toy.train_y,
        validation_data=(toy.val_x, toy.val_y),
        validation_batch_size=1_000,
        batch_size=len(toy.train_x) // 2,
        epochs=epochs,
        initial_epoch=start,
        shuffle=False,
        verbose=0,
        callbacks=[callback],
        **settings,
    )


def codes(monitor: Monitor) -> list[tuple[str, int]]:
    return [(event.code, event.step) for event in monitor.events]


def test_it_warns_of_overfitting_and_does_not_stop() -> None:
    seen: list[Event] = []
    callback = MonitorCallback(on_event=seen.append)
    history = train(toys.overfitting(), built(large=True), callback)
    assert "MON001" in [event.code for event in seen]
    assert tuple(seen) == callback.monitor.events
    assert len(history.epoch) == EPOCHS
    assert callback.monitor.best == min(history.history["val_loss"])


def test_a_healthy_run_raises_no_warning() -> None:
    callback = MonitorCallback()
    history = train(toys.healthy(), built(large=False), callback)
    assert callback.monitor.best == min(history.history["val_loss"])
    assert [e for e in callback.monitor.events if e.severity >= Severity.WARNING] == []


def test_it_stops_where_asked_and_restores_the_best_epoch() -> None:
    toy, model, monitor = toys.overfitting(), built(large=True), Monitor(stop_on=("MON001",))
    history = train(toy, model, MonitorCallback(monitor, restore_best=True))
    assert history.epoch[-1] == monitor.events[-1].step < EPOCHS - 1
    assert monitor.best_step is not None
    assert monitor.best_step < history.epoch[-1]
    loss = model.evaluate(toy.val_x, toy.val_y, batch_size=1_000, verbose=0)[0]
    assert loss == pytest.approx(monitor.best, rel=1e-6)


def test_a_second_fit_that_brings_no_better_epoch_ends_with_the_best_of_the_first() -> None:
    toy, model = toys.overfitting(), built(large=True)
    callback = MonitorCallback(restore_best=True)
    train(toy, model, callback)
    best = callback.monitor.best
    wrong = dataclasses.replace(toy, train_y=1 - toy.train_y)  # worse from the first epoch on
    train(wrong, model, callback, 10)
    assert callback.monitor.best == best
    loss = model.evaluate(toy.val_x, toy.val_y, batch_size=1_000, verbose=0)[0]
    assert loss == pytest.approx(best, rel=1e-6)
    train(toy, built(large=False), callback, 1)  # weights of another shape are left alone


def test_an_interrupted_run_goes_on_as_if_it_were_not(tmp_path: Path) -> None:
    whole, first, second = MonitorCallback(), MonitorCallback(), MonitorCallback()
    train(toys.overfitting(), built(large=True), whole)
    model = built(large=True)
    train(toys.overfitting(), model, first, 7)
    model.save(tmp_path / "model.keras")
    second.monitor.load_state_dict(json.loads(json.dumps(first.monitor.state_dict())))
    resumed = keras.models.load_model(tmp_path / "model.keras")
    train(toys.overfitting(), resumed, second, start=7)
    assert "MON001" in dict(codes(whole.monitor))
    assert codes(second.monitor) == codes(whole.monitor)
    assert second.monitor.best_step == whole.monitor.best_step


def test_a_second_fit_goes_on_counting() -> None:
    callback, model = MonitorCallback(), built(large=False)
    losses = [
        loss
        for _ in range(2)
        for loss in train(toys.overfitting(), model, callback, 3).history["val_loss"]
    ]
    assert callback.monitor.best_step == int(np.argmin(losses)) > 2


def test_a_metric_decides_where_it_is_watched() -> None:
    callback = MonitorCallback(Monitor("val_accuracy", "max"))
    history = train(toys.overfitting(), built(large=True), callback, 10)
    assert callback.monitor.best == max(history.history["val_accuracy"])


def test_epochs_without_a_validation_are_only_trained() -> None:
    callback = MonitorCallback()
    history = train(toys.overfitting(), built(large=True), callback, 9, validation_freq=3)
    assert callback.monitor.state_dict()["updates"] == 9
    assert callback.monitor.state_dict()["curves"][0]["series"]["count"] == 3
    assert callback.monitor.best == min(history.history["val_loss"])


def test_no_batch_is_waited_for() -> None:
    """Keras gives up its asynchronous dispatch where a callback overrides these."""
    own = vars(MonitorCallback)
    assert not [name for name in own if name.endswith(("batch_begin", "batch_end"))]

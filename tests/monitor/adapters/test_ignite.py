"""The Ignite callback, on real small trainings."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
from monitor import toys

from dataguard.errors import UsageError
from dataguard.monitor import Event, Monitor, Severity

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install '.[test]'")
with warnings.catch_warnings():  # Ignite 0.5.5 compiles with torch.jit when it is imported
    warnings.filterwarnings("ignore", "`torch.jit.script` is deprecated", DeprecationWarning)
    pytest.importorskip("ignite.engine", reason="needs Ignite: pip install '.[test]'")

    from ignite.engine import (
        Engine,
        Events,
        create_supervised_evaluator,
        create_supervised_trainer,
    )
    from ignite.handlers import Checkpoint, DiskSaver
    from ignite.metrics import Accuracy, Loss

    from dataguard.monitor.adapters.ignite import MonitorCallback

torch.set_num_threads(1)

EPOCHS = 30
LOSS = torch.nn.CrossEntropyLoss()
Rows = list[tuple[Any, Any]]


class Run:
    """A model, its trainer and its evaluator, as Ignite's examples build them."""

    def __init__(self, toy: toys.Toy, callback: MonitorCallback, model: Any) -> None:
        self.model, self.callback = model, callback
        self.optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        self.trainer = create_supervised_trainer(
            model, self.optimizer, LOSS, output_transform=lambda x, y, found, loss: loss
        )
        self.evaluator = create_supervised_evaluator(
            model, metrics={"loss": Loss(LOSS), "accuracy": Accuracy()}
        )
        x, y = torch.as_tensor(toy.train_x), torch.as_tensor(toy.train_y)
        half = len(x) // 2
        self.rows: Rows = [(x[:half], y[:half]), (x[half:], y[half:])]
        self.held_out: Rows = [(torch.as_tensor(toy.val_x), torch.as_tensor(toy.val_y))]
        self.losses: list[float] = []
        self.trainer.add_event_handler(Events.EPOCH_COMPLETED, self.validate)
        callback.attach(self.trainer, self.evaluator)
        parts = {"model": model, "optimizer": self.optimizer, "monitor": callback}
        self.to_save = parts | {"trainer": self.trainer}

    def validate(self) -> None:
        self.losses.append(self.evaluator.run(self.held_out).metrics["loss"])

    def run(self, epochs: int = EPOCHS) -> Run:
        self.trainer.run(self.rows, max_epochs=epochs)
        return self


def large() -> Any:
    torch.manual_seed(0)
    layers = torch.nn.Linear(toys.FEATURES, 64), torch.nn.ReLU(), torch.nn.Linear(64, 2)
    return torch.nn.Sequential(*layers)


def small() -> Any:
    torch.manual_seed(0)
    return torch.nn.Linear(toys.FEATURES, 2)


def codes(monitor: Monitor) -> list[tuple[str, int]]:
    return [(event.code, event.step) for event in monitor.events]


def test_it_warns_of_overfitting_and_does_not_stop() -> None:
    seen: list[Event] = []
    run = Run(toys.overfitting(), MonitorCallback(on_event=seen.append), large()).run()
    assert "MON001" in [event.code for event in seen]
    assert tuple(seen) == run.callback.monitor.events
    assert run.trainer.state.epoch == EPOCHS
    assert run.callback.monitor.best == min(run.losses)


def test_a_healthy_run_raises_no_warning() -> None:
    run = Run(toys.healthy(), MonitorCallback(), small()).run()
    assert run.callback.monitor.best == min(run.losses)
    assert [e for e in run.callback.monitor.events if e.severity >= Severity.WARNING] == []


def test_it_stops_where_asked_and_restores_the_best_evaluation() -> None:
    monitor, model = Monitor(stop_on=("MON001",)), large()
    callback = MonitorCallback(monitor, model=model, restore_best=True)
    run = Run(toys.overfitting(), callback, model).run()
    assert run.trainer.state.iteration == monitor.events[-1].step < EPOCHS * 2
    assert len(run.losses) < EPOCHS
    run.validate()  # after the training: it is not judged
    assert monitor.state_dict()["curves"][0]["series"]["count"] == len(run.losses) - 1
    assert run.losses[-1] == monitor.best < run.losses[-2]


def test_a_checkpoint_goes_on_as_if_there_was_no_interruption(tmp_path: Path) -> None:
    whole = Run(toys.overfitting(), MonitorCallback(), large()).run()
    first = Run(toys.overfitting(), MonitorCallback(), large())
    saver = Checkpoint(first.to_save, DiskSaver(str(tmp_path)))
    first.trainer.add_event_handler(Events.EPOCH_COMPLETED, saver)
    first.run(7)
    second = Run(toys.overfitting(), MonitorCallback(), large())
    Checkpoint.load_objects(second.to_save, torch.load(tmp_path / saver.last_checkpoint))
    second.run()
    assert "MON001" in dict(codes(whole.callback.monitor))
    assert codes(second.callback.monitor) == codes(whole.callback.monitor)
    assert second.callback.monitor.best_step == whole.callback.monitor.best_step


def test_a_loss_that_is_not_finite_stops_within_the_epoch() -> None:
    callback = MonitorCallback(Monitor(stop_on=("MON004",)))
    trainer = Engine(lambda engine, batch: {"loss": torch.tensor(float(batch))})
    callback.attach(trainer, Engine(lambda engine, batch: None))
    trainer.run([1.0, float("nan")] + [1.0] * 98)
    assert trainer.state.iteration < 10
    assert [event.code for event in callback.monitor.events] == ["MON004"]


def test_a_metric_decides_where_it_is_watched() -> None:
    run = Run(toys.overfitting(), MonitorCallback(Monitor("accuracy", "max")), large())
    found: list[float] = []
    run.evaluator.add_event_handler(
        Events.COMPLETED, lambda engine: found.append(engine.state.metrics["accuracy"])
    )
    assert run.run(10).callback.monitor.best == max(found)


def test_several_evaluators_are_several_curves() -> None:
    run = Run(toys.overfitting(), MonitorCallback(), large())
    other = create_supervised_evaluator(run.model, metrics={"loss": Loss(LOSS)})
    run.callback.attach(run.trainer, other, "other")
    run.trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda: other.run(run.rows) and None)
    run.run(3)
    curves = run.callback.monitor.state_dict()["curves"]
    assert [(c["name"], c["series"]["count"]) for c in curves] == [("val_loss", 3), ("other", 3)]
    assert run.callback.monitor.state_dict()["train"]["count"] == 3


def test_what_is_missing_is_named() -> None:
    with pytest.raises(UsageError, match="needs the model"):
        MonitorCallback(restore_best=True)
    run = Run(toys.overfitting(), MonitorCallback(val_loss="los"), large())
    run.trainer.logger.disabled = run.evaluator.logger.disabled = True
    with pytest.raises(UsageError, match="did you mean 'loss'"):
        run.run(1)

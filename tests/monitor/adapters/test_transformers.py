"""The monitor in Hugging Face's Trainer and in TRL's SFTTrainer."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from monitor.toys import Toy, healthy, overfitting

from dataguard.monitor import Event, Monitor, Severity
from dataguard.monitor.replay import replay

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install '.[test]'")
transformers = pytest.importorskip("transformers", reason="needs it: pip install '.[test]'")

from torch import nn  # noqa: E402
from torch.utils.data import Dataset  # noqa: E402
from transformers import Trainer, TrainerCallback, TrainingArguments  # noqa: E402

from dataguard.monitor.adapters.transformers import SAVED, MonitorCallback  # noqa: E402

torch.set_num_threads(1)


class Rows(Dataset):  # type: ignore[misc, type-arg]
    """Rows as the Trainer takes them."""

    def __init__(self, x: Any, y: Any) -> None:
        self.x, self.y = torch.from_numpy(x), torch.from_numpy(y)

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, row: int) -> dict[str, Any]:
        return {"x": self.x[row], "labels": self.y[row]}


class Net(nn.Module):
    """A network that answers as a Transformers model does; as large as `hidden`."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.net: nn.Module = nn.Linear(20, 2)
        if hidden:
            self.net = nn.Sequential(nn.Linear(20, hidden), nn.ReLU(), nn.Linear(hidden, 2))

    def forward(self, x: Any, labels: Any = None) -> dict[str, Any]:
        logits = self.net(x)
        return {"loss": nn.functional.cross_entropy(logits, labels), "logits": logits}


def trainer(
    folder: Path, toy: Toy, hidden: int, *callbacks: TrainerCallback, epochs: int, **options: Any
) -> Trainer:
    arguments: dict[str, Any] = {
        "output_dir": str(folder),
        "num_train_epochs": epochs,
        "per_device_train_batch_size": 64,
        "per_device_eval_batch_size": 512,
        "learning_rate": 0.01,
        "lr_scheduler_type": "constant",
        "eval_strategy": "epoch",
        "logging_strategy": "epoch",
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "use_cpu": True,
        "dataloader_pin_memory": False,
        "seed": 0,
    }
    return Trainer(
        model=Net(hidden),
        args=TrainingArguments(**arguments | options),
        train_dataset=Rows(toy.train_x, toy.train_y),
        eval_dataset=Rows(toy.val_x, toy.val_y),
        callbacks=list(callbacks),
    )


def codes(events: list[Event] | tuple[Event, ...]) -> list[str]:
    return [event.code for event in events if event.severity >= Severity.WARNING]


def test_an_overfitting_run_is_flagged_and_goes_on(tmp_path: Path) -> None:
    heard: list[Event] = []
    run = trainer(tmp_path, overfitting(), 128, MonitorCallback(on_event=heard.append), epochs=40)
    run.train()
    assert "MON001" in codes(heard)
    assert run.state.global_step == 40
    assert "eval_loss" in heard[-1].message


def test_a_healthy_run_is_not_flagged(tmp_path: Path) -> None:
    callback = MonitorCallback()
    trainer(tmp_path, healthy(), 0, callback, epochs=10).train()
    assert codes(callback.monitor.events) == []
    assert callback.monitor.best_step is not None


def test_it_stops_where_asked_and_the_trainer_restores_the_best(tmp_path: Path) -> None:
    monitor = Monitor(stop_on=("MON001",))
    run = trainer(
        tmp_path,
        overfitting(),
        128,
        MonitorCallback(monitor),
        epochs=40,
        save_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="eval_loss",
    )
    run.train()
    assert run.state.global_step < 40
    assert run.state.best_global_step == monitor.best_step
    assert run.evaluate()["eval_loss"] == pytest.approx(monitor.best, rel=1e-4)


@pytest.mark.parametrize("flag", [False, True])
def test_a_resumed_run_has_the_events_of_an_uninterrupted_one(tmp_path: Path, flag: bool) -> None:
    options = {"save_strategy": "epoch", "epochs": 20}
    whole = MonitorCallback()
    trainer(tmp_path, overfitting(), 128, whole, **options).train()
    assert "MON001" in codes(whole.monitor.events)
    saved = json.loads((tmp_path / "checkpoint-4" / "trainer_state.json").read_text())
    assert saved["stateful_callbacks"][SAVED]["step"] == 4
    heard: list[Event] = []
    monitor = Monitor()
    resumed = trainer(
        tmp_path,
        overfitting(),
        128,
        MonitorCallback(monitor, on_event=heard.append),
        restore_callback_states_from_checkpoint=flag,
        **options,
    )
    resumed.train(resume_from_checkpoint=str(tmp_path / "checkpoint-4"))
    assert monitor.events == whole.monitor.events
    assert tuple(heard) == monitor.events


@pytest.mark.parametrize("logs", ["epoch", "steps"])
def test_the_state_that_the_trainer_writes_has_the_same_events(tmp_path: Path, logs: str) -> None:
    heard: list[Event] = []
    run = trainer(
        tmp_path,
        overfitting(),
        128,
        MonitorCallback(on_event=heard.append),
        epochs=20,
        per_device_train_batch_size=16,
        logging_strategy=logs,
        logging_steps=1,
    )
    run.train()
    run.save_state()
    assert "MON001" in codes(heard)
    seen = replay(tmp_path / "trainer_state.json").seen
    assert [(s.event.code, s.event.step, s.event.best_step) for s in seen] == [
        (event.code, event.step, event.best_step) for event in heard
    ]


def test_a_second_training_begins_anew_and_later_evaluations_are_no_part_of_it(
    tmp_path: Path,
) -> None:
    callback = MonitorCallback()
    run = trainer(tmp_path, overfitting(), 0, callback, epochs=3)
    run.train()
    first = callback.monitor.state_dict()["updates"]
    run.evaluate()
    assert callback.monitor.state_dict()["updates"] == first
    run.train()
    assert callback.monitor.state_dict()["updates"] == first


def test_several_sets_and_metrics_have_the_names_of_the_trainer(tmp_path: Path) -> None:
    monitor = Monitor(watch="eval_far_accuracy", mode="max")
    run = trainer(tmp_path, overfitting(), 0, MonitorCallback(monitor), epochs=2)
    rows = run.eval_dataset
    run.eval_dataset = {"near": rows, "far": rows}
    run.compute_metrics = lambda p: {
        "accuracy": float(np.mean(p.predictions.argmax(1) == p.label_ids))
    }
    run.train()
    assert {curve["name"] for curve in monitor.state_dict()["curves"]} == {
        "eval_far_accuracy",
        "eval_near_loss",
        "eval_far_loss",
    }
    assert monitor.best is not None
    assert 0.0 < monitor.best <= 1.0


@pytest.mark.parametrize("filtered", [True, False])
def test_a_nan_is_told_also_where_the_trainer_hides_it(tmp_path: Path, filtered: bool) -> None:
    toy = overfitting()
    toy.train_x[0, 0] = np.nan
    callback = MonitorCallback()
    run = trainer(
        tmp_path, toy, 0, callback, epochs=2, logging_nan_inf_filter=filtered, eval_strategy="no"
    )
    run.train()
    assert np.isfinite(run.state.log_history[0]["loss"]) == filtered
    events = callback.monitor.events
    assert {e.code for e in events} == {"MON004"}
    assert "grad_norm" in [e.evidence["curve"] for e in events]
    assert ("training loss" in [e.evidence["curve"] for e in events]) != filtered


RANKS = """
import json, logging, sys
from pathlib import Path
from monitor.adapters.test_transformers import overfitting, trainer
from dataguard.monitor import Monitor
from dataguard.monitor.adapters.transformers import MonitorCallback

heard = []
monitor = Monitor(stop_on=("MON001",))
callback = MonitorCallback(monitor, on_event=lambda event: heard.append(event.code))
run = trainer(
    Path(sys.argv[1]), overfitting(), 128, callback, epochs=40, ddp_backend="gloo",
    logging_strategy="epoch", per_device_train_batch_size=32,
)
run.train()
assert run.args.world_size == 2
print(json.dumps({"heard": heard, "state": monitor.state_dict(), "step": run.state.global_step}))
"""


def test_two_ranks_agree_on_a_stop(tmp_path: Path, root: Path) -> None:
    (tmp_path / "rank.py").write_text(RANKS, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "OMP_NUM_THREADS": "1"}
    shared |= {"WORLD_SIZE": "2", "PYTHONPATH": str(root / "tests")}
    ranks = [
        subprocess.Popen(
            [sys.executable, "-P", tmp_path / "rank.py", tmp_path / "out"],
            stdout=subprocess.PIPE,
            env={**os.environ, **shared, "RANK": rank, "LOCAL_RANK": rank},
        )
        for rank in ("0", "1")
    ]
    last = [rank.communicate(timeout=300)[0].splitlines()[-1] for rank in ranks]
    first, second = map(json.loads, last)
    assert first["state"] == second["state"]
    assert first["step"] == second["step"] < 40
    assert "MON001" in first["heard"]
    assert second["heard"] == []

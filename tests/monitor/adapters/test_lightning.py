"""The monitor in Lightning's Trainer."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from monitor.toys import FEATURES, Toy, healthy, overfitting

from dataguard.monitor import Event, Monitor, Severity

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install '.[test]'")
lightning = pytest.importorskip("lightning.pytorch", reason="needs it: pip install '.[test]'")

from lightning.pytorch import LightningModule, Trainer  # noqa: E402
from lightning.pytorch.callbacks import ModelCheckpoint  # noqa: E402
from torch import nn  # noqa: E402
from torch.utils.data import DataLoader, TensorDataset  # noqa: E402

from dataguard.monitor.adapters.lightning import MonitorCallback  # noqa: E402

torch.set_num_threads(1)

pytestmark = [
    # Lightning advises worker processes for any loader without them.
    pytest.mark.filterwarnings("ignore:The '.*dataloader' does not have many workers"),
    # It asks PyTorch's trees for leaves in the way that PyTorch 2.13 calls old.
    pytest.mark.filterwarnings("ignore:`isinstance.treespec, LeafSpec.` is deprecated"),
    # A module with a validation step is trained without a validation loader, in one test.
    pytest.mark.filterwarnings("ignore:You defined a `validation_step`"),
    # A run that goes on keeps its checkpoints where the first ones are.
    pytest.mark.filterwarnings("ignore:Checkpoint directory .* exists and is not empty"),
]


class Module(LightningModule):
    """A classifier as large as `hidden`; it logs nothing but what `logs` names."""

    def __init__(self, hidden: int, logs: str = "val_loss", manual: bool = False) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.net: nn.Module = nn.Linear(FEATURES, 2)
        if hidden:
            self.net = nn.Sequential(nn.Linear(FEATURES, hidden), nn.ReLU(), nn.Linear(hidden, 2))
        self.logs = logs
        self.automatic_optimization = not manual

    def training_step(self, batch: Any, batch_idx: int) -> Any:
        loss = nn.functional.cross_entropy(self.net(batch[0]), batch[1])
        if self.automatic_optimization:
            return loss
        optimiser: Any = self.optimizers()
        optimiser.zero_grad()
        self.manual_backward(loss)
        optimiser.step()
        self.log("train_loss", loss, on_step=False, on_epoch=True)
        return None

    def validation_step(self, batch: Any, batch_idx: int, dataloader_idx: int = 0) -> None:
        loss = nn.functional.cross_entropy(self.net(batch[0]), batch[1])
        self.log(self.logs, loss, batch_size=len(batch[0]))

    def configure_optimizers(self) -> Any:
        return torch.optim.Adam(self.parameters(), lr=0.01)


def loaders(toy: Toy, rows: int = 64) -> tuple[Any, Any]:
    train = TensorDataset(torch.from_numpy(toy.train_x), torch.from_numpy(toy.train_y))
    val = TensorDataset(torch.from_numpy(toy.val_x), torch.from_numpy(toy.val_y))
    return DataLoader(train, rows), DataLoader(val, 512)


def trainer(folder: Path, *callbacks: Any, epochs: int, **options: Any) -> Trainer:
    settings: dict[str, Any] = {
        "accelerator": "cpu",
        "max_epochs": epochs,
        "logger": False,
        "enable_checkpointing": any(isinstance(c, ModelCheckpoint) for c in callbacks),
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "default_root_dir": folder,
    }
    return Trainer(callbacks=list(callbacks), **settings | options)


def codes(events: list[Event] | tuple[Event, ...]) -> list[str]:
    return [event.code for event in events if event.severity >= Severity.WARNING]


def test_an_overfitting_run_is_flagged_and_goes_on(tmp_path: Path) -> None:
    heard: list[Event] = []
    run = trainer(tmp_path, MonitorCallback(on_event=heard.append), epochs=40)
    run.fit(Module(128), *loaders(overfitting()))
    assert "MON001" in codes(heard)
    assert run.current_epoch == 40


def test_a_healthy_run_is_not_flagged(tmp_path: Path) -> None:
    callback = MonitorCallback()
    trainer(tmp_path, callback, epochs=10).fit(Module(0), *loaders(healthy(), 128))
    assert codes(callback.monitor.events) == []
    assert callback.monitor.best_step is not None


def test_it_stops_where_asked_and_puts_the_best_weights_back(tmp_path: Path) -> None:
    callback = MonitorCallback(Monitor(stop_on=("MON001",)), restore_best=True)
    run, module = trainer(tmp_path, callback, epochs=40), Module(128)
    run.fit(module, *loaders(overfitting()))
    assert run.current_epoch < 40
    (measured,) = run.validate(module, loaders(overfitting())[1], verbose=False)
    assert measured["val_loss"] == pytest.approx(callback.monitor.best, rel=1e-5)


def test_a_resumed_run_has_the_events_of_an_uninterrupted_one(tmp_path: Path) -> None:
    data = loaders(overfitting())
    whole = MonitorCallback()
    keep = {"dirpath": tmp_path / "kept", "filename": "{epoch}", "save_top_k": -1}
    trainer(tmp_path, whole, ModelCheckpoint(**keep), epochs=30).fit(Module(128), *data)
    assert "MON001" in codes(whole.monitor.events)
    heard: list[Event] = []
    resumed = MonitorCallback(on_event=heard.append)
    run = trainer(tmp_path, resumed, ModelCheckpoint(**keep), epochs=30)
    run.fit(Module(128), *data, ckpt_path=tmp_path / "kept" / "epoch=2.ckpt")
    assert resumed.monitor.events == whole.monitor.events
    assert tuple(heard) == whole.monitor.events


def test_the_sanity_check_and_later_validations_are_no_part_of_the_run(tmp_path: Path) -> None:
    callback = MonitorCallback()
    run, module = trainer(tmp_path, callback, epochs=3, num_sanity_val_steps=2), Module(0)
    run.fit(module, *loaders(overfitting()))
    run.validate(module, loaders(overfitting())[1], verbose=False)
    assert callback.monitor.state_dict()["updates"] == 3


def test_the_training_loss_is_that_of_whole_batches_however_gradients_accumulate(
    tmp_path: Path,
) -> None:
    seen = []
    for batches in (1, 4):
        callback = MonitorCallback()
        run = trainer(tmp_path, callback, epochs=1, accumulate_grad_batches=batches)
        module = Module(0)
        module.configure_optimizers = lambda m=module: torch.optim.SGD(m.parameters(), lr=0.0)
        run.fit(module, *loaders(overfitting(), 16))
        seen.append(callback.monitor.state_dict()["train"]["first"])
    assert seen[0] == pytest.approx(seen[1])


def test_manual_optimisation_and_other_names_are_taken(tmp_path: Path) -> None:
    callback = MonitorCallback(val_loss="valid")
    run = trainer(tmp_path, callback, epochs=2)
    train, val = loaders(overfitting())
    run.fit(Module(0, "valid", manual=True), train, [val, val])
    state = callback.monitor.state_dict()
    names = [curve["name"] for curve in state["curves"]]
    assert names == ["valid/dataloader_idx_0", "valid/dataloader_idx_1"]
    assert state["train"]["count"] == 2


def test_a_run_without_validation_tells_its_training_loss(tmp_path: Path) -> None:
    callback = MonitorCallback()
    run = trainer(tmp_path, callback, epochs=4, limit_val_batches=0)
    run.fit(Module(0), loaders(overfitting())[0])
    state = callback.monitor.state_dict()
    assert (state["train"]["count"], state["curves"]) == (4, [])


def test_a_name_that_is_not_logged_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "dataguard.monitor"):
        trainer(tmp_path, MonitorCallback(), epochs=3).fit(
            Module(0, "valid"), *loaders(overfitting())
        )
    (told,) = [record.getMessage() for record in caplog.records if record.name.startswith("datag")]
    assert "no 'val_loss' (but 'valid')" in told


RANKS = """
import json, os, sys, warnings
from pathlib import Path
from lightning.pytorch.strategies import DDPStrategy
from monitor.adapters.test_lightning import Module, loaders, overfitting, trainer
from dataguard.monitor import Monitor
from dataguard.monitor.adapters.lightning import MonitorCallback

heard = []
callback = MonitorCallback(Monitor(stop_on=("MON001",)), on_event=lambda e: heard.append(e.code))
run = trainer(
    Path(sys.argv[1]), callback, epochs=40, devices=2,
    strategy=DDPStrategy(process_group_backend="gloo"),
)
run.fit(Module(128), *loaders(overfitting(), 32))
found = {"heard": heard, "state": callback.monitor.state_dict(), "epoch": run.current_epoch}
Path(sys.argv[1], f"rank{run.global_rank}.json").write_text(json.dumps(found))
"""


def test_two_ranks_agree_on_a_stop(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rank.py").write_text(RANKS, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(root / "tests"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    subprocess.run(
        [sys.executable, "-P", tmp_path / "rank.py", tmp_path],
        check=True,
        capture_output=True,
        timeout=300,
        cwd=tmp_path,
    )
    first, second = (json.loads((tmp_path / f"rank{i}.json").read_text()) for i in (0, 1))
    assert first["state"] == second["state"]
    assert first["epoch"] == second["epoch"] < 40
    assert "MON001" in first["heard"]
    assert second["heard"] == []

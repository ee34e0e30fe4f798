"""The monitor in a plain PyTorch loop."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

import pytest
from monitor.toys import FEATURES, Toy, healthy, overfitting

from dataguard.errors import UsageError
from dataguard.monitor import Event, Monitor, Severity

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install '.[test]'")

from torch import Tensor, nn  # noqa: E402

from dataguard.monitor.adapters.torch import LossSum, TorchMonitor  # noqa: E402

torch.set_num_threads(1)


def small() -> nn.Module:
    torch.manual_seed(0)
    return nn.Linear(FEATURES, 2)


def large() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(FEATURES, 128), nn.ReLU(), nn.Linear(128, 2))


class Loop:
    """A training loop as people write it, in which the monitor stands."""

    def __init__(self, toy: Toy, model: nn.Module, watch: TorchMonitor) -> None:
        self.x, self.y = torch.from_numpy(toy.train_x), torch.from_numpy(toy.train_y)
        self.val_x, self.val_y = torch.from_numpy(toy.val_x), torch.from_numpy(toy.val_y)
        self.model, self.watch = model, watch
        self.optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
        self.epoch = 0

    def train(self, epochs: int) -> None:
        while self.epoch < epochs:
            order = torch.randperm(len(self.x), generator=torch.Generator().manual_seed(self.epoch))
            for rows in order.split(64):
                loss = nn.functional.cross_entropy(self.model(self.x[rows]), self.y[rows])
                self.optimiser.zero_grad()
                loss.backward()
                self.optimiser.step()
                self.watch.step(loss, len(rows))
            self.validate()
            self.epoch += 1
            if self.watch.evaluate(step=self.epoch).should_stop:
                break

    @torch.inference_mode()
    def validate(self) -> None:
        for x, y in zip(self.val_x.split(200), self.val_y.split(200), strict=True):
            self.watch.validation(nn.functional.cross_entropy(self.model(x), y), len(x))


def codes(events: list[Event] | tuple[Event, ...]) -> list[str]:
    return [event.code for event in events if event.severity >= Severity.WARNING]


def test_an_overfitting_run_is_flagged_and_goes_on() -> None:
    heard: list[Event] = []
    model = large()
    loop = Loop(overfitting(), model, TorchMonitor(on_event=heard.append))
    loop.train(60)
    assert "MON001" in codes(heard)
    assert loop.epoch == 60


def test_a_healthy_run_is_not_flagged() -> None:
    watch = TorchMonitor()
    Loop(healthy(), small(), watch).train(12)
    assert codes(watch.monitor.events) == []


def test_it_stops_where_asked_and_puts_the_best_weights_back() -> None:
    monitor, model = Monitor(stop_on=("MON001",)), large()
    watch = TorchMonitor(monitor, model, restore_best=True)
    loop = Loop(overfitting(), model, watch)
    loop.train(60)
    assert watch.should_stop
    assert loop.epoch < 60
    loop.validate()
    (summed,) = watch.state_dict()["validation"].values()
    assert summed[0] / summed[1] == pytest.approx(monitor.best)


def test_the_best_weights_can_be_kept_in_a_file(tmp_path: Path) -> None:
    model, path = large(), tmp_path / "best.pt"
    watch = TorchMonitor(model=model, best_path=path)
    loop = Loop(overfitting(), model, watch)
    loop.train(20)
    assert watch.state_dict()["best"] == {}
    assert [p.name for p in tmp_path.iterdir()] == ["best.pt"]
    watch.restore()
    loop.validate()
    (summed,) = watch.state_dict()["validation"].values()
    assert summed[0] / summed[1] == pytest.approx(watch.monitor.best)


def test_a_resumed_run_has_the_events_of_an_uninterrupted_one(tmp_path: Path) -> None:
    whole = Loop(overfitting(), large(), TorchMonitor())
    whole.train(60)
    first = Loop(overfitting(), large(), TorchMonitor())
    first.train(5)
    saved = tmp_path / "checkpoint.pt"
    kept = {"model": first.model.state_dict(), "optimiser": first.optimiser.state_dict()}
    torch.save({**kept, "watch": first.watch.state_dict()}, saved)
    state = torch.load(saved, weights_only=True)
    second = Loop(overfitting(), large(), TorchMonitor())
    second.model.load_state_dict(state["model"])
    second.optimiser.load_state_dict(state["optimiser"])
    second.watch.load_state_dict(state["watch"])
    second.epoch = 5
    second.train(60)
    assert second.watch.monitor.events == whole.watch.monitor.events
    assert "MON001" in codes(second.watch.monitor.events)


def test_a_run_interrupted_between_two_evaluations_keeps_its_sums() -> None:
    first, second = TorchMonitor(), TorchMonitor()
    first.step(torch.tensor(1.0))
    first.validation(torch.tensor(2.0), 3)
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    for watch in (first, second):
        watch.step(torch.tensor(4.0), 2)
        watch.validation(torch.tensor(6.0), 1)
        assert watch.evaluate().best == 3.0
        assert watch.monitor.state_dict()["train"]["first"] == 3.0
    assert second.monitor.state_dict() == first.monitor.state_dict()


def test_the_state_of_the_monitor_is_json() -> None:
    watch = TorchMonitor()
    Loop(overfitting(), large(), watch).train(3)
    state = watch.state_dict()
    assert json.loads(json.dumps(state["monitor"])) == state["monitor"]


def test_a_loss_that_is_not_finite_is_told_a_step_later() -> None:
    heard: list[Event] = []
    watch = TorchMonitor(Monitor(stop_on=("MON004",)), on_event=heard.append)
    watch.step(torch.tensor(1.0))
    watch.step(torch.tensor(float("nan")))
    assert heard == []
    watch.step(torch.tensor(1.0))
    assert [(e.code, e.step) for e in heard] == [("MON004", 3)]
    assert watch.should_stop
    watch.step(torch.tensor(1.0))
    assert len(heard) == 1


def test_losses_are_weighted_by_their_rows() -> None:
    watch = TorchMonitor()
    watch.validation(torch.tensor(1.0), 3)
    watch.validation(torch.tensor(5.0), 1)
    assert watch.evaluate().best == 2.0


def test_several_validation_sets_metrics_and_tensors_are_taken() -> None:
    monitor = Monitor(watch="accuracy", mode="max")
    watch = TorchMonitor(monitor)
    watch.validation(torch.tensor(1.0), name="near")
    watch.validation(torch.tensor(2.0), name="far")
    verdict = watch.evaluate(metrics={"accuracy": torch.tensor(0.5)})
    assert verdict.best == 0.5
    assert [curve["name"] for curve in monitor.state_dict()["curves"]] == [
        "accuracy",
        "near",
        "far",
    ]


def test_a_sum_keeps_no_graph_and_takes_numbers_and_vectors() -> None:
    total = LossSum()
    total.add(torch.ones((), requires_grad=True) * 2.0)
    total.add(torch.tensor([1.0, 3.0]))
    total.add(2.0)
    assert total.total is not None
    assert not total.total.requires_grad
    assert total.read() == (6.0, 3)


def test_a_sum_in_double_precision_does_not_overflow_and_does_not_drift() -> None:
    total = LossSum()
    for _ in range(3):
        total.add(torch.tensor(3e38))
    assert total.read()[0] == pytest.approx(9e38)
    total = LossSum()
    for _ in range(10_000):
        total.add(torch.tensor(0.1))
    assert total.read()[0] / 10_000 == pytest.approx(0.1, rel=1e-7)


def test_restoring_needs_a_model() -> None:
    with pytest.raises(UsageError, match="need the model"):
        TorchMonitor(restore_best=True)
    with pytest.raises(UsageError, match="no model to restore"):
        TorchMonitor().restore()


READS = ("item", "tolist", "cpu", "numpy", "__float__", "__int__", "__bool__", "__index__")


class DeviceTensor(Tensor):
    """Stands in for a tensor on a device: counts what would make the host wait for it.

    What is computed from one is one too, so sums and flags are followed. A copy to the host counts
    unless it is a non-blocking one into memory that is there.
    """

    waits: ClassVar[Counter[str]] = Counter()

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", str(func))
        known = kwargs or {}
        moved = name == "to" and ("cpu" in map(str, args[1:]) or str(known.get("device")) == "cpu")
        blocking = name == "copy_" and type(args[0]) is Tensor and not known.get("non_blocking")
        if name in READS or moved or blocking or name in ("nonzero", "equal", "masked_select"):
            cls.waits[name] += 1
        return super().__torch_function__(func, types, args, known)


def on_device(value: float) -> Tensor:
    return torch.tensor(value, requires_grad=True).as_subclass(DeviceTensor)


def test_the_stand_in_counts_what_waits() -> None:
    DeviceTensor.waits.clear()
    loss = on_device(1.0).detach()
    loss.item()
    float(loss)
    bool(loss > 0)
    loss.cpu()
    loss.to("cpu")
    loss.tolist()
    loss.numpy()
    torch.zeros(()).copy_(loss)
    assert sum(DeviceTensor.waits.values()) == 8
    torch.zeros(()).copy_(loss, non_blocking=True)
    assert sum(DeviceTensor.waits.values()) == 8


def test_steps_never_wait_for_the_device() -> None:
    DeviceTensor.waits.clear()
    watch = TorchMonitor(model=large())
    for i in range(100):
        watch.step(on_device(2.0 - i / 100), 8)
        if i % 10 == 9:
            watch.validation(on_device(1.0), 8)
    assert DeviceTensor.waits == Counter()
    assert watch.evaluate(metrics={"grad_norm": on_device(1.0)}).best == 1.0
    assert sum(DeviceTensor.waits.values()) > 0  # the stand-in reached the monitor


def test_steps_never_wait_for_a_gpu() -> None:
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA GPU: set_sync_debug_mode is CUDA's")
    watch = TorchMonitor()
    watch.step(torch.ones((), device="cuda"))  # the first one takes pinned memory
    torch.cuda.set_sync_debug_mode("error")
    try:
        for _ in range(100):
            watch.step(torch.ones((), device="cuda"))
            watch.validation(torch.ones((), device="cuda"))
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert watch.evaluate().best == 1.0


RANK = """
import json, sys, torch, torch.distributed as dist
from dataguard.monitor import Monitor
from dataguard.monitor.adapters.torch import TorchMonitor

rank, rendezvous = int(sys.argv[1]), sys.argv[2]
dist.init_process_group("gloo", init_method=f"file://{rendezvous}", rank=rank, world_size=2)
heard, stops = [], []
watch = TorchMonitor(Monitor(stop_on=("MON001",)), on_event=lambda event: heard.append(event.code))
for epoch in range(60):
    watch.step(torch.tensor((3.0 - rank) / (epoch + 1)), 8)
    # alone, rank 0 sees a curve that only falls, and rank 1 one that rises early
    if rank:
        watch.validation(torch.tensor(1.0 / (epoch + 1) + 0.05 * epoch), 3)
    else:
        watch.validation(torch.tensor(2.0 / (epoch + 1)), 1)
    verdict = watch.evaluate(metrics={"grad_norm": torch.tensor(1.0 + rank)})
    stops.append(verdict.should_stop)
    if verdict.should_stop:
        break
state = watch.monitor.state_dict()
print(json.dumps({"heard": heard, "stops": stops, "state": state}))
dist.destroy_process_group()
"""


def ranks_of(script: str, folder: Path) -> list[Any]:
    """What two processes of a script print."""
    (folder / "rank.py").write_text(script, encoding="utf-8")
    ranks = [
        subprocess.Popen(
            [sys.executable, "-P", folder / "rank.py", str(rank), folder / "meet"],
            stdout=subprocess.PIPE,
        )
        for rank in (0, 1)
    ]
    return [json.loads(rank.communicate(timeout=300)[0]) for rank in ranks]


def test_two_ranks_judge_the_same_numbers_and_agree(tmp_path: Path) -> None:
    first, second = ranks_of(RANK, tmp_path)
    assert first["state"] == second["state"]
    assert first["stops"] == second["stops"]
    assert first["stops"][-1]
    assert len(first["stops"]) < 60
    assert "MON001" in first["heard"]
    assert second["heard"] == []  # rank 0 speaks
    assert first["state"]["curves"][0]["series"]["first"] == pytest.approx((2 + 3 * 1) / 4)
    assert first["state"]["train"]["first"] == pytest.approx(2.5)


def test_a_rank_that_does_not_validate_agrees_too(tmp_path: Path) -> None:
    alone = RANK.replace("    if rank:\n", "    if rank > 1:\n")
    alone = alone.replace("    else:\n", "    elif rank == 0:\n")
    first, second = ranks_of(alone, tmp_path)
    assert first["state"] == second["state"]
    assert first["state"]["curves"][0]["series"]["first"] == 2.0


def test_samples_rank_the_rows_whose_labels_were_flipped() -> None:
    torch.manual_seed(0)
    inputs = torch.randn(600, 20)
    labels = (inputs[:, 0] > 0).long()
    labels[:60] = 1 - labels[:60]
    model = torch.nn.Linear(20, 2)
    optimiser = torch.optim.Adam(model.parameters(), 0.1)
    watch = TorchMonitor(rows=600)
    for epoch in range(6):
        for batch in torch.randperm(600).split(50):
            logits = model(inputs[batch])
            loss = torch.nn.functional.cross_entropy(logits, labels[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            watch.step(loss)
            watch.samples(batch, logits, labels[batch])
        watch.evaluate(epoch)
    assert watch.tracker is not None
    assert watch.tracker.epoch == 6
    assert len({s.row for s in watch.tracker.ranked()[:60]} & set(range(60))) >= 45
    again = TorchMonitor(rows=600)
    again.load_state_dict(watch.state_dict())
    assert again.tracker is not None
    assert watch.tracker.ranked() == again.tracker.ranked()


def test_samples_without_the_number_of_rows_are_refused() -> None:
    with pytest.raises(UsageError, match="name the number of training rows"):
        TorchMonitor().samples(torch.arange(2), losses=torch.ones(2))


def test_the_best_weights_are_restored_once_and_later_training_is_kept() -> None:
    model = nn.Linear(1, 1)
    watch = TorchMonitor(Monitor(stop_on=("non-finite",)), model, restore_best=True)
    for step, (weight, loss) in enumerate(
        [(1.0, 0.5), (2.0, float("nan")), (3.0, 0.4), (4.0, 0.6)]
    ):
        with torch.no_grad():
            model.weight.fill_(weight)
        watch.evaluate(step, val_loss=loss)
        assert model.weight.item() == (1.0 if step == 1 else weight)


def test_a_nan_between_evaluations_has_a_step_in_their_unit() -> None:
    watch = TorchMonitor()
    for _ in range(50):
        watch.step(torch.tensor(1.0))
    watch.evaluate(0, val_loss=1.0)
    for _ in range(5):
        watch.step(torch.tensor(float("nan")))
    assert [(event.code, event.step) for event in watch.monitor.events] == [("MON004", 1)]


def test_it_can_be_pickled() -> None:
    watch = TorchMonitor(Monitor(), torch.nn.Linear(2, 1))
    watch.step(torch.tensor(1.0))
    watch.evaluate(val_loss=1.0)
    again = pickle.loads(pickle.dumps(watch))
    assert again.monitor.state_dict() == watch.monitor.state_dict()
    assert again.evaluate(val_loss=0.5).improved

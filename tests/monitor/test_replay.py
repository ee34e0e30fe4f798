"""A log that is replayed raises the events that the run raised live."""

from __future__ import annotations

import csv
import json
import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dataguard.monitor import Event, Monitor
from dataguard.monitor.logs.columns import Given
from dataguard.monitor.replay import replay

Update = tuple[int, float | None, float | None]


def overfitting(count: int = 80, seed: int = 0) -> Iterator[Update]:
    """Step, training and validation loss of a run that overfits from about a third on."""
    noise = random.Random(seed)
    for i in range(count):
        t = 40 * i / count
        train = 0.7 * math.exp(-t / 8) + 0.02 + noise.gauss(0, 0.004)
        val = 0.7 * math.exp(-t / 8) + 0.2 + max(0, t - 12) * 0.01 + noise.gauss(0, 0.004)
        yield 10 * i, train, val


def broken() -> Iterator[Update]:
    """A run whose loss becomes NaN."""
    for step, train, val in overfitting(30):
        yield (step, math.nan, math.inf) if step >= 150 else (step, train, val)


def live(updates: Iterator[Update]) -> list[Event]:
    monitor = Monitor()
    for step, train, val in updates:
        monitor.update(step, train, val)
    return list(monitor.events)


def events(path: Path, **given: str) -> list[Event]:
    return [seen.event for seen in replay(path, given=Given(**given)).seen]


def write_csv(path: Path, updates: Iterator[Update]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["step", "train_loss", "val_loss"])
        writer.writerows(updates)


def write_lightning(path: Path, updates: Iterator[Update]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", "step", "train_loss", "val_loss"])
        for epoch, (step, train, val) in enumerate(updates):
            writer.writerow([epoch, step, "", val])
            writer.writerow([epoch, step, train, ""])


def write_jsonl(path: Path, updates: Iterator[Update]) -> None:
    names = ("step", "train_loss", "val_loss")
    path.write_text("".join(json.dumps(dict(zip(names, u, strict=True))) + "\n" for u in updates))


def write_state(path: Path, updates: Iterator[Update]) -> None:
    history = []
    for step, train, val in updates:
        history += [{"loss": train, "step": step}, {"eval_loss": val, "step": step}]
    path.write_text(json.dumps({"log_history": history}, indent=2))


def write_text(path: Path, updates: Iterator[Update]) -> None:
    lines = (f"[{step}]\ttrain-rmse:{train!r}\tval-rmse:{val!r}\n" for step, train, val in updates)
    path.write_text("".join(lines))


WRITERS = [write_csv, write_lightning, write_jsonl, write_state, write_text]


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("run", [overfitting, broken])
def test_every_kind_of_log_raises_the_events_of_the_live_run(
    tmp_path: Path,
    write: Callable[[Path, Iterator[Update]], None],
    run: Callable[[], Iterator[Update]],
) -> None:
    path = tmp_path / "log"
    write(path, run())
    expected = live(run())
    assert expected
    found = events(path)
    assert [(e.code, e.step, e.since) for e in found] == [
        (e.code, e.step, e.since) for e in expected
    ]
    assert [e.confidence for e in found] == [e.confidence for e in expected]


def test_training_losses_between_evaluations_are_updates_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    rows, monitor = [], Monitor()
    for i, (step, train, val) in enumerate(overfitting(200)):
        rows.append({"step": step, "loss": train})
        monitor.update(step, train)
        if i % 4 == 3:
            rows.append({"step": step + 1, "eval_loss": val})
            monitor.update(step + 1, None, {"eval_loss": val})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert events(path) == list(monitor.events)
    assert [e.code for e in monitor.events] == ["MON001"]


def test_an_event_knows_the_line_of_its_evaluation(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    write_csv(path, overfitting())
    (seen,) = replay(path).seen
    assert seen.event.code == "MON001"
    assert seen.line == seen.event.step // 10 + 2


def test_a_maximised_metric_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    rows = [f"{step},{train},{1 - val}\n" for step, train, val in overfitting() if val is not None]
    path.write_text("step,loss,val_accuracy\n" + "".join(rows))
    told = replay(path)
    assert (told.monitor.mode, told.seen[0].event.code) == ("max", "MON001")


def test_named_columns_decide(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    rows = [f"{step},{train},1.0,{val}\n" for step, train, val in overfitting()]
    path.write_text("at,fitted,val_loss,held_out\n" + "".join(rows))
    (event,) = events(path, step="at", train="fitted", val="held_out")
    assert (event.code, event.evidence["curve"]) == ("MON001", "held_out")


def test_a_monitor_of_the_user_is_told(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    write_csv(path, overfitting())
    monitor = Monitor(ignore=["MON001"], stop_on=["MON004"])
    assert replay(path, monitor).monitor is monitor
    assert (list(monitor.events), monitor.should_stop) == ([], False)
    assert monitor.best_step is not None


def test_a_log_that_goes_on_in_another_monitor_gives_the_same(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    write_csv(path, overfitting())
    lines = path.read_text().splitlines(keepends=True)
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("".join(lines[:30]))
    second.write_text("".join([lines[0], *lines[30:]]))
    monitor = Monitor()
    monitor.load_state_dict(json.loads(json.dumps(replay(first).monitor.state_dict())))
    resumed = replay(second, monitor).monitor
    assert resumed.state_dict() == replay(path).monitor.state_dict()


def test_a_maximised_training_metric_that_rises_is_no_divergence(tmp_path: Path) -> None:
    path = tmp_path / "f1.csv"
    lines = [f"{i},{0.9 - 0.7 * 0.9**i},{0.85 - 0.65 * 0.9**i}" for i in range(60)]
    path.write_text("epoch,train_f1,val_f1\n" + "\n".join(lines), encoding="utf-8")
    assert {event.code for event in events(path)} <= {"MON009"}


def test_a_training_auc_that_rises_while_the_validation_auc_falls_is_overfitting(
    tmp_path: Path,
) -> None:
    path = tmp_path / "auc.csv"
    lines = [
        f"{i},{1 - 0.3 * 0.95**i},{0.8 - 0.2 * 0.8**i - max(0, i - 20) * 0.004}" for i in range(60)
    ]
    path.write_text("epoch,train_auc,val_auc\n" + "\n".join(lines), encoding="utf-8")
    assert "MON001" in {event.code for event in events(path)}

from __future__ import annotations

import json
import math
import random
import subprocess
import sys

import pytest
from monitor.histories import History, codes, falling, healthy, noisy, overfit, play, turning

from dataguard.errors import ConfigError, UsageError
from dataguard.monitor import Monitor, Severity


def test_overfitting_is_told_with_its_step_its_best_step_and_its_size() -> None:
    event = play(overfit())[0]
    assert (event.code, event.name) == ("MON001", "overfitting")
    assert abs((event.best_step or 0) - 15) <= 3
    assert 18 <= event.step <= 30
    assert event.severity == Severity.WARNING
    assert event.confidence > 0.99
    assert "restore step" in event.message
    assert event.since == event.best_step


def test_it_warns_and_does_not_stop_unless_asked() -> None:
    history = overfit()
    monitor = Monitor()
    play(history, monitor)
    assert not monitor.should_stop
    asked = Monitor(stop_on=("overfitting",))
    stops = [
        i
        for i in range(len(history))
        if asked.update(i, history.train[i], history.val[i]).should_stop
    ]
    assert stops[0] == play(history)[0].step
    assert stops == list(range(stops[0], len(history)))


def test_nan_is_told_never_improves_and_never_is_the_best() -> None:
    monitor = Monitor()
    assert monitor.update(0, 1.0, 1.0).improved
    verdict = monitor.update(1, math.nan, math.nan)
    assert [(event.code, event.evidence["curve"]) for event in verdict.events] == [
        ("MON004", "training loss"),
        ("MON004", "val_loss"),
    ]
    assert not verdict.improved
    assert (verdict.best_step, verdict.best) == (0, 1.0)
    assert not monitor.update(2, math.inf, math.inf).improved
    assert monitor.update(3, 0.9, 0.9).improved


def test_an_infinite_gradient_norm_is_a_warning() -> None:
    monitor = Monitor()
    events = monitor.update(0, 1.0, None, {"grad_norm": math.inf}).events
    assert [(e.code, e.severity) for e in events] == [("MON004", Severity.WARNING)]


def test_a_maximised_metric_may_decide() -> None:
    loss = turning(60, 15)
    accuracy = [1.0 - 0.4 * value for value in loss]
    monitor = Monitor("accuracy", "max")
    events = []
    for i, value in enumerate(accuracy):
        events += monitor.update(i, 2.0 - 0.03 * i, metrics={"accuracy": value}).events
    assert "MON001" in {event.code for event in events}
    assert monitor.best_step == 15
    assert max(accuracy) == monitor.best


def test_several_validation_sets_are_judged_each_by_itself() -> None:
    good, bad = healthy().val, overfit().val
    monitor = Monitor(watch="near")
    events = []
    for i in range(60):
        events += monitor.update(i, 2.0 - 0.03 * i, {"far": bad[i], "near": good[i]}).events
    assert {"far"} == {e.evidence["curve"] for e in events if e.code == "MON001"}
    assert min(range(60), key=lambda i: good[i]) == monitor.best_step


def test_missing_evaluations_and_odd_steps_are_normal() -> None:
    history = overfit(120, 30)
    monitor = Monitor()
    events = []
    for i in range(120):
        val = history.val[i] if i % 3 == 0 else None
        events += monitor.update(i * 7, history.train[i], val).events
    assert "MON001" in {event.code for event in events}


def test_five_evaluations_are_enough_for_a_gross_case() -> None:
    val = [1.4, 1.2, 1.5, 1.9, 2.4, 2.9, 3.3]
    assert "MON001" in codes(History([1.3, 1.0, 0.6, 0.3, 0.15, 0.08, 0.05], val))


@pytest.mark.parametrize("offset", [0.0, -5.0])
def test_losses_of_any_sign_are_judged(offset: float) -> None:
    bad, good = overfit(), healthy()
    moved = History([v + offset for v in bad.train], [v + offset for v in bad.val])
    fine = History([v + offset for v in good.train], [v + offset for v in good.val])
    assert "MON001" in codes(moved)
    assert "MON001" not in codes(fine)


def test_a_cyclic_learning_rate_and_restarts_are_not_overfitting() -> None:
    for seed in range(10):
        train: list[float] = []
        for cycle in range(5):
            train += falling(25, start=1.2 - 0.15 * cycle, end=0.7 - 0.1 * cycle, pace=6)
        history = History(
            noisy(train, 0.01, seed), noisy([v + 0.1 for v in train], 0.01, seed + 50)
        )
        assert not codes(history) & {"MON001", "MON003"}


def test_resuming_gives_the_verdicts_of_a_run_without_interruption() -> None:
    for history in (overfit(), healthy(), History([2.0, math.nan, *falling(40)])):
        whole = Monitor(stop_on=("MON001",))
        parts = Monitor(stop_on=("MON001",))
        for i in range(len(history)):
            train = history.train[i]
            val = history.val[i] if history.val else None
            expected = whole.update(i, train, val)
            fresh = Monitor(stop_on=("MON001",))
            fresh.load_state_dict(json.loads(json.dumps(parts.state_dict())))
            parts = fresh
            assert expected == parts.update(i, train, val)
        assert whole.events == parts.events


def test_a_healthy_run_whose_validation_wanders_is_not_overfitting() -> None:
    for seed in range(30):
        generator, wander, val = random.Random(seed), 0.0, []
        for base in falling(60, pace=15):
            wander = 0.8 * wander + generator.gauss(0.0, 0.01)
            val.append((base + 0.05) * (1.0 + wander))
        assert "MON001" not in codes(History(falling(60, pace=15), val))


def test_a_flat_noisy_validation_is_not_overfitting() -> None:
    train = [1.0 - 0.01 * i for i in range(30)]
    flagged = sum(
        "MON001" in codes(History(train, noisy([1.0] * 30, 0.03, seed))) for seed in range(200)
    )
    assert flagged <= 1


def test_five_evaluations_of_a_short_fine_tuning_are_enough() -> None:
    events = play(History([1.0, 0.7, 0.45, 0.3, 0.2], [0.7, 0.9, 1.1, 1.4, 1.8]))
    assert [(e.code, e.step, e.best_step) for e in events] == [("MON001", 3, 0)]
    assert "MON001" not in codes(History([1.0, 0.7, 0.5, 0.4, 0.3], [0.7, 0.6, 0.62, 0.61, 0.63]))


def test_validation_that_explodes_is_told_though_training_no_longer_improves() -> None:
    val = [*falling(40, start=3.0, end=0.6), *[0.6 + 0.1 * i for i in range(40)]]
    stands = [*falling(40, end=0.05), *noisy([0.06] * 40, 0.001)]
    rises = [*falling(40, end=0.5), *[0.5 + 0.004 * i for i in range(40)]]
    assert "MON001" in codes(History(stands, val))
    assert codes(History(rises, val)) & {"MON001", "MON003"}


def test_a_slow_start_is_not_taken_for_no_learning() -> None:
    for seed in range(10):
        train = noisy(falling(400, start=1.6, end=1.2, pace=120), 0.2, seed)
        assert "MON005" not in codes(History(train))


def test_a_rising_learning_rate_and_one_of_zero_are_heeded() -> None:
    still = noisy([1.0] * 80, 0.03)
    warming = [{"learning_rate": 1e-6 * i} for i in range(80)]
    assert "MON005" not in codes(History(still, metrics=warming))
    assert "MON005" in codes(History(still, metrics=[{"learning_rate": 0.0}] * 80))


def test_a_collapsing_accuracy_is_told_in_its_own_numbers_and_not_called_stalled() -> None:
    accuracy = [
        *(0.5 + 0.4 * (1 - 0.9**i) for i in range(40)),
        *(0.85 - 0.01 * i for i in range(60)),
    ]
    monitor, events = Monitor("accuracy", "max"), []
    for i, value in enumerate(accuracy):
        events += monitor.update(i, falling(100)[i], metrics={"accuracy": value}).events
    event = next(event for event in events if event.code == "MON001")
    assert "accuracy is" in event.message
    assert event.evidence["best"] == pytest.approx(max(accuracy), abs=1e-4)
    assert 0.0 < event.evidence["now"] < 1.0
    assert "MON009" not in {event.code for event in events if event.step > 45}
    assert all("-0." not in event.message for event in events)


def test_a_state_of_another_version_is_refused() -> None:
    state = Monitor().state_dict() | {"version": 99}
    with pytest.raises(UsageError, match="version 99"):
        Monitor().load_state_dict(state)
    watched = Monitor("accuracy", "max")
    watched.update(metrics={"accuracy": 0.5})
    with pytest.raises(UsageError, match="watch='accuracy'"):
        Monitor().load_state_dict(watched.state_dict())


def test_the_state_of_huge_losses_is_json() -> None:
    monitor = Monitor()
    for i in range(20):
        monitor.update(i, (-1.0) ** i * 1e308, (-1.0) ** i * 1e308)
    text = json.dumps(monitor.state_dict(), allow_nan=False)
    again = Monitor()
    again.load_state_dict(json.loads(text))
    assert again.update(20, 1.0, 1.0) == monitor.update(20, 1.0, 1.0)


def test_the_state_does_not_grow_with_the_run() -> None:
    monitor, sizes = Monitor(), []
    for i in range(5_000):
        monitor.update(i, 1.0 / (i + 1), 2.0 / (i + 1))
        if i in (999, 4_999):
            sizes.append(len(json.dumps(monitor.state_dict())))
    assert sizes[1] < 1.3 * sizes[0]


def test_options_severities_and_rules_left_out_are_heeded() -> None:
    strict = Monitor(rules={"MON001": {"severity": "error", "row": 5}})
    event = next(e for e in play(overfit(), strict) if e.code == "MON001")
    usual = next(e for e in play(overfit()) if e.code == "MON001")
    assert (Severity.ERROR, usual.step + 2) == (event.severity, event.step)
    assert "MON001" not in codes(overfit(), Monitor(ignore=("overfitting",)))


def test_wrong_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no rule 'overfiting'; did you mean 'overfitting'"):
        Monitor(stop_on=("overfiting",))
    with pytest.raises(ConfigError, match="MON001 has no option 'rows'"):
        Monitor(rules={"MON001": {"rows": 3}})
    with pytest.raises(UsageError, match="mode is 'min' or 'max'"):
        Monitor(mode="lowest")
    with pytest.raises(UsageError, match="severity is one of"):
        Monitor(rules={"MON001": {"severity": "fatal"}})


def test_the_import_loads_nothing_heavy() -> None:
    heavy = "{'polars', 'pandas', 'numpy', 'torch', 'sklearn', 'rich', 'typer', 'rapidfuzz'}"
    code = "import sys, dataguard.monitor as m; m.Monitor()"
    code += f"; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_a_steady_rise_is_told_though_a_steep_fall_came_before() -> None:
    validation = [2.0, 1.5, 1.2] + [1.2 + 0.06 * at for at in range(1, 12)]
    history = History([2.0 / (at + 1) for at in range(len(validation))], validation)
    assert play(history)[0].code == "MON001"
    assert play(history)[0].step <= 11


def test_a_misspelt_watch_is_told_once_with_the_nearest_name() -> None:
    monitor = Monitor(watch="acuracy", mode="max")
    events = [
        event
        for step in range(20)
        for event in monitor.update(
            step, 1.0 / (step + 1), 1.1 / (step + 1), {"accuracy": 0.5}
        ).events
    ]
    assert [(event.code, event.step) for event in events] == [("MON012", 4)]
    assert "'acuracy' was to be watched" in events[0].message
    assert "did you mean 'accuracy'?" in events[0].message
    assert events[0].severity == Severity.WARNING


def test_a_watch_that_comes_late_is_not_called_misspelt() -> None:
    monitor = Monitor(watch="accuracy", mode="max")
    for step in range(20):
        metrics = {"accuracy": 0.5 + step / 100} if step % 4 == 3 else {}
        assert not monitor.update(step, 1.0 / (step + 1), 1.1 / (step + 1), metrics).events
    assert monitor.best_step == 19


def test_a_value_that_is_none_is_missing_and_one_that_is_no_number_is_refused() -> None:
    monitor = Monitor()
    monitor.update(0, 1.0, {"a": None, "b": 0.5}, {"learning_rate": None})  # type: ignore[dict-item]
    assert monitor.best == 0.5
    before = monitor.state_dict()
    for given in (
        {"step": float("nan")},
        {"step": "epoch 3"},
        {"train_loss": "high"},
        {"val_loss": [1.0]},
        {"val_loss": {"b": "low"}},
        {"metrics": {"note": "warm"}},
    ):
        with pytest.raises(UsageError, match="no number"):
            monitor.update(**given)  # type: ignore[arg-type]
    assert monitor.state_dict() == before


@pytest.mark.parametrize(
    "values", [[1e308, 1.7e308, 1.6e308, 1e307] * 10, [5e-324, 1e-323, 1.5e-323] * 12]
)
def test_the_largest_and_the_smallest_losses_are_judged(values: list[float]) -> None:
    monitor = Monitor()
    play(History(values, values), monitor)
    assert monitor.best == min(values)


def test_a_learning_rate_that_decays_to_zero_is_no_run_that_never_learnt() -> None:
    rates = [0.001 * (1.0 - (i + 1) / 50) for i in range(50)]
    assert rates[-1] == 0.0
    losses = falling(50)
    decaying = History(losses, losses, [{"learning_rate": rate} for rate in rates])
    assert "MON005" not in codes(decaying)
    still = [1.0] * 50
    assert "MON005" in codes(History(still, still, [{"learning_rate": 0.0}] * 50))


def test_a_spike_is_told_once_although_nan_comes_after_it() -> None:
    train = noisy(falling(60), 0.01)
    train[30:33] = [9.0, math.nan, math.nan]
    spikes = [event for event in play(History(train)) if event.code == "MON010"]
    assert [event.step for event in spikes] == [30]


@pytest.mark.parametrize(
    ("code", "train", "value"),
    [
        ("MON006", falling(60), falling(60, 0.4, 0.1)),
        ("MON007", falling(60, end=0.001, pace=3.0), turning(60, 20, 0.9, 0.7)),
    ],
)
def test_a_metric_that_is_watched_is_not_compared_with_the_training_loss(
    code: str, train: list[float], value: list[float]
) -> None:
    assert code in codes(History(train, value))
    metrics = [{"wer": each} for each in value]
    assert code not in codes(History(train, metrics=metrics), Monitor("wer"))

"""Laws that hold for every history."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from monitor.histories import History, codes, play

from dataguard.monitor import Event, Monitor

finite = st.floats(-1e6, 1e6, allow_nan=False)
positive = st.floats(1e-3, 1e3)
any_loss = st.one_of(finite, st.sampled_from([math.nan, math.inf, -math.inf]))
law = settings(deadline=None)

histories = st.lists(st.tuples(any_loss, any_loss), max_size=60)


def told(events: list[Event]) -> list[tuple[str, int, int | None]]:
    return [(event.code, event.step, event.best_step) for event in events]


@law
@given(histories)
def test_nan_and_infinity_never_improve(pairs: list[tuple[float, float]]) -> None:
    monitor = Monitor()
    best = math.inf
    for i, (train, val) in enumerate(pairs):
        verdict = monitor.update(i, train, val)
        assert verdict.improved == (math.isfinite(val) and val < best)
        best = min(best, val) if math.isfinite(val) else best
        assert verdict.best == (best if math.isfinite(best) else None)


@law
@given(st.lists(st.tuples(positive, positive), max_size=60), st.integers(-20, 20))
def test_scaling_both_losses_changes_nothing(pairs: list[tuple[float, float]], power: int) -> None:
    scale = 2.0**power  # exact in floating point: no rounding moves a decision
    plain = History([t for t, _ in pairs], [v for _, v in pairs])
    scaled = History([t * scale for t, _ in pairs], [v * scale for _, v in pairs])
    assert told(play(plain)) == told(play(scaled))


@law
@given(st.lists(st.tuples(any_loss, st.floats(0.0, 10.0)), min_size=1, max_size=80))
def test_falling_validation_is_never_overfitting_nor_diverging(
    pairs: list[tuple[float, float]],
) -> None:
    val, at = [], 100.0
    for _, fall in pairs:
        at -= fall
        val.append(at)
    monitor = Monitor(ignore=("MON003",)) if any(math.isfinite(t) for t, _ in pairs) else Monitor()
    assert not codes(History([t for t, _ in pairs], val), monitor) & {"MON001", "MON003"}


@law
@given(histories, st.integers(0, 60))
def test_saving_and_restoring_changes_nothing(pairs: list[tuple[float, float]], when: int) -> None:
    monitor, events = Monitor(), []
    for i, (train, val) in enumerate(pairs):
        if i == when:
            state = json.loads(json.dumps(monitor.state_dict()))
            monitor = Monitor()
            monitor.load_state_dict(state)
        events += monitor.update(i, train, val).events
    whole = History([t for t, _ in pairs], [v for _, v in pairs])
    assert play(whole) == events


@law
@given(histories)
def test_every_history_is_judged_without_an_error(pairs: list[tuple[float, float]]) -> None:
    for event in play(History([t for t, _ in pairs], [v for _, v in pairs])):
        assert event.message.isprintable()
        assert 0.0 <= event.confidence <= 1.0
        json.dumps(dict(event.evidence), allow_nan=False)


@pytest.mark.parametrize("value", [0.0, 1.0, -3.0, 1e300, -1e300, 5e-324])
def test_a_constant_loss_is_never_overfitting(value: float) -> None:
    assert not codes(History([value] * 50, [value] * 50)) & {"MON001", "MON003", "MON010"}

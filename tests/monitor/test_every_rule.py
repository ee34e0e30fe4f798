from __future__ import annotations

import math
import re

import pytest
from monitor.histories import History, codes, falling, healthy, noisy, overfit, play

from dataguard.check import Option
from dataguard.examples import played
from dataguard.finding import Severity
from dataguard.monitor.core import known_rules
from dataguard.monitor.rule import Rule

STILL = [1.0] * 120
JUMPY = noisy([1.0 - 0.001 * i for i in range(40)], 0.2, seed=3)
SPIKED = [*noisy(falling(30), 0.01), 4.0, *noisy([0.62] * 9, 0.01)]

BAD: dict[str, History] = {
    "MON001": overfit(),
    "MON002": History(
        falling(60, end=0.05, pace=40), [*falling(20, end=0.8, pace=4), *[0.81] * 40]
    ),
    "MON003": History([*falling(10), *[2.0 + i for i in range(10)]]),
    "MON004": History([2.0, 1.5, math.nan, 1.2], [2.0, 1.7, 1.6, 1.5]),
    "MON005": History(noisy(STILL, 0.05)),
    "MON006": History(falling(40), [0.7 * v for v in falling(40)]),
    "MON007": History(
        falling(60, end=0.001, pace=6), [*falling(12, end=0.8, pace=2), *[0.81] * 48]
    ),
    "MON008": History(falling(40), JUMPY),
    "MON009": History(falling(80, pace=3), [round(v, 3) for v in falling(80, end=0.6, pace=3)]),
    "MON010": History(SPIKED),
    "MON011": History(
        [*falling(4, start=1.4, end=1.2), *[9.0, 12.0, 10.0, 9.5, 9.0, 8.8, 8.7, 8.6]]
    ),
    "MON012": History(falling(220)),
}
GOOD: dict[str, History] = {
    "MON001": healthy(),
    "MON002": healthy(),
    # A spike that heals, and a warm restart, are no divergence.
    "MON003": History([*falling(20), 6.0, 5.0, 3.0, 1.5, 1.0, *falling(20, start=0.9)]),
    "MON004": healthy(),
    "MON005": healthy(),
    "MON006": healthy(),
    "MON007": healthy(),
    "MON008": healthy(),
    "MON009": healthy(40),
    "MON010": healthy(),
    "MON011": healthy(),
    "MON012": healthy(),
}


def ids(rule: type[Rule]) -> str:
    return rule.code


@pytest.mark.parametrize("rule", known_rules(), ids=ids)
def test_of_the_runs_on_the_page_one_is_flagged_and_of_the_other_nothing_is_said(
    rule: type[Rule],
) -> None:
    assert [event.code for event in played(rule.bad)].count(rule.code) == 1
    assert played(rule.good) == []


@pytest.mark.parametrize("rule", known_rules(), ids=ids)
def test_the_bad_example_is_flagged(rule: type[Rule]) -> None:
    events = [event for event in play(BAD[rule.code]) if event.code == rule.code]
    assert events
    assert events[0].name == rule.name
    assert events[0].severity <= rule.severity
    assert 0.0 < events[0].confidence <= 1.0


@pytest.mark.parametrize("rule", known_rules(), ids=ids)
def test_the_good_example_is_not(rule: type[Rule]) -> None:
    assert rule.code not in codes(GOOD[rule.code])


@pytest.mark.parametrize("rule", known_rules(), ids=ids)
def test_a_page_says_what_is_bad_how_it_works_and_what_to_do(rule: type[Rule]) -> None:
    text = rule.__doc__ or ""
    assert re.fullmatch(r"MON\d{3}", rule.code)
    assert isinstance(rule.severity, Severity)
    assert re.findall(r"## (.+)", text) == ["Why is this bad?", "How it works", "What to do"]
    assert all(isinstance(o, Option) and o.doc.endswith(".") for o in rule.options().values())


@pytest.mark.parametrize("rule", known_rules(), ids=ids)
def test_an_event_says_what_to_do_and_shows_its_numbers(rule: type[Rule]) -> None:
    event = next(event for event in play(BAD[rule.code]) if event.code == rule.code)
    assert re.search(r"\d|NaN", event.message)
    assert event.evidence
    assert len(event.message) < 300


def test_the_rules_are_the_twelve() -> None:
    assert [f"MON{i:03}" for i in range(1, 13)] == [rule.code for rule in known_rules()]
    assert set(BAD) == set(GOOD) == {rule.code for rule in known_rules()}


def test_nothing_of_a_healthy_run_is_a_warning() -> None:
    for seed in range(20):
        events = play(healthy(80, noise=0.02, seed=seed))
        assert [event for event in events if event.severity >= Severity.WARNING] == []

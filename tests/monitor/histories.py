"""Made-up training histories with known faults, and a way to play them to a monitor."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from dataguard.monitor import Event, Monitor


@dataclass(frozen=True)
class History:
    """One value an evaluation; None where there is none."""

    train: Sequence[float | None] = ()
    val: Sequence[float | None] = ()
    metrics: Sequence[dict[str, float]] = field(default=())

    def __len__(self) -> int:
        return max(len(self.train), len(self.val))


def play(history: History, monitor: Monitor | None = None) -> list[Event]:
    """All events that the history raises."""
    monitor = monitor or Monitor()
    events: list[Event] = []
    for i in range(len(history)):
        train = history.train[i] if history.train else None
        val = history.val[i] if history.val else None
        metrics = history.metrics[i] if history.metrics else None
        events += monitor.update(i, train, val, metrics).events
    return events


def codes(history: History, monitor: Monitor | None = None) -> set[str]:
    """The codes of all events that the history raises."""
    return {event.code for event in play(history, monitor)}


def noisy(values: Sequence[float], noise: float, seed: int = 0) -> list[float]:
    """The values with normal noise of this standard deviation."""
    generator = random.Random(seed)
    return [value + generator.gauss(0.0, noise) for value in values]


def falling(length: int, start: float = 2.0, end: float = 0.5, pace: float = 12.0) -> list[float]:
    """A loss that falls ever more slowly."""
    return [end + (start - end) * math.exp(-i / pace) for i in range(length)]


def turning(length: int, best: int, start: float = 2.0, low: float = 1.0) -> list[float]:
    """A loss that falls until `best` and rises again."""
    return [
        low + (start - low) * ((i - best) / best) ** 2 * (1 if i < best else 0.5)
        for i in range(length)
    ]


def healthy(length: int = 60, noise: float = 0.01, seed: int = 0) -> History:
    """Training and validation fall together."""
    train = noisy(falling(length), noise, seed)
    return History(train, noisy(falling(length, end=0.6), noise, seed + 1))


def overfit(length: int = 60, best: int = 15, noise: float = 0.01, seed: int = 0) -> History:
    """Training falls to the end, validation turns round."""
    train = noisy(falling(length, end=0.05), noise, seed)
    return History(train, noisy(turning(length, best), noise, seed + 1))

"""The curves of a run in bounded memory: for looking at, never for judging."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

POINTS = 256
"""Points of a curve at most: as many as a plot can show."""

CURVES = 16
"""Curves that are kept."""

Point = tuple[int, float]


class Trace:
    """One curve; when it is full, two neighbours become one, their mean."""

    __slots__ = ("_count", "_points", "_stride", "_sum")

    def __init__(self) -> None:
        self._points: list[tuple[int, float]] = []
        self._stride = 1
        self._sum = 0.0
        self._count = 0

    def add(self, step: int, value: float) -> None:
        """Add a value; NaN and infinities make their point NaN or infinite."""
        self._sum += value
        self._count += 1
        if self._count < self._stride:
            return
        self._points.append((step, self._sum / self._count))
        self._sum, self._count = 0.0, 0
        if len(self._points) >= POINTS:
            pairs = zip(self._points[::2], self._points[1::2], strict=True)
            self._points = [(late[0], (early[1] + late[1]) / 2.0) for early, late in pairs]
            self._stride *= 2

    def points(self, last: int) -> list[Point]:
        """Steps and values; a mean that is not full yet stands at the step `last`."""
        whole = list(self._points)
        return [*whole, (last, self._sum / self._count)] if self._count else whole

    def state_dict(self) -> list[Any]:
        steps = [step for step, _ in self._points]
        values = [_plain(value) for _, value in self._points]
        return [self._stride, self._count, _plain(self._sum), steps, values]

    def load_state_dict(self, state: list[Any]) -> None:
        self._stride, self._count, total, steps, values = state
        self._sum = float(total)
        self._points = list(zip(steps, map(float, values), strict=True))


class History:
    """The training loss, as "train_loss", and the validation curves of a run."""

    def __init__(self) -> None:
        self._traces: dict[str, Trace] = {}
        self._last = 0

    def add(self, step: int, train: float | None, validated: Mapping[str, float]) -> None:
        """Add the values of an update."""
        self._last = step
        traces = self._traces
        values = validated if train is None else {"train_loss": train, **validated}
        for name, value in values.items():
            if name in traces:
                traces[name].add(step, value)
            elif len(traces) < CURVES:
                traces[name] = Trace()
                traces[name].add(step, value)

    def curves(self) -> dict[str, list[Point]]:
        """Points of each curve, in the order in which they came; safe beside an `add`."""
        return {name: trace.points(self._last) for name, trace in dict(self._traces).items()}

    def state_dict(self) -> dict[str, Any]:
        """Everything, as JSON-able values."""
        traces = {name: trace.state_dict() for name, trace in self._traces.items()}
        return {"last": self._last, "traces": traces}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where `state_dict` was taken."""
        self._last = state["last"]
        self._traces = {}
        for name, one in state["traces"].items():
            self._traces[name] = Trace()
            self._traces[name].load_state_dict(one)


def _plain(value: float) -> float | str:
    """JSON knows no infinities: they are written as words."""
    return value if math.isfinite(value) else repr(value)


def finite(points: list[Point]) -> Iterator[Point]:
    """The points that can be drawn."""
    return ((step, value) for step, value in points if math.isfinite(value))

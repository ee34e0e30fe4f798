"""One curve of a training run, judged as it grows, in memory that does not grow with it."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from typing import Any

WINDOW = 3
"""Values whose median is the curve's level: one outlier does not move it."""

BENDS = 33
"""Second differences from which the noise is estimated."""

TRAIL = 32
"""Levels since the best one that are kept; past that, every other one is forgotten."""

SLOW = 0.1
"""Weight of a new value in the slow mean, which looks back over some twenty values."""

FEW = 1.0
"""Standard errors by which the noise is taken to be larger than estimated. The relative standard
error of a median of n second differences is about 1 / sqrt(n) (simulated)."""

FAR = 2
"""Values between those of the second differences that see a wander from value to value."""

MOST_RISES = 20
"""Rises in a row that are counted as evidence: more prove no more."""

CALM = 0.05
"""Weight of the latest estimate in the slow mean of the noise."""

LEVEL_NOISE = 0.669
"""Standard deviation of the median of three normal values, in units of theirs."""

_DEVIATION = 0.6745 * math.sqrt(6.0)
"""Median absolute second difference of white noise of unit deviation: a second difference has six
times the variance of the noise, and half of all |z| are below 0.6745."""


class Series:
    """A curve whose lower values are better. Values of maximised metrics are pushed negated.

    Attributes:
        count: Finite values so far.
        last: The latest value, None before the first.
        first: The first value.
        slow: Exponential mean, which follows some twenty values.
        level: Median of the latest three values.
        best: Lowest level so far, reached at value number `best_at` (from 0) and `best_step`.
        best_noise: The noise at that time.
        top: Highest level so far.
        drop: How far the curve has come down: from its highest level to its best.
        excess: How far the level lies above the best one; not below 0.
        since: Values since the best level.
        noise: Standard deviation of the noise around the trend; None before there are five values.
            Estimated by the median of second differences, which neither a trend nor single spikes
            move (after Rice, 1984, and Gasser et al., 1986): the larger of that of the latest 33
            and of its slow mean, since a calm stretch is no proof of calm.
        low: Lowest single value, at `low_step`.
        rises: How many of the latest values were each higher than the one before.
        positive: Whether all values are above zero, so that ratios of them mean something.
    """

    __slots__ = (
        "_bends", "_calm", "_far", "_past", "_recent", "_sorted", "_stride", "_trail", "best",
        "best_at", "best_noise", "best_step", "count", "drop", "excess", "first", "last", "level",
        "low", "low_step", "noise", "positive", "rises", "since", "slow", "top",
    )  # fmt: skip

    def __init__(self) -> None:
        self.count = 0
        self.last: float | None = None
        self.first = self.slow = math.nan
        self.level = math.nan
        self.best = self.low = math.inf
        self.best_at = -1
        self.best_step: int | None = None
        self.best_noise: float | None = None
        self.low_step: int | None = None
        self.top = -math.inf
        self.drop = self.excess = 0.0
        self.since = 0
        self.noise: float | None = None
        self.positive = True
        self.rises = 0
        self._recent: list[float] = []
        self._bends: list[float] = []
        self._sorted: list[float] = []
        self._far: list[float] = []
        self._past: list[float] = []
        self._calm: float | None = None
        self._trail: list[float] = []
        self._stride = 1

    def push(self, value: float, step: int) -> None:
        """Add a finite value."""
        if self.last is None:
            self.first = self.slow = value
        else:
            self.rises = self.rises + 1 if value > self.last else 0
            self.slow += SLOW * (value - self.slow)
        self._see_bends(value)
        recent = self._recent
        recent.append(value)
        if len(recent) > WINDOW:
            del recent[0]
        if value <= 0.0:
            self.positive = False
        if value < self.low:
            self.low, self.low_step = value, step
        self.level = sorted(recent)[len(recent) // 2]
        self.last = value
        self.count += 1
        self._see_level(step)

    def _see_bends(self, value: float) -> None:
        """Judge the noise by the second differences up to this value."""
        recent, past = self._recent, self._past
        if len(past) == 2 * FAR:
            self._far.append(abs(value - 2.0 * past[FAR] + past[0]))
            if len(self._far) > BENDS:
                del self._far[0]
            del past[0]
        past.append(value)
        if len(recent) < 2:
            return
        bends, ordered = self._bends, self._sorted
        bend = abs(value - 2.0 * recent[-1] + recent[-2])
        bends.append(bend)
        insort(ordered, bend)
        if len(bends) > BENDS:
            del ordered[bisect_left(ordered, bends.pop(0))]
        if len(bends) >= WINDOW:
            latest = _middle(ordered) / _DEVIATION
            calm = latest if self._calm is None else self._calm + CALM * (latest - self._calm)
            self._calm = calm
            self.noise = calm if calm > latest else latest

    def _see_level(self, step: int) -> None:
        """Compare the level with the best and the highest."""
        level = self.level
        if level > self.top:
            self.top = level
        if level < self.best:
            self.best, self.best_at, self.best_step = level, self.count - 1, step
            self.best_noise = self.noise
            self.since, self.excess = 0, 0.0
            self._trail, self._stride = [], 1
        else:
            self.since += 1
            self.excess = level - self.best
            if self.since % self._stride == 0:
                self._trail.append(level)
                if len(self._trail) > TRAIL:
                    self._trail = self._trail[1::2]
                    self._stride *= 2
        self.drop = self.top - self.best

    @property
    def wander(self) -> float:
        """The noise from values `FAR` apart, between which a slow wander shows; 0 before it can be
        told. A curve that bends raises it as well."""
        return _middle(sorted(self._far)) / _DEVIATION if len(self._far) >= 2 * FAR else 0.0

    @property
    def doubt(self) -> float:
        """An upper bound on the chance that noise alone puts the level so far above its best.

        The best of many levels is low by luck, by the expected minimum of as many normal values
        with the noise of its own time, which may have been larger; what goes beyond that is held
        against the normal tail, once a look (Bonferroni). Whatever the noise, n rises in a row
        come about by chance once in (n + 1)! looks: the smaller of the two bounds. 1 where the
        noise is not known yet.
        """
        if self.noise is None:
            return 1.0
        # The noise itself is estimated, from few values at first: it may be larger.
        few = LEVEL_NOISE * (1.0 + FEW / math.sqrt(len(self._bends)))
        deviation = few * max(self.noise, self.wander)
        at_best = max(deviation, few * (self.best_noise or 0.0))
        luck = at_best * math.sqrt(2.0 * math.log(max(self.count, 2)))
        by_size = chance(self.excess - luck, deviation, self.count)
        return min(by_size, self.count / math.factorial(min(self.rises, MOST_RISES) + 1))

    @property
    def ratio(self) -> float | None:
        """The excess relative to the best level; None where values may be zero or negative."""
        return self.excess / self.best if self.positive and self.best > 0.0 else None

    @property
    def pace(self) -> float:
        """How fast the level rises: per value, over the later half of the time since the best."""
        since = self.since
        if since <= 0:
            return 0.0
        slope = self.excess / since
        back = (since // 2) // self._stride
        if back and back < len(self._trail):
            slope = max(slope, (self.level - self._trail[-1 - back]) / (back * self._stride))
        return slope

    def state_dict(self) -> dict[str, Any]:
        """Everything, as JSON-able values."""
        return {name: plain(value) for name in self.__slots__ for value in [getattr(self, name)]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where `state_dict` was taken."""
        for name, value in state.items():
            setattr(self, name, unplain(value))


def _middle(ordered: list[float]) -> float:
    """The median of sorted values."""
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2.0


def chance(effect: float, noise: float | None, looks: int) -> float:
    """An upper bound on the chance that noise alone makes an effect once in so many looks.

    One-sided normal tail, times the number of looks (Bonferroni): a curve that is judged after
    each evaluation has as many chances to look bad. 1 where the noise is not known yet.
    """
    if noise is None:
        return 1.0
    if noise <= 0.0:
        return 0.0 if effect > 0.0 else 1.0
    return min(1.0, looks * 0.5 * math.erfc(effect / noise / math.sqrt(2.0)))


def is_worse(series: Series) -> bool:
    """Whether the level has left the best one by what MON001 looks for: 3 % of it, or a tenth of
    the gain where values may be negative."""
    if series.ratio is not None:
        return series.ratio > 0.03
    return series.excess > 0.1 * series.drop


def plain(value: Any) -> Any:
    """The value, copied, as JSON can hold it: it knows no infinities, they are written as words."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value


def unplain(value: Any) -> Any:
    """What `plain` was given: words become numbers again."""
    if isinstance(value, list):
        return [unplain(each) for each in value]
    if isinstance(value, dict):
        return {key: unplain(each) for key, each in value.items()}
    return float(value) if isinstance(value, str) else value

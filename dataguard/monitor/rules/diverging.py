"""MON003: diverging."""

from __future__ import annotations

import math
from collections.abc import Iterator

from dataguard.check import Option
from dataguard.finding import Severity
from dataguard.monitor.rule import Curve, Event, Losses, Memory, Rule, Run
from dataguard.monitor.series import Series, chance


class Diverging(Rule):
    """The loss has risen above where it began, and stays there.

    ## Why is this bad?
    The optimiser has left the region in which it can learn. What comes after is worse than the
    weights that the run began with.

    ## How it works
    The level of the training loss, or of a validation loss while training does not improve, lies
    above its first value by a quarter of that value and by half of all it had gained, far beyond
    its own noise: three times in a row within a tenth of its highest level, or twelve times in a
    row at all. A spike that recovers, a restart and a warm-up do not meet that.

    ## What to do
    Restore the best weights. Lower the learning rate (by 3 to 10 times), lengthen the warm-up,
    clip the gradients' norm. In half precision: bfloat16, or a loss scale.
    """

    code = "MON003"
    name = "diverging"
    severity = Severity.ERROR
    bad = Losses(train=(0.9, 0.81, 0.74, 0.68, 0.63, 0.59, 0.8, 1.1, 1.4, 1.6, 1.7, 1.8, 1.85))
    good = Losses(
        train=(0.9, 0.81, 0.74, 0.68, 0.63, 0.59, 0.8, 1.1, 0.8, 0.62, 0.57, 0.53, 0.5),
        title="A rise that heals",
    )
    rise = Option(
        0.25, "Rise above the first value, relative to it, for losses above zero.", low=0.0
    )
    gain = Option(0.5, "The same, relative to what had been gained. Both our own choice.", low=0.0)
    row = Option(3, "Values in a row, near the highest, that must agree.", low=1)
    long_row = Option(12, "Values in a row that must agree wherever they lie.", low=1)

    def judge(self, run: Run, memory: Memory) -> Iterator[Event]:
        if run.trained is not None and math.isfinite(run.trained):
            yield from self._judged(run, run.training, memory.setdefault("training loss", {}))
        for curve in run.fresh:
            before = curve.train_at_best
            if before is None or run.between.level >= before:  # else MON001 judges it
                yield from self._judged(run, curve, memory.setdefault(curve.name, {}))

    def _judged(self, run: Run, curve: Curve, mine: Memory) -> Iterator[Event]:
        series = curve.series
        if series.count < 5:
            return
        mine["peak"] = max(mine.get("peak", 0.0), series.excess) if series.since else 0.0
        risen = self._risen(series)
        high = risen and series.excess >= 0.9 * mine["peak"]
        mine["risen"] = mine.get("risen", 0) + 1 if risen else 0
        mine["high"] = mine.get("high", 0) + 1 if high else 0
        agreed = mine["high"] >= self.row or mine["risen"] >= self.long_row
        if not agreed or mine.get("told") == series.best_step:
            return
        mine["told"] = series.best_step
        yield self.event(
            run,
            f"{curve.name} is at {curve.shown(series.level)}, worse than its first value "
            f"({curve.shown(series.first)}) and its best ({curve.shown(series.low)} at step "
            f"{series.low_step}), and does not recover: restore the best weights and lower the "
            "learning rate, or clip the gradients",
            since=series.low_step,
            confidence=max(0.9, 1.0 - chance(series.excess, series.noise, series.count)),
            evidence={
                "curve": curve.name,
                "first": curve.value(series.first),
                "best": curve.value(series.low),
                "now": curve.value(series.level),
                "noise": series.noise,
            },
        )

    def _risen(self, series: Series) -> bool:
        above = series.level - series.first
        if series.since < 3 or above <= self.gain * (series.first - series.best):
            return False
        if series.positive and above <= self.rise * series.first:
            return False
        return chance(above, series.noise, series.count) < 0.001

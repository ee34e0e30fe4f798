"""MON010: loss spike."""

from __future__ import annotations

import math
from collections.abc import Iterator

from dataguard.check import Option
from dataguard.finding import Severity
from dataguard.monitor.rule import Curve, Event, Losses, Memory, Rule, Run
from dataguard.monitor.series import chance


class LossSpike(Rule):
    """One value of the loss stands far above those around it.

    ## Why is this bad?
    A single spike mostly heals. Repeated ones say that the learning rate is too high or that some
    batches are faulty, and they precede divergence.

    ## How it works
    From the tenth value on: a training or validation value lies above the median of the latest
    three by more than the run's own noise explains (chance below one in a million), by a tenth of
    the level and by a fifth of all that was gained. The first spike is told, then the 2nd, 4th, 8th
    and so on.

    ## What to do
    Look at the rows of that batch; clip the gradients' norm; lower the learning rate if spikes
    come again.
    """

    code = "MON010"
    name = "loss-spike"
    severity = Severity.INFO
    bad = Losses(train=(0.9, 0.81, 0.74, 0.68, 0.63, 0.58, 0.54, 0.5, 0.47, 0.44, 1.3, 0.4, 0.38))
    good = Losses(train=(0.9, 0.81, 0.74, 0.68, 0.63, 0.58, 0.54, 0.5, 0.47, 0.44, 0.48, 0.4, 0.38))
    height = Option(0.1, "Height relative to the level. Our own choice.", low=0.0)
    gain = Option(0.2, "Height relative to what was gained. Our own choice.", low=0.0)

    def judge(self, run: Run, memory: Memory) -> Iterator[Event]:
        if run.trained is not None and math.isfinite(run.trained):
            yield from self._spike(run, memory, run.training)
        for curve in run.fresh:
            yield from self._spike(run, memory, curve)

    def _spike(self, run: Run, memory: Memory, curve: Curve) -> Iterator[Event]:
        series, name = curve.series, curve.name
        if series.last is None or series.count < 10:
            return
        height = series.last - series.level
        least = self.gain * series.drop
        if series.positive:
            least = max(least, self.height * series.level)
        if height <= least or chance(height, series.noise, series.count) > 1e-6:
            return
        count = memory[name] = memory.get(name, 0) + 1
        if count & (count - 1):  # told at powers of two
            return
        times = "" if count == 1 else f", {count} times so far"
        yield self.event(
            run,
            f"{name} jumped to {curve.shown(series.last)} at step {run.step} (level "
            f"{curve.shown(series.level)})"
            f"{times}: look at that batch, clip the gradients, or lower the learning rate",
            since=run.step,
            confidence=0.9,
            evidence={
                "curve": name,
                "value": curve.value(series.last),
                "level": curve.value(series.level),
                "noise": series.noise,
                "spikes": count,
            },
        )

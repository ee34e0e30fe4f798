"""MON005: not learning."""

from __future__ import annotations

import math
from collections.abc import Iterator

from dataguard.check import Option
from dataguard.monitor.rule import Curve, Event, Losses, Memory, Rule, Run


class NotLearning(Rule):
    """From its start on, the run has learnt nothing: the loss stands where it began.

    ## Why is this bad?
    A learning rate of zero, frozen weights, a detached loss or shuffled labels look like this, and
    no number of steps helps.

    ## How it works
    After 100 training losses (24 validation losses, where no training loss is given), 200, 400 and
    so on, the mean of the later half is compared with the mean of the first 50 (12). The run does
    not learn if the two differ by less than twice the standard error that the run's own noise
    leaves, and if even the largest fall within it is below 5 %. Where that is not settled it waits.
    A learning rate that was zero all along settles it after the first 50; losses at a rising one
    are left out. A run that has once moved, or has come down from its first value by three times
    its noise, is not judged again.

    ## What to do
    Check that the optimiser holds the model's parameters, that they require gradients, that the
    learning rate is not zero after the schedule, and that inputs and labels belong together.
    """

    code = "MON005"
    name = "not-learning"
    bad = Losses(
        val=(0.7, 0.69, 0.69, 0.7, 0.69, 0.68, 0.69, 0.7, 0.69, 0.69, 0.68, 0.7) * 2,
        title="Validation losses alone",
    )
    good = Losses(
        val=tuple(round(0.7 - 0.01 * i, 2) for i in range(24)), title="A slow start, but a start"
    )
    least = Option(
        50, "Training losses whose mean says where the run began; a quarter for validation.", low=20
    )
    small = Option(
        0.05, "Largest fall, relative to the loss, that counts as nothing. Our own choice.", low=0.0
    )

    def judge(self, run: Run, memory: Memory) -> Iterator[Event]:
        curve = self._curve(run)
        if memory.get("done") or curve is None or self._warms_up(run, memory):
            return
        least = self.least if curve.series is run.train else max(1, self.least // 4)
        value = curve.series.last or 0.0
        memory["count"] = count = memory.get("count", 0) + 1
        memory["sum"] = memory.get("sum", 0.0) + value
        if count == least:
            memory["first"], memory["sum"] = memory["sum"] / least, 0.0
            if run.metrics.get("learning_rate") == 0.0 == memory["fastest"]:
                memory["done"] = True
                yield self._told(run, curve, memory["first"], value)
        elif count > least and count % least == 0 and (count // least).bit_count() == 1:
            half = count // 2
            now, memory["sum"] = memory["sum"] / half, 0.0
            yield from self._settled(run, curve, memory, now, 1.0 / least + 1.0 / half)

    def _curve(self, run: Run) -> Curve | None:
        """The curve that this update gave a value: training, or validation where there is none."""
        if run.trained is not None and math.isfinite(run.trained):
            return run.training
        main = run.main
        return main if not run.train.count and main is not None and main in run.fresh else None

    def _settled(
        self, run: Run, curve: Curve, memory: Memory, now: float, variance: float
    ) -> Iterator[Event]:
        series, first = curve.series, memory["first"]
        error = (series.noise or 0.0) * math.sqrt(variance)
        fall = first - now
        if abs(fall) > 2.0 * error or series.first - series.slow > 3.0 * (series.noise or 0.0):
            memory["done"] = True
        elif series.positive and fall + 2.0 * error < self.small * first:
            memory["done"] = True
            yield self._told(run, curve, first, now)

    def _warms_up(self, run: Run, memory: Memory) -> bool:
        """Whether the learning rate still rises: nothing is learnt yet, on purpose."""
        rate = run.metrics.get("learning_rate")
        if rate is None:
            return False
        rises = rate > memory.get("rate", rate)
        memory["rate"] = rate
        memory["fastest"] = max(rate, memory.get("fastest", rate))
        return bool(rises)

    def _told(self, run: Run, curve: Curve, first: float, now: float) -> Event:
        series = curve.series
        return self.event(
            run,
            f"{curve.name} stands where it began after {series.count} values "
            f"({curve.shown(first)} at first, {curve.shown(now)} now): check the learning rate, "
            "that the weights are trained, and that inputs and labels belong together",
            confidence=0.9,
            evidence={
                "curve": curve.name,
                "first": curve.value(first),
                "now": curve.value(now),
                "noise": series.noise,
                "learning_rate": run.metrics.get("learning_rate"),
            },
        )

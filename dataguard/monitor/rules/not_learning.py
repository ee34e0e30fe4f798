"""MON005: not learning."""

from __future__ import annotations

import math
from collections.abc import Iterator

from dataguard.check import Option
from dataguard.monitor.rule import Event, Memory, Rule, Run
from dataguard.monitor.series import EARLY, SLOW, Series

_SPREAD = math.sqrt(1.0 / EARLY + SLOW / (2.0 - SLOW))
"""Standard error, in units of the noise, of the difference of the early and the slow mean."""


class NotLearning(Rule):
    """From its start on, the run has learnt nothing: the loss stands where it began.

    ## Why is this bad?
    A learning rate of zero, frozen weights, a detached loss or shuffled labels look like this, and
    no number of steps helps.

    ## How it works
    After 30 training losses (10 validation losses, where no training loss is given) the mean of
    the latest twenty or so is compared with the mean of the first ten and with the first. If it
    differs from neither by more than the run's own noise explains (two and three standard errors),
    the run does not learn. It is judged once: a run that learns later stalls (MON009).

    ## What to do
    Check that the optimiser holds the model's parameters, that they require gradients, that the
    learning rate is not zero after the schedule, and that inputs and labels belong together.
    """

    code = "MON005"
    name = "not-learning"
    least = Option(30, "Training losses before it is judged; a third of it for validation.", low=15)

    def judge(self, run: Run, memory: Memory) -> Iterator[Event]:
        if memory.get("done"):
            return
        main = run.main
        if run.train.count:
            series, name, least = run.train, "training loss", self.least
        elif main is not None:
            series, name, least = main.series, main.name, max(EARLY + 2, self.least // 3)
        else:
            return
        if series.count < least or series.noise is None:
            return
        memory["done"] = True
        if _has_moved(series):
            return
        fall = series.early - series.slow
        yield self.event(
            run,
            f"{name} stands where it began after {series.count} values ({series.early:.4g} at "
            f"first, {series.slow:.4g} now, noise {series.noise:.2g}): check the learning rate, "
            "that the weights are trained, and that inputs and labels belong together",
            confidence=0.9,
            evidence={
                "curve": name,
                "early": series.early,
                "now": series.slow,
                "fall": fall,
                "noise": series.noise,
            },
        )


def _has_moved(series: Series) -> bool:
    """Whether the loss has fallen, or risen (which other rules tell), by more than its noise."""
    noise = series.noise or 0.0
    if noise <= 0.0:
        return series.slow != series.first
    since_early = (series.early - series.slow) / (noise * _SPREAD)
    return abs(since_early) > 2.0 or abs(series.first - series.slow) > 3.0 * noise

"""MON011: learning rate too high."""

from __future__ import annotations

from collections.abc import Iterator

from dataguard.check import Option
from dataguard.monitor.rule import Event, Losses, Memory, Rule, Run
from dataguard.monitor.series import chance

FIRST = 12
"""Training losses whose noise is that of the run's beginning."""


class LearningRateTooHigh(Rule):
    """The training loss behaves as it does where the learning rate is too high.

    ## Why is this bad?
    Steps that overshoot throw away what was learnt, or what a pretrained model knew, within a few
    batches. What follows is worse than a slower run, even where it recovers.

    ## How it works
    One of two signatures. Within the first 50 training losses the level jumps above the first
    value by half of it, far beyond the noise, or to three times the first value. Or, from the 36th
    on, the noise has grown to four times that of the first dozen values, while the level has not
    fallen by more than the noise since: it bounces between walls.

    ## What to do
    Lower the learning rate by 3 to 10 times, or lengthen the warm-up; clip the gradients' norm.
    Start again from the first checkpoint: the weights are worse than those.
    """

    code = "MON011"
    name = "learning-rate-too-high"
    bad = Losses(train=(0.9, 0.85, 0.82, 2.6, 4.1, 3.9, 3.6, 3.5))
    good = Losses(train=(0.9, 0.85, 0.82, 0.95, 1.02, 0.93, 0.8, 0.7))
    jump = Option(0.5, "Jump above the first value, relative to it. Our own choice.", low=0.0)
    early = Option(50, "Training losses within which a jump counts. Our own choice.", low=5)
    bounce = Option(4.0, "Growth of the noise. Our own choice.", low=1.0)

    def judge(self, run: Run, memory: Memory) -> Iterator[Event]:
        train = run.train
        if run.trained is None or memory.get("told") or train.noise is None:
            return
        if train.count == FIRST:
            memory["noise"], memory["level"] = train.noise, train.level
        above = train.level - train.first
        seen = ""
        if train.positive and train.count <= self.early and above > self.jump * train.first:
            if chance(above, train.noise, train.count) < 0.001 or train.level > 3.0 * train.first:
                seen = f"jumped from {train.first:.4g} to {train.level:.4g} in {train.count} values"
        elif memory.get("noise") and train.count >= 3 * FIRST:
            grown = train.noise / memory["noise"]
            if grown > self.bounce and memory["level"] - train.level < train.noise:
                seen = f"jumps about {grown:.0f} times as much as at first, and does not fall"
        if not seen:
            return
        memory["told"] = True
        rate = run.metrics.get("learning_rate")
        at = "" if rate is None else f" (learning rate {rate:.3g})"
        yield self.event(
            run,
            f"training loss {seen}{at}: lower the learning rate by 3 to 10 times or warm up longer",
            confidence=0.8,
            evidence={
                "first": train.first,
                "now": train.level,
                "noise": train.noise,
                "noise_at_first": memory.get("noise"),
                "learning_rate": rate,
            },
        )

"""MON009: stalled."""

from __future__ import annotations

from collections.abc import Iterator

from dataguard.check import Option
from dataguard.finding import Severity
from dataguard.monitor.rule import Event, Losses, Memory, Rule, Run
from dataguard.monitor.series import is_worse


class Stalled(Rule):
    """After good progress neither validation nor training moves any more.

    ## Why is this bad?
    It costs time and changes nothing. Often the learning rate has become too small, or too large
    to settle.

    ## How it works
    Validation had gained more than ten times its noise, then had no new best level for twenty
    evaluations and half of the run, and is not worse than its best by 3 %. The training level has
    moved by less than 5 % of what it had gained (else see MON001 and MON002).

    ## What to do
    Stop, or change the learning rate: decay it, or warm-restart it.
    """

    code = "MON009"
    name = "stalled"
    severity = Severity.INFO
    bad = Losses(
        train=(0.9, 0.81, 0.74, 0.68, 0.63, 0.6, 0.58, 0.57, *(0.56,) * 23),
        val=(0.92, 0.84, 0.78, 0.73, 0.69, 0.66, 0.64, 0.63, *(0.62, 0.63) * 11, 0.62),
    )
    good = Losses(
        train=(0.9, 0.81, 0.74, 0.68, 0.63, 0.6, 0.58, 0.57, *(0.56,) * 10),
        val=(0.92, 0.84, 0.78, 0.73, 0.69, 0.66, 0.64, 0.63, *(0.62, 0.63) * 5),
        title="It has not stood for twenty evaluations",
    )
    least = Option(20, "Evaluations without a new best level. Our own choice.", low=3)
    share = Option(0.5, "The same as a share of the run. Our own choice.", low=0.0, high=1.0)

    def judge(self, run: Run, memory: Memory) -> Iterator[Event]:
        curve, train = run.main, run.between
        if curve is None or curve not in run.fresh:
            return
        series = curve.series
        if series.since < max(self.least, self.share * series.count):
            return
        if memory.get("told") == series.best_step or series.noise is None:
            return
        progressed = series.drop > 10.0 * series.noise
        near = not is_worse(series)
        moved = 0.0 if curve.train_at_best is None else curve.train_at_best - train.level
        if not progressed or not near or (train.count and abs(moved) > 0.05 * train.drop):
            return
        memory["told"] = series.best_step
        yield self.event(
            run,
            f"{curve.name} has stood at {curve.shown(series.level)} for {series.since} evaluations "
            f"(best {curve.shown(series.low)} at step {series.low_step}): stop, or change the "
            "learning rate",
            since=series.low_step,
            confidence=0.9,
            evidence={
                "curve": curve.name,
                "best": curve.value(series.low),
                "noise": series.noise,
                "evaluations_since": series.since,
                "train_moved": moved,
            },
        )

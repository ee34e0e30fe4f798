"""MON002: growing generalisation gap."""

from __future__ import annotations

from collections.abc import Iterator

from dataguard.check import Option
from dataguard.finding import Severity
from dataguard.monitor.rule import Curve, Event, Losses, Memory, Rule, Run
from dataguard.monitor.series import chance, is_worse


class GeneralisationGap(Rule):
    """Training goes on improving while validation stands still: the gap between them grows.

    ## Why is this bad?
    What the model still learns does not help on data that it has not seen. It is the road to
    overfitting, and time that is spent for nothing.

    ## How it works
    Validation has had no new best level for five evaluations and a quarter of the run, and is not
    worse than its best by 3 % (else see MON001). Since its best, training has fallen by more than
    its noise explains, and the gap has grown by a fifth of all that validation gained.

    ## What to do
    Nothing yet, if the run ends soon. Otherwise stronger regularisation, augmentation or more
    data; a longer run will not help.
    """

    code = "MON002"
    name = "generalisation-gap"
    severity = Severity.INFO
    bad = Losses(
        train=(0.9, 0.81, 0.74, 0.68, 0.63, 0.58, 0.54, 0.5, 0.47, 0.44, 0.41, 0.38, 0.36),
        val=(0.92, 0.86, 0.81, 0.77, 0.74, 0.72, 0.71, 0.71, 0.71, 0.72, 0.71, 0.72, 0.71),
    )
    good = Losses(
        train=(0.9, 0.81, 0.74, 0.68, 0.63, 0.58, 0.54, 0.5, 0.47, 0.44, 0.41, 0.38, 0.36),
        val=(0.92, 0.84, 0.78, 0.73, 0.69, 0.65, 0.62, 0.59, 0.57, 0.55, 0.53, 0.51, 0.5),
        title="Validation falls more slowly, but falls",
    )
    growth = Option(
        0.2, "Growth of the gap relative to what validation had gained. Our own choice.", low=0.0
    )
    share = Option(
        0.25,
        "Share of the run's evaluations without a new best. Our own choice.",
        low=0.0,
        high=1.0,
    )

    def judge(self, run: Run, memory: Memory) -> Iterator[Event]:
        for curve in run.fresh:
            if self._grows(run, curve) and memory.get(curve.name) != curve.series.best_step:
                memory[curve.name] = curve.series.best_step
                yield self._told(run, curve)

    def _grows(self, run: Run, curve: Curve) -> bool:
        series, train = curve.series, run.between
        if curve.train_at_best is None or series.since < max(5, self.share * series.count):
            return False
        fall = curve.train_at_best - train.level
        growth = fall + series.excess
        worse = is_worse(series)
        return (
            not worse
            and chance(fall, train.noise, series.count) < 0.001
            and growth > self.growth * series.drop > 0.0
        )

    def _told(self, run: Run, curve: Curve) -> Event:
        series, train = curve.series, run.between
        before = curve.train_at_best or 0.0
        return self.event(
            run,
            f"{curve.name} has not improved for {series.since} evaluations "
            f"({curve.shown(series.level)}, best {curve.shown(series.low)} at step "
            f"{series.low_step}), while training loss fell from {before:.4g} to "
            f"{train.level:.4g}: regularise or add data; more steps will not help",
            since=series.low_step,
            confidence=0.9,
            evidence={
                "curve": curve.name,
                "gap_growth": before - train.level + series.excess,
                "train_fall": before - train.level,
                "train_noise": train.noise,
                "evaluations_since": series.since,
            },
        )

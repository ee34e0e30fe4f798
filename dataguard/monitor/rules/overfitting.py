"""MON001: overfitting."""

from __future__ import annotations

from collections.abc import Iterator

from dataguard.check import Option
from dataguard.monitor.rule import Curve, Event, Losses, Memory, Rule, Run, number, percent


class Overfitting(Rule):
    """Validation gets worse, beyond this run's own noise, while training still improves.

    ## Why is this bad?
    From the best evaluation on, the model learns what holds for the training rows alone. Every
    further step costs time and makes the model worse on data that it has not seen.

    ## How it works
    The level of the validation loss (median of three values) is compared with its best level. Four
    things must hold three times in a row:

    - The excess is no noise: noise of the run's own size, measured by second differences, would
      reach it with a chance below 0.1 %, in as many looks as there were evaluations, and after the
      luck that makes the best of so many levels look good; or it has risen so many times in a row
      that no noise does it by such a chance (seven times in twenty evaluations).
    - It matters: 3 % of the level and 6 % of all that validation had gained; or, where it rises so
      fast that the loss would grow by 10 % in the time that it took to reach its best, 1.75 % and
      1 %. Losses that may be negative have no level to compare with: 10 % of the gain.
    - It goes on: the level is within a tenth of the highest excess. A curve that falls again, as
      after a restart or in a cycle of the learning rate, is not judged.
    - Training has improved since; where it has not, or no training loss is given, the excess must
      be twice as large.

    The noise is estimated from the run itself, so the first judgement comes at the seventh
    evaluation. Up to there three values, each worse than the one before, are enough where the last
    is a quarter worse than the best, half of the gain is lost, training has improved since, and all
    values are above zero.

    ## What to do
    Restore the weights of the best step and stop. To get further: more data, stronger
    regularisation (weight decay, dropout, augmentation), a smaller model, a lower learning rate.
    """

    code = "MON001"
    name = "overfitting"
    bad = Losses(
        train=(0.9, 0.81, 0.74, 0.68, 0.63, 0.58, 0.54, 0.5,
               0.47, 0.44, 0.41, 0.38, 0.36, 0.34, 0.32, 0.3),
        val=(0.92, 0.86, 0.82, 0.8, 0.79, 0.79, 0.8, 0.81,
             0.82, 0.83, 0.84, 0.85, 0.86, 0.87, 0.88, 0.89),
    )  # fmt: skip
    good = Losses(
        train=(0.9, 0.81, 0.74, 0.68, 0.63, 0.58, 0.54, 0.5,
               0.47, 0.44, 0.41, 0.38, 0.36, 0.34, 0.32, 0.3),
        val=(0.92, 0.86, 0.82, 0.79, 0.77, 0.79, 0.8, 0.77,
             0.75, 0.76, 0.74, 0.72, 0.73, 0.71, 0.72, 0.7),
        title="Validation wavers, and goes on falling",
    )  # fmt: skip
    level = Option(
        0.03,
        "Excess over the best validation level, relative to it. With the next, tuned on the "
        "development half of real and generated histories (benchmarks/monitor.py).",
        low=0.0,
    )
    gain = Option(0.06, "Excess relative to what validation had gained.", low=0.0)
    pace = Option(
        0.1, "Rise in as many evaluations as it took to reach the best one that counts as steep."
    )
    steep_level = Option(0.0175, "As `level`, where the rise is steep.", low=0.0)
    steep_gain = Option(0.01, "As `gain`, where the rise is steep.", low=0.0)
    signed_gain = Option(0.1, "As `gain`, for losses that may be negative.", low=0.0)
    doubt = Option(
        0.001,
        "Largest chance that noise alone explains the excess: our own choice, a run in a thousand.",
        low=0.0,
        high=1.0,
    )
    short_level = Option(
        0.25,
        "As `level`, in a run of few evaluations, the latest of which all rose. Our own choice.",
        low=0.0,
    )
    short_gain = Option(0.5, "As `gain`, likewise. Our own choice.", low=0.0)
    row = Option(3, "Evaluations in a row that must agree. Fewer flag spikes (measured).", low=1)
    least = Option(5, "Evaluations before the first judgement; noise is known from then on.", low=3)

    def judge(self, run: Run, memory: Memory) -> Iterator[Event]:
        for curve in run.fresh:
            mine = memory.setdefault(curve.name, {"hits": 0, "peak": 0.0, "told": None})
            series = curve.series
            mine["peak"] = max(mine["peak"], series.excess) if series.since else 0.0
            agrees = self._agrees(run, curve) and series.excess >= 0.9 * mine["peak"]
            mine["hits"] = mine["hits"] + 1 if agrees else 0
            flagged = mine["hits"] >= self.row or self._gross(run, curve)
            if flagged and mine["told"] != series.best_step:
                mine["told"] = series.best_step
                yield self._told(run, curve)

    def _agrees(self, run: Run, curve: Curve) -> bool:
        series = curve.series
        if series.count < self.least or series.since < 3:
            return False
        factor = 1.0 if _improves(run, curve) else 2.0
        return self._matters(curve, factor) and series.doubt <= self.doubt

    def _gross(self, run: Run, curve: Curve) -> bool:
        """Whether a short run plainly turns round: noise cannot be told from so few values."""
        series = curve.series
        if series.count >= self.least + self.row or series.rises < self.row or series.last is None:
            return False
        excess = series.last - series.low
        far = series.positive and excess > self.short_level * series.low
        return (
            far and excess > self.short_gain * (series.first - series.low) and _improves(run, curve)
        )

    def _matters(self, curve: Curve, factor: float) -> bool:
        series = curve.series
        excess, gain = series.excess / factor, series.drop
        if series.ratio is None:
            return excess > self.signed_gain * gain
        best = series.best
        if excess > self.level * best and excess > self.gain * gain:
            return True
        steep = series.pace * (series.best_at + 1) > self.pace * best
        return steep and excess > self.steep_level * best and excess > self.steep_gain * gain

    def _told(self, run: Run, curve: Curve) -> Event:
        series = curve.series
        doubt = series.doubt
        now = series.last if series.rises >= self.row and series.last else series.level
        excess = now - series.low
        relative = series.positive and series.low > 0.0 and not curve.offset
        worse = percent(excess / series.low) if relative else f"{number(excess)}"
        trained = "training no longer improves"
        if curve.train_at_best is None:
            trained = "no training loss is given"
        elif _improves(run, curve):
            fall = f"{number(curve.train_at_best)} to {number(run.between.level)}"
            trained = f"training loss still fell ({fall})"
        return self.event(
            run,
            f"{curve.name} is {worse} worse than its best ({curve.shown(now)} against "
            f"{curve.shown(series.low)} at step {series.low_step}), and {trained}: restore step "
            f"{series.low_step} and stop, or regularise, or add data",
            since=series.low_step,
            confidence=max(0.9, 1.0 - doubt),
            evidence={
                "curve": curve.name,
                "best": curve.value(series.low),
                "now": curve.value(now),
                "excess": excess,
                "relative": series.ratio,
                "of_gain": series.excess / series.drop if series.drop else None,
                "noise": series.noise,
                "evaluations_since": series.since,
                "train_at_best": curve.train_at_best,
                "train_now": run.between.level if run.between.count else None,
                "chance": doubt,
            },
        )


def _improves(run: Run, curve: Curve) -> bool:
    """Whether training has improved since the best validation."""
    return (
        run.between.count > 0
        and curve.train_at_best is not None
        and run.between.level < curve.train_at_best
    )

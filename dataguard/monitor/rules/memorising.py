"""MON007: memorising."""

from __future__ import annotations

from collections.abc import Iterator

from dataguard.check import Option
from dataguard.finding import Severity
from dataguard.monitor.rule import Event, Losses, Memory, Rule, Run


class Memorising(Rule):
    """The training loss has gone to almost zero while validation stands still, far above it.

    ## Why is this bad?
    The model knows every training row by heart, wrong labels included. Duplicate rows and label
    noise make that easy, and make the validation loss worse than it had to be.

    ## How it works
    The training level is below 2 % of its first value; the validation level is above five times
    the training level and has had no new best for five evaluations and a fifth of the run. A
    metric that is watched is not compared: it may be of another scale.

    ## What to do
    Run `dataguard lint` on the training data: duplicates (DUP) and mislabelled rows (LAB002).
    Then regularise, or stop earlier.
    """

    code = "MON007"
    name = "memorising"
    severity = Severity.INFO
    bad = Losses(
        train=(0.9, 0.5, 0.28, 0.16, 0.09, 0.06, 0.04, 0.03, 0.02, 0.015, 0.012, 0.01),
        val=(0.92, 0.8, 0.74, 0.71, 0.7, 0.7, 0.71, 0.7, 0.71, 0.7, 0.71, 0.71),
    )
    good = Losses(
        train=(0.9, 0.5, 0.28, 0.16, 0.09, 0.06, 0.04, 0.03, 0.02, 0.015, 0.012, 0.01),
        val=(0.92, 0.52, 0.3, 0.18, 0.11, 0.08, 0.06, 0.05, 0.04, 0.035, 0.03, 0.03),
        title="Validation falls as well",
    )
    rest = Option(0.02, "Training loss relative to its first value. Our own choice.", low=0.0)

    def judge(self, run: Run, memory: Memory) -> Iterator[Event]:
        train = run.train
        if not train.positive or train.count < 5 or train.level > self.rest * train.first:
            return
        for curve in run.fresh:
            series = curve.series
            if memory.get(curve.name) or not series.positive or curve.sign < 0:
                continue
            if curve.name == run.metric:
                continue
            stands = series.since >= max(5, series.count / 5)
            if stands and series.level > 5.0 * train.level:
                memory[curve.name] = True
                yield self.event(
                    run,
                    f"training loss has gone to {train.level:.3g} "
                    f"({100.0 * train.level / train.first:.2g} % of its first value) while "
                    f"{curve.name} stands at {series.level:.4g}: the model memorises; look for "
                    "duplicates and wrong labels (`dataguard lint`)",
                    since=series.best_step,
                    confidence=0.9,
                    evidence={
                        "curve": curve.name,
                        "training": train.level,
                        "training_first": train.first,
                        "validation": series.level,
                    },
                )

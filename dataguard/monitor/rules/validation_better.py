"""MON006: validation better than training."""

from __future__ import annotations

from collections.abc import Iterator

from dataguard.check import Option
from dataguard.finding import Severity
from dataguard.monitor.rule import Event, Losses, Memory, Rule, Run


class ValidationBetterThanTraining(Rule):
    """The validation loss lies below the training loss for long.

    ## Why is this bad?
    Two causes, one harmless and one not. Dropout, augmentation and label smoothing make training
    harder than validation, and a mean over an epoch lags behind: harmless. Or validation rows
    stand in the training set, or are easier than what the model will meet: then the validation
    loss promises too much.

    ## How it works
    Ten evaluations in a row, and half of all, in which the validation level lies below the
    training level by 5 % of it and by twice its own noise. A metric that is watched is not
    compared: it may be of another scale.

    ## What to do
    Measure the training loss in evaluation mode on some thousand training rows. If the gap stays,
    look for a leak: `dataguard lint train.csv --validation validation.csv`.
    """

    code = "MON006"
    name = "validation-better-than-training"
    severity = Severity.INFO
    bad = Losses(
        train=(0.9, 0.81, 0.74, 0.68, 0.63, 0.58, 0.54, 0.5, 0.47, 0.44, 0.41, 0.38),
        val=(0.72, 0.65, 0.59, 0.54, 0.5, 0.46, 0.43, 0.4, 0.38, 0.35, 0.33, 0.3),
    )
    good = Losses(
        train=(0.9, 0.81, 0.74, 0.68, 0.63, 0.58, 0.54, 0.5, 0.47, 0.44, 0.41, 0.38),
        val=(0.86, 0.79, 0.73, 0.67, 0.63, 0.59, 0.55, 0.52, 0.49, 0.47, 0.44, 0.41),
        title="Below at first alone, while the training loss lags",
    )
    margin = Option(0.05, "Margin relative to the training loss. Our own choice.", low=0.0)
    row = Option(10, "Evaluations in a row. Our own choice.", low=3)

    def judge(self, run: Run, memory: Memory) -> Iterator[Event]:
        for curve in run.fresh:
            series, train = curve.series, run.train
            if not train.count or not (series.positive and train.positive) or curve.sign < 0:
                continue
            if curve.name == run.metric:
                continue
            margin = max(self.margin * train.level, 2.0 * (series.noise or 0.0))
            below = series.level < train.level - margin
            hits = memory.get(curve.name, 0)
            if hits < 0:  # told
                continue
            memory[curve.name] = hits + 1 if below else 0
            if memory[curve.name] >= max(self.row, series.count / 2):
                memory[curve.name] = -1
                yield self.event(
                    run,
                    f"{curve.name} ({series.level:.4g}) has been below the training loss "
                    f"({train.level:.4g}) for {hits + 1} evaluations: dropout or augmentation, or "
                    "validation rows that stand in the training set (`dataguard lint` tells)",
                    confidence=0.7,
                    evidence={
                        "curve": curve.name,
                        "validation": series.level,
                        "training": train.level,
                        "noise": series.noise,
                    },
                )

"""MON008: validation too noisy."""

from __future__ import annotations

import math
from collections.abc import Iterator

from dataguard.check import Option
from dataguard.finding import Severity
from dataguard.monitor.rule import Event, Losses, Memory, Rule, Run, percent


class ValidationTooNoisy(Rule):
    """The validation loss jumps about so much that no step can be called the best.

    ## Why is this bad?
    The best checkpoint is then chosen by luck, early stopping stops anywhere, and two runs cannot
    be compared.

    ## How it works
    After ten evaluations the noise (standard deviation by second differences) is above 5 % of the
    level and above a quarter of all that validation gained. The variance of a mean falls with the
    number of rows: the size named is the one at which noise of this size would be 1 % of the
    level, if it all came from the choice of the rows.

    ## What to do
    Validate on more rows, always the same ones; evaluate in evaluation mode; average the weights
    (EMA). If the learning rate is high, the weights themselves may jump: see MON011.
    """

    code = "MON008"
    name = "validation-too-noisy"
    severity = Severity.INFO
    bad = Losses(val=(0.84, 0.76, 0.85, 0.75, 0.83, 0.77, 0.84, 0.74, 0.81, 0.76))
    good = Losses(val=(0.92, 0.84, 0.79, 0.72, 0.69, 0.64, 0.62, 0.58, 0.57, 0.54))
    noise = Option(0.05, "Noise relative to the level. Our own choice.", low=0.0)
    gain = Option(0.25, "Noise relative to what validation gained. Our own choice.", low=0.0)
    wanted = Option(0.01, "Noise relative to the level that the named size would have.", low=0.0001)

    def judge(self, run: Run, memory: Memory) -> Iterator[Event]:
        for curve in run.fresh:
            series = curve.series
            noise = series.noise
            if memory.get(curve.name) or series.count < 10 or noise is None:
                continue
            if not series.positive or noise <= max(
                self.noise * series.slow, self.gain * series.drop
            ):
                continue
            share = noise / series.slow
            times = (share / self.wanted) * (share / self.wanted)  # a power would overflow
            if not math.isfinite(times):
                continue
            memory[curve.name] = True
            size = f"about {math.ceil(times)} times as many rows"
            if run.validation_size:
                size = f"about {math.ceil(times * run.validation_size):,} rows"
            yield self.event(
                run,
                f"{curve.name} jumps by {percent(share)} from one evaluation to the "
                f"next ({noise:.2g} around {series.slow:.4g}): too noisy to judge; {size} would do",
                confidence=0.8,
                evidence={
                    "curve": curve.name,
                    "noise": noise,
                    "level": series.slow,
                    "times_the_rows": times,
                },
            )

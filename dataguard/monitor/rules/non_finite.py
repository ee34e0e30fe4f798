"""MON004: non-finite."""

from __future__ import annotations

import math
from collections.abc import Iterator

from dataguard.finding import Severity
from dataguard.monitor.rule import Event, Losses, Memory, Rule, Run

GRADIENTS = ("grad_norm", "gradient_norm")
"""Names of the gradient's norm among the metrics."""


class NonFinite(Rule):
    """A loss or the gradients' norm is NaN or infinite.

    ## Why is this bad?
    One NaN in the loss makes every weight NaN at the next step; nothing after it can be used.

    ## How it works
    Each loss given is looked at, and the metric `grad_norm`. A NaN is never an improvement and
    never replaces the best. A gradient norm that is not finite is a warning: loss scaling skips
    such steps, now and then, on purpose. What stays so is told once.

    ## What to do
    Go back to the last checkpoint before it. Look for NaN and infinite cells in the input
    (`dataguard lint`), for logarithms and divisions by zero; lower the learning rate, clip the
    gradients, use bfloat16 in place of float16.
    """

    code = "MON004"
    name = "non-finite"
    severity = Severity.ERROR
    bad = Losses(train=(0.9, 0.81, float("nan")), val=(0.92, 0.84, 0.78))
    good = Losses(train=(0.9, 0.81, 0.74), val=(0.92, 0.84, 0.78))

    def judge(self, run: Run, memory: Memory) -> Iterator[Event]:
        values = run.validated
        if run.trained is not None:
            values = {"training loss": run.trained, **values}
        if run.metrics:
            values = values | {n: v for n, v in run.metrics.items() if n in GRADIENTS}
        for name, value in values.items():
            if math.isfinite(value):
                memory.pop(name, None)
            elif name not in memory:
                memory[name] = True
                yield self._told(run, name, value)

    def _told(self, run: Run, name: str, value: float) -> Event:
        shown = "NaN" if math.isnan(value) else "infinite"
        return self.event(
            run,
            f"{name} is {shown} at step {run.step}: go back to the last checkpoint; look for NaN "
            "in the input, lower the learning rate or clip the gradients",
            since=run.step,
            severity=Severity.WARNING if name in GRADIENTS else None,
            evidence={"value": value, "curve": name},
        )

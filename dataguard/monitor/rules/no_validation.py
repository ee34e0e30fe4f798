"""MON012: no validation."""

from __future__ import annotations

from collections.abc import Iterator

from dataguard.check import Option
from dataguard.errors import did_you_mean
from dataguard.finding import Severity
from dataguard.monitor.rule import Curve, Event, Losses, Memory, Rule, Run


class NoValidation(Rule):
    """The run is not validated: nothing shows whether it overfits.

    ## Why is this bad?
    The training loss falls whether the model learns or memorises. Without a validation loss nobody
    knows when to stop, or which checkpoint to keep.

    ## How it works
    Two hundred training losses were given and no validation loss. Or a `watch` was asked for, and
    five evaluations of something else have come without it: then its name is likely misspelt.

    ## What to do
    Hold out 10 to 20 % of the rows, whole groups together, and evaluate on them a few times an
    epoch. `dataguard lint train.csv --validation validation.csv` tells whether they are apart.
    """

    code = "MON012"
    name = "no-validation"
    severity = Severity.INFO
    bad = Losses(train=tuple(round(0.9 / (1 + i / 50), 2) for i in range(200)))
    good = Losses(
        train=tuple(round(0.9 / (1 + i / 50), 2) for i in range(200)),
        val=tuple(round(0.1 + 0.9 / (1 + i / 50), 2) for i in range(200)),
    )
    after = Option(200, "Training losses without a validation loss. Our own choice.", low=2)

    unseen = Option(5, "Evaluations without the `watch` that was asked for. Our own.", low=1)

    def judge(self, run: Run, memory: Memory) -> Iterator[Event]:
        if memory.get("told"):
            return
        if run.main is not None:
            if run.watch is not None and run.main.name != run.watch:
                yield from self._unseen(run, run.main, run.watch, memory)
            return
        if run.train.count < self.after:
            return
        memory["told"] = True
        yield self.event(
            run,
            f"{run.train.count} training losses and no validation loss: nothing shows whether the "
            "run overfits; hold out 10 to 20 % of the rows and evaluate on them",
            evidence={"training_losses": run.train.count},
        )

    def _unseen(self, run: Run, main: Curve, watch: str, memory: Memory) -> Iterator[Event]:
        if main.series.count < self.unseen:
            return
        memory["told"] = True
        names = [*run.curves, *run.metrics]
        yield self.event(
            run,
            f"'{watch}' was to be watched and has not come in {main.series.count} evaluations: "
            f"{main.name} decides instead{did_you_mean(watch, names)}",
            severity=Severity.WARNING,
            evidence={"watch": watch, "instead": main.name},
        )

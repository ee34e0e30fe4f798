"""MON003: diverging."""

from __future__ import annotations

from collections.abc import Iterator

from dataguard.check import Option
from dataguard.finding import Severity
from dataguard.monitor.rule import Event, Memory, Rule, Run
from dataguard.monitor.series import Series, chance


class Diverging(Rule):
    """The training loss has risen above where it began, and stays there.

    ## Why is this bad?
    The optimiser has left the region in which it can learn. What comes after is worse than the
    weights that the run began with.

    ## How it works
    The level of the training loss (of the validation loss, where no training loss is given) lies
    above its first value by a quarter of that value and by half of all it had gained, far beyond
    its own noise: three times in a row within a tenth of its highest level, or twelve times in a
    row at all. A spike that recovers, a restart and a warm-up do not meet that.

    ## What to do
    Restore the best weights. Lower the learning rate (by 3 to 10 times), lengthen the warm-up,
    clip the gradients' norm. In half precision: bfloat16, or a loss scale.
    """

    code = "MON003"
    name = "diverging"
    severity = Severity.ERROR
    rise = Option(
        0.25, "Rise above the first value, relative to it, for losses above zero.", low=0.0
    )
    gain = Option(0.5, "The same, relative to what had been gained. Both our own choice.", low=0.0)
    row = Option(3, "Values in a row, near the highest, that must agree.", low=1)
    long_row = Option(12, "Values in a row that must agree wherever they lie.", low=1)

    def judge(self, run: Run, memory: Memory) -> Iterator[Event]:
        series, name, told = self._series(run)
        if not told or series.count < 5:
            return
        memory["peak"] = max(memory.get("peak", 0.0), series.excess) if series.since else 0.0
        risen = self._risen(series)
        high = risen and series.excess >= 0.9 * memory["peak"]
        memory["risen"] = memory.get("risen", 0) + 1 if risen else 0
        memory["high"] = memory.get("high", 0) + 1 if high else 0
        agreed = memory["high"] >= self.row or memory["risen"] >= self.long_row
        if not agreed or memory.get("told") == series.best_step:
            return
        memory["told"] = series.best_step
        yield self.event(
            run,
            f"{name} is at {series.level:.4g}, above its first value ({series.first:.4g}) and its "
            f"best ({series.best:.4g} at step {series.best_step}), and does not come down: restore "
            "the best weights and lower the learning rate, or clip the gradients",
            since=series.best_step,
            confidence=1.0 - chance(series.excess, series.noise, series.count),
            evidence={
                "curve": name,
                "first": series.first,
                "best": series.best,
                "now": series.level,
                "noise": series.noise,
            },
        )

    def _series(self, run: Run) -> tuple[Series, str, bool]:
        """The judged series, its name, and whether this update gave it a value."""
        if run.train.count or run.main is None:
            return run.train, "training loss", run.trained is not None
        return run.main.series, run.main.name, run.main in run.fresh

    def _risen(self, series: Series) -> bool:
        above = series.level - series.first
        if series.since < 3 or above <= self.gain * (series.first - series.best):
            return False
        if series.positive and above <= self.rise * series.first:
            return False
        return chance(above, series.noise, series.count) < 0.001

"""What a rule of the monitor is. Rules live in `rules/`, one file a rule."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from dataguard.check import Option
from dataguard.errors import ConfigError, did_you_mean
from dataguard.finding import Severity
from dataguard.monitor.series import Series

Memory = dict[str, Any]
"""What a rule remembers between updates: JSON-able values."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a rule says at one update.

    Attributes:
        code: Rule code, "MON001".
        name: Rule name, "overfitting".
        step: Step of the update that raised it.
        since: Step since which it has been so.
        best_step: Step of the best validation so far, None without one.
        severity: How much it hurts, if true.
        confidence: 0 to 1.
        message: The fact, the numbers, and what to do.
        evidence: The numbers behind the message: effect size, noise, confidence.
    """

    code: str
    name: str
    step: int
    since: int | None
    best_step: int | None
    severity: Severity
    confidence: float
    message: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Curve:
    """One validation curve and what training did beside it.

    Attributes:
        name: "val_loss", the name of a metric, or of one of several validation sets.
        series: Its values; negated where larger is better.
        sign: 1 where smaller is better, -1 where larger is.
        offset: A value v is pushed as sign * (v - offset): shares that are maximised, such as an
            accuracy, are judged as what is missing to 1.
        train_at_best: Level of `Run.between` at the best validation level.
    """

    name: str
    series: Series = field(default_factory=Series)
    sign: int = 1
    offset: float = 0.0
    train_at_best: float | None = None

    def pushed(self, value: float) -> float:
        """A value of the user's as the series holds it."""
        return self.sign * (value - self.offset)

    def value(self, pushed: float) -> float:
        """A value of the series as the user knows it."""
        return self.offset + self.sign * pushed

    def shown(self, pushed: float) -> str:
        """The same for a message."""
        return number(self.value(pushed))


@dataclass(slots=True)
class Run:
    """What rules look at: the run so far and the update at hand.

    Attributes:
        step: Step of this update.
        updates: Updates so far.
        train: The training loss, one value an update that gave one.
        training: The same as a curve.
        between: The training loss, one value an evaluation: the mean since the one before. The
            same object as `train` until a training loss comes without an evaluation.
        since: Sum and number of training losses since the latest evaluation.
        trained: Training loss of this update, also if it is not finite; None where not given.
        validated: Values of this update by curve, also if they are not finite.
        metrics: Other numbers of this update, such as "grad_norm" and "learning_rate".
        metric: Name of the curve that this update took from the metrics, which may be of another
            scale than the losses; None where it took none.
        curves: The validation curves.
        main: The one that decides what is best; None before the first validation.
        fresh: Those that this update gave a finite value.
        validation_size: Rows of the validation set, None where not known.
        watch: Name of the value that decides, as the user gave it.
    """

    step: int = 0
    updates: int = 0
    train: Series = field(default_factory=Series)
    training: Curve = field(init=False)
    between: Series = field(init=False)
    since: list[float] = field(default_factory=lambda: [0.0, 0.0])
    trained: float | None = None
    validated: dict[str, float] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    metric: str | None = None
    curves: dict[str, Curve] = field(default_factory=dict)
    main: Curve | None = None
    fresh: list[Curve] = field(default_factory=list)
    validation_size: int | None = None
    watch: str | None = None

    def __post_init__(self) -> None:
        self.training = Curve("training loss", self.train)
        self.between = self.train


@dataclass(frozen=True, slots=True)
class Losses:
    """A short run, by which the page of a rule shows what it says.

    Attributes:
        train: Training losses, one an update; empty where none is given.
        val: Validation losses, likewise.
        title: One line for the page.
    """

    train: tuple[float, ...] = ()
    val: tuple[float, ...] = ()
    title: str = ""


class Rule:
    """One rule. Subclasses set the class attributes and write `judge`; the docstring is the page.

    Attributes:
        code: "MON001". Never reused.
        name: States the defect: "overfitting".
        severity: Unless the configuration says otherwise.
        bad: A run that raises it.
        good: A run like it of which no rule says anything.
        configured: Values of options that differ from the defaults.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    severity: Severity = Severity.WARNING
    bad: ClassVar[Losses]
    good: ClassVar[Losses]

    def __init__(
        self, configured: Mapping[str, Any] | None = None, severity: Severity | None = None
    ) -> None:
        known = self.options()
        for name in configured or {}:
            if name not in known:
                hint = did_you_mean(name, list(known))
                raise ConfigError(f"{self.code} has no option '{name}'{hint}")
        self.configured = {n: known[n].parse(self.code, v) for n, v in (configured or {}).items()}
        # Looked up in every update: plain attributes are found faster than options.
        vars(self).update({n: self.configured.get(n, o.default) for n, o in known.items()})
        if severity is not None:
            self.severity = severity

    def judge(self, run: Run, memory: Memory) -> Iterator[Event]:
        """The events that this update raises. Called once an update."""
        raise NotImplementedError

    def event(
        self,
        run: Run,
        message: str,
        *,
        since: int | None = None,
        confidence: float = 1.0,
        severity: Severity | None = None,
        evidence: Mapping[str, Any] | None = None,
    ) -> Event:
        """An event of this rule at the update at hand."""
        return Event(
            code=self.code,
            name=self.name,
            step=run.step,
            since=since,
            best_step=None if run.main is None else run.main.series.low_step,
            severity=severity or self.severity,
            confidence=round(confidence, 4),
            message=message,
            evidence={k: rounded(v) for k, v in (evidence or {}).items()},
        )

    @classmethod
    def options(cls) -> dict[str, Option[Any]]:
        """The options by name."""
        found: dict[str, Option[Any]] = {}
        for owner in reversed(cls.__mro__):
            found.update({n: o for n, o in vars(owner).items() if isinstance(o, Option)})
        return found


def number(value: float) -> str:
    """A number as a message shows it: four digits."""
    return f"{value:.4g}"


def percent(part: float) -> str:
    """A share as a message shows it."""
    return f"{100.0 * part:.0f} %" if abs(part) >= 0.1 else f"{100.0 * part:.1f} %"


def rounded(value: Any) -> Any:
    """Floats cut to six digits, and words for those that JSON does not know."""
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else repr(value)
    return value

"""The monitor: a pure state machine that is told of each evaluation and says what it sees."""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from dataguard.errors import UsageError, did_you_mean
from dataguard.finding import Severity
from dataguard.monitor.history import History, Point
from dataguard.monitor.rule import Curve, Event, Memory, Rule, Run
from dataguard.monitor.series import Series, plain, unplain

if TYPE_CHECKING:
    from dataguard.monitor.plotting import Plot

STATE = 1
"""Version of the state dictionary."""

MOST_EVENTS = 200
"""Events that are kept; memory stays bounded however long a run is."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one update brought.

    Attributes:
        step: Its step.
        events: The events that it raised.
        should_stop: Whether to stop now; true from the first event of `stop_on` on.
        improved: Whether the validation value of this update is the best so far.
        best_step: Step of the best validation so far, None without one.
        best: That validation value.
    """

    step: int
    events: tuple[Event, ...]
    should_stop: bool
    improved: bool
    best_step: int | None
    best: float | None


class Monitor:
    """Watches training and validation loss and flags what goes wrong, early.

    Pure: no clock, no input or output, nothing beyond the standard library; memory does not grow
    with the run.

    Args:
        watch: What decides which step is best: "val_loss", one of several validation sets, or a
            metric. None: the validation loss that comes first.
        mode: "min" where a smaller `watch` is better, "max" where a larger one is.
        stop_on: Codes or names of rules whose events ask to stop. None by default: it only warns.
        ignore: Codes or names of rules that are not judged.
        rules: Options by code: {"MON001": {"level": 0.05, "severity": "error"}}.
        validation_size: Rows of the validation set, if known; MON008 then names a size.

    Raises:
        UsageError: No rule has a code or name that was given, or `mode` is neither.
        ConfigError: An option is unknown or out of bounds.
    """

    def __init__(
        self,
        watch: str | None = None,
        mode: str = "min",
        *,
        stop_on: Iterable[str] = (),
        ignore: Iterable[str] = (),
        rules: Mapping[str, Mapping[str, Any]] | None = None,
        validation_size: int | None = None,
    ) -> None:
        if mode not in ("min", "max"):
            raise UsageError(f"mode is 'min' or 'max', not {mode!r}")
        self.watch = watch
        self.mode = mode
        self.validation_size = validation_size
        self.stop_on = _codes(stop_on)
        ignored = _codes(ignore)
        given = {_code(key): dict(value) for key, value in (rules or {}).items()}
        self._rules = [
            _made(r, given.get(r.code, {})) for r in known_rules() if r.code not in ignored
        ]
        self._run = Run(validation_size=validation_size, watch=watch)
        self._memory: dict[str, Memory] = {rule.code: {} for rule in self._rules}
        self._events: list[Event] = []
        self._history = History()
        self._stopping = False

    def update(
        self,
        step: int | None = None,
        train_loss: float | None = None,
        val_loss: float | Mapping[str, float] | None = None,
        metrics: Mapping[str, float] | None = None,
    ) -> Verdict:
        """Tell of one evaluation, or of a training loss between two.

        Args:
            step: Step, epoch or round; counted from 0 where not given.
            train_loss: Mean training loss since the update before.
            val_loss: Validation loss, or one a validation set by name.
            metrics: Other numbers; "grad_norm" and "learning_rate" are looked at, and what
                `watch` names.

        A value that is None, also within a mapping, is one that is missing.

        Returns:
            The events that this update raised, and whether to stop.

        Raises:
            UsageError: A value is no number; nothing has changed.
        """
        run = self._run
        at = _step(run, step)
        trained = None if train_loss is None else _number("train_loss", train_loss)
        others = _numbers(metrics or {})
        losses = _numbers(val_loss if isinstance(val_loss, Mapping) else {"val_loss": val_loss})
        run.step, run.trained, run.metrics = at, trained, others
        run.updates += 1
        run.validated, run.fresh = self._validated(losses), []
        if run.trained is not None and math.isfinite(run.trained):
            self._push_training(run.trained)
        improved = bool(run.validated) and self._push_validation()
        self._history.add(run.step, run.trained, run.validated)
        events = [e for rule in self._rules for e in rule.judge(run, self._memory[rule.code])]
        if events:
            self._events = (self._events + events)[-MOST_EVENTS:]
            self._stopping = self._stopping or any(e.code in self.stop_on for e in events)
        return Verdict(run.step, tuple(events), self._stopping, improved, self.best_step, self.best)

    @property
    def events(self) -> tuple[Event, ...]:
        """All events so far, the last 200 of them."""
        return tuple(self._events)

    @property
    def best_step(self) -> int | None:
        """Step of the best validation so far; None without one."""
        return None if self._run.main is None else self._run.main.series.low_step

    @property
    def best(self) -> float | None:
        """The best validation value so far; None without one."""
        curve = self._run.main
        return None if curve is None or not curve.series.count else curve.value(curve.series.low)

    @property
    def decides(self) -> str | None:
        """Name of the curve whose best is the best; None before the first validation."""
        return None if self._run.main is None else self._run.main.name

    @property
    def noise(self) -> float | None:
        """Standard deviation of the noise of the curve that decides; None before five values."""
        return None if self._run.main is None else self._run.main.series.noise

    @property
    def should_stop(self) -> bool:
        """Whether an event of `stop_on` was raised."""
        return self._stopping

    def history(self) -> dict[str, list[Point]]:
        """The curves so far by name, as (step, value), thinned to at most 256 points each.

        For looking at; rules judge by what `Series` keeps.
        """
        return self._history.curves()

    def plot(self) -> Plot:
        """The curves with the best and the flagged step, as an SVG that a notebook shows."""
        from dataguard.monitor.plotting import plot

        return plot(self)

    def _repr_html_(self) -> str:
        """What a notebook shows: the verdict, the curves and the events."""
        from dataguard.rendering import notebook_run

        return notebook_run(self)

    def state_dict(self) -> dict[str, Any]:
        """The whole state, as JSON-able values."""
        run = self._run
        return {
            "version": STATE,
            "step": run.step,
            "updates": run.updates,
            "stopping": self._stopping,
            "watch": self.watch,
            "mode": self.mode,
            "train": run.train.state_dict(),
            "between": None if run.between is run.train else run.between.state_dict(),
            "since": plain(run.since),
            "curves": [
                {
                    "name": curve.name,
                    "sign": curve.sign,
                    "offset": curve.offset,
                    "train_at_best": curve.train_at_best,
                    "series": curve.series.state_dict(),
                }
                for curve in run.curves.values()
            ],
            "memory": plain(self._memory),
            "events": [_as_json(event) for event in self._events],
            "history": self._history.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where `state_dict` was taken: verdicts are those of a run without interruption.

        Raises:
            UsageError: Another version of dataguard wrote this state, or it watches something else.
        """
        if state.get("version") != STATE:
            raise UsageError(
                f"the monitor's state has version {state.get('version')!r}, this one reads {STATE}"
            )
        if state["updates"] and state["watch"] != self.watch:
            raise UsageError(
                f"the state is of a monitor with watch={state['watch']!r}, this one has "
                f"watch={self.watch!r}"
            )
        self.mode = state["mode"] if state["updates"] else self.mode
        run = Run(
            state["step"],
            state["updates"],
            validation_size=self.validation_size,
            watch=self.watch,
        )
        run.train.load_state_dict(state["train"])
        if state["between"] is not None:
            run.between = Series()
            run.between.load_state_dict(state["between"])
        run.since = unplain(state["since"])
        for one in state["curves"]:
            curve = Curve(one["name"], Series(), one["sign"], one["offset"], one["train_at_best"])
            curve.series.load_state_dict(one["series"])
            run.curves[curve.name] = curve
        run.main = next(iter(run.curves.values()), None)
        self._run = run
        remembered = unplain(state["memory"])
        self._memory = {r.code: remembered.get(r.code, {}) for r in self._rules}
        self._events = [_from_json(event) for event in state["events"]]
        self._history.load_state_dict(state["history"])
        self._stopping = state["stopping"]

    def _validated(self, losses: dict[str, float]) -> dict[str, float]:
        """Values by curve of this update: the losses, and the metric that is watched."""
        run, watch = self._run, self.watch
        run.metric = watch if watch in run.metrics and watch not in losses else None
        if run.metric is None:
            return losses
        return {**losses, run.metric: run.metrics[run.metric]}

    def _push_training(self, value: float) -> None:
        """Add a finite training loss."""
        run = self._run
        if not run.validated and run.between is run.train:  # from here on they differ
            run.between = Series()
            run.between.load_state_dict(run.train.state_dict())
        run.train.push(value, run.step)
        run.since = [run.since[0] + value, run.since[1] + 1.0]

    def _push_validation(self) -> bool:
        """Add this update's validation values to their curves; whether the main one is the best."""
        run = self._run
        improved = False
        if run.since[1]:
            mean = run.since[0] / run.since[1]
            if run.between is not run.train and math.isfinite(mean):  # a sum may overflow
                run.between.push(mean, run.step)
            run.since = [0.0, 0.0]
        for name, value in run.validated.items():
            if name not in run.curves:
                self._new_curve(name)
            curve = run.curves[name]
            if not math.isfinite(value):
                continue
            if not curve.series.count and curve.sign < 0 and 0.0 <= value <= 1.0:
                curve.offset = 1.0
            run.fresh.append(curve)
            before, low = curve.series.best, curve.series.low
            curve.series.push(curve.pushed(value), run.step)
            if curve.series.best < before:
                curve.train_at_best = run.between.level if run.between.count else None
            if curve is run.main:
                improved = curve.series.low < low
        return improved

    def _new_curve(self, name: str) -> None:
        run = self._run
        sign = -1 if self.mode == "max" and name == (self.watch or name) else 1
        run.curves[name] = Curve(name, Series(), sign)
        if name == self.watch:  # it decides, whenever it comes
            run.curves = {name: run.curves.pop(name), **run.curves}
        run.main = next(iter(run.curves.values()))


@cache
def known_rules() -> tuple[type[Rule], ...]:
    """All rules, by code."""
    from dataguard.monitor import rules

    found = [
        value
        for module in pkgutil.iter_modules(rules.__path__, f"{rules.__name__}.")
        for value in vars(importlib.import_module(module.name)).values()
        if isinstance(value, type) and issubclass(value, Rule) and value.__module__ == module.name
    ]
    return tuple(sorted(found, key=lambda rule: rule.code))


def _code(selector: str) -> str:
    """The code of a rule that is named by code or name."""
    for rule in known_rules():
        if selector.upper() == rule.code or selector.lower() == rule.name:
            return rule.code
    names = [word for rule in known_rules() for word in (rule.code, rule.name)]
    raise UsageError(f"no rule '{selector}'{did_you_mean(selector, names)}")


def _codes(selectors: Iterable[str]) -> frozenset[str]:
    listed = [selectors] if isinstance(selectors, str) else selectors
    return frozenset(_code(selector) for selector in listed)


def _made(rule: type[Rule], options: dict[str, Any]) -> Rule:
    severity = options.pop("severity", None)
    names = {str(s): s for s in Severity}
    if severity is not None and str(severity) not in names:
        raise UsageError(f"{rule.code}: severity is one of {', '.join(names)}, not {severity!r}")
    return rule(options, None if severity is None else names[str(severity)])


def _step(run: Run, step: int | None) -> int:
    """The step of an update."""
    if step is None:
        return run.step + 1 if run.updates else 0
    try:
        return int(step)
    except (TypeError, ValueError, OverflowError):
        raise UsageError(f"step is {step!r}, no number") from None


def _numbers(values: Mapping[str, float | None]) -> dict[str, float]:
    """The values that are there."""
    return {str(k): _number(k, v) for k, v in values.items() if v is not None}


def _number(name: str, value: float) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError, RuntimeError):  # the last: PyTorch's
        raise UsageError(f"{name} is {str(value)[:40]!r}, no number") from None


def _as_json(event: Event) -> dict[str, Any]:
    values = {name: getattr(event, name) for name in Event.__slots__}
    return values | {"severity": str(event.severity), "evidence": dict(event.evidence)}


def _from_json(values: Mapping[str, Any]) -> Event:
    return Event(**{**values, "severity": Severity[str(values["severity"]).upper()]})

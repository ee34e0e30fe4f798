"""What `dataguard watch` found: the verdict, the events, and what was not judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dataguard.errors import UsageError, did_you_mean
from dataguard.finding import Outcome, Severity, Status
from dataguard.monitor.core import Monitor, known_rules
from dataguard.monitor.picture import flagged
from dataguard.monitor.replay import Replay, Seen
from dataguard.monitor.rule import Event, number

FEWEST = 7
"""Evaluations before each run can be judged; a gross turn is told from the fourth on."""

NEED_VALIDATION = frozenset({"MON001", "MON002", "MON006", "MON007", "MON008", "MON009"})
NEED_TRAINING = frozenset({"MON002", "MON006", "MON007", "MON011", "MON012"})


@dataclass(frozen=True, slots=True)
class Watched:
    """A run that was watched.

    Attributes:
        path: The log as the user named it.
        monitor: The monitor that was told of it.
        seen: The events with their lines, in the order in which they came.
        evaluations: Updates with a validation value.
        losses: Updates with a training loss.
        outcomes: Of each rule, whether it was judged.
    """

    path: str
    monitor: Monitor
    seen: tuple[Seen, ...]
    evaluations: int
    losses: int
    outcomes: tuple[Outcome, ...]

    @property
    def flag(self) -> Event | None:
        """The event that says most, None where nothing is wrong."""
        return flagged((seen.event for seen in self.seen), self.monitor.best_step)

    @property
    def verdict(self) -> str:
        """What is to be said of the run, in one sentence."""
        best = ""
        if self.monitor.best_step is not None and self.monitor.best is not None:
            best = f"the best step is {self.monitor.best_step} ({number(self.monitor.best)})"
        event = self.flag
        if event is not None:
            return _sentence(self._told(event), best)
        if not self.evaluations:
            losses = "1 training loss" if self.losses == 1 else f"{self.losses:,} training losses"
            return _sentence(
                f"nothing wrong in {losses}; without validation, overfitting is unseen"
            )
        if self.evaluations < FEWEST:
            plural = "" if self.evaluations == 1 else "s"
            return _sentence(f"too few to judge: {self.evaluations} evaluation{plural}", best)
        return _sentence(f"nothing wrong in {self.evaluations:,} evaluations", best)

    def _told(self, event: Event) -> str:
        since = "" if event.since in (None, event.step) else f" since step {event.since}"
        name, curve = event.name.replace("-", " "), event.evidence.get("curve")
        if curve in self.monitor.history() and curve != self.monitor.decides:
            # The best step is another curve's: say whose trouble it is.
            return f"{name} on {curve}{since}, flagged at step {event.step}"
        told = f"{name}{since}, flagged at step {event.step}"
        again = event.since is not None and event.best_step not in (None, self.monitor.best_step)
        return f"{told}, but {self.monitor.decides} has improved since" if again else told

    def fails(self, fail_on: str) -> bool:
        """Whether an event is at or above `fail_on`: "error", "warning", "info" or "never"."""
        if fail_on == "never":
            return False
        return any(seen.event.severity >= Severity[fail_on.upper()] for seen in self.seen)


def watched(path: str, replay: Replay, ignored: Iterable[str]) -> Watched:
    """What was found in a log that was replayed."""
    left_out = frozenset(ignored)
    outcomes = tuple(_outcome(rule.code, rule.name, replay, left_out) for rule in known_rules())
    return Watched(
        path, replay.monitor, tuple(replay.seen), replay.evaluations, replay.losses, outcomes
    )


def left_out(select: Iterable[str], ignore: Iterable[str]) -> frozenset[str]:
    """Codes of the rules that are not judged.

    Args:
        select: Codes, names or the family "MON"; none of them: all rules.
        ignore: Codes, names or the family.

    Raises:
        UsageError: There is no such rule.
    """
    chosen = [code for word in select for code in _codes(word)]
    known = frozenset(rule.code for rule in known_rules())
    ignored = frozenset(code for word in ignore for code in _codes(word))
    return ignored | (known - frozenset(chosen) if chosen else frozenset())


def _codes(word: str) -> list[str]:
    found = [
        rule.code
        for rule in known_rules()
        if word.upper() in (rule.code, rule.code.rstrip("0123456789")) or word.lower() == rule.name
    ]
    if not found:
        names = [name for rule in known_rules() for name in (rule.code, rule.name)]
        raise UsageError(f"no rule '{word}'{did_you_mean(word, names)}")
    return found


def _outcome(code: str, name: str, replay: Replay, ignored: frozenset[str]) -> Outcome:
    reason = ""
    if code in ignored:
        reason = "left out by --select or --ignore"
    elif code in NEED_VALIDATION and not replay.evaluations:
        reason = "the log has no validation values"
    elif code in NEED_TRAINING and not replay.losses:
        reason = "the log has no training loss"
    elif code in NEED_VALIDATION and replay.evaluations < FEWEST:
        reason = f"fewer than {FEWEST} evaluations"
    return Outcome(code, name, Status.SKIPPED if reason else Status.RAN, reason)


def _sentence(*parts: str) -> str:
    text = "; ".join(part for part in parts if part)
    return f"{text[:1].upper()}{text[1:]}."

"""Runs checks together: what they await is answered in one shared pass after another."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from dataguard.check import Check, Need, Skip
from dataguard.dataset import Dataset, Kind
from dataguard.finding import Finding, Outcome, Status
from dataguard.queries import Derived, Query, Together

if TYPE_CHECKING:
    from collections.abc import Generator


class Engine(Protocol):
    """Answers queries in few passes over the data."""

    def answer(self, queries: Sequence[Query[Any]]) -> list[Any]:
        """The answers, parallel to `queries`, all of one shared pass."""


Progress = Callable[[int, int], None]
"""Called with (checks done, checks in all) whenever a check ends."""


@dataclass(eq=False)
class _Task:
    """One coroutine on its way: a check, or something derived that checks share."""

    steps: Generator[Query[Any], Any, Any]
    seconds: float = 0.0
    answer: Any = None
    error: Exception | None = None
    query: Query[Any] | None = None
    result: Any = None
    done: bool = False

    def advance(self) -> None:
        """Run up to the next await, or to the end."""
        start = time.perf_counter()
        try:
            if self.error is not None:
                error, self.error = self.error, None
                self.query = self.steps.throw(error)
            else:
                self.query = self.steps.send(self.answer)
        except StopIteration as stop:
            self.result, self.done = stop.value, True
        except Exception as error:  # noqa: BLE001 - a check may fail in any way; it becomes an outcome
            self.error, self.done = error, True
        self.answer = None
        self.seconds += time.perf_counter() - start


@dataclass(eq=False)
class Runner:
    """One run of some checks over one dataset.

    Attributes:
        engine: Where queries are answered.
        data: What the checks look at.
        progress: Told after every check that ends.
    """

    engine: Engine
    data: Dataset
    progress: Progress | None = None
    _shared: dict[Callable[..., Any], _Task] = field(default_factory=dict)

    def run(self, checks: Sequence[Check]) -> tuple[list[Finding], list[Outcome]]:
        """All findings, and one outcome a check, in the order of `checks`."""
        skipped = {check: why_not(check, self.data) for check in checks}
        tasks = {c: _Task(_drive(_findings(c, self.data))) for c in checks if not skipped[c]}
        self._loop(list(tasks.values()), len(checks))
        findings: list[Finding] = []
        outcomes: list[Outcome] = []
        for check in checks:
            if check not in tasks:
                reason = skipped[check]
                outcomes.append(Outcome(check.code, check.name, Status.SKIPPED, reason))
                continue
            task = tasks[check]
            findings.extend(task.result or ())
            outcomes.append(_outcome(check, task))
        return findings, outcomes

    def _loop(self, tasks: list[_Task], total: int) -> None:
        """Advance every task to its next await, answer what they await, and again."""
        waiting = list(tasks)
        while waiting or not all(t.done for t in self._shared.values()):
            active = waiting + [t for t in self._shared.values() if not t.done]
            for task in active:
                if task.query is None:
                    task.advance()
            waiting = [t for t in waiting if not t.done]
            if self.progress:
                self.progress(total - len(waiting), total)
            self._answer(waiting)

    def _answer(self, waiting: list[_Task]) -> None:
        """Give every waiting task its answer, unless that is still being derived."""
        for task in waiting:
            if isinstance(task.query, Derived):
                self._share(task.query)
        asking = [t for t in [*waiting, *self._shared.values()] if not t.done and t.query]
        flat = [q for t in asking for q in _flat(t.query) if not isinstance(q, Derived)]
        answers = iter(self._pass(flat))
        for task in asking:
            if isinstance(task.query, Derived):
                self._hand_over(task)
                continue
            parts = [next(answers) for _ in _flat(task.query)]
            failed = [p for p in parts if isinstance(p, _Failure)]
            if failed:
                task.error = failed[0].error
            else:
                task.answer = tuple(parts) if isinstance(task.query, Together) else parts[0]
            task.query = None

    def _share(self, query: Derived[Any]) -> None:
        """Start deriving what `query` asks for, unless some other check has asked before."""
        if query.derive not in self._shared:
            task = _Task(_drive(query.derive(self.data)))
            self._shared[query.derive] = task
            task.advance()

    def _hand_over(self, task: _Task) -> None:
        """Answer a task that awaits a derivation, once that is done."""
        assert isinstance(task.query, Derived)
        source = self._shared[task.query.derive]
        if source.done:
            task.error, task.answer, task.query = source.error, source.result, None

    def _pass(self, queries: list[Query[Any]]) -> list[Any]:
        """Answers to all queries; where the batch fails, each alone, so that one fails alone."""
        if not queries:
            return []
        try:
            return self.engine.answer(queries)
        except Exception as error:  # noqa: BLE001 - whatever a query makes the engine raise
            if len(queries) == 1:
                return [_Failure(error)]
        return [self._pass([query])[0] for query in queries]


@dataclass(frozen=True)
class _Failure:
    """In place of an answer: the query could not be answered."""

    error: Exception


def why_not(check: Check, data: Dataset) -> str:
    """The reason why `check` cannot run on `data`, empty where it can."""
    if not data.splits:
        return "no record could be read"
    for need in check.needs:
        if not _has(need, data):
            return str(need)
    return ""


def _has(need: Need, data: Dataset) -> bool:
    label = data.train.label
    match need:
        case Need.LABEL:
            return label is not None
        case Need.CLASSES:
            return label is not None and label.is_classes
        case Need.HOLDOUT:
            return bool(data.holdouts)
        case Need.TEXT:
            return any(c.kind is not Kind.EMPTY for c in data.train.texts)
        case Need.ID | Need.GROUP:
            return bool(data.train.of_role(need.name.lower()))


async def _findings(check: Check, data: Dataset) -> list[Finding]:
    return [finding async for finding in check.run(data)]


def _drive(coroutine: Coroutine[Query[Any], Any, Any]) -> Generator[Query[Any], Any, Any]:
    """A coroutine as a plain generator of the queries that it awaits."""
    return (yield from coroutine.__await__())


def _flat(query: Query[Any] | None) -> Sequence[Query[Any]]:
    if query is None:
        return ()
    return query.queries if isinstance(query, Together) else (query,)


def _outcome(check: Check, task: _Task) -> Outcome:
    seconds = round(task.seconds, 4)
    if task.error is None:
        return Outcome(check.code, check.name, Status.RAN, "", seconds, check.sampled)
    if isinstance(task.error, Skip):
        return Outcome(check.code, check.name, Status.SKIPPED, str(task.error), seconds)
    first = (str(task.error).strip() or "no message").splitlines()[0][:300]
    reason = f"{type(task.error).__name__}: {first}"
    return Outcome(check.code, check.name, Status.CRASHED, reason, seconds)

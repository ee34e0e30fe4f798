"""Runs checks together: what they await is answered in one shared pass after another."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

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


class _Task(msgspec.Struct, eq=False):
    """One coroutine on its way: a check, or something derived that checks share."""

    steps: Generator[Query[Any], Any, Any]
    seconds: float = 0.0
    answer: Any = None
    error: Exception | None = None
    query: Query[Any] | None = None
    parts: dict[int, Any] = msgspec.field(default_factory=dict)
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

    def fail(self, error: Exception) -> None:
        """End with `error`: what it awaits will never come."""
        self.steps.close()
        self.error, self.done = error, True


class Runner(msgspec.Struct, eq=False):
    """One run of some checks over one dataset.

    Attributes:
        engine: Where queries are answered.
        data: What the checks look at.
        progress: Told after every check that ends.
    """

    engine: Engine
    data: Dataset
    progress: Progress | None = None
    _shared: dict[Callable[..., Any], _Task] = msgspec.field(default_factory=dict)

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

    def _loop(self, checks: list[_Task], total: int) -> None:
        """Advance every task to its next await, answer what they await, and again."""
        while True:
            self._advance(checks)
            left = sum(not task.done for task in checks)
            if self.progress:
                self.progress(total - left, total)
            if not left:
                return
            self._ask([t for t in (*checks, *self._shared.values()) if not t.done])

    def _advance(self, checks: list[_Task]) -> None:
        """Run every task until it awaits what the engine alone, or another task, can answer."""
        moved = True
        while moved:
            moved = False
            for task in (*checks, *self._shared.values()):
                while not task.done and self._ready(task):
                    task.advance()
                    moved = True
                    for query in _leaves(task.query):
                        self._share(query)

    def _ready(self, task: _Task) -> bool:
        """Whether `task` may go on; hands it its answer once all parts of that are there."""
        if task.query is None:
            return True
        leaves = _leaves(task.query)
        for i, leaf in enumerate(leaves):
            if isinstance(leaf, Derived) and self._shared[leaf.derive].done:
                source = self._shared[leaf.derive]
                task.parts[i] = _Failure(source.error) if source.error else source.result
        if len(task.parts) < len(leaves):
            return False
        parts = [task.parts[i] for i in range(len(leaves))]
        failed = [p for p in parts if isinstance(p, _Failure)]
        if failed:
            task.error = failed[0].error
        else:
            task.answer = _assembled(task.query, iter(parts))
        task.query, task.parts = None, {}
        return True

    def _ask(self, waiting: list[_Task]) -> None:
        """Let the engine answer, in one pass, all that is awaited of it."""
        asked = [
            (task, i, leaf)
            for task in waiting
            for i, leaf in enumerate(_leaves(task.query))
            if not isinstance(leaf, Derived) and i not in task.parts
        ]
        if not asked:
            for task in waiting:
                task.fail(RuntimeError("what it awaits awaits itself"))
            return
        answers = self._pass([leaf for _, _, leaf in asked])
        for (task, i, _), answer in zip(asked, answers, strict=True):
            task.parts[i] = answer

    def _share(self, query: Query[Any]) -> None:
        """Begin to derive what `query` asks for, unless some other task has asked before."""
        if isinstance(query, Derived) and query.derive not in self._shared:
            self._shared[query.derive] = _Task(_drive(query.derive(self.data)))

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


class _Failure(msgspec.Struct, frozen=True):
    """In place of an answer: the query could not be answered."""

    error: Exception


def why_not(check: Check, data: Dataset) -> str:
    """The reason why `check` cannot run on `data`, empty where it can."""
    if not data.splits:
        return "the train split holds no record"
    for need in check.needs:
        if not _has(need, data):
            if need is Need.HOLDOUT and data.given_empty:
                return f"the {data.given_empty[0]} split holds no record"
            missing = need is Need.CLASSES and data.train.label is None
            return str(Need.LABEL if missing else need)
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


def _leaves(query: Query[Any] | None) -> list[Query[Any]]:
    """The single queries that `query` is made of."""
    if query is None:
        return []
    if isinstance(query, Together):
        return [leaf for part in query.queries for leaf in _leaves(part)]
    return [query]


def _assembled(query: Query[Any], answers: Iterator[Any]) -> Any:
    """The answer of `query` from those of its leaves, in their order."""
    if isinstance(query, Together):
        return tuple(_assembled(part, answers) for part in query.queries)
    return next(answers)


def _outcome(check: Check, task: _Task) -> Outcome:
    seconds = round(task.seconds, 4)
    if task.error is None:
        return Outcome(check.code, check.name, Status.RAN, "", seconds, check.sampled)
    if isinstance(task.error, Skip):
        return Outcome(check.code, check.name, Status.SKIPPED, str(task.error), seconds)
    first = (str(task.error).strip() or "no message").splitlines()[0][:300]
    reason = f"{type(task.error).__name__}: {first}"
    return Outcome(check.code, check.name, Status.CRASHED, reason, seconds)

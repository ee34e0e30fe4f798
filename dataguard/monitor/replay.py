"""A log through the monitor: the events that it would have raised while the run went on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dataguard.monitor.core import Monitor
from dataguard.monitor.logs.columns import Columns, Given, Reading
from dataguard.monitor.logs.rows import Row
from dataguard.monitor.logs.tail import Tail
from dataguard.monitor.rule import Event


@dataclass(frozen=True, slots=True)
class Seen:
    """An event and where the log shows it.

    Attributes:
        event: The event.
        line: 1-based line of the log, None where the format has none.
    """

    event: Event
    line: int | None


class Replay:
    """Feeds what a log says to a monitor, as a callback does while a run goes on.

    Rows of one step, such as training and validation of an epoch, are one update. A training loss
    between two evaluations is an update of its own, as in the callback of Hugging Face's Trainer.

    Args:
        path: The log, for messages.
        given: Columns and mode, where they are not to be recognised.
        monitor: The monitor that is told; None for one with the defaults, in the mode that the
            log's columns call for.
        ignore: Codes of rules that the monitor made here does not judge.

    Attributes:
        monitor: The monitor.
        columns: The columns as far as they are known.
        seen: All events so far.
        evaluations: Updates with a validation value.
        losses: Updates with a training loss.
        last_step: The step of the last update.
    """

    def __init__(
        self,
        path: str,
        given: Given | None = None,
        monitor: Monitor | None = None,
        ignore: Iterable[str] = (),
    ) -> None:
        self._path = path
        self._given = given
        self._ignore = tuple(ignore)
        self._own = monitor is None
        self.monitor = Monitor(ignore=self._ignore) if monitor is None else monitor
        self._begin()

    def _begin(self) -> None:
        self.columns = Columns(self._path, self._given)
        self.seen: list[Seen] = []
        self.evaluations = self.losses = 0
        self.last_step: int | None = None
        self._pending: Reading | None = None

    def take(self, rows: Sequence[Row]) -> list[Seen]:
        """The events of these rows; the last row waits for what the next one brings.

        Raises:
            SourceError: A loss or a step is a word.
        """
        found: list[Seen] = []
        readings = list(self.columns.readings(rows))
        if self._own and not self.evaluations:
            self.monitor.mode = self.columns.mode
        for reading in readings:
            if self._pending is None:
                self._pending = reading
            elif _together(self._pending, reading):
                _merge(self._pending, reading)
            else:
                found += self.settle()
                self._pending = reading
        return found

    def settle(self) -> list[Seen]:
        """The events of the row that waits."""
        reading, self._pending = self._pending, None
        if reading is None:
            return []
        if not reading.val and reading.train is None and "grad_norm" not in reading.metrics:
            return []
        train = None if reading.train is None else self.columns.train_sign * reading.train
        verdict = self.monitor.update(reading.step, train, reading.val or None, reading.metrics)
        self.evaluations += bool(reading.val)
        self.losses += reading.train is not None
        self.last_step = verdict.step
        found = [Seen(event, reading.line) for event in verdict.events]
        self.seen += found
        return found

    def takes_up(self, rows: Sequence[Row]) -> bool:
        """Whether rows of a new file go on where the last one ended, as after a rotation."""
        steps = (reading.step for reading in self.columns.readings(rows))
        first = next((step for step in steps if step is not None), None)
        return first is None or self.last_step is None or first > self.last_step

    def restart(self) -> None:
        """Begin anew: the log was written anew. Only of a monitor that was made here."""
        self.monitor = Monitor(ignore=self._ignore)
        self._begin()


def replay(path: str | Path, monitor: Monitor | None = None, given: Given | None = None) -> Replay:
    """Feed a whole log to a monitor.

    Args:
        path: A log file, or a folder of TensorBoard, CatBoost, Lightning or Hugging Face.
        monitor: The monitor; None for one with the defaults, in the mode that the log's columns
            call for.
        given: Columns and mode, where they are not to be recognised.

    Raises:
        SourceError: The log cannot be read.
        UsageError: It has no column that is known, or not those that were named.
    """
    told = Replay(str(path), given, monitor)
    for rows in Tail(Path(path)).whole():
        told.take(rows)
    told.settle()
    told.columns.require()
    return told


def _together(one: Reading, other: Reading) -> bool:
    """Whether two readings are of one update: the same step, and no value twice."""
    if one.step is None or one.step != other.step:
        return False
    return (one.train is None or other.train is None) and not set(one.val) & set(other.val)


def _merge(one: Reading, other: Reading) -> None:
    one.train = other.train if one.train is None else one.train
    one.val |= other.val
    one.metrics |= other.metrics
    if other.val:
        one.line = other.line

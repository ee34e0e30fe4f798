"""Text logs of any form, by a regular expression of the user."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from dataguard.errors import SourceError, UsageError, did_you_mean
from dataguard.monitor.logs.lines import Lines
from dataguard.monitor.logs.rows import Row, Value, value_of

LONGEST = 2000
"""Characters of a line that are searched: a bound on what a slow expression can cost."""

PATIENCE = 2.0
"""Seconds that one line may take. An expression with repetitions in repetitions may need longer
than anyone waits."""

GROUPS = {"step": "step", "train": "train_loss", "val": "val_loss"}


class Pattern:
    """Reads the lines in which a regular expression is found.

    Args:
        path: The log, for messages.
        pattern: Has the named groups `train` or `val`, maybe `step`; further ones are metrics.

    Raises:
        UsageError: The expression is wrong, or lacks the groups.
    """

    def __init__(self, path: str, pattern: str) -> None:
        self._path = path
        self._pattern = compiled(pattern)
        self._lines = Lines(path, longest=LONGEST, cut=True, overwriting=True)

    def feed(self, data: bytes) -> list[Row]:
        read = (self._row(number, line) for number, line in self._lines.feed(data))
        return [row for row in read if row is not None]

    def close(self) -> list[Row]:
        last = self._lines.close()
        row = None if last is None else self._row(*last, half=True)
        return [] if row is None else [row]

    def _row(self, number: int, line: str, *, half: bool = False) -> Row | None:
        try:
            with _limited():
                found = self._pattern.search(line)
        except TimeoutError:
            reason = f"--pattern takes more than {PATIENCE:g} s on this line; make it simpler"
            raise SourceError(self._path, reason, number) from None
        if found is None:
            return None
        values: dict[str, Value] = {}
        for group, text in found.groupdict().items():
            value = None if text is None else value_of(text)
            if value is not None:
                values[GROUPS.get(group, group)] = value
        return Row(values, line=number, half=half) if values else None


def compiled(pattern: str) -> re.Pattern[str]:
    """The expression, if it is one and has a group `train` or `val`.

    Raises:
        UsageError: It is not.
    """
    try:
        made = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise UsageError(f"--pattern is no regular expression: {error}") from None
    if not {"train", "val"} & set(made.groupindex):
        example = r"'epoch (?P<step>\d+) .*loss (?P<train>\S+) val (?P<val>\S+)'"
        near = did_you_mean("train", list(made.groupindex)) if made.groupindex else ""
        raise UsageError(f"--pattern has no group 'train' or 'val', as in {example}{near}")
    return made


@contextmanager
def _limited() -> Iterator[None]:
    """Raise TimeoutError where the body takes too long; elsewhere than on POSIX, never."""
    posix = hasattr(signal, "setitimer")
    if not posix or threading.current_thread() is not threading.main_thread():
        yield
        return

    def late(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)

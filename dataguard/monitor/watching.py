"""`dataguard watch`: a log, as it stands or as it grows, through the monitor."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from dataguard.errors import SourceError, UsageError
from dataguard.monitor.logs.columns import Given
from dataguard.monitor.logs.growing import Look
from dataguard.monitor.logs.pattern import compiled
from dataguard.monitor.logs.tail import Tail
from dataguard.monitor.replay import Replay, Seen
from dataguard.monitor.watched import Watched, left_out, watched

Say = Callable[[Seen], None]
"""Is handed each event when it comes."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be watched, and how.

    Attributes:
        path: A log, a folder that holds one, or "-" for standard input.
        given: Columns and mode that the user named.
        pattern: Regular expression for lines of text.
        select: Rules that alone are judged: codes, names or "MON".
        ignore: Rules that are not judged.
        follow: Whether to wait for what is still written.
        timeout: Seconds without growth after which following ends; None: never.
        poll: Seconds between two looks.
    """

    path: str
    given: Given = field(default_factory=Given)
    pattern: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    follow: bool = False
    timeout: float | None = None
    poll: float = 1.0


def watch(wish: Wish, say: Say, note: Callable[[str], None]) -> Watched:
    """Watch a log to its end, or until it no longer grows.

    Args:
        wish: What to watch.
        say: Is handed each event when it comes, while a log is followed.
        note: Is told what is waited for.

    Raises:
        UsageError: An option is wrong, or no column is recognised.
        SourceError: The log cannot be read.
    """
    _check(wish)
    ignored = left_out(wish.select, wish.ignore)
    replay = Replay(wish.path, wish.given, ignore=ignored)
    tail = Tail(Path(wish.path), wish.pattern)
    if wish.follow and wish.path != "-":
        _Follower(wish, tail, replay, say, note).run()
    else:
        told: Say = say if wish.follow else _silent
        # Where a stream is followed, an interruption ends it, and what came is judged.
        with suppress(*([KeyboardInterrupt] if wish.follow else [])):
            for rows in tail.whole():
                _each(told, replay.take(rows))
        _each(told, replay.settle())
    replay.columns.require()
    return watched(wish.path, replay, ignored)


class _Follower:
    """Looks at a log again and again.

    An event is said once, also where a log is written anew and gives it again.
    """

    def __init__(
        self, wish: Wish, tail: Tail, replay: Replay, say: Say, note: Callable[[str], None]
    ) -> None:
        self._wish = wish
        self._tail = tail
        self._replay = replay
        self._say = say
        self._note = note
        self._told: set[tuple[str, int, str]] = set()
        self._waiting: SourceError | None = None
        self._began = False

    def run(self) -> None:
        """Follow until the time is over or the user interrupts."""
        grown = time.monotonic()
        with suppress(KeyboardInterrupt):
            while True:
                if self._looked():
                    grown = time.monotonic()
                left = math.inf if self._wish.timeout is None else self._wish.timeout
                left -= time.monotonic() - grown
                if left <= 0:
                    break
                time.sleep(min(self._wish.poll, left))
        if self._waiting is not None:
            raise self._waiting
        self._tell(self._replay.take(self._tail.close()))
        self._tell(self._replay.settle())

    def _looked(self) -> bool:
        """Look once; whether the log grew. A log that is not there yet is waited for."""
        try:
            look = self._tail.poll()
        except SourceError as error:
            if self._began or Path(self._wish.path).is_file():
                raise
            if self._waiting is None:
                self._note(f"waiting for {self._wish.path}")
            self._waiting = error
            return False
        self._waiting = None
        self._took(look)
        if not look.grew:
            self._tell(self._replay.settle())
        return look.grew

    def _took(self, look: Look) -> None:
        self._began = self._began or bool(look.rows or look.fresh or look.grew)
        self._tell(self._replay.take(look.rows))
        if not look.fresh:
            return
        if look.anew or not self._replay.takes_up(look.fresh):
            if not look.anew:
                self._note(f"{self._wish.path} begins anew")
            self._replay.restart()
        self._tell(self._replay.take(look.fresh))

    def _tell(self, found: Iterable[Seen]) -> None:
        for seen in found:
            key = (seen.event.code, seen.event.step, str(seen.event.evidence.get("curve")))
            if key not in self._told:
                self._told.add(key)
                self._say(seen)


def _check(wish: Wish) -> None:
    if wish.pattern is not None:
        compiled(wish.pattern)
    if wish.timeout is not None:
        if not wish.follow:
            raise UsageError("--timeout ends --follow; give both")
        if not wish.timeout >= 0:
            raise UsageError(f"--timeout is in seconds, 0 or more, not {wish.timeout:g}")
    if not 0.01 <= wish.poll <= 3600:
        raise UsageError(f"--poll is in seconds, from 0.01 to 3600, not {wish.poll:g}")
    if wish.given.mode not in (None, "min", "max"):
        raise UsageError(f"--mode is 'min' or 'max', not '{wish.given.mode}'")


def _silent(seen: Seen) -> None:
    """Events of a log that is read at once are in the report."""


def _each(say: Say, found: Iterable[Seen]) -> None:
    for seen in found:
        say(seen)

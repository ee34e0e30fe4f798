"""The progress bar: on stderr, on a terminal, for anything over a second."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType

DELAY = 1.0
"""Seconds before the bar shows: a shorter run needs none."""


class Bar:
    """Shows how many checks of the current dataset are done, once the run takes over a second."""

    def __init__(self, enabled: bool) -> None:
        self._enabled = enabled
        self._lock = threading.Lock()
        self._state = ("", 0, 1)
        self._timer: threading.Timer | None = None
        self._hide: Callable[[], None] | None = None
        self._draw: Callable[[], None] | None = None

    def start(self, name: str) -> Callable[[int, int], None]:
        """Begin a dataset; the answer is called with (checks done, checks in all)."""

        def advance(done: int, of: int) -> None:
            with self._lock:
                self._state = (name, done, of)
                if self._draw:
                    self._draw()

        advance(0, 1)
        return advance

    def __enter__(self) -> Bar:
        if self._enabled:
            self._timer = threading.Timer(DELAY, self._show)
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._timer:
            self._timer.cancel()
        with self._lock:
            if self._hide:
                self._hide()
            self._draw = self._hide = None
            self._enabled = False

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
        )
        from rich.text import Text

        from dataguard.rendering import visible

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        progress = Progress(
            *columns, TextColumn("checks"), TimeElapsedColumn(),
            console=Console(stderr=True), transient=True,
        )  # fmt: skip
        task = progress.add_task("", total=1)

        def draw() -> None:
            name, done, of = self._state
            shown_name = Text(visible(name)[-40:]).markup
            progress.update(task, description=shown_name, completed=done, total=of)

        with self._lock:
            if not self._enabled:
                return
            progress.start()
            draw()
            self._draw, self._hide = draw, progress.stop

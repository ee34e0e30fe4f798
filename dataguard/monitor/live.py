"""A panel in the terminal that shows the run while it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING

from dataguard.finding import Severity
from dataguard.monitor.chart import LABEL, chart
from dataguard.monitor.core import Monitor
from dataguard.monitor.picture import picture
from dataguard.monitor.rule import number
from dataguard.rendering import visible

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

WIDTH = 80
"""Columns of the panel at most."""

LAST = 3
"""Events that the panel shows, the newest ones."""

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


class Live:
    """Shows a run on standard error while the body of the `with` goes on.

        monitor = Monitor()
        with Live(monitor):
            trainer.fit(...)  # with a callback that tells `monitor`

    A thread of its own looks at the monitor a few times a second, so no training step waits for
    it, and it works with every callback. Where standard error is no terminal, it does nothing.

    Args:
        monitor: The monitor to show.
        rate: Drawings a second.
        console: Where to draw; None for standard error.
    """

    def __init__(
        self, monitor: Monitor, *, rate: float = 2.0, console: Console | None = None
    ) -> None:
        self.monitor = monitor
        self._rate = rate
        self._console = console
        self._shown: AbstractContextManager[object] | None = None

    def __enter__(self) -> Live:
        from rich.console import Console
        from rich.live import Live as Drawn

        console = self._console or Console(stderr=True)
        if console.is_terminal and not console.is_dumb_terminal:
            self._shown = Drawn(
                get_renderable=lambda: panel(self.monitor, min(console.width, WIDTH)),
                console=console,
                refresh_per_second=self._rate,
            )
            self._shown.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        shown, self._shown = self._shown, None
        if shown is not None:
            shown.__exit__(kind, error, trace)


def panel(monitor: Monitor, width: int = WIDTH) -> RenderableType:
    """The run as it stands, in a frame of `width` columns."""
    from rich.panel import Panel
    from rich.text import Text

    text = Text("\n").join(Text(line, style) for line, style in _lines(monitor, width))
    return Panel(text, title="dataguard", width=width, border_style=_border(monitor))


def _lines(monitor: Monitor, width: int) -> Iterator[tuple[str, str]]:
    """Lines with their styles; none is read as markup."""
    history = monitor.history()
    now = [f"{visible(name)} {number(points[-1][1])}" for name, points in history.items() if points]
    if not now:
        yield "waiting for the first update", "dim"
        return
    step = max(points[-1][0] for points in history.values() if points)
    best = ""
    if monitor.best_step is not None and monitor.best is not None:
        best = f"; best {number(monitor.best)} at step {monitor.best_step}"
    yield f"step {step}: {', '.join(now)}{best}", "bold"
    shown = picture(monitor)
    if shown is not None:
        for line in chart(shown, max(width - 4, LABEL + 20)):
            yield line, ""
    for event in monitor.events[-LAST:]:
        told = f"step {event.step} {event.code} {event.name}: {visible(event.message)}"
        yield told, STYLES[event.severity]


def _border(monitor: Monitor) -> str:
    worst = max((event.severity for event in monitor.events), default=None)
    return "green" if worst is None else STYLES[worst]

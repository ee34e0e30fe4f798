"""The live view: what it shows in a terminal, and that it is nowhere else."""

from __future__ import annotations

import io
import math
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from rich.console import Console

from dataguard.monitor import Monitor
from dataguard.monitor.live import Live, panel


def told(monitor: Monitor, name: str = "val_loss", count: int = 60) -> Monitor:
    for i in range(count):
        val = 1.0 - 0.03 * min(i, 20) + 0.01 * max(i - 20, 0) + 0.002 * (-1) ** i
        monitor.update(10 * i, 0.9 ** (i / 3), {name: val})
    return monitor


def drawn(monitor: Monitor, width: int = 80) -> list[str]:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    with console.capture() as caught:
        console.print(panel(monitor, width))
    return caught.get().splitlines()


@pytest.mark.parametrize("width", [40, 60, 80])
def test_the_panel_shows_the_losses_the_best_step_and_the_event(width: int) -> None:
    lines = drawn(told(Monitor()), width)
    assert {len(line) for line in lines} == {width}
    text = " ".join(" ".join(line.strip("│ ") for line in lines).split())
    assert "step 590: train_loss " in text
    assert "at step 200" in text
    assert "MON001 overfitting: val_loss is" in text


def test_before_the_first_update_the_panel_says_what_it_waits_for() -> None:
    assert "waiting for the first update" in drawn(Monitor())[1]


def test_names_are_no_markup_and_steer_no_terminal() -> None:
    lines = drawn(told(Monitor(), "[red]val\x1b[2J\u202e[/red]"))
    text = "\n".join(lines)
    assert "[red]val\\x1b[2J\\u202e[/red]" in text
    assert "\x1b" not in text


def test_values_that_are_not_finite_can_be_shown() -> None:
    monitor = Monitor()
    monitor.update(1, math.nan, math.inf)
    assert "train_loss nan, val_loss inf" in drawn(monitor)[1]


def test_in_a_terminal_the_panel_is_drawn_while_training_goes_on() -> None:
    class Screen(io.StringIO):
        def __init__(self) -> None:
            super().__init__()
            self.seen = threading.Event()

        def write(self, text: str) -> int:
            if "MON001" in text:
                self.seen.set()
            return super().write(text)

    screen = Screen()
    monitor = Monitor()
    with Live(monitor, rate=20, console=Console(file=screen, force_terminal=True, width=80)):
        told(monitor)
        assert screen.seen.wait(30)
    assert "dataguard" in screen.getvalue()


def test_where_there_is_no_terminal_nothing_is_drawn() -> None:
    file = io.StringIO()
    monitor = Monitor()
    with Live(monitor, console=Console(file=file, force_terminal=False)):
        told(monitor)
    assert file.getvalue() == ""


def test_an_exception_of_the_training_passes_through() -> None:
    screen = Console(file=io.StringIO(), force_terminal=True)
    with pytest.raises(ZeroDivisionError), Live(Monitor(), console=screen):
        raise ZeroDivisionError


def test_a_training_whose_output_is_piped_prints_nothing(tmp_path: Path) -> None:
    code = (
        "from dataguard.monitor import Monitor\nfrom dataguard.monitor.live import Live\n"
        "with Live(Monitor()) as live:\n    live.monitor.update(1, 0.5, 0.6)\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")

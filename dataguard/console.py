"""Standard output and standard error: what a command prints, whatever they can show."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dataguard.errors import DataguardError

if TYPE_CHECKING:
    from dataguard.rendering import Style


def echo(text: str, *, aside: bool = False) -> None:
    """Print, whatever the encoding of standard output can show; `aside` is standard error."""
    stream = sys.stderr if aside else sys.stdout
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    if not text.endswith("\n"):
        stream.write("\n")
    stream.flush()


def complain(error: DataguardError) -> None:
    """Print an error as one line on standard error."""
    from dataguard.rendering import visible

    echo(f"error: {visible(str(error))}\n", aside=True)


def terminal_style(output: Path | None) -> Style:
    """How a report is laid out: as wide and coloured as the terminal, if it goes there."""
    from dataguard.rendering import Style

    color = output is None and sys.stdout.isatty() and "NO_COLOR" not in os.environ
    color = color or (output is None and "FORCE_COLOR" in os.environ)
    return Style(width() if output is None else 80, color)


def width() -> int:
    """Columns of the terminal, between 40 and 120."""
    import shutil

    return max(40, min(shutil.get_terminal_size((80, 24)).columns, 120))

"""What several commands share: their options, exit codes and lists of codes."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import typer

from dataguard.errors import UsageError

OK, FOUND, BROKEN = 0, 1, 2
"""Exit codes: nothing at or above --fail-on; something; wrong usage or unreadable input."""


class FailOn(StrEnum):
    """Severities from which on the exit code is 1."""

    error = "error"
    warning = "warning"
    info = "info"
    never = "never"


def complete_code(incomplete: str) -> list[tuple[str, str]]:
    """Codes and names of the checks whose code begins so, for the shell's completion."""
    from dataguard.registry import load_checks

    return [(c.code, c.name) for c in load_checks().values() if c.code.startswith(incomplete)]


def option(text: str, metavar: str | None = None) -> Any:
    """A typer option without a name of its own: it is called like its parameter."""
    return typer.Option(metavar=metavar, help=text)


def parsed_codes(values: list[str] | None) -> tuple[str, ...]:
    """The codes, families and names of an option that may be given several times, by comma.

    Raises:
        UsageError: It was given and names nothing.
    """
    parts = (part.strip() for value in values or () for part in value.split(","))
    found = tuple(part for part in parts if part)
    if values and not found:
        raise UsageError(f"'{','.join(values)}' names no check; write LAB002, LAB or a name")
    return found


OUTPUT = option("Write the report here.", "FILE")

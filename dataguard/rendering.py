"""What all report formats share: the style of a terminal, safe text, finding a renderer."""

from __future__ import annotations

import importlib
import pkgutil
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from dataguard.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from types import ModuleType

    from dataguard.finding import Report


@dataclass(frozen=True, slots=True)
class Style:
    """How text is laid out.

    Attributes:
        width: Columns of the terminal.
        color: Whether ANSI colours may be used.
        row_limit: Row numbers a finding that a format writes at most.
    """

    width: int = 80
    color: bool = False
    row_limit: int = 1000


def formats() -> tuple[str, ...]:
    """Names of the report formats, in alphabetical order."""
    package = importlib.import_module("dataguard.reports")
    return tuple(sorted(m.name for m in pkgutil.iter_modules(package.__path__)))


def render(name: str, reports: Sequence[Report], style: Style) -> str:
    """The reports in the format `name`, ending with a newline.

    Raises:
        UsageError: There is no such format.
    """
    return cast("str", _module(name).render(reports, style))


def notebook(report: Report) -> str:
    """The report as a piece of HTML for a notebook cell."""
    return cast("str", _module("markdown").notebook(report))


def _module(name: str) -> ModuleType:
    if name not in formats():
        raise UsageError(f"no format '{name}'{did_you_mean(name, formats())}")
    return importlib.import_module(f"dataguard.reports.{name}")


def visible(text: str) -> str:
    """`text` with every character that could steer a terminal or hide itself as an escape.

    Control characters, line breaks, bidirectional overrides, surrogates and unassigned or
    private characters become escapes (a line break becomes `\\n` in two characters).
    """
    if text.isprintable():
        return text
    return "".join(_escape(c) for c in text)


def _escape(character: str) -> str:
    if character.isprintable() or character == "\u00a0":
        return character
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    if character in named:
        return named[character]
    if unicodedata.category(character) == "Zs":
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

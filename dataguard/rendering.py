"""What all report formats share: the style of a terminal, safe text, finding a renderer."""

from __future__ import annotations

import importlib
import math
import numbers
import pkgutil
import unicodedata
from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, cast

import msgspec

from dataguard.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from dataguard.finding import Finding, Report
    from dataguard.monitor.core import Monitor

FAMILIES = ("FIL", "LEK", "LAB", "DUP", "SPL", "FMT")
"""Families, those first that spoil most: a file misread spoils all, a leak every score."""


class Style(msgspec.Struct, frozen=True):
    """How text is laid out.

    Attributes:
        width: Columns of the terminal.
        color: Whether ANSI colours may be used.
        row_limit: Row numbers a finding that a format writes at most.
        python: Whether the reader is in Python and not at a command line.
        plugins: Files with further checks, whose pages a format may show.
        verbose: Whether every finding is told in full, not the most important ones alone.
    """

    width: int = 80
    color: bool = False
    row_limit: int = 1000
    python: bool = False
    plugins: tuple[Path, ...] = ()
    verbose: bool = False


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


def told(report: Report, style: Style) -> str:
    """The findings alone as the text format tells them, ending with a newline."""
    return cast("str", _module("text").told(report, style))


def notebook(report: Report) -> str:
    """The report as a piece of HTML for a notebook cell."""
    return cast("str", _module("html").notebook(report))


def notebook_run(monitor: Monitor) -> str:
    """A run that is watched as a piece of HTML for a notebook cell."""
    return cast("str", _module("html").notebook_run(monitor))


def by_importance(findings: Sequence[Finding]) -> list[Finding]:
    """Worst first; of one severity the first of every code, then the second; then by family."""
    seen: dict[str, int] = {}
    ranked: list[tuple[tuple[int, ...], Finding]] = []
    for finding in sorted(findings, key=lambda f: (-f.severity, -f.row_count)):
        before = seen.get(finding.code, 0)
        seen[finding.code] = before + 1
        family = finding.code[:3]
        place = FAMILIES.index(family) if family in FAMILIES else len(FAMILIES)
        ranked.append(((-finding.severity, before, place), finding))
    return [finding for _, finding in sorted(ranked, key=lambda pair: pair[0])]


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


def plain(value: Any) -> Any:
    """`value` as what JSON knows: no NaN or infinity, no half surrogate pairs, no other types.

    Mappings come back sorted by key, so that the same facts give the same bytes. NaN and
    infinities become None; dates, decimals and whatever else there is become their `str`.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value) if value.isascii() else _whole(value)
    if isinstance(value, Mapping):
        pairs = {_whole(str(k)): v for k, v in value.items()}
        return {k: plain(pairs[k]) for k in sorted(pairs)}
    if isinstance(value, (Sequence, Set)) and not isinstance(value, (bytes, bytearray)):
        items = sorted(value, key=repr) if isinstance(value, Set) else value
        return [plain(v) for v in items]
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value) if math.isfinite(value) else None
    if hasattr(value, "tolist"):
        listed = value.tolist()
        return str(value) if listed is value else plain(listed)
    return _whole(str(value))


def _whole(text: str) -> str:
    """`text` with U+FFFD for every half of a surrogate pair, which UTF-8 cannot hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

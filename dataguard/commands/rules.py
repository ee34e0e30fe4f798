"""`dataguard explain` and `dataguard checks`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataguard.commands.options import complete_code
from dataguard.console import echo, width

if TYPE_CHECKING:
    from dataguard.check import Check


class ListFormat(StrEnum):
    """Formats of the list of checks."""

    text = "text"
    json = "json"


def explain(
    code: Annotated[
        str,
        typer.Argument(
            metavar="CODE",
            help="Code or name of a check or rule, or a family (LAB).",
            autocompletion=complete_code,
        ),
    ],
) -> None:
    """Show what a check or rule finds, why that hurts, what to do."""
    from dataguard.monitor.core import known_rules
    from dataguard.pages import Described, page_of
    from dataguard.registry import select_checks

    known: dict[str, Described] = {**_known(), **{rule.code: rule for rule in known_rules()}}
    chosen = select_checks(known, [code], [])
    echo("\n".join(page_of(check) for check in chosen))


def checks(
    format_: Annotated[ListFormat, typer.Option("--format", help="Format.")] = ListFormat.text,
) -> None:
    """List all checks and the rules of the monitor."""
    from dataguard.monitor.core import known_rules
    from dataguard.pages import index_json, index_text

    known, rules = _known(), known_rules()
    json = format_ is ListFormat.json
    listed = index_json(known, rules) if json else index_text(known, rules, width())
    echo(listed)


def _known() -> dict[str, type[Check]]:
    """All checks, with those of the plugins that the nearest config names."""
    from dataguard.project import load_project
    from dataguard.registry import load_checks

    return load_checks(load_project(None, Path.cwd()).plugins)

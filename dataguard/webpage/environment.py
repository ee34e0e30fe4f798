"""From a template to a page: everything escaped, nothing from elsewhere, never too large."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from dataguard.rendering import visible
from dataguard.webpage import marking, plots

HERE = Path(__file__).parent

BUDGET = 900_000
"""Bytes of a page; a report that would be larger shows less."""

LONGEST = 600
"""Characters of one text that are shown, whatever it is."""

_CODE = re.compile(r"`([^`]*)`")

L = TypeVar("L")


def page(template: str, values: Mapping[str, Any]) -> str:
    """A whole page, ending with a newline.

    Its policy allows no script, no address, and no style but its own, which is named by its hash.
    """
    css = style("style.css")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return part(template, {**values, "css": Markup(css), "policy": Markup(policy)})


def part(template: str, values: Mapping[str, Any]) -> str:
    """A page or a piece of one, ending with a newline."""
    text = _environment().get_template(template).render(values)
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line) + "\n"


def fitting(render: Callable[[L], str], limits: L, smaller: Callable[[L], L]) -> str:
    """The page with `limits`, or with ever smaller ones until it fits into the budget."""
    while True:
        text = render(limits)
        if len(text.encode("utf-8", "replace")) <= BUDGET:
            return text
        less = smaller(limits)
        if less == limits:
            return text
        limits = less


def prose(message: str) -> Markup:
    """A message, its names in backquotes set as code."""
    parts = _CODE.split(message if len(message) <= LONGEST else message[: LONGEST - 1] + "…")
    return Markup("").join(
        Markup("<code>{}</code>").format(visible(one)) if i % 2 else escape(visible(one))
        for i, one in enumerate(parts)
    )


@cache
def style(name: str) -> str:
    """A style sheet without comments and indentation."""
    text = (HERE / "templates" / name).read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    made.filters["prose"] = prose
    made.filters["number"] = _number
    made.filters["share"] = _share
    made.globals["plots"] = plots
    made.globals["marked"] = marking.marked
    made.globals["with_blanks"] = marking.with_blanks
    return made


def _shown(value: Any) -> Any:
    """What a template writes: text free of what could steer or hide, and not without end."""
    if value is None:
        return ""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        text = visible(value[:LONGEST])
        return text if len(text) <= LONGEST and len(value) <= LONGEST else text[: LONGEST - 1] + "…"
    return value


def _number(value: int) -> str:
    return f"{value:,}"


def _share(value: float) -> str:
    """A share as a percentage that is never rounded to 0 or 100."""
    percent = 100 * value
    if 0 < percent < 0.1:
        return "<0.1 %"
    if 99.9 < percent < 100:
        return ">99.9 %"
    return f"{percent:.1f} %" if percent < 10 and percent % 1 else f"{percent:.0f} %"

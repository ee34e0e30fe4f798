"""The curves of a run as an SVG: one file, without script, font or network."""

from __future__ import annotations

import html
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dataguard.monitor.history import Point
from dataguard.monitor.picture import TRAIN, Picture, picture
from dataguard.monitor.rule import number
from dataguard.rendering import visible

if TYPE_CHECKING:
    from dataguard.monitor.core import Monitor

WIDTH, HEIGHT = 720, 340
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 44, 46

TRAINED = "#6b7280"
COLORS = ("#1d4ed8", "#b45309", "#7c3aed", "#0f766e")
"""Colours of the validation curves; each has a contrast of at least 4.5 to white (WCAG 2.2)."""

GOOD, BAD = "#15803d", "#b91c1c"

LONGEST = 40
"""Characters of a curve's name in the legend."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing.

    Attributes:
        svg: The whole SVG document.
    """

    svg: str

    def __str__(self) -> str:
        return self.svg

    def _repr_svg_(self) -> str:
        """What a notebook shows."""
        return self.svg

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the SVG as UTF-8.

        Raises:
            UsageError: The file cannot be written.
        """
        from dataguard.output import write_text

        write_text(self.svg, Path(path))


def plot(monitor: Monitor) -> Plot:
    """The curves of a run with the best and the flagged step."""
    shown = picture(monitor)
    if shown is None:
        return Plot(
            _document("No finite value yet", [_text(WIDTH / 2, HEIGHT / 2, "no values yet")])
        )
    body = [*_axes(shown), *_marks(shown)]
    body += [line for place in enumerate(shown.curves) for line in _curve(shown, *place)]
    return Plot(_document(_title(shown), [*body, *_legend(shown)]))


def _document(title: str, body: list[str]) -> str:
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" '
        'font-family="sans-serif" font-size="12">'
    )
    background = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
    return "\n".join([head, f"<title>{_safe(title)}</title>", background, *body, "</svg>"]) + "\n"


def _title(shown: Picture) -> str:
    best = "" if shown.best is None else f"best step {shown.best[0]} ({number(shown.best[1])})"
    flag = "" if shown.flag is None else f"{shown.flag.code} {shown.flag.name} at {shown.flag.step}"
    return "; ".join(part for part in ("Training run", best, flag) if part)


def _axes(shown: Picture) -> list[str]:
    right, floor = WIDTH - RIGHT, HEIGHT - BOTTOM
    found = []
    for value in ticks(shown.low, shown.high):
        y = _y(shown, value)
        found.append(_line(LEFT, y, right, y, "#e5e7eb"))
        found.append(_text(LEFT - 8, y + 4, number(value), "end"))
    for value in ticks(shown.first, shown.last):
        if value.is_integer():
            x = _x(shown, int(value))
            found.append(_text(x, floor + 18, f"{value:.12g}"))
    found.append(_line(LEFT, floor, right, floor, "#6b7280"))
    found.append(_text((LEFT + right) / 2, HEIGHT - 8, "step"))
    return found


def ticks(low: float, high: float) -> list[float]:
    """Four to ten round numbers between two."""
    if not 1e-300 < high - low < 1e300:
        return [float(low), float(high)] if high > low else [float(low)]
    size = 10.0 ** math.floor(math.log10((high - low) / 4.0))
    size = next((size * k for k in (5, 2) if (high - low) / (size * k) >= 4.0), size)
    first = math.ceil(low / size)
    return [(first + i) * size for i in range(11) if (first + i) * size <= high]


def _curve(shown: Picture, place: int, name: str) -> list[str]:
    """Lines through finite points; crosses at the top where a value is not finite."""
    color = _color(shown, place)
    found, run = [], []
    points: list[Point] = [*shown.curves[name], (0, math.nan)]
    for at, (step, value) in enumerate(points):
        if math.isfinite(value):
            run.append(f"{_x(shown, step):.1f},{_y(shown, value):.1f}")
            continue
        if len(run) == 1:
            x, y = run[0].split(",")
            found.append(f'<circle cx="{x}" cy="{y}" r="2.5" fill="{color}"/>')
        elif run:
            line = " ".join(run)
            found.append(
                f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="1.8" '
                'stroke-linejoin="round"/>'
            )
        run = []
        if at < len(points) - 1:
            found.append(_text(_x(shown, step), TOP + 4, "×", color=BAD))
    return found


def _marks(shown: Picture) -> list[str]:
    """Upright lines at the best and the flagged step, named above the drawing."""
    found = []
    floor = HEIGHT - BOTTOM
    if shown.best is not None:
        x = _x(shown, shown.best[0])
        found.append(_line(x, TOP, x, floor, GOOD, "4 3"))
        y = _y(shown, shown.best[1])
        found.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{GOOD}"/>')
    if shown.flag is not None:
        x = _x(shown, shown.flag.step)
        found.append(_line(x, TOP, x, floor, BAD, "4 3"))
    return found


def _legend(shown: Picture) -> list[str]:
    """Names in two rows above the drawing: the curves, then the marks."""
    found, x = [], float(LEFT)
    for place, name in enumerate(shown.curves):
        text = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
        found.append(_text(x, 16, f"— {text}", "start", _color(shown, place)))
        x += 7.0 * len(text) + 30.0
    x = float(LEFT)
    if shown.best is not None:
        text = f"● best: step {shown.best[0]}, {number(shown.best[1])}"
        found.append(_text(x, 34, text, "start", GOOD))
        x += 7.0 * len(text) + 20.0
    if shown.flag is not None:
        text = f"┆ {shown.flag.code} {shown.flag.name}: step {shown.flag.step}"
        found.append(_text(x, 34, text, "start", BAD))
    return found


def _color(shown: Picture, place: int) -> str:
    names = list(shown.curves)
    if names[place] == TRAIN:
        return TRAINED
    return COLORS[(place - (names[0] == TRAIN)) % len(COLORS)]


def _x(shown: Picture, step: int) -> float:
    return LEFT + shown.across(step) * (WIDTH - LEFT - RIGHT)


def _y(shown: Picture, value: float) -> float:
    return HEIGHT - BOTTOM - shown.up(value) * (HEIGHT - BOTTOM - TOP)


def _line(x1: float, y1: float, x2: float, y2: float, color: str, dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{color}"{dashed}/>'


def _text(x: float, y: float, text: str, anchor: str = "middle", color: str = "#374151") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}"'
    return f"<text {place}>{_safe(text)}</text>"


def _safe(text: str) -> str:
    return html.escape(visible(text))

"""The curves of a run in plain characters, for a terminal of 80 columns."""

from __future__ import annotations

import math
import textwrap
from itertools import pairwise

from dataguard.monitor.history import Point
from dataguard.monitor.picture import TRAIN, Picture
from dataguard.monitor.rule import number
from dataguard.rendering import visible

WIDTH = 76
HEIGHT = 11

SIGNS = ("o", "2", "3", "4")
"""What draws the validation curves; a dot draws training."""

BEST, FLAG, CUT, WRONG = "B", "!", "^", "x"

LABEL = 11
"""Columns of the numbers at the left."""

LONGEST = 30
"""Characters of a curve's name in the legend."""


def chart(shown: Picture, width: int = WIDTH, height: int = HEIGHT) -> list[str]:
    """The picture in lines of at most `width` ASCII characters, `height` of them the drawing.

    Values above the range are drawn as "^" at the top, those that are not finite as "x".
    """
    columns = max(width - LABEL - 2, 10)
    grid = [[" "] * columns for _ in range(height)]
    signs = dict(zip([n for n in shown.curves if n != TRAIN], SIGNS, strict=False))
    for name, points in shown.curves.items():
        _draw(grid, shown, points, signs.get(name, "."))
    marks = _mark(grid, shown)
    labels = {0: shown.high, height // 2: (shown.low + shown.high) / 2, height - 1: shown.low}
    lines = [
        f"{number(labels[row]) if row in labels else '':>{LABEL}} |{''.join(cells)}".rstrip()
        for row, cells in enumerate(grid)
    ]
    lines.append(f"{'':{LABEL}} +{''.join(marks)}")
    ends = f"{shown.first}{shown.last:>{max(columns - len(str(shown.first)), 1)}}"
    lines.append(f"{'':{LABEL}}  {ends}"[:width])
    return lines + _legend(shown, signs, grid, width)


def _draw(grid: list[list[str]], shown: Picture, points: list[Point], sign: str) -> None:
    height, columns = len(grid), len(grid[0])
    by_column: dict[int, list[float]] = {}
    for step, value in points:
        by_column.setdefault(round(shown.across(step) * (columns - 1)), []).append(value)
    places: list[tuple[int, float]] = []
    for column, values in sorted(by_column.items()):
        good = [value for value in values if math.isfinite(value)]
        if len(good) < len(values):
            grid[0][column] = WRONG
        if good and math.isfinite(sum(good)):
            places.append((column, sum(good) / len(good)))
    for (left, start), (right, end) in pairwise(places):
        for column in range(left + 1, right):
            part = (column - left) / (right - left)
            _put(grid, shown, column, start + part * (end - start), sign, height)
    for column, value in places:
        _put(grid, shown, column, value, sign, height)


def _put(
    grid: list[list[str]], shown: Picture, column: int, value: float, sign: str, height: int
) -> None:
    row = height - 1 - round(shown.up(value) * (height - 1))
    if grid[row][column] != WRONG:
        grid[row][column] = CUT if value > shown.high else sign


def _mark(grid: list[list[str]], shown: Picture) -> list[str]:
    """The axis with the best and the flagged step; both are drawn on the curve as well."""
    height, columns = len(grid), len(grid[0])
    axis = ["-"] * columns
    if shown.best is not None:
        step, value = shown.best
        column = round(shown.across(step) * (columns - 1))
        _put(grid, shown, column, value, BEST, height)
        axis[column] = BEST
    if shown.flag is not None:
        column = round(shown.across(shown.flag.step) * (columns - 1))
        axis[column] = FLAG
        for row in grid:
            if row[column] == " ":
                row[column] = ":"
    return axis


def _legend(shown: Picture, signs: dict[str, str], grid: list[list[str]], width: int) -> list[str]:
    """What the characters mean, as far as they are there."""
    drawn = {cell for row in grid for cell in row}
    parts = [f"{signs.get(name, '.')} {_cut(name)}" for name in shown.curves]
    if shown.best is not None:
        parts.append(f"{BEST} best, step {shown.best[0]}")
    if shown.flag is not None:
        parts.append(f"{FLAG} {shown.flag.code}, step {shown.flag.step}")
    if CUT in drawn:
        parts.append(f"{CUT} above the chart")
    if WRONG in drawn:
        parts.append(f"{WRONG} not finite")
    # Parts stay whole: their blanks are wrapped as one character that is none of theirs.
    text = "   ".join(part.replace(" ", "\x00") for part in parts)
    indent = " " * (LABEL + 2)
    lines = textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent)
    return [line.replace("\x00", " ") for line in lines]


def _cut(name: str) -> str:
    """A name in ASCII, cut where it is long."""
    text = visible(name).encode("ascii", "backslashreplace").decode("ascii")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."

"""Drawings of the HTML report: SVG without script, style or colour; the page's style has those.

Drawn here and not by a library: pygal's smallest histogram has 11.6 kB and leather's 3.7 kB (ours
0.6 kB), a page of sixty columns would be full of them; neither takes its colours from the page, and
Matplotlib writes `style` attributes, which the page's content security policy forbids.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
from markupsafe import Markup

from dataguard.monitor.core import Monitor
from dataguard.monitor.history import Point
from dataguard.monitor.picture import TRAIN, Picture, picture
from dataguard.monitor.plotting import ticks
from dataguard.monitor.rule import number
from dataguard.rendering import visible
from dataguard.webpage.facts import Histogram

WIDTH, HEIGHT = 168, 34
"""Of a small histogram, in pixels."""

BAND = 2.0
"""Standard deviations of noise on either side of a curve: about 95 % of its values."""


def bars(counts: Sequence[int], title: str) -> Markup:
    """Upright bars side by side, the highest as high as the drawing."""
    most = max(counts, default=0) or 1
    step = WIDTH / max(1, len(counts))
    gap = min(1.5, step / 4)
    heights = [max(1.0, (HEIGHT - 1) * n / most) if n else 0.0 for n in counts]
    path = "".join(
        f"M{i * step:.1f} {HEIGHT}v-{height:.1f}h{step - gap:.1f}V{HEIGHT}z"
        for i, height in enumerate(heights)
        if height
    )
    body = Markup('<path d="{}"/>').format(path)
    return _svg(WIDTH, HEIGHT, "bars", title, body, ' preserveAspectRatio="none"')


def histogram(found: Histogram, title: str) -> Markup:
    """The bars of a histogram."""
    return bars(found.counts, title)


def share(part: float, title: str) -> Markup:
    """One lying bar, filled to a share from 0 to 1."""
    width = 100 * min(max(part, 0.0), 1.0)
    body = Markup(
        '<rect class="track" width="100" height="8"/><rect class="fill" width="{}" height="8"/>'
    ).format(f"{max(width, 0.6 if part else 0):.1f}")
    head = Markup('<svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" ')
    return head + Markup('role="img" aria-label="{}">{}</svg>').format(visible(title), body)


def _svg(width: int, height: int, kind: str, title: str, body: Markup, more: str = "") -> Markup:
    head = Markup('<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}"').format(
        kind, width, height, visible(title)
    )
    return head + Markup(f"{more}>") + body + Markup("</svg>")


# The curves of a run


class Frame(msgspec.Struct, frozen=True):
    """Where a drawing of curves has its ends, in pixels; a phone gets a narrower one."""

    width: int = 960
    height: int = 380
    left: int = 64
    right: int = 16
    top: int = 16
    bottom: int = 44

    def x(self, shown: Picture, step: int) -> float:
        """Where a step stands."""
        return self.left + shown.across(step) * (self.width - self.left - self.right)

    def y(self, shown: Picture, value: float) -> float:
        """Where a value stands."""
        return self.height - self.bottom - shown.up(value) * (self.height - self.bottom - self.top)


WIDE = Frame()


def curves(
    monitor: Monitor, title: str, frame: Frame = WIDE, *, kind: str = "curves"
) -> Markup | None:
    """The curves of a run with the noise, the best, the flagged step and the events.

    None where no value is finite yet.
    """
    shown = picture(monitor)
    if shown is None:
        return None
    parts = [
        *_axes(shown, frame),
        *_band(shown, monitor, frame),
        *_marks(shown, frame),
        *_events(shown, monitor, frame),
    ]
    for place, (name, points) in enumerate(shown.curves.items()):
        parts += _curve(shown, points, curve_class(shown, place, name), frame)
    return _svg(frame.width, frame.height, kind, title, Markup("\n").join(parts))


def curve_class(shown: Picture, place: int, name: str) -> str:
    """The class that colours and dashes a curve: c0 is the training loss, c1 … the others."""
    first = next(iter(shown.curves))
    return "c0" if name == TRAIN else f"c{place + (first != TRAIN)}"


def _axes(shown: Picture, frame: Frame) -> list[Markup]:
    right, floor = frame.width - frame.right, frame.height - frame.bottom
    found = []
    for value in ticks(shown.low, shown.high):
        y = frame.y(shown, value)
        found.append(_line(frame.left, y, right, y, "grid"))
        found.append(_text(frame.left - 8, y + 4, number(value), "end"))
    steps = [int(value) for value in ticks(shown.first, shown.last) if value.is_integer()]
    found += [_text(frame.x(shown, step), floor + 20, f"{step}", "mid") for step in steps]
    found.append(_line(frame.left, floor, right, floor, "axis"))
    found.append(_text((frame.left + right) / 2, frame.height - 6, "step", "mid"))
    return found


def _band(shown: Picture, monitor: Monitor, frame: Frame) -> list[Markup]:
    """What noise alone explains on both sides of the curve that decides."""
    noise, points = monitor.noise, shown.curves.get(monitor.decides or "", [])
    finite = [(step, value) for step, value in points if math.isfinite(value)]
    if not noise or len(finite) < 2:
        return []
    level = [
        (
            step,
            sorted(v for _, v in finite[max(0, i - 1) : i + 2])[
                len(finite[max(0, i - 1) : i + 2]) // 2
            ],
        )
        for i, (step, _) in enumerate(finite)
    ]
    ends = [(s, v + BAND * noise) for s, v in level]
    ends += [(s, v - BAND * noise) for s, v in reversed(level)]
    points_ = " ".join(f"{frame.x(shown, s):.1f},{frame.y(shown, v):.1f}" for s, v in ends)
    return [Markup('<polygon class="noise" points="{}"/>').format(points_)]


def _curve(shown: Picture, points: list[Point], kind: str, frame: Frame) -> list[Markup]:
    """Lines through finite points; crosses at the top where a value is not finite."""
    found, run = [], []
    for at, (step, value) in enumerate([*points, (0, math.nan)]):
        if math.isfinite(value):
            run.append(f"{frame.x(shown, step):.1f},{frame.y(shown, value):.1f}")
            continue
        if len(run) == 1:
            x, y = run[0].split(",")
            found.append(
                Markup('<circle class="{} dot" cx="{}" cy="{}" r="3"/>').format(kind, x, y)
            )
        elif run:
            line = " ".join(run)
            found.append(Markup('<polyline class="{}" points="{}"/>').format(kind, line))
        run = []
        if at < len(points):
            found.append(_text(frame.x(shown, step), frame.top + 10, "×", "mid bad"))
    return found


def _marks(shown: Picture, frame: Frame) -> list[Markup]:
    """Upright lines at the best and the flagged step."""
    found, floor = [], frame.height - frame.bottom
    if shown.flag is not None:
        x = frame.x(shown, shown.flag.step)
        found.append(_line(x, frame.top, x, floor, "flagged"))
    if shown.best is not None:
        x, y = frame.x(shown, shown.best[0]), frame.y(shown, shown.best[1])
        found.append(_line(x, frame.top, x, floor, "best"))
        found.append(
            Markup('<circle class="best" cx="{}" cy="{}" r="5"/>').format(f"{x:.1f}", f"{y:.1f}")
        )
    return found


def _events(shown: Picture, monitor: Monitor, frame: Frame) -> list[Markup]:
    """Small triangles on the axis where an event was raised."""
    floor = frame.height - frame.bottom
    steps = sorted({event.step for event in monitor.events})
    spots = (frame.x(shown, step) for step in steps)
    return [
        Markup('<path class="event" d="M{} {}l-5 8h10z"/>').format(f"{x:.1f}", floor) for x in spots
    ]


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    ends = [f"{n:.1f}" for n in (x1, y1, x2, y2)]
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(kind, *ends)


def _text(x: float, y: float, text: str, kind: str) -> Markup:
    return Markup('<text class="{}" x="{}" y="{}">{}</text>').format(
        kind, f"{x:.1f}", f"{y:.1f}", visible(text)
    )

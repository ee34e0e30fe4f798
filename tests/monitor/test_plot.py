"""The plot, the terminal chart, and the history that they are drawn from."""

from __future__ import annotations

import json
import math
import random
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dataguard.errors import UsageError
from dataguard.monitor import Monitor
from dataguard.monitor.chart import chart
from dataguard.monitor.history import POINTS, History
from dataguard.monitor.picture import picture

SVG = "{http://www.w3.org/2000/svg}"

Values = st.lists(
    st.tuples(
        st.integers(-(2**63), 2**63 - 1),
        st.none() | st.floats(width=64),
        st.none() | st.floats(width=64),
    ),
    max_size=30,
)


def overfitting(count: int = 60, name: str = "val_loss", mode: str = "min") -> Monitor:
    monitor = Monitor(mode=mode)
    for i in range(count):
        t = 60 * i / count
        val = 1.0 - 0.03 * min(t, 20) + 0.01 * max(t - 20, 0) + 0.002 * (-1) ** i
        monitor.update(10 * i, 0.9 ** (t / 3), {name: val if mode == "min" else 1 - val})
    return monitor


# History


def test_a_short_history_is_kept_as_it_is() -> None:
    monitor = overfitting(20)
    history = monitor.history()
    assert list(history) == ["train_loss", "val_loss"]
    assert [step for step, _ in history["val_loss"]] == [10 * i for i in range(20)]
    assert history["train_loss"][0] == (0, 1.0)


@pytest.mark.parametrize("count", [POINTS - 1, POINTS, POINTS + 1, 5 * POINTS, 9_999])
def test_a_long_history_is_thinned_to_means(count: int) -> None:
    history = History()
    for i in range(count):
        history.add(i, float(i), {})
    points = history.curves()["train_loss"]
    assert POINTS / 2 - 1 <= len(points) <= POINTS
    assert points[-1][0] == count - 1
    assert [step for step, _ in points] == sorted({step for step, _ in points})
    assert all(0 <= step - value <= 2 * count / POINTS for step, value in points)


def test_history_does_not_grow_with_the_number_of_curves() -> None:
    history = History()
    for i in range(1000):
        history.add(i, None, {f"val_{i}": 1.0})
    assert len(history.curves()) == 16


@given(Values, st.integers(0, 30))
def test_saving_and_restoring_keeps_the_history(
    updates: list[tuple[int, float | None, float | None]], cut: int
) -> None:
    whole, first, second = History(), History(), History()
    for place, (step, train, val) in enumerate(updates):
        found = {} if val is None else {"val_loss": val}
        whole.add(step, train, found)
        if place < cut:
            first.add(step, train, found)
        else:
            if place == cut:
                second.load_state_dict(json.loads(json.dumps(first.state_dict(), allow_nan=False)))
            second.add(step, train, found)
    if cut < len(updates):
        assert second.state_dict() == whole.state_dict()
        assert repr(second.curves()) == repr(whole.curves())


# Plot


def drawn(monitor: Monitor) -> ET.Element:
    return ET.fromstring(str(monitor.plot()))


def test_the_plot_shows_curves_best_and_flag() -> None:
    monitor = overfitting()
    root = drawn(monitor)
    assert len(root.findall(f"{SVG}polyline")) == 2
    texts = [element.text for element in root.findall(f"{SVG}text")]
    assert "— train_loss" in texts
    assert "— val_loss" in texts
    (event,) = (e for e in monitor.events if e.code == "MON001")
    assert f"┆ MON001 overfitting: step {event.step}" in texts
    assert any(text and text.startswith("● best: step 200, 0.4") for text in texts)


def test_a_notebook_shows_the_plot_and_a_file_holds_it(tmp_path: Path) -> None:
    plot = overfitting().plot()
    assert plot._repr_svg_() == plot.svg == str(plot)
    plot.save(tmp_path / "run.svg")
    assert (tmp_path / "run.svg").read_text(encoding="utf-8") == plot.svg
    with pytest.raises(UsageError, match="cannot be written"):
        plot.save(tmp_path / "gone" / "run.svg")


def test_the_plot_needs_no_script_no_style_and_no_network() -> None:
    text = str(overfitting(name="<script>alert(1)</script>\x1b[31m&\"'").plot())
    assert {element.tag.removeprefix(SVG) for element in ET.fromstring(text).iter()} <= {
        "svg", "title", "rect", "line", "text", "polyline", "circle",
    }  # fmt: skip
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]
    assert "— <script>alert(1)</script>\\x1b[31m&\"'" in [
        element.text for element in ET.fromstring(text).iter(f"{SVG}text")
    ]


def test_everything_stays_inside_the_drawing() -> None:
    monitor = overfitting()
    monitor.update(600, 1e300, -1e300)
    monitor.update(610, math.nan, math.inf)
    for element in drawn(monitor).iter():
        for name, most in (("x", 720), ("cx", 720), ("x1", 720), ("y", 340), ("cy", 340)):
            assert 0 <= float(element.get(name, 0)) <= most
        for point in (element.get("points") or "").split():
            x, y = map(float, point.split(","))
            assert (0 <= x <= 720, 0 <= y <= 340) == (True, True)


def test_a_run_without_values_can_be_plotted() -> None:
    monitor = Monitor()
    for _ in range(2):
        assert "no values yet" in [t.text for t in drawn(monitor).iter(f"{SVG}text")]
        monitor.update(0, math.nan)


def test_a_maximised_metric_is_drawn_without_the_training_loss() -> None:
    shown = picture(overfitting(mode="max"))
    assert shown is not None
    assert list(shown.curves) == ["val_loss"]


@given(Values)
@example([(0, 1e308, -1e308), (1, -1e308, 1e308), (2, 5e-324, 0.0)])
@example([(0, None, 0.0), (1, None, 5e-324)])
@example([(0, 1.7e308, 1.7e308), (0, 1.7e308, 1.7e308)])
def test_any_run_can_be_drawn(updates: list[tuple[int, float | None, float | None]]) -> None:
    monitor = Monitor()
    for step, train, val in updates:
        monitor.update(step, train, val)
    drawn(monitor)
    shown = picture(monitor)
    if shown is not None:
        lines = chart(shown)
        assert max(map(len, lines)) <= 76
        assert "".join(lines).isascii()


# Chart


def test_the_chart_of_a_run_is_this() -> None:
    monitor = Monitor()
    for step, val in enumerate([1.0, 0.8, 0.6, 0.5, 0.4, 0.5, 0.6, math.nan, 0.7]):
        monitor.update(step, 0.9 - 0.1 * step, val)
    shown = picture(monitor)
    assert shown is not None
    assert chart(shown, width=40, height=5) == [
        "          1 |oo                     x",
        "            | .oooo..               :ooo",
        "       0.55 |      oooooo...ooooooooo",
        "            |            oBo........:",
        "        0.1 |                       ....",
        "            +-------------B---------!---",
        "             0                         8",
        "             . train_loss   o val_loss",
        "             B best, step 4",
        "             ! MON004, step 7",
        "             x not finite",
    ]


def test_an_outlier_does_not_flatten_the_rest() -> None:
    noise = random.Random(0)
    monitor = Monitor()
    for i in range(60):
        monitor.update(i, None, 1e9 if i == 30 else 1.0 - i / 100 + noise.gauss(0, 0.001))
    shown = picture(monitor)
    assert shown is not None
    assert shown.high < 2.0
    lines = chart(shown)
    assert sum("o" in line for line in lines[:11]) >= 6
    assert "^ above the chart" in " ".join(lines)

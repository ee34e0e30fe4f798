"""Whether a numeric column is the mean of the label by category, and over which rows."""

from __future__ import annotations

from collections.abc import Sequence
from math import log, pi
from typing import TYPE_CHECKING

import msgspec

from dataguard.stats.fitted_filling import written_step

if TYPE_CHECKING:
    import polars as pl

MOST_DISTINCT = 0.5
"""Distinct values over rows up to which a column may hold means by category."""

LEAST_VALUES = 3
"""Values between the smallest and the largest label that must be means; each of two rows or more.
A copy of the label has none."""

COARSEST = 5e-3
"""Of the label's range: values that are written no more exactly must be means to nine digits."""

CHANCE = 1e-6
"""How probable it may be that the values are means by accident: the mean of n labels is one certain
number with a probability of at most 1 / sqrt(2 pi n v (1 - v)), de Moivre's limit."""

FITTING = 0.95
"""Share of the rows whose value must fit: rows may have been left out since."""

LEAST_GROUPS = 6
"""Categories of different size by which a smoothed mean is judged."""


class Encoding(msgspec.Struct, frozen=True):
    """How a column was made of the label.

    Attributes:
        how: "mean", "smoothed mean" or "mean without the row".
        everywhere: Whether rows of all splits went into it, not of the training split alone.
        values: Number of different values that fit.
        category: The column by which the means were taken, where it is known.
    """

    how: str
    everywhere: bool
    values: int
    category: str = ""


def may_be_encoded(numbers: pl.DataFrame, targets: pl.DataFrame) -> list[tuple[str, str]]:
    """Pairs of a column and a target whose means over the sample agree as they must.

    The mean of an encoded column is that of its target, over the rows that it was fitted on; over
    a sample of them both differ by chance, here by four standard errors at most.

    Args:
        numbers: The numeric columns of a sample.
        targets: One column for each thing that may have been averaged: the numeric label, or for
            each class 1 where a row is of it and 0 elsewhere.
    """
    import polars as pl

    rows = numbers.height
    facts = {
        name: frame.select(
            pl.all().mean().name.prefix("m"),
            pl.all().min().name.prefix("a"),
            pl.all().max().name.prefix("b"),
            pl.all().std().name.prefix("s"),
            pl.all().drop_nulls().n_unique().name.prefix("n"),
        ).row(0, named=True)
        for name, frame in (("x", numbers), ("y", targets))
    }
    pairs = []
    for x in numbers.columns:
        mine = {k: facts["x"][k + x] for k in "mabsn"}
        if mine["m"] is None or not LEAST_VALUES <= mine["n"] <= MOST_DISTINCT * rows:
            continue
        for y in targets.columns:
            theirs = {k: facts["y"][k + y] for k in "mabsn"}
            if None in theirs.values() or mine["a"] < theirs["a"] or mine["b"] > theirs["b"]:
                continue
            if abs(mine["m"] - theirs["m"]) <= 4 * theirs["s"] / rows**0.5:
                pairs.append((x, y))
    return pairs


def by_itself(x: pl.Series, y: pl.Series) -> int:
    """How many values of `x` are the mean of `y` in the rows that hold them; 0 where it is chance.

    Means by category: the rows of one value are those of one category, or of several with one mean.
    """
    import polars as pl

    frame = pl.DataFrame({"x": x, "y": y}).drop_nulls()
    low, span = _span(frame.get_column("y"))
    if not span:
        return 0
    means = frame.group_by("x").agg(pl.col("y").mean().alias("m"), pl.len().alias("n"))
    step = _step(means.get_column("x"), span)
    fits = means.filter((pl.col("m") - pl.col("x")).abs() <= step)
    if int(fits.get_column("n").sum()) < FITTING * frame.height:
        return 0
    place = (pl.col("x") - low) / span
    inner = fits.filter((place > 0) & (place < 1) & (pl.col("n") > 1))
    chance = -0.5 * (2 * pi * pl.col("n") * place * (1 - place)).log()
    log_chance = float(inner.select(chance.clip(None, 0).sum()).item())
    return inner.height if inner.height >= LEAST_VALUES and log_chance <= log(CHANCE) else 0


def by_category(x: pl.Series, y: pl.Series, category: pl.Series) -> tuple[str, int]:
    """How `x` was made of the means of `y` by category, and the number of categories that fit.

    Either the mean of the other rows of the category (leave-one-out), or one drawn towards the mean
    of all rows, x = p + w(n) (m - p), where the weight w grows with the size n of the category, as
    all ways of smoothing have it. "" and 0 where it is neither.
    """
    import polars as pl

    frame = pl.DataFrame({"x": x, "y": y, "c": category}).drop_nulls()
    if frame.is_empty():
        return "", 0
    size, sums = pl.len().over("c"), pl.col("y").sum().over("c")
    step = _step(frame.get_column("x").unique(), _span(frame.get_column("y"))[1])
    off = (pl.col("x") - (sums - pl.col("y")) / (size - 1)).abs()
    others = frame.filter(size > 1).select("c", off=off)
    fits = others.filter(pl.col("off") <= step)
    if others.height >= 0.5 * frame.height and fits.height >= FITTING * others.height:
        groups = fits.get_column("c").n_unique()
        if groups >= LEAST_VALUES and x.n_unique() > groups:
            return "mean without the row", groups
    groups = _smoothed(frame, step)
    return ("smoothed mean", groups) if groups else ("", 0)


def _smoothed(frame: pl.DataFrame, step: float) -> int:
    """How many categories have means drawn towards that of all, small ones the more."""
    import polars as pl

    prior = frame.get_column("y").mean()
    means = frame.group_by("c").agg(
        pl.col("x").n_unique().alias("values"),
        pl.col("x").first(),
        pl.col("y").mean().alias("m"),
        pl.len().alias("n"),
    )
    if means.filter(pl.col("values") > 1).height > (1 - FITTING) * means.height:
        return 0
    pull = (pl.col("x") - prior) / (pl.col("m") - prior)
    slack = step / (pl.col("m") - prior).abs() + 1e-9
    clear = means.filter((pl.col("m") - prior).abs() > 20 * step)
    judged = clear.select("n", w=pull, slack=slack).sort("n", "w")
    if judged.get_column("n").n_unique() < LEAST_GROUPS:
        return 0
    inside = pl.col("w").is_between(-pl.col("slack"), 1 + pl.col("slack"))
    rising = (pl.col("w").diff() >= -(pl.col("slack") + pl.col("slack").shift(1))).fill_null(True)
    same_size = pl.col("n").diff().fill_null(1) == 0
    equal = ~same_size | (pl.col("w").diff().abs() <= pl.col("slack") + pl.col("slack").shift(1))
    right = judged.select((inside & rising & equal.fill_null(True)).mean()).item()
    return judged.height if right is not None and right >= FITTING else 0


def _span(values: pl.Series) -> tuple[float, float]:
    """The smallest value and how far the largest is above it."""
    import polars as pl

    ends = values.to_frame("y").select(low=pl.col("y").min(), high=pl.col("y").max()).row(0)
    return (float(ends[0]), float(ends[1]) - float(ends[0])) if ends[0] is not None else (0.0, 0.0)


def _step(values: pl.Series, span: float) -> float:
    """How far a value may be from what it is: half its last digit, or nothing where that is much.

    Judged by the most exact of the first fifty.
    """
    some: Sequence[float] = values.sort().head(50).to_list()
    step = 1.01 * min((written_step(v) for v in some), default=1.0)
    exact = 1e-9 * max(1.0, span)
    return max(step, exact) if step <= COARSEST * span else exact

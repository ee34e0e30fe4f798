"""The columns and classes of each split, counted for the HTML report."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from dataguard.dataset import Column, Dataset, Kind, Split
from dataguard.queries import counts
from dataguard.stats.masking import masked
from dataguard.webpage.facts import ColumnFacts, Histogram, SplitFacts

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

MOST_COLUMNS = 60
"""Columns of a split that are shown; the rest are counted."""

BINS = 24
"""Bins of a histogram: what can be told apart in a drawing of the width of a word."""

MOST_TEXTS = 6
"""Text columns whose lengths are drawn."""

MOST_VALUES = 12
"""Values of a column that are counted apart."""

MOST_CLASSES = 400
"""Classes that are kept; a page shows fewer."""

OUTLYING = 3.0
"""A histogram is cut where the outer 1 % of values take this many times the room of the others."""

LONGEST = 80
"""Characters of a value or class that are kept."""

DATES = ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%Y/%m/%d", "%d/%m/%Y")
"""Ways to write a day that are drawn; the one that most values follow is taken."""


def split_facts(data: Dataset, own: Mapping[str, str]) -> tuple[SplitFacts, ...]:
    """The facts of each split: one pass over the labels, the rest from the sample.

    Args:
        data: The dataset.
        own: The user's names of columns by those that they go by here, where these differ.
    """
    return tuple(_split(split, own) for split in data.splits)


def _split(split: Split, own: Mapping[str, str]) -> SplitFacts:
    roles = {n: role for role, info in split.roles.items() for n in info.columns}
    # Those that play a role stand first among those that are kept, then all in file order.
    kept = sorted(split.columns, key=lambda c: c.name not in roles)[:MOST_COLUMNS]
    names = {c.name for c in kept}
    shown = [c for c in split.columns if c.name in names]
    classes, unlabelled = _classes(split)
    return SplitFacts(
        name=split.name,
        rows=split.height,
        sampled=split.preview.height,
        columns=tuple(
            _column(split, c, own.get(c.name, c.name), roles.get(c.name, "")) for c in shown
        ),
        more_columns=len(split.columns) - len(shown),
        classes=classes,
        unlabelled=unlabelled,
    )


def _classes(split: Split) -> tuple[tuple[tuple[str, int], ...], int | None]:
    """Rows by class, most frequent first, and the rows without one."""
    from dataguard.engines.local import LocalEngine

    label = split.label
    if label is None or not label.is_classes or not split.height:
        return (), None
    (answer,) = LocalEngine().answer([split.aggregate({"classes": counts(label.text)})])
    found: dict[str, int] = answer["classes"]
    ordered = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    if len(ordered) > MOST_CLASSES:
        rest = sum(count for _, count in ordered[MOST_CLASSES:])
        ordered = [*ordered[:MOST_CLASSES], ("(other labels)", rest)]
    return tuple((_cut(name), count) for name, count in ordered), label.missing


def _column(split: Split, column: Column, name: str, role: str) -> ColumnFacts:
    histogram: Histogram | None = None
    values: tuple[tuple[str, int], ...] = ()
    if column.kind is Kind.NUMBER:
        numbers = split.shown(column).select(column.number).to_series()
        histogram = _histogram(numbers, _ends([numbers]), _number)
    elif column.kind is Kind.TEXT:
        from dataguard.expressions import word_count

        words = split.shown(column).select(word_count(column.text)).to_series()
        histogram = _histogram(words, _ends([words]), _number)
    elif column.kind is Kind.DATE:
        histogram = _days(split.shown(column).select(column.text).to_series())
    elif column.kind is Kind.CATEGORY:
        values = _values(split.shown(column).select(column.text).to_series())
    return ColumnFacts(
        name=name,
        kind=str(column.kind),
        role=role,
        missing=column.missing,
        distinct=column.distinct,
        sampled=column.sampled,
        histogram=histogram,
        values=values,
    )


def _values(texts: pl.Series) -> tuple[tuple[str, int], ...]:
    counted = texts.drop_nulls().alias("value").value_counts(name="count")
    ordered = sorted(counted.iter_rows(), key=lambda pair: (-pair[1], pair[0]))
    return tuple((_cut(value), count) for value, count in ordered[:MOST_VALUES])


def _cut(text: str) -> str:
    shown = masked(text[: 4 * LONGEST])
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


def lengths(
    data: Dataset, own: Mapping[str, str]
) -> tuple[tuple[str, tuple[tuple[str, Histogram], ...]], ...]:
    """Words a text by column and split, from the samples; all splits in the same bins."""
    from dataguard.expressions import word_count

    found = []
    for column in data.train.texts[:MOST_TEXTS]:
        words = {
            s.name: s.shown(column).select(word_count(s[column.name].text)).to_series()
            for s in data.splits
            if column.name in s and s.preview.height
        }
        ends = _ends([values for values in words.values() if values.count()])
        if ends is not None:
            histograms = (
                (name, _histogram(values, ends, _number)) for name, values in words.items()
            )
            drawn = tuple((name, one) for name, one in histograms if one is not None)
            found.append((own.get(column.name, column.name), drawn))
    return tuple(found)


class _Ends(msgspec.Struct, frozen=True):
    """The range that a histogram shows, and its number of bins."""

    low: float
    high: float
    bins: int
    clipped: bool


def _ends(parts: Sequence[pl.Series]) -> _Ends | None:
    """The range of some finite numbers; outliers that would flatten the rest lie beyond it."""
    import numpy as np

    if not parts:
        return None
    numbers = np.concatenate([_finite(values) for values in parts])
    if not len(numbers):
        return None
    low, high, clipped = float(numbers.min()), float(numbers.max()), False
    whole = bool((numbers == np.floor(numbers)).all())
    inner_low, inner_high = (float(q) for q in np.quantile(numbers, [0.01, 0.99]))
    room = inner_high - inner_low
    if room > 0 and OUTLYING * room < high - low < math.inf:
        low, high, clipped = max(low, inner_low - room / 2), min(high, inner_high + room / 2), True
        low, high = (math.floor(low) * 1.0, math.ceil(high) * 1.0) if whole else (low, high)
    if not math.isfinite(high - low) or high <= low:
        return _Ends(low, high, 1, clipped)
    return _Ends(low, high, int(min(BINS, high - low + 1)) if whole else BINS, clipped)


def _finite(values: pl.Series) -> npt.NDArray[np.float64]:
    import numpy as np

    numbers = np.asarray(values.drop_nulls().to_numpy(), dtype=np.float64)
    return np.asarray(numbers[np.isfinite(numbers)])


def _histogram(
    values: pl.Series, ends: _Ends | None, shown: Callable[[float], str]
) -> Histogram | None:
    """The numbers in bins of equal width; None where there is none."""
    import numpy as np

    numbers = _finite(values)
    if ends is None or not len(numbers):
        return None
    counted = [len(numbers)]
    if ends.bins > 1:
        clipped = np.clip(numbers, ends.low, ends.high)
        counted = np.histogram(clipped, bins=ends.bins, range=(ends.low, ends.high))[0].tolist()
    middle = float(np.median(numbers))
    return Histogram(tuple(counted), shown(ends.low), shown(ends.high), shown(middle), ends.clipped)


def _days(texts: pl.Series) -> Histogram | None:
    """The days of a column that are written in its most frequent way; None where few are."""
    import polars as pl

    stripped = texts.drop_nulls().str.strip_chars()
    tried = [stripped.str.head(10).str.to_date(way, strict=False) for way in DATES]
    best = max(tried, key=lambda series: series.count())
    if best.count() < 0.5 * max(1, len(stripped)):
        return None
    numbers = best.cast(pl.Int32)
    return _histogram(numbers, _ends([numbers]), _day)


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 1e12:
        return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.0f}"
    return f"{value:.3g}"


def _day(value: float) -> str:
    from datetime import date, timedelta

    return (date(1970, 1, 1) + timedelta(days=round(value))).isoformat()

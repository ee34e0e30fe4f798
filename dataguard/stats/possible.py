"""What a value can be, by the name of its column: ages, percentages, degrees, months …"""

from __future__ import annotations

import re

import msgspec

MOSTLY = 0.95
"""Share of the values that must be possible for the name to mean what it seems to."""


class Range(msgspec.Struct, frozen=True):
    """What a kind of number can be.

    Attributes:
        kind: In words, with an article.
        words: Words of a column's name by which it holds this kind.
        low: Smallest possible number.
        high: Largest possible number.
    """

    kind: str
    words: tuple[str, ...]
    low: float
    high: float


INFINITE = float("inf")

RANGES = (
    Range("an age in years", ("age", "ages"), 0, 130),
    Range("a percentage", ("percent", "percentage", "pct", "%"), 0, 100),
    Range("a probability", ("probability", "prob", "likelihood"), 0, 1),
    Range("a latitude", ("lat", "latitude"), -90, 90),
    Range("a longitude", ("lon", "lng", "long", "longitude"), -180, 180),
    Range("a month", ("month",), 1, 12),
    Range("an hour of the day", ("hour",), 0, 24),
    Range("a pH", ("ph",), 0, 14),
    Range("a humidity in percent", ("humidity",), 0, 100),
    Range(
        "a count or a size, which cannot be negative",
        (
            "count", "height", "weight", "width", "length", "distance", "population", "area",
            "rooms", "bedrooms", "bathrooms", "duration", "mileage", "salary", "wage", "visits",
            "children", "siblings", "employees", "seats", "floors", "pages", "stars",
            "speed", "bmi", "cholesterol", "calories", "minutes", "seconds", "hours", "days",
        ),
        0,
        INFINITE,
    ),
)  # fmt: skip
"""Kinds of numbers by the last or only word of a column's name, or any word for percentages."""

_SIGNED = {
    "change", "diff", "difference", "delta", "growth", "log", "scaled", "score", "z", "norm",
    "normalized", "normalised", "standardized", "deviation", "gain", "loss", "residual", "error",
    "group", "ratio", "relative", "rel", "lag",
}  # fmt: skip
"""Words that make another quantity of it, which may be negative or beyond."""

DATE_YEAR = r"(?:^|[^0-9])([0-9]{4})(?:[^0-9]|$)"
"""The year of a date as text."""

ISO_DAY = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:$|[T ])"
"""The day of a date in ISO 8601."""


def range_of(name: str) -> Range | None:
    """What the numbers of a column of this name can be; None where the name does not say."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
    words = re.findall(r"[a-z]+|%", spaced)
    if not words or _SIGNED.intersection(words):
        return None
    for one in RANGES:
        if words[-1] in one.words or (words[0] in one.words and len(words) == 1):
            return one
        if one.kind == "a percentage" and set(words) & set(one.words):
            return one
    return None

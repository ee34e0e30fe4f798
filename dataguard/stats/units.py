"""Numbers with a unit or a currency, and columns in which these differ."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

MOSTLY = 0.9
"""Share of the rows that must be numbers with a unit for a column to hold quantities."""

_NUMBER = r"[+-]?(?:\d{1,3}(?:[,.' ]\d{3})+|\d+)?(?:[.,]?\d+)?"
QUANTITY = re.compile(
    rf"(?P<before>[$€£¥₹₽₩₺]|[A-Z]{{2,3}}[$]?|[A-Z]{{1,2}}\$)? ?(?P<number>{_NUMBER})"
    rf" ?(?P<after>[^\W\d_]+\.?(?: ?[^\W\d_]+\.?)?|[$€£¥₹₽₩₺%‰]|°[CFK]?|[\"'″′]"
    rf"|[^\W\d_]+(?:/[^\W\d_]+|[²³23]))?"
)
"""A number with what stands before or after it."""

UNITS: dict[str, tuple[str, ...]] = {
    "kg": ("kg", "kgs", "kilo", "kilos", "kilogram", "kilograms", "kilogramme"),
    "g": ("g", "gr", "gram", "grams", "gm", "gms"),
    "mg": ("mg", "milligram", "milligrams"),
    "µg": ("µg", "μg", "ug", "mcg"),
    "t": ("t", "ton", "tons", "tonne", "tonnes"),
    "lb": ("lb", "lbs", "pound", "pounds"),
    "oz": ("oz", "ounce", "ounces"),
    "st": ("st", "stone", "stones"),
    "km": ("km", "kms", "kilometer", "kilometers", "kilometre", "kilometres"),
    "m": ("m", "meter", "meters", "metre", "metres", "mtr"),
    "cm": ("cm", "cms", "centimeter", "centimeters", "centimetre", "centimetres"),
    "mm": ("mm", "millimeter", "millimeters", "millimetre", "millimetres"),
    "mi": ("mi", "mile", "miles"),
    "yd": ("yd", "yds", "yard", "yards"),
    "ft": ("ft", "foot", "feet", "'", "′"),
    "in": ("in", "inch", "inches", '"', "″"),
    "l": ("l", "lt", "ltr", "liter", "liters", "litre", "litres"),
    "ml": ("ml", "milliliter", "milliliters", "millilitre", "millilitres"),
    "cl": ("cl", "centiliter", "centilitre"),
    "gal": ("gal", "gals", "gallon", "gallons"),
    "s": ("s", "sec", "secs", "second", "seconds"),
    "ms": ("ms", "msec", "millisecond", "milliseconds"),
    "min": ("min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
    "week": ("week", "weeks", "wk", "wks"),
    "month": ("month", "months", "mo", "mos"),
    "year": ("year", "years", "yr", "yrs", "y"),
    "°C": ("°c", "c", "celsius"),
    "°F": ("°f", "f", "fahrenheit"),
    "K": ("k", "kelvin"),
    "%": ("%", "percent", "pct"),
    "B": ("b", "byte", "bytes"),
    "kB": ("kb", "kilobyte", "kilobytes"),
    "MB": ("mb", "megabyte", "megabytes", "mib"),
    "GB": ("gb", "gigabyte", "gigabytes", "gib"),
    "TB": ("tb", "terabyte", "terabytes", "tib"),
    "mmol/l": ("mmol/l",),
    "mg/dl": ("mg/dl",),
    "km/h": ("km/h", "kmh", "kph"),
    "mph": ("mph",),
    "m²": ("m2", "m²", "sqm"),
    "sq ft": ("sqft", "sq ft", "ft2", "ft²"),
    "ha": ("ha", "hectare", "hectares"),
    "acre": ("acre", "acres"),
    "USD": ("$", "usd", "us$", "dollar", "dollars"),
    "EUR": ("€", "eur", "euro", "euros"),
    "GBP": ("£", "gbp"),
    "JPY": ("¥", "jpy", "yen"),
    "INR": ("₹", "inr", "rs"),
    "CHF": ("chf",),
    "CAD": ("cad", "c$", "ca$"),
    "AUD": ("aud", "a$", "au$"),
    "SEK": ("sek",),
    "NOK": ("nok",),
    "DKK": ("dkk",),
    "PLN": ("pln", "zł"),
    "CNY": ("cny", "rmb"),
    "BRL": ("brl", "r$"),
    "MXN": ("mxn",),
    "RUB": ("rub", "₽"),
    "TRY": ("try", "₺"),
    "KRW": ("krw", "₩"),
}
"""Spellings of units and currencies, in lower case, by symbol."""

_KNOWN = {spelling: symbol for symbol, spellings in UNITS.items() for spelling in spellings}


class Mixed(msgspec.Struct, frozen=True):
    """A column of quantities in several units, or in several spellings of one.

    Attributes:
        rows: Rows by unit as written (`kg`, `lbs`), most frequent first.
        others: The values not in the most frequent one.
        differ: Whether the units differ, not only their spelling.
    """

    rows: Mapping[str, int]
    others: tuple[str, ...]
    differ: bool


def mixed_units(counts: Mapping[str, int]) -> Mixed | None:
    """The units of a column where there are several; None where there is one, or none.

    Args:
        counts: Rows by value, words for missing left out.
    """
    total = sum(counts.values())
    first = list(counts)[:20]
    if total < 4 or sum(unit_of(v) is not None for v in first) < 0.5 * len(first):
        return None
    units = {v: unit for v in counts if (unit := unit_of(v)) is not None}
    if sum(counts[v] for v in units) < MOSTLY * total:
        return None
    rows: Counter[str] = Counter()
    for value, unit in units.items():
        rows[unit] += counts[value]
    if len(rows) < 2:
        return None
    ranked = dict(sorted(rows.items(), key=lambda item: (-item[1], item[0])))
    usual = next(iter(ranked))
    symbols = {_symbol(unit) for unit in ranked}
    letters = all(len(unit) == 1 and unit.isupper() for unit in ranked)
    if letters and not symbols <= {"°C", "°F", "K"}:
        return None  # 7F, 16G and 2H are codes
    return Mixed(ranked, tuple(v for v, u in units.items() if u != usual), len(symbols) > 1)


def may_be_quantities(some: Sequence[str]) -> bool:
    """Whether half of a few values of a column are numbers with a unit."""
    return bool(some) and 2 * sum(unit_of(v) is not None for v in some) >= len(some)


def unit_of(value: str) -> str | None:
    """The unit or currency of a number as it is written; None where there is none."""
    found = QUANTITY.fullmatch(value.strip())
    if found is None or not re.search(r"\d", found["number"] or ""):
        return None
    before, after = found["before"] or "", found["after"] or ""
    if bool(before) == bool(after):
        return None
    unit = before or after
    return unit if _symbol(unit) is not None else None


def _symbol(unit: str) -> str | None:
    return _KNOWN.get(unit.rstrip(".").lower())

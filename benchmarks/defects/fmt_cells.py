"""Cells that are wrong beside the others of their column: FMT008, 9, 12 to 15, 18 and 19."""

from __future__ import annotations

import random
import string
from collections.abc import Sequence
from datetime import date

from benchmarks.defects import Frame, Planted, as_csv, copied, plants, some
from benchmarks.defects.base import CITIES, houses, people, readings, reviews

LETTERS = string.ascii_lowercase


def _planted(clean: Frame, dirty: Frame, rows: Sequence[int], column: str) -> Planted:
    return Planted(
        files={"train.csv": as_csv(dirty)},
        clean={"train.csv": as_csv(clean)},
        rows={"train.csv": frozenset(rows)},
        columns=frozenset({column}),
    )


@plants("FMT008")
def mixed_types(draw: random.Random) -> Planted:
    """Words among prices, amounts or dates, in more than one row of ten."""
    size = draw.randrange(300, 1500)
    kind = draw.randrange(3)
    clean = people(draw, size) if kind != 1 else houses(draw, size)
    column = ("spent", "price", "joined")[kind]
    words = (
        ("free", "invoice pending", "see contract", "waived", "not billed"),
        ("on request", "sold privately", "auction", "under offer"),
        ("last spring", "yesterday", "a while ago", "before the move", "at launch"),
    )[kind]
    said = draw.sample(words, draw.randrange(2, len(words) + 1))
    dirty = copied(clean)
    rows = sorted(draw.sample(range(size), int(size * draw.uniform(0.12, 0.35))))
    for row in rows:
        dirty[column][row] = draw.choice(said)
    return _planted(clean, dirty, rows, column)


@plants("FMT009")
def inconsistent_categories(draw: random.Random) -> Planted:
    """Cities, plans or products in other cases, with slips of the pen, hyphens or full stops."""
    size = draw.randrange(400, 2000)
    clean, column = draw.choice(
        [
            (people(draw, size), "city"),
            (houses(draw, size), "city"),
            (reviews(draw, size), "product"),
        ]
    )
    dirty = copied(clean)
    rows = [r for r in some(draw, size, least=4, share=0.015) if len(clean[column][r]) >= 4]
    for row in rows:
        dirty[column][row] = _respelt(draw, clean[column][row])
    rows = [r for r in rows if dirty[column][r] != clean[column][r]]
    return _planted(clean, dirty, rows, column)


def _respelt(draw: random.Random, value: str) -> str:
    at = draw.randrange(1, len(value) - 1)
    way = draw.randrange(7)
    if way == 0:
        return value.swapcase() if draw.random() < 0.3 else value.upper()
    if way == 1:
        return value.lower() if value != value.lower() else value.title()
    if way == 2:
        return value + draw.choice((".", ","))
    if way == 3:
        return value[:at] + value[at + 1 :]
    if way == 4:
        return value[:at] + value[at] + value[at:]
    if way == 5:
        return value[:at] + value[at + 1] + value[at] + value[at + 2 :]
    return value[:at] + draw.choice(LETTERS) + value[at:]


@plants("FMT012")
def pattern_violation(draw: random.Random) -> Planted:
    """Codes of a fixed form, some with a sign too many, too few, or in the wrong place."""
    size = draw.randrange(300, 1500)
    clean = readings(draw, size)
    form = draw.choice(("PX-9999", "9999-AA", "AA99999", "KD.99.999", "AAA-999-A", "99/9999/AA"))
    clean = {"part": [_of_form(draw, form) for _ in range(size)], **clean}
    dirty = copied(clean)
    rows = some(draw, size, least=3, share=0.01)
    for row in rows:
        dirty["part"][row] = _misprinted(draw, clean["part"][row])
    rows = [r for r in rows if dirty["part"][r] != clean["part"][r]]
    return _planted(clean, dirty, rows, "part")


def _of_form(draw: random.Random, form: str) -> str:
    letters = {"A": "ABCDEFGHKLMNRST", "9": "0123456789"}
    return "".join(draw.choice(letters[c]) if c in letters else c for c in form)


def _misprinted(draw: random.Random, code: str) -> str:
    at = draw.randrange(1, len(code) - 1)
    way = draw.randrange(5)
    if way == 0:
        return code[:at] + draw.choice(LETTERS) + code[at:]
    if way == 1:
        return code[:at] + code[at + 1 :]
    if way == 2:
        return code[:at] + draw.choice("0123456789") + code[at:]
    if way == 3:
        swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
        return swapped if not _alike(swapped, code) else f"{code}***"
    return code.replace("-", "").replace("/", "").replace(".", " ") + draw.choice(("", "x"))


def _alike(one: str, other: str) -> bool:
    """Whether two codes have digits and letters at the same places."""
    return [c.isdigit() for c in one] == [c.isdigit() for c in other]


@plants("FMT013")
def numeric_outlier(draw: random.Random) -> Planted:
    """Measurements with a point in the wrong place, a zero too many, or a minus sign."""
    size = draw.randrange(300, 2000)
    clean = readings(draw, size)
    column = draw.choice(("temperature", "pressure", "current", "vibration", "speed"))
    if draw.random() < 0.4:
        column = "weight"
        clean["weight"] = [round(draw.gauss(76, 11), 1) for _ in range(size)]
    dirty = copied(clean)
    rows = some(draw, size, least=1, share=0.003)
    for row in rows:
        factor = draw.choice((10, 100, 1000, 0.1, 0.01, -1))
        dirty[column][row] = round(clean[column][row] * factor, 4)
    return _planted(clean, dirty, rows, column)


@plants("FMT014")
def mixed_units(draw: random.Random) -> Planted:
    """Quantities in two or three units or currencies."""
    size = draw.randrange(200, 1200)
    clean = people(draw, size)
    usual, others = draw.choice(
        [
            ("kg", ("g", "lb")),
            ("cm", ("in", "m")),
            ("km", ("miles", "mi")),
            ("min", ("h", "hours")),
            ("ml", ("oz", "l")),
            ("€", ("$", "£")),
            ("EUR", ("USD",)),
            ("°C", ("°F",)),
        ]
    )
    numbers = [round(draw.lognormvariate(4, 0.4), 1) for _ in range(size)]
    space = draw.choice(("", " "))
    name = draw.choice(("amount", "measured", "size"))
    clean[name] = [_quantity(n, usual, space) for n in numbers]
    dirty = copied(clean)
    rows = some(draw, size, least=3, share=draw.choice((0.01, 0.05, 0.2)))
    for row in rows:
        dirty[name][row] = _quantity(numbers[row], draw.choice(others), space)
    return _planted(clean, dirty, rows, name)


def _quantity(number: float, unit: str, space: str) -> str:
    return f"{unit}{number}" if unit in "€$£" else f"{number}{space}{unit}"


@plants("FMT015")
def impossible_value(draw: random.Random) -> Planted:
    """Ages below zero or of centuries, shares over a hundred, dates far ahead or in no calendar."""
    size = draw.randrange(300, 1500)
    clean = people(draw, size)
    kind = draw.randrange(4)
    if kind == 1:
        clean["discount_percent"] = [draw.randrange(0, 60) for _ in range(size)]
    if kind == 2:
        clean["latitude"] = [round(draw.uniform(36, 60), 4) for _ in range(size)]
    column = ("age", "discount_percent", "latitude", "joined")[kind]
    dirty = copied(clean)
    rows = some(draw, size, least=1, share=0.004)
    for row in rows:
        dirty[column][row] = (
            draw.choice((-draw.randrange(2, 60), draw.randrange(140, 400))),
            draw.choice((draw.randrange(101, 900), -draw.randrange(2, 50))),
            round(draw.choice((-1, 1)) * draw.uniform(91, 180), 4),
            draw.choice((_ahead(draw), f"20{draw.randrange(15, 25)}-02-3{draw.randrange(2)}")),
        )[kind]
    return _planted(clean, dirty, rows, column)


def _ahead(draw: random.Random) -> str:
    return date(
        draw.randrange(2060, 2999), draw.randrange(1, 13), draw.randrange(1, 28)
    ).isoformat()


@plants("FMT018")
def boolean_variants(draw: random.Random) -> Planted:
    """Truth values in two or three styles."""
    size = draw.randrange(200, 1500)
    clean = people(draw, size)
    styles = [("yes", "no"), ("true", "false"), ("Y", "N"), ("1", "0"), ("T", "F"), ("Yes", "No")]
    usual = draw.choice(styles)
    others = [s for s in styles if s[0].lower() != usual[0].lower()]
    chosen = draw.sample(others, draw.randrange(1, 3))
    truth = [draw.random() < 0.4 for _ in range(size)]
    name = draw.choice(("newsletter", "member", "verified"))
    clean[name] = [usual[0] if t else usual[1] for t in truth]
    dirty = copied(clean)
    rows = some(draw, size, least=4, share=draw.choice((0.01, 0.05, 0.15)))
    for row in rows:
        dirty[name][row] = draw.choice(chosen)[0 if truth[row] else 1]
    return _planted(clean, dirty, rows, name)


@plants("FMT019")
def violated_dependency(draw: random.Random) -> Planted:
    """A few rows whose city is not the one of their zip code, or the other way round."""
    size = draw.randrange(400, 2000)
    clean = people(draw, size)
    column = draw.choice(("city", "zip"))
    values = list(CITIES) if column == "city" else list(CITIES.values())
    dirty = copied(clean)
    rows = some(draw, size, least=2, share=0.006)
    for row in rows:
        dirty[column][row] = draw.choice([v for v in values if v != clean[column][row]])
    return _planted(clean, dirty, rows, column)

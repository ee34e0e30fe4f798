"""Clean tables that look real, to plant defects in; every seed gives another."""

from __future__ import annotations

import random
from datetime import date, timedelta

from benchmarks.defects import Frame

FIRST = (
    "Anna", "Ben", "Carla", "David", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kira",
    "Liam", "Mira", "Nils", "Olga", "Pablo", "Quinn", "Rosa", "Samir", "Tessa", "Umar", "Vera",
    "Wanda", "Xenia", "Yusuf", "Zoe",
)  # fmt: skip
LAST = (
    "Abbott", "Brandt", "Costa", "Dietrich", "Eklund", "Fischer", "Garcia", "Horvath", "Iversen",
    "Jansen", "Kowalski", "Lindgren", "Moreau", "Novak", "Okafor", "Petrov", "Quist", "Rossi",
    "Schmidt", "Tanaka", "Usman", "Vogel", "Weber", "Yilmaz", "Zimmer",
)  # fmt: skip
CITIES = {
    "Lisbon": "1100", "Porto": "4000", "Turin": "10121", "Genoa": "16121", "Lyon": "69001",
    "Nantes": "44000", "Leipzig": "04109", "Bremen": "28195", "Graz": "8010", "Basel": "4051",
}  # fmt: skip
"""Cities with a postal code each."""

THINGS = (
    "camera", "kettle", "tent", "jacket", "printer", "speaker", "backpack", "monitor", "lamp",
    "keyboard", "blender", "router", "headset", "watch", "bicycle", "drill", "mattress", "sofa",
)  # fmt: skip
GOOD = (
    "works perfectly", "feels sturdy", "arrived early", "was worth the money", "looks wonderful",
    "runs quietly", "made my week", "is easy to set up", "lasts all day", "exceeded my hopes",
)  # fmt: skip
BAD = (
    "broke after a week", "feels cheap", "arrived damaged", "was a waste of money", "looks awful",
    "is far too loud", "ruined my trip", "never worked at all", "dies within an hour", "smells bad",
)  # fmt: skip
WHO = (
    "my brother", "a colleague", "our landlord", "the courier", "my aunt", "a friend from school",
    "the technician", "my flatmate", "our neighbour", "the shop assistant", "her cousin", "nobody",
)  # fmt: skip
DID = (
    "borrowed", "asked about", "repaired", "photographed", "carried", "painted", "recommended",
    "unpacked", "measured", "returned", "stored", "tested", "weighed", "cleaned", "ignored",
)  # fmt: skip
WHERE = (
    "by the lake", "in the attic", "on the train", "behind the garage", "at the office", "in Porto",
    "under the stairs", "during the storm", "after the wedding", "on a Tuesday",
    "next to the oven", "in the rain", "at my sister's", "on the balcony", "outside the station",
)  # fmt: skip
"""What makes up clauses that say nothing of the label."""


def people(draw: random.Random, rows: int) -> Frame:
    """Customers: id, name, age, city, zip, joined, spent, plan and the label `churned`."""
    city = [draw.choice(list(CITIES)) for _ in range(rows)]
    age = [min(95, max(18, round(draw.gauss(44, 14)))) for _ in range(rows)]
    plan = [draw.choices(("basic", "plus", "family"), (5, 3, 2))[0] for _ in range(rows)]
    spent = [round(draw.lognormvariate(4.2, 0.6), 2) for _ in range(rows)]
    risk = [
        0.02 * (60 - a) - (0.3 if p == "family" else 0.0) for a, p in zip(age, plan, strict=True)
    ]
    return {
        "customer": [f"C{draw.randrange(10**5):05d}-{at:04d}" for at in range(rows)],
        "name": [f"{draw.choice(FIRST)} {draw.choice(LAST)}" for _ in range(rows)],
        "age": age,
        "city": city,
        "zip": [CITIES[each] for each in city],
        "joined": [_day(draw).isoformat() for _ in range(rows)],
        "spent": spent,
        "plan": plan,
        "churned": ["yes" if r + draw.gauss(0, 0.4) > 0.4 else "no" for r in risk],
    }


def reviews(draw: random.Random, rows: int) -> Frame:
    """Product reviews: id, product, text, stars, date and the label `sentiment`."""
    good = [draw.random() < 0.55 for _ in range(rows)]
    return {
        "review": list(range(1000, 1000 + rows)),
        "product": [draw.choice(THINGS) for _ in range(rows)],
        "text": [review(draw, good=each) for each in good],
        "helpful": [int(draw.expovariate(0.4)) for _ in range(rows)],
        "written": [_day(draw).isoformat() for _ in range(rows)],
        "sentiment": ["positive" if each else "negative" for each in good],
    }


def review(draw: random.Random, *, good: bool) -> str:
    """A few sentences that speak for one side; no two are nearly alike."""
    said = draw.sample(GOOD if good else BAD, 2)
    thing = draw.choice(THINGS)
    sentences = [
        f"The {thing} {said[0]} and {_aside(draw)}.",
        f"After {draw.randrange(2, 400)} days I can say that it {said[1]}.",
        f"Last {draw.choice(('spring', 'summer', 'autumn', 'winter'))} {_aside(draw)}.",
        f"{_aside(draw).capitalize()}, while {_aside(draw)}.",
    ]
    draw.shuffle(sentences)
    return " ".join(sentences)


def _aside(draw: random.Random) -> str:
    thing, other = draw.choice(THINGS), draw.choice(THINGS)
    return (
        f"{draw.choice(WHO)} {draw.choice(DID)} the {thing} {draw.choice(WHERE)} with "
        f"{draw.randrange(2, 90)} {other}s"
    )


def houses(draw: random.Random, rows: int) -> Frame:
    """House sales, a regression: area, rooms, year, garden, distance, city, target `price`."""
    area = [round(draw.lognormvariate(4.7, 0.35), 1) for _ in range(rows)]
    year = [draw.randrange(1920, 2024) for _ in range(rows)]
    distance = [round(draw.expovariate(0.15), 2) for _ in range(rows)]
    return {
        "area": area,
        "rooms": [max(1, round(a / 27 + draw.gauss(0, 0.6))) for a in area],
        "year": year,
        "garden": [draw.choice(("yes", "no")) for _ in range(rows)],
        "distance": distance,
        "city": [draw.choice(list(CITIES)) for _ in range(rows)],
        "price": [
            round(2900 * a + 450 * (y - 1920) - 1800 * d + draw.gauss(0, 9000))
            for a, y, d in zip(area, year, distance, strict=True)
        ],
    }


def readings(draw: random.Random, rows: int, classes: int = 3) -> Frame:
    """Measurements of several kinds of machine: five numbers and the label `state`."""
    names = ("idle", "normal", "worn", "failing", "off")[:classes]
    centre = {n: [draw.uniform(-2, 2) * 3 for _ in range(5)] for n in names}
    state = [draw.choice(names) for _ in range(rows)]
    columns = ("temperature", "pressure", "current", "vibration", "speed")
    offset = [draw.uniform(20, 90) for _ in columns]
    table: Frame = {
        column: [round(offset[k] + centre[s][k] + draw.gauss(0, 1.0), 3) for s in state]
        for k, column in enumerate(columns)
    }
    return {**table, "state": state}


def _day(draw: random.Random) -> date:
    return date(2021, 1, 1) + timedelta(days=draw.randrange(1400))

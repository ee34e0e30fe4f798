"""Clean tables of several kinds, before anything is planted.

Each has columns that tempt a careless check: codes with leading zeros, years, 0/1 flags, -1 as a
category, 999 among ordinary measurements, ranges such as 18-24, versions that look like dates,
surnames such as Null, negative numbers, texts full of numbers, true accents and other scripts,
records that span lines.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from random import Random

from benchmarks.planting import words
from benchmarks.planting.sheet import Bench, Roles, Row, Sheet

Cells = dict[str, str]


def build(domain: str, rows: int, test_rows: int, rng: Random) -> Bench:
    """A clean train and test table of the named domain (see `DOMAINS`)."""
    return DOMAINS[domain](rows, test_rows, rng)


def tickets(rows: int, test_rows: int, rng: Random) -> Bench:
    """Support tickets: a text of two to five sentences, four topics as the label."""
    topics = ("billing", "shipping", "account", "technical")

    def cells(number: int) -> Cells:
        topic = rng.choice(topics)
        return {
            "ticket_id": f"T-{number}",
            "opened": _date(rng).isoformat(),
            "customer": words.person(rng),
            "phone": f"+49 {rng.randint(150, 179)} {rng.randint(1000000, 9999999)}",
            "channel": rng.choice(("email", "phone", "chat", "letter")),
            "age_band": rng.choice(("18-24", "25-34", "35-49", "50-64", "65+")),
            "version": f"{rng.randint(1, 4)}.{rng.randint(0, 25)}.{rng.randint(0, 40)}",
            "waiting_hours": f"{rng.gammavariate(2.0, 9.0):.1f}",
            "urgent": str(int(rng.random() < 0.2)),
            "message": words.topical_text(rng, topic, (2, 5)),
            "topic": topic,
        }

    return _bench(
        "tickets",
        _two(cells, rows, test_rows),
        Roles(label="topic", text=("message",), id="ticket_id", time="opened"),
        numbers=("waiting_hours",),
        categories=("channel",),
        names=("customer",),
    )


def reviews(rows: int, test_rows: int, rng: Random) -> Bench:
    """Product reviews: texts of one to three sentences, three sentiments."""
    used: set[tuple[str, ...]] = set()

    def cells(number: int) -> Cells:
        label = rng.choice(("positive", "negative", "neutral", "positive"))
        return {
            "review": (
                words.short_text(rng, label, used)
                if rng.random() < 0.3
                else words.topical_text(rng, label, (2, 3))
            ),
            "product_code": f"{rng.choice('ABCDEFGH')}-{rng.randint(1, 99):02d}",
            "price": f"{rng.lognormvariate(3.5, 0.8):.2f}",
            "discount": f"{rng.choice((0, 0, 0.05, 0.1, 0.125, 0.25))}",
            "verified": str(int(rng.random() < 0.7)),
            "seller": words.person(rng),
            "colour": rng.choice(words.COLOURS),
            "posted_at": f"{_date(rng).isoformat()} {_clock(rng)}",
            "review_no": str(number),
            "sentiment": label,
        }

    return _bench(
        "reviews",
        _two(cells, rows, test_rows),
        Roles(label="sentiment", text=("review",), id="review_no", time="posted_at"),
        numbers=("price",),
        categories=("colour",),
        names=("seller",),
    )


def houses(rows: int, test_rows: int, rng: Random) -> Bench:
    """House sales: numbers, codes and a price to predict."""

    def cells(number: int) -> Cells:
        area = rng.randint(38, 390)
        year = rng.randint(1890, 2023)
        garden = int(rng.random() < 0.6)
        price = (area * 2900 + (year - 1890) * 900 + garden * 24000) * rng.lognormvariate(0, 0.25)
        return {
            "sale_id": str(number),
            "sold": f"{_date(rng):%d.%m.%Y}",
            "street": f"{words.place(rng)}straße {rng.randint(1, 240)}{rng.choice(('', '', 'b'))}",
            "zip": f"{rng.randint(1067, 99998):05d}",
            "year_built": str(year),
            "area_m2": str(area),
            "rooms": str(max(1, round(area / 28 + rng.gauss(0, 0.8)))),
            "garden": str(garden),
            "heating": rng.choice(("gas", "oil", "heat pump", "district", "wood")),
            "floor": str(rng.choice((-1, 0, 0, 1, 2, 3, 4))),
            "latitude": f"{rng.uniform(47.3, 54.9):.5f}",
            "longitude": f"{rng.uniform(-9.9, 9.9):.5f}",
            "days_listed": str(round(rng.gammavariate(1.6, 260))),
            "price": str(round(price / 100) * 100),
        }

    return _bench(
        "houses",
        _two(cells, rows, test_rows),
        Roles(label="price", id="sale_id", time="sold"),
        numbers=("area_m2", "latitude"),
        categories=("heating",),
        names=("street",),
    )


def patients(rows: int, test_rows: int, rng: Random) -> Bench:
    """Patient visits: several a patient, an outcome that the features only partly predict."""

    def visits(count: int, first_patient: int, first_visit: int) -> list[Row]:
        found: list[Row] = []
        patient = first_patient
        while len(found) < count:
            patient += 1
            fixed = _patient(rng, patient)
            for _ in range(min(rng.randint(1, 6), count - len(found))):
                visit = _visit(rng)
                found.append(Row({"visit_id": str(first_visit + len(found)), **fixed, **visit}))
        rng.shuffle(found)
        return found

    train = visits(rows, 20000, 100000)
    test = visits(test_rows, 60000, 200000)
    return _bench(
        "patients",
        {"train": train, "test": test},
        Roles(label="outcome", id="visit_id", time="visit", group="patient"),
        numbers=("bmi", "systolic"),
        categories=("ward",),
        names=("physician",),
    )


def _patient(rng: Random, number: int) -> Cells:
    return {
        "patient": f"P{number:06d}",
        "birth_year": str(rng.randint(1930, 2015)),
        "insurance": f"{rng.randint(1, 40):03d}",
    }


def _visit(rng: Random) -> Cells:
    bmi = rng.gauss(26.5, 4.2)
    systolic = round(rng.gauss(128, 17))
    risk = (bmi - 26.5) / 4.2 + (systolic - 128) / 17 + rng.gauss(0, 1.6)
    return {
        "visit": f"{_date(rng):%Y/%m/%d}",
        "ward": rng.choice(("cardiology", "surgery", "geriatrics", "neurology")),
        "physician": f"Dr {words.person(rng)}",
        "icd": f"{rng.choice('EIJKM')}{rng.randint(0, 99):02d}.{rng.randint(0, 9)}",
        "bmi": f"{bmi:.1f}",
        "systolic": str(systolic),
        "weight_change": f"{rng.gauss(0, 2.2):.1f}",
        "smoker": rng.choice(("yes", "no", "no")),
        "outcome": "readmitted" if risk > 1.2 else "referred" if risk > 0.2 else "recovered",
    }


def sensors(rows: int, test_rows: int, rng: Random) -> Bench:
    """Machine readings: all numbers, three states that two features together decide."""

    def cells(number: int) -> Cells:
        state = rng.choice(("normal", "normal", "worn", "broken"))
        wear = {"normal": 0.0, "worn": 1.0, "broken": 2.0}[state]
        twist = rng.gauss(0, 1.4)
        return {
            "reading": str(number),
            "machine": f"{rng.randint(1, 60):02d}",
            "firmware": f"{rng.randint(1, 3)}.{rng.randint(0, 12)}.{rng.randint(0, 30)}",
            "shift": str(rng.choice((-1, 0, 1))),
            "started": _clock(rng),
            "pressure_hpa": str(round(rng.gauss(1009, 9))),
            "load_pct": f"{rng.betavariate(5, 2) * 100:.1f}",
            "drift": f"{rng.gauss(-0.4, 1.1):.4f}",
            "vibration": f"{4 + twist + 1.5 * wear + rng.gauss(0, 0.22):.4f}",
            "torque": f"{40 - 6 * twist + 9 * wear + rng.gauss(0, 1.3):.3f}",
            "alarm": str(int(rng.random() < 0.5)),
            "state": state,
        }

    return _bench(
        "sensors",
        _two(cells, rows, test_rows),
        Roles(label="state", id="reading"),
        numbers=("load_pct", "drift"),
        categories=("machine",),
        names=(),
    )


def answers(rows: int, test_rows: int, rng: Random) -> Bench:
    """Questions with answers in six languages, some of several lines; there is no label."""
    languages = ("en", "en", "en", *sorted(words.FOREIGN))

    def cells(number: int) -> Cells:
        language = rng.choice(languages)
        if language == "en":
            asked, said = words.question(rng), words.answer(rng)
            if rng.random() < 0.03:
                said = said.replace(". ", ".\n")
        else:
            asked = words.foreign(rng, language, (14, 20)) + "?"
            said = words.foreign(rng, language, (20, 45)) + "."
        return {
            "qid": f"q{number}",
            "language": language,
            "question": asked,
            "answer": said,
            "source": f"https://example.org/{language}/{rng.randint(10**7, 10**8)}",
            "author": words.person(rng),
            "votes": str(round(rng.gauss(12, 9))),
            "quality": f"{rng.betavariate(6, 2):.3f}",
        }

    return _bench(
        "answers",
        _two(cells, rows, test_rows),
        Roles(text=("question", "answer"), id="qid"),
        numbers=("quality",),
        categories=("language",),
        names=("author",),
    )


DOMAINS: dict[str, Callable[[int, int, Random], Bench]] = {
    "tickets": tickets,
    "reviews": reviews,
    "houses": houses,
    "patients": patients,
    "sensors": sensors,
    "answers": answers,
}


def _two(cells: Callable[[int], Cells], rows: int, test_rows: int) -> dict[str, list[Row]]:
    train = [Row(cells(100_000 + number)) for number in range(rows)]
    test = [Row(cells(500_000 + number)) for number in range(test_rows)]
    return {"train": train, "test": test}


def _bench(
    domain: str,
    splits: dict[str, list[Row]],
    roles: Roles,
    numbers: tuple[str, ...],
    categories: tuple[str, ...],
    names: tuple[str, ...],
) -> Bench:
    columns = list(splits["train"][0].cells)
    sheets = {split: Sheet(list(columns), rows) for split, rows in splits.items()}
    return Bench(sheets, roles, numbers, categories, names, domain)


def _date(rng: Random) -> dt.date:
    return dt.date(2019, 1, 1) + dt.timedelta(days=rng.randrange(1800))


def _clock(rng: Random) -> str:
    return f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}"

"""Planted duplicates beyond the plain ones: new keys, copied columns, records written again."""

from __future__ import annotations

import random
from datetime import date, timedelta

from benchmarks.defects import Frame, Planted, as_csv, copied, part, plants
from benchmarks.defects.base import CITIES, FIRST, LAST, houses, people

STREETS = (
    "Mill", "Harbour", "Church", "Station", "Garden", "Queens", "Orchard", "Victoria", "Meadow",
    "Castle", "Willow", "Chapel", "Foundry", "Linden", "Ferry", "Quarry", "Abbey", "Cedar",
)  # fmt: skip
WAYS = ("Street", "Road", "Lane", "Avenue", "Close")


@plants("DUP005")
def duplicate_except_id(draw: random.Random) -> Planted:
    """Customers loaded twice: a new key, or a new time of loading, and else the same row."""
    rows = draw.randrange(300, 1500)
    table = people(draw, rows)
    del table["customer"]
    kind = draw.choice(("uuid", "ticket", "number", "time"))
    keys = _keys(draw, kind, rows + 200)
    copies = [draw.randrange(rows) for _ in range(max(3, int(rows * draw.uniform(0.005, 0.05))))]
    column = {
        "uuid": "event", "ticket": "booking", "number": "receipt", "time": "loaded_at",
    }[kind]  # fmt: skip
    order = [*range(rows), *copies]
    faulty = part(table, order)
    faulty[column] = keys[: len(order)]
    shuffled = list(range(len(order)))
    draw.shuffle(shuffled)
    faulty = part(faulty, shuffled)
    seen: set[int] = set()
    later = set()
    for place, at in enumerate(shuffled):
        if order[at] in seen:
            later.add(place)
        seen.add(order[at])
    clean = {**table, column: keys[:rows]}
    return Planted({"train.csv": as_csv(faulty)}, {"train.csv": as_csv(clean)},
                   rows={"train.csv": frozenset(later)},
                   roles={"label": "churned"})  # fmt: skip


def _keys(draw: random.Random, kind: str, number: int) -> list[str]:
    if kind == "uuid":
        return [f"{draw.getrandbits(64):016x}-{draw.getrandbits(32):08x}" for _ in range(number)]
    if kind == "time":
        start = date(2023, 1, 1)
        return [
            f"{start + timedelta(days=draw.randrange(90))} "
            f"{draw.randrange(24):02}:{draw.randrange(60):02}:{draw.randrange(60):02}"
            for _ in range(number)
        ]
    numbers = draw.sample(range(10**7, 10**8), number)
    return [f"BK{n}" if kind == "ticket" else str(n) for n in numbers]


@plants("DUP006")
def duplicate_column(draw: random.Random) -> Planted:
    """A column that stands twice under another name, or a code beside the name it stands for."""
    rows = draw.randrange(200, 1500)
    table = houses(draw, rows)
    faulty = copied(table)
    if draw.random() < 0.5:
        source = draw.choice(("area", "year", "distance", "city"))
        name = draw.choice((f"{source}_y", f"{source}_1", "feature_7", "size"))
        faulty[name] = list(table[source])
        if source == "distance" and draw.random() < 0.5:
            faulty[name] = [f"{value:.3f}" for value in table[source]]
    else:
        source, name = "city", draw.choice(("city_code", "region", "branch"))
        codes = dict(zip(CITIES, draw.sample(range(1, 99), len(CITIES)), strict=True))
        faulty[name] = [codes[each] for each in table[source]]
    return Planted({"train.csv": as_csv(faulty)}, {"train.csv": as_csv(table)},
                   columns=frozenset({source, name}), roles={"label": "price"})  # fmt: skip


@plants("DUP007")
def fuzzy_duplicate_records(draw: random.Random) -> Planted:
    """Persons entered twice: slips of the pen, abbreviations, gaps, a new phone number."""
    rows = draw.randrange(300, 1500)
    table = _persons(draw, rows)
    faulty = copied(table)
    marked: set[int] = set()
    for source in draw.sample(range(rows), max(3, int(rows * draw.uniform(0.01, 0.08)))):
        record = {name: values[source] for name, values in table.items()}
        for name in draw.sample(list(record), draw.randrange(1, 4)):
            record[name] = _rewritten(draw, str(record[name]))
        for name, values in faulty.items():
            values.append(record[name])
        marked |= {source, len(faulty["surname"]) - 1}
    return Planted({"train.csv": as_csv(faulty)}, {"train.csv": as_csv(table)},
                   rows={"train.csv": frozenset(marked)})  # fmt: skip


def _persons(draw: random.Random, rows: int) -> Frame:
    """Patients; some live together, as relatives do."""
    table: Frame = {
        name: [] for name in ("given", "surname", "street", "city", "born", "phone", "mail")
    }
    for _ in range(rows):
        given, surname = draw.choice(FIRST), draw.choice(LAST) + draw.choice(("", "", "son", "er"))
        street = f"{draw.choice(STREETS)} {draw.choice(WAYS)} {draw.randrange(1, 180)}"
        city, phone = draw.choice(list(CITIES)), f"0{draw.randrange(10**8, 10**9)}"
        if table["given"] and draw.random() < 0.1:  # a relative of the one before
            surname, street, city, phone = (
                table[n][-1] for n in ("surname", "street", "city", "phone")
            )
            given = draw.choice([name for name in FIRST if name not in table["given"][-4:]])
        born = date(1935, 1, 1) + timedelta(days=draw.randrange(26000))
        mail = f"{given}.{surname}{draw.randrange(100)}@example.org".lower()
        for name, value in zip(
            table, (given, surname, street, city, born, phone, mail), strict=True
        ):
            table[name].append(value)
    return table


def _rewritten(draw: random.Random, value: str) -> str | None:
    """The value with a slip, cut short, or not at all."""
    at = draw.randrange(1, max(2, len(value) - 1))
    return draw.choice(
        (
            value[:at] + value[at + 1 :],
            value[:at] + value[at : at + 2][::-1] + value[at + 2 :],
            value[:at] + draw.choice("aeinrst1357") + value[at + 1 :],
            value[: max(3, len(value) // 2)],
            None,
        )
    )

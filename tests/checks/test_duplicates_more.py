"""Duplicates of the full catalogue, beyond the examples: planted copies, false alarms met."""

from __future__ import annotations

import random

import pytest

from dataguard.finding import Finding, Report, Severity, Status
from dataguard.linter import Settings, lint_tables
from dataguard.registry import load_checks
from dataguard.roles import GivenRoles
from dataguard.sources.frame import read_frame

CHECKS = load_checks()
Columns = dict[str, list[object]]
FIRST = ("Anna", "Boris", "Clara", "Dimitri", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas")
LAST = ("Abbott", "Brandtner", "Castellan", "Dietrich", "Eklundsen", "Fischbach", "Garrow")
STREETS = ("Mill Lane", "Harbour Road", "Church Street", "Station Avenue", "Garden Way")


def lint(code: str, columns: Columns, label: str | None = None) -> Report:
    tables = {"train": read_frame(columns, name="train")}
    return lint_tables("data", tables, GivenRoles(label=label), Settings((CHECKS[code](),)))


def only(report: Report) -> Finding:
    assert [o.status for o in report.outcomes] == [Status.RAN], report.outcomes
    (finding,) = report.findings
    return finding


def silent(report: Report) -> bool:
    return not report.findings and report.outcomes[0].status is not Status.CRASHED


def persons(rng: random.Random, rows: int) -> Columns:
    return {
        "first": [rng.choice(FIRST) for _ in range(rows)],
        "last": [rng.choice(LAST) + rng.choice(["", "er", "son"]) for _ in range(rows)],
        "street": [f"{rng.choice(STREETS)} {rng.randrange(200)}" for _ in range(rows)],
        "born": [
            f"19{rng.randrange(30, 99)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
            for _ in range(rows)
        ],
        "phone": [f"0{rng.randrange(10**7, 10**8)}" for _ in range(rows)],
    }


def again(table: Columns, row: int, **changed: object) -> None:
    """Append a copy of a row with some cells changed."""
    for name, values in table.items():
        values.append(changed.get(name, values[row]))


# DUP005


KEYS = {
    "event": lambda rng: f"{rng.getrandbits(64):016x}-{rng.getrandbits(32):08x}",
    "receipt": lambda rng: str(rng.randrange(10**7, 10**8)),
    "loaded_at": lambda rng: f"2024-01-{rng.randrange(1, 29):02} 10:{rng.randrange(60):02}:07",
}


@pytest.mark.parametrize("name", sorted(KEYS))
def test_copies_under_a_new_key_or_time_are_found(name: str) -> None:
    rng = random.Random(1)
    table = persons(rng, 200)
    for row in (3, 50, 117):
        again(table, row)
    table["spent"] = [round(rng.uniform(1, 99), 2) for _ in range(200)]
    table["spent"] += [table["spent"][row] for row in (3, 50, 117)]
    table[name] = [KEYS[name](rng) for _ in range(203)]
    finding = only(lint("DUP005", table))
    assert list(finding.rows) == [200, 201, 202]
    assert finding.columns == (name,)


def test_exact_copies_are_not_told_again() -> None:
    rng = random.Random(2)
    table = persons(rng, 200)
    table["receipt"] = [KEYS["receipt"](rng) for _ in range(200)]
    again(table, 5)
    assert silent(lint("DUP005", table))


def test_goods_that_differ_in_their_code_alone_are_no_copies() -> None:
    rng = random.Random(3)
    table: Columns = {
        "kind": [rng.choice(["screw", "nut", "bolt"]) for _ in range(300)],
        "size": [rng.randrange(3, 9) for _ in range(300)],
        "article": [f"A{rng.randrange(10**6):06}-{i}" for i in range(300)],
    }
    assert silent(lint("DUP005", table))


def test_a_sensor_that_stays_still_repeats_no_rows() -> None:
    rng = random.Random(4)
    table: Columns = {
        "timestamp": [f"2024-01-01 {i // 60:02}:{i % 60:02}:00" for i in range(400)],
        "room": [rng.choice(["hall", "attic"]) for _ in range(400)],
        "degrees": [round(20 + i // 10 * 0.13, 2) for i in range(400)],
    }
    assert silent(lint("DUP005", table))


# DUP006


def measures(rng: random.Random, rows: int = 200) -> Columns:
    cities = ["Lisbon", "Porto", "Turin", "Lyon"]
    return {
        "size": [round(rng.gauss(50, 9), 2) for _ in range(rows)],
        "city": [rng.choice(cities) for _ in range(rows)],
        "rank": [rng.randrange(5) for _ in range(rows)],
    }


def test_a_copied_column_is_found_however_its_numbers_are_written() -> None:
    table = measures(random.Random(5))
    table["width"] = [f"{value:.4f}" for value in table["size"]]
    finding = only(lint("DUP006", table))
    assert (finding.columns, finding.severity) == (("size", "width"), Severity.WARNING)


def test_one_other_cell_beyond_the_sample_makes_another_column() -> None:
    table = measures(random.Random(6), 30_000)
    for other in range(7):
        copy = list(table["size"])
        copy[4000 * other + 11] = -1.0
        assert silent(lint("DUP006", {**table, "width": copy}))


def test_a_code_beside_its_name_is_informative() -> None:
    table = measures(random.Random(7))
    codes = {"Lisbon": 11, "Porto": 40, "Turin": 10, "Lyon": 69}
    table["code"] = [codes[str(city)] for city in table["city"]]
    finding = only(lint("DUP006", table))
    assert (set(finding.columns), finding.severity) == ({"city", "code"}, Severity.INFO)


def test_a_code_that_two_names_share_is_not_one_to_one() -> None:
    table = measures(random.Random(8))
    codes = {"Lisbon": "PT", "Porto": "PT", "Turin": "IT", "Lyon": "FR"}
    table["country"] = [codes[str(city)] for city in table["city"]]
    assert silent(lint("DUP006", table))


def test_what_equals_the_label_is_left_to_leakage() -> None:
    table = measures(random.Random(9))
    table["label"] = list(table["city"])
    assert silent(lint("DUP006", table, label="label"))


def test_two_numberings_of_the_rows_are_silent() -> None:
    table = measures(random.Random(10))
    table["rownames"] = list(range(1, 201))
    table["obs"] = list(range(1, 201))
    assert silent(lint("DUP006", table))


# DUP007


def test_persons_entered_again_with_slips_are_found_in_groups() -> None:
    rng = random.Random(11)
    table = persons(rng, 300)
    again(table, 7, first="Bors" if table["first"][7] == "Boris" else str(table["first"][7])[:-1])
    again(table, 90, last=str(table["last"][90]) + "e", phone=None)
    again(table, 150, first=table["last"][150], last=table["first"][150])
    finding = only(lint("DUP007", table))
    assert list(finding.rows) == [7, 90, 150, 300, 301, 302]
    assert list(finding.groups) == [0, 1, 2, 0, 1, 2]
    assert len(finding.evidence["representatives"]) == 3


def test_slips_are_found_where_a_column_has_few_names() -> None:
    rng = random.Random(16)
    table = persons(rng, 700)
    rows = rng.sample(range(700), 9)
    for row in rows:
        first = str(table["first"][row])
        again(table, row, first=first[:2] + "x" + first[2:])
    finding = only(lint("DUP007", table))
    assert list(finding.rows) == sorted([*rows, *range(700, 709)])


def test_persons_without_copies_are_silent() -> None:
    assert silent(lint("DUP007", persons(random.Random(12), 500)))


def test_relatives_at_one_address_are_no_copies() -> None:
    rng = random.Random(13)
    table = persons(rng, 300)
    for row in range(60):
        other = persons(rng, 1)
        first = rng.choice([name for name in FIRST if name != table["first"][row]])
        again(table, row, first=first, born=other["born"][0])
    assert silent(lint("DUP007", table))


@pytest.mark.parametrize("seed", [3, 4, 9, 12])
def test_orders_of_one_customer_are_no_copies(seed: int) -> None:
    rng = random.Random(seed)
    customers = [
        (f"{rng.choice(LAST)} {rng.choice(LAST)}{rng.choice(FIRST)}", f"Mill {rng.randrange(99)}")
        for _ in range(100)
    ]
    rows = [*customers, *customers]
    orders: Columns = {
        "customer": [name for name, _ in rows],
        "street": [street for _, street in rows],
        "slot": [
            f"2024-0{rng.randint(1, 9)}-{rng.randint(10, 28)} {rng.randint(8, 19):02}h"
            for _ in rows
        ],
        "bay": [f"bay {rng.choice('ABCDEFGH')}{rng.randint(1, 60)}" for _ in rows],
        "pieces": [rng.randint(1, 20) for _ in rows],
    }
    assert silent(lint("DUP007", orders))


def test_visits_of_one_patient_are_no_copies() -> None:
    rng = random.Random(14)
    base = persons(rng, 60)
    table: Columns = {
        name: [value for value in values for _ in range(3)] for name, values in base.items()
    }
    table["visit"] = [f"2024-{1 + i % 12:02}-{rng.randrange(1, 29):02}" for i in range(180)]
    table["pulse"] = [rng.randrange(50, 110) for _ in range(180)]
    assert silent(lint("DUP007", table))


def test_trials_that_share_their_settings_are_no_copies() -> None:
    rng = random.Random(15)
    table: Columns = {
        "gene": [f"G{i % 17}" for i in range(200)],
        "field": [rng.choice(["north", "south", "east"]) for _ in range(200)],
        "yield": [round(rng.gauss(8, 1), 1) for _ in range(200)],
        "year": [rng.randrange(1985, 1990) for _ in range(200)],
    }
    assert silent(lint("DUP007", table))

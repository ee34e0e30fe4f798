"""SPL004 to SPL008, beyond the examples in the checks."""

from __future__ import annotations

import random
from typing import Any

import pytest

from dataguard import lint
from dataguard.finding import Finding, Severity, Status
from dataguard.stats.class_shares import difference, tail

Table = dict[str, list[Any]]


def found(code: str, train: Table, **given: Any) -> list[Finding]:
    """What one check says of tables in memory."""
    report = lint(train, select=code, **given)
    assert [o.reason for o in report.outcomes if o.status is Status.CRASHED] == []
    return list(report.findings)


@pytest.mark.parametrize(("statistic", "freedom"), [(3.841, 1), (5.991, 2), (18.307, 10)])
def test_the_tail_of_chi_squared_is_that_of_the_tables(statistic: float, freedom: int) -> None:
    assert tail(statistic, freedom) == pytest.approx(0.05, abs=0.003)


def test_random_splits_differ_by_chance_alone() -> None:
    rng = random.Random(1)
    for _ in range(200):
        train = {c: sum(rng.random() < 0.3 for _ in range(300)) for c in "abc"}
        test = {c: sum(rng.random() < 0.3 for _ in range(75)) for c in "abc"}
        lie = difference(train, test)
        assert lie is None or lie.chance > 0.0001 or lie.surely < 0.3


def test_groups_that_come_and_go_together_count_once() -> None:
    rng = random.Random(2)
    table: Table = {"patient": [], "size": [], "ill": []}
    for patient in range(60):
        ill = rng.choice(["yes", "no"])
        for _ in range(30):
            table["patient"].append(f"p{patient}")
            table["size"].append(rng.random())
            table["ill"].append(ill)
    cut = 48 * 30
    train = {name: values[:cut] for name, values in table.items()}
    test = {name: values[cut:] for name, values in table.items()}
    assert found("SPL004", train, test=test, label="ill", group="patient") == []


def test_rows_in_random_order_are_not_sorted() -> None:
    rng = random.Random(3)
    table = {
        "size": [rng.random() for _ in range(300)],
        "label": [rng.choice("abc") for _ in range(300)],
    }
    assert found("SPL006", table, label="label") == []


def test_rows_sorted_by_a_numeric_label_are_told_with_the_direction() -> None:
    rng = random.Random(4)
    prices = sorted((rng.random() for _ in range(200)), reverse=True)
    table = {"size": [rng.random() for _ in prices], "price": prices}
    (finding,) = found("SPL006", table, label="price")
    assert (finding.severity, finding.evidence["direction"]) == (Severity.INFO, "descending")


def test_a_class_that_is_always_there_is_no_order() -> None:
    table = {"size": [i * 37 % 101 for i in range(300)], "label": ["a"] * 299 + ["b"]}
    assert found("SPL006", table, label="label") == []


def test_a_test_split_of_new_ids_is_known_as_the_validation_split() -> None:
    rng = random.Random(5)
    rows = [(rng.random(), rng.choice("ab"), rng.randint(1, 9)) for _ in range(300)]

    def table(start: int, end: int, prefix: str) -> Table:
        names = [f"{prefix}{rng.randrange(10**6)}" for _ in range(start, end)]
        return {
            "name": names,
            **{c: [r[k] for r in rows[start:end]] for k, c in enumerate(("x", "y", "z"))},
        }

    splits = {"validation": table(200, 250, "v"), "test": table(200, 250, "t")}
    (finding,) = found("SPL008", table(0, 200, "n"), **splits, label="y")
    assert (finding.severity, finding.row_count) == (Severity.ERROR, 50)
    splits["test"] = table(250, 300, "t")
    assert found("SPL008", table(0, 200, "n"), **splits, label="y") == []

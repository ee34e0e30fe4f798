"""Wrong cells beside right ones: what must be found, and the false alarms that were met."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataguard.check import Example
from dataguard.finding import Finding, Severity
from dataguard.linter import dataset_of
from dataguard.registry import load_checks
from dataguard.roles import GivenRoles
from dataguard.sources.frame import read_frame
from dataguard.stats.outliers import limits, spreads
from dataguard.stats.patterns import breaks, long_decimals
from dataguard.stats.possible import range_of
from dataguard.stats.spellings import key_of, mistyped, variants
from dataguard.stats.units import unit_of
from dataguard.stats.values import first_values
from dataguard.testing import run_example

CHECKS = load_checks()


def _found(code: str, columns: Mapping[str, Sequence[Any]], **roles: str) -> list[Finding]:
    return list(run_example(CHECKS[code], Example(train=columns, **roles)).findings)


def _rows(findings: Sequence[Finding]) -> set[tuple[str, int]]:
    return {(f.columns[0], row) for f in findings for row in f.rows}


# Categories


@pytest.mark.parametrize(
    ("one", "other"),
    [("St. Paul", "St Paul"), ("not spam", "Not-Spam"), ("I-5", "I5"), ("“x y”", "“X Y”")],
)
def test_case_spaces_and_light_punctuation_make_no_other_category(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


@pytest.mark.parametrize(
    ("one", "other"), [("1.5 x", "15 x"), ("A-", "A"), ("C++", "C"), ("1-2", "12")]
)
def test_digits_and_signs_tell_categories_apart(one: str, other: str) -> None:
    assert key_of(one) != key_of(other)


@pytest.mark.parametrize(
    ("rare", "frequent"),
    [
        ("LOUSIVILLE", "LOUISVILLE"),
        ("kAIRPORT", "AIRPORT"),
        ("Lake Eire", "Lake Erie"),
        ("Suitable - Recerational", "Suitable - Recreational"),
        ("Detrit", "Detroit"),
    ],
)
def test_slips_of_the_pen_are_known(rare: str, frequent: str) -> None:
    counts = {frequent: 40, "something else": 30, rare: 1}
    assert {v: m.meant for v, m in mistyped(counts).items()} == {rare: frequent}


@pytest.mark.parametrize(
    ("rare", "frequent"),
    [
        ("atypical", "typical"),
        ("paternal", "maternal"),
        ("class b", "class a"),
        ("unstable", "stable"),
        ("US-10", "US-101"),
        ("er", "erc"),
        ("Flask?", "Flask"),
        ("<0.05 mg", "0.05 mg"),
        ("PA", "CA"),
        ("dogs", "dog"),
    ],
)
def test_values_of_their_own_are_no_slips(rare: str, frequent: str) -> None:
    assert mistyped({frequent: 60, "something else": 40, rare: 1}) == {}


def test_another_state_is_no_slip_where_its_word_stands_in_other_values_too() -> None:
    counts = {f"al_{k}": 40 for k in range(8)} | {f"ak_{k}": 1 for k in range(8)}
    assert mistyped(counts) == {}


def test_wind_directions_are_no_slips() -> None:
    assert mistyped({"NE": 200, "NNE": 150, "E": 120, "NW": 8, "NNW": 5, "W": 30}) == {}


def test_one_sign_put_for_letters_in_many_values_is_known() -> None:
    counts = {"birmingham": 40, "sheffield": 30, "florence": 30}
    faulty = {"b?rm?ngham": 1, "sheff?eld": 1, "flo?ence": 2}
    assert set(mistyped(counts | faulty)) == set(faulty)


def test_genotypes_differ_by_case() -> None:
    assert variants({"AA": 40, "Aa": 30, "aa": 20}) == {}


def test_names_are_no_categories() -> None:
    names = [f"{a}{b}" for a in ("Mar", "An", "Jo", "El") for b in ("ta", "ia", "na", "ne", "la")]
    assert _found("FMT009", {"name": names, "x": list(range(len(names)))}) == []


def test_the_finding_names_the_likely_right_value() -> None:
    (finding,) = _found("FMT009", {"city": ["Lisbon", "Porto"] * 20 + ["Lisbbon"], "x": range(41)})
    assert finding.evidence["variants"] == {"Lisbbon": "Lisbon"}
    assert finding.notes == ["did you mean 'Lisbon'?"]


def test_spellings_of_the_label_are_left_to_their_own_rule() -> None:
    labels = ["positive", "negative"] * 20 + ["Positive"]
    assert _found("FMT009", {"x": range(41), "kind": labels}, label="kind") == []


# Dependencies


def _places(rows: int = 200) -> dict[str, list[str]]:
    draw = random.Random(3)
    at = [draw.randrange(10) for _ in range(rows)]
    return {"zip": [f"10{k}15" for k in at], "city": [f"city {'abcdefghij'[k]}" for k in at]}


def test_a_mistyped_city_is_a_warning_and_another_city_in_few_rows_is_not() -> None:
    table = _places(80)
    table["city"][7] = table["city"][7][:-1] + "zz"
    table["city"][9] = next(
        c for c in table["city"] if c not in (table["city"][7], table["city"][9])
    )
    found = _found("FMT019", table)
    assert {(f.severity, *f.rows) for f in found} >= {(Severity.WARNING, 7)}
    assert all(f.severity is Severity.INFO for f in found if 7 not in f.rows)


def test_the_column_that_two_others_contradict_is_blamed() -> None:
    table = _places()
    table["county"] = [f"county {c[-1]}" for c in table["city"]]
    table["zip"][5] = next(z for z in table["zip"] if z != table["zip"][5])
    found = _found("FMT019", table)
    assert _rows(found) == {("zip", 5)}


def test_columns_that_go_together_by_chance_say_nothing() -> None:
    draw = random.Random(5)
    table = {f"c{k}": [draw.choice("abcdefgh") for _ in range(120)] for k in range(12)}
    assert _found("FMT019", table) == []


def test_an_exception_that_is_a_rule_itself_is_no_fault() -> None:
    codes = [f"m{k % 12}" for k in range(240)]
    state = ["ak" if k >= 228 else "al" for k in range(240)]
    average = [f"{s}-{c}" for s, c in zip(state, codes, strict=True)]
    assert _found("FMT019", {"code": codes, "state": state, "average": average}) == []


def test_dependencies_need_repeated_values() -> None:
    table = {"id": [f"r{k}" for k in range(50)], "x": [f"v{k}" for k in range(50)]}
    assert _found("FMT019", table) == []


# Numbers


def _normal(rows: int = 200, mean: float = 70.0, spread: float = 8.0) -> list[float]:
    draw = random.Random(1)
    return [round(draw.gauss(mean, spread), 1) for _ in range(rows)]


@pytest.mark.parametrize("slip", [712.0, 7120.0, 0.71, 6.9, -70.1])
def test_a_slip_among_measurements_is_a_warning(slip: float) -> None:
    (finding,) = _found("FMT013", {"weight": [*_normal(), slip]})
    assert finding.severity is Severity.WARNING
    assert list(finding.rows) == [200]


def test_a_far_value_that_no_slip_explains_is_for_information() -> None:
    (finding,) = _found("FMT013", {"weight": [*_normal(), 190.0]})
    assert finding.severity is Severity.INFO


def test_long_tails_are_no_outliers() -> None:
    draw = random.Random(2)
    incomes = [round(draw.lognormvariate(8, 1.2), 2) for _ in range(1000)]
    counts = [int(draw.expovariate(0.5)) for _ in range(1000)]
    assert _found("FMT013", {"income": incomes, "visits": counts}) == []


def test_numbers_that_stand_for_missing_are_left_to_their_own_rule() -> None:
    assert _found("FMT013", {"weight": [*_normal(), -999.0, 9999.0]}) == []


def test_zip_codes_lie_nowhere() -> None:
    zips = [40200 + k % 60 for k in range(120)] + [99508]
    assert _found("FMT013", {"zip_code": zips}) == []


def test_numbers_scattered_around_one_value_are_found() -> None:
    import numpy as np

    one = limits(np.array([24.0] * 80 + [12, 35, 17, 28, 31, 15]), 5.0)
    assert one is not None
    assert one.single == 24
    assert spreads(35, one) == float("inf")
    assert limits(np.array([24.0] * 80 + [23.0] * 6), 5.0) is None


# Patterns


def _counts(values: Sequence[str]) -> dict[str, int]:
    return {v: values.count(v) for v in dict.fromkeys(values)}


def test_a_letter_inside_a_code_and_a_missing_digit_break_the_pattern() -> None:
    codes = [f"NLCS{k:06d}" for k in range(2600, 2660)]
    found = breaks(_counts([*codes, "NLCS00268l0", "NLCS00261"]))
    assert found is not None
    assert set(found.values) == {"NLCS00268l0", "NLCS00261"}


@pytest.mark.parametrize(
    "values",
    [
        [f"P{k}" for k in range(1, 1200)],
        [f"F-{k:05d}" for k in range(90)] + ["F-00012B", "F-00013B", "F-00014B"],
        [f"{n}{y}" for n in ("Smith", "Jones", "Weber") for y in range(80, 90)] + ["McGovern92"],
        ["Oak Street", "Elm Street", "St. Mary's Road"] * 10,
        [f"{k} Oak Street" for k in range(40)] + [f"{k} St. Mary's Road" for k in range(40, 60)],
    ],
)
def test_codes_that_grow_kinds_of_their_own_and_names_are_no_breaks(values: list[str]) -> None:
    assert breaks(_counts(values)) is None


def test_means_that_fill_gaps_are_told_from_rounding() -> None:
    ages = {f"{k}.5": 3 for k in range(20, 60)}
    assert long_decimals(ages | {"29.69911764705882": 8}) == ["29.69911764705882"]
    assert long_decimals(ages | {"2.1399999999999997": 1}) == []


def test_dates_in_another_format_are_left_to_their_own_rule() -> None:
    days = [f"2021-{1 + k % 12:02d}-{1 + k % 28:02d}" for k in range(100)]
    assert _found("FMT012", {"day": [*days, "03.02.2021", "March 3, 2021"]}) == []
    (finding,) = _found("FMT012", {"day": [*days, "2021-03-1x4"]})
    assert list(finding.rows) == [100]


# Units, truth values, types, and what cannot be


def test_numbers_with_a_decimal_comma_are_left_to_the_rule_for_numbers() -> None:
    amounts = [f"{i * 37 % 900 + 100},{i % 90 + 10}" for i in range(200)]
    assert _found("FMT012", {"amount": [*amounts, "4,59", "-999"]}) == []
    (finding,) = _found("FMT012", {"amount": [*amounts, "4,59", "12a,x5"]})
    assert list(finding.rows) == [201]


@pytest.mark.parametrize(
    ("value", "unit"),
    [("12.0 oz.", "oz."), ("$1,200.50", "$"), ("7 €", "€"), ("36.6 °C", "°C"), ("5", None),
     ("12A", None), ("4 in the morning", None), ("kg", None)],
)  # fmt: skip
def test_units_are_read(value: str, unit: str | None) -> None:
    assert unit_of(value) == unit


def test_codes_with_a_capital_are_no_quantities() -> None:
    assert _found("FMT014", {"strain": ["7F", "16G", "17G", "39H", "40H"] * 4}) == []


def test_truth_values_in_numbers_and_words_are_one_style_too_many() -> None:
    (finding,) = _found("FMT018", {"member": ["yes", "no"] * 20 + ["1", "0"]})
    assert list(finding.rows) == [40, 41]
    assert finding.notes == ["means true", "means false"]


def test_yes_no_and_maybe_is_no_truth_value() -> None:
    assert _found("FMT018", {"answer": ["yes", "no", "maybe"] * 10 + ["y"]}) == []


@settings(deadline=None)
@given(st.lists(st.sampled_from([None, "n/a", " ", "kg", " 7 ", "x 9"]), min_size=30, max_size=200))
def test_the_first_values_are_those_that_are_there(cells: list[str | None]) -> None:
    data = dataset_of("data", {"train": read_frame({"x": cells}, name="train")}, GivenRoles())
    values = [c.strip() for c in data.train.preview["x"].to_list() if c is not None]
    there = [v for v in values if v not in ("", "n/a")]
    wanted = there[:5] if len(set(there)) > 1 else []
    assert first_values(data.train, data.train["x"], 5) == wanted


def test_card_ranks_and_grades_are_no_mixed_types() -> None:
    ranks = [*map(str, range(2, 11)), "J", "Q", "K", "A"] * 4
    assert _found("FMT008", {"rank": ranks}) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("age", "an age in years"), ("customerAge", "an age in years"), ("language", None),
        ("pct_white", "a percentage"), ("pct_change", None), ("age_group", None),
        ("lat", "a latitude"), ("plate", None), ("log_population", None),
    ],
)  # fmt: skip
def test_names_say_what_a_number_can_be(name: str, kind: str | None) -> None:
    found = range_of(name)
    assert (found.kind if found else None) == kind


def test_houses_grow_older_than_people() -> None:
    assert _found("FMT015", {"age": [*range(0, 130, 2), 128, 131, 135]}) == []


def test_old_dates_are_possible_where_all_are_old_and_leap_days_are_days() -> None:
    days = [f"18{k}-02-0{1 + k % 9}" for k in range(20, 90)]
    assert _found("FMT015", {"born": [*days, "1904-02-29"]}) == []
    (finding,) = _found(
        "FMT015", {"day": [*(d.replace("18", "20", 1) for d in days[:20]), "2023-02-29"]}
    )
    assert list(finding.rows) == [20]


def test_a_table_of_wrong_cells_is_told_once_by_each_rule() -> None:
    draw = random.Random(11)
    rows = 300
    city = [draw.choice(["Lisbon", "Porto", "Braga"]) for _ in range(rows)]
    city[4] = "Lisbbon"
    table = {
        "city": city,
        "size": [f"{draw.randrange(10, 99)} cm" for _ in range(rows)],
        "member": [draw.choice(["yes", "no"]) for _ in range(rows)],
    }
    table["size"][8] = "0.4 m"
    table["member"][12] = "Y"
    found = {code: _rows(_found(code, table)) for code in ("FMT009", "FMT012", "FMT014", "FMT018")}
    assert found == {
        "FMT009": {("city", 4)},
        "FMT012": set(),
        "FMT014": {("size", 8)},
        "FMT018": {("member", 12)},
    }


def test_faults_of_other_rules_are_not_told_again() -> None:
    cities = ["New York", "Los Angeles"] * 20
    assert _found("FMT009", {"city": [*cities, "New  York", " New York"], "x": range(42)}) == []
    assert _found("FMT009", {"city": [*cities, '"New York'], "x": range(41)}) == []
    names = ["Ren\ufffd J\ufffdrgensen", *(f"Jane Doe {k}" for k in range(40))]
    assert _found("FMT012", {"name": names}) == []
    hours = [*(k % 40 + 1 for k in range(200)), *[-10] * 8]
    assert _found("FMT015", {"hours": hours}) == []


def test_what_gives_the_label_away_is_no_dependency() -> None:
    table = _places()
    table["zip"][5] = next(z for z in table["zip"] if z != table["zip"][5])
    assert _found("FMT019", table, label="city") == []

"""The formatting checks on real CSV files: planted faults found, good data left alone."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from dataguard.finding import Finding, Severity
from dataguard.linter import Settings, lint_tables
from dataguard.registry import load_checks, select_checks
from dataguard.roles import GivenRoles
from dataguard.sources import open_table
from dataguard.sources.frame import read_frame

Columns = Mapping[str, Sequence[Any]]
Lint = Callable[..., list[Finding]]
ROWS = 400


@pytest.fixture
def lint(tmp_path: Path) -> Lint:
    """The findings of some rules on columns written as a CSV file."""

    def run(columns: Columns, select: str = "FMT", label: str | None = None) -> list[Finding]:
        path = tmp_path / "train.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
        return _lint({"train": open_table(str(path))}, select, label)

    return run


def _lint(tables: Mapping[str, Any], select: str, label: str | None = None) -> list[Finding]:
    checks = tuple(c() for c in select_checks(load_checks(), select.split(","), []))
    report = lint_tables("data", tables, GivenRoles(label=label), Settings(checks))
    return list(report.findings)


def _rows(findings: list[Finding], column: str) -> list[int]:
    return sorted({row for f in findings if column in f.columns for row in f.rows})


def _planted(
    good: list[str], faults: Sequence[str], count: int = 30
) -> tuple[list[str], list[int]]:
    """`good` with `count` of its values replaced by `faults` in turn, and where."""
    rows = sorted(Random(7).sample(range(len(good)), count))
    cells = list(good)
    for i, row in enumerate(rows):
        cells[row] = faults[i % len(faults)]
    return cells, rows


PRICES = [f"{Random(i).uniform(5, 500):.2f}" for i in range(ROWS)]
COUNTS = [str(Random(i).randrange(0, 90)) for i in range(ROWS)]
CITIES = [Random(i).choice(["Lima", "Quito", "La Paz", "New York", "Rio"]) for i in range(ROWS)]
DAYS = [dt.date(2020, 1, 1) + dt.timedelta(days=Random(i).randrange(1200)) for i in range(ROWS)]
FILLER = [f"row {i} of some text" for i in range(ROWS)]


# FMT001


WRITTEN = [
    ["1,234", "2,345.50", "1,234,567"],
    ["$45", "€12.50", "45 USD", "-$5.00"],
    ["12 kg", "12kg", "5 km", "3.5h"],
    ["12.5%", "7 %"],
    ["1.234,56", "12,5"],
    ["(300)", "1 234", "'42", "3O", "l2"],
    ["twelve", "approx 5", "~5", "twenty-five", "one hundred"],
]
FEW_WORDS = (["12 widgets", "abc", "12..5"], 4)  # a third of words makes it a column of words


@pytest.mark.parametrize(
    ("faults", "count"), [FEW_WORDS, *((faults, count) for faults in WRITTEN for count in (4, 120))]
)
@pytest.mark.parametrize("good", [PRICES, COUNTS], ids=["prices", "counts"])
def test_numbers_written_for_people_are_found(
    lint: Lint, good: list[str], faults: list[str], count: int
) -> None:
    cells, rows = _planted(good, faults, count)
    found = lint({"x": cells, "note": FILLER})
    assert _rows(found, "x") == rows
    assert {f.code for f in found} == {"FMT001"}


@pytest.mark.parametrize("style", ["${:,.2f}", "{:.0f}%", "{:.1f} kg", "{:,.0f}", "{:.0f} EUR"])
def test_columns_of_decorated_numbers_are_found_as_a_whole(lint: Lint, style: str) -> None:
    values = [style.format(Random(i).uniform(1000, 90_000)) for i in range(60)]
    found = lint({"x": values, "note": FILLER[:60]}, "FMT001")
    assert _rows(found, "x") == list(range(60))


LOOKALIKES: dict[str, list[str]] = {
    "zip codes": [f"{n:05d}" for n in range(400, 99_000, 777)],
    "extended zip codes": ["94110", "94110-1234", "10001", "60601"] * 20,
    "phones": [f"555-{n:04d}" for n in range(100, 180)],
    "spaced phones": [f"{n} 555 123" for n in range(100, 180)],
    "products": [f"A-{n}" for n in range(80)],
    "seats": [f"{n}{'ABCDEF'[n % 6]}" for n in range(1, 81)],
    "house numbers": ["12", "14", "14A", "3", "7", "21", "9", "33", "2", "5", "8B"] * 8,
    "chromosomes": [str(n % 24) if n % 24 < 22 else "XY"[n % 2] for n in range(1, 200)],
    "ranges": ["18-24", "25-34", "35-44", "45-54"] * 20,
    "ordinals": ["1st", "2nd", "3rd", "4th"] * 20,
    "versions": [f"1.{n % 5}.{n}" for n in range(80)],
    "addresses": [f"192.168.{n % 3}.{n}" for n in range(1, 81)],
    "times": [f"{n % 24:02d}:30" for n in range(80)],
    "dates": [f"2021-03-{n % 28 + 1:02d}" for n in range(80)],
    "sizes": ["S", "M", "L", "XL"] * 20,
    "years": [str(1950 + n) for n in range(80)],
    "dependents": ["0", "1", "2", "3+", "0", "0", "1"] * 12,
    "age groups": ["<18", "18-60", "60+"] * 25,
    "open end in words": ["1", "2", "3 or more", "1", "2", "1"] * 15,
    "scientific": [f"{n}e-3" for n in range(1, 81)],
    "hashes": [f"{n * 7919:x}f" for n in range(80)],
    "lists": ["1,2", "1,2,3", "4", "2,5,6,7"] * 20,
    "scores": ["3-1", "2-2", "0-0", "1-4"] * 20,
}


@pytest.mark.parametrize("values", LOOKALIKES.values(), ids=LOOKALIKES.keys())
def test_what_only_looks_like_numbers_is_left_alone(lint: Lint, values: list[str]) -> None:
    columns = {"x": values, "note": (FILLER * 2)[: len(values)]}
    assert [f.message for f in lint(columns, "FMT001,FMT002,FMT003,FMT004,FMT005")] == []


def test_numbers_as_strings_are_found_in_formats_that_have_numbers() -> None:
    frame = {
        "x": PRICES,
        "n": COUNTS,
        "code": ["1", "2"] * 200,
        "pin": [f"{i:04d}" for i in range(ROWS)],
    }
    found = _lint({"train": read_frame(frame)}, "FMT001")
    assert [f.columns for f in found] == [("n",), ("x",)]
    assert all(f.row_count == ROWS for f in found)


# FMT002

FORMATS = ["%d.%m.%Y", "%m/%d/%Y", "%b %d, %Y", "%d %B %Y", "%Y-%m-%d", "%Y%m%d", "%d-%b-%y"]


@pytest.mark.parametrize("own", ["%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d", "%B %d, %Y", "%d-%b-%Y"])
@pytest.mark.parametrize("count", [3, 120])
def test_dates_in_other_formats_are_found(lint: Lint, own: str, count: int) -> None:
    rows = sorted(Random(3).sample(range(ROWS), count))
    others = [f for f in FORMATS if f != own]
    cells = [day.strftime(own) for day in DAYS]
    for i, row in enumerate(rows):
        cells[row] = DAYS[row].strftime(others[i % len(others)])
    rows = [row for row in rows if cells[row] != DAYS[row].strftime(own)]  # "May" is short and long
    found = lint({"day": cells, "note": FILLER})
    assert _rows(found, "day") == rows
    assert [(f.code, f.severity) for f in found] == [("FMT002", Severity.WARNING)]


def test_month_first_among_day_first_is_found(lint: Lint) -> None:
    rows = sorted(Random(3).sample(range(ROWS), 20))
    cells = [day.strftime("%d/%m/%Y") for day in DAYS]
    for row in rows:
        cells[row] = DAYS[row].strftime("%m/%d/%Y")
    found = _rows(lint({"day": cells, "note": FILLER}), "day")
    unlike = {row for row in rows if DAYS[row].day != DAYS[row].month}
    assert unlike <= set(found)
    assert not {row for row in range(ROWS) if DAYS[row].day > 12} - set(rows) & set(found)


@pytest.mark.parametrize("own", ["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%b %d, %Y"])
def test_dates_in_one_format_are_silent(lint: Lint, own: str) -> None:
    assert lint({"day": [day.strftime(own) for day in DAYS], "note": FILLER}) == []


def test_a_time_of_day_in_some_dates_is_information(lint: Lint) -> None:
    cells = [f"{day}" if i % 9 else f"{day} 10:30:00" for i, day in enumerate(DAYS)]
    [found] = lint({"day": cells, "note": FILLER})
    assert (found.code, found.severity) == ("FMT002", Severity.INFO)
    assert list(found.rows) == [i for i in range(ROWS) if i % 9 == 0]


# FMT003


def test_white_space_is_found_in_values_and_names(lint: Lint) -> None:
    faults = [" Lima", "Lima ", "La  Paz", "Quito\t", "Rio\u00a0", "New\u00a0York", "Lima\u200b"]
    faults += ["Li\x00ma", "Quito\x07"]
    cells, rows = _planted(CITIES, faults)
    found = lint({"city": cells, "size ": COUNTS}, "FMT003")
    assert _rows(found, "city") == rows
    assert [f.columns for f in found if not f.rows] == [("size ",)]


def test_columns_padded_throughout_are_told_once(lint: Lint) -> None:
    padded = {name: [f" {c}" for c in CITIES] for name in ("a", "b", "c")}
    [found] = lint(padded, "FMT003")
    assert found.columns == ("a", "b", "c")
    assert found.row_count == ROWS


def test_rows_of_padded_columns_say_which_of_them_they_concern(lint: Lint) -> None:
    columns = {
        "a": [" x", " y", "z", " w", " x"],
        "b": ["x", " y", " z", " w", "x"],
        "note": FILLER[:5],
    }
    [found] = lint(columns, "FMT003")
    said = dict(zip(found.rows, found.notes, strict=True))
    assert {row: re.findall("`(.)`", note) for row, note in said.items()} == {
        0: ["a"],
        1: ["a", "b"],
        2: ["b"],
        3: ["a", "b"],
        4: ["a"],
    }


def test_paragraphs_and_indentation_are_no_stray_white_space(lint: Lint) -> None:
    texts = [f"First line {i}.\n\nSecond one.\n    indented  more\tby a tab" for i in range(40)]
    assert lint({"text": texts, "n": COUNTS[:40]}, "FMT003") == []


@pytest.mark.parametrize(
    ("cells", "mended"),
    [
        ([*CITIES[:37], " Lima", "La  Paz", "New\u00a0York"], "Lima|La Paz|New York"),
        ([*CITIES[:37], " Lima", "Quito\t", "Rio\u00a0"], "Lima|Quito|Rio"),
        ([*CITIES[:37], "Li\x00ma\x1b", "Rio\x7f", "Quito "], "Lima|Rio|Quito"),
        ([*CITIES[:37], "Lima\u200b", "Qui  to", "Rio "], "Lima|Qui to|Rio"),
        (
            [f"def f{i}():\n    x = 1  # one\n    return x\n" for i in range(40)],
            "|".join(f"def f{i}():\n    x = 1  # one\n    return x" for i in (37, 38, 39)),
        ),
        (
            [
                *(f"this is  the text number {i} of them" for i in range(39)),
                " and here  a\nlast one",
            ],
            "this is the text number 37 of them|this is the text number 38 of them"
            "|and here a\nlast one",
        ),
    ],
)
def test_the_advice_on_white_space_mends_it_and_nothing_else(
    lint: Lint, cells: list[str], mended: str
) -> None:
    import pandas as pd

    [found] = lint({"x": cells, "n": COUNTS[:40]}, "FMT003")
    [code] = re.findall("`(df.*?)`", found.fix)
    df, c = pd.DataFrame({"x": cells}), "x"
    exec(code, {"df": df, "c": c})
    assert df["x"].tolist()[-3:] == mended.split("|")
    assert lint({"x": df["x"].tolist(), "n": COUNTS[:40]}, "FMT003") == []


def test_completions_that_all_end_alike_are_told_as_a_convention() -> None:
    frame = {
        "prompt": [f"Write a function that adds {i}" for i in range(40)],
        "completion": [f" def f(x):\n    return x + {i}\n" for i in range(40)],
    }
    [found] = _lint({"train": read_frame(frame)}, "FMT003")
    assert (found.severity, found.row_count) == (Severity.INFO, 0)
    assert found.message == r"all 40 values in `completion` begin with ' ' and end with '\n'"
    frame["completion"][7] = frame["completion"][7].rstrip()
    [found] = _lint({"train": read_frame(frame)}, "FMT003")
    assert found.row_count == 40


def test_the_example_of_a_long_text_shows_the_blanks(lint: Lint) -> None:
    good = [f"the parcel number {i} was left at the door of another house again" for i in range(40)]
    texts = [*good, "I asked twice for a refund of the second order and got none.  Please help!"]
    [found] = lint({"text": texts, "n": COUNTS[:41]}, "FMT003")
    assert found.evidence["examples"][0]["value"] == "…r and got none.  Please help!"


# FMT004


@pytest.mark.parametrize(
    ("good", "faults"),
    [
        (PRICES, ["N/A", "-", "?", "null", "none", "#N/A", "unknown"]),
        (PRICES, ["-999"]),
        (PRICES, ["9999"]),
        (COUNTS, ["-1"]),
        (COUNTS, ["-999", "NULL", "--"]),
        (COUNTS, ["999"]),
        (CITIES, ["N/A", "?", "-", "null", ".", "<NA>", "n/a"]),
        (CITIES, ["unknown"]),
        (FILLER, ["None", "?", "N/A"]),
        ([str(d) for d in DAYS], ["N/A", "0000-00-00", "9999-12-31"]),
    ],
)
def test_disguised_missing_values_are_found(lint: Lint, good: list[str], faults: list[str]) -> None:
    cells, rows = _planted(good, faults, 24)
    found = lint({"x": cells, "y": [i * 0.5 for i in range(ROWS)]})
    assert _rows(found, "x") == rows
    assert {f.code for f in found} == {"FMT004"}


ORDINARY: dict[str, list[Any]] = {
    "flags": [0, 1, 1, 0],
    "signs": [-1, 1, 1, -1],
    "three signs": [-1, 0, 1, 0],
    "percent": [97, 98, 99, 100],
    "years": [1997, 1998, 1999, 2000],
    "a class called none": ["none", "mild", "severe", "mild"],
    "a class called unknown": ["unknown", "yes", "no", "yes"],
    "rhesus": ["+", "-", "+", "+"],
    "tokens": [".", ",", "the", "-"],
    "countries": ["NA", "ZA", "FR", "US"],
    "balances": [-1, 250, -9, -40],
    "surname": ["Smith", "Nulland", "Nunez", "Ng"],
}


@pytest.mark.parametrize("values", ORDINARY.values(), ids=ORDINARY.keys())
def test_ordinary_values_are_no_disguised_missing(lint: Lint, values: list[Any]) -> None:
    columns = {"x": values * 25, "note": FILLER[:100]}
    assert [f.message for f in lint(columns, "FMT004")] == []


def test_all_integers_up_to_a_thousand_hold_no_sentinel(lint: Lint) -> None:
    assert lint({"x": range(1, 10_001), "note": (FILLER * 25)}, "FMT004") == []


def test_the_marker_of_r_is_told_once_for_all_columns(lint: Lint) -> None:
    columns = {f"x{i}": ["NA" if j % 9 == i else c for j, c in enumerate(COUNTS)] for i in range(6)}
    [found] = lint(columns, "FMT004")
    assert found.severity is Severity.INFO
    assert found.columns == tuple(columns)


def test_rows_told_together_say_which_column_holds_the_marker(lint: Lint) -> None:
    a = ["NA", *COUNTS[1:40]]
    b = ["NA", COUNTS[1], "NA", *COUNTS[3:40]]
    [found] = lint({"a": a, "b": b, "note": FILLER[:40]}, "FMT004")
    said = dict(zip(found.rows, found.notes, strict=True))
    assert {row: re.findall("`(.)`", note) for row, note in said.items()} == {
        0: ["a", "b"],
        2: ["b"],
    }


def test_german_words_for_missing_are_found(lint: Lint) -> None:
    cells = ["m", "w", "k.A.", "m", "w", "k. A.", "m", "w", "w", "m", "w", "m"]
    [found] = lint({"geschlecht": cells, "n": COUNTS[:12]}, "FMT004")
    assert list(found.rows) == [2, 5]


# FMT005


def test_mojibake_of_several_code_pages_is_found(lint: Lint) -> None:
    words = ["café", "don’t", "München", "naïve – yes", "Привет, мир", "Åberg", "señor", "5 €"]
    broken = [w.encode().decode("latin-1") for w in words]
    broken += ["cafÃ©", "donâ€™t", "MÃ¼nchen", "Ã…berg", "caf\ufffd", "РџСЂРёРІРµС‚ РјРёСЂ"]
    cells, rows = _planted(CITIES, broken, 28)
    found = lint({"x": cells, "n": COUNTS}, "FMT005")
    assert _rows(found, "x") == rows
    assert all(len(f.notes) == f.row_count for f in found)


def test_real_text_of_many_languages_is_no_mojibake(lint: Lint) -> None:
    texts = [
        "SÃO PAULO", "NÃO", "AMANHÃ…", "Ação rápida à noite", "Tiếng Việt rất đẹp", "Zürich – Köln",
        "Ça coûte 5 €, non ?", "“quoted” ‘text’…", "© 2021 ® ™ ½ ° ±", "Привет, мир", "Ελλάδα",
        "日本語のテキスト", "한국어", "עברית", "العربية", "👩‍👩‍👧 emoji 🎉", "Łódź", "Ærø Åland",
        "İstanbul", "«guillemets»", "Škoda Žižek", "Þingvellir", "l’été à Saint-Étienne", "¿Qué?",
    ]  # fmt: skip
    assert [f.message for f in lint({"x": texts, "n": COUNTS[: len(texts)]}, "FMT005")] == []


# FMT006 and FMT007


@pytest.mark.parametrize("number", [1, 20, 39])
def test_empty_texts_are_missing_values_few_or_many(number: int) -> None:
    frame = {
        "city": ["" if i < number else f"Lima {i}" for i in range(40)],
        "size": ["" if i < number else f"{i}.5" for i in range(40)],
    }
    table = read_frame(frame)
    [found] = _lint({"train": table}, "FMT004,FMT006")
    assert (found.code, found.columns) == ("FMT006", ("city", "size"))
    assert list(found.rows) == list(range(number))


def test_blanks_are_told_apart_from_empty_texts() -> None:
    frame = {"city": ["", "  ", " ", *(f"Lima {i}" for i in range(37))]}
    blank, empty = _lint({"train": read_frame(frame)}, "FMT004,FMT006")
    assert (blank.code, list(blank.rows)) == ("FMT004", [1, 2])
    assert blank.message.endswith("stand for a missing value: blanks alone (2)")
    assert blank.fix == "Write null in their place."
    assert (empty.code, list(empty.rows)) == ("FMT006", [0])


def test_a_hundred_columns_with_gaps_give_one_finding(lint: Lint) -> None:
    columns = {f"x{i}": ["" if j == i else c for j, c in enumerate(COUNTS)] for i in range(100)}
    [found] = lint(columns, "FMT006")
    assert found.severity is Severity.INFO
    assert list(found.rows) == list(range(100))
    assert set(found.columns) == set(columns)


def test_a_column_of_a_value_or_a_gap_is_not_constant(lint: Lint) -> None:
    columns = {"x": COUNTS, "returned": ["yes" if i % 3 else "" for i in range(ROWS)]}
    assert lint(columns, "FMT007") == []


def test_a_value_that_changes_once_in_a_large_file_is_not_constant(lint: Lint) -> None:
    changing = ["v1"] * 30_000
    changing[12_345] = "v2"
    columns = {"n": range(30_000), "version": changing, "unit": ["m"] * 30_000}
    [found] = lint(columns, "FMT007")
    assert found.columns == ("unit",)


# All of them


def test_clean_data_gives_nothing(lint: Lint) -> None:
    columns = {
        "id": range(ROWS),
        "day": DAYS,
        "price": PRICES,
        "city": CITIES,
        "note": FILLER,
        "label": ["spam" if i % 3 else "ham" for i in range(ROWS)],
    }
    assert [f.message for f in lint(columns)] == []


def test_each_fault_is_told_by_one_rule(lint: Lint) -> None:
    price, rows = _planted(PRICES, ["N/A", "$12.00"], 20)
    found = lint({"price": price, "note": FILLER})
    assert {f.code: list(f.rows) for f in found} == {"FMT004": rows[::2], "FMT001": rows[1::2]}

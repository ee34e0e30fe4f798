"""Duplicates, beyond the examples in the checks: real CSV files, planted copies, false alarms."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from dataguard.finding import Finding, Report, Severity
from dataguard.linter import Settings, lint_tables
from dataguard.registry import load_checks
from dataguard.roles import GivenRoles
from dataguard.sources import open_table

WORDS = [a + b + c for a in "bdfgklmnprstv" for b in ("a", "e", "i", "o", "u") for c in ("n", "rt")]


def report(folder: Path, rows: list[list[str]], code: str, **roles: str) -> Report:
    """What one check says of a CSV file whose first row is the header."""
    path = folder / "train.csv"
    path.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    checks = (load_checks()[code](),)
    return lint_tables("t", {"train": open_table(str(path))}, GivenRoles(**roles), Settings(checks))


def found(folder: Path, rows: list[list[str]], code: str, **roles: str) -> list[Finding]:
    return list(report(folder, rows, code, **roles).findings)


def sentence(rng: random.Random, words: int = 15) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(words))


def survey(rng: random.Random, number: int) -> list[list[str]]:
    """A table of ids, texts, measures and labels without a copy in it."""
    rows = [["id", "text", "price", "label"]]
    for i in range(number):
        price = f"{rng.uniform(1, 99):.2f}"
        rows.append([str(i), sentence(rng), price, rng.choice(["pos", "neg"])])
    return rows


@pytest.mark.parametrize("new_id", [True, False])
def test_planted_copies_are_found_whether_or_not_they_carry_a_new_id(
    tmp_path: Path, new_id: bool
) -> None:
    rng = random.Random(1)
    rows = survey(rng, 400)
    copies = [list(rows[1 + i * 9]) for i in range(20)]
    for i, copy in enumerate(copies):
        copy[0] = str(400 + i) if new_id else copy[0]
    (finding,) = found(tmp_path, rows + copies, "DUP001")
    assert list(finding.rows) == list(range(400, 420))
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize("new_id", [True, False])
def test_the_advice_on_copies_drops_them(tmp_path: Path, new_id: bool) -> None:
    import pandas as pd

    rows = survey(random.Random(18), 100)
    rows += [[str(100 + i) if new_id else rows[1 + i][0], *rows[1 + i][1:]] for i in range(5)]
    (finding,) = found(tmp_path, rows, "DUP001", **({"id": "id"} if new_id else {}))
    df = pd.read_csv(tmp_path / "train.csv")
    left = eval(finding.fix.split("`")[1], {"df": df})
    assert left.index.tolist() == list(range(100))


def test_copies_of_measurements_are_a_warning(tmp_path: Path) -> None:
    rng = random.Random(2)
    rows = [["a", "b", "c", "d"]]
    rows += [[f"{rng.gauss(5, 1):.1f}" for _ in range(4)] for _ in range(300)]
    copies = [list(rows[1 + i * 20]) for i in range(12)]
    (finding,) = found(tmp_path, rows + copies, "DUP001")
    assert set(range(300, 312)) <= set(finding.rows)
    assert finding.severity is Severity.WARNING


def test_planted_conflicts_do_not_turn_copies_into_chance(tmp_path: Path) -> None:
    rng = random.Random(3)
    rows = survey(rng, 300)
    copies = [list(rows[1 + i]) for i in range(10)]
    other = {"pos": "neg", "neg": "pos"}
    conflicts = [[*rows[100 + i][:3], other[rows[100 + i][3]]] for i in range(30)]
    (finding,) = found(tmp_path, rows + copies + conflicts, "DUP001", label="label", id="id")
    assert finding.severity is Severity.WARNING
    assert list(finding.rows) == list(range(300, 310))


def test_repeats_of_coarse_measurements_are_informative_at_most(tmp_path: Path) -> None:
    rng = random.Random(4)
    rows = [["age", "sex", "visits"]]
    rows += [
        [str(rng.randint(20, 80)), rng.choice("fm"), str(rng.randint(0, 9))] for _ in range(300)
    ]
    findings = found(tmp_path, rows, "DUP001")
    assert all(f.severity is Severity.INFO for f in findings)


def test_counted_data_are_silent(tmp_path: Path) -> None:
    rng = random.Random(5)
    rows = [["sex", "smoker"]] + [[rng.choice("fm"), rng.choice("yn")] for _ in range(200)]
    assert found(tmp_path, rows, "DUP001") == []


def test_normalised_copies_are_found_once_and_exact_ones_left_out(tmp_path: Path) -> None:
    rng = random.Random(6)
    rows = survey(rng, 200)
    exact = [list(rows[1])]
    loud = [[rows[i][0], rows[i][1].upper() + "!!", *rows[i][2:]] for i in range(10, 20)]
    spaced = [["  ".join(rows[i][1].split()) if j == 1 else c for j, c in enumerate(rows[i])]
              for i in range(30, 40)]  # fmt: skip
    (finding,) = found(tmp_path, rows + exact + loud + spaced, "DUP002")
    assert list(finding.rows) == list(range(201, 221))


@pytest.mark.parametrize(
    ("one", "two"),
    [("learn C++ in a week", "learn C in a week"), ("costs -5 a day", "costs 5 a day"),
     ("weighs 1.5 kg", "weighs 15 kg"), ("5 % off today", "5 off today"),
     ("lasts 1-2 hours", "lasts 12 hours"), ("mail to a@b", "mail to ab")],
)  # fmt: skip
def test_signs_that_carry_meaning_are_not_dropped(tmp_path: Path, one: str, two: str) -> None:
    assert found(tmp_path, [["text", "n"], [one, "1"], [two, "1"], ["other", "1"]], "DUP002") == []


@pytest.mark.parametrize(
    ("one", "two"),
    [("don't stop now", "Dont stop NOW"), ("well-known fact", "well known fact."),
     ("“quoted” words here", "quoted words here"), ("Größe  zählt", "größe zählt!")],
)  # fmt: skip
def test_case_space_and_punctuation_do_not_count(tmp_path: Path, one: str, two: str) -> None:
    rows = [["text", "n"], [one, "1"], [two, "1"], ["some other thing", "2"]]
    (finding,) = found(tmp_path, rows, "DUP002")
    assert list(finding.rows) == [1]


def test_one_changed_word_in_fifteen_is_a_near_duplicate(tmp_path: Path) -> None:
    rng = random.Random(7)
    rows = survey(rng, 300)
    copies = []
    for i in range(30):
        words = rows[1 + i][1].split()
        words[i % 15] = "zzyzx"
        copies.append([str(300 + i), " ".join(words), *rows[1 + i][2:]])
    (finding,) = found(tmp_path, rows + copies, "DUP003")
    assert list(finding.rows) == [*range(30), *range(300, 330)]
    assert finding.columns == ("text",)


def test_the_same_text_in_rows_that_differ_elsewhere_is_found_once(tmp_path: Path) -> None:
    rng = random.Random(15)
    rows = survey(rng, 300)
    other_price = [[str(300 + i), rows[1 + i][1], "5.25", rows[1 + i][3]] for i in range(20)]
    loud = [[str(320 + i), rows[41 + i][1].upper() + "!", "7", rows[41 + i][3]] for i in range(10)]
    copies = [[str(330 + i), *rows[81 + i][1:]] for i in range(10)]
    table = rows + other_price + loud + copies
    (finding,) = found(tmp_path, table, "DUP003", label="label")
    assert list(finding.rows) == [*range(20), *range(40, 50), *range(300, 330)]
    assert set(finding.scores) == {1.0}
    (copied,) = found(tmp_path, table, "DUP001", label="label")
    assert list(copied.rows) == list(range(330, 340))


def test_the_same_text_under_two_labels_is_told_as_a_conflict_alone(tmp_path: Path) -> None:
    rng = random.Random(16)
    rows = survey(rng, 200)
    other = {"pos": "neg", "neg": "pos"}
    conflicts = [[str(200 + i), rows[1 + i][1], "1.5", other[rows[1 + i][3]]] for i in range(9)]
    assert found(tmp_path, rows + conflicts, "DUP003", label="label") == []
    (finding,) = found(tmp_path, rows + conflicts, "LAB003", label="label")
    assert list(finding.rows) == [*range(9), *range(200, 209)]


@pytest.mark.parametrize("answers", [
    ["I agree with that", "I do not agree at all with it", "I have no opinion on this at all"],
    [f"plot {i} in the northern field near the river" for i in range(60)],
])  # fmt: skip
def test_texts_that_repeat_beside_measurements_are_no_copies(
    tmp_path: Path, answers: list[str]
) -> None:
    rng = random.Random(17)
    rows = [["what", "height"]]
    rows += [[rng.choice(answers), f"{rng.gauss(5, 1):.2f}"] for _ in range(200)]
    assert found(tmp_path, rows, "DUP003") == []


def test_one_passage_under_many_questions_is_no_near_duplicate(tmp_path: Path) -> None:
    rng = random.Random(8)
    rows = [["passage", "question"]]
    for _ in range(20):
        passage = sentence(rng, 60)
        rows += [[passage, sentence(rng, 8)] for _ in range(5)]
    assert found(tmp_path, rows, "DUP003") == []


def test_names_are_no_near_duplicates(tmp_path: Path) -> None:
    names = [f"{w.title()} Mr. John {v.title()}" for w in WORDS[:12] for v in ("rice", "ricer")]
    rows = [["name", "n"]] + [[n, str(i)] for i, n in enumerate(names)]
    assert found(tmp_path, rows, "DUP003") == []


def test_an_id_on_two_different_rows_is_an_error_if_the_id_was_named(tmp_path: Path) -> None:
    rows = survey(random.Random(9), 200)
    rows[100][0] = rows[50][0]
    (named,) = found(tmp_path, rows, "DUP004", id="id")
    (guessed,) = found(tmp_path, rows, "DUP004")
    assert (named.severity, list(named.rows)) == (Severity.ERROR, [49, 99])
    assert (guessed.severity, list(guessed.rows)) == (Severity.WARNING, [49, 99])


def test_unique_free_text_is_no_duplicate_id(tmp_path: Path) -> None:
    rows = [["remark", "n"]] + [[f"remark {i // 2} on it", str(i)] for i in range(40)]
    assert found(tmp_path, rows, "DUP004") == []


@pytest.mark.parametrize("code", ["DUP001", "DUP002", "DUP003", "DUP004"])
@pytest.mark.parametrize("rows", [[["a", "b"]], [["a", "b"], ["1", "x"]], [["a"], *[[""]] * 5]])
def test_tiny_tables_survive(tmp_path: Path, code: str, rows: list[list[str]]) -> None:
    said = report(tmp_path, rows, code)
    assert [f.code for f in said.findings] == []
    assert all(o.status != "crashed" for o in said.outcomes)


def test_a_big_table_gives_the_same_answer_by_the_cheap_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(10)
    rows = survey(rng, 300)
    loud = [[rows[i][0], rows[i][1].title() + ".", *rows[i][2:]] for i in range(10, 30)]
    (direct,) = found(tmp_path, rows + loud, "DUP002")
    monkeypatch.setattr("dataguard.stats.row_keys.BIG", 10)
    (cheap,) = found(tmp_path, rows + loud, "DUP002")
    assert cheap == direct


@pytest.mark.parametrize("times", [2, 3])
@pytest.mark.parametrize("table", ["texts", "codes", "numbers", "coarse"])
def test_a_table_written_several_times_is_found(tmp_path: Path, times: int, table: str) -> None:
    rng = random.Random(11)
    tables = {
        "texts": [["text"], *([sentence(rng, 8)] for _ in range(60))],
        "codes": [["mail"], *([f"{rng.choice(WORDS)}{i}@x.org"] for i in range(60))],
        "numbers": [["a", "b", "c"]]
        + [[f"{rng.gauss(5, 1):.2f}" for _ in range(3)] for _ in range(60)],
        "coarse": [["a", "b"], *([str(i // 6), str(i % 6)] for i in range(36))],
    }
    head, *rows = tables[table]
    copies = rows * (times - 1)
    rng.shuffle(copies)
    (finding,) = found(tmp_path, [head, *rows, *copies], "DUP001")
    assert list(finding.rows) == list(range(len(rows), times * len(rows)))
    assert finding.severity is Severity.WARNING


def test_answers_of_several_words_repeat_without_being_copies(tmp_path: Path) -> None:
    rng = random.Random(12)
    answers = ["I agree with that", "I do not agree at all", "I have no opinion on it"]
    rows = [["answer"], *([rng.choice(answers)] for _ in range(200))]
    assert found(tmp_path, rows, "DUP001") == []


def test_a_constant_column_does_not_make_copies_of_repeated_numbers(tmp_path: Path) -> None:
    rng = random.Random(13)
    rows = [["age", "land"], *([str(rng.randint(20, 60)), "NL"] for _ in range(400))]
    assert found(tmp_path, rows, "DUP001") == []


@pytest.mark.parametrize("pattern", ["CASE-{:04}", "note.{}", "{}.5"])
def test_codes_of_any_spelling_are_ids_and_broken_numbers_are_none(
    tmp_path: Path, pattern: str
) -> None:
    rng = random.Random(14)
    rows = [["case_id", "price"]]
    rows += [[pattern.format(i), f"{rng.uniform(1, 99):.3f}"] for i in range(200)]
    rows[150][0] = rows[20][0]
    findings = found(tmp_path, rows, "DUP004")
    assert [list(f.rows) for f in findings] == ([] if pattern == "{}.5" else [[19, 149]])


def test_an_address_beside_a_long_text_does_not_hide_a_near_duplicate() -> None:
    import random

    from dataguard.python import lint

    chosen = random.Random(4)
    words = [f"{a}{b}" for a in ("ka", "lo", "mi", "ru", "te", "so") for b in "bcdfghjklm"]
    reviews = [" ".join(chosen.choices(words, k=24)) for _ in range(300)]
    changed = reviews[200].split()
    changed[9] = "other"
    reviews[10] = " ".join(changed)
    data = {
        "address": [f"{i} Smith Street, Flat {i % 9}, Spain" for i in range(300)],
        "review": reviews,
    }
    (finding,) = lint(data, select="DUP003").findings
    assert list(finding.rows) == [10, 200]

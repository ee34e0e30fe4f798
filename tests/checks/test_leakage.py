"""Leakage, beyond the examples in the checks: real CSV files, planted leaks, false alarms."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from dataguard.finding import Finding, Report, Severity
from dataguard.linter import Settings, lint_tables
from dataguard.registry import load_checks
from dataguard.roles import GivenRoles
from dataguard.sources import open_table
from dataguard.sources.frame import read_frame

WORDS = [a + b + c for a in "bdfgklmnprstv" for b in ("a", "e", "i", "o", "u") for c in ("n", "rt")]
Rows = list[list[str]]


def report(folder: Path, code: str, train: Rows, test: Rows | None = None, **roles: str) -> Report:
    """What one check says of CSV files whose first rows are the headers."""
    tables = {}
    for name, rows in (("train", train), ("test", test)):
        if rows is not None:
            path = folder / f"{name}.csv"
            path.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
            tables[name] = open_table(str(path))
    return lint_tables("t", tables, GivenRoles(**roles), Settings((load_checks()[code](),)))


def found(
    folder: Path, code: str, train: Rows, test: Rows | None = None, **roles: str
) -> list[Finding]:
    return list(report(folder, code, train, test, **roles).findings)


def mixed(rng: random.Random, number: int, start: int = 0) -> Rows:
    """Rows of id, text, city, price, quantity and label, all different."""
    rows = []
    for i in range(number):
        text = " ".join(rng.choice(WORDS) for _ in range(12))
        price, count = f"{rng.uniform(1, 99):.2f}", str(rng.randint(1, 5))
        label = rng.choice(["pos", "neg"])
        rows.append([f"r{start + i:04}", text, rng.choice(WORDS[:9]), price, count, label])
    return rows


HEAD = ["id", "text", "city", "price", "count", "label"]


def test_leaked_rows_are_found_under_new_ids_and_in_other_spelling(tmp_path: Path) -> None:
    rng = random.Random(1)
    train, test = mixed(rng, 300), mixed(rng, 100, 1000)
    for i in range(10):
        test[i * 7][1:] = train[i][1:]
        test[i * 7 + 1][1:] = [f" {c.upper()} " for c in train[20 + i][1:]]
        price = f"{float(train[40 + i][3]):.3f}"
        test[i * 7 + 2][1:] = [*train[40 + i][1:3], price, train[40 + i][4], "neg"]
    (finding,) = found(tmp_path, "LEK001", [HEAD, *train], [HEAD, *test], label="label")
    assert list(finding.rows) == sorted(i * 7 + j for i in range(10) for j in range(3))
    assert finding.severity is Severity.ERROR
    assert finding.split == "test"


def test_columns_may_stand_in_another_order_or_in_one_file_alone(tmp_path: Path) -> None:
    rng = random.Random(2)
    train, test = mixed(rng, 200), mixed(rng, 50, 1000)
    test[7][1:] = train[3][1:]
    turned = [[*row[::-1], "exported"] for row in test]
    (finding,) = found(tmp_path, "LEK001", [HEAD, *train], [[*HEAD[::-1], "by"], *turned])
    assert list(finding.rows) == [7]


def test_a_text_column_in_one_frame_matches_a_number_column_in_the_other() -> None:
    train = {"a": ["1.50", "n/a", "7"], "b": [0.25, 0.5, 4.0], "c": ["x y", "z", "w"]}
    test = {"a": [1.5, 3.0], "b": [0.25, 9.0], "c": ["X  Y", "q"]}
    tables = {"train": read_frame(train), "test": read_frame(test)}
    said = lint_tables("t", tables, GivenRoles(), Settings((load_checks()["LEK001"](),)))
    (finding,) = said.findings
    assert list(finding.rows) == [0]


def test_test_rows_that_agree_by_chance_are_no_leak(tmp_path: Path) -> None:
    rng = random.Random(3)
    rows = [
        [str(rng.randint(20, 60)), rng.choice("fm"), str(rng.randint(0, 9)), rng.choice("yn")]
        for _ in range(400)
    ]
    head = ["age", "sex", "visits", "label"]
    findings = found(tmp_path, "LEK001", [head, *rows[:300]], [head, *rows[300:]], label="label")
    assert all(f.severity is Severity.INFO for f in findings)


def test_the_same_long_text_with_other_features_is_a_warning(tmp_path: Path) -> None:
    rng = random.Random(4)
    train, test = mixed(rng, 200), mixed(rng, 50, 1000)
    test[5][1] = train[9][1]
    (finding,) = found(tmp_path, "LEK001", [HEAD, *train], [HEAD, *test])
    assert (finding.severity, list(finding.rows)) == (Severity.WARNING, [5])
    assert finding.columns == ("text",)


def test_punctuation_hides_no_leak_and_each_row_is_told_once(tmp_path: Path) -> None:
    rng = random.Random(14)
    train, test = mixed(rng, 200), mixed(rng, 60, 1000)
    for i in range(10):
        test[i][1:] = train[i][1:]
        test[10 + i][1:] = [train[20 + i][1] + ".", *train[20 + i][2:]]
        test[20 + i][1] = train[40 + i][1].replace(" ", "; ", 1)
    said = report(tmp_path, "LEK001", [HEAD, *train], [HEAD, *test], label="label")
    told = {(f.severity, f.columns): list(f.rows) for f in said.findings}
    assert told == {
        (Severity.ERROR, ()): list(range(10)),
        (Severity.WARNING, ()): list(range(10, 20)),
        (Severity.WARNING, ("text",)): list(range(20, 30)),
    }


def test_a_text_beside_its_label_alone_leaks_whatever_its_full_stop(tmp_path: Path) -> None:
    rng = random.Random(15)
    train = [[row[1], row[5]] for row in mixed(rng, 200)]
    test = [[row[1], row[5]] for row in mixed(rng, 60)]
    for i in range(12):
        test[i * 5][0] = train[i][0] + "."
    (finding,) = found(
        tmp_path, "LEK001", [["text", "label"], *train], [["text", "label"], *test], label="label"
    )
    assert list(finding.rows) == [i * 5 for i in range(12)]
    assert finding.severity is Severity.WARNING


def test_near_texts_across_splits_are_found_in_the_held_out_split_alone(tmp_path: Path) -> None:
    rng = random.Random(5)
    train, test = mixed(rng, 200), mixed(rng, 50, 1000)
    for i in range(10):
        words = train[i][1].split()
        words[i] = "zzyzx"
        test[i][1] = " ".join(words)
    (finding,) = found(tmp_path, "LEK002", [HEAD, *train], [HEAD, *test])
    assert (finding.split, list(finding.rows)) == ("test", list(range(10)))


def test_a_named_group_in_both_splits_is_an_error_and_a_guessed_one_a_warning(
    tmp_path: Path,
) -> None:
    head = ["patient_id", "dose"]
    train = [[f"p{i // 3}", str(i * 1.5)] for i in range(90)]
    test = [[f"p{i // 3 + 29}", str(i * 2.5)] for i in range(30)]
    (named,) = found(tmp_path, "LEK003", [head, *train], [head, *test], group="patient_id")
    (guessed,) = found(tmp_path, "LEK003", [head, *train], [head, *test])
    assert (named.severity, list(named.rows)) == (Severity.ERROR, [0, 1, 2])
    assert guessed.severity is Severity.WARNING


def test_an_id_that_repeats_is_taken_for_a_group(tmp_path: Path) -> None:
    head = ["rownames", "id", "dose"]
    train = [[str(i), str(i // 4), str(i * 1.5)] for i in range(200)]
    test = [[str(200 + i), str(i // 4), str(i * 2.5)] for i in range(40)]
    (finding,) = found(tmp_path, "LEK003", [head, *train], [head, *test])
    assert finding.columns == ("id",)


def labelled(rng: random.Random, number: int) -> tuple[Rows, list[str]]:
    rows = mixed(rng, number)
    return rows, [row[5] for row in rows]


LEAKS = {
    "copy": lambda rng, y: y,
    "encoded": lambda rng, y: "7" if y == "pos" else "3",
    "noisy": lambda rng, y: rng.choice(["1", "0"]) if rng.random() < 0.02 else str(int(y == "pos")),
    "many codes": lambda rng, y: f"{'ab' if y == 'pos' else 'cd'}{rng.randint(1, 9)}",
    "score": lambda rng, y: f"{(y == 'pos') + rng.gauss(0, 0.1):.4f}",
    "filled in afterwards": lambda rng, y: f"case {rng.randint(1, 10**6)}" if y == "pos" else "",
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_column_that_gives_the_label_away_is_named(tmp_path: Path, leak: str) -> None:
    rng = random.Random(6)
    rows, labels = labelled(rng, 500)
    leaky = [[*row[:5], LEAKS[leak](rng, y), y] for row, y in zip(rows, labels, strict=True)]
    head = [*HEAD[:5], "leak", "label"]
    (finding,) = found(tmp_path, "LEK004", [head, *leaky], label="label")
    assert finding.columns == ("leak",)


def test_a_word_in_all_texts_of_a_class_is_named(tmp_path: Path) -> None:
    rows, labels = labelled(random.Random(7), 400)
    for row, label in zip(rows, labels, strict=True):
        row[1] += " #7f" if label == "pos" else " #3a"
    (finding,) = found(tmp_path, "LEK004", [HEAD, *rows], label="label")
    assert finding.columns == ("text",)


def test_a_copy_of_a_numeric_target_is_named(tmp_path: Path) -> None:
    rng = random.Random(8)
    values = [rng.gauss(100, 15) for _ in range(200)]
    rows = [[f"{v * 1.8 + 32:.3f}", f"{v + rng.gauss(0, 5):.3f}", f"{v:.3f}"] for v in values]
    (finding,) = found(tmp_path, "LEK004", [["f", "other", "target"], *rows], label="target")
    assert finding.columns == ("f",)


def test_clean_features_give_nothing_away(tmp_path: Path) -> None:
    rows, _ = labelled(random.Random(9), 500)
    assert found(tmp_path, "LEK004", [HEAD, *rows], label="label") == []


def test_measurements_of_a_group_do_not_leak_its_label(tmp_path: Path) -> None:
    rng = random.Random(10)
    rows = []
    for patient in range(60):
        born, label = f"{rng.uniform(20, 80):.6f}", rng.choice(["ill", "well"])
        rows += [[f"p{patient}", born, f"{rng.gauss(5, 1):.2f}", label] for _ in range(12)]
    head = ["patient", "age", "blood", "label"]
    assert found(tmp_path, "LEK004", [head, *rows], label="label", group="patient") == []


def test_ids_and_order_that_say_nothing_are_silent(tmp_path: Path) -> None:
    rows, _ = labelled(random.Random(11), 500)
    assert found(tmp_path, "LEK005", [HEAD, *rows], label="label", id="id") == []


def test_sorted_rows_are_informative_and_sorted_ids_a_warning(tmp_path: Path) -> None:
    rng = random.Random(12)
    rows, _ = labelled(rng, 300)
    rows.sort(key=lambda row: row[5])
    assert found(tmp_path, "LEK005", [HEAD[1:], *(r[1:] for r in rows)], label="label") == []
    (by_order,) = found(tmp_path, "SPL006", [HEAD[1:], *(r[1:] for r in rows)], label="label")
    numbered = [[str(i), *row[1:]] for i, row in enumerate(rows)]
    rng.shuffle(numbered)
    (by_id,) = found(tmp_path, "LEK005", [HEAD, *numbered], label="label")
    assert (by_order.severity, by_order.columns) == (Severity.INFO, ("label",))
    assert (by_id.severity, by_id.columns) == (Severity.WARNING, ("id",))


@pytest.mark.parametrize("code", ["LEK001", "LEK002", "LEK003", "LEK004", "LEK005"])
@pytest.mark.parametrize("rows", [[["a", "b"]], [["a", "b"], ["1", "x"]], [["a"], *[[""]] * 60]])
def test_tiny_tables_survive(tmp_path: Path, code: str, rows: Rows) -> None:
    said = report(tmp_path, code, rows, [["a", "b"], ["2", "y"]], label="a", group="a")
    assert said.findings == ()
    assert all(o.status != "crashed" for o in said.outcomes)


def test_big_splits_give_the_same_answer_by_the_cheap_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(13)
    train, test = mixed(rng, 300), mixed(rng, 100, 1000)
    for i in range(10):
        test[i][1:] = [c.upper() for c in train[i][1:]]
    (direct,) = found(tmp_path, "LEK001", [HEAD, *train], [HEAD, *test])
    monkeypatch.setattr("dataguard.stats.row_keys.BIG", 10)
    (cheap,) = found(tmp_path, "LEK001", [HEAD, *train], [HEAD, *test])
    assert cheap == direct


@pytest.mark.parametrize("table", ["texts", "few texts", "codes", "numbers"])
def test_a_test_file_that_is_the_training_file_is_found(tmp_path: Path, table: str) -> None:
    rng = random.Random(21)
    number = 8 if table == "few texts" else 60
    head, *rows = {
        "codes": [["mail"], *([f"{rng.choice(WORDS)}{i}@x.org"] for i in range(number))],
        "numbers": [["a", "b"]] + [[f"{rng.gauss(5, 1):.2f}" for _ in "ab"] for _ in range(number)],
    }.get(table, [["text"], *([row[1]] for row in mixed(rng, number))])
    labelled = [[*row, rng.choice(["pos", "neg"])] for row in rows]
    both = [[*head, "label"], *labelled]
    findings = found(tmp_path, "LEK001", both, both, label="label")
    assert [list(f.rows) for f in findings] == [list(range(number))]
    assert findings[0].severity is Severity.ERROR


def test_one_coarse_column_agrees_by_chance_across_splits(tmp_path: Path) -> None:
    rng = random.Random(22)
    rows = [[str(rng.randint(20, 60))] for _ in range(400)]
    assert found(tmp_path, "LEK001", [["age"], *rows[:300]], [["age"], *rows[300:]]) == []


@pytest.mark.parametrize("name", ["examples", "originals", "columns"])
def test_a_leaking_column_may_have_any_name(tmp_path: Path, name: str) -> None:
    rng = random.Random(23)
    rows = []
    for _ in range(100):
        label = rng.choice(["pos", "neg"])
        rows.append([f"{rng.gauss(0, 1):.3f}", "ab"[label == "neg"], label])
    (finding,) = found(tmp_path, "LEK004", [["x", name, "label"], *rows], label="label")
    assert finding.columns == (name,)
    assert finding.evidence["columns"][name]["rule"] == "value"


def test_wrong_labels_are_not_judged_by_a_column_that_gives_one_class_away(tmp_path: Path) -> None:
    rng = random.Random(24)
    labels = [rng.choice(["pos", "neg"]) for _ in range(400)]
    filled = [i for i, label in enumerate(labels) if label == "pos"][:60]
    rows = [[rng.choice("ab") if i in filled else "", y] for i, y in enumerate(labels)]
    data = [["refund", "label"], *rows]
    (finding,) = found(tmp_path, "LEK004", data, label="label")
    assert finding.columns == ("refund",)
    (outcome,) = report(tmp_path, "LAB002", data, label="label").outcomes
    assert outcome.reason == "each column that could predict the label gives it away by itself"


@pytest.mark.parametrize(
    ("given", "same_id", "with_text", "severity"),
    [
        ({"id": "id", "label": "label"}, False, False, Severity.ERROR),
        ({"label": "label"}, False, False, Severity.WARNING),
        ({"label": "label"}, True, False, Severity.ERROR),
        ({}, True, False, Severity.ERROR),
        ({}, False, True, Severity.ERROR),
    ],
)
def test_a_leak_that_rests_on_a_guessed_id_is_no_error_but_for_texts(
    tmp_path: Path, given: dict[str, str], same_id: bool, with_text: bool, severity: Severity
) -> None:
    rng = random.Random(25)
    train, test = mixed(rng, 200), mixed(rng, 50, 1000)
    for i in range(5):
        test[i][0 if same_id else 1 :] = train[i][0 if same_id else 1 :]
    tables = [[HEAD, *rows] for rows in (train, test)]
    if not with_text:
        tables = [[[row[0], *row[2:]] for row in rows] for rows in tables]
    (finding,) = found(tmp_path, "LEK001", *tables, **given)
    assert (list(finding.rows), finding.severity) == (list(range(5)), severity)
    assert ("`id`" in finding.message) == (severity is Severity.WARNING)


def test_a_leak_that_rests_on_a_guessed_label_is_no_error(tmp_path: Path) -> None:
    rng = random.Random(26)
    train = [[f"{rng.gauss(0, 1):.3f}", f"{rng.gauss(0, 1):.3f}", "pos"] for _ in range(100)]
    train[::2] = [[*row[:2], "neg"] for row in train[::2]]
    test = [[*row[:2], {"pos": "neg", "neg": "pos"}[row[2]]] for row in train[:20]]
    head = ["a", "b", "label"]
    (guessed,) = found(tmp_path, "LEK001", [head, *train], [head, *test])
    (given,) = found(tmp_path, "LEK001", [head, *train], [head, *test], label="label")
    assert (guessed.severity, given.severity) == (Severity.WARNING, Severity.ERROR)
    assert list(guessed.rows) == list(given.rows) == list(range(20))


@pytest.mark.parametrize("code", ["DUP003", "LEK002", "LEK004", "LEK005"])
def test_findings_that_rest_on_a_guessed_text_or_label_say_so(code: str) -> None:
    check = load_checks()[code]
    assert set(check.uses) & {"text", "label"}


def test_of_long_texts_whole_words_at_both_ends_are_searched() -> None:
    import polars as pl

    from dataguard.stats.leakage import by_token

    middle = "word " * 500
    texts = [f"first{i}xx " + middle + ("aa" if i % 2 else "zz") + f" last{i}" for i in range(40)]
    labels = pl.Series(["pos" if i % 2 else "neg" for i in range(40)])
    rule = by_token(pl.Series(texts), labels, ["neg", "pos"], most=40 * 100)
    assert (rule.score, "`zz`" in rule.words or "`aa`" in rule.words) == (1.0, True)
    hidden = [
        text.replace(" word", f" {'odd' if i % 2 else 'even'}", 250)[:-9] + " word " * 50
        for i, text in enumerate(texts)
    ]
    cut = by_token(
        pl.Series([middle * 2 + h + middle * 2 for h in hidden]),
        labels,
        ["neg", "pos"],
        most=40 * 100,
    )
    assert cut.score < 0.9

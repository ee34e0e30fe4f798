"""Label checks beyond their examples: real files, planted faults, what must stay silent."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from dataguard.finding import Finding, Report, Severity, Status
from dataguard.linter import Settings, lint_tables
from dataguard.registry import load_checks
from dataguard.roles import GivenRoles
from dataguard.sources import open_table
from dataguard.stats.class_names import is_typo, spelling_key, spelling_variants

CHECKS = load_checks()


def lint(code: str, path: Path, label: str | None = "label", test: Path | None = None) -> Report:
    tables = {"train": open_table(str(path))}
    if test is not None:
        tables["test"] = open_table(str(test))
    return lint_tables("data", tables, GivenRoles(label=label), Settings((CHECKS[code](),)))


def csv_of(path: Path, header: str, rows: list[str]) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def only(report: Report) -> Finding:
    assert [o.status for o in report.outcomes] == [Status.RAN], report.outcomes
    (finding,) = report.findings
    return finding


def silent(report: Report) -> bool:
    return not report.findings and report.outcomes[0].status is not Status.CRASHED


def labelled(labels: list[str]) -> list[str]:
    return [f"{i},{label}" for i, label in enumerate(labels)]


# LAB001


@pytest.mark.parametrize("word", ["", "N/A", "?", "null", "NaN", "NA", "#N/A", " ", "n.a."])
def test_every_spelling_of_missing_is_found_among_two_classes(tmp_path: Path, word: str) -> None:
    labels = ["spam", "ham"] * 100
    places = [3, 50, 77, 199]
    for place in places:
        labels[place] = word
    found = only(lint("LAB001", csv_of(tmp_path / "a.csv", "x,label", labelled(labels))))
    assert (list(found.rows), found.severity) == (places, Severity.ERROR)
    assert found.line == 5


def test_all_missing_words_at_once_are_one_finding(tmp_path: Path) -> None:
    words = ["", "N/A", "?", "null", "None", "unknown", "-", "missing"]
    labels = [*words, *["yes", "no", "maybe"] * 60]
    found = only(lint("LAB001", csv_of(tmp_path / "a.csv", "x,label", labelled(labels))))
    assert list(found.rows) == list(range(8))


@pytest.mark.parametrize("word", ["none", "unknown", "-", "missing", "empty"])
def test_a_word_for_missing_that_is_a_common_class_is_no_fault(tmp_path: Path, word: str) -> None:
    labels = ["mild", "severe", word] * 40
    assert silent(lint("LAB001", csv_of(tmp_path / "a.csv", "x,label", labelled(labels))))


def test_a_rare_none_without_other_missing_labels_is_a_class(tmp_path: Path) -> None:
    labels = ["gas", "oil"] * 60 + ["none"]
    assert silent(lint("LAB001", csv_of(tmp_path / "a.csv", "x,label", labelled(labels))))


def test_a_word_in_a_column_of_numbers_is_missing_whatever_it_is(tmp_path: Path) -> None:
    labels = [str(i / 7) for i in range(60)] + ["unknown"]
    found = only(lint("LAB001", csv_of(tmp_path / "a.csv", "x,label", labelled(labels))))
    assert list(found.rows) == [60]


def test_a_guessed_label_is_never_an_error(tmp_path: Path) -> None:
    labels = ["yes", "no"] * 30 + ["N/A"]
    path = csv_of(tmp_path / "a.csv", "x,label", labelled(labels))
    assert only(lint("LAB001", path, label=None)).severity is Severity.WARNING


def test_mostly_unlabelled_data_give_a_warning(tmp_path: Path) -> None:
    labels = ["yes", "no"] * 10 + [""] * 80
    found = only(lint("LAB001", csv_of(tmp_path / "a.csv", "x,label", labelled(labels))))
    assert (found.severity, found.row_count) == (Severity.WARNING, 80)


def test_missing_labels_of_the_test_split_are_found_there(tmp_path: Path) -> None:
    train = csv_of(tmp_path / "train.csv", "x,label", labelled(["a", "b"] * 20))
    test = csv_of(tmp_path / "test.csv", "x,label", labelled(["a", "", "b", "a"]))
    found = only(lint("LAB001", train, test=test))
    assert (found.split, list(found.rows)) == ("test", [1])


def test_a_column_without_any_label_is_skipped_with_a_reason(tmp_path: Path) -> None:
    report = lint("LAB001", csv_of(tmp_path / "a.csv", "x,label", labelled([""] * 9)))
    assert [(o.status, o.reason) for o in report.outcomes] == [
        (Status.SKIPPED, "the label column is empty")
    ]


# LAB003


def test_the_same_text_with_another_label_is_found_whatever_stands_beside(tmp_path: Path) -> None:
    rows = [f'{i},"comment number {i} about the weather today",{"pos" if i % 2 else "neg"}'
            for i in range(60)]  # fmt: skip
    rows[10] = '900,"Comment number 20  about the weather today",pos'
    found = only(lint("LAB003", csv_of(tmp_path / "a.csv", "n,text,label", rows)))
    assert list(found.rows) == [10, 20]
    assert found.notes == ["labels given: neg / pos"] * 2


def test_short_texts_beside_other_features_are_no_conflict(tmp_path: Path) -> None:
    rows = [
        f'{i / 7},"a fine text with many words {i}",{"pos" if i % 2 else "neg"}' for i in range(60)
    ]
    rows += ["1.1,very good,pos", "2.2,very good,neg"]
    assert silent(lint("LAB003", csv_of(tmp_path / "a.csv", "n,text,label", rows)))


def test_conflicts_are_no_chance_in_a_table_of_measurements(tmp_path: Path) -> None:
    draw = random.Random(4)
    rows = [f"{draw.random():.4f},{draw.random():.4f},{draw.choice('ab')}" for _ in range(300)]
    rows += ["0.5,0.25,a", "0.50,0.25,b", "0.5,0.25,a"]
    found = only(lint("LAB003", csv_of(tmp_path / "a.csv", "u,v,label", rows)))
    assert list(found.rows) == [300, 301, 302]
    assert found.groups == [0, 0, 0]


def test_rows_of_few_categories_agree_by_chance(tmp_path: Path) -> None:
    draw = random.Random(5)
    rows = [f"{draw.choice('abc')},{draw.choice('xyz')},{draw.choice('no')}" for _ in range(200)]
    assert silent(lint("LAB003", csv_of(tmp_path / "a.csv", "u,v,label", rows)))


def test_copies_with_one_label_and_missing_labels_are_no_conflict(tmp_path: Path) -> None:
    rows = [f"a text about number {i} and more,{'ab'[i % 2]}" for i in range(40)]
    rows += ["a text about number 3 and more,b", "a text about number 4 and more,"]
    assert silent(lint("LAB003", csv_of(tmp_path / "a.csv", "text,label", rows)))


# LAB004


def test_case_space_and_typos_of_a_class_are_found(tmp_path: Path) -> None:
    labels = ["positive", "negative"] * 60
    planted = {5: "Positive", 8: "positive ", 11: "POSITIVE", 20: "postive", 31: "negatvie",
               44: "possitive"}  # fmt: skip
    for row, label in planted.items():
        labels[row] = label
    report = lint("LAB004", csv_of(tmp_path / "a.csv", "x,label", labelled(labels)))
    found = {f.confidence: f for f in report.findings}
    assert {c: list(f.rows) for c, f in found.items()} == {1.0: [5, 8, 11], 0.7: [20, 31, 44]}
    assert found[0.7].notes[1] == "did you mean 'negative'?"


@pytest.mark.parametrize(
    ("rare", "frequent"),
    [
        ("class1", "class2"), ("A1", "A2"), ("good", "food"), ("female", "male"), ("cat", "car"),
        ("atypical", "typical"), ("abnormal", "normal"), ("maternal", "paternal"),
        ("hypothyroid", "hyperthyroid"), ("type i", "type ii"), ("grade a", "grade b"),
        ("internal", "external"), ("increase", "decrease"), ("inactive", "active"),
        ("northeast", "northwest"), ("2019-01", "2019-02"), ("A-", "A"), ("C++", "C"),
        ("class_a", "class_b"), ("indiana", "indian"), ("stage3", "stage4"), ("-1", "1"),
    ],
)  # fmt: skip
def test_names_that_are_close_are_not_the_same_class(rare: str, frequent: str) -> None:
    assert spelling_variants({rare: 1, frequent: 1000}) == {}
    assert not is_typo(frequent, rare)


@pytest.mark.parametrize(
    ("left", "right"),
    [("Not Spam", "not_spam"), (" yes", "YES"), ('"ham"', "ham"), ("spam.", "spam"), ("1.0", "1")],
)
def test_spellings_of_one_class_share_a_key(left: str, right: str) -> None:
    assert spelling_key(left) == spelling_key(right)


def test_a_close_name_that_is_frequent_is_a_class() -> None:
    assert spelling_variants({"contact": 80, "contract": 100}) == {}


# LAB005


def test_a_class_with_one_row_is_a_warning(tmp_path: Path) -> None:
    labels = ["a"] * 40 + ["b"] * 40 + ["c"]
    found = only(lint("LAB005", csv_of(tmp_path / "a.csv", "x,label", labelled(labels))))
    assert (list(found.rows), found.severity) == ([80], Severity.WARNING)


def test_a_hundred_to_one_is_a_warning_and_ten_to_one_an_info(tmp_path: Path) -> None:
    for number, severity in ((700, Severity.WARNING), (80, Severity.INFO)):
        labels = ["a"] * number + ["b"] * 7
        found = only(lint("LAB005", csv_of(tmp_path / "a.csv", "x,label", labelled(labels))))
        assert found.severity is severity


def test_counts_that_look_like_classes_are_no_warning(tmp_path: Path) -> None:
    labels = [str(i % 12) for i in range(120)] + ["19"]
    found = only(lint("LAB005", csv_of(tmp_path / "a.csv", "x,label", labelled(labels))))
    assert found.severity is Severity.INFO


def test_measurements_are_not_classes(tmp_path: Path) -> None:
    labels = [str(i / 7) for i in range(60)]
    report = lint("LAB005", csv_of(tmp_path / "a.csv", "x,label", labelled(labels)))
    assert [o.status for o in report.outcomes] == [Status.SKIPPED]


# LAB002


def reviews(count: int, seed: int) -> tuple[list[str], list[str]]:
    """Texts and labels that words tell apart."""
    draw = random.Random(seed)
    words = {
        "pos": ["great", "lovely", "superb", "happy", "shining", "perfect", "delight", "warm"],
        "neg": ["awful", "broken", "rude", "dirty", "cold", "noisy", "waste", "horrible"],
    }
    neutral = ["the", "room", "staff", "food", "price", "view", "door", "street"]
    labels = ["pos" if i % 2 else "neg" for i in range(count)]
    texts = [" ".join([*draw.sample(words[y], 3), *draw.sample(neutral, 4)]) for y in labels]
    return texts, labels


def test_flipped_labels_are_found_with_the_label_that_was_right(tmp_path: Path) -> None:
    texts, labels = reviews(300, 1)
    flipped = sorted(random.Random(2).sample(range(300), 9))
    given = [("neg" if y == "pos" else "pos") if i in flipped else y for i, y in enumerate(labels)]
    rows = [f"{i},{t},{y}" for i, (t, y) in enumerate(zip(texts, given, strict=True))]
    found = only(lint("LAB002", csv_of(tmp_path / "a.csv", "id,text,label", rows)))
    assert list(found.rows) == flipped
    assert found.notes == [f"suggested label: {labels[i]}" for i in flipped]
    assert all(0.5 <= score <= 1 for score in found.scores)


def test_rows_without_a_label_are_not_counted_as_judged(tmp_path: Path) -> None:
    texts, labels = reviews(300, 1)
    labels[7] = "neg"
    given = [y if i < 250 else "" for i, y in enumerate(labels)]
    rows = [f"{t},{y}" for t, y in zip(texts, given, strict=True)]
    found = only(lint("LAB002", csv_of(tmp_path / "a.csv", "text,label", rows)))
    assert found.message == (
        "1 label in `label` (0.4 % of 250 judged) is probably wrong (score 0.5 or more)"
    )
    assert found.evidence["judged"] == 250


def test_a_column_that_copies_the_label_does_not_hide_the_flips(tmp_path: Path) -> None:
    texts, labels = reviews(300, 1)
    flipped = [10, 77, 140, 222, 251, 290]
    given = [("neg" if y == "pos" else "pos") if i in flipped else y for i, y in enumerate(labels)]
    rows = [f"{t},{int(y == 'pos')},{y}" for t, y in zip(texts, given, strict=True)]
    found = only(lint("LAB002", csv_of(tmp_path / "a.csv", "text,code,label", rows)))
    assert list(found.rows) == flipped


def test_labels_that_no_column_predicts_are_skipped_with_a_reason(tmp_path: Path) -> None:
    draw = random.Random(3)
    rows = [f"{draw.random()},{draw.random()},{draw.choice('ab')}" for _ in range(200)]
    (outcome,) = lint("LAB002", csv_of(tmp_path / "a.csv", "u,v,label", rows)).outcomes
    assert outcome.status is Status.SKIPPED
    assert "do not predict the label" in outcome.reason


def test_few_rows_and_no_features_are_skipped_with_a_reason(tmp_path: Path) -> None:
    few = lint("LAB002", csv_of(tmp_path / "a.csv", "x,label", labelled(["a", "b"] * 4)))
    none = lint("LAB002", csv_of(tmp_path / "b.csv", "id,label", labelled(["a", "b"] * 40)))
    reasons = [report.outcomes[0].reason for report in (few, none)]
    assert reasons == [
        "fewer than 20 labelled rows", "no column to predict the label from",
    ]  # fmt: skip


# All of them


@pytest.mark.parametrize("code", ["LAB001", "LAB002", "LAB003", "LAB004", "LAB005"])
@pytest.mark.parametrize(
    "content",
    [
        b"", b"label\n", b"x,label\n1,a\n", b"label\na\nb\na\nb\n", b"x,label\n,\n,\n,\n",
        b"x,label\n" + b"1,a\n" * 50, b"x,label\n" + b",a\n,b\n" * 30,
        b"x,label\n" + b"\x07,\x1b[31m\n<script>,\xf0\x9f\x98\x80\n" * 30,
    ],
)  # fmt: skip
def test_odd_tables_are_survived(tmp_path: Path, code: str, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    table = open_table(str(path))
    given = GivenRoles(label="label" if b"label" in content else None)
    report = lint_tables("data", {"train": table}, given, Settings((CHECKS[code](),)))
    assert [o.status for o in report.outcomes if o.status is Status.CRASHED] == []


@pytest.mark.parametrize("code", ["LAB001", "LAB002", "LAB003", "LAB004", "LAB005"])
def test_shuffled_rows_give_the_same_findings(tmp_path: Path, code: str) -> None:
    texts, labels = reviews(120, 7)
    labels[3], labels[9], labels[14], labels[21] = "", "Pos", "pos", "rare"
    texts[30] = texts[31]
    rows = [f"{t},{y}" for t, y in zip(texts, labels, strict=True)]
    order = list(range(120))
    random.Random(8).shuffle(order)
    plain = lint(code, csv_of(tmp_path / "a.csv", "text,label", rows))
    mixed = lint(code, csv_of(tmp_path / "b.csv", "text,label", [rows[i] for i in order]))
    assert [(f.message, f.fingerprint) for f in mixed.findings] == [
        (f.message, f.fingerprint) for f in plain.findings
    ]
    assert [sorted(order[r] for r in f.rows) for f in mixed.findings] == [
        list(f.rows) for f in plain.findings
    ]

"""Label checks of the full catalogue, beyond their examples: planted faults, what stays silent."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest

from dataguard.finding import Finding, Report, Severity, Status
from dataguard.linter import Settings, lint_tables
from dataguard.registry import load_checks
from dataguard.roles import GivenRoles
from dataguard.sources import open_table
from dataguard.sources.frame import read_frame
from dataguard.stats.annotators import agreement, at_least
from dataguard.stats.class_names import is_typo

CHECKS = load_checks()
Columns = dict[str, list[object]]


def lint(code: str, columns: Columns, label: str | None = "label") -> Report:
    tables = {"train": read_frame(columns, name="train")}
    return lint_tables("data", tables, GivenRoles(label=label), Settings((CHECKS[code](),)))


def only(report: Report) -> Finding:
    assert [o.status for o in report.outcomes] == [Status.RAN], report.outcomes
    (finding,) = report.findings
    return finding


def silent(report: Report) -> bool:
    return not report.findings and report.outcomes[0].status is not Status.CRASHED


# LAB004


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("positiv", "positive"),
        ("egative", "negative"),
        ("ositive", "positive"),
        ("opsitive", "positive"),
        ("positivee", "positive"),
    ],
)
def test_slips_at_the_ends_of_a_label_are_typos(typo: str, meant: str) -> None:
    assert is_typo(typo, meant)


@pytest.mark.parametrize(
    ("rare", "frequent"),
    [
        ("cat", "cats"),
        ("cats", "cat"),
        ("low", "slow"),
        ("male", "female"),
        ("typical", "atypical"),
        ("other", "mother"),
        ("maternal", "paternal"),
        ("evolution", "revolution"),
        ("princess", "princes"),
        ("symptomatic", "asymptomatic"),
    ],
)
def test_words_that_differ_at_their_ends_are_no_typos(rare: str, frequent: str) -> None:
    assert not is_typo(rare, frequent)


# LAB006


def test_one_other_label_among_twenty_thousand_is_a_second_class() -> None:
    labels: list[object] = ["spam"] * 20_000
    labels[12_345] = "ham"
    assert silent(lint("LAB006", {"x": list(range(20_000)), "label": labels}))


def test_a_constant_target_is_a_single_class() -> None:
    finding = only(lint("LAB006", {"x": list(range(30)), "label": [2.5] * 30}))
    assert finding.severity is Severity.ERROR


def test_missing_labels_are_no_second_class(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_text("x,label\n" + "".join(f"{i},{'N/A' if i % 3 else 'yes'}\n" for i in range(30)))
    tables = {"train": open_table(str(path))}
    report = lint_tables("t", tables, GivenRoles("label"), Settings((CHECKS["LAB006"](),)))
    assert "all that are not missing" in only(report).message


# LAB007


def houses(rng: random.Random, rows: int) -> Columns:
    area = [round(rng.lognormvariate(4.7, 0.35), 1) for _ in range(rows)]
    year = [rng.randrange(1920, 2024) for _ in range(rows)]
    pairs = zip(area, year, strict=True)
    price = [round(2900 * a + 450 * (y - 1920) + rng.gauss(0, 9000)) for a, y in pairs]
    return {"area": [*area], "year": [*year], "price": [*price]}


def test_prices_with_a_wrong_unit_are_found_and_large_houses_are_not() -> None:
    table = houses(random.Random(1), 400)
    for row, factor in ((17, 10), (140, 0), (301, -1), (399, 0.1)):
        table["price"][row] = round(float(str(table["price"][row])) * factor)
    finding = only(lint("LAB007", table, "price"))
    assert list(finding.rows) == [17, 140, 301, 399]
    assert finding.severity is Severity.WARNING


def test_prices_without_a_fault_are_silent() -> None:
    assert silent(lint("LAB007", houses(random.Random(2), 400), "price"))


def test_a_target_that_is_mostly_zero_is_left_alone() -> None:
    rng = random.Random(3)
    table = houses(rng, 300)
    table["claims"] = [0.0 if rng.random() < 0.7 else rng.expovariate(0.01) for _ in range(300)]
    assert lint("LAB007", table, "claims").outcomes[0].status is Status.SKIPPED


# LAB008


def machines(rng: random.Random, rows: int, names: tuple[str, ...]) -> Columns:
    """Kinds of machine by three measures; names that begin alike are one kind."""
    centres = {"a": (0, 0, 6), "b": (6, 0, 0), "c": (0, 6, 0), "d": (6, 6, 6)}
    state: list[object] = [rng.choice(names) for _ in range(rows)]
    columns: Columns = {
        f"m{k}": [round(centres[str(s)[0]][k] + rng.gauss(0, 1), 3) for s in state]
        for k in range(3)
    }
    return columns | {"label": state}


def test_two_names_of_one_kind_are_named() -> None:
    finding = only(lint("LAB008", machines(random.Random(4), 300, ("a1", "a2", "b", "c"))))
    assert "`a1`" in finding.message
    assert "`a2`" in finding.message
    assert finding.severity is Severity.WARNING
    assert len(finding.evidence["pairs"]) == 1


def test_kinds_that_are_told_apart_are_silent() -> None:
    assert silent(lint("LAB008", machines(random.Random(5), 300, ("a", "b", "c", "d"))))


def test_many_numbers_are_no_classes_to_confuse() -> None:
    table = machines(random.Random(6), 300, ("a", "b", "c"))
    table["label"] = [i % 15 for i in range(300)]
    assert lint("LAB008", table).outcomes[0].status is Status.SKIPPED


# LAB009


@pytest.mark.parametrize(
    "labels",
    [
        [f"img_{i * 37 % 997:04}.png" for i in range(200)],
        [f"CAT-{i * 37 % 997}" for i in range(200)],
        [str(1_000_000 + i * 7919 % 99_991) for i in range(200)],
        [i + 1 for i in range(200)],
    ],
)
def test_labels_that_name_rows_are_found(labels: list[object]) -> None:
    assert only(lint("LAB009", {"x": [i / 7 for i in range(200)], "label": labels}))


@pytest.mark.parametrize(
    "labels",
    [
        [f"class {i % 60}" for i in range(200)],
        [i * 7919 % 9973 for i in range(200)],
        [i / 3 for i in range(200)],
        [f"a long answer that is written by hand, number {i}" for i in range(200)],
    ],
)
def test_classes_measures_and_texts_are_no_ids(labels: list[object]) -> None:
    assert silent(lint("LAB009", {"x": [i / 7 for i in range(200)], "label": labels}))


# LAB010


def rated(rng: random.Random, items: int, careless: str = "", noise: float = 0.03) -> Columns:
    """Three of five people label each item; the careless one at random."""
    who, classes = ("ann", "bob", "cem", "dea", "eli"), ("cat", "dog", "fox")
    rows = []
    for item in range(items):
        truth = rng.choice(classes)
        for one in rng.sample(who, 3):
            lot = one == careless or rng.random() < noise
            rows.append((f"photo {item}", one, rng.choice(classes) if lot else truth))
    names = ("photo", "rater_id", "label")
    return {name: [row[k] for row in rows] for k, name in enumerate(names)}


def test_the_careless_annotator_is_named_and_nobody_else() -> None:
    report = lint("LAB010", rated(random.Random(7), 150, careless="dea"))
    named = [f.evidence["annotator"] for f in report.findings if "annotator" in f.evidence]
    assert named == ["dea"]


def test_careful_annotators_are_silent() -> None:
    assert silent(lint("LAB010", rated(random.Random(8), 150)))


def test_annotators_who_all_guess_disagree_and_none_stands_out() -> None:
    finding = only(lint("LAB010", rated(random.Random(9), 150, noise=0.8)))
    assert finding.evidence["kappa"] < 0.4
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize("name", ["annotator", "labeled_by", "workerId", "rater name"])
def test_columns_of_annotators_are_known_by_their_names(name: str) -> None:
    table = rated(random.Random(10), 60, noise=0.8)
    table[name] = table.pop("rater_id")
    assert lint("LAB010", table).findings


def test_a_table_of_workers_is_no_table_of_annotators() -> None:
    rng = random.Random(11)
    table: Columns = {
        "worker": [f"w{i % 30}" for i in range(300)],
        "hours": [rng.randint(20, 50) for _ in range(300)],
        "label": [rng.choice(["stays", "leaves"]) for _ in range(300)],
    }
    report = lint("LAB010", table)
    assert report.outcomes[0].status is Status.SKIPPED or not report.findings


def test_ratings_are_neither_conflicting_labels_nor_near_duplicates() -> None:
    rng = random.Random(12)
    table = rated(rng, 60, noise=0.5)
    words = [f"a picture of something in the street number {i}" for i in range(60)]
    table["text"] = [words[int(str(photo).split()[1])] for photo in table.pop("photo")]
    for code in ("LAB003", "DUP003"):
        assert silent(lint(code, table))


def test_kappa_is_that_of_the_papers() -> None:
    # Cohen (1960): agreement 0.7, chance 0.5, of 50 grants judged by two readers.
    votes = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    rows = [
        {"row": 2 * i + k, "item": i, "annotator": "ab"[k], "label": vote[k]}
        for i, vote in enumerate(votes)
        for k in range(2)
    ]
    assert agreement(pl.DataFrame(rows)).kappa == pytest.approx(0.4)


def test_the_binomial_tail_is_exact() -> None:
    assert at_least(2, 3, 0.5) == pytest.approx(0.5)
    assert at_least(0, 3, 0.5) == 1.0
    assert at_least(3, 3, 0.1) == pytest.approx(0.001)


# LAB011


@pytest.mark.parametrize("sign", ["|", ";", ", ", " | ", ","])
def test_several_labels_in_a_cell_are_found_at_any_separator(sign: str) -> None:
    rng = random.Random(13)
    words = ["drama", "comedy", "action", "crime"]
    labels: list[object] = [rng.choice(words) for _ in range(300)]
    several = rng.sample(range(300), 30)
    for row in several:
        labels[row] = sign.join(rng.sample(words, 2))
    finding = only(lint("LAB011", {"x": list(range(300)), "label": labels}))
    assert list(finding.rows) == sorted(several)


@pytest.mark.parametrize(
    "labels",
    [
        ["Smith, John", "Doe, Jane", "Roy, Ann"],
        ["1,5", "2,5", "3,5"],
        ["18-25", "26-40", ">40"],
        ["none; see notes", "mild", "severe"],
        ["AC/DC", "TCP/IP", "n/a"],
        ["yes", "no", "yes, later"],
    ],
)
def test_signs_inside_one_label_are_no_separators(labels: list[object]) -> None:
    assert silent(lint("LAB011", {"x": list(range(60)), "label": labels * 20}))


@pytest.mark.parametrize("word", ["unlabeled", "Unlabelled", "no label", "TODO"])
def test_a_rare_word_for_no_label_is_a_missing_label_and_a_common_one_a_class(word: str) -> None:
    classes = ["spam", "ham"] * 100
    texts = [f"message number {at} about parcel {at * 7}" for at in range(200)]
    for step, found in ((50, 4), (3, 0)):
        labels = [word if at % step == 0 else name for at, name in enumerate(classes)]
        report = lint("LAB001", {"text": texts, "kind": labels}, "kind")
        assert sum(f.row_count for f in report.findings) == found

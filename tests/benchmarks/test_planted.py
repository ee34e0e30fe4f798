from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.planting.cases import CASES, generate, make
from benchmarks.planting.sheet import Planted, Truth
from benchmarks.planting.words import TOPICS
from benchmarks.scoring import EXPECT, Flag, Said, Tally, false_findings, score

SCALE = 0.1


def cells(folder: Path, truth: Truth, split: str = "train") -> list[dict[str, str]]:
    text = (folder / truth.files[split]).read_text(encoding="utf-8")
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    return list(csv.DictReader(text.splitlines(keepends=True), delimiter=delimiter))


def made(name: str, folder: Path, seed: int = 0) -> Truth:
    [(place, case)] = [(i, case) for i, case in enumerate(CASES) if case.name == name]
    return make(case, place, seed, folder, SCALE)


def only(truth: Truth, fault: str) -> Planted:
    [planted] = [p for p in truth.planted if p.fault == fault]
    return planted


def perfect(truth: Truth) -> Said:
    """What a linter without fault would say."""
    findings: list[dict[str, object]] = []
    flags = []
    for planted in truth.planted:
        for name in EXPECT[planted.fault]:
            findings.append(
                {
                    "name": name,
                    "severity": "warning",
                    "split": planted.split,
                    "rows": planted.rows,
                    "columns": planted.columns,
                    "line": planted.lines[0] if planted.lines else None,
                    "message": "",
                }
            )
            columns = frozenset(planted.columns)
            flags += [
                Flag(name, planted.split, row, line, columns)
                for row, line in zip(planted.rows, planted.lines, strict=True)
            ]
    return Said(findings, flags, [], 0.0)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        list(generate(3, tmp_path / folder, "together", SCALE))
    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*.*"))
    assert files
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_another_seed_gives_other_rows(tmp_path: Path) -> None:
    first, second = made("clean-houses", tmp_path / "a", 0), made("clean-houses", tmp_path / "b", 1)
    assert cells(tmp_path / "a", first) != cells(tmp_path / "b", second)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_faultless_linter_has_full_recall_and_precision(case: object, tmp_path: Path) -> None:
    truth = make(case, 0, 1, tmp_path, SCALE)  # type: ignore[arg-type]
    tallies: dict[str, Tally] = {}
    said = perfect(truth)
    score(truth, said, tallies)
    assert false_findings(truth, said) == []
    for fault, tally in tallies.items():
        if EXPECT[fault]:
            assert (fault, tally.recall, tally.naming) == (fault, 1.0, 1.0)
            assert tally.exact == tally.true == tally.flagged
            assert tally.wrong_lines == 0


def test_a_silent_linter_has_no_recall(tmp_path: Path) -> None:
    truth = made("together-tickets", tmp_path)
    tallies: dict[str, Tally] = {}
    score(truth, Said([], [], [], 0.0), tallies)
    assert {tally.recall for tally in tallies.values()} == {0.0}
    assert all(tally.planted for tally in tallies.values())


def test_a_finding_on_an_untouched_column_is_without_cause(tmp_path: Path) -> None:
    truth = made("whitespace", tmp_path)
    said = perfect(truth)
    column = truth.untouched["train"][0]
    said.findings.append({**said.findings[0], "columns": [column]})
    [false] = false_findings(truth, said)
    assert (false.columns, false.untouched) == ((column,), True)


def test_a_flagged_row_without_a_fault_lowers_precision(tmp_path: Path) -> None:
    truth = made("missing-labels", tmp_path)
    said = perfect(truth)
    good = next(row for row in range(truth.rows["train"]) if row not in truth.planted[0].rows)
    said.flags.append(Flag("missing-label", "train", good, -1, said.flags[0].columns))
    tallies: dict[str, Tally] = {}
    score(truth, said, tallies)
    planted = len(truth.planted[0].rows)
    assert tallies["missing-labels"].precision == planted / (planted + 1)


def test_whitespace_stands_where_the_truth_says_and_nowhere_else(tmp_path: Path) -> None:
    truth = made("whitespace", tmp_path)
    rows = cells(tmp_path, truth)
    spaced = {
        (i, name)
        for i, row in enumerate(rows)
        for name, cell in row.items()
        if cell != cell.strip() or "  " in cell
    }
    assert spaced == {(row, p.columns[0]) for p in truth.planted for row in p.rows}


def test_exact_duplicates_repeat_an_earlier_row_and_no_other_row_does(tmp_path: Path) -> None:
    truth = made("exact-duplicates", tmp_path)
    planted = only(truth, "exact-duplicates")
    rows = cells(tmp_path, truth)
    for row in rows:
        del row[truth.roles["id"]]
    keys = [tuple(row.values()) for row in rows]
    for copy, original in zip(planted.rows, planted.partners, strict=True):
        assert original < copy
        assert keys[original] == keys[copy]
    assert sum(count - 1 for count in Counter(keys).values()) == len(planted.rows)


def test_lines_are_right_where_records_span_lines(tmp_path: Path) -> None:
    truth = make(next(c for c in CASES if c.name == "disguised-number"), 5, 0, tmp_path, 1.0)
    assert truth.domain == "answers"
    planted = only(truth, "disguised-missing")
    lines = (tmp_path / "train.csv").read_text(encoding="utf-8").split("\n")
    rows = cells(tmp_path, truth)
    assert planted.lines[-1] > planted.rows[-1] + 2
    for row, line in zip(planted.rows, planted.lines, strict=True):
        assert lines[line - 1].startswith(rows[row]["qid"])


def topic(text: str) -> str:
    """The label whose things a text names first."""
    places = {
        label: min(text.lower().find(thing) for thing in things if thing in text.lower())
        for label, (things, _) in TOPICS.items()
        if any(thing in text.lower() for thing in things)
    }
    return min(places, key=places.__getitem__)


def test_only_the_named_labels_contradict_their_texts(tmp_path: Path) -> None:
    truth = made("flipped-labels-text", tmp_path)
    label, [text] = truth.roles["label"], truth.roles["text"]
    rows = cells(tmp_path, truth)
    contradicting = [i for i, row in enumerate(rows) if topic(row[text]) != row[label]]
    assert contradicting == sorted(only(truth, "flipped-labels").rows)
    assert abs(len(contradicting) - 0.03 * len(rows)) <= 1


def test_test_rows_in_train_repeat_their_partner(tmp_path: Path) -> None:
    truth = made("test-in-train-dirty", tmp_path)
    planted = only(truth, "test-in-train")
    train, test = cells(tmp_path, truth), cells(tmp_path, truth, "test")
    for row, partner in zip(planted.rows, planted.partners, strict=True):
        mine, theirs = dict(test[row]), dict(train[partner])
        assert mine.pop(truth.roles["id"]) != theirs.pop(truth.roles["id"])
        assert mine == theirs

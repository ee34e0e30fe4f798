"""Checks of splits beyond their examples."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from dataguard.finding import Report, Severity, Status
from dataguard.linter import Settings, lint_tables
from dataguard.registry import load_checks
from dataguard.roles import GivenRoles
from dataguard.sources import open_table
from dataguard.stats import error_bars

CHECKS = load_checks()


def lint(
    code: str, folder: Path, train: list[str], test: list[str] | None, label: str | None = "label"
) -> Report:
    tables = {}
    for name, labels in (("train", train), ("test", test)):
        if labels is not None:
            path = folder / f"{name}.csv"
            path.write_text("x,label\n" + "".join(f"{i},{y}\n" for i, y in enumerate(labels)))
            tables[name] = open_table(str(path))
    return lint_tables("data", tables, GivenRoles(label=label), Settings((CHECKS[code](),)))


def told(report: Report) -> list[tuple[str | None, Severity, list[int]]]:
    assert all(o.status is not Status.CRASHED for o in report.outcomes), report.outcomes
    return [(f.split, f.severity, list(f.rows)) for f in report.findings]


TRAIN = ["a", "b"] * 100


# SPL001


def test_a_single_file_is_told_to_hold_out(tmp_path: Path) -> None:
    report = lint("SPL001", tmp_path, TRAIN, None)
    assert told(report) == [("train", Severity.INFO, [])]
    assert "10–20 %" in report.findings[0].fix


def test_with_a_test_split_there_is_a_holdout(tmp_path: Path) -> None:
    assert told(lint("SPL001", tmp_path, TRAIN, ["a", "b"])) == []


def test_a_test_split_alone_is_not_told_to_hold_out(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x\n" + "".join(f"{i}\n" for i in range(50)))
    tables = {"test": open_table(str(path))}
    report = lint_tables("data", tables, GivenRoles(), Settings((CHECKS["SPL001"](),)))
    assert told(report) == []


# SPL002


@pytest.mark.parametrize(
    ("rows", "severity"),
    [(92, Severity.WARNING), (93, Severity.INFO), (380, Severity.INFO), (381, None)],
)
def test_the_error_bar_of_an_accuracy_decides(
    tmp_path: Path, rows: int, severity: Severity | None
) -> None:
    labels = [TRAIN[i % 2] for i in range(rows)]
    expected = [("test", severity, [])] if severity else []
    assert told(lint("SPL002", tmp_path, TRAIN, labels)) == expected


def test_rows_without_a_label_do_not_count(tmp_path: Path) -> None:
    labels = ["a", "b"] * 10 + [""] * 400
    assert told(lint("SPL002", tmp_path, TRAIN, labels)) == [("test", Severity.WARNING, [])]


def test_a_set_to_predict_is_not_too_small(tmp_path: Path) -> None:
    assert told(lint("SPL002", tmp_path, TRAIN, [""] * 5)) == []


def test_half_widths_agree_with_their_inverse() -> None:
    for width in (0.01, 0.05, 0.1, 0.3):
        rows = error_bars.rows_for_accuracy(width)
        assert (
            error_bars.accuracy_half_width(rows) <= width < error_bars.accuracy_half_width(rows - 1)
        )
        rows = error_bars.rows_for_rmse(width)
        assert error_bars.rmse_half_width(rows) <= width < error_bars.rmse_half_width(rows - 1)
    assert error_bars.accuracy_half_width(0) == pytest.approx(0.5)
    assert error_bars.rmse_half_width(1) == math.inf


# SPL003


def test_a_class_that_training_never_sees_is_an_error_with_its_rows(tmp_path: Path) -> None:
    report = lint("SPL003", tmp_path, TRAIN, ["a", "b", "c", "a", "c"])
    assert told(report) == [("test", Severity.ERROR, [2, 4])]


def test_an_unseen_number_may_be_a_count_and_is_a_warning(tmp_path: Path) -> None:
    report = lint("SPL003", tmp_path, ["3", "4", "5"] * 30, ["3", "4", "5", "9"])
    assert told(report) == [("test", Severity.WARNING, [3])]


def test_labels_written_in_another_way_are_not_unseen(tmp_path: Path) -> None:
    assert told(lint("SPL003", tmp_path, ["0", "1"] * 50, ["1.0", "0.0", "1"])) == []
    assert told(lint("SPL003", tmp_path, ["not spam", "spam"] * 50, ["Not_Spam", "SPAM "])) == []


def test_missing_labels_are_no_unseen_class(tmp_path: Path) -> None:
    assert told(lint("SPL003", tmp_path, TRAIN, ["a", "", "N/A", "b"])) == []


def test_a_guessed_label_is_no_error(tmp_path: Path) -> None:
    report = lint("SPL003", tmp_path, TRAIN, ["a", "b", "c"], label=None)
    assert told(report) == [("test", Severity.WARNING, [2])]


def test_a_class_that_the_holdout_lacks_is_a_warning_where_it_was_expected(tmp_path: Path) -> None:
    train = ["a"] * 100 + ["b"] * 100
    assert told(lint("SPL003", tmp_path, train, ["a"] * 20)) == [("test", Severity.WARNING, [])]


def test_a_rare_class_that_the_holdout_lacks_is_an_info(tmp_path: Path) -> None:
    train = ["a"] * 200 + ["b"] * 3
    assert told(lint("SPL003", tmp_path, train, ["a"] * 20)) == [("test", Severity.INFO, [])]


@pytest.mark.parametrize("code", ["SPL001", "SPL002", "SPL003"])
@pytest.mark.parametrize("labels", [[], [""], ["a"], [""] * 40, ["a"] * 40])
def test_odd_splits_are_survived(tmp_path: Path, code: str, labels: list[str]) -> None:
    for test in (None, [], [""], ["a"], ["b"] * 3):
        told(lint(code, tmp_path, labels, test))

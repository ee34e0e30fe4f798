"""`dataguard.lint` and the report that it gives."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

import dataguard
from dataguard import Report, Severity, UsageError
from dataguard.finding import Status


@pytest.fixture
def train(root: Path) -> pd.DataFrame:
    return pd.read_csv(root / "examples" / "support" / "train.csv", dtype=str)


def told(report: Report) -> list[tuple[Any, ...]]:
    """What a report says but for row numbers."""
    return sorted(
        (f.code, f.split, f.columns, f.row_count, f.message, f.fingerprint) for f in report.findings
    )


def test_every_kind_of_table_gives_the_same_findings(train: pd.DataFrame) -> None:
    cells = train.astype(object).where(train.notna(), None)
    polars = pl.DataFrame({name: cells[name].tolist() for name in cells})
    tables = [train, polars, polars.lazy(), polars.to_arrow(), polars.to_dict(as_series=False)]
    reports = [dataguard.lint(table, label="topic", fast=True) for table in tables]
    for report in reports[1:]:
        assert told(report) == told(reports[0])
    assert {"DUP001", "FMT002", "LAB001"} <= {f.code for f in reports[0].findings}


def test_the_frame_is_not_changed(train: pd.DataFrame) -> None:
    before = train.copy(deep=True)
    dataguard.lint(train, label="topic", fast=True)
    pd.testing.assert_frame_equal(train, before)


def test_shuffled_rows_give_the_same_findings_but_for_row_numbers(train: pd.DataFrame) -> None:
    ordered = dataguard.lint(train, label="topic")
    order = list(range(len(train)))
    random.Random(3).shuffle(order)
    shuffled = dataguard.lint(train.iloc[order].reset_index(drop=True), label="topic")
    assert told(shuffled) == told(ordered)


def test_the_index_of_a_frame_does_not_matter_rows_are_positions(train: pd.DataFrame) -> None:
    moved = train.copy()
    moved.index = pd.Index(range(1000, 1000 + len(train)))
    assert told(dataguard.lint(moved, label="topic", fast=True)) == told(
        dataguard.lint(train, label="topic", fast=True)
    )


def test_a_path_gives_what_the_command_line_gives(root: Path) -> None:
    report = dataguard.lint(root / "examples" / "support", label="topic", fast=True)
    assert [s.split for s in report.sources] == ["train", "test"]
    assert not report.ok()
    assert report.ok("never")
    assert report.count(Severity.ERROR) == sum(
        f.severity is Severity.ERROR for f in report.findings
    )


def test_rows_hold_one_line_a_flagged_row(train: pd.DataFrame) -> None:
    report = dataguard.lint(train, label="topic", fast=True)
    rows = report.rows()
    assert list(rows.columns) == [
        "dataset", "split", "row", "line", "column", "code", "score", "group", "message",
    ]  # fmt: skip
    assert len(rows) == sum(len(f.rows) for f in report.findings)
    missing = rows.query("code == 'LAB001'")["row"]
    assert train["topic"].iloc[missing].isna().all()


def test_to_pandas_holds_one_line_a_finding(train: pd.DataFrame) -> None:
    report = dataguard.lint(train, label="topic", fast=True)
    table = report.to_pandas()
    assert list(table["code"]) == [f.code for f in report.findings]
    assert set(table["severity"]) <= {"error", "warning", "info"}
    assert list(table["rows"].iloc[0]) == list(report.findings[0].rows)


def test_a_report_shows_itself_as_text_and_as_html(train: pd.DataFrame) -> None:
    report = dataguard.lint(train, label="topic", fast=True)
    assert "DUP001 duplicate-rows" in str(report)
    html = report._repr_html_()
    assert "DUP001" in html
    assert "<script" not in html


def test_no_finding_never_looks_like_not_run() -> None:
    report = dataguard.lint({"a": [1, 2, 3]})
    by_code = {o.code: o for o in report.outcomes}
    assert by_code["LAB001"].status is Status.SKIPPED
    assert by_code["LAB001"].reason == "no label column; name it with --label"
    assert by_code["DUP001"].status is Status.RAN


def test_a_guess_is_never_an_error() -> None:
    texts = [f"{a} {b} {c}" for a in "abcdefgh" for b in "ijklm" for c in "nop"]
    labels: list[str | None] = ["yes", "no"] * (len(texts) // 2)
    labels[3] = None
    data = {"text": texts, "label": labels}
    severities = [
        f.severity
        for report in (dataguard.lint(data), dataguard.lint(data, label="label"))
        for f in report.findings
        if f.code == "LAB001"
    ]
    assert severities == [Severity.WARNING, Severity.ERROR]


@pytest.mark.parametrize("value", [42, object(), None, [1, 2], {1, 2}])
def test_something_that_is_no_table_is_refused_with_its_type(value: object) -> None:
    with pytest.raises(UsageError) as caught:
        dataguard.lint(value)
    assert type(value).__name__ in str(caught.value)


def test_select_and_ignore_take_one_code_or_several() -> None:
    data = {"a": ["x", "y", "x"]}
    one = dataguard.lint(data, select="DUP001")
    assert [o.code for o in one.outcomes] == ["DUP001"]
    fewer = dataguard.lint(data, select=["DUP"], ignore=["DUP001"], fast=True)
    assert "DUP001" not in {o.code for o in fewer.outcomes}
    with pytest.raises(UsageError, match="no check 'NOPE'"):
        dataguard.lint(data, select="NOPE")


def test_a_fingerprint_changes_with_the_content_and_not_with_the_place() -> None:
    base = {"t": ["a b", "c d", "a b", "e f"]}
    moved = {"t": ["e f", "a b", "a b", "c d"]}
    other = {"t": ["x y", "c d", "x y", "e f"]}
    prints = [
        dataguard.lint(data, select="DUP001").findings[0].fingerprint
        for data in (base, moved, other)
    ]
    assert prints[0] == prints[1]
    assert prints[0] != prints[2]


SEED_TELLER = '''
from dataguard.api import Check, Severity

class TellsSeed(Check):
    """It tells the seed."""

    code = "TELL001"
    name = "tells-seed"
    severity = Severity.INFO

    async def run(self, data):
        yield self.finding(f"seed {data.seed}")
'''


def test_a_seed_of_0_wins_over_the_config(tmp_path: Path) -> None:
    (tmp_path / "teller.py").write_text(SEED_TELLER, encoding="utf-8")
    config = tmp_path / "dataguard.toml"
    config.write_text("seed = 7\nplugins = ['teller.py']\n", encoding="utf-8")
    told = [
        dataguard.lint({"a": [1]}, select="TELL", seed=seed, config=config).findings[0].message
        for seed in (0, None, 5)
    ]
    assert told == ["seed 0", "seed 7", "seed 5"]


def test_the_largest_seed_works_and_the_next_is_refused() -> None:
    data = {"text": [f"a text of number {i}" for i in range(80)], "label": ["a", "b"] * 40}
    report = dataguard.lint(data, label="label", seed=2**32 - 1)
    assert all(o.status is not Status.CRASHED for o in report.outcomes)
    with pytest.raises(UsageError, match="the seed is"):
        dataguard.lint(data, seed=2**32)


def test_a_second_test_split_beside_that_of_a_directory_is_refused(root: Path) -> None:
    with pytest.raises(UsageError, match="holds a test split already"):
        dataguard.lint(root / "examples" / "support", test={"a": [1]})

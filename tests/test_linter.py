"""The main road: names that clash, odd evidence, empty splits, sizes, places."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import dataguard
from dataguard.api import Check, Dataset, Finding, Severity
from dataguard.finding import Report, Status
from dataguard.linter import IN_MEMORY, Settings, _size, lint_tables
from dataguard.roles import GivenRoles
from dataguard.sources import open_table
from dataguard.sources.frame import read_frame


class Keeps(Check):
    """It finds something and keeps `kept` with it."""

    code = "TST001"
    name = "keeps-evidence"
    severity = Severity.INFO
    kept: dict[str, Any] = {}  # noqa: RUF012 - set by each test's subclass

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        yield self.finding("kept", split=data.train, rows=(0,), evidence=self.kept)


def lint(check: Check, **splits: dict[str, list[Any]]) -> Report:
    tables = {name: read_frame(columns) for name, columns in splits.items()}
    return lint_tables("d", tables, GivenRoles(), Settings((check,)))


@pytest.mark.parametrize("odd", [3, "text", {"a": 1}, ["a"], [{"column": "a"}], [None], None])
@pytest.mark.parametrize("key", ["examples", "originals"])
def test_evidence_of_another_form_is_kept_as_it_is(key: str, odd: object) -> None:
    class Odd(Keeps):
        kept = {key: odd}  # noqa: RUF012

    (finding,) = lint(Odd(), train={"a": ["x", "y"]}).findings
    assert finding.evidence == {key: odd}
    assert finding.fingerprint


def test_names_that_polars_takes_for_patterns_stay_apart() -> None:
    data = {"^x$": ["a", "b", "a"], "^x$_": ["c", "d", "c"], "x": ["e", "f", "e"]}
    report = dataguard.lint(data, select=["DUP001", "FMT007"])
    assert all(o.status is not Status.CRASHED for o in report.outcomes)
    assert report.sources[0].columns == 3


def test_a_column_with_the_name_of_a_pattern_is_found_by_that_name() -> None:
    data = {"^y$": [None, *["a", "b"] * 10], "x": [f"row {i}" for i in range(21)]}
    report = dataguard.lint(data, label="^y$", select="LAB001")
    assert report.roles["label"].columns == ("^y$",)
    (finding,) = report.findings
    assert finding.columns == ("^y$",)
    assert "^y$_" not in finding.message


def test_an_empty_hold_out_is_named_as_the_reason() -> None:
    train = {"x": list(range(40)), "y": ["a", "b"] * 20}
    report = dataguard.lint(train, test={"x": [], "y": []}, label="y", select=["LEK001", "SPL001"])
    reasons = {o.code: o.reason for o in report.outcomes}
    assert reasons["LEK001"] == "the test split holds no record"
    assert not report.findings


def test_a_hold_out_never_takes_the_place_of_an_empty_training_split() -> None:
    test = {"x": list(range(40)), "y": ["a", "b"] * 20}
    report = dataguard.lint({"x": [], "y": []}, test=test, fast=True)
    others = [o for o in report.outcomes if not o.code.startswith("FIL") and "fast" not in o.reason]
    assert others
    assert {o.reason for o in others} == {"the train split holds no record"}
    assert {(f.code, f.split) for f in report.findings} == {("FIL001", "train")}


def test_a_compressed_table_is_as_large_as_what_is_in_it(tmp_path: Path) -> None:
    line = b"the same words over and over again, and again and again and again\n"
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"text,more\n" + line * (IN_MEMORY // len(line) + 20_000), 1))
    assert path.stat().st_size < IN_MEMORY / 20
    assert _size(open_table(str(path))) > IN_MEMORY


def test_what_looks_at_the_file_alone_says_so_itself() -> None:
    seen: list[tuple[str, ...]] = []

    class Looks(Check):
        code = "FILT001"
        name = "looks-around"
        severity = Severity.INFO

        async def run(self, data: Dataset) -> AsyncIterator[Finding]:
            seen.append(tuple(s.name for s in data.splits))
            for finding in ():
                yield finding

    class Structural(Looks):
        structural = True

    for check in (Looks(), Structural()):
        lint(check, train={"a": [1]}, test={"a": []})
    assert seen == [("train",), ("train", "test")]

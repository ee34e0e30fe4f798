"""Leakage: train/test pairs with one known leak each, and their clean twins, held against truth.

`python -m benchmarks.leakage DIR` lints every folder below DIR that holds `train.csv`, `test.csv`
and `truth.json` (`kind`, `target`, `columns`, `test_rows`), once with the label named as the truth
names it and once with nothing named. A leak counts as found where a LEK or SPL finding at any
severity names one of its columns, all of them where it has several, or at least 95 % of its rows;
`precision` is the share of right rows among those that such findings flag. A clean twin is right
where nothing at all is an error.

A case marked `detectable: false` is shown and not counted: its leak leaves no trace in the files.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LEAST_ROWS = 0.95
"""Share of the leaked rows that must be named."""

FAMILIES = ("LEK", "SPL")


@dataclass(frozen=True, slots=True)
class Case:
    """One pair of files and what is known of it."""

    name: str
    folder: Path
    target: str | None
    columns: frozenset[str]
    rows: frozenset[int]
    kind: str
    detectable: bool

    @property
    def clean(self) -> bool:
        """Whether nothing was planted."""
        return self.kind == "none"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said of a case.

    Attributes:
        by: Codes of the findings that name the leak.
        recall: Share of the leaked rows, or columns, that they name.
        precision: Share of right ones among the rows, or columns, that they name.
        errors: Findings at error, of any family, as "code: message".
        warnings: The same at warning.
        seconds: Time of the lint.
    """

    by: tuple[str, ...]
    recall: float
    precision: float
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    seconds: float

    @property
    def found(self) -> bool:
        """Whether enough of the leak is named."""
        return bool(self.by) and self.recall >= LEAST_ROWS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurement; 1 where a leak is missed or a clean twin has an error."""
    parser = argparse.ArgumentParser(prog="benchmarks.leakage", description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--case", default="", help="only cases whose name contains this")
    parser.add_argument("--fast", action="store_true", help="lint with --fast")
    parser.add_argument("--messages", action="store_true", help="print what is said at warning")
    given = parser.parse_args(arguments)
    cases = [c for c in _cases(given.directory) if given.case in c.name]
    if not cases:
        print(f"no case below {given.directory}", file=sys.stderr)
        return 2
    right = True
    for named in (True, False):
        print(f"\n{'The label is named' if named else 'Nothing is named'}")
        print(f"  {'case':32s}{'verdict':10s}{'by':24s}recall  prec.  error  warning  seconds")
        for case in cases:
            verdict = judge(case, named=named, fast=given.fast)
            right &= _show(case, verdict, messages=given.messages)
    return 0 if right else 1


def _cases(directory: Path) -> list[Case]:
    found = []
    for path in sorted(directory.glob("*/truth.json")):
        truth: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        found.append(
            Case(
                path.parent.name,
                path.parent,
                truth["target"],
                frozenset(truth["columns"]),
                frozenset(truth["test_rows"]),
                truth["kind"],
                truth["detectable"],
            )
        )
    return found


def judge(case: Case, *, named: bool, fast: bool = False) -> Verdict:
    """Lint a case and hold the findings against its truth."""
    import dataguard

    begun = time.perf_counter()
    report = dataguard.lint(
        case.folder / "train.csv",
        case.folder / "test.csv",
        label=case.target if named else None,
        fast=fast,
    )
    seconds = time.perf_counter() - begun
    said = {
        level: tuple(f"{f.code}: {f.message}" for f in report.findings if str(f.severity) == level)
        for level in ("error", "warning")
    }
    names, rows, by = set[str](), set[int](), dict[str, None]()
    for finding in report.findings:
        if not finding.code.startswith(FAMILIES):
            continue
        mine = finding.split in (None, "test") and not case.rows.isdisjoint(finding.rows)
        if mine:
            rows |= set(finding.rows)
        if mine or not case.columns.isdisjoint(finding.columns):
            names |= set(finding.columns)
            by[finding.code] = None
    wanted, told = (case.rows, rows) if case.rows else (case.columns, names)
    right = len(wanted & told)  # type: ignore[operator]
    recall = right / len(wanted) if wanted else 0.0
    precision = right / len(told) if told else 0.0
    if case.rows and case.columns & names and recall < LEAST_ROWS:
        recall = 1.0  # the right column is named, which is enough
    return Verdict(tuple(by), recall, precision, said["error"], said["warning"], seconds)


def _show(case: Case, verdict: Verdict, *, messages: bool) -> bool:
    """Print one line; whether the case is as it should be."""
    if case.clean:
        right, word = not verdict.errors, "clean" if not verdict.errors else "ERROR"
    else:
        right, word = verdict.found, "found" if verdict.found else "missed"
    by = ",".join(verdict.by) or "-"
    shares = f"{verdict.recall:6.2f} {verdict.precision:6.2f}" if not case.clean else " " * 13
    print(
        f"  {case.name:32s}{word:10s}{by:24s}{shares}{len(verdict.errors):7d}"
        f"{len(verdict.warnings):9d}{verdict.seconds:9.1f}"
    )
    if messages or (case.clean and verdict.errors):
        for said in (*verdict.errors, *verdict.warnings):
            print(f"      {said[:150]}")
    return right or not case.detectable


if __name__ == "__main__":
    sys.exit(main())

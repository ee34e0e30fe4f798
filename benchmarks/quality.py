"""How well each check finds its defect: `python -m benchmarks.quality [CODE …]`.

For every check a planter makes small tables with its defect and their clean twins
(`benchmarks/defects/`), others with every seed. The check is run on both:

- *recall*: planted rows that a finding names; where the defect has no rows, tables in which a
  finding names a planted column (or is there at all, where the defect has none).
- *precision*: rows named that are planted; likewise columns.
- *false alarms*: clean twins of which the check says something, at any severity.

Development seeds are tuned on; `--seeds report` are not, and make the page in the documentation:
`python -m benchmarks.quality --seeds report --write docs/checks-quality.md`.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import benchmarks.defects
from benchmarks.defects import PLANTERS, Planted

if TYPE_CHECKING:
    from dataguard.finding import Report

DEVELOPMENT, REPORTING = tuple(range(10)), tuple(range(600, 620))
"""Seeds. Who looks at what is missed on the second has made them the first, and adds new ones."""

NOT_OURS = frozenset({"GXE001"})
"""Checks that run what the user wrote: there is no defect of their own to plant."""

PAGE = """# How well each check finds its defect

Measured on tables with one planted defect each, and on the same tables without it, by

    {command}

{tables} tables a check, of seeds on which nothing was tuned. *Recall* and *precision* count rows
where the defect has rows, else columns, else tables. *False alarms* are clean twins of which the
check said something. Planted defects are plainer than those that life plants: take the figures as
an upper bound, and the order of the checks as a guide to where `dataguard` is weak.

{lines}

Other measurements: real tables that are mostly clean (`benchmarks.tables`), label noise
(`benchmarks.label_noise`), faulty files (`benchmarks.files`), dirty cells with clean twins
(`benchmarks.cells`), leakage cases (`benchmarks.leakage`); see `benchmarks/README.md`.
"""


@dataclass(slots=True)
class Count:
    """What became of one check's tables.

    Attributes:
        planted: Planted rows, columns or tables.
        found: Those of them that were named.
        named: What was named in all.
        unit: What is counted: "rows", "columns" or "tables".
        tables: Tables with the defect.
        alarms: Clean twins of which the check said something.
        failed: Tables that could not be linted, or where the check crashed.
    """

    planted: int = 0
    found: int = 0
    named: int = 0
    unit: str = "tables"
    tables: int = 0
    alarms: int = 0
    failed: int = 0

    @property
    def recall(self) -> float:
        """Share of what was planted that was found."""
        return self.found / self.planted if self.planted else float("nan")

    @property
    def precision(self) -> float:
        """Share of what was named that was planted."""
        return self.found / self.named if self.named else float("nan")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write the page; 1 where a check crashed or one has no planter."""
    from dataguard.registry import load_checks

    parser = argparse.ArgumentParser(prog="benchmarks.quality", description=__doc__)
    parser.add_argument("codes", nargs="*", help="codes of checks; all by default")
    parser.add_argument("--seeds", default="dev", help="dev, report, or numbers by comma")
    parser.add_argument("--write", type=Path, help="write the page here")
    parser.add_argument("--misses", action="store_true", help="name the seeds that went wrong")
    given = parser.parse_args(arguments)
    for module in pkgutil.iter_modules(benchmarks.defects.__path__, "benchmarks.defects."):
        importlib.import_module(module.name)
    checks = load_checks()
    known = sorted(checks.keys() - NOT_OURS)
    wanted = [code for code in known if not given.codes or code in given.codes]
    missing = [code for code in wanted if code not in PLANTERS]
    seeds = _seeds(given.seeds)
    counts: dict[str, Count] = {}
    for code in (code for code in wanted if code in PLANTERS):
        begun = time.perf_counter()
        counts[code] = _measure(code, seeds, misses=given.misses)
        print(
            f"{_line(code, checks[code].name, counts[code])}  {time.perf_counter() - begun:.1f} s"
        )
        sys.stdout.flush()
    if missing:
        print(f"without a planter: {', '.join(missing)}")
    if given.write is not None:
        names = {code: checks[code].name for code in counts}
        given.write.write_text(_page(counts, names, len(seeds), given.seeds), encoding="utf-8")
    return 1 if missing or any(count.failed for count in counts.values()) else 0


def _seeds(given: str) -> tuple[int, ...]:
    named = {"dev": DEVELOPMENT, "report": REPORTING}
    return named[given] if given in named else tuple(int(part) for part in given.split(","))


def _measure(code: str, seeds: Iterable[int], *, misses: bool) -> Count:
    count = Count()
    for seed in seeds:
        planted = PLANTERS[code](random.Random(f"{code} {seed}"))
        before = (count.planted - count.found, count.named - count.found, count.alarms)
        _add(count, planted, _linted(code, planted, planted.files))
        twin = _linted(code, planted, planted.clean)
        count.alarms += bool(twin and twin.findings)
        after = (count.planted - count.found, count.named - count.found, count.alarms)
        if misses and after != before:
            missed, wrong, alarm = (b - a for a, b in zip(before, after, strict=True))
            print(f"  {code} seed {seed}: {missed} missed, {wrong} wrong, {alarm} false alarm")
    return count


def _add(count: Count, planted: Planted, report: Report | None) -> None:
    count.tables += 1
    if report is None or any(str(outcome.status) == "crashed" for outcome in report.outcomes):
        count.failed += 1
        return
    expected: set[tuple[str, int | str]] = set()
    named: set[tuple[str, int | str]] = set()
    if any(planted.rows.values()):
        count.unit = "rows"
        expected = {(_split(file), row) for file, rows in planted.rows.items() for row in rows}
        named = {(f.split or "", row) for f in report.findings for row in f.rows}
    elif planted.columns:
        count.unit = "columns"
        expected = {("", column) for column in planted.columns}
        named = {("", column) for f in report.findings for column in f.columns}
    else:
        expected = {("", "table")}
        named = {("", "table")} if report.findings else set()
    count.planted += len(expected)
    count.found += len(expected & named)
    count.named += len(named)


def _linted(code: str, planted: Planted, files: Mapping[str, bytes]) -> Report | None:
    """The report of one check; None where the files could not be read."""
    from dataguard.errors import DataguardError
    from dataguard.linter import Settings, lint_tables
    from dataguard.registry import load_checks
    from dataguard.roles import GivenRoles
    from dataguard.sources import open_table

    check = load_checks()[code].configure(planted.options)
    with tempfile.TemporaryDirectory() as folder:
        tables = {}
        try:
            for name, content in files.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                if "/" not in name:  # else a file that a table names
                    tables[_split(name)] = open_table(str(path))
            return lint_tables("planted", tables, GivenRoles(**planted.roles), Settings((check,)))
        except DataguardError as error:
            print(f"  {code}: {error}")
            return None


def _split(file: str) -> str:
    return file.partition(".")[0]


def _line(code: str, name: str, count: Count) -> str:
    failed = f"  {count.failed} FAILED" if count.failed else ""
    return (
        f"{code} {name:28} {count.planted:6} {count.unit:8} recall {count.recall:5.3f}  "
        f"precision {count.precision:5.3f}  false alarms {count.alarms} of {count.tables}{failed}"
    )


def _page(counts: Mapping[str, Count], names: Mapping[str, str], tables: int, seeds: str) -> str:
    lines = [
        "| code | name | planted | recall | precision | false alarms |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| [{code}](checks/{code}.md) | {names[code]} | {count.planted:,} {count.unit} | "
        f"{count.recall:.3f} | {count.precision:.3f} | {count.alarms} of {count.tables} |"
        for code, count in counts.items()
    ]
    command = f"python -m benchmarks.quality --seeds {seeds} --write docs/checks-quality.md"
    return PAGE.format(command=command, tables=tables, lines="\n".join(lines))


if __name__ == "__main__":
    raise SystemExit(main())

"""False alarms: lint real tables that are mostly clean, and count what is said of them.

`python -m benchmarks.tables` lints scikit-learn's iris, wine, breast_cancer and digits, written
as CSV; `python -m benchmarks.tables DIR` all CSV files below DIR as well.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

SEVERITIES = ("error", "warning", "info")
SKLEARN = ("iris", "wine", "breast_cancer", "digits")


@dataclass(frozen=True, slots=True)
class Said:
    """One finding, as far as it is counted here."""

    code: str
    name: str
    severity: str
    message: str


@dataclass(frozen=True, slots=True)
class Linted:
    """What became of one table."""

    table: str
    seconds: float
    findings: tuple[Said, ...] = ()
    crashes: tuple[str, ...] = ()

    def has(self, severity: str) -> bool:
        """Whether a finding has this severity."""
        return any(said.severity == severity for said in self.findings)


def main(arguments: Sequence[str] | None = None) -> int:
    """Lint all tables and print the counts; 1 where a check or the linter crashed."""
    given = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        own = [_lint(path, path.stem, given) for path in sklearn_tables(Path(scratch))]
        own += [
            _lint(path, f"{path.stem}, label named", given, label="target")
            for path in sklearn_tables(Path(scratch))
        ]
    found = [_lint(path, str(path), given) for path in _tables(given.directory, given.limit)]
    if given.json:
        print(json.dumps([asdict(linted) for linted in own + found], indent=1, ensure_ascii=False))
    elif given.show:
        _show_code(own + found, given.show)
    else:
        _show_own(own)
        _show_counts(found or own)
        _show_slowest(own + found)
    return 1 if any(linted.crashes for linted in own + found) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.tables", description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, help="CSV files below it are linted")
    parser.add_argument("--show", metavar="CODE", help="print the messages of this code or name")
    parser.add_argument("--limit", type=int, default=0, help="only so many tables of DIR")
    parser.add_argument("--fast", action="store_true", help="lint with fast=True")
    parser.add_argument("--json", action="store_true", help="print JSON, one object a table")
    return parser


def sklearn_tables(folder: Path) -> Iterator[Path]:
    """Write scikit-learn's four small sets as CSV, the class by its name in `target`."""
    import pandas as pd
    from sklearn import datasets

    for name in SKLEARN:
        data = getattr(datasets, f"load_{name}")()
        table = pd.DataFrame(data.data, columns=list(data.feature_names))
        table["target"] = [str(data.target_names[i]) for i in data.target]
        path = folder / f"{name}.csv"
        table.to_csv(path, index=False)
        yield path


def _tables(directory: Path | None, limit: int) -> list[Path]:
    if directory is None:
        return []
    found = sorted(directory.rglob("*.csv"))
    return found[:: max(1, len(found) // limit)][:limit] if limit else found


def _lint(path: Path, name: str, given: argparse.Namespace, label: str | None = None) -> Linted:
    import dataguard

    begun = time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a warning on the user's terminal is a fault as well
            report = dataguard.lint(path, label=label, fast=given.fast)
    except Exception:  # noqa: BLE001 (counting crashes of any kind is the purpose)
        return Linted(name, time.perf_counter() - begun, (), (traceback.format_exc(limit=-3),))
    seconds = time.perf_counter() - begun
    said = tuple(Said(f.code, f.name, str(f.severity), f.message) for f in report.findings)
    crashes = tuple(f"{o.code}: {o.reason}" for o in report.outcomes if str(o.status) == "crashed")
    return Linted(name, seconds, said, crashes)


def _show_own(own: list[Linted]) -> None:
    print("scikit-learn's sets (bound: no error, at most one true warning each)")
    for linted in own:
        loud = [said for said in linted.findings if said.severity != "info"]
        print(f"  {linted.table:28s} {len(loud)} at warning or error; {linted.seconds:.2f} s")
        for said in loud:
            print(f"      {said.severity} {said.code} {said.name}: {said.message[:140]}")


def _show_counts(found: list[Linted]) -> None:
    total = len(found)
    print(f"\n{total} tables")
    for severity in SEVERITIES:
        count = sum(linted.has(severity) for linted in found)
        print(f"  {count:5d} ({100 * count / max(1, total):4.1f} %) with a finding at {severity}")
    crashed = [linted for linted in found if linted.crashes]
    print(f"  {len(crashed):5d} crashed")
    for linted in crashed[:10]:
        print(f"    {linted.table}: {linted.crashes[0].strip()[-400:]}")
    print(f"\nTables with a finding, by code\n  {'':40s}{'error':>7s}{'warning':>9s}{'info':>6s}")
    names = {said.code: said.name for linted in found for said in linted.findings}
    for code, name in sorted(names.items()):
        counts = [
            sum(any(s.code == code and s.severity == at for s in t.findings) for t in found)
            for at in SEVERITIES
        ]
        print(f"  {code} {name:33s}{counts[0]:7d}{counts[1]:9d}{counts[2]:6d}")


def _show_slowest(found: list[Linted]) -> None:
    print(f"\n{sum(linted.seconds for linted in found):.0f} s in all; slowest:")
    for linted in sorted(found, key=lambda linted: -linted.seconds)[:5]:
        print(f"  {linted.seconds:6.2f} s  {linted.table}")


def _show_code(found: list[Linted], code: str) -> None:
    for linted in found:
        for said in linted.findings:
            if code in (said.code, said.name):
                print(f"{linted.table}\n  {said.severity}: {said.message}")


if __name__ == "__main__":
    sys.exit(main())

"""Faulty cells: lint tables with known errors and their clean twins, and count cells.

`python -m benchmarks.cells DIR` reads every folder below DIR with a `dirty.csv` and a `clean.csv`
beside it (and `error_types.csv`, where the kind of error is known cell by cell). A finding flags
the cells of its rows in its columns; findings without rows or without columns, and those about
rows (duplicates, leakage, splits) flag no cell and are counted apart. A cell is faulty where the
two files differ. What a check says of a cell in the clean twin, and again of the same cell in the
dirty one, is counted with the clean twin alone. The tables of a collection are split into two
halves by a hash of their name: `--half development` is what the checks were tuned on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

LEVELS = ("warning", "info")
"""Least severities that cells are counted at."""

WHOLE = frozenset({"quintet"})
"""Collections of few large tables: they are in both halves, and shown by table."""

ROWWISE = ("DUP", "LEK", "SPL", "LAB")
"""Families whose findings are about rows, not cells."""

TRUE_IN_CLEAN: Mapping[str, frozenset[str]] = {
    "Global_Surface_Summary_of_the_Day_-_GSOD": frozenset({"FMT004"}),  # 999.9 is missing there
    "Louisville_Metro_KY_-_Permitted_Hotels_and_Motels": frozenset({"FMT009"}),  # LOUSIVILLE
    "hospital": frozenset({"FMT001", "FMT003", "FMT004"}),  # 97%; two blanks; `empty`
    "beers": frozenset({"FMT003", "FMT009"}),  # two blanks; St Paul beside St. Paul
}
"""Findings in clean twins that were looked at by hand and are true, by table. Missing values, of
which FMT006 tells for information, are true everywhere."""

Cell = tuple[int, int]


@dataclass(slots=True)
class Tally:
    """Cells of one kind of error: flagged, faulty, and both."""

    flagged: int = 0
    faulty: int = 0
    hit: int = 0

    @property
    def precision(self) -> float:
        """Faulty share of the flagged cells."""
        return self.hit / self.flagged if self.flagged else float("nan")

    @property
    def recall(self) -> float:
        """Flagged share of the faulty cells."""
        return self.hit / self.faulty if self.faulty else float("nan")

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        both = self.flagged + self.faulty
        return 2 * self.hit / both if both else float("nan")


@dataclass(slots=True)
class Half:
    """What is counted over the tables of one half of one collection."""

    tables: int = 0
    dirty: dict[str, Tally] = field(default_factory=lambda: {level: Tally() for level in LEVELS})
    kinds: dict[str, Tally] = field(default_factory=dict)
    codes: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    clean_cells: int = 0
    clean_flagged: Counter[str] = field(default_factory=Counter)
    clean_false: Counter[str] = field(default_factory=Counter)
    clean_codes: Counter[str] = field(default_factory=Counter)
    apart: Counter[str] = field(default_factory=Counter)


def main(arguments: Sequence[str] | None = None) -> int:
    """Lint all pairs of tables below a folder and print the counts."""
    given = _parser().parse_args(arguments)
    found: dict[tuple[str, str], Half] = {}
    for folder in sorted(path.parent for path in given.directory.rglob("dirty.csv")):
        name, half = _place(folder)
        if given.half not in ("both", half, "") and half:
            continue
        tally = found.setdefault((name, half), Half())
        _count(folder, tally, given)
    if given.json:
        print(json.dumps([_as_record(*key, half) for key, half in found.items()], indent=1))
    else:
        _print(found)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.cells", description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--half", choices=("development", "reporting", "both"), default="both")
    parser.add_argument("--show", action="append", default=[], help="print the findings of a code")
    parser.add_argument("--select", default="", help="only these checks: codes or prefixes")
    parser.add_argument("--json", action="store_true")
    return parser


def _place(folder: Path) -> tuple[str, str]:
    """(collection, half) of a table; tables of `WHOLE` are collections of their own."""
    if folder.parent.name in WHOLE:
        return folder.name, ""
    first = hashlib.sha256(folder.name.encode()).digest()[0]
    return folder.parent.name, "reporting" if first % 2 else "development"


def _count(folder: Path, half: Half, given: argparse.Namespace) -> None:
    """Add one pair of tables to the counts."""
    dirty, clean = _read(folder / "dirty.csv"), _read(folder / "clean.csv")
    truth = _faulty(folder, dirty, clean)
    half.tables += 1
    said = list(_flagged(folder / "dirty.csv", half.apart, given))
    calm = list(_flagged(folder / "clean.csv", Counter(), given))
    same = {(r, c) for r, row in enumerate(dirty) for c, v in enumerate(row) if v == clean[r][c]}
    native = {(s.code, cell) for s in calm for cell in s.cells & same}
    said = [
        replace(s, cells=frozenset(c for c in s.cells if (s.code, c) not in native)) for s in said
    ]
    for level in LEVELS:
        cells = _cells(said, level)
        tally = half.dirty[level]
        tally.flagged += len(cells)
        tally.faulty += len(truth)
        tally.hit += len(cells & truth.keys())
    for one in said:
        half.codes[one.code] += len(one.cells)
        half.right[one.code] += len(one.cells & truth.keys())
    everything = _cells(said, "info")
    for cell, kind in truth.items():
        part = half.kinds.setdefault(kind, Tally())
        part.faulty += 1
        part.hit += cell in everything
    half.clean_cells += len(clean) * (len(clean[0]) if clean else 0)
    true = TRUE_IN_CLEAN.get(folder.name, frozenset()) | {"FMT006"}
    for level in LEVELS:
        half.clean_flagged[level] += len(_cells(calm, level))
        half.clean_false[level] += len(_cells([s for s in calm if s.code not in true], level))
    for one in calm:
        half.clean_codes[f"{one.code}{'' if one.loud else ' info'}"] += len(one.cells)


def _cells(said: Sequence[Said], level: str) -> set[Cell]:
    """The cells that are flagged at a level."""
    chosen: set[Cell] = set()
    return chosen.union(*(s.cells for s in said if level == "info" or s.loud))


def _read(path: Path) -> list[tuple[str | None, ...]]:
    """The records of a CSV file, as strings; empty cells are None."""
    import polars as pl

    return pl.read_csv(path, infer_schema=False, truncate_ragged_lines=True).rows()


def _faulty(
    folder: Path, dirty: Sequence[tuple[str | None, ...]], clean: Sequence[tuple[str | None, ...]]
) -> dict[Cell, str]:
    """The kind of error of each faulty cell: of `error_types.csv`, else the collection's name."""
    types = folder / "error_types.csv"
    kinds = _read(types) if types.exists() else None
    found: dict[Cell, str] = {}
    for r, (ours, theirs) in enumerate(zip(dirty, clean, strict=True)):
        for c, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            if kinds is not None:
                if kinds[r][c] != "CLN":
                    found[r, c] = str(kinds[r][c])
            elif a != b and not _same_number(a, b):
                found[r, c] = folder.parent.name
    return found


def _same_number(a: str | None, b: str | None) -> bool:
    try:
        return a is not None and b is not None and float(a) == float(b)
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Said:
    """The cells that one finding flags."""

    code: str
    loud: bool
    cells: frozenset[Cell]


def _flagged(path: Path, apart: Counter[str], given: argparse.Namespace) -> Iterator[Said]:
    """The findings that flag cells; those that flag none are counted in `apart`."""
    import dataguard
    from dataguard.sources import open_table

    report = dataguard.lint(path, select=[c for c in given.select.split(",") if c])
    names = {n: i for i, n in enumerate(open_table(str(path)).frame.collect_schema().names())}
    for finding in report.findings:
        if finding.code in given.show or "all" in given.show:
            print(f"{path.parent.name}/{path.name} {finding.severity} {finding.code}", end=" ")
            print(f"{finding.message[:180]} {_values(finding.evidence)}")
        rowwise = finding.code.startswith(ROWWISE)
        if rowwise or not len(finding.rows) or not finding.columns:
            apart[finding.code] += 1
            continue
        places = [names[c] for c in finding.columns if c in names]
        cells = frozenset((row, c) for row in finding.rows for c in places)
        yield Said(finding.code, str(finding.severity) != "info", cells)


def _values(evidence: Mapping[str, Any]) -> str:
    return str([example.get("value") for example in evidence.get("examples", ())])[:160]


def _as_record(name: str, half: str, counted: Half) -> dict[str, Any]:
    """What is counted, for `--json`."""
    return {
        "collection": name,
        "half": half,
        "tables": counted.tables,
        "dirty": {
            level: {
                "flagged": t.flagged,
                "faulty": t.faulty,
                "precision": round(t.precision, 3),
                "recall": round(t.recall, 3),
                "f1": round(t.f1, 3),
            }
            for level, t in counted.dirty.items()
        },
        "recall_by_kind": {kind: round(t.recall, 3) for kind, t in counted.kinds.items()},
        "clean_cells": counted.clean_cells,
        "clean_flagged": dict(counted.clean_flagged),
        "clean_flagged_falsely": dict(counted.clean_false),
        "without_cells": dict(counted.apart),
    }


def _print(found: Mapping[tuple[str, str], Half]) -> None:
    print("Dirty tables: cells flagged at warning or above, and at info as well")
    head = f"{'':34s}{'tables':>7s}{'faulty':>8s}"
    print(head + "".join(f"{'P':>8s}{'R':>7s}{'F1':>7s}" for _ in LEVELS))
    for (name, part), half in found.items():
        row = f"{name + (' ' + part if part else ''):34s}{half.tables:7d}"
        row += f"{half.dirty['info'].faulty:8d}"
        for level in LEVELS:
            t = half.dirty[level]
            row += f"{t.precision:8.3f}{t.recall:7.3f}{t.f1:7.3f}"
        print(row)
        shares = ", ".join(f"{k} {t.recall:.2f} of {t.faulty}" for k, t in half.kinds.items())
        codes = ", ".join(f"{c} {half.right[c]}/{n}" for c, n in sorted(half.codes.items()))
        print(f"    recall by kind: {shares}\n    right/flagged by code: {codes}")
        print(f"    without cells: {dict(sorted(half.apart.items()))}")
    print(
        "\nClean twins: cells flagged per 1,000, and those among them that are no fault (bound: 2)"
    )
    print(f"{'':34s}{'warning':>9s}{'false':>7s}{'info':>9s}{'false':>7s}")
    for (name, part), half in found.items():
        codes = dict(sorted(half.clean_codes.items()))
        print(f"{name + (' ' + part if part else ''):34s}{_rates([half])}  {codes}")
    print(f"{'all':34s}{_rates(list(found.values()))}")


def _rates(halves: Sequence[Half]) -> str:
    cells = max(1, sum(half.clean_cells for half in halves))
    text = ""
    for level in LEVELS:
        flagged = sum(half.clean_flagged[level] for half in halves)
        false = sum(half.clean_false[level] for half in halves)
        text += f"{1000 * flagged / cells:9.2f}{1000 * false / cells:7.2f}"
    return text


if __name__ == "__main__":
    sys.exit(main())

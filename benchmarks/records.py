"""Fuzzy duplicate records: precision and recall of DUP007 on records with known duplicates.

`python -m benchmarks.records DIR` lints each CSV file of DIR whose first column, `rec_id`, names
the record that a row is a version of (`rec-12-org`, `rec-12-dup-0`: FEBRL, Christen 2008), and
counts pairs of rows of one group against the true pairs. Files `dataset4a` and `dataset4b` are two
halves of one table and are put together.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path

Pairs = set[tuple[int, int]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line a table."""
    parser = argparse.ArgumentParser(prog="benchmarks.records", description=__doc__)
    parser.add_argument("directory", type=Path)
    given = parser.parse_args(arguments)
    print(f"{'table':14}{'rows':>7}{'pairs':>7}{'found':>7}{'precision':>11}{'recall':>8}{'s':>7}")
    with tempfile.TemporaryDirectory() as folder:
        for name, text in _tables(given.directory).items():
            path = Path(folder) / f"{name}.csv"
            path.write_text(text, encoding="utf-8")
            _measure(path)
    return 0


def _tables(directory: Path) -> dict[str, str]:
    """The files' texts by name; halves of one table (`4a`, `4b`) are joined."""
    texts: dict[str, str] = {}
    for path in sorted(directory.glob("*.csv")):
        name = re.sub(r"(?<=\d)[ab]$", "", path.stem)
        text = path.read_text(encoding="utf-8").rstrip("\n") + "\n"
        texts[name] = texts[name] + text.partition("\n")[2] if name in texts else text
    return texts


def _measure(path: Path) -> None:
    import dataguard

    ids = [line.split(",")[0] for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    truth = _pairs((row, re.sub(r"-(org|dup-\d+)$", "", each)) for row, each in enumerate(ids))
    begun = time.perf_counter()
    report = dataguard.lint(path, select=["DUP007"])
    seconds = time.perf_counter() - begun
    found: Pairs = set()
    for finding in report.findings:
        found |= _pairs(zip(finding.rows, map(str, finding.groups), strict=True))
    hits = len(found & truth)
    print(
        f"{path.stem:14}{len(ids):7,}{len(truth):7,}{len(found):7,}"
        f"{hits / max(1, len(found)):11.3f}{hits / max(1, len(truth)):8.3f}{seconds:7.1f}"
    )


def _pairs(members: Iterable[tuple[int, str]]) -> Pairs:
    """All pairs of rows of one group, the lower row first."""
    groups: dict[str, list[int]] = defaultdict(list)
    for row, group in members:
        groups[group].append(row)
    return {pair for rows in groups.values() for pair in combinations(sorted(rows), 2)}


if __name__ == "__main__":
    sys.exit(main())

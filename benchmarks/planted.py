"""Detection quality: generate tables with planted faults, lint them, hold findings against truth.

`python -m benchmarks.planted` measures on the development seeds; `--seeds report` on the seeds
that nobody tunes on; `--generate-only DIR` writes the files and their truth.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.planting.cases import generate
from benchmarks.planting.sheet import Truth
from benchmarks.scoring import (
    ALLOW,
    EXPECT,
    FalseFinding,
    Flag,
    Said,
    Tally,
    false_findings,
    kinds_missed,
    score,
)

DEVELOPMENT = (0, 1, 2, 3, 4)
TOLD: dict[str, tuple[str, ...]] = {
    "none": (),
    "label": ("label", "group"),
    "all": ("label", "group", "text", "id", "time"),
}
REPORTING = (202, 203, 204, 205, 206)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurement; 0 unless a run of the linter broke."""
    given = _parser().parse_args(arguments)
    seeds = _seeds(given.seeds)
    if given.generate_only:
        for seed in seeds:
            for truth in generate(seed, Path(given.generate_only), given.case, given.scale):
                print(f"{truth.case} (seed {seed}, {truth.domain}): {truth.rows}")
        return 0
    measured = Measured(unknown_rules(given.dataguard))
    with tempfile.TemporaryDirectory() as scratch:
        for seed in seeds:
            for truth in generate(seed, Path(scratch), given.case, given.scale):
                folder = Path(scratch) / f"seed-{seed}" / truth.case
                if given.peers:
                    measured.add_peer(folder, truth)
                said = lint(folder, truth, given)
                print(f"{said.seconds:6.1f} s  seed {seed}  {truth.case}", file=sys.stderr)
                measured.add(truth, said)
    if given.json:
        print(json.dumps(measured.as_json(), indent=1, ensure_ascii=False))
    else:
        measured.show(given.messages)
    return 1 if measured.crashes else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.planted", description=__doc__)
    parser.add_argument("--seeds", default="dev", help="dev, report, or numbers: 0,1,2")
    parser.add_argument("--case", default="", help="only cases whose name contains this")
    parser.add_argument("--scale", type=float, default=1.0, help="factor on the number of rows")
    parser.add_argument("--roles", choices=("none", "label", "all"), default="label")
    parser.add_argument("--fast", action="store_true", help="lint with --fast")
    parser.add_argument("--select", default="", help="lint with these rules only, by comma")
    parser.add_argument("--peers", action="store_true", help="cleanlab alone on flipped labels")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--messages", type=int, default=40, help="false findings to print")
    parser.add_argument("--generate-only", metavar="DIR", help="write files and truth, no lint")
    beside = str(Path(sys.executable).parent / "dataguard")
    parser.add_argument("--dataguard", default=beside, help="the command to measure")
    return parser


def _seeds(text: str) -> tuple[int, ...]:
    named = {"dev": DEVELOPMENT, "report": REPORTING}
    return named[text] if text in named else tuple(int(part) for part in text.split(","))


def unknown_rules(command: str) -> list[str]:
    """Rules that the table of expectations names and the linter does not have."""
    argv = [command, "checks", "--format", "json"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    known = {check["name"] for check in json.loads(done.stdout)}
    named = {name for table in (EXPECT, ALLOW) for names in table.values() for name in names}
    return sorted(named - known)


def lint(folder: Path, truth: Truth, given: argparse.Namespace) -> Said:
    """Lint a case by the command line and read what it says.

    `given.roles` says what the command is told: "label" gives label and group, "all" the other
    roles as well, "none" leaves everything to be inferred.
    """
    argv = [given.dataguard, "lint", str(folder / "train.csv")]
    if "test" in truth.files:
        argv += ["--test", str(folder / "test.csv")]
    for role in TOLD[given.roles]:
        value = truth.roles[role]
        for name in value if isinstance(value, list) else [value] * bool(value):
            argv += [f"--{role}", name]
    argv += ["--fast"] * given.fast + ["--select", given.select] * bool(given.select)
    argv += ["--format", "json", "--fail-on", "never", "--no-progress"]
    argv += ["--output", str(folder / "report.json"), "--rows-out", str(folder / "rows.csv")]
    begun = time.perf_counter()
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - begun
    if done.returncode != 0 and not (folder / "report.json").exists():
        return Said([], [], [f"exit {done.returncode}: {done.stderr.strip()[-300:]}"], seconds)
    return read(folder, truth, seconds)


def read(folder: Path, truth: Truth, seconds: float) -> Said:
    """What `report.json` and `rows.csv` below `folder` say."""
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    findings = [f for dataset in report["datasets"] for f in dataset["findings"]]
    outcomes = [o for dataset in report["datasets"] for o in dataset["outcomes"]]
    for finding in findings:
        finding["split"] = _split(finding["split"], truth)
    name_of = {f["code"]: f["name"] for f in findings}
    flags = []
    csv.field_size_limit(2**31 - 1)
    with (folder / "rows.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            columns = frozenset(line["column"].split(", ")) - {""}
            place = int(line["row"]) if line["row"] else -1
            number = int(line["line"]) if line["line"] else -1
            name = name_of[line["code"]]
            flags.append(Flag(name, _split(line["split"], truth), place, number, columns))
    crashed = [f"{o['code']}: {o['reason']}" for o in outcomes if o["status"] == "crashed"]
    return Said(findings, flags, crashed, seconds)


def _split(given: str | None, truth: Truth) -> str:
    return "train" if len(truth.files) == 1 else given or ""


class Measured:
    """Sums over the cases: alone, together with other faults, and what was said without cause."""

    def __init__(self, unknown: list[str]) -> None:
        self.unknown = unknown
        self.alone: dict[str, Tally] = {}
        self.together: dict[str, Tally] = {}
        self.peers: dict[str, Tally] = {}
        self.false: list[FalseFinding] = []
        self.crashes: list[str] = []
        self.cases = 0
        self.slowest: list[tuple[float, str]] = []

    def add(self, truth: Truth, said: Said) -> None:
        """Take in one case."""
        where = f"{truth.case} (seed {truth.seed}, {truth.domain})"
        self.cases += 1
        self.crashes += [f"{where}: {crash}" for crash in said.crashed]
        self.slowest = sorted([*self.slowest, (said.seconds, where)], reverse=True)[:5]
        score(truth, said, self.together if truth.case.startswith("together") else self.alone)
        self.false += false_findings(truth, said)

    def add_peer(self, folder: Path, truth: Truth) -> None:
        """Take in what cleanlab alone finds, where labels were flipped and nothing else done."""
        from benchmarks.peers import cleanlab_alone

        if truth.case.startswith("flipped-labels"):
            said = Said([], cleanlab_alone(folder / "train.csv", truth), [], 0.0)
            score(truth, said, self.peers)

    def as_json(self) -> dict[str, object]:
        """All numbers as plain values."""
        named = {"alone": self.alone, "together": self.together, "cleanlab": self.peers}
        result: dict[str, object] = {
            part: {fault: _numbers(tally) for fault, tally in sorted(tallies.items())}
            for part, tallies in named.items()
        }
        result["false_findings"] = [asdict(false) for false in self.false]
        result["crashes"] = self.crashes
        result["unknown_rules"] = self.unknown
        result["cases"] = self.cases
        return result

    def show(self, messages: int) -> None:
        """Print the tables."""
        for title, tallies in (
            ("Each fault alone", self.alone),
            ("Faults together", self.together),
            ("cleanlab alone (same rows, plain features)", self.peers),
        ):
            if tallies:
                _show_tallies(title, tallies)
        self._show_false(messages)
        print(f"\n{self.cases} cases, {len(self.crashes)} crashes")
        for crash in self.crashes[:20]:
            print(f"  {crash}")
        if self.unknown:
            print(f"expected, but the linter has no such rule: {', '.join(self.unknown)}")
        print("slowest: " + "; ".join(f"{seconds:.1f} s {name}" for seconds, name in self.slowest))

    def _show_false(self, messages: int) -> None:
        loud = [f for f in self.false if f.severity != "info"]
        quiet = [f for f in self.false if f.severity == "info"]
        touching = sum(f.untouched for f in loud)
        print(f"\nFindings without cause: {len(loud)} at warning or error", end="")
        print(f" ({touching} of them on untouched columns), {len(quiet)} at info")
        counts = Counter((f.severity, f.name) for f in self.false)
        for (severity, name), count in counts.most_common():
            print(f"  {count:4d}  {severity:8s} {name}")
        for false in [*sorted(loud, key=_rank), *sorted(quiet, key=_rank)][:messages]:
            columns = ", ".join(false.columns)
            head = f"{false.case} (seed {false.seed})"
            print(f"  {head}: {false.severity} {false.name} [{columns}] {false.message[:150]}")


def _rank(false: FalseFinding) -> tuple[str, str]:
    return (false.name, false.case)


def _numbers(tally: Tally) -> dict[str, object]:
    shares = {
        "recall": tally.recall,
        "row_recall": tally.naming,
        "precision": tally.precision,
        "row_precision": tally.exactness,
    }
    return {
        "planted": tally.planted,
        **{key: None if math.isnan(value) else round(value, 4) for key, value in shares.items()},
        "flagged": tally.flagged,
        "wrong_lines": tally.wrong_lines,
        "missed": {kind: f"{miss} of {total}" for kind, miss, total in kinds_missed(tally)},
    }


def _show_tallies(title: str, tallies: dict[str, Tally]) -> None:
    print(f"\n{title}")
    head = f"{'planted':>8s}{'recall':>8s}{'row':>7s}{'precis.':>9s}{'row':>7s}"
    print(f"  {'fault':24s}{head}  missed kinds")
    for fault in EXPECT:
        tally = tallies.get(fault)
        if tally is None or not tally.planted:
            continue
        missed = ", ".join(f"{k or '-'} {m}/{n}" for k, m, n in list(kinds_missed(tally))[:4])
        lines = f"  ({tally.wrong_lines} wrong lines)" if tally.wrong_lines else ""
        shares = (
            f"{tally.recall:8.3f}{tally.naming:7.3f}{tally.precision:9.3f}{tally.exactness:7.3f}"
        )
        print(f"  {fault:24s}{tally.planted:8d}{shares}  {missed}{lines}")


if __name__ == "__main__":
    sys.exit(main())

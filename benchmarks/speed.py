"""Speed and memory: one run of `python -m benchmarks.speed` measures everything on this machine.

Each measurement is a process of its own: wall time from start to end, peak resident memory from
the operating system. Bounds hold or do not hold relative to numbers of the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path

# This process stays small (standard library alone): its memory would count as its children's.

FAST_RATIO, FULL_SECONDS, FAST_MEGABYTES, COLD_RATIO = 12.0, 120.0, 1500.0, 2.5
"""The project's bounds, for 1,000,000 rows on two cores."""

READ = """
import sys, time, polars
begun = time.perf_counter()
polars.read_csv(sys.argv[1])
print(time.perf_counter() - begun)
"""
READ_PANDAS = "import sys, pandas; pandas.read_csv(sys.argv[1])"


@dataclass(frozen=True, slots=True)
class Run:
    """One process: wall and CPU seconds, peak resident memory, exit code, what it printed."""

    seconds: float
    cpu: float
    megabytes: float
    code: int
    output: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the result: medians of seconds, the highest peak, the ratio to a base line.

    `cpu` sums the threads' seconds; much less than the wall's says that the machine was busy with
    other work. Numbers are missing where a tool did not run.
    """

    name: str
    seconds: float | None = None
    cpu: float | None = None
    megabytes: float | None = None
    ratio: float | None = None
    base: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """A promise and whether this run keeps it."""

    promise: str
    value: float
    limit: float

    @property
    def holds(self) -> bool:
        """Whether the value stays at or under the limit."""
        return self.value <= self.limit


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where a bound is broken, 2 where a run failed."""
    given = _parser().parse_args(arguments)
    work = Path(given.work)
    big = work / f"big-{given.rows}.csv"
    if not big.exists():
        generator = [sys.executable, "-m", "benchmarks.bigfile", str(big), str(given.rows)]
        subprocess.run(generator, check=True)
    lines: list[Line] = []
    bounds: list[Bound] = []
    try:
        _measure_big(big, given, lines, bounds)
        _measure_cold(given, lines, bounds)
        passes = run([sys.executable, "-m", "benchmarks.passes", str(big), *_passes(given)])
    except subprocess.CalledProcessError as error:
        print(f"{' '.join(map(str, error.cmd))} ended with {error.returncode}: {error.stderr}")
        return 2
    size = big.stat().st_size / 1e6
    if given.json:
        told = _as_json(given.rows, size, lines, bounds) | json.loads(passes.output)
        print(json.dumps(told, indent=1))
    else:
        _show(given.rows, size, lines, bounds)
        print(f"\n{passes.output}", end="")
    return 0 if all(bound.holds for bound in bounds) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.speed", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the big file")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each short measurement")
    parser.add_argument("--cold-repeat", type=int, default=9, help="cold starts, the median counts")
    parser.add_argument("--no-full", action="store_true", help="leave out the full run")
    parser.add_argument("--peers", action="store_true", help="measure other tools as well")
    parser.add_argument("--timeout", type=float, default=900.0, help="seconds for one peer")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--work", default=str(Path(__file__).parent / ".work"), help="cache folder")
    beside = str(Path(sys.executable).parent / "dataguard")
    parser.add_argument("--dataguard", default=beside, help="the command to measure")
    return parser


def _passes(given: argparse.Namespace) -> list[str]:
    """How `benchmarks.passes` is called: fast checks alone where the full run is left out."""
    return ["--fast"] * given.no_full + ["--json"] * given.json


def run(argv: Sequence[str], ok: tuple[int, ...] = (0,), timeout: float | None = None) -> Run:
    """Run a process to its end.

    Raises:
        subprocess.CalledProcessError: The exit code is not in `ok`, or the time is up (code -9).
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaints:
        begun = time.perf_counter()
        process = subprocess.Popen(argv, stdout=output, stderr=complaints)
        status, usage = _wait(process.pid, None if timeout is None else begun + timeout)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        complaints.seek(0)
        printed = output.read().decode(errors="replace")
        if process.returncode not in ok:
            reason = complaints.read().decode(errors="replace")[-500:]
            raise subprocess.CalledProcessError(process.returncode, argv, printed[-500:], reason)
    unit = 1e6 if sys.platform == "darwin" else 1e3  # getrusage: bytes there, kilobytes elsewhere
    return Run(
        seconds,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / unit,
        process.returncode,
        printed,
    )


def _wait(pid: int, until: float | None) -> tuple[int, resource.struct_rusage]:
    if until is None:
        _, status, usage = os.wait4(pid, 0)
        return status, usage
    while True:
        found, status, usage = os.wait4(pid, os.WNOHANG)
        if found:
            return status, usage
        if time.perf_counter() > until:
            os.kill(pid, 9)
            _, status, usage = os.wait4(pid, 0)
            return status, usage
        time.sleep(0.02)


def _line(name: str, runs: Sequence[Run], base: float, base_name: str) -> Line:
    seconds = statistics.median(each.seconds for each in runs)
    cpu = statistics.median(each.cpu for each in runs)
    peak = max(each.megabytes for each in runs)
    return Line(name, seconds, cpu, peak, seconds / base, base_name)


def _measure_big(
    big: Path, given: argparse.Namespace, lines: list[Line], bounds: list[Bound]
) -> None:
    read = [sys.executable, "-c", READ, str(big)]
    run(read)  # the file is in the page cache from here on, for all alike
    reads = [run(read) for _ in range(given.repeat)]
    base = statistics.median(float(each.output) for each in reads)
    alone = replace(_line("polars.read_csv", reads, base, "polars.read_csv"), seconds=base)
    lines.append(replace(alone, ratio=1.0, note="the call alone; CPU with the import"))
    lint = [given.dataguard, "lint", str(big), "--label", "label", "--no-progress"]
    lint += ["--fail-on", "never", "--format", "json"]
    fasts = [run([*lint, "--fast"]) for _ in range(given.repeat)]
    lines.append(_line("dataguard lint --fast", fasts, base, "polars.read_csv"))
    ratio = statistics.median(each.seconds for each in fasts) / base
    bounds.append(Bound("lint --fast, times polars.read_csv", ratio, FAST_RATIO))
    peak = max(each.megabytes for each in fasts)
    bounds.append(Bound("lint --fast, peak MB", peak, FAST_MEGABYTES))
    if not given.no_full:
        full = run(lint)
        lines.append(_line("dataguard lint", [full], base, "polars.read_csv"))
        bounds.append(Bound("lint, seconds", full.seconds, FULL_SECONDS))
    if given.peers:
        lines.extend(_peers(big, base, given.timeout))


def _peers(big: Path, base: float, timeout: float) -> list[Line]:
    frictionless = str(Path(sys.executable).parent / "frictionless")
    known = {
        "pandas": ("pandas.read_csv", [sys.executable, "-c", READ_PANDAS, str(big)]),
        "frictionless": ("frictionless validate", [frictionless, "validate", str(big)]),
    }
    lines = []
    for module, (name, argv) in known.items():
        if find_spec(module) is None:
            lines.append(Line(name, note="not installed"))
            continue
        try:
            one = run(argv, ok=(0, 1), timeout=timeout)
        except subprocess.CalledProcessError as error:
            note = f"ended with {error.returncode} (time limit {timeout:.0f} s)"
            lines.append(Line(name, note=note))
        else:
            lines.append(_line(name, [one], base, "polars.read_csv"))
    return lines


def _measure_cold(given: argparse.Namespace, lines: list[Line], bounds: list[Bound]) -> None:
    small = Path(given.work) / "small-100.csv"
    subprocess.run([sys.executable, "-m", "benchmarks.bigfile", str(small), "100"], check=True)
    base = [sys.executable, "-c", "import polars"]
    lint = [given.dataguard, "lint", "--fast", str(small), "--fail-on", "never", "--no-progress"]
    runs: dict[str, list[Run]] = {"base": [], "lint": []}
    for number in range(given.cold_repeat + 1):
        for name, argv in (("base", base), ("lint", lint)):  # in turn: noise meets both alike
            one = run(argv)
            if number:  # the first run compiles modules
                runs[name].append(one)
    middle = statistics.median(each.seconds for each in runs["base"])
    lines.append(_line('python -c "import polars"', runs["base"], middle, "import polars"))
    lines.append(_line("lint --fast, 100 rows", runs["lint"], middle, "import polars"))
    ratio = statistics.median(each.seconds for each in runs["lint"]) / middle
    bounds.append(Bound("cold start, times import polars", ratio, COLD_RATIO))


def _as_json(rows: int, size: float, lines: list[Line], bounds: list[Bound]) -> dict[str, object]:
    return {
        "rows": rows,
        "megabytes": size,
        "cpus": os.cpu_count(),
        "python": sys.version.split()[0],
        "lines": [asdict(line) for line in lines],
        "bounds": [{**asdict(bound), "holds": bound.holds} for bound in bounds],
    }


def _show(rows: int, size: float, lines: list[Line], bounds: list[Bound]) -> None:
    print(f"{rows:,} rows, 9 columns, {size:.0f} MB; {os.cpu_count()} CPUs\n")
    print(f"{'':28s}{'seconds':>9s}{'CPU s':>9s}{'peak MB':>9s}  ratio")
    for line in lines:
        ratio = f"{line.ratio:6.2f} x {line.base}" if line.ratio is not None else ""
        note = f"  ({line.note})" if line.note else ""
        numbers = "".join(
            f"{'-' if value is None else format(value, form):>9s}"
            for value, form in ((line.seconds, ".3f"), (line.cpu, ".3f"), (line.megabytes, ".0f"))
        )
        print(f"{line.name:28s}{numbers} {ratio}{note}")
    print()
    for bound in bounds:
        verdict = "holds" if bound.holds else "BROKEN"
        print(f"{verdict:7s} {bound.promise}: {bound.value:.2f} (limit {bound.limit:g})")


if __name__ == "__main__":
    sys.exit(main())

"""Passes over a file and the time of each check: `python -m benchmarks.passes FILE [--fast]`.

All checks are run together once, as `dataguard lint` runs them: how many passes over the data they
take between them. Then each alone over the same table in memory: what it would cost by itself.
Together they cost less than the sum, since they share passes and what is derived.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Alone:
    """One check by itself: seconds, passes over the data, and how it ended."""

    code: str
    seconds: float
    passes: int
    status: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    from dataguard.engines.local import LocalEngine
    from dataguard.linter import dataset_of
    from dataguard.registry import load_checks
    from dataguard.roles import GivenRoles
    from dataguard.runner import Runner
    from dataguard.sources import open_table

    parser = argparse.ArgumentParser(prog="benchmarks.passes", description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--label", default="label")
    parser.add_argument("--fast", action="store_true", help="the checks of --fast alone")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args(arguments)
    checks = [c() for c in load_checks().values() if c.fast or c.structural or not given.fast]
    tables = {"train": open_table(given.file)}
    data = dataset_of(given.file, tables, GivenRoles(label=given.label))

    def alone(codes: Sequence[str]) -> Alone:
        engine, begun = LocalEngine(), time.perf_counter()
        chosen = [check for check in checks if check.code in codes]
        _, outcomes = Runner(engine, data).run(chosen)
        seconds = time.perf_counter() - begun
        return Alone(", ".join(codes), seconds, engine.passes, str(outcomes[0].status))

    together = alone([check.code for check in checks])
    single = [alone([check.code]) for check in checks]
    if given.json:
        print(json.dumps({"passes": together.passes, "checks": [asdict(one) for one in single]}))
        return 0
    print(f"{len(checks)} checks together: {together.passes} passes, {together.seconds:.2f} s")
    print("each alone, slowest first (seconds, passes):")
    for one in sorted(single, key=lambda each: -each.seconds):
        print(f"  {one.code}  {one.seconds:6.2f}  {one.passes:3}  {one.status}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Overfitting told online, against other rules: `python -m benchmarks.monitor [FILE …]`.

Histories are generated (boosting, small networks and linear models on small tables, an
independent test set as the truth), and read from files: JSON Lines, gzipped or not, with `train`,
`val`, and `label` (1 overfits, 0 does not) or `test`. A rule is told of one evaluation after the
other. On a history that overfits, its first flag is right if the best value so far is within 1 %
of the run's best, else premature: a false alarm and a miss. Any flag on a healthy history is a
false alarm. Development seeds were tuned on; `--seeds report` are not.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.histories import History, generated

DEVELOPMENT, REPORTING = tuple(range(60)), tuple(range(1000, 1060))
"""Seeds of generated histories."""

HARMED, UNHARMED = 0.05, 0.01
"""A history overfits where the test loss at its end is 5 % worse than at the best validation; it is
healthy where it is worse by 1 % at most; what lies between is left out."""

NEAR = 0.01
"""How near to the run's best the best so far must be for a flag not to be premature."""

Rule = Callable[[History], int | None]
"""Gives the evaluation of the first flag, None for no flag."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a rule made of one history: 1, 0 each; `delay` in evaluations after the best one."""

    hit: int
    false_alarm: int
    missed: int
    healthy: bool
    delay: int | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.monitor", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="histories, as JSON Lines")
    parser.add_argument("--seeds", default="dev", choices=("dev", "report"))
    parser.add_argument("--misses", type=int, default=0, help="wrong histories to name a source")
    given = parser.parse_args(arguments)
    seeds = DEVELOPMENT if given.seeds == "dev" else REPORTING
    sources = {f"made here, {given.seeds}": [_with_label(h) for h in generated(seeds)]}
    for path in given.files:
        sources[path.name.partition(".")[0]] = [_with_label(h) for h in _read(path)]
    for name, histories in sources.items():
        known = [h for h in histories if h.label is not None and h.val]
        _show(name, known, given.misses)
    _show_cost()
    if find_spec("torch") is not None:
        _show_samples()
    return 0


def _read(path: Path) -> Iterator[History]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for line in file:
            record: dict[str, Any] = json.loads(line)
            yield History(
                record["id"],
                tuple(record.get("train") or ()),
                tuple(record.get("val") or ()),
                tuple(record.get("test") or ()),
                record.get("label"),
            )


def _with_label(history: History) -> History:
    """The history with the truth that its test loss tells, where it has no label."""
    if history.label is not None or not history.test:
        return history
    val = [math.inf if v is None else v for v in history.val]
    best = min(range(len(val)), key=val.__getitem__)
    around = history.test[max(0, best - 1) : best + 2]
    at_end = history.test[-max(1, len(history.test) // 20) :]
    before, after = statistics.fmean(around), statistics.fmean(at_end)
    worse = (after - before) / abs(before)
    label = 1 if worse >= HARMED else 0 if worse <= UNHARMED else None
    return History(history.name, history.train, history.val, history.test, label)


def judge(rule: Rule, history: History) -> Judged:
    """Hold a rule's first flag against the truth."""
    flag = rule(history)
    if history.label == 0:
        return Judged(0, int(flag is not None), 0, True, None)
    if flag is None:
        return Judged(0, 0, 1, False, None)
    val = [math.inf if v is None or not math.isfinite(v) else v for v in history.val]
    best = min(val)
    if min(val[: flag + 1]) > best + NEAR * abs(best):
        return Judged(0, 1, 1, False, None)
    return Judged(1, 0, 0, False, flag - val.index(best))


def _show(source: str, histories: list[History], misses: int) -> None:
    overfit = sum(h.label == 1 for h in histories)
    print(f"\n{source}: {overfit} overfit, {len(histories) - overfit} healthy")
    head = ("rule", "F1", "95 % interval", "false alarms", "delay median", "p90")
    print(f"  {head[0]:<20}{head[1]:>7}{head[2]:>16}{head[3]:>14}{head[4]:>14}{head[5]:>7}")
    for name, rule in _rules().items():
        judged = [judge(rule, h) for h in histories]
        delays = sorted(j.delay for j in judged if j.delay is not None)
        healthy = [j for j in judged if j.healthy]
        alarms = sum(j.false_alarm for j in healthy) / len(healthy) if healthy else math.nan
        low, high = _interval(judged)
        median = statistics.median(delays) if delays else math.nan
        late = delays[min(len(delays) - 1, int(0.9 * len(delays)))] if delays else math.nan
        print(
            f"  {name:<20}{_f1(judged):>7.3f}{f'{low:.3f} to {high:.3f}':>16}{alarms:>13.1%} "
            f"{median:>13.0f}{late:>7.0f}"
        )
        if name == "dataguard":
            wrong = [h.name for h, j in zip(histories, judged, strict=True) if not _right(j)]
            for each in wrong[:misses]:
                print(f"      wrong: {each}")


def _right(judged: Judged) -> bool:
    return not judged.false_alarm and not judged.missed


def _f1(judged: Sequence[Judged]) -> float:
    hits = sum(j.hit for j in judged)
    wrong = sum(j.false_alarm + j.missed for j in judged)
    return 2 * hits / (2 * hits + wrong) if hits else (math.nan if not wrong else 0.0)


def _interval(judged: Sequence[Judged], rounds: int = 1000) -> tuple[float, float]:
    """The bootstrap interval of F1, over histories."""
    from random import Random

    random = Random(0)
    drawn = sorted(_f1(random.choices(judged, k=len(judged))) for _ in range(rounds))
    return drawn[int(0.025 * rounds)], drawn[int(0.975 * rounds)]


def _rules() -> dict[str, Rule]:
    rules: dict[str, Rule] = {"dataguard": _dataguard}
    rules |= {f"patience {n}": lambda h, n=n: _patience(h, n) for n in (10, 20, 40)}  # type: ignore[misc]
    rules |= {
        "Prechelt GL 5": _generalisation_loss,
        "Prechelt PQ 0.75": _progress_quotient,
        "Prechelt UP 3": _up,
        "SageMaker Overfit": _ratio,
        "rolling Spearman": _spearman,
    }
    if find_spec("trainproof") is not None:
        rules["trainproof"] = _trainproof
    return rules


def _dataguard(history: History) -> int | None:
    from dataguard.monitor import Monitor

    monitor = Monitor()
    for at, val in enumerate(history.val):
        train = history.train[at] if history.train else None
        if any(event.code == "MON001" for event in monitor.update(at, train, val).events):
            return at
    return None


def _patience(history: History, patience: int) -> int | None:
    """The usual early stopping: no new best for so many evaluations."""
    best, at_best = math.inf, 0
    for at, val in enumerate(history.val):
        if val is not None and val < best:
            best, at_best = val, at
        if at - at_best >= patience:
            return at
    return None


def _generalisation_loss(history: History, limit: float = 5.0) -> int | None:
    """GL of Prechelt (1998): validation is so many per cent above its best."""
    best = math.inf
    for at, val in enumerate(history.val):
        if val is None:
            continue
        best = min(best, val)
        if best > 0 and 100.0 * (val / best - 1.0) > limit:
            return at
    return None


def _progress_quotient(history: History, limit: float = 0.75, strip: int = 5) -> int | None:
    """PQ of Prechelt (1998): generalisation loss over the progress of training in a strip."""
    best = math.inf
    for at, val in enumerate(history.val):
        if val is None or not history.train:
            continue
        best = min(best, val)
        recent = [t for t in history.train[max(0, at - strip + 1) : at + 1] if t is not None]
        if at + 1 < strip or best <= 0 or len(recent) < strip or min(recent) <= 0:
            continue
        progress = 1000.0 * (sum(recent) / (len(recent) * min(recent)) - 1.0)
        if 100.0 * (val / best - 1.0) > limit * max(progress, 1e-9):
            return at
    return None


def _up(history: History, strips: int = 3, strip: int = 5) -> int | None:
    """UP of Prechelt (1998): validation rose in so many strips one after another."""
    ends = [(at, v) for at, v in enumerate(history.val) if v is not None][strip - 1 :: strip]
    rising = 0
    for (_, before), (at, now) in pairwise(ends):
        rising = rising + 1 if now > before else 0
        if rising >= strips:
            return at
    return None


def _ratio(history: History, limit: float = 0.1) -> int | None:
    """SageMaker Debugger's Overfit rule, defaults: validation is 10 % above training."""
    for at, val in enumerate(history.val):
        train = history.train[at] if history.train else None
        if val is not None and train is not None and train > 0 and (val - train) / train > limit:
            return at
    return None


def _spearman(history: History, window: int = 20, limit: float = -0.5) -> int | None:
    """Rank correlation of training and validation over the latest evaluations is negative."""
    pairs: list[tuple[float, float]] = []
    for at, val in enumerate(history.val):
        train = history.train[at] if history.train else None
        if val is None or train is None:
            continue
        pairs = [*pairs, (train, val)][-window:]
        if len(pairs) == window:
            columns = [_ranks(column) for column in zip(*pairs, strict=True)]
            if len({*columns[0]}) > 1 and len({*columns[1]}) > 1:
                if statistics.correlation(*columns) < limit:
                    return at
    return None


def _ranks(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    return [ordered.index(v) + (ordered.count(v) - 1) / 2.0 for v in values]


def _trainproof(history: History) -> int | None:
    """trainproof's overfit check on every prefix, in up to 100 of them: each reads all records."""
    from trainproof.epoch import CheckContext, check_overfit  # type: ignore[import-not-found]

    records = [
        {"step": at, "loss": history.train[at] if history.train else None, "eval_loss": val}
        for at, val in enumerate(history.val)
    ]
    stride = max(1, len(records) // 100)
    for end in range(stride, len(records) + 1, stride):
        if check_overfit(CheckContext(records[:end])):
            return end - 1
    return None


def _show_cost() -> None:
    """CPU time of an update, the median of five runs: other work on the machine does not count."""
    from dataguard.monitor import Monitor

    updates, seconds = 10_000, []
    for _ in range(5):
        monitor, begun = Monitor(), time.process_time()
        for at in range(updates):
            monitor.update(at, 1.0 / (at + 1), 1.1 / (at + 1), {"grad_norm": 1.0})
        seconds.append((time.process_time() - begun) / updates)
    each = statistics.median(seconds)
    print(f"\nan update of the monitor takes {1e6 * each:.0f} µs of CPU time (limit 50)")


def _show_samples() -> None:
    """How well wrong labels are ranked by the tracker of samples, and what a step of it costs."""
    from benchmarks.samples import measure

    print("\nwrong labels (20 %) ranked by how they were learnt, AUROC of three seeds")
    for line in measure():
        print(f"  {line}")


if __name__ == "__main__":
    raise SystemExit(main())

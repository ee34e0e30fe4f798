"""Text logs: what XGBoost, LightGBM, CatBoost and many training loops print."""

from __future__ import annotations

import re

from dataguard.monitor.logs.lines import Lines
from dataguard.monitor.logs.rows import Row, Value

LONGEST = 4096
"""Characters of a line that are looked at."""

_NUMBER = r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|nan\b|inf(?:inity)?\b)"

BOOSTING = re.compile(r"\[(\d+)\][ \t]+(?=\S+.*:)")
"""XGBoost and LightGBM: "[12]<tab>train-rmse:0.3<tab>valid-rmse:0.4"."""

CATBOOST = re.compile(r"^(\d+):\t")
"""CatBoost: "12:<tab>learn: 0.3<tab>test: 0.4<tab>best: …"."""

CELL = re.compile(rf"^([^:]+?)\s*:\s*({_NUMBER})", re.IGNORECASE)

PAIR = re.compile(
    r"((?:\b(?:train|training|val|valid|validation|eval|test)[ ])?[A-Za-z][\w./@-]{0,60})"
    rf"['\"]?[ ]?[:=][ ]?['\"]?({_NUMBER})(?![\w.:])",
    re.IGNORECASE,
)
"""Any loop: "loss: 0.3", "val_loss=0.4", "'eval_loss': '0.4'", "train loss: 0.3"."""

EPOCH = re.compile(r"\bepoch[ ]?[:=#]?[ ]?\[?(\d{1,9})\b(?![.\d])", re.IGNORECASE)

OTHER = frozenset({"best", "total", "remaining"})
"""What CatBoost prints beside the metrics."""


class Text:
    """Reads lines that name their values. Other lines are passed over."""

    def __init__(self, path: str) -> None:
        self._lines = Lines(path, longest=LONGEST, cut=True, overwriting=True)
        self._epoch: int | None = None
        self._names: frozenset[str] = frozenset()
        self._catboost = CatBoost()

    def feed(self, data: bytes) -> list[Row]:
        found: list[Row] = []
        for number, line in self._lines.feed(data):
            if CATBOOST.search(line):
                found += self._catboost.rows(number, line)
            else:
                row = self._row(number, line)
                found += [] if row is None else [row]
        return found

    def close(self) -> list[Row]:
        last = self._lines.close()
        held = self._catboost.close()
        if held or (last is not None and CATBOOST.search(last[1])):
            return held
        before = self._names
        row = None if last is None else self._row(*last, half=True)
        # A line that names less than the one before it is cut.
        return [] if row is None or (before and frozenset(row.values) != before) else [row]

    def _row(self, number: int, line: str, *, half: bool = False) -> Row | None:
        row = boosted(line)
        if row is None:
            row = self._pairs(line)
        if not row.values:
            return None
        self._names = frozenset(row.values)
        return Row(row.values, row.step, number, half)

    def _pairs(self, line: str) -> Row:
        values: dict[str, Value] = {}
        for name, value in PAIR.findall(line):
            values.setdefault(name, float(value))
        epoch = EPOCH.search(line)
        if epoch and "epoch" not in {name.lower() for name in values}:
            self._epoch = int(epoch[1])
        steps = {"step", "global_step", "iteration", "iter", "epoch", "round"}
        named = any(name.lower() in steps for name in values)
        return Row(values, None if named else self._epoch)


class CatBoost:
    """Reads what CatBoost prints.

    It names no metric, but the best value so far tells its direction: rows wait until then.
    """

    def __init__(self) -> None:
        self._held: list[tuple[int, int, dict[str, float]]] = []
        self._word: str | None = None

    def rows(self, number: int, line: str) -> list[Row]:
        """The rows that this line makes known."""
        start = CATBOOST.search(line)
        cells = [CELL.match(cell.strip()) for cell in line.split("\t")[1:]]
        values = {cell[1]: float(cell[2]) for cell in cells if cell}
        best = values.get("best")
        sets = {name: value for name, value in values.items() if name not in OTHER}
        if start is None or not sets:
            return []
        self._held.append((int(start[1]), number, sets))
        if best is None:
            self._word = "loss"  # no test set, no direction: only the training loss is shown
        else:
            before = [value for _, _, held in self._held for value in list(held.values())[-1:]]
            if self._word is None and min(before) < max(before):
                self._word = "score" if best >= max(before) else "loss"
        return self.close() if self._word else []

    def close(self) -> list[Row]:
        """The rows that wait."""
        word = self._word or "loss"
        held, self._held = self._held, []
        return [
            Row({f"{name}-{word}": value for name, value in sets.items()}, step, number)
            for step, number, sets in held
        ]


def boosted(line: str) -> Row | None:
    """A line of XGBoost or LightGBM; None if it is none of theirs."""
    start = BOOSTING.search(line)
    if start is None:
        return None
    values: dict[str, Value] = {}
    for cell in re.split(r"\t|  +", line[start.end() :]):
        found = CELL.match(cell.strip())
        if found:
            values.setdefault(found[1].replace("'s ", "-"), float(found[2]))
    return Row(values, int(start[1])) if values else None

"""Findings held against the truth: recall and precision a fault, false findings a case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from benchmarks.planting.sheet import Planted, Truth

# Fault -> the rules of which one must name it. Rules are known by name: codes may move.
EXPECT: dict[str, tuple[str, ...]] = {
    "exact-duplicates": ("duplicate-rows",),
    "normalised-duplicates": ("duplicate-after-normalising",),
    "near-duplicates": ("near-duplicate-text",),
    "duplicate-ids": ("duplicate-id",),
    "whitespace": ("stray-whitespace",),
    "disguised-missing": ("disguised-missing",),
    "missing-cells": ("missing-values",),
    "mixed-dates": ("mixed-date-formats",),
    "ambiguous-dates": ("mixed-date-formats",),
    "numbers-as-text": ("number-stored-as-text",),
    "numbers-as-text-column": ("number-stored-as-text",),
    "mojibake": ("mojibake",),
    "constant-column": ("constant-column",),
    "missing-labels": ("missing-label",),
    "label-spelling": ("label-spelling-variants",),
    "flipped-labels": ("mislabelled-rows",),
    "conflicting-labels": ("conflicting-labels",),
    "rare-class": ("class-imbalance",),
    "leaking-column": ("label-leaking-feature",),
    "test-in-train": ("test-row-in-train",),
    "near-across-splits": ("near-duplicate-across-splits",),
    "groups-across-splits": ("group-in-both-splits",),
    "order-predicts-label": ("order-predicts-label", "sorted-rows"),
    "class-missing-in-test": ("class-missing-in-split",),
    "small-holdout": ("holdout-too-small",),
    "no-holdout": ("no-holdout",),
    "ragged-rows": ("ragged-rows",),
    "unclosed-quote": ("unclosed-quote",),
    "invalid-bytes": ("invalid-encoding",),
    "dirty-value": (),
}
# Fault -> further rules that may rightly speak of the same rows or columns.
ALLOW: dict[str, tuple[str, ...]] = {
    "exact-duplicates": ("duplicate-after-normalising", "near-duplicate-text", "duplicate-id"),
    "normalised-duplicates": (
        "duplicate-rows", "near-duplicate-text", "stray-whitespace", "mislabelled-rows",
    ),
    "near-duplicates": ("duplicate-rows", "duplicate-after-normalising"),
    "whitespace": ("disguised-missing", "near-duplicate-text", "duplicate-after-normalising"),
    "disguised-missing": ("missing-values", "duplicate-rows", "mislabelled-rows"),
    "numbers-as-text": ("disguised-missing",),
    "missing-labels": ("missing-values", "label-spelling-variants"),
    "label-spelling": ("stray-whitespace", "class-imbalance", "mislabelled-rows",
                       "class-missing-in-split"),
    "flipped-labels": ("conflicting-labels",),
    "conflicting-labels": (
        "mislabelled-rows", "duplicate-rows", "duplicate-after-normalising", "near-duplicate-text",
    ),
    "rare-class": ("class-missing-in-split", "mislabelled-rows", "holdout-too-small"),
    "leaking-column": ("missing-values",),
    "test-in-train": (
        "near-duplicate-across-splits", "stray-whitespace", "group-in-both-splits",
        "duplicate-id",
    ),
    "near-across-splits": ("test-row-in-train",),
    "order-predicts-label": ("label-leaking-feature",),
    "class-missing-in-test": (),
    "small-holdout": ("class-missing-in-split",),
    "no-holdout": (),
    "ragged-rows": ("missing-values", "missing-label", "duplicate-rows"),
    "unclosed-quote": ("ragged-rows", "missing-values", "missing-label", "class-imbalance"),
    "invalid-bytes": ("mojibake",),
    "dirty-value": ("number-stored-as-text", "disguised-missing"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Flag:
    """One flagged row (`row` is -1 where only columns are flagged), by one rule."""

    name: str
    split: str
    row: int
    line: int
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Said:
    """What a run said of a case: findings as in its JSON, flagged rows as in its rows file."""

    findings: list[dict[str, object]]
    flags: list[Flag]
    crashed: list[str]
    seconds: float


@dataclass(slots=True)
class Tally:
    """Counts of one fault over cases."""

    planted: int = 0
    found: int = 0
    """The planted row, or the row that it repeats, is flagged."""
    named: int = 0
    """The planted row itself is flagged."""
    flagged: int = 0
    true: int = 0
    """Flagged rows that are planted, or that a planted row repeats, or that may be flagged."""
    exact: int = 0
    """Flagged rows that are planted themselves."""
    by_kind: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    wrong_lines: int = 0

    @property
    def recall(self) -> float:
        """Found share of the planted."""
        return self.found / self.planted if self.planted else float("nan")

    @property
    def naming(self) -> float:
        """Share of the planted rows that are flagged themselves."""
        return self.named / self.planted if self.planted else float("nan")

    @property
    def precision(self) -> float:
        """True share of the flagged rows; not a number where nothing is flagged."""
        return self.true / self.flagged if self.flagged else float("nan")

    @property
    def exactness(self) -> float:
        """Planted share of the flagged rows: lower where both rows of a pair are flagged."""
        return self.exact / self.flagged if self.flagged else float("nan")


def score(truth: Truth, said: Said, tallies: dict[str, Tally]) -> None:
    """Add a case's counts to `tallies`, by fault."""
    done: set[tuple[str, tuple[str, ...]]] = set()
    for planted in truth.planted:
        tally = tallies.setdefault(planted.fault, Tally())
        if planted.rows:
            _score_rows(planted, said, tally)
        elif (key := (planted.fault, tuple(planted.columns))) not in done:
            done.add(key)
            _score_columns(planted, said, tally)
    explained = _Explained(truth)
    for fault in {planted.fault for planted in truth.planted}:
        names = EXPECT[fault]
        flags = {(f.split, f.row, f.columns): f for f in said.flags if f.name in names}
        tallies[fault].flagged += len(flags)
        tallies[fault].true += sum(explained.flag(flag) for flag in flags.values())
        own = {(p.split, row) for p in truth.planted if _meant_for(p, names) for row in p.rows}
        tallies[fault].exact += sum((flag.split, flag.row) in own for flag in flags.values())


def _meant_for(planted: Planted, names: tuple[str, ...]) -> bool:
    return bool(set(EXPECT[planted.fault]) & set(names))


def _score_rows(planted: Planted, said: Said, tally: Tally) -> None:
    names = EXPECT[planted.fault]
    if not names:
        return
    columns = frozenset(planted.columns)
    relevant = [
        f for f in said.flags if f.name in names and _meet(f.columns, columns) and f.row >= 0
    ]
    rows = {(f.split, f.row) for f in relevant}
    lines = {(f.split, f.row): f.line for f in relevant}
    opened = {f.line for f in relevant} | {_line(f) for f in said.findings if f["name"] in names}
    parallel = len(planted.partners) == len(planted.rows)
    for i, row in enumerate(planted.rows):
        place = (planted.split, row)
        named = place in rows
        if planted.fault == "unclosed-quote":  # the record swallows lines: its line counts
            named = planted.lines[i] in opened
        partner = parallel and (planted.partner_split, planted.partners[i]) in rows
        tally.planted += 1
        tally.named += named
        tally.found += named or partner
        kind = planted.kinds[i] if planted.kinds else ""
        tally.by_kind[kind] += 1
        tally.missed[kind] += not (named or partner)
        tally.wrong_lines += lines.get(place, planted.lines[i]) != planted.lines[i]


def _score_columns(planted: Planted, said: Said, tally: Tally) -> None:
    columns = frozenset(planted.columns)
    found = any(
        f["name"] in EXPECT[planted.fault] and _meet(_columns(f), columns) for f in said.findings
    )
    tally.planted += 1
    tally.found += found
    tally.named += found
    tally.by_kind[""] += 1
    tally.missed[""] += not found


@dataclass(frozen=True, slots=True)
class FalseFinding:
    """A finding that nothing planted explains; `columns` are those without such a fault."""

    case: str
    seed: int
    name: str
    severity: str
    columns: tuple[str, ...]
    untouched: bool
    message: str


def false_findings(truth: Truth, said: Said) -> list[FalseFinding]:
    """The findings of a case that no planted fault explains."""
    explained = _Explained(truth)
    untouched = {name for names in truth.untouched.values() for name in names}
    result = []
    for finding in said.findings:
        extra = explained.unexplained(finding)
        if extra is not None:
            columns = tuple(sorted(extra))
            result.append(
                FalseFinding(
                    case=truth.case,
                    seed=truth.seed,
                    name=str(finding["name"]),
                    severity=str(finding["severity"]),
                    columns=columns,
                    untouched=any(name in untouched for name in columns),
                    message=str(finding["message"]),
                )
            )
    return result


class _Explained:
    """Which flags the planted faults of one case explain."""

    def __init__(self, truth: Truth) -> None:
        self._by_name: dict[str, list[tuple[Planted, set[tuple[str, int]]]]] = {}
        for planted in truth.planted:
            places = {(planted.split, row) for row in planted.rows}
            places |= {(planted.partner_split, row) for row in planted.partners}
            if planted.fault == "unclosed-quote":
                places = set()
            for name in EXPECT[planted.fault] + ALLOW.get(planted.fault, ()):
                self._by_name.setdefault(name, []).append((planted, places))

    def flag(self, flag: Flag) -> bool:
        """Whether some planted fault explains that this row is flagged in these columns."""
        return any(
            _meet(flag.columns, frozenset(planted.columns))
            and (not places or flag.row < 0 or (flag.split, flag.row) in places)
            for planted, places in self._by_name.get(flag.name, [])
        )

    def unexplained(self, finding: dict[str, object]) -> frozenset[str] | None:
        """The columns of a false finding (perhaps none), or None if it is explained."""
        columns = _columns(finding)
        near = [
            (planted, places)
            for planted, places in self._by_name.get(str(finding["name"]), [])
            if _meet(columns, frozenset(planted.columns))
        ]
        split = str(finding["split"] or "")
        rows = finding["rows"]
        flagged = {(split, row) for row in rows} if isinstance(rows, list) else set()
        if not any(not places or not flagged or flagged & places for _, places in near):
            return columns
        if any(not planted.columns for planted, _ in near):
            return None
        extra = columns.difference(*(planted.columns for planted, _ in near))
        return extra or None


def _meet(found: frozenset[str], planted: frozenset[str]) -> bool:
    return not found or not planted or bool(found & planted)


def _columns(finding: dict[str, object]) -> frozenset[str]:
    columns = finding["columns"]
    return frozenset(map(str, columns)) if isinstance(columns, list) else frozenset()


def _line(finding: dict[str, object]) -> int:
    line = finding["line"]
    return line if isinstance(line, int) else -1


def kinds_missed(tally: Tally) -> Iterable[tuple[str, int, int]]:
    """(kind, missed, planted) of every kind with a miss, worst first."""
    worst = sorted(tally.missed, key=lambda kind: -tally.missed[kind])
    return [(kind, tally.missed[kind], tally.by_kind[kind]) for kind in worst if tally.missed[kind]]

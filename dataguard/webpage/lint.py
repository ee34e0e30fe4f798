"""What the page of a linted dataset says, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from dataguard.finding import Finding, Outcome, Report, Severity, Status
from dataguard.rendering import FAMILIES, by_importance
from dataguard.webpage.environment import fitting, page
from dataguard.webpage.facts import Cluster, Summary

FAMILY_NAMES = {
    "FIL": "Files",
    "LEK": "Leakage",
    "LAB": "Labels",
    "DUP": "Duplicates",
    "SPL": "Splits",
    "FMT": "Formatting",
}
"""What the families of codes are about."""

LEVELS = (Severity.ERROR, Severity.WARNING, Severity.INFO)

OPEN = 3
"""Findings that are unfolded at first."""


class Limits(msgspec.Struct, frozen=True):
    """How much a page shows of each dataset; what is left out is counted.

    Attributes:
        datasets: Datasets of the page.
        full: Findings with their cells.
        brief: Findings after these, in a line each.
        columns: Columns of a split.
        classes: Classes, of the balance and of the confusion.
        suspects: Probably wrong labels.
        clusters: Groups of duplicates, and of leaks.
    """

    datasets: int = 40
    full: int = 80
    brief: int = 200
    columns: int = 60
    classes: int = 16
    suspects: int = 40
    clusters: int = 16

    def halved(self) -> Limits:
        """Half of everything, one at least."""
        values = {name: max(1, getattr(self, name) // 2) for name in self.__struct_fields__}
        return replace(self, **values)


def lint_page(reports: Sequence[Report]) -> str:
    """The page of some reports, ending with a newline."""
    limits = Limits()
    for _ in range(len(reports).bit_length() - 1):
        limits = replace(limits.halved(), datasets=limits.datasets)
    return fitting(lambda some: _page(reports, some), limits, Limits.halved)


def _page(reports: Sequence[Report], limits: Limits) -> str:
    findings = [f for report in reports for f in report.findings]
    values: dict[str, Any] = {
        "title": _title(reports),
        "verdict": verdict(reports),
        "tone": _tone(reports),
        "counts": _counts(findings),
        "datasets": [
            _dataset(report, number, limits, len(reports) > 1)
            for number, report in enumerate(reports[: limits.datasets])
        ],
        "more_datasets": max(0, len(reports) - limits.datasets),
        "version": reports[0].version if reports else "",
    }
    return page("lint.html", values)


def _title(reports: Sequence[Report]) -> str:
    if not reports:
        return "nothing linted"
    return reports[0].name if len(reports) == 1 else f"{len(reports):,} datasets"


def verdict(reports: Sequence[Report]) -> str:
    """What is to be said of the data, in one sentence."""
    findings = [f for report in reports for f in report.findings]
    outcomes = [o for report in reports for o in report.outcomes]
    crashed = sum(o.status is Status.CRASHED for o in outcomes)
    ran = sum(o.status is Status.RAN for o in outcomes)
    told = " and ".join(f"{n:,} {s}{'' if n == 1 else 's'}" for s, n in _counts(findings)[:2] if n)
    if crashed:
        checks = f"{crashed:,} check{'' if crashed == 1 else 's'} crashed"
        return f"Not judged in full: {checks}" + (f"; {told} so far." if told else ".")
    if any(f.severity is Severity.ERROR for f in findings):
        return f"Do not train on this yet: {told}."
    if told:
        return f"Look before you train: {told}."
    if findings:
        remarks = "1 remark" if len(findings) == 1 else f"{len(findings):,} remarks"
        return f"No error and no warning; {remarks}."
    if not ran:
        return "Nothing was checked: no check ran."
    return f"Nothing found: {ran:,} check{' is' if ran == 1 else 's are'} content."


def _tone(reports: Sequence[Report]) -> str:
    """The gravest word of the page: "error", "warning", "info" or "clean"."""
    if any(o.status is Status.CRASHED for r in reports for o in r.outcomes):
        return "error"
    worst = max((f.severity for r in reports for f in r.findings), default=None)
    return "clean" if worst is None else str(worst)


def _counts(findings: Sequence[Finding]) -> list[tuple[str, int]]:
    return [(str(level), sum(f.severity is level for f in findings)) for level in LEVELS]


def _dataset(report: Report, number: int, limits: Limits, several: bool) -> dict[str, Any]:
    ordered = by_importance(report.findings)
    prefix = f"d{number + 1}-" if several else ""
    entries = [
        {"finding": f, "id": f"{prefix}finding-{i + 1}", "open": i < OPEN and not several}
        for i, f in enumerate(ordered)
    ]
    full = entries[: limits.full]
    brief = entries[limits.full : limits.full + limits.brief]
    return {
        "report": report,
        "prefix": prefix,
        "level": 3 if several else 2,
        "several": several,
        "first": full[:OPEN],
        "full": full,
        "brief": brief,
        "more": len(entries) - len(full) - len(brief),
        "families": _families(report, entries),
        "outcomes": _outcomes(report.outcomes),
        "labels": report.roles["label"].columns if "label" in report.roles else (),
        **_of_summary(report.summary, limits),
    }


def _families(report: Report, entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One line a family: its counts, how many checks ran, and its first finding."""
    letters = {o.code[:3] for o in report.outcomes} | {f.code[:3] for f in report.findings}
    known = [f for f in FAMILIES if f in letters]
    found = []
    for family in [*known, *sorted(letters - set(known))]:
        mine = [f for f in report.findings if f.code[:3] == family]
        outcomes = [o for o in report.outcomes if o.code[:3] == family]
        link = next((e["id"] for e in entries if e["finding"].code[:3] == family), None)
        found.append(
            {
                "letters": family,
                "name": FAMILY_NAMES.get(family, family),
                "counts": _counts(mine),
                "ran": sum(o.status is Status.RAN for o in outcomes),
                "not_run": sum(o.status is not Status.RAN for o in outcomes),
                "link": link,
            }
        )
    return found


def _outcomes(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Checks that crashed, that did not run by reason, and that looked at a sample."""
    reasons: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.status is Status.SKIPPED:
            reasons.setdefault(outcome.reason, []).append(outcome.code)
    return {
        "crashed": [o for o in outcomes if o.status is Status.CRASHED],
        "skipped": sorted(reasons.items(), key=lambda pair: -len(pair[1])),
        "sampled": [o for o in outcomes if o.sampled],
        "ran": [o.code for o in outcomes if o.status is Status.RAN],
    }


def _of_summary(summary: Summary | None, limits: Limits) -> dict[str, Any]:
    if summary is None:
        return {"summary": None}
    suspects = summary.suspects[: limits.suspects]
    return {
        "summary": summary,
        "columns": _columns(summary, limits.columns),
        "classes": _classes(summary, limits.classes),
        "lengths": summary.lengths,
        "suspects": suspects,
        "more_suspects": summary.more_suspects + len(summary.suspects) - len(suspects),
        "confusion": _confusion(summary, min(limits.classes, 10)),
        "duplicates": [_cluster(c) for c in summary.duplicates.clusters[: limits.clusters]],
        "more_duplicates": max(0, summary.duplicates.total - limits.clusters),
        "leaks": [_cluster(c) for c in summary.leaks.clusters[: limits.clusters]],
        "more_leaks": max(0, summary.leaks.total - limits.clusters),
    }


def _columns(summary: Summary, most: int) -> dict[str, Any]:
    """One row a column, its splits beside each other."""
    by_split = [{c.name: c for c in s.columns} for s in summary.splits]
    names = list(dict.fromkeys(name for columns in by_split for name in columns))
    rows = []
    for name in names[:most]:
        cells = [columns.get(name) for columns in by_split]
        there = [c for c in cells if c is not None]
        kinds = list(dict.fromkeys(c.kind for c in there))
        rows.append({"name": name, "kinds": kinds, "role": there[0].role, "cells": cells})
    left_out = max((s.more_columns for s in summary.splits), default=0)
    return {"rows": rows, "more": left_out + max(0, len(names) - most)}


def _classes(summary: Summary, most: int) -> dict[str, Any] | None:
    """Rows and shares of each class in each split; the rarer classes together."""
    labelled = [s for s in summary.splits if s.unlabelled is not None]
    if not labelled:
        return None
    counts = [dict(s.classes) for s in labelled]
    totals = [max(1, sum(c.values())) for c in counts]
    names = sorted(
        {n for c in counts for n in c}, key=lambda n: (-sum(c.get(n, 0) for c in counts), n)
    )
    rows = [(n, [c.get(n, 0) for c in counts]) for n in names[:most]]
    rest = names[most:]
    if rest:
        left = [sum(c.get(n, 0) for n in rest) for c in counts]
        rows.append((f"{len(rest):,} more classes", left))
    largest = max(
        (n / t for _, numbers in rows for n, t in zip(numbers, totals, strict=True)), default=1.0
    )
    return {
        "splits": [s.name for s in labelled],
        "rows": [
            (name, [(n, n / t, n / t / largest) for n, t in zip(numbers, totals, strict=True)])
            for name, numbers in rows
        ],
        "unlabelled": [(s.name, s.unlabelled) for s in labelled if s.unlabelled],
    }


def _confusion(summary: Summary, most: int) -> dict[str, Any] | None:
    """A table of given (down) against suggested labels (across); the rarer ones left out."""
    if not summary.confusion:
        return None
    weights: dict[str, int] = {}
    for given, suggested, number in summary.confusion:
        for name in (given, suggested):
            weights[name] = weights.get(name, 0) + number
    names = sorted(sorted(weights, key=lambda n: (-weights[n], n))[:most])
    cells = {(a, b): n for a, b, n in summary.confusion}
    highest = max(cells.values())
    shown = [
        (a, [(cells.get((a, b), 0), -(-4 * cells.get((a, b), 0) // highest)) for b in names])
        for a in names
        if any((a, b) in cells for b in names)
    ]
    return {"names": names, "rows": shown, "more": len(weights) - len(names)}


def _cluster(cluster: Cluster) -> dict[str, Any]:
    """A group with its rows next to each other: cells that differ first, the same ones named."""
    names = list(dict.fromkeys(n for r in cluster.records for n, _ in r.cells))
    cells = [dict(r.cells) for r in cluster.records]
    differ = [n for n in names if len({c.get(n) for c in cells}) > 1]
    same = [n for n in names if n not in differ]
    shown = [*differ[:6], *([same[0]] if same and names[0] == same[0] else [])]
    shown.sort(key=names.index)
    return {
        "facts": cluster,
        "rows": [(n, n in differ, [c.get(n) for c in cells]) for n in shown],
        "same": [n for n in same if n not in shown],
        "more_differ": len(differ) - 6,
        "more": cluster.size - len(cluster.records),
    }

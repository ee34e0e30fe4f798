"""Rows for the HTML report: wrong labels, copies and leaks with their cells, a bounded number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from dataguard.dataset import Dataset, Kind, Split
from dataguard.finding import Finding
from dataguard.queries import ROW
from dataguard.stats.masking import masked
from dataguard.webpage.facts import Cluster, Gathered, Record, Suspect

if TYPE_CHECKING:
    import polars as pl

MOST_SUSPECTS = 50
MOST_CLUSTERS = 8
"""Groups of rows that are shown a finding."""

MOST_FINDINGS = 12
"""Findings of rows that belong together from which groups are shown."""

MEMBERS = 4
"""Rows of a group that are shown."""

MOST_CELLS = 12
"""Columns of a row that are shown."""

LONGEST = 800
"""Characters of a cell that are kept; a page shows fewer, around what differs."""

SUGGESTED = "suggested label: "
"""What the note of a row begins with whose label is probably wrong."""

_PARTNER = re.compile(r"\b(training )?row (\d+)$")
"""How the note of a row names another one that it repeats."""

Place = tuple[str, int]
"""A split's name and a 0-based row."""


class _Group(msgspec.Struct):
    """Rows that a finding takes for one, before their cells are known."""

    finding: Finding
    places: list[Place]
    size: int
    score: float | None
    leak: bool


class _Accused(msgspec.Struct):
    """A row whose label is probably wrong, before its cells are known."""

    place: Place
    label: str
    suggested: str
    score: float


def gathered_rows(
    data: Dataset, findings: Sequence[Finding], own: Mapping[str, str]
) -> tuple[tuple[Suspect, ...], int, tuple[tuple[str, str, int], ...], Gathered, Gathered]:
    """Suspects, how many are left out, the confusion of labels, the duplicates, the leaks.

    Args:
        data: The dataset.
        findings: As they stand in the report. Which rows belong together is told by their
            `groups` and by notes that end in "row 12" or "training row 12".
        own: The user's names of columns by those that they go by here, where these differ.
    """
    accused = sorted(_accused(findings), key=lambda a: (-a.score, a.place))
    groups, totals = _groups(findings)
    shown = accused[:MOST_SUSPECTS]
    wanted = [a.place for a in shown] + [place for group in groups for place in group.places]
    records = _records(data, wanted, own)
    given = _given(data, [a.place for a in accused])
    pairs = Counter((given.get(a.place, ""), a.suggested) for a in accused)
    suspects = tuple(
        Suspect(records[a.place], given.get(a.place, ""), a.suggested, a.score) for a in shown
    )
    clusters = {leak: [g for g in groups if g.leak is leak] for leak in (False, True)}
    duplicates, leaks = (
        Gathered(tuple(_cluster(g, records) for g in clusters[leak]), totals[leak])
        for leak in (False, True)
    )
    confusion = tuple((a, b, n) for (a, b), n in sorted(pairs.items()))
    return suspects, len(accused) - len(shown), confusion, duplicates, leaks


def _cluster(group: _Group, records: Mapping[Place, Record]) -> Cluster:
    found = tuple(records[place] for place in group.places)
    return Cluster(group.finding.code, group.finding.name, found, group.size, group.score)


def _accused(findings: Iterable[Finding]) -> Iterator[_Accused]:
    for finding in findings:
        if not finding.notes or finding.split is None or not finding.columns:
            continue
        if not finding.notes[0].startswith(SUGGESTED) or not len(finding.scores):
            continue
        for row, score, note in zip(finding.rows, finding.scores, finding.notes, strict=True):
            suggested = note.removeprefix(SUGGESTED)
            yield _Accused((finding.split, row), finding.columns[0], suggested, score)


def _groups(findings: Iterable[Finding]) -> tuple[list[_Group], dict[bool, int]]:
    """The groups that are shown, and how many there are: of leaks (True), of duplicates."""
    found: list[tuple[int, int, _Group]] = []
    totals = {False: 0, True: 0}
    grouped = [f for f in findings if f.split is not None and len(f.groups) == len(f.rows) > 0]
    for number, finding in enumerate(grouped):
        mine = sorted(_of(finding), key=lambda g: (-(g.score or 1.0), -g.size, g.places))
        for group in mine:
            totals[group.leak] += 1
        if number < MOST_FINDINGS:
            found += [(place, number, group) for place, group in enumerate(mine[:MOST_CLUSTERS])]
    # The first group of each finding, then the second: one rule does not push out the others.
    return [group for _, _, group in sorted(found, key=lambda one: one[:2])], totals


def _of(finding: Finding) -> list[_Group]:
    """The groups of one finding that hold two rows or more; of a leak, a pair each."""
    assert finding.split is not None
    by_number: dict[int, list[int]] = {}
    for place, number in enumerate(finding.groups):
        by_number.setdefault(number, []).append(place)
    found = []
    for members in by_number.values():
        rows = [finding.rows[place] for place in members]
        notes = [finding.notes[place] for place in members] if len(finding.notes) else []
        scores = [finding.scores[place] for place in members] if len(finding.scores) else []
        others = [m for m in map(_PARTNER.search, notes) if m is not None]
        leak = any(m.group(1) for m in others)
        first: list[Place] = []
        if leak:
            first = [("train", int(others[0].group(2)))]
        elif others:
            first = [(finding.split, int(m.group(2))) for m in others[:1]]
        places = list(dict.fromkeys(first + [(finding.split, row) for row in rows]))
        if len(places) < 2:
            continue
        places = places if leak else sorted(places)
        best = max(scores, default=None)
        found.append(_Group(finding, places[:MEMBERS], len(places), best, leak))
    return found


def _records(data: Dataset, places: Iterable[Place], own: Mapping[str, str]) -> dict[Place, Record]:
    """The rows by place, one pass a split over the columns that are shown."""
    from dataguard.engines.local import LocalEngine

    found: dict[Place, Record] = {}
    by_split: dict[str, set[int]] = {}
    for name, row in places:
        by_split.setdefault(name, set()).add(row)
    names = _shown(data)
    for split in data.splits:
        rows = sorted(by_split.get(split.name, ()))
        mine = [n for n in names if n in split]
        if not rows or not mine:
            continue
        (frame,) = LocalEngine().answer([split.cells(rows, mine)])
        for record in _records_of(split, frame, mine, own):
            found[split.name, record.row] = record
    empty = {(s, r): Record(s, r, None, ()) for s, r in places}
    return empty | found


def _records_of(
    split: Split, frame: pl.DataFrame, names: Sequence[str], own: Mapping[str, str]
) -> Iterator[Record]:
    import polars as pl

    texts = frame.select(
        ROW, *(split[n].text.str.slice(0, 2 * LONGEST).alias(f"{i}") for i, n in enumerate(names))
    )
    assert texts.schema[ROW] == pl.UInt32
    for row, *cells in texts.iter_rows():
        shown = [None if cell is None else _cut(cell) for cell in cells]
        titles = [own.get(n, n) for n in names]
        line = split.table.lines.of(row)
        yield Record(split.name, row, line, tuple(zip(titles, shown, strict=True)))


def _cut(text: str) -> str:
    shown = masked(text)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


def _shown(data: Dataset) -> list[str]:
    """The columns of a row that are shown: text and label first, then as they stand."""
    train = data.train
    roles = {n: role for role, info in data.roles.items() for n in info.columns}
    rank = {"text": 0, "label": 1}
    columns = [c for c in train.columns if c.kind is not Kind.EMPTY]
    ordered = sorted(columns, key=lambda c: rank.get(roles.get(c.name, ""), 2))
    return [c.name for c in ordered[:MOST_CELLS]]


def _given(data: Dataset, places: Sequence[Place]) -> dict[Place, str]:
    """The labels of some rows."""
    from dataguard.engines.local import LocalEngine

    found: dict[Place, str] = {}
    for split in data.splits:
        rows = [row for name, row in places if name == split.name]
        if not rows or split.label is None:
            continue
        query = split.cells(sorted(rows), [split.label.name])
        (frame,) = LocalEngine().answer([query])
        for row, label in frame.select(ROW, split.label.text.alias("label")).iter_rows():
            found[split.name, row] = "" if label is None else masked(label[:200])
    return found

"""The road of a split: what is alike, who goes where, and a look of the linter at the result."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from dataguard.errors import DataguardError, SourceError, UsageError
from dataguard.finding import Finding, Severity, Status
from dataguard.fixing.documents import document_of, read_bytes, table_of
from dataguard.fixing.edits import Document, Edits, RowDrop
from dataguard.fixing.kinds import Kind as Fix
from dataguard.splitting.assign import NAMES, at_random, by_time, purged

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dataguard.dataset import Dataset, Split
    from dataguard.linter import Settings
    from dataguard.roles import GivenRoles
    from dataguard.splitting.together import Together

    I64 = NDArray[np.int64]

LOOKS = 5
"""How often the linter looks and what it still finds alike is joined, before it is told."""

BINS = 10
"""Parts of equal size that a number to be predicted is stratified by."""

LEFT_OUT = "left-out"


class Made(msgspec.Struct, frozen=True):
    """A data set that was divided.

    Attributes:
        data: The bytes of each part, by name.
        rows: Rows of each part.
        classes: Rows of each part by class; empty without a class label.
        label: The label column, or None.
        joined: Rows that were kept together with others, by reason.
        findings: What the linter still says of leakage and splits, from a warning on.
        notes: What the user should know.
    """

    data: Mapping[str, bytes]
    rows: Mapping[str, int]
    classes: Mapping[str, Mapping[str, int]]
    label: str | None
    joined: Mapping[str, int]
    findings: Sequence[Finding]
    notes: Sequence[str] = msgspec.field(default_factory=list)


def parse_ratio(text: str) -> tuple[float, ...]:
    """The shares that "0.8/0.1/0.1" states; "80/20" means the same as "0.8/0.2".

    Raises:
        UsageError: They are not two or three positive numbers that add up to 1 or 100.
    """
    try:
        numbers = [float(part) for part in text.split("/")]
    except ValueError:
        numbers = []
    if len(numbers) not in NAMES or not all(0 < n < float("inf") for n in numbers):
        raise UsageError(f"--ratio '{text}': write two or three positive shares: 0.8/0.1/0.1")
    total = sum(numbers)
    if min(abs(total - 1), abs(total - 100)) > 0.001 * max(1, total):
        raise UsageError(f"--ratio '{text}': the shares add up to {total:g}, not to 1")
    return tuple(n / total for n in numbers)


def split_file(path: str, shares: Sequence[float], given: GivenRoles, settings: Settings) -> Made:
    """Divide one file in memory; nothing is written.

    Args:
        path: The file.
        shares: Share of each part, two or three of them.
        given: Roles that the user named; with a time the file is cut by time, else at random.
        settings: The linter's checks and seed.

    Raises:
        SourceError: It cannot be read, or not be divided in parts.
        UsageError: A named column is not there, or a part would be empty.
    """
    raw = read_bytes(path)
    work = _Work(path, raw, document_of(raw, path), tuple(shares), given, settings)
    part = work.assigned()
    for _ in range(LOOKS):
        findings, joined = work.looked(part)
        if not joined:
            break
        part = work.assigned()
    return work.made(part, findings)


class _Work(msgspec.Struct, eq=False):
    """A split under way."""

    path: str
    raw: bytes
    document: Document
    shares: tuple[float, ...]
    given: GivenRoles
    settings: Settings
    _data: Dataset | None = None
    _alike: Together | None = None
    undated: int = 0
    notes: list[str] = msgspec.field(default_factory=list)

    @property
    def split(self) -> Split:
        """The file as checks see it."""
        from dataguard.linter import dataset_of

        if self._data is None:
            tables = {"train": self.document.table}
            self._data = dataset_of(self.path, tables, self.given, self.settings.seed)
        return self._data.train

    @property
    def alike(self) -> Together:
        """Which rows stay together."""
        from dataguard.engines.local import LocalEngine
        from dataguard.runner import Runner
        from dataguard.splitting.together import Together

        if self._alike is None:
            groups = self.split.of_role("group")
            self._alike = Together(self.split.height, groups[0].name if groups else None)
            assert self._data is not None
            _, (outcome,) = Runner(LocalEngine(), self._data).run([self._alike])
            if outcome.status is not Status.RAN:
                raise DataguardError(f"{self.path}: cannot be divided: {outcome.reason}")
        return self._alike

    def assigned(self) -> I64:
        """The part of each row; -1 for those that are left out.

        Raises:
            UsageError: A part would be empty.
        """
        import numpy as np

        units = self.alike.unions.units()
        advice = "choose another --ratio"
        if self.given.time is not None:
            cut = by_time(self._times(), self.shares)
            part = purged(cut, units)
            if len(np.unique(cut)) == len(self.shares):
                advice = "they have rows in later parts too: leave out --group or --time"
        else:
            order = _ranks(self.split, self.settings.seed)
            part = at_random(units, self._strata(), self.shares, order)
        for number, name in enumerate(self.names):
            if not np.any(part == number):
                raise UsageError(
                    f"{self.path}: no row is left for {name}: {self.split.height:,} rows in"
                    f" {len(np.unique(units)):,} units that stay together; {advice}"
                )
        return part

    @property
    def names(self) -> tuple[str, ...]:
        """The parts' names."""
        return NAMES[len(self.shares)]

    def looked(self, part: I64) -> tuple[list[Finding], bool]:
        """What the linter says of the parts, and whether rows were joined because of it."""
        import numpy as np

        from dataguard.linter import lint_tables

        tables = {n: table_of(self._bytes(part, i), self.path) for i, n in enumerate(self.names)}
        checks = tuple(c for c in self.settings.checks if c.code.startswith(("LEK", "SPL")))
        settings = replace(self.settings, checks=checks, per_file_ignores=None)
        report = lint_tables(self.path, tables, self.given, settings)
        crashed = [o for o in report.outcomes if o.status is Status.CRASHED]
        self.notes = [f"{o.code} did not run: {o.reason}" for o in crashed]
        findings = [f for f in report.findings if f.severity >= Severity.WARNING]
        joined = False
        for finding in findings:
            if finding.split in self.names and finding.code in ("LEK001", "LEK002", "LEK006"):
                mine = np.flatnonzero(part == self.names.index(finding.split)).tolist()
                train = np.flatnonzero(part == 0).tolist()
                listed = finding.evidence.get("training rows") or ()
                for row, other in zip(finding.rows, listed, strict=False):
                    joined |= self.alike.unions.join([mine[row], train[other]])
        return findings, joined

    def made(self, part: I64, findings: Sequence[Finding]) -> Made:
        """The parts."""
        import numpy as np

        parts = {name: number for number, name in enumerate(self.names)}
        if self.undated:
            rows = "1 row" if self.undated == 1 else f"{self.undated:,} rows"
            self.notes.append(f"{rows} of train: the time cannot be read there")
        if np.any(part < 0):
            parts[LEFT_OUT] = -1
            self.notes.append(
                f"{int(np.sum(part < 0)):,} rows are copies, or of the group, of rows in a later"
                f" part: they are in {LEFT_OUT}, and in no part"
            )
        label = self.split.label
        classes = self._classes(part, parts) if label is not None and label.is_classes else {}
        return Made(
            {name: self._bytes(part, number) for name, number in parts.items()},
            {name: int(np.sum(part == number)) for name, number in parts.items()},
            classes,
            label.name if label is not None else None,
            self.alike.reasons,
            findings,
            self.notes,
        )

    def _classes(self, part: I64, parts: Mapping[str, int]) -> dict[str, dict[str, int]]:
        label = self.split.label
        assert label is not None
        cells = self.document.frame.select(label.text.alias("label")).to_series()
        return {
            name: dict(
                cells.filter(part == number).drop_nulls().value_counts(sort=True).iter_rows()
            )
            for name, number in parts.items()
        }

    def _bytes(self, part: I64, number: int) -> bytes:
        import numpy as np

        others = np.flatnonzero(part != number).tolist()
        for row in others:
            if not self.document.takes_row(row):
                line = self.document.table.lines.of(row)
                raise SourceError(self.path, "the record is not sound: repair it first", line)
        return self.document.rendered(Edits(rows={row: RowDrop(Fix.DUPLICATES) for row in others}))

    def _times(self) -> NDArray[np.float64]:
        import numpy as np

        from dataguard.stats.clock import moments

        column = self.split.of_role("time")[0]
        expression = moments(self.split, column)
        if expression is None:
            raise UsageError(f"--time {column.name}: most of its cells are read as no time")
        found = self.document.frame.select(expression.alias("t")).to_series()
        times = found.fill_null(float("nan")).to_numpy().astype(np.float64)
        self.undated = int(np.isnan(times).sum())
        return times

    def _strata(self) -> I64:
        """The class of each row, from 0; of a number to be predicted the tenth that it is in."""
        import numpy as np
        import polars as pl

        label = self.split.label
        if label is None:
            return np.zeros(self.split.height, dtype=np.int64)
        frame = self.document.frame
        if label.is_classes:
            words = label.text.str.strip_chars().str.to_lowercase().fill_null("")
            cells = frame.select(words.alias("c")).to_series()
        elif label.kind.value == "number":
            number = frame.select(label.number.alias("n")).to_series()
            cells = (number.rank("ordinal") * BINS / (number.len() + 1)).floor().fill_null(-1)
        else:
            return np.zeros(self.split.height, dtype=np.int64)
        ranked = cells.rank("dense").cast(pl.Int64) - 1
        return ranked.to_numpy().astype(np.int64)


def _ranks(split: Split, seed: int) -> I64:
    """A random order of the rows that depends on their contents and the seed alone."""
    import numpy as np

    from dataguard.expressions import content

    frame = split.table.frame.select(content([c.text for c in split.columns]).alias("c"))
    key = seed.to_bytes(8, "little")
    digests = [
        hashlib.blake2b((text or "").encode("utf-8", "surrogatepass"), digest_size=8, key=key)
        for text in frame.collect().to_series().to_list()
    ]
    numbers = np.array([int.from_bytes(d.digest(), "big") for d in digests], dtype=np.uint64)
    ranks = np.empty(len(numbers), dtype=np.int64)
    ranks[np.argsort(numbers, kind="stable")] = np.arange(len(numbers))
    return ranks

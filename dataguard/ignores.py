"""`[[tool.dataguard.ignore]]`: findings left out on purpose, with a reason and for a time."""

from __future__ import annotations

import fnmatch
import os
import posixpath
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from dataguard.finding import Finding, Outcome, Status

if TYPE_CHECKING:
    from datetime import date


class Ignore(msgspec.Struct, frozen=True):
    """One ignore of the config. A finding is left out where all that is given holds of it.

    Attributes:
        codes: Codes of the checks; empty means all.
        columns: Columns; empty means all.
        file: Pattern of paths, relative to the config file; empty means all.
        reason: Why, in the user's words.
        until: Last day on which it holds; None means for good.
        selectors: The codes, families and names as written.
    """

    codes: frozenset[str] = frozenset()
    columns: tuple[str, ...] = ()
    file: str = ""
    reason: str = ""
    until: date | None = None
    selectors: tuple[str, ...] = ()

    def __str__(self) -> str:
        columns = [f"column `{c}`" for c in self.columns]
        file = [f"file '{self.file}'"] if self.file else []
        return ", ".join([*self.selectors, *columns, *file])

    def concerns(self, finding: Finding, paths: Sequence[str], root: str) -> bool:
        """Whether code and file fit, and one of the columns.

        Args:
            finding: Any finding.
            paths: Files of its data set; a finding about several splits is in all of them.
            root: Directory that the pattern is relative to.
        """
        if self.codes and finding.code not in self.codes:
            return False
        if self.columns and not set(self.columns) & set(finding.columns):
            return False
        where = [finding.path] if finding.path is not None else paths
        return not self.file or all(matches(path, self.file, root) for path in where)


class Ignores:
    """Leaves out what the ignores name, and remembers which of them were of use."""

    def __init__(self, ignores: Sequence[Ignore], root: str, today: date) -> None:
        self._root = root
        self._expired = [i for i in ignores if i.until is not None and i.until < today]
        self._holding = [i for i in ignores if i not in self._expired]
        self._used: set[Ignore] = set()
        self._judged: set[Ignore] = set()
        self._looked: set[Ignore] = set()

    def __call__(
        self, findings: Sequence[Finding], paths: Sequence[str], outcomes: Sequence[Outcome]
    ) -> list[Finding]:
        """The findings of one data set that no ignore names."""
        ran = {o.code for o in outcomes if o.status is Status.RAN}
        for ignore in self._holding:
            if ran if not ignore.codes else ran & ignore.codes:
                self._judged.add(ignore)
                if any(matches(path, ignore.file, self._root) for path in paths if ignore.file):
                    self._looked.add(ignore)
        return [f for f in findings if not self._is_ignored(f, paths)]

    def _is_ignored(self, finding: Finding, paths: Sequence[str]) -> bool:
        """Whether the ignores cover the finding: of one about several columns each of them."""
        mine = [i for i in self._holding if i.concerns(finding, paths, self._root)]
        whole = [i for i in mine if not i.columns]
        covered = {column for i in mine for column in i.columns}
        if not whole and (not mine or not covered >= set(finding.columns)):
            return False
        self._used.update(whole or mine)
        return True

    def notes(self, *, every_file: bool, alone: bool = False) -> Iterator[str]:
        """One line for each ignore that has expired, and each that left out nothing.

        An ignore whose check did not run, or whose files were not looked at, may yet be of use.

        Args:
            every_file: Whether the run looked at all data sets of the config.
            alone: Whether it looked at some files, each by itself, as pre-commit hands them over:
                then an ignore without a file pattern is not judged either.
        """
        for ignore in self._expired:
            reason = f" (reason: {ignore.reason})" if ignore.reason else ""
            yield f"Expired on {ignore.until}, no longer held: ignore of {ignore}{reason}"
        for ignore in self._holding:
            looked = every_file or (ignore in self._looked if ignore.file else not alone)
            if ignore in self._judged and ignore not in self._used and looked:
                yield f"Unused: ignore of {ignore} leaves out no finding; remove it from the config"


def matches(path: str, pattern: str, root: str) -> bool:
    """Whether a pattern matches a path, seen from the config's directory, or the file's name."""
    try:
        seen = Path(os.path.relpath(path, root))
    except ValueError:  # another drive
        seen = Path(path)
    wanted = posixpath.normpath(pattern)
    names = (seen.as_posix(), seen.name, Path(path).absolute().as_posix())
    return any(fnmatch.fnmatch(name, wanted) for name in names)

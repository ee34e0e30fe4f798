"""FMT025: paths to files that do not exist."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from dataguard.api import (
    ROW,
    At,
    Check,
    Column,
    Dataset,
    Derived,
    Example,
    Finding,
    Hits,
    Kind,
    Option,
    Severity,
    Split,
    cells,
    share,
    together,
    verb,
)

if TYPE_CHECKING:
    from dataguard.stats.file_paths import Base


class MissingFile(Check):
    """A path in a cell leads to no file.

    ## Why is this bad?
    The loader fails hours into training, or skips the sample without a word: then the model sees
    fewer examples of some classes than the table says.

    ## How it works
    A column is one of paths where nearly all values end as files do (`.jpg`, `.wav`, `.txt` …).
    They are looked up from the folder of the data file, the one above, the working directory and
    the folders beside the file, whichever leads to most of them; `root` names another. The rows
    whose file is missing are reported. Where no file of a column is found, the files are likely
    not on this machine, and that is `info`. Addresses (`https://…`) are not looked up.

    ## What to do
    Copy the missing files, or drop their rows. Names that differ in case alone are other files on
    Linux.
    """

    code = "FMT025"
    name = "missing-file"
    severity = Severity.WARNING
    root = Option("", "Folder that relative paths start from; empty to look for it (see above).")
    paths = Option(
        0.9, "Share of a column's values that must look like paths (judged).", low=0.0, high=1.0
    )
    most = Option(
        100_000,
        "Different paths of a split that are looked up; rows beyond are left out (a second's work "
        "for 100,000, measured).",
        low=1,
    )
    bad = (
        Example(
            train={"image": ["img/0001.jpg", "img/0002.jpg", "img/0003.jpg"], "label": [0, 1, 0]},
            expect=(At(column="image"),),
            title="none of the files is there: for information",
        ),
    )
    good = (
        Example(train={"url": ["https://example.org/1.jpg", "https://example.org/2.jpg"]}),
        Example(train={"said": ["see report.pdf", "open it", "a.txt"], "n": [1, 2, 3]}),
        Example(train={"image": [None, None, None], "label": [0, 1, 0]}),
    )

    async def run(self, data: Dataset) -> AsyncIterator[Finding]:
        import polars as pl

        from dataguard.stats.file_paths import PATH, distinct_paths
        from dataguard.stats.traces import column_traces

        traces = await Derived(column_traces)
        pairs = [
            (split, column)
            for split in data.splits
            for column in split.columns
            if (seen := traces.get((split.name, column.name))) is not None
            and seen.has(".")
            and column.kind in (Kind.CODE, Kind.CATEGORY)
            and self._is_of_paths(split, column)
        ]
        if not pairs:
            return
        asked = [s.rows(pl.col(c.name).str.contains(PATH), (c.name,), s.height) for s, c in pairs]
        for (split, column), hits in zip(pairs, await together(asked), strict=True):
            listed = distinct_paths(hits.cells[column.name])
            if len(listed) > self.most:
                self.note_sample(self.most, len(listed))
            finding = self._told(split, column, hits, self._base(split, listed[: self.most]))
            if finding is not None:
                yield finding

    def _is_of_paths(self, split: Split, column: Column) -> bool:
        from dataguard.stats.file_paths import PATH

        values = split.preview[column.name].drop_nulls().str.strip_chars()
        return bool(values.str.contains(PATH).sum() >= max(2, self.paths * len(values)))

    def _base(self, split: Split, listed: list[str]) -> Base:
        from pathlib import Path

        from dataguard.stats.file_paths import bases, best_base

        folders = [Path(self.root)] if self.root else bases(split.table.path)
        return best_base(listed, folders)

    def _told(self, split: Split, column: Column, hits: Hits, base: Base) -> Finding | None:
        import polars as pl

        name, filled = column.name, split.height - column.missing
        if not base.missing:
            return None
        if not base.known:
            return self.finding(
                f"none of the {len(base.missing):,} files that `{name}` names is found, as "
                f"`{base.missing[0][:80]}`",
                split=split,
                columns=(name,),
                severity=Severity.INFO,
                fix="Fine where the files are on another machine; else name their folder by "
                "`root` in [tool.dataguard.checks.FMT025].",
            )
        plain = pl.col(name).str.strip_chars()
        bad = hits.cells.filter(plain.is_in(list(base.missing)))
        count = len(bad)
        return self.finding(
            f"{count:,} of {filled:,} values ({share(count, filled)}) in `{name}` "
            f"{verb(count, 'leads', 'lead')} to no file, seen from `{base.folder}`",
            split=split,
            rows=bad[ROW].to_list(),
            columns=(name,),
            examples=cells(bad, (name,)),
            evidence={"root": str(base.folder), "found": base.known},
            fix="Copy the missing files, or drop their rows.",
        )

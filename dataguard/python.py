"""`dataguard.lint`: the linter for notebooks and scripts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dataguard.errors import UsageError
from dataguard.roles import GivenRoles

if TYPE_CHECKING:
    from dataguard.finding import Report
    from dataguard.sources.table import Table


def lint(
    train: Any,
    test: Any = None,
    validation: Any = None,
    *,
    label: str | None = None,
    text: str | Sequence[str] = (),
    id: str | None = None,
    time: str | None = None,
    group: str | None = None,
    select: str | Sequence[str] = (),
    ignore: str | Sequence[str] = (),
    fast: bool = False,
    seed: int | None = None,
    config: str | Path | None = None,
    expectations: str | Path | None = None,
) -> Report:
    """Lint a dataset.

    Args:
        train: A path (file, or directory that holds one dataset), or a pandas, Polars or Arrow
            table, a dict of lists, a list of dicts.
        test: The test split, in any of these forms.
        validation: The validation split, in any of these forms.
        label: Label column; inferred from names and values where it is not given, as are the rest.
        text: Text column or columns.
        id: Id column.
        time: Time column.
        group: Column of groups that must not stand in two splits (patient, user, document).
        select: Codes ("LAB002"), families ("LAB") or names of the checks to run; empty: all.
        ignore: The same, not to run.
        fast: Leave out what needs a model or a similarity search.
        seed: Seed of everything random, below 2**32; 0 where neither this nor the config says.
        config: A config file; without it none is read, so that a notebook gives the same
            findings wherever it runs.
        expectations: A suite of Great Expectations to run as well (GXE001).

    Returns:
        The report. The inputs are not changed.

    Raises:
        SourceError: A file is not there or may not be opened.
        UsageError: A named column or check does not exist, or an input is of no known kind.
        ConfigError: The config file is wrong.
    """
    from dataguard.linter import lint_tables
    from dataguard.project import load_project, project_of

    project = load_project(Path(config), Path.cwd()) if config is not None else project_of(None)
    project = replace(
        project,
        select=_several(select) or project.select,
        ignore=(*project.ignore, *_several(ignore)),
        fast=fast or project.fast,
        seed=project.seed if seed is None else seed,
    )
    if expectations is not None:
        project = project.with_suite(os.fspath(expectations))
    settings = project.settings()
    given = GivenRoles(label, _several(text), id, time, group)
    name, tables = _tables(train, test, validation)
    if project.baseline:
        from dataguard.baseline import Baseline

        known = Baseline(Path(project.baseline), [table.path for table in tables.values()])
        settings = replace(settings, sifts=(*settings.sifts, known))
    return lint_tables(name, tables, given, settings)


def _several(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _tables(train: Any, test: Any, validation: Any) -> tuple[str, dict[str, Table]]:
    """The dataset's name and its tables by split."""
    from dataguard.sources import open_table
    from dataguard.sources.discover import discover

    tables: dict[str, Table] = {}
    name = "<DataFrame>"
    if _is_path(train):
        found = discover([os.fspath(train)])
        if len(found) != 1:
            names = ", ".join(f"'{s.name}'" for s in found[:5])
            raise UsageError(
                f"{os.fspath(train)} holds {len(found)} datasets ({names}); lint one at a time"
            )
        name = found[0].name
        tables = {split: open_table(path) for split, path in found[0].splits.items()}
    else:
        tables["train"] = _table(train, "train")
    for split, value in (("validation", validation), ("test", test)):
        if value is not None:
            if split in tables:
                raise UsageError(
                    f"{name} holds a {split} split already; name its training file, or leave out"
                    f" `{split}`"
                )
            tables[split] = _table(value, split)
    return name, {s: tables[s] for s in ("train", "validation", "test") if s in tables}


def _table(value: Any, split: str) -> Table:
    from dataguard.sources import open_table
    from dataguard.sources.frame import read_frame

    if _is_path(value):
        return open_table(os.fspath(value))
    return read_frame(value, name=f"<{split} DataFrame>")


def _is_path(value: Any) -> bool:
    return isinstance(value, (str, os.PathLike))

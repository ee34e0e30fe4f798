"""From settings and paths to datasets to lint: what the command line and Python share."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from dataguard.errors import ConfigError, SourceError, UsageError, did_you_mean
from dataguard.linter import Settings, lint_tables, unreadable
from dataguard.registry import load_checks, select_checks, select_codes
from dataguard.roles import GivenRoles
from dataguard.sources import open_table
from dataguard.sources.discover import DatasetSource, discover

if TYPE_CHECKING:
    from dataguard.check import Check
    from dataguard.config import Config, DatasetConfig, IgnoreConfig
    from dataguard.finding import Report
    from dataguard.linter import Sift

SEEDS = 2**32
"""Seeds are below this: scikit-learn takes no larger `random_state`."""

SUITE_CHECK = "GXE001"
"""The check that runs a suite of expectations. It stands in a report only where there is one."""


class Project(msgspec.Struct, frozen=True):
    """The settings of a config file, or the defaults where there is none.

    Attributes:
        select: Codes, families or names of the checks to run; all where it is empty.
        ignore: The same, not to run.
        fail_on: Severity from which on the exit code is 1.
        fast: Leave out what needs a model or a similarity search.
        seed: Seed of everything random.
        plugins: Files with further checks.
        datasets: What the config says of each dataset.
        checks: Options by check code.
        ignores: Findings that are left out, as the config has them.
        baseline: File of known findings, as seen from the working directory; empty for none.
        per_file_ignores: Codes, families or names by path pattern, relative to the config file.
        place: Turns a path of the config into one seen from the working directory.
        file: The config file; empty where there is none.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str = "error"
    fast: bool = False
    seed: int = 0
    plugins: tuple[Path, ...] = ()
    datasets: Mapping[str, DatasetConfig] | None = None
    checks: Mapping[str, Mapping[str, Any]] | None = None
    ignores: tuple[IgnoreConfig, ...] = ()
    baseline: str = ""
    per_file_ignores: Mapping[str, tuple[str, ...]] | None = None
    place: Callable[[str], str] = str
    file: str = ""

    def settings(self) -> Settings:
        """The configured checks and how to run them.

        Raises:
            ConfigError: A plugin does not load, or an option or an ignored code is wrong.
            UsageError: A selector names no check, or the seed is out of bounds.
        """
        known = load_checks(self.plugins)
        options = {code.upper(): values for code, values in (self.checks or {}).items()}
        for code in options:
            if code not in known:
                raise self._wrong(f"checks.{code}: no check '{code}'{did_you_mean(code, known)}")
        chosen = select_checks(known, self.select, self.ignore)
        if not self.select and not options.get(SUITE_CHECK, {}).get("suite"):
            chosen = [check for check in chosen if check.code != SUITE_CHECK]
        checks = tuple(self._configured(check, options.get(check.code, {})) for check in chosen)
        if not 0 <= self.seed < SEEDS:
            raise UsageError(f"the seed is {self.seed}; it must be at least 0 and below {SEEDS}")
        ignores = self._ignores(known)
        root = self.place(".")
        return Settings(
            checks, self.fast, self.seed, ignores, root=root, sifts=self._sifts(known, root)
        )

    def _wrong(self, reason: str) -> ConfigError:
        """What is wrong in the config, with the name of its file."""
        return ConfigError(f"{self.file}: {reason}" if self.file else reason)

    def _configured(self, check: type[Check], values: Mapping[str, Any]) -> Check:
        try:
            return check.configure(self._placed(check, values))
        except ConfigError as error:
            if check.code == SUITE_CHECK:  # names the suite, which the command line may have given
                raise
            raise self._wrong(str(error)) from None

    def with_suite(self, path: str) -> Project:
        """The project with the suite of expectations at `path`, as seen from the working directory.

        What is selected runs as well as the suite.
        """
        options = {code.upper(): values for code, values in (self.checks or {}).items()}
        given = os.path.relpath(path, self.place(".")) if not Path(path).is_absolute() else path
        options[SUITE_CHECK] = {**options.get(SUITE_CHECK, {}), "suite": given}
        select = (*self.select, SUITE_CHECK) if self.select else ()
        return replace(self, checks=options, select=select)

    def _sifts(self, known: dict[str, type[Check]], root: str) -> tuple[Sift, ...]:
        """What leaves out the findings that `[[tool.dataguard.ignore]]` names."""
        if not self.ignores:
            return ()
        from datetime import date

        from dataguard.ignores import Ignore, Ignores

        found = []
        for number, wanted in enumerate(self.ignores, start=1):
            selectors, columns = listed(wanted.code), listed(wanted.column)
            if not (selectors or columns or wanted.file):
                raise self._wrong(f"ignore {number} names no `code`, `column` or `file`")
            try:
                codes = frozenset(select_codes(known, selectors))
            except UsageError as error:
                raise self._wrong(f"ignore {number}: {error}") from None
            extra = (wanted.file, wanted.reason, wanted.until, selectors)
            found.append(Ignore(codes, columns, *extra))
        return (Ignores(found, root, date.today()),)

    def _placed(self, check: type[Check], values: Mapping[str, Any]) -> dict[str, Any]:
        """The settings of a check with its paths as seen from the working directory."""
        known = check.options()
        paths = {name for name in values if name in known and known[name].paths}
        placed = dict(values)
        for name in paths:
            value = values[name]
            if isinstance(value, str) and value:
                placed[name] = self.place(value)
            elif isinstance(value, list):
                placed[name] = [self.place(v) if isinstance(v, str) else v for v in value]
        return placed

    def _ignores(self, known: dict[str, type[Check]]) -> dict[str, tuple[str, ...]]:
        """The codes by pattern, families and names spelt out."""
        found: dict[str, tuple[str, ...]] = {}
        for pattern, selectors in (self.per_file_ignores or {}).items():
            try:
                found[pattern] = tuple(sorted(select_codes(known, selectors)))
            except UsageError as error:
                raise self._wrong(f"per-file-ignores.'{pattern}': {error}") from None
        return found

    def sources(
        self, paths: Sequence[str], test: str | None, validation: str | None, *, alone: bool
    ) -> list[tuple[DatasetSource, GivenRoles]]:
        """The datasets that `paths` mean, each with the roles that the config gives.

        Args:
            paths: As named by the user; empty means all datasets of the config.
            test: Test split of the one dataset in `paths`.
            validation: Its validation split.
            alone: Lint each file by itself, whatever the names and the config say.

        Raises:
            UsageError: No path and no dataset in the config, or `test` with several datasets.
            SourceError: A path is not there.
        """
        configured = self.datasets or {}
        if not paths:
            if not configured:
                raise UsageError(
                    "no PATH given, and no [tool.dataguard.datasets] in a config file; "
                    "name the data: train.csv --test test.csv --label LABEL"
                )
            return [
                (self._source(name, list(d.splits())), d.roles()) for name, d in configured.items()
            ]
        found = discover(paths, test=test, validation=validation)
        if alone:
            found = tuple(
                DatasetSource(path, {"train": path}) for s in found for path in s.splits.values()
            )
            return [(s, self._roles_of(s)) for s in found]
        return self._joined(found)

    def _source(self, name: str, splits: Sequence[str]) -> DatasetSource:
        dataset = (self.datasets or {})[name]
        paths = dataset.splits()
        return DatasetSource(name, {split: self.place(paths[split]) for split in splits})

    def _owner(self, path: str) -> tuple[str, str] | None:
        """The dataset and split of the config that `path` is."""
        for name, dataset in (self.datasets or {}).items():
            for split, relative in dataset.splits().items():
                if os.path.realpath(self.place(relative)) == os.path.realpath(path):
                    return name, split
        return None

    def _roles_of(self, source: DatasetSource) -> GivenRoles:
        for path in source.splits.values():
            owner = self._owner(path)
            if owner is not None:
                return (self.datasets or {})[owner[0]].roles()
        return GivenRoles()

    def _joined(self, found: Sequence[DatasetSource]) -> list[tuple[DatasetSource, GivenRoles]]:
        """Files that the config calls splits of one dataset become one, in place of the first."""
        joined: dict[str, tuple[DatasetSource, GivenRoles]] = {}
        named: dict[str, dict[str, str]] = {}
        for source in found:
            owners = [self._owner(path) for path in source.splits.values()]
            first = owners[0]
            if first is None or any(o is None or o[0] != first[0] for o in owners):
                joined[f"path {source.name}"] = (source, self._roles_of(source))
                continue
            splits = named.setdefault(first[0], {})
            splits.update(
                {o[1]: path for o, path in zip(owners, source.splits.values(), strict=True) if o}
            )
            order = [s for s in ("train", "validation", "test") if s in splits]
            merged = DatasetSource(first[0], {s: splits[s] for s in order})
            joined[f"dataset {first[0]}"] = (merged, (self.datasets or {})[first[0]].roles())
        return list(joined.values())


def project_of(config: Config | None) -> Project:
    """The project's settings from its config."""
    if config is None:
        return Project()
    return Project(
        select=tuple(config.select),
        ignore=tuple(i for i in config.ignore if isinstance(i, str)),
        ignores=tuple(i for i in config.ignore if not isinstance(i, str)),
        baseline=config.path(config.baseline) if config.baseline else "",
        fail_on=config.fail_on,
        fast=config.fast,
        seed=config.seed,
        plugins=tuple(Path(config.path(p)) for p in config.plugins),
        datasets=config.datasets,
        checks=config.checks,
        per_file_ignores={p: tuple(codes) for p, codes in config.per_file_ignores.items()},
        place=config.path,
    )


def load_project(config: Path | None, start: Path) -> Project:
    """The project of `config`, or of the nearest config file above `start`.

    Raises:
        ConfigError: The config is wrong.
    """
    path = config or find_config(start)
    if path is None:
        return Project()
    from dataguard.config import load_config

    return replace(project_of(load_config(path)), file=str(path))


def find_config(start: Path) -> Path | None:
    """The nearest config file in `start` or a directory above it.

    A pyproject.toml counts only where it has a [tool.dataguard] table. Stands here so that a run
    without a config does not load `dataguard.config`.
    """
    for directory in (start, *start.parents):
        for name in ("dataguard.toml", "pyproject.toml"):
            path = directory / name
            if path.is_file() and (name != "pyproject.toml" or _has_table(path)):
                return path
    return None


def _has_table(path: Path) -> bool:
    """Whether a pyproject.toml has our table; a broken one is another tool's problem."""
    import tomllib

    try:
        with path.open("rb") as file:
            return "dataguard" in tomllib.load(file).get("tool", {})
    except (OSError, ValueError):
        return False


def listed(value: str | Sequence[str]) -> tuple[str, ...]:
    """One name or several of a config, as several."""
    return (value,) if isinstance(value, str) else tuple(value)


def override(roles: GivenRoles, given: GivenRoles) -> GivenRoles:
    """The config's roles with those named on the command line in front."""
    return replace(roles, **{k: getattr(given, k) for k, _ in given.items()})


def lint_source(
    source: DatasetSource, roles: GivenRoles, settings: Settings
) -> tuple[Report, list[SourceError]]:
    """The report of one dataset, and why files of it could not be read at all.

    Raises:
        SourceError: A file is not there or may not be opened.
        UsageError: A named column is in no split.
    """
    tables = {split: open_table(path) for split, path in source.splits.items()}
    return lint_tables(source.name, tables, roles, settings), unreadable(tables)

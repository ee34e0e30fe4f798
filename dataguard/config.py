"""`[tool.dataguard]` in pyproject.toml, or dataguard.toml. Strict: an unknown key is an error."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any, Literal

import msgspec

from dataguard.errors import ConfigError, did_you_mean
from dataguard.roles import GivenRoles

LEVELS = ("error", "warning", "info", "never")


class DatasetConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[tool.dataguard.datasets.NAME]`: the splits of one dataset and the roles of its columns.

    Attributes:
        train: Path of the training data, relative to the config file.
        validation: Path of the validation split.
        test: Path of the test split.
        label: Label column.
        text: Text columns.
        id: Id column.
        time: Time column.
        group: Group column.
    """

    train: str
    validation: str | None = None
    test: str | None = None
    label: str | None = None
    text: list[str] | str = []
    id: str | None = None
    time: str | None = None
    group: str | None = None

    def roles(self) -> GivenRoles:
        """The roles that the config names."""
        text = (self.text,) if isinstance(self.text, str) else tuple(self.text)
        return GivenRoles(self.label, text, self.id, self.time, self.group)

    def splits(self) -> dict[str, str]:
        """Path by split name, for the splits that are named."""
        pairs = {"train": self.train, "validation": self.validation, "test": self.test}
        return {split: path for split, path in pairs.items() if path}


class IgnoreConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[[tool.dataguard.ignore]]`: findings that are not reported.

    Attributes:
        code: Code, family or name of checks; several as a list; all where it is empty.
        column: A column or several; all where it is empty.
        file: Glob pattern of paths, relative to the config file.
        reason: Why.
        until: Last day on which it holds.
    """

    code: list[str] | str = []
    column: list[str] | str = []
    file: str = ""
    reason: str = ""
    until: date | None = None


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """All settings of a project.

    Attributes:
        select: Codes, families or names of the checks to run; all where it is empty.
        ignore: Codes, families or names of the checks not to run; tables are findings that are
            left out.
        baseline: File of known findings, relative to the config file.
        fail_on: Severity from which on the exit code is 1: error, warning, info, never.
        fast: Leave out what needs a model or a similarity search.
        seed: Seed of everything random.
        plugins: Python files with further checks, relative to the config file.
        datasets: Datasets by name.
        checks: Options and severity by check code.
        per_file_ignores: Codes, families or names not reported for the files that match a glob
            pattern, which is relative to the config file.
        root: Directory of the config file; paths are relative to it.
    """

    select: list[str] = []
    ignore: list[str | IgnoreConfig] = []
    baseline: str = ""
    fail_on: Literal["error", "warning", "info", "never"] = "error"
    fast: bool = False
    seed: int = 0
    plugins: list[str] = []
    datasets: dict[str, DatasetConfig] = {}
    checks: dict[str, dict[str, Any]] = {}
    per_file_ignores: dict[str, list[str]] = {}
    root: str = "."

    def path(self, relative: str) -> str:
        """A path of the config file, as seen from the working directory."""
        joined = Path(self.root) / relative
        return str(joined)


def load_config(path: Path) -> Config:
    """The settings in `path`.

    Raises:
        ConfigError: The file is not there, is no TOML, or holds an unknown key or a wrong type.
    """
    return config_of(_table(path), path)


def config_of(settings: dict[str, Any], path: Path) -> Config:
    """The settings in the text of a file that is, or will be, at `path`.

    Raises:
        ConfigError: They hold an unknown key or a wrong type.
    """
    if path.name == "pyproject.toml":
        settings = settings.get("tool", {}).get("dataguard", {})
    if "root" in settings:
        raise ConfigError(f"{path}: unknown key 'root'")
    try:
        config = msgspec.convert(settings, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {_explain(error, settings)}") from None
    return msgspec.structs.replace(config, root=_relative(path.parent))


def _relative(directory: Path) -> str:
    try:
        return str(directory.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(directory)


def _table(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such config file") from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None


def _explain(error: msgspec.ValidationError, settings: dict[str, Any]) -> str:
    """The validation error with the nearest known key."""
    text = str(error)
    if "`$.fail-on`" in text and isinstance(settings["fail-on"], str):
        level = settings["fail-on"]
        return f"fail-on: no level '{level}'{did_you_mean(level, LEVELS)}"
    dated = re.search(r"`\$\.ignore\[(\d+)\]\.until`", text)
    if dated is not None:
        number = int(dated.group(1)) + 1
        return f"ignore {number}: `until` is a date, written as 2027-01-31"
    unknown = re.search(r"unknown field `([^`]*)`(?: - at `\$\.?([^`]*)`)?", text)
    if unknown is None:
        return re.sub(r" - at `\$\.?([^`]*)`", r" (at \1)", text)
    key, place = unknown.group(1), unknown.group(2) or ""
    if place.startswith("ignore"):
        return f"unknown key '{key}' in ignore{did_you_mean(key, IgnoreConfig.__struct_fields__)}"
    struct = DatasetConfig if place.startswith("datasets") else Config
    known = [n for n in struct.__struct_encode_fields__ if n != "root"]
    where = f" in {_dataset_with(key, settings)}" if struct is DatasetConfig else ""
    return f"unknown key '{key}'{where}{did_you_mean(key, known)}"


def _dataset_with(key: str, settings: dict[str, Any]) -> str:
    for name, dataset in settings.get("datasets", {}).items():
        if isinstance(dataset, dict) and key in dataset:
            return f"datasets.{name}"
    return "datasets"

"""What `dataguard init` finds in a folder, and the text of the files that it writes there."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from dataguard import __version__
from dataguard.errors import DataguardError, SourceError, UsageError

REPOSITORY = "dataguard/dataguard"

DEPTH = 3
"""Levels of directories below the folder that are looked into."""

MOST_DATASETS = 20
"""Data sets that are written into the config; a folder with more keeps an archive."""

PASSED_OVER = frozenset(
    ("node_modules", "venv", "env", "build", "dist", "site-packages", "__pycache__")
)


class Found(msgspec.Struct, frozen=True):
    """One data set of the folder.

    Attributes:
        name: Its key in the config.
        splits: Path by split, relative to the folder.
        roles: Columns by the role that they seem to play.
    """

    name: str
    splits: Mapping[str, str]
    roles: Mapping[str, tuple[str, ...]]


def look(folder: Path) -> tuple[list[Found], list[str]]:
    """The data sets in a folder, in the order of their paths, and what could not be read.

    Raises:
        UsageError: It is no folder.
    """
    from dataguard.sources.discover import discover

    if not folder.is_dir():
        raise UsageError(f"{folder}: is no folder")
    found: list[Found] = []
    notes: list[str] = []
    seen: set[str] = set()
    for directory in _directories(folder):
        try:
            sources = discover([str(directory)])
        except SourceError:
            continue  # holds no data file
        for source in sources:
            if seen & set(source.splits.values()):
                continue
            seen |= set(source.splits.values())
            if len(found) == MOST_DATASETS:
                return found, [*notes, f"only the first {MOST_DATASETS} data sets are taken up"]
            try:
                found.append(_found(folder, source.name, source.splits, {f.name for f in found}))
            except DataguardError as error:
                notes.append(f"left out: {error}")
    return found, notes


def _directories(folder: Path) -> Iterator[Path]:
    """The folder and what is below it, without hidden and installed things, sorted by name."""
    for here, names, _ in os.walk(folder):
        path = Path(here)
        deep = len(path.relative_to(folder).parts) >= DEPTH
        names[:] = [] if deep else sorted(n for n in names if _is_own(path / n))
        yield path


def _is_own(directory: Path) -> bool:
    name = directory.name
    installed = name.lower() in PASSED_OVER or name.endswith(".egg-info")
    return not name.startswith(".") and not installed and not (directory / "pyvenv.cfg").exists()


def _found(folder: Path, name: str, splits: Mapping[str, str], taken: set[str]) -> Found:
    from dataguard.linter import dataset_of
    from dataguard.roles import GivenRoles
    from dataguard.sources import open_table

    relative = {s: Path(os.path.relpath(p, folder)).as_posix() for s, p in splits.items()}
    for path in relative.values():
        if path != path.encode("utf-8", "replace").decode("utf-8"):
            raise SourceError(path, "its name is not valid Unicode")
    tables = {split: open_table(path) for split, path in splits.items()}
    if not any(table.height for table in tables.values()):
        raise SourceError(next(iter(relative.values())), "holds no record")
    data = dataset_of(name, tables, GivenRoles())
    own = Path(name).resolve()
    stem = own.name if own.is_dir() else own.name.split(".")[0]
    key = re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-") or "data"
    number = 2
    while key in taken:
        key = f"{key.removesuffix(f'-{number - 1}')}-{number}"
        number += 1
    return Found(key, relative, {role: info.columns for role, info in data.roles.items()})


def config_text(found: Sequence[Found], *, prefix: str) -> str:
    """A commented config. Guessed roles stand in comments: a guess is never an error.

    Args:
        found: The data sets.
        prefix: "tool.dataguard" in pyproject.toml, empty in dataguard.toml.
    """
    head = [f"[{prefix}]"] if prefix else []
    lines = [
        *head,
        "# Written by `dataguard init`. `dataguard lint` without a path lints the data sets below.",
        "# Exit with 1 on findings of this severity or above: error, warning, info, never.",
        'fail-on = "error"',
        "# Leave out what needs a model or a similarity search: seconds instead of minutes.",
        "# fast = true",
        "# Checks to run, and not to run: codes (SPL001), families (SPL) or names.",
        '# select = ["FIL", "DUP", "LAB", "FMT", "LEK", "SPL"]',
        '# ignore = ["SPL001"]',
        "# Report only what is new since `dataguard baseline` wrote this file.",
        '# baseline = ".dataguard-baseline.json"',
    ]
    dot = f"{prefix}." if prefix else ""
    lines += _tables(found, dot)
    if not found:
        lines += ["", "# No data file was found. A data set is written so:"]
        lines += [f"# [{dot}datasets.reviews]", '# train = "data/train.csv"']
        lines += ['# test = "data/test.csv"', '# label = "sentiment"']
    return "\n".join(lines) + "\n"


def _tables(found: Sequence[Found], dot: str) -> list[str]:
    """The tables of the data sets, an empty line before each."""
    return [
        line for one in found for line in ("", f"[{dot}datasets.{one.name}]", *_dataset_lines(one))
    ]


def _dataset_lines(one: Found) -> Iterator[str]:
    for split, path in one.splits.items():
        yield f"{split} = {_toml(path)}"
    if one.roles:
        yield "# Columns by their role, as they were guessed. Remove the # where it is right: what"
        yield "# rests on a guess is a warning at most."
    for role, columns in one.roles.items():
        several = "[" + ", ".join(_toml(c) for c in columns) + "]"
        yield f"# {role} = {several if role == 'text' else _toml(columns[0])}"
    if "label" not in one.roles:
        yield '# label = "COLUMN"  # none was recognised; many checks need it'


def _toml(text: str) -> str:
    """A TOML string; whatever cannot be seen stands there as an escape."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)


def hooks_text(found: Sequence[Found], *, whole: bool) -> str:
    """The entry for pre-commit: a whole file, or what is to be added under `repos`."""
    lines = ["repos:"] if whole else []
    lines += [
        f"  - repo: https://github.com/{REPOSITORY}",
        f"    rev: v{__version__}",
        "    hooks:",
        "      - id: dataguard-lint  # fast checks, each changed data file by itself",
    ]
    if found:
        lines.append("      - id: dataguard-lint-full  # all checks, the data sets of the config")
    return "\n".join(lines) + "\n"


def workflow_text() -> str:
    """A GitHub workflow that lints the data sets of the config and uploads what is found."""
    return f"""\
# Lints the data sets of the config. Data that is not in the repository has to be fetched first.
name: dataguard
on: [push, pull_request]
permissions:
  contents: read
  security-events: write  # to show findings under Security, and in pull requests
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: {REPOSITORY}@v{__version__}
"""


class Step(msgspec.Struct, frozen=True):
    """One file that `init` writes, adds to, or leaves as it is.

    Attributes:
        path: The file.
        text: What it gets.
        done: "new" (made), "added" (to the end of what is there) or "kept".
        advice: What to do by hand where it is kept.
    """

    path: Path
    text: str
    done: str
    advice: str = ""


def steps(folder: Path, found: Sequence[Found]) -> list[Step]:
    """The files of a folder in which dataguard starts. Nothing that is there is changed.

    Raises:
        UsageError: pyproject.toml cannot be read.
    """
    hooks, flow = folder / ".pre-commit-config.yaml", folder / ".github/workflows/dataguard.yml"
    wanted = [_config_step(folder, found)]
    if os.path.lexists(hooks):
        there = b"dataguard" in _bytes(hooks)
        text = hooks_text(found, whole=False)
        wanted.append(Step(hooks, text, "kept", "" if there else "add this under `repos`"))
    else:
        wanted.append(Step(hooks, hooks_text(found, whole=True), "new"))
    if os.path.lexists(flow):
        wanted.append(Step(flow, "", "kept"))
    else:
        wanted.append(Step(flow, workflow_text(), "new"))
    top = _repository(folder)
    if top is None or top == folder.resolve():
        return wanted
    advice = f"{top} is the top of the repository; put this there"
    return [
        Step(s.path, s.text, "kept", advice) if s.done == "new" and s.path in (hooks, flow) else s
        for s in wanted
    ]


def _config_step(folder: Path, found: Sequence[Found]) -> Step:
    from dataguard.config import load_config

    own, project = folder / "dataguard.toml", folder / "pyproject.toml"
    if os.path.lexists(own):
        return _kept(own, [] if load_config(own).datasets else _tables(found, ""))
    new = Step(own, config_text(found, prefix=""), "new")
    if not project.is_file():
        return new
    text = _text(project)
    ours = _tools(project, text).get("dataguard")
    if ours is not None:
        there = isinstance(ours, dict) and ours.get("datasets")
        return _kept(project, [] if there else _tables(found, "tool.dataguard."))
    added = config_text(found, prefix="tool.dataguard")
    added = ("\n" if text.endswith("\n") or not text else "\n\n") + added
    added = added.replace("\n", "\r\n") if "\r\n" in text else added
    try:
        tomllib.loads(text + added)
    except tomllib.TOMLDecodeError:  # `tool` is written as one inline table
        return new
    return Step(project, added, "added")


def _kept(path: Path, missing: Sequence[str]) -> Step:
    """A config that is left as it is; where it names no data set, those of the folder are told."""
    advice = "it names no data set; add these, or name files to `dataguard lint`" if missing else ""
    return Step(path, "\n".join(missing), "kept", advice)


def _tools(path: Path, text: str) -> Mapping[str, Any]:
    try:
        tools = tomllib.loads(text).get("tool", {})
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not valid TOML: {error}; mend it first") from None
    return tools if isinstance(tools, dict) else {}


def _text(path: Path) -> str:
    try:
        return _bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not valid UTF-8; mend it first") from None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None


def _repository(folder: Path) -> Path | None:
    """The top of the git repository that the folder is in."""
    here = folder.resolve()
    return next((path for path in (here, *here.parents) if (path / ".git").exists()), None)


def write(step: Step) -> None:
    """Write a new file, or add to the end of one; a file that is there is never overwritten.

    Raises:
        UsageError: It cannot be written.
    """
    data = step.text.encode("utf-8")
    try:
        step.path.parent.mkdir(parents=True, exist_ok=True)
        with step.path.open("xb" if step.done == "new" else "ab") as file:
            file.write(data)
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"{step.path}: cannot be written: {reason}") from None

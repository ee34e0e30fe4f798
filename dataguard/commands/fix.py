"""`dataguard fix`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from dataguard.commands.lint import (
    CONFIG,
    GROUP,
    ID,
    LABEL,
    SEED,
    TEST,
    TEXT,
    TIME,
    VALIDATION,
)
from dataguard.commands.options import FOUND, OK, complete_code, option, parsed_codes
from dataguard.console import echo, width
from dataguard.errors import UsageError

if TYPE_CHECKING:
    from dataguard.fixing.edits import Entry
    from dataguard.fixing.engine import Fixed, FixedFile

DATA = typer.Argument(
    metavar="DATA...",
    help="Files or directories (CSV, JSON Lines, Parquet). Splits of one data set are recognised "
    "by their names, as lint does.",
)
OUT = typer.Option("--output", "-o", metavar="OUT", help="Write here; several files: a directory.")
IN_PLACE = typer.Option("--in-place", help="Overwrite the inputs, atomically.")
DIFF = typer.Option("--diff", help="Show what would change and write nothing; exit 1 if any.")
UNSAFE = typer.Option(
    "--unsafe",
    metavar="KIND",
    help="Also make fixes that rest on a guess, by name, separated by commas: typos, "
    "near-duplicates, mislabelled-rows (drops them), relabel, leaked-rows (out of the training "
    "data).",
)
LOG = option("Write every change here, enough to undo them (.csv, .jsonl).", "FILE")
ONLY = typer.Option(
    "--select",
    metavar="CODES",
    help="Mend the findings of these checks alone, separated by commas.",
    autocompletion=complete_code,
)
NOT = typer.Option(
    "--ignore",
    metavar="CODES",
    help="Do not mend the findings of these checks.",
    autocompletion=complete_code,
)


def fix(
    data: Annotated[list[str], DATA],
    output: Annotated[str | None, OUT] = None,
    in_place: Annotated[bool, IN_PLACE] = False,
    diff: Annotated[bool, DIFF] = False,
    unsafe: Annotated[list[str] | None, UNSAFE] = None,
    log: Annotated[Path | None, LOG] = None,
    test: Annotated[str | None, TEST] = None,
    validation: Annotated[str | None, VALIDATION] = None,
    label: Annotated[str | None, LABEL] = None,
    text: Annotated[list[str] | None, TEXT] = None,
    id_: Annotated[str | None, ID] = None,
    time: Annotated[str | None, TIME] = None,
    group: Annotated[str | None, GROUP] = None,
    select: Annotated[list[str] | None, ONLY] = None,
    ignore: Annotated[list[str] | None, NOT] = None,
    config: Annotated[Path | None, CONFIG] = None,
    seed: Annotated[int | None, SEED] = None,
) -> None:
    """Mend what lint finds, where that is safe, in a new file.

    Nothing else in it changes. Test rows that a model gets wrong are never dropped or relabelled:
    that flatters the score.

    Exit code 0: fixed, or nothing to fix. 1: --diff, and something would change. 2: an error.
    """
    from dataguard.fixing.engine import fix as fixed_of
    from dataguard.fixing.kinds import parse_unsafe
    from dataguard.project import load_project, override
    from dataguard.roles import GivenRoles

    _see_where_to(data, output, in_place, diff, log)
    wish = parse_unsafe(unsafe or [])
    project = load_project(config, Path.cwd())
    project = replace(
        project,
        select=parsed_codes(select) or project.select,
        ignore=(*project.ignore, *parsed_codes(ignore)),
        fast=False,
        seed=project.seed if seed is None else seed,
    )
    given = GivenRoles(label, tuple(text or ()), id_, time, group)
    sources = project.sources(data, test, validation, alone=False)
    paths = [path for source, _ in sources for path in source.splits.values()]
    places = _places(paths, output, in_place, log)
    settings = project.settings()
    done = [fixed_of(source, override(roles, given), settings, wish) for source, roles in sources]
    files = [file for fixed in done for file in fixed.files]
    entries = {(file.path, file.split): file.log() for file in files}
    if not diff:
        _write(files, entries, places, log)
    code = _tell(done, entries, places, diff)
    if not wish.unsafe:
        _tell_of_unsafe({check.code for check in settings.checks})
    raise typer.Exit(code)


def _see_where_to(
    data: list[str], output: str | None, in_place: bool, diff: bool, log: Path | None
) -> None:
    """Refuse options that contradict each other, before any work."""
    from dataguard.fixing.telling import check_log

    if diff and (output or in_place or log):
        raise UsageError("--diff writes nothing: leave out --output, --in-place and --log")
    if output and in_place:
        raise UsageError("--in-place overwrites the inputs: leave out --output")
    if not (diff or output or in_place):
        raise UsageError("name the --output, or look first with --diff; --in-place overwrites DATA")
    if in_place and "-" in data:
        raise UsageError("standard input cannot be fixed --in-place; name an --output")
    if log is not None:
        check_log(log)


def _places(
    paths: list[str], output: str | None, in_place: bool, log: Path | None
) -> dict[str, Path]:
    """Where each input's output goes; empty where nothing is written."""
    from dataguard.fixing.writing import targets

    places = {path: Path(os.path.realpath(path)) for path in paths} if in_place else {}
    if output is not None:
        places = targets(paths, output)
    taken = {os.path.realpath(p) for p in [*paths, *map(str, places.values())]}
    if log is not None and os.path.realpath(log) in taken:
        raise UsageError(f"{log}: --log would overwrite the data; name another file")
    return places


def _write(
    files: list[FixedFile],
    entries: dict[tuple[str, str], list[Entry]],
    places: dict[str, Path],
    log: Path | None,
) -> None:
    """Write the log first: the way back is there before it is needed."""
    from dataguard.fixing.documents import packed
    from dataguard.fixing.telling import log_bytes
    from dataguard.fixing.writing import write_all

    out: dict[Path, bytes] = {}
    if log is not None:
        out[log] = log_bytes(entries, log)
    for file in files:
        place = places[file.path]
        if file.changed or os.path.realpath(file.path) != os.path.realpath(place):
            out[place] = packed(file.data, place)
    write_all(out)


def _tell(
    done: list[Fixed],
    entries: dict[tuple[str, str], list[Entry]],
    places: dict[str, Path],
    diff: bool,
) -> int:
    """Print the diff, the summary and what was left; the exit code."""
    from dataguard.fixing.engine import counts
    from dataguard.fixing.telling import diff_of, summary_of
    from dataguard.rendering import visible

    changed = [key for key, some in entries.items() if some]
    if diff:
        for key in changed:
            echo(diff_of(key[0], entries[key], width()))
    told = counts(entries.values())
    where = "" if diff or not places else f" → {', '.join(map(str, places.values()))}"
    echo(visible(summary_of(told, len(changed), diff) + where))
    for note in (note for fixed in done for note in fixed.notes):
        echo(visible(f"note: {note}"), aside=True)
    return FOUND if diff and changed else OK


def _tell_of_unsafe(codes: set[str]) -> None:
    """Name the fixes that nobody asked for, of those whose checks are selected."""
    from dataguard.fixing.kinds import CODES, UNSAFE

    kinds = [str(kind) for kind in UNSAFE if codes.intersection(CODES[kind])]
    if kinds:
        echo(
            f"note: left to you, since they rest on a guess: {', '.join(kinds)}; `dataguard lint` "
            f"shows the rows, `--unsafe {kinds[0]}` mends them\n",
            aside=True,
        )

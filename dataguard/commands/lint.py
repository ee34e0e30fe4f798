"""`dataguard lint`."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from dataguard.commands.options import (
    BROKEN,
    FOUND,
    OK,
    OUTPUT,
    FailOn,
    complete_code,
    option,
    parsed_codes,
)
from dataguard.console import complain, echo, terminal_style
from dataguard.errors import DataguardError, UsageError

if TYPE_CHECKING:
    from dataguard.finding import Report
    from dataguard.linter import Settings
    from dataguard.project import Project
    from dataguard.rendering import Style
    from dataguard.roles import GivenRoles
    from dataguard.sources.discover import DatasetSource

UNREADABLE = "FIL001"


class Format(StrEnum):
    """Report formats."""

    text = "text"
    json = "json"
    sarif = "sarif"
    github = "github"
    markdown = "markdown"
    junit = "junit"
    html = "html"


class EngineName(StrEnum):
    """Engines that can answer the checks' queries."""

    local = "local"


PATHS = typer.Argument(
    metavar="PATH...",
    help="Files or directories; '-' is standard input. Without PATH the datasets of the config. "
    "Several are several datasets, unless their names (train.csv, test.csv) or the config make "
    "them splits of one.",
)
TEST = option("The test split.", "PATH")
VALIDATION = option("The validation split.", "PATH")
LABEL = option("Label column; inferred if not given.", "COLUMN")
TEXT = option("Text column; may be given several times.", "COLUMN")
ID = typer.Option("--id", metavar="COLUMN", help="Id column.")
TIME = option("Time column.", "COLUMN")
GROUP = option("Groups that must not stand in two splits (patient, user).", "COLUMN")
SELECT = typer.Option(
    metavar="CODES",
    help="Run only these: codes (LAB002), families (LAB) or names, separated by commas.",
    autocompletion=complete_code,
)
IGNORE = typer.Option(metavar="CODES", help="Do not run these.", autocompletion=complete_code)
FAIL_ON = option("Exit with 1 on findings of this severity or above. [default: error]")
FAST = typer.Option("--fast", help="Leave out what needs a model or a similarity search.")
FORMAT = typer.Option("--format", help="Report format.")
ROWS_OUT = option("Write every flagged row (.csv, .parquet, .jsonl).", "FILE")
CONFIG = option(
    "Config file. [default: the nearest dataguard.toml, or pyproject.toml with a tool.dataguard "
    "table]",
    "FILE",
)
VERBOSE = typer.Option(
    "--verbose", "-v", help="Tell every finding in full, not the five most important ones."
)
NO_PROGRESS = typer.Option("--no-progress", help="Show no progress bar.")
ENGINE = option("What answers the checks' queries.")
SEED = option("Seed of everything random. [default: 0]")
ALONE = typer.Option("--alone", help="Lint each file by itself, as pre-commit needs it.")
EXPECTATIONS = option("Also run this suite of Great Expectations (GXE001).", "SUITE")
BASELINE = option("Report only what this file of `dataguard baseline` does not know.", "FILE")


def lint(
    paths: Annotated[list[str] | None, PATHS] = None,
    test: Annotated[str | None, TEST] = None,
    validation: Annotated[str | None, VALIDATION] = None,
    label: Annotated[str | None, LABEL] = None,
    text: Annotated[list[str] | None, TEXT] = None,
    id_: Annotated[str | None, ID] = None,
    time: Annotated[str | None, TIME] = None,
    group: Annotated[str | None, GROUP] = None,
    select: Annotated[list[str] | None, SELECT] = None,
    ignore: Annotated[list[str] | None, IGNORE] = None,
    fail_on: Annotated[FailOn | None, FAIL_ON] = None,
    fast: Annotated[bool, FAST] = False,
    format_: Annotated[Format, FORMAT] = Format.text,
    output: Annotated[Path | None, OUTPUT] = None,
    rows_out: Annotated[Path | None, ROWS_OUT] = None,
    config: Annotated[Path | None, CONFIG] = None,
    verbose: Annotated[bool, VERBOSE] = False,
    no_progress: Annotated[bool, NO_PROGRESS] = False,
    engine: Annotated[EngineName, ENGINE] = EngineName.local,  # noqa: ARG001 - the only one so far
    seed: Annotated[int | None, SEED] = None,
    alone: Annotated[bool, ALONE] = False,
    baseline: Annotated[Path | None, BASELINE] = None,
    expectations: Annotated[Path | None, EXPECTATIONS] = None,
) -> None:
    """Lint datasets before a model is trained on them.

    Exit code 0: nothing at or above --fail-on. 1: findings at or above it. 2: wrong usage,
    unreadable input, bad config, or a check that crashed.
    """
    from dataguard.project import load_project, override
    from dataguard.roles import GivenRoles

    project = load_project(config, Path.cwd())
    project = replace(
        project,
        select=parsed_codes(select) or project.select,
        ignore=(*project.ignore, *parsed_codes(ignore)),
        fast=fast or project.fast,
        seed=project.seed if seed is None else seed,
        fail_on=fail_on.value if fail_on else project.fail_on,
    )
    if expectations is not None:
        project = project.with_suite(str(expectations))
    given = GivenRoles(label, tuple(text or ()), id_, time, group)
    settings = replace(project.settings(), summary=format_ is Format.html)
    sources, failed = sources_of(project, list(paths or ()), test, validation, alone)
    known = baseline or (Path(project.baseline) if project.baseline else None)
    refuse_overwriting(sources, (output, rows_out), known)
    if known is not None:
        settings = with_baseline(settings, known, [source for source, _ in sources])
    reports, broken = lint_all(
        [(s, override(roles, given)) for s, roles in sources], settings, not no_progress
    )
    style = replace(terminal_style(output), plugins=project.plugins, verbose=verbose)
    notes = [n for sift in settings.sifts for n in sift.notes(every_file=not paths, alone=alone)]
    _write(reports, format_.value, style, output, rows_out, notes)
    if failed or broken:
        raise typer.Exit(BROKEN)
    raise typer.Exit(_exit_code(reports, project.fail_on))


def sources_of(
    project: Project, paths: list[str], test: str | None, validation: str | None, alone: bool
) -> tuple[list[tuple[DatasetSource, GivenRoles]], bool]:
    """The datasets to lint. One path of several that is not there does not stop the others."""
    from dataguard.errors import SourceError

    there, failed = list(paths), False
    while True:
        try:
            return project.sources(there, test, validation, alone=alone), failed
        except SourceError as error:
            if len(there) < 2 or error.path not in there:
                raise
            complain(error)
            there.remove(error.path)
            failed = True


def lint_all(
    sources: list[tuple[DatasetSource, GivenRoles]], settings: Settings, progress: bool
) -> tuple[list[Report], bool]:
    """The reports of all datasets; a dataset that cannot be read is told of and left out."""
    from dataguard.progress import Bar
    from dataguard.project import lint_source

    reports: list[Report] = []
    broken = False
    with Bar(progress and sys.stderr.isatty()) as bar:
        for source, roles in sources:
            try:
                advance = bar.start(source.name)
                report, unread = lint_source(source, roles, replace(settings, progress=advance))
            except DataguardError as error:
                complain(error)
                broken = True
                continue
            reports.append(report)
            broken = broken or bool(unread)
            if all(f.code != UNREADABLE for f in report.findings):
                for reason in unread:
                    complain(reason)
    return reports, broken


def _write(
    reports: list[Report],
    format_: str,
    style: Style,
    output: Path | None,
    rows_out: Path | None,
    notes: list[str],
) -> None:
    """Write the report; notes stand below it in text, on standard error beside other formats."""
    from dataguard.output import write_rows, write_text
    from dataguard.rendering import render, visible

    if not reports and format_ == Format.text:
        return
    if rows_out is not None:
        write_rows(reports, rows_out)
    report = render(format_, reports, style)
    told = "".join(f"{visible(note)}\n" for note in notes)
    if format_ == Format.text:
        report += told
    elif told:
        echo(told, aside=True)
    if output is not None:
        write_text(report, output)
    else:
        echo(report)


def _exit_code(reports: list[Report], fail_on: str) -> int:
    from dataguard.finding import Status

    if any(o.status is Status.CRASHED for r in reports for o in r.outcomes):
        return BROKEN
    return OK if all(r.ok(fail_on) for r in reports) else FOUND


def with_baseline(settings: Settings, path: Path, sources: list[DatasetSource]) -> Settings:
    """The settings with a baseline file that leaves out what it knows.

    Raises:
        UsageError: It is not there, or is no baseline.
    """
    from dataguard.baseline import Baseline

    known = Baseline(path, [p for source in sources for p in source.splits.values()])
    return replace(settings, sifts=(*settings.sifts, known))


def refuse_overwriting(
    sources: list[tuple[DatasetSource, GivenRoles]],
    outputs: tuple[Path | None, Path | None],
    baseline: Path | None = None,
) -> None:
    """Refuse outputs that are inputs, or one file.

    Raises:
        UsageError: They are.
    """
    from dataguard.output import rows_format

    inputs = {os.path.realpath(p) for s, _ in sources for p in s.splits.values()}
    inputs |= {os.path.realpath(baseline)} if baseline is not None else set()
    for path in outputs:
        if path is not None and os.path.realpath(path) in inputs:
            raise UsageError(f"{path}: would overwrite an input; name another file")
    report, rows = outputs
    if report is not None and rows is not None:
        if os.path.realpath(report) == os.path.realpath(rows):
            raise UsageError(f"{rows}: --output and --rows-out name one file; name two")
    if rows is not None:
        rows_format(rows)

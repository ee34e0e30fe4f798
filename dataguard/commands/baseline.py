"""`dataguard baseline`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from dataguard.commands.lint import (
    ALONE,
    CONFIG,
    FAST,
    GROUP,
    ID,
    IGNORE,
    LABEL,
    NO_PROGRESS,
    PATHS,
    SEED,
    SELECT,
    TEST,
    TEXT,
    TIME,
    UNREADABLE,
    VALIDATION,
    lint_all,
    refuse_overwriting,
    sources_of,
)
from dataguard.commands.options import BROKEN, option, parsed_codes
from dataguard.console import complain, echo
from dataguard.errors import SourceError, UsageError

if TYPE_CHECKING:
    from dataguard.finding import Report

BASELINE_FILE = option(
    "Where to write it. [default: the config's `baseline`, or .dataguard-baseline.json]", "FILE"
)


def baseline(
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
    fast: Annotated[bool, FAST] = False,
    output: Annotated[Path | None, BASELINE_FILE] = None,
    config: Annotated[Path | None, CONFIG] = None,
    no_progress: Annotated[bool, NO_PROGRESS] = False,
    seed: Annotated[int | None, SEED] = None,
    alone: Annotated[bool, ALONE] = False,
) -> None:
    """Record today's findings, so that lint reports only what is new.

    `lint --baseline FILE` reads them. The file is written anew each time, from this run alone.

    Exit code 0: written. 2: wrong usage, unreadable input, bad config, or a check that crashed;
    then nothing is written.
    """
    from dataguard.baseline import DEFAULT
    from dataguard.project import load_project, override
    from dataguard.roles import GivenRoles

    project = load_project(config, Path.cwd())
    project = replace(
        project,
        select=parsed_codes(select) or project.select,
        ignore=(*project.ignore, *parsed_codes(ignore)),
        fast=fast or project.fast,
        seed=project.seed if seed is None else seed,
    )
    target = output or Path(project.baseline or DEFAULT)
    settings = project.settings()
    sources, failed = sources_of(project, list(paths or ()), test, validation, alone)
    refuse_overwriting(sources, (target, None))
    _refuse_foreign(target)
    given = GivenRoles(label, tuple(text or ()), id_, time, group)
    wanted = [(s, override(roles, given)) for s, roles in sources]
    reports, broken = lint_all(wanted, settings, not no_progress)
    for finding in (f for report in reports for f in report.findings if f.code == UNREADABLE):
        complain(SourceError(str(finding.path), finding.message, finding.line))
    if failed or broken:
        raise typer.Exit(BROKEN)
    _record(reports, target)


def _refuse_foreign(target: Path) -> None:
    from dataguard.baseline import is_baseline

    if target.is_file() and not is_baseline(target):
        raise UsageError(f"{target}: is there and is no baseline; name another file, or remove it")


def _record(reports: list[Report], target: Path) -> None:
    """Write the baseline; one without the findings of a crashed check would call them new later."""
    from dataguard.baseline import written
    from dataguard.finding import Status
    from dataguard.output import write_text
    from dataguard.rendering import visible

    crashed = [o.code for r in reports for o in r.outcomes if o.status is Status.CRASHED]
    if crashed:
        raise UsageError(f"{', '.join(crashed)} crashed, so no baseline was written")
    write_text(written(reports, target), target)
    count = sum(len(r.findings) for r in reports)
    plural = "" if count == 1 else "s"
    use = f"dataguard lint --baseline {target}"
    echo(f"{visible(f'{target}: {count:,} finding{plural} recorded; `{use}` leaves them out')}\n")

"""`dataguard init`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from dataguard.commands.lint import NO_PROGRESS, lint_all
from dataguard.console import echo, terminal_style

if TYPE_CHECKING:
    from dataguard.starting import Step

FOLDER = typer.Argument(
    metavar="[FOLDER]", help="The project's folder. [default: this one]", show_default=False
)
DRY_RUN = typer.Option("--dry-run", help="Show what would be written, and write nothing.")


def init(
    folder: Annotated[Path, FOLDER] = Path(),
    dry_run: Annotated[bool, DRY_RUN] = False,
    no_progress: Annotated[bool, NO_PROGRESS] = False,
) -> None:
    """Set a project up: config, pre-commit hooks, workflow, first run.

    Nothing that is there is overwritten. Exit code 0 whatever the first run finds; 2 where the
    folder or its pyproject.toml cannot be read or written.
    """
    from dataguard.rendering import visible
    from dataguard.starting import look, steps, write

    found, notes = look(folder)
    for note in notes:
        echo(f"{visible(note)}\n")
    planned = steps(folder, found)
    for step in planned:
        if not dry_run and step.done != "kept":
            write(step)
        echo(_told(step, dry_run))
    first_run(folder, planned[0], not no_progress)


def _told(step: Step, dry_run: bool) -> str:
    """What is done with a file, with the text where it has to be seen."""
    from dataguard.rendering import visible

    verbs = {"new": "Wrote", "added": "Added to the end of", "kept": "Kept"}
    if dry_run:
        verbs = {"new": "Would write", "added": "Would add to the end of", "kept": "Would keep"}
    advice = f"; {visible(step.advice)}" if step.advice else ""
    shown = bool(step.advice) or (dry_run and step.done != "kept")
    text = step.text.replace("\r\n", "\n").strip("\n")
    lines = [f"    {visible(line)}".rstrip() for line in text.splitlines()] if shown else []
    head = f"{verbs[step.done]} {visible(str(step.path))}{advice}"
    return "\n".join([head + (":" if lines else ""), *lines]) + "\n"


def first_run(folder: Path, config: Step, progress: bool) -> None:
    """Lint the data sets of the config, written or not, with the fast checks, and show it."""
    import tomllib

    from dataguard.config import config_of, load_config
    from dataguard.project import project_of
    from dataguard.rendering import render

    if config.done == "kept":
        settings = load_config(config.path)
    else:
        text = config.text
        settings = config_of(tomllib.loads(text), folder / config.path.name)
    if not settings.datasets:
        echo("\nNo data sets to lint: the config names none. Try: dataguard lint FILE\n")
        return
    project = replace(project_of(settings), fast=True)
    echo("\nA first run of the fast checks (`dataguard lint --fast`) says:\n\n")
    sources = project.sources([], None, None, alone=False)
    reports, _ = lint_all(sources, project.settings(), progress)
    if reports:
        style = replace(terminal_style(None), plugins=project.plugins)
        echo(render("text", reports, style))
    echo("Next: `dataguard lint` runs all checks.\n")

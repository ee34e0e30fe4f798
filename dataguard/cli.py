"""The command line: the commands put together, and what becomes of a failure."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from importlib import import_module
from typing import Annotated

import typer

from dataguard import __version__
from dataguard.commands.options import BROKEN
from dataguard.console import complain
from dataguard.errors import DataguardError

COMMANDS = {
    "lint": "lint",
    "fix": "fix",
    "split": "split",
    "watch": "watch",
    "baseline": "baseline",
    "learn": "learn",
    "init": "init",
    "explain": "rules",
    "checks": "rules",
}
"""The commands in the order of the help, each with its module in `commands/`."""


def application(wanted: str | None = None) -> typer.Typer:
    """The command line, with all commands or one alone: to build the others would cost time."""
    app = typer.Typer(
        help="A linter for training data: duplicates, label noise, formatting faults, leakage.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for name, module in COMMANDS.items():
        if wanted in (None, name):
            app.command()(getattr(import_module(f"dataguard.commands.{module}"), name))
    return app


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"dataguard {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


def main() -> None:
    """The entry point: every failure is one line on stderr and the exit code 2."""
    # Looking for reference cycles as often as by default takes a twentieth of a run's time, and
    # looking for them once more at the end of the process another one.
    gc.set_threshold(100_000, 50, 50)
    atexit.register(gc.freeze)
    asked = sys.argv[1] if len(sys.argv) > 1 else None
    try:
        application(asked if asked in COMMANDS else None)()
    except DataguardError as error:
        complain(error)
        sys.exit(BROKEN)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BROKEN)
    except Exception as error:
        if os.environ.get("DATAGUARD_TRACEBACK"):
            raise
        first = (str(error).strip() or "no message").splitlines()[0][:300]
        internal = f"internal error: {type(error).__name__}: {first}; this is a bug in dataguard"
        complain(DataguardError(f"{internal} (set DATAGUARD_TRACEBACK=1 to see where)"))
        sys.exit(BROKEN)

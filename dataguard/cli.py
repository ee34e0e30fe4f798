"""The command line: parse, call, print. What it does lives in the other modules."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dataguard import __version__
from dataguard.errors import DataguardError, UsageError

if TYPE_CHECKING:
    from dataguard.check import Check
    from dataguard.finding import Report
    from dataguard.linter import Settings
    from dataguard.project import Project
    from dataguard.rendering import Style
    from dataguard.roles import GivenRoles
    from dataguard.sources.discover import DatasetSource

OK, FOUND, BROKEN = 0, 1, 2
UNREADABLE = "FIL001"

app = typer.Typer(
    help="A linter for training data: duplicates, label noise, formatting faults, leakage.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class FailOn(StrEnum):
    """Severities from which on the exit code is 1."""

    error = "error"
    warning = "warning"
    info = "info"
    never = "never"


class Format(StrEnum):
    """Report formats."""

    text = "text"
    json = "json"
    sarif = "sarif"
    github = "github"
    markdown = "markdown"
    junit = "junit"


class WatchFormat(StrEnum):
    """Formats of what was seen in a training log."""

    text = "text"
    json = "json"
    sarif = "sarif"


class Mode(StrEnum):
    """Whether a smaller or a larger validation value is better."""

    min = "min"
    max = "max"


class ListFormat(StrEnum):
    """Formats of the list of checks."""

    text = "text"
    json = "json"


class EngineName(StrEnum):
    """Engines that can answer the checks' queries."""

    local = "local"


def _complete_code(incomplete: str) -> list[tuple[str, str]]:
    from dataguard.registry import load_checks

    return [(c.code, c.name) for c in load_checks().values() if c.code.startswith(incomplete)]


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"dataguard {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


def _option(text: str, metavar: str | None = None) -> Any:
    """A typer option without a name of its own: it is called like its parameter."""
    return typer.Option(metavar=metavar, help=text)


PATHS = typer.Argument(
    metavar="PATH...",
    help="Files or directories; '-' is standard input. Without PATH the datasets of the config. "
    "Several are several datasets, unless their names (train.csv, test.csv) or the config make "
    "them splits of one.",
)
TEST = _option("The test split.", "PATH")
VALIDATION = _option("The validation split.", "PATH")
LABEL = _option("Label column; inferred if not given.", "COLUMN")
TEXT = _option("Text column; may be given several times.", "COLUMN")
ID = typer.Option("--id", metavar="COLUMN", help="Id column.")
TIME = _option("Time column.", "COLUMN")
GROUP = _option("Groups that must not stand in two splits (patient, user).", "COLUMN")
SELECT = typer.Option(
    metavar="CODES",
    help="Run only these: codes (LAB002), families (LAB) or names, by comma.",
    autocompletion=_complete_code,
)
IGNORE = typer.Option(metavar="CODES", help="Do not run these.", autocompletion=_complete_code)
FAIL_ON = _option("Exit with 1 on findings of this severity or above. [default: error]")
FAST = typer.Option("--fast", help="Leave out what needs a model or a similarity search.")
FORMAT = typer.Option("--format", help="Report format.")
OUTPUT = _option("Write the report here.", "FILE")
ROWS_OUT = _option("Write every flagged row (.csv, .parquet, .jsonl).", "FILE")
CONFIG = _option(
    "Config file. [default: the nearest dataguard.toml, or pyproject.toml with a tool.dataguard "
    "table]",
    "FILE",
)
NO_PROGRESS = typer.Option("--no-progress", help="Show no progress bar.")
ENGINE = _option("Where the data is read.")
SEED = _option("Seed of everything random. [default: 0]")
ALONE = typer.Option("--alone", help="Lint each file by itself, as pre-commit needs it.")


@app.command()
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
    no_progress: Annotated[bool, NO_PROGRESS] = False,
    engine: Annotated[EngineName, ENGINE] = EngineName.local,  # noqa: ARG001 - the only one so far
    seed: Annotated[int | None, SEED] = None,
    alone: Annotated[bool, ALONE] = False,
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
        select=_codes(select) or project.select,
        ignore=(*project.ignore, *_codes(ignore)),
        fast=fast or project.fast,
        seed=project.seed if seed is None else seed,
        fail_on=fail_on.value if fail_on else project.fail_on,
    )
    given = GivenRoles(label, tuple(text or ()), id_, time, group)
    settings = project.settings()
    sources, failed = _sources(project, list(paths or ()), test, validation, alone)
    _refuse_overwriting(sources, (output, rows_out))
    reports, broken = _lint_all(
        [(s, override(roles, given)) for s, roles in sources], settings, not no_progress
    )
    _write(reports, format_.value, output, rows_out, project.plugins)
    if failed or broken:
        raise typer.Exit(BROKEN)
    raise typer.Exit(_exit_code(reports, project.fail_on))


LOG = typer.Argument(
    metavar="LOG",
    help="CSV, JSON Lines, trainer_state.json, TensorBoard events, the logs of XGBoost, LightGBM "
    "and CatBoost, lines of text; a folder that holds one; '-' is standard input.",
)
FOLLOW = typer.Option("--follow", help="Wait for what is still written; tell events as they come.")
WATCH_FORMAT = typer.Option("--format", help="Format of the report.")
WATCH_FAIL_ON = _option("Exit with 1 on events of this severity or above.")
PATTERN = _option(
    "Regular expression for lines of text, with the groups (?P<train>…), (?P<val>…), "
    "(?P<step>…); others are metrics.",
    "RE",
)
STEP = _option("Column of the step; recognised if not given.", "COLUMN")
TRAIN = _option("Column of the training loss; recognised if not given.", "COLUMN")
VAL = _option("Column of the validation loss, or of the metric that decides.", "COLUMN")
MODE = _option("Whether smaller or larger validation values are better. [default: by the name]")
RULES = typer.Option("--select", metavar="CODES", help="Judge only these rules, by comma.")
NO_RULES = typer.Option("--ignore", metavar="CODES", help="Do not judge these rules.")
TIMEOUT = _option("End --follow after so many seconds without growth. [default: never]", "SECONDS")
POLL = _option("Seconds between two looks of --follow.", "SECONDS")


@app.command()
def watch(
    log: Annotated[str, LOG],
    follow: Annotated[bool, FOLLOW] = False,
    format_: Annotated[WatchFormat, WATCH_FORMAT] = WatchFormat.text,
    output: Annotated[Path | None, OUTPUT] = None,
    fail_on: Annotated[FailOn, WATCH_FAIL_ON] = FailOn.error,
    pattern: Annotated[str | None, PATTERN] = None,
    step: Annotated[str | None, STEP] = None,
    train: Annotated[str | None, TRAIN] = None,
    val: Annotated[str | None, VAL] = None,
    mode: Annotated[Mode | None, MODE] = None,
    select: Annotated[list[str] | None, RULES] = None,
    ignore: Annotated[list[str] | None, NO_RULES] = None,
    timeout: Annotated[float | None, TIMEOUT] = None,
    poll: Annotated[float, POLL] = 1.0,
) -> None:
    """Watch a training log: does the run overfit, diverge, stall?

    Exit code 0: nothing at or above --fail-on. 1: events at or above it. 2: wrong usage or an
    unreadable log.
    """
    from dataguard.monitor.logs.columns import Given
    from dataguard.monitor.telling import line_of, told
    from dataguard.monitor.watching import Wish, watch
    from dataguard.output import write_text
    from dataguard.rendering import visible

    if output is not None and os.path.realpath(output) == os.path.realpath(log):
        raise UsageError(f"{output}: would overwrite the log; name another file")
    style = _style(output)
    aside = format_ is not WatchFormat.text and output is None
    given = Given(step, train, val, mode.value if mode else None)
    codes = (_codes(select), _codes(ignore))
    run = watch(
        Wish(log, given, pattern, *codes, follow=follow, timeout=timeout, poll=poll),
        lambda seen: _echo(line_of(seen, _style(None)), aside=aside),
        lambda text: _echo(f"{visible(text)}\n", aside=True),
    )
    report = told(run, format_.value, style)
    if output is None:
        _echo(report)
    else:
        write_text(report, output)
    raise typer.Exit(FOUND if run.fails(fail_on.value) else OK)


@app.command()
def explain(
    code: Annotated[
        str, typer.Argument(help="Code or name of a check or rule.", autocompletion=_complete_code)
    ],
) -> None:
    """Show the page of a check: what it finds, why that hurts, how it works, what to do."""
    from dataguard.monitor.core import known_rules
    from dataguard.pages import Described, page_of
    from dataguard.registry import select_checks

    known: dict[str, Described] = {**_known(), **{rule.code: rule for rule in known_rules()}}
    chosen = select_checks(known, [code], [])
    _echo("\n".join(page_of(check) for check in chosen))


@app.command()
def checks(
    format_: Annotated[ListFormat, typer.Option("--format", help="Format.")] = ListFormat.text,
) -> None:
    """List all checks, and the rules of the monitor."""
    from dataguard.monitor.core import known_rules
    from dataguard.pages import index_json, index_text

    known, rules = _known(), known_rules()
    json = format_ is ListFormat.json
    listed = index_json(known, rules) if json else index_text(known, rules, _width())
    _echo(listed)


def _known() -> dict[str, type[Check]]:
    """All checks, with those of the plugins that the nearest config names."""
    from dataguard.project import load_project
    from dataguard.registry import load_checks

    return load_checks(load_project(None, Path.cwd()).plugins)


def _codes(values: list[str] | None) -> tuple[str, ...]:
    parts = (part.strip() for value in values or () for part in value.split(","))
    found = tuple(part for part in parts if part)
    if values and not found:
        raise UsageError(f"'{','.join(values)}' names no check; write LAB002, LAB or a name")
    return found


def _sources(
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
            _complain(error)
            there.remove(error.path)
            failed = True


def _lint_all(
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
                _complain(error)
                broken = True
                continue
            reports.append(report)
            broken = broken or bool(unread)
            if all(f.code != UNREADABLE for f in report.findings):
                for reason in unread:
                    _complain(reason)
    return reports, broken


def _write(
    reports: list[Report],
    format_: str,
    output: Path | None,
    rows_out: Path | None,
    plugins: tuple[Path, ...],
) -> None:
    from dataguard.output import write_rows, write_text
    from dataguard.rendering import render

    if not reports and format_ == Format.text:
        return
    if rows_out is not None:
        write_rows(reports, rows_out)
    report = render(format_, reports, _style(output, plugins))
    if output is not None:
        write_text(report, output)
    else:
        _echo(report)


def _style(output: Path | None, plugins: tuple[Path, ...] = ()) -> Style:
    """How a report is laid out: as wide and coloured as the terminal, if it goes there."""
    from dataguard.rendering import Style

    color = output is None and sys.stdout.isatty() and "NO_COLOR" not in os.environ
    color = color or (output is None and "FORCE_COLOR" in os.environ)
    return Style(_width() if output is None else 80, color, plugins=plugins)


def _exit_code(reports: list[Report], fail_on: str) -> int:
    from dataguard.finding import Status

    if any(o.status is Status.CRASHED for r in reports for o in r.outcomes):
        return BROKEN
    return OK if all(r.ok(fail_on) for r in reports) else FOUND


def _refuse_overwriting(
    sources: list[tuple[DatasetSource, GivenRoles]], outputs: tuple[Path | None, ...]
) -> None:
    from dataguard.output import rows_format

    inputs = {os.path.realpath(p) for s, _ in sources for p in s.splits.values()}
    for path in outputs:
        if path is not None and os.path.realpath(path) in inputs:
            raise UsageError(f"{path}: would overwrite an input; name another file")
    report, rows = outputs
    if report is not None and rows is not None:
        if os.path.realpath(report) == os.path.realpath(rows):
            raise UsageError(f"{rows}: --output and --rows-out name one file; name two")
    if rows is not None:
        rows_format(rows)


def _width() -> int:
    import shutil

    return max(40, min(shutil.get_terminal_size((80, 24)).columns, 120))


def _echo(text: str, *, aside: bool = False) -> None:
    """Print, whatever the encoding of standard output can show; `aside` is standard error."""
    stream = sys.stderr if aside else sys.stdout
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    if not text.endswith("\n"):
        stream.write("\n")
    stream.flush()


def _complain(error: DataguardError) -> None:
    from dataguard.rendering import visible

    text = f"error: {visible(str(error))}\n"
    encoding = sys.stderr.encoding or "utf-8"
    sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding))


def main() -> None:
    """The entry point: every failure is one line on stderr and the exit code 2."""
    try:
        app()
    except DataguardError as error:
        _complain(error)
        sys.exit(BROKEN)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BROKEN)
    except Exception as error:
        if os.environ.get("DATAGUARD_TRACEBACK"):
            raise
        first = (str(error).strip() or "no message").splitlines()[0][:300]
        internal = f"internal error: {type(error).__name__}: {first}; this is a bug in dataguard"
        _complain(DataguardError(f"{internal} (set DATAGUARD_TRACEBACK=1 to see where)"))
        sys.exit(BROKEN)

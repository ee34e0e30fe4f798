"""`dataguard watch`."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dataguard.commands.options import FOUND, OK, OUTPUT, FailOn, option, parsed_codes
from dataguard.console import echo, terminal_style
from dataguard.errors import UsageError


class WatchFormat(StrEnum):
    """Formats of what was seen in a training log."""

    text = "text"
    json = "json"
    sarif = "sarif"
    html = "html"


class Mode(StrEnum):
    """Whether a smaller or a larger validation value is better."""

    min = "min"
    max = "max"


LOG = typer.Argument(
    metavar="LOG",
    help="CSV, JSON Lines, trainer_state.json, TensorBoard events, the logs of XGBoost, LightGBM "
    "and CatBoost, lines of text; a folder that holds one; '-' is standard input.",
)
FOLLOW = typer.Option("--follow", help="Wait for what is still written; tell events as they come.")
WATCH_FORMAT = typer.Option("--format", help="Format of the report.")
WATCH_FAIL_ON = option("Exit with 1 on events of this severity or above.")
PATTERN = option(
    "Regular expression for lines of text, with the groups (?P<train>…), (?P<val>…), "
    "(?P<step>…); others are metrics.",
    "RE",
)
STEP = option("Column of the step; recognised if not given.", "COLUMN")
TRAIN = option("Column of the training loss; recognised if not given.", "COLUMN")
VAL = option("Column of the validation loss, or of the metric that decides.", "COLUMN")
MODE = option("Whether smaller or larger validation values are better. [default: by the name]")
RULES = typer.Option(
    "--select", metavar="CODES", help="Judge only these rules, separated by commas."
)
NO_RULES = typer.Option("--ignore", metavar="CODES", help="Do not judge these rules.")
TIMEOUT = option("End --follow after so many seconds without growth. [default: never]", "SECONDS")
POLL = option("Seconds between two looks of --follow.", "SECONDS")


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
    from dataguard.monitor.watching import Wish
    from dataguard.monitor.watching import watch as watched
    from dataguard.output import write_text
    from dataguard.rendering import visible

    if output is not None and os.path.realpath(output) == os.path.realpath(log):
        raise UsageError(f"{output}: would overwrite the log; name another file")
    style = terminal_style(output)
    aside = format_ is not WatchFormat.text and output is None
    given = Given(step, train, val, mode.value if mode else None)
    chosen = (parsed_codes(select), parsed_codes(ignore))
    run = watched(
        Wish(log, given, pattern, *chosen, follow=follow, timeout=timeout, poll=poll),
        lambda seen: echo(line_of(seen, terminal_style(None)), aside=aside),
        lambda text: echo(f"{visible(text)}\n", aside=True),
    )
    report = told(run, format_.value, style)
    if output is None:
        echo(report)
    else:
        write_text(report, output)
    raise typer.Exit(FOUND if run.fails(fail_on.value) else OK)

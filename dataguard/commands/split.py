"""`dataguard split`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from dataguard.commands.lint import CONFIG, GROUP, ID, LABEL, SEED, TEXT
from dataguard.commands.options import FOUND, OK, option
from dataguard.console import echo, width
from dataguard.errors import UsageError

if TYPE_CHECKING:
    from dataguard.splitting.engine import Made

FILE = typer.Argument(metavar="DATA", help="The file to divide (CSV, JSON Lines, Parquet).")
RATIO = option("Shares of train and test, or of train, validation and test.", "SHARES")
OUT = typer.Option("--output", "-o", metavar="DIR", help="Write train, validation, test here.")
SPLIT_TIME = option("Time column: the oldest rows train, the latest test.", "COLUMN")


def split(
    data: Annotated[str, FILE],
    output: Annotated[Path, OUT],
    ratio: Annotated[str, RATIO] = "0.8/0.1/0.1",
    label: Annotated[str | None, LABEL] = None,
    text: Annotated[list[str] | None, TEXT] = None,
    id_: Annotated[str | None, ID] = None,
    time: Annotated[str | None, SPLIT_TIME] = None,
    group: Annotated[str | None, GROUP] = None,
    config: Annotated[Path | None, CONFIG] = None,
    seed: Annotated[int | None, SEED] = None,
) -> None:
    """Divide a data set so that its parts pass the checks of leakage.

    It is stratified by the label, and keeps groups, copies and near copies whole. Rows keep their
    order and their bytes. The parts are linted before they are written.

    Exit code 0: divided. 1: divided, and lint still finds an error in it. 2: an error.
    """
    from dataguard.project import load_project, override
    from dataguard.roles import GivenRoles
    from dataguard.splitting.engine import parse_ratio, split_file

    shares = parse_ratio(ratio)
    project = load_project(config, Path.cwd())
    project = replace(project, fast=False, seed=project.seed if seed is None else seed)
    sources = project.sources([data], None, None, alone=False)
    paths = [path for source, _ in sources for path in source.splits.values()]
    if len(paths) != 1:
        raise UsageError(f"{data}: holds {len(paths)} files; name the one that is to be divided")
    given = override(sources[0][1], GivenRoles(label, tuple(text or ()), id_, None, group))
    given = replace(given, time=time)
    made = split_file(paths[0], shares, given, project.settings())
    places = _write(made, paths[0], output)
    raise typer.Exit(_tell(made, places))


def _write(made: Made, path: str, output: Path) -> dict[str, Path]:
    """Write the parts; where each one stands."""
    from dataguard.fixing.documents import packed
    from dataguard.fixing.writing import write_all

    if output.exists() and not output.is_dir():
        raise UsageError(f"{output}: is a file; name a directory")
    suffixes = "".join(Path(path).suffixes[-2:]) if path != "-" else ".csv"
    if len(Path(path).suffixes) > 1 and Path(path).suffix.lower() not in (".gz", ".zst", ".zstd"):
        suffixes = Path(path).suffix
    places = {name: output / f"{name}{suffixes}" for name in made.data}
    for place in places.values():
        if os.path.realpath(place) == os.path.realpath(path):
            raise UsageError(f"{place}: would overwrite the input; name another directory")
    write_all({place: packed(made.data[name], place) for name, place in places.items()})
    return places


def _tell(made: Made, places: dict[str, Path]) -> int:
    """Print sizes, classes and what lint still says; the exit code."""
    from dataguard.finding import Severity
    from dataguard.rendering import visible

    total = sum(made.rows.values())
    longest = max(len(str(place)) for place in places.values())
    for name, place in places.items():
        rows = made.rows[name]
        unit = "row" if rows == 1 else "rows"
        line = f"{place!s:<{longest}}  {rows:>{len(f'{total:,}')},} {unit} ({rows / total:.1%})"
        classes = made.classes.get(name, {})
        number = sum(classes.values())
        if number:
            most = sorted(classes.items(), key=lambda item: (-item[1], item[0]))
            line += ": " + ", ".join(f"{c} {n / number:.1%}" for c, n in most[:6])
            line += f" and {len(most) - 6:,} more" if len(most) > 6 else ""
        echo(visible(line if len(line) <= 4 * width() else line[: 4 * width()] + "…"))
    if made.joined:
        told = ", ".join(f"{n:,} rows by {reason}" for reason, n in made.joined.items())
        echo(f"Kept together: {told}.")
    for finding in made.findings:
        echo(visible(f"{finding.severity} {finding.code}: {finding.message}"))
    if not made.findings:
        echo("Linted for leakage and faults of splits: nothing at warning or above.")
    for note in made.notes:
        echo(visible(f"note: {note}"), aside=True)
    return FOUND if any(f.severity >= Severity.ERROR for f in made.findings) else OK

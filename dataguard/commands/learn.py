"""`dataguard learn`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from dataguard.commands.lint import CONFIG, ID, LABEL
from dataguard.commands.options import option
from dataguard.console import echo
from dataguard.errors import UsageError

DATA = typer.Argument(
    metavar="DATA",
    help="Clean data: a file, a directory of splits (its training split is taken) or '-'.",
)
SUITE = typer.Option(
    "--output", "-o", metavar="SUITE", help="Write the suite here. [default: standard output]"
)
NAME = option("Name of the suite. [default: the data's name]", "NAME")


def learn(
    data: Annotated[str, DATA],
    output: Annotated[Path | None, SUITE] = None,
    name: Annotated[str | None, NAME] = None,
    label: Annotated[str | None, LABEL] = None,
    id_: Annotated[str | None, ID] = None,
    config: Annotated[Path | None, CONFIG] = None,
) -> None:
    """Write what clean data is like as a Great Expectations suite.

    `lint --expectations SUITE` then tells what differs in other data. Exit code 0: written. 2: an
    error.
    """
    from dataguard.expectations.learn import suite_text
    from dataguard.linter import dataset_of, unreadable
    from dataguard.output import write_text
    from dataguard.project import load_project, override
    from dataguard.rendering import visible
    from dataguard.roles import GivenRoles
    from dataguard.sources import open_table

    found = load_project(config, Path.cwd()).sources([data], None, None, alone=False)
    if len(found) != 1:
        names = ", ".join(f"'{source.name}'" for source, _ in found[:5])
        raise UsageError(f"{data} holds {len(found)} data sets ({names}); learn from one at a time")
    source, roles = found[0]
    path = next(iter(source.splits.values()))
    if output is not None and os.path.realpath(output) == os.path.realpath(path):
        raise UsageError(f"{output}: would overwrite the data; name another file")
    tables = {"train": open_table(path)}
    for error in unreadable(tables):
        raise error
    for column in tables["train"].frame.collect_schema().names():
        if column.startswith("^") and column.endswith("$"):
            raise UsageError(f"{path}: rename the column '{column}': '^…$' stands for a pattern")
    given = override(roles, GivenRoles(label=label, id=id_))
    split = dataset_of(source.name, tables, given).train
    text = suite_text(split, name or Path(source.name).stem or "dataguard")
    if output is None:
        echo(text)
        return
    write_text(text, output)
    number = text.count('"type": "expect_')
    told = f"{output}: {number:,} expectations of {len(split.columns):,} columns of {path}"
    use = f"dataguard lint --expectations {output} DATA"
    echo(f"{visible(f'{told}; `{use}` checks other data')}\n")

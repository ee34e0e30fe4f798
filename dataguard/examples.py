"""The examples of checks and rules: what they hold, how a page shows them, what is said of them."""

from __future__ import annotations

import json
import math
import shlex
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dataguard.check import Check, Example
from dataguard.errors import DataguardError
from dataguard.monitor.rule import Event, Losses, Rule
from dataguard.rendering import Style, told, visible
from dataguard.roles import GivenRoles

Content = Mapping[str, Sequence[Any]] | bytes
"""What a split of an example holds: columns by name, or the bytes of a file."""

WIDTH = 80
"""Columns that a page shows of an example."""

MOST_ROWS, FIRST, FLAGGED, LAST = 12, 5, 5, 2
"""Rows up to which a table is shown whole; of a longer one, those shown at its start, of what is
expected, and at its end."""

LONGEST = 400
"""Characters of a cell that are shown."""

MOST_PIECES = 4
"""Pieces of a curve, each as wide as a page; of a longer one the first and the last are shown."""


def splits_of(example: Example) -> dict[str, Content]:
    """The example's splits that have content, by name."""
    found = {"train": example.train, "validation": example.validation, "test": example.test}
    return {name: content for name, content in found.items() if content is not None}


def given_roles(example: Example) -> GivenRoles:
    """The columns that the example names."""
    return GivenRoles(example.label, example.text, example.id, example.time, example.group)


def file_name(split: str, content: bytes) -> str:
    """The file that the content of a split is written to: JSON Lines begin with a brace."""
    return f"{split}.jsonl" if content.startswith(b"{") else f"{split}.csv"


def section(described: type[Check] | type[Rule], *, output: bool) -> str:
    """The examples on the page of a check or rule, in Markdown; empty where it has none.

    Args:
        output: Whether to run it on the bad example, and to show what it says.

    Raises:
        DataguardError: The bad example does not run, for want of an optional library.
    """
    if issubclass(described, Rule):
        bad, good = _curves(described.bad), _curves(described.good)
        titles = described.bad.title, described.good.title
    elif described.bad:
        examples = (described.bad[0], *described.good[:1])
        setting = _setting(examples[0])
        bad = "\n\n".join([*setting, *_blocks(examples[0])])
        titles = examples[0].title, examples[-1].title
        more = [] if _setting(examples[-1]) == setting else _setting(examples[-1])
        good = "\n\n".join([*more, *_blocks(examples[-1])]) if described.good else ""
    else:
        return ""
    parts = [f"## Example\n{_sentence(titles[0])}{bad}"]
    speaker = "The monitor" if issubclass(described, Rule) else "dataguard"
    told_of = f"{speaker} says:\n\n{_fenced(said(described))}" if output else "This is reported."
    parts.append(told_of)
    if good:
        parts.append(f"Nothing is said of this:{_clause(titles[1])}\n\n{good}")
    return "\n\n".join(parts)


def said(described: type[Check] | type[Rule]) -> str:
    """What a check or rule says of its first bad example, as the text report tells it.

    Raises:
        DataguardError: It does not run, for want of an optional library.
    """
    if issubclass(described, Rule):
        from dataguard.monitor.telling import event_lines

        events = [event for event in played(described.bad) if event.code == described.code]
        return "\n".join(line for event in events for line in event_lines(event, Style(WIDTH)))
    from msgspec.structs import replace

    from dataguard.testing import run_example

    report = run_example(described, described.bad[0])
    if not report.findings:
        (outcome,) = report.outcomes
        reason = f": {outcome.reason}" if outcome.reason else ""
        raise DataguardError(f"the example of {described.code} gives no finding{reason}")
    # A file's folder is another one in each run.
    findings = tuple(replace(f, path=f.path and Path(f.path).name) for f in report.findings)
    return told(replace(report, findings=findings), Style(WIDTH)).rstrip("\n")


def played(losses: Losses) -> list[Event]:
    """All that the monitor says of a run, whatever the rule."""
    from dataguard.monitor.core import Monitor

    monitor = Monitor()
    for i in range(max(len(losses.train), len(losses.val))):
        train = losses.train[i] if losses.train else None
        monitor.update(i, train, losses.val[i] if losses.val else None)
    return list(monitor.events)


def _sentence(title: str) -> str:
    return f"{title[0].upper()}{title[1:].rstrip('.')}.\n\n" if title else ""


def _clause(title: str) -> str:
    """A title as the end of a sentence; its first word keeps its case where it is all capitals."""
    first = title[:1] if title[1:2].isupper() else title[:1].lower()
    return f" {first}{title[1:].rstrip('.')}." if title else ""


def _setting(example: Example) -> list[str]:
    """With which roles and options it is linted: a sentence, and the long options below it."""
    named = [
        f"`--{role} {shlex.quote(column)}`"
        for role, columns in given_roles(example).items()
        for column in columns
    ]
    long = {k: v for k, v in example.options.items() if isinstance(v, str) and len(v) > WIDTH // 2}
    named += [
        f"the option `{name}`" + ("" if name in long else f" = `{json.dumps(value)}`")
        for name, value in example.options.items()
    ]
    if not named:
        return []
    listed = ", ".join(named[:-1]) + (" and " if named[1:] else "") + named[-1]
    return [f"Linted with {listed}.", *(f"`{k}`:\n\n{_fenced(v)}" for k, v in long.items())]


def _blocks(example: Example) -> Iterator[str]:
    """One block of text a split."""
    splits = splits_of(example)
    for name, content in splits.items():
        if isinstance(content, bytes):
            yield f"`{file_name(name, content)}`:\n\n{_fenced(_file(content))}"
            continue
        rows = {p.row for p in example.expect if p.split == name and p.row is not None}
        head = f"`{name}`:\n\n" if len(splits) > 1 else ""
        yield head + _fenced(_table(content, sorted(rows)))


def _fenced(text: str) -> str:
    fence = "````" if "```" in text else "```"
    return f"{fence}text\n{text}\n{fence}"


def _file(content: bytes) -> str:
    """The lines of a file; what is no plain text, carriage returns too, as escapes."""
    lines = content.decode("utf-8", "backslashreplace").split("\n")
    if not lines[-1]:
        del lines[-1]
    shown = [line for text in lines[:MOST_ROWS] for line in _wrapped(visible(text))]
    left = len(lines) - MOST_ROWS
    if left > 0:
        shown.append(f"… ({left} more lines)")
    return "\n".join(shown) if lines else "(no bytes)"


def _table(content: Mapping[str, Sequence[Any]], flagged: Sequence[int]) -> str:
    """Columns as CSV, a long table with gaps between the rows that matter."""
    columns = [list(values) for values in content.values()]
    count = max(map(len, columns), default=0)
    kept = set(range(count))
    if count > MOST_ROWS:
        ends = [*range(FIRST), *range(count - LAST, count)]
        kept = {*ends, *flagged[:FLAGGED]}
        # A gap of one row would take as much room as the row.
        kept |= {i for i in range(1, count - 1) if {i - 1, i + 1} <= kept}
    lines = [",".join(map(_cell, content))]
    before = -1
    for row in sorted(kept):
        if row > before + 1:
            lines.append(f"… (rows {before + 1} to {row - 1})")
        line = ",".join(_cell(column[row]) for column in columns if row < len(column))
        lines += _wrapped(line)
        before = row
    return "\n".join(lines)


def _cell(value: object) -> str:
    """A value as a CSV file would hold it, in quotes where its ends would not be seen."""
    if value is None:
        return ""
    text = str(value)
    if len(text) > LONGEST:
        return f"{visible(text[: LONGEST // 4])}… ({len(text):,} characters)"
    quoted = text != text.strip() or "," in text or not text or text[0] == '"'
    text = visible(text)
    return '"' + text.replace('"', '""') + '"' if quoted else text


def _wrapped(line: str) -> list[str]:
    """A line of an example, one wider than a page in several."""
    if len(line) <= WIDTH:
        return [line]
    return textwrap.wrap(line, WIDTH, subsequent_indent="    ", break_on_hyphens=False)


def _curves(losses: Losses) -> str:
    """The losses below their steps, in pieces as wide as a page."""
    rows = {"train_loss": losses.train, "val_loss": losses.val}
    count = max(map(len, rows.values()))
    shown = {"step": list(map(str, range(count)))}
    shown |= {name: [f"{v:g}" for v in values] for name, values in rows.items() if values}
    head = max(map(len, shown))
    cell = max(len(text) for texts in shown.values() for text in texts) + 1
    wide = (WIDTH - head) // cell
    wide = math.ceil(count / math.ceil(count / wide))
    pieces = [
        "\n".join(
            f"{name:<{head}}" + "".join(f"{text:>{cell}}" for text in texts[start : start + wide])
            for name, texts in shown.items()
        )
        for start in range(0, count, wide)
    ]
    if len(pieces) > MOST_PIECES:
        pieces = [pieces[0], "…", pieces[-1]]
    return _fenced("\n\n".join(pieces))

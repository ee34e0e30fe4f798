"""White space around and within values, and characters that cannot be seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dataguard.fixing.kinds import Kind, Wish
from dataguard.fixing.look import Look, NewCell, NewName, Proposal

if TYPE_CHECKING:
    from dataguard.dataset import Column, Split

_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f" + "\u200b\u2060\ufeff]")
_DOUBLED = re.compile(r"(?<=[^\sÃÂ])[^\S\r\n]{2,}(?=\S)")
_ODD = re.compile("[\t\u00a0\u2000-\u200a\u202f\u3000]")
_RARE_SHARE = 0.05
"""Share of cells with such blanks up to which FMT003 takes them for slips."""


def proposals(look: Look, wish: Wish) -> Iterator[Proposal]:  # noqa: ARG001
    """Cells and column names of FMT003."""
    for finding in look.of(Kind.WHITESPACE):
        if finding.split is None:
            continue
        split = next((s for s in look.data.splits if s.name == finding.split), None)
        if len(finding.rows) == 0 or split is None:
            yield from _names(look, finding.split, finding.columns)
            continue
        for name in finding.columns:
            column = split[name]
            short = _is_short(split, column)
            prose = column.kind.value == "text"
            for row, value in look.values(finding, name):
                if isinstance(value, str) and value.strip():
                    new = stripped(value, short=short, prose=prose)
                    yield NewCell(finding.split, row, name, new)


def stripped(text: str, *, short: bool, prose: bool) -> str:
    """The text without stray white space; line breaks and indentation inside it stay.

    Args:
        short: Whether no-break spaces and tabs are slips in this column.
        prose: Whether doubled blanks are layout in texts of several lines.
    """
    text = _INVISIBLE.sub("", text)
    tail = text.rstrip()
    # A no-break space after Ã or Â is half of a letter: mojibake.
    text = (text if tail.endswith(("Ã", "Â")) else tail).lstrip()
    if short:
        text = _ODD.sub(" ", text)
    if not prose or "\n" not in text:
        text = _DOUBLED.sub(" ", text)
    return text


def _is_short(split: Split, column: Column) -> bool:
    from dataguard.dataset import Kind as Values

    if column.kind not in (Values.CATEGORY, Values.CODE):
        return False
    odd = split.preview[column.name].str.contains(_ODD.pattern).sum()
    return bool(odd <= _RARE_SHARE * len(split.preview))


def _names(look: Look, split: str, columns: tuple[str, ...]) -> Iterator[Proposal]:
    taken = set(look.frames[split].columns)
    for name in columns:
        new = " ".join(name.split())
        if new and new != name and new not in taken:
            taken.add(new)
            yield NewName(split, name, new)

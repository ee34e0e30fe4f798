"""Texts that were decoded with the wrong encoding."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dataguard.fixing.kinds import Kind, Wish
from dataguard.fixing.look import Look, NewCell, Proposal

_PAIR = re.compile("(?<![A-ZÀ-Þ])Ã[\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
"""An accented letter in two characters, which ftfy lets pass in "Ã…berg"; see FMT005."""


def proposals(look: Look, wish: Wish) -> Iterator[Proposal]:  # noqa: ARG001
    """Cells of FMT005 that can be mended; lost characters stay lost."""
    for finding in look.of(Kind.MOJIBAKE):
        for column in finding.columns:
            for row, value in look.values(finding, column):
                if finding.split and isinstance(value, str):
                    yield NewCell(finding.split, row, column, mended(value))


def mended(text: str) -> str:
    """The text as it was before it was decoded wrongly; unchanged where that is not known."""
    import ftfy

    return _PAIR.sub(_letter, ftfy.fix_encoding(text))


def _letter(pair: re.Match[str]) -> str:
    second = pair[0][1]
    byte = second.encode("cp1252") if ord(second) > 255 else second.encode("latin-1")
    return (b"\xc3" + byte).decode()

"""Texts with parts marked: what differs in two side by side, blanks that nobody would see."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

import msgspec

from dataguard.rendering import visible

MOST_WORDS = 400
"""Words, blanks and signs of a text that are compared; the search takes their square in time."""

AROUND = 60
"""Characters of a part that is the same which are shown on either side of what differs."""

_STRAY = re.compile(r"(^\s+|\s+$|[ \u00a0\u2000-\u200a\u202f\u3000]{2,}|\t+|\u00a0)")
_PART = re.compile(r"\s+|\w+|[^\w\s]")


class Piece(msgspec.Struct, frozen=True):
    """A part of a text.

    Attributes:
        text: What is shown, free of control characters.
        differs: Whether it is marked: the other text does not have it there.
    """

    text: str
    differs: bool


def marked(one: str, other: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces; long parts that are the same are shortened to "…"."""
    left, right = _parts(one), _parts(other)
    found: tuple[list[Piece], list[Piece]] = ([], [])
    for kind, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for side, parts in ((0, left[a:b]), (1, right[c:d])):
            if parts:
                found[side].append(Piece(visible("".join(parts)), kind != "equal"))
    return tuple(_shortened(found[0])), tuple(_shortened(found[1]))


def with_blanks(text: str) -> tuple[Piece, ...]:
    """A text in pieces: white space around it, doubled, or of an odd kind is marked."""
    parts = _STRAY.split(text)
    return tuple(Piece(visible(part), i % 2 == 1) for i, part in enumerate(parts) if part)


def _parts(text: str) -> list[str]:
    parts = _PART.findall(text)
    return parts if len(parts) <= MOST_WORDS else [*parts[:MOST_WORDS], "…"]


def _shortened(pieces: list[Piece]) -> list[Piece]:
    """The pieces, those that are the same cut to their ends next to a difference."""
    if not any(piece.differs for piece in pieces):
        return pieces
    found = []
    for at, piece in enumerate(pieces):
        text = piece.text
        first, last = at == 0, at == len(pieces) - 1
        if not piece.differs and len(text) > 3 * AROUND:
            head = "" if first else text[:AROUND]
            tail = "" if last else text[-AROUND:]
            text = f"{head} … {tail}"
        elif piece.differs and len(text) > 4 * AROUND:
            text = text[: 4 * AROUND] + "…"
        found.append(Piece(text, piece.differs))
    return found

"""Texts that were decoded with the wrong encoding, and how they read before."""

from __future__ import annotations

import re

AFTER = "\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
"""What the second and later bytes of a UTF-8 character look like in Latin-1 or Windows-1252."""

SUSPECT = (
    "[\ufffd\u0080-\u009f]"
    f"|[Â-ô][{AFTER}]"  # read as Latin-1 or Windows-1252
    "|(?:[РС][\u0080-\u00bf\u0402-\u040f\u0452-\u045f\u0490-\u0491Р-Яа-я‚-›€№™]){2}"  # … 1251
    "|[√¬‚∆][^\u0000-\u007f]|[├┬Γ][^\u0000-\u007f]"  # … Mac Roman, DOS
)
"""Pairs that mojibake is full of. Real text has some of them: `mended` decides."""


PAIR = re.compile(f"(?<![A-ZÀ-Þ])Ã[{AFTER}]")
"""An accented Latin letter in two characters, which ftfy lets pass in "Ã…berg". After a capital,
as in the Portuguese "AMANHÃ…", it is left alone."""

_WORD = re.compile(r"[^ \t\n]*[^\x00-\x7f][^ \t\n]*")
_CAPITAL = re.compile("[A-ZÀ-Þ]Ã")


def mended(text: str) -> str:
    """The text as it was before it was decoded wrongly; unchanged where that is not known."""
    better = _WORD.sub(lambda word: _decoded_once(word[0]), text)
    if better != text and not re.search(SUSPECT, better):
        return better
    import ftfy

    return PAIR.sub(_letter, ftfy.fix_encoding(text))


def _decoded_once(word: str) -> str:
    """The word, where it is UTF-8 read as Latin-1 or Windows-1252 once; else as it is.

    This is by far the commonest damage, and ftfy, which weighs many more, takes long. It is left
    to ftfy where the word may be right ("AMANHÃ…") or would be of another script ("amanhã”…").
    """
    if _CAPITAL.search(word):
        return word
    for encoding in ("latin-1", "cp1252"):
        try:
            better = word.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        return better if all(map(_is_western, better)) else word
    return word


def _is_western(character: str) -> bool:
    """Whether it is a Latin letter, or a sign such as a dash, a quote or the euro."""
    return character < "\u0250" or "\u2000" <= character < "\u2400"


def _letter(pair: re.Match[str]) -> str:
    """The letter whose two UTF-8 bytes the pair shows."""
    second = pair[0][1]
    byte = second.encode("cp1252") if ord(second) > 255 else second.encode("latin-1")
    return (b"\xc3" + byte).decode()

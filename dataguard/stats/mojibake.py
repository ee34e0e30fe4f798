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
"""Pairs that mojibake is full of. Real text has some of them: ftfy decides."""


PAIR = re.compile(f"(?<![A-ZÀ-Þ])Ã[{AFTER}]")
"""An accented Latin letter in two characters, which ftfy lets pass in "Ã…berg". After a capital,
as in the Portuguese "AMANHÃ…", it is left alone."""


def mended(text: str) -> str:
    """The text as it was before it was decoded wrongly; unchanged where that is not known."""
    import ftfy

    return PAIR.sub(_letter, ftfy.fix_encoding(text))


def _letter(pair: re.Match[str]) -> str:
    """The letter whose two UTF-8 bytes the pair shows."""
    second = pair[0][1]
    byte = second.encode("cp1252") if ord(second) > 255 else second.encode("latin-1")
    return (b"\xc3" + byte).decode()

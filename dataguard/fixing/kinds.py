"""The kinds of fixes, which of them are safe, and which findings each one mends."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from dataguard.errors import UsageError, did_you_mean


class Kind(StrEnum):
    """What a fix mends. Unsafe ones rest on a guess, or take rows that may be real away."""

    ENCODING = "encoding"
    MARK = "byte-order-mark"
    LINE_ENDS = "line-endings"
    INDEX = "saved-index"
    MOJIBAKE = "mojibake"
    WHITESPACE = "whitespace"
    MISSING = "disguised-missing"
    DATES = "dates"
    SPELLINGS = "spellings"
    DUPLICATES = "duplicate-rows"
    TYPOS = "typos"
    NEAR_DUPLICATES = "near-duplicates"
    MISLABELLED = "mislabelled-rows"
    RELABEL = "relabel"
    LEAKED = "leaked-rows"


UNSAFE = (
    Kind.TYPOS,
    Kind.NEAR_DUPLICATES,
    Kind.MISLABELLED,
    Kind.RELABEL,
    Kind.LEAKED,
)

CODES: dict[Kind, tuple[str, ...]] = {
    Kind.ENCODING: ("FIL002",),
    Kind.MARK: ("FIL003",),
    Kind.LINE_ENDS: ("FIL009",),
    Kind.INDEX: ("FIL013",),
    Kind.MOJIBAKE: ("FMT005",),
    Kind.WHITESPACE: ("FMT003",),
    Kind.MISSING: ("FMT004",),
    Kind.DATES: ("FMT002",),
    Kind.SPELLINGS: ("FMT009", "LAB004"),
    Kind.DUPLICATES: ("DUP001",),
    Kind.TYPOS: ("FMT009", "LAB004"),
    Kind.NEAR_DUPLICATES: ("DUP003",),
    Kind.MISLABELLED: ("LAB002",),
    Kind.RELABEL: ("LAB002",),
    Kind.LEAKED: ("LEK001", "LEK002", "LEK006"),
}
"""The checks whose findings a kind of fix mends."""


class Wish(msgspec.Struct, frozen=True):
    """Which fixes are asked for: all safe ones, and the unsafe ones that were named."""

    unsafe: frozenset[Kind] = frozenset()

    def wants(self, kind: Kind) -> bool:
        """Whether fixes of this kind are to be made."""
        return kind not in UNSAFE or kind in self.unsafe


def parse_unsafe(values: Sequence[str]) -> Wish:
    """The wish that `--unsafe` states: names, by comma, given once or several times.

    Raises:
        UsageError: A name is no unsafe kind, or both ways to treat wrong labels are asked for.
    """
    known = {str(kind): kind for kind in UNSAFE}
    names = [part.strip() for value in values for part in value.split(",") if part.strip()]
    for name in names:
        if name not in known:
            safe = name in {str(kind) for kind in Kind}
            hint = "; it is safe, and made without it" if safe else did_you_mean(name, known)
            raise UsageError(f"--unsafe has no kind '{name}'{hint}")
    if values and not names:
        raise UsageError(f"--unsafe names no kind; there are: {', '.join(known)}")
    found = frozenset(known[name] for name in names)
    if {Kind.MISLABELLED, Kind.RELABEL} <= found:
        raise UsageError(f"--unsafe: '{Kind.MISLABELLED}' drops rows that '{Kind.RELABEL}' mends")
    return Wish(found)

"""What hardly stands in a text: searched for once, for all checks that look for some of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataguard.stats.mojibake import SUSPECT

if TYPE_CHECKING:
    import polars as pl

_RARE = (
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u0085\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u2060"
    r"\u3000\ufeff]"
)
"""All control and invisible characters and all blanks but the space, the tab and line breaks."""

_ODD = rf"  |\t|{_RARE}|{SUSPECT}"


def is_odd(text: pl.Expr) -> pl.Expr:
    """Whether a text holds two blanks in a row, a tab, an invisible character or mojibake.

    Polars searches a column once for all checks of a pass that ask this, and they search the few
    odd cells for what they look for.
    """
    return text.str.contains(_ODD)

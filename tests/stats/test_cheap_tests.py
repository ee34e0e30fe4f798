"""Cheap tests that decide what is looked at more closely let nothing pass that they must not."""

from __future__ import annotations

import polars as pl
from dataguard.checks.formatting.stray_whitespace import BLANKS, ENDS, INVISIBLE, ODD_BLANK
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from dataguard.stats.languages import script_of
from dataguard.stats.mojibake import SUSPECT
from dataguard.stats.odd_text import is_odd
from dataguard.stats.spellings import _is_one_slip

BLANK = " \t\n\r\u00a0\u2003\u202f\u3000\u200b\ufeff\x00\x1f"
TEXTS = st.text(st.sampled_from(f"aZ9.Ââ€Ã©Рђ√┬\ufffd\u0085{BLANK}"), max_size=12)


@settings(deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=40))
def test_a_text_with_stray_blanks_or_mojibake_is_odd_or_has_blank_ends(texts: list[str]) -> None:
    text = pl.col("t")
    frame = pl.DataFrame({"t": texts}).select(
        "t",
        ends=text.str.strip_chars() != text,
        odd=is_odd(text),
        stray=text.str.contains(f"{ENDS}|{INVISIBLE}|{ODD_BLANK}|{BLANKS}"),
        mojibake=text.str.contains(SUSPECT),
    )
    missed = frame.filter(
        (pl.col("stray") & ~pl.col("ends") & ~pl.col("odd")) | (pl.col("mojibake") & ~pl.col("odd"))
    )
    assert missed["t"].to_list() == []


@settings(deadline=None)
@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
@example("abca", "acba")
@example("Ben", "Bne")
def test_one_slip_is_an_edit_distance_of_one_at_most(one: str, other: str) -> None:
    assert _is_one_slip(one, other) == (OSA.distance(one, other) <= 1)


def test_the_script_is_that_of_most_letters() -> None:
    assert script_of("Ünïted (2024)") == ("Latin", 6, 1.0)
    assert script_of("Привет, мир!")[0] == "Cyrillic"
    assert script_of("漢字かな") == ("Chinese, Japanese or Korean", 4, 1.0)
    assert script_of("abcd αβ") == ("Latin", 4, 4 / 6)
    assert script_of("—1 2!") == ("Latin", 0, 0.0)

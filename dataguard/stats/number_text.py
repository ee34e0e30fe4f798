"""Numbers as people write them: with units, currencies, thousands separators, or in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from dataguard.expressions import PLAIN_NUMBER

if TYPE_CHECKING:
    import polars as pl

MOSTLY = 0.9
"""Share of the values that must be numbers, plain or not, for a column to hold numbers."""

_SIGN = r"[+−–-]"
_PLAIN = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_COMMAS = r"[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}(?:\.[0-9]+)?"
_EURO = r"(?:[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?|[0-9]+,[0-9]+)"
_SPACED = r"[0-9]{1,3}(?:[ \x{a0}\x{2009}\x{202f}'’_][0-9]{3})+(?:[.,][0-9]+)?"
_ANY = f"(?:{_COMMAS}|{_EURO}|{_SPACED}|{_PLAIN})"
_CURRENCY = (
    r"(?:[A-Z]{0,3}[$€£¥₹₽₩₺₪฿¢]|R\$|Rs\.?|USD|EUR|GBP|JPY|CHF|CAD|AUD|NZD|INR|CNY|SEK|NOK|DKK"
    r"|PLN|CZK|HUF|BRL|MXN|ZAR|RUB|TRY|KRW|zł|kr\.?|[Ee]uros?|[Dd]ollars?|[Cc]ents?|[Pp]ounds?)"
)
_UNIT = (
    r"(?:%|‰|percent|pct\.?|°[CF]?|º[CF]?|[kmcµu]?g|mcg|kgs|[kmcdµun]?m|[mdc]?[lL]|lbs?\.?|(?:oz|OZ)\.?|ounces?"
    r"|tons?|mi|miles?|ft\.?|feet|foot|in\.?|inch(?:es)?|yds?|[\"″′]|[mk]?m[²2³3]|sq\.? ?(?:ft|m)"
    r"|sqm|sqft|ha|acres?|[mµun]?s|secs?\.?|seconds?|mins?\.?|minutes?|h|hrs?\.?|hours?|d|days?"
    r"|weeks?|wks?|mos?\.?|months?|y|yrs?\.?|years?|(?:years?|yrs?) old|[kKMGT]?Hz|[kKMGTP]i?[Bb]"
    r"|bytes?|[kKmMG]?W|[kM]?Wh|[mk]?V|mA|mAh|k?cal|kcals?|k?J|k?Pa|bar|psi|mmHg|mg/dL|mmol/L|g/dL"
    r"|bpm|dB|km/h|kmh|kph|mph|m/s|rpm|cc|hp|bhp|kmpl|mpg|Nm|px|pts?|points?|dpi|pcs\.?|pieces?"
    r"|units?|items?|persons?|people|times|[kKMB]|bn|mn|mln|mio|million|billion|thousand)"
)

DECORATED = (
    rf"^(?:{_SIGN}? ?{_CURRENCY} ?{_SIGN}?{_ANY}(?: ?(?:[kKMB]|bn|mn))?"
    rf"|{_SIGN}? ?{_ANY}(?: ?{_CURRENCY}| ?{_UNIT})"
    rf"|{_SIGN}?(?:{_COMMAS}|{_EURO}|{_SPACED})"
    rf"|\( ?{_CURRENCY}? ?{_ANY} ?%?\)"
    rf"|['’`\"]{_PLAIN}['’`\"]?|{_PLAIN}['’`\"]|=\"{_PLAIN}\"|{_SIGN} ?{_PLAIN})$"
)
"""A number that a reader takes for text and a person for a number (plain ones match as well)."""

_SMALL = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen"
    "|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
)
WORDS = (
    rf"(?i)^(?:zero|(?:minus )?(?:{_SMALL}|an? (?:hundred|thousand|dozen))"
    rf"(?:(?:[- ]|,? and )(?:{_SMALL}|hundred|thousand|million|point|zero))*)$"
)
"""A number in English words."""

INEXACT = (
    r"(?i)^(?:(?:[~≈±<>≤≥]=? ?|approx(?:\.|imately)? |about |around |ca?\.? ?|circa |est\.? )"
    r"[.0-9].*"
    rf"|{_PLAIN} ?(?:[?*~]|\(?est\.?\)?|approx\.?|\[\w+\]))$"
)
"""A number with a doubt: approx 5, <5, 5*."""

MISTYPED = (
    r"^[+-]?(?:[0-9]+[OolI][0-9OolI.]*|[OolI]+[0-9.][0-9OolI.]*|[0-9]+\.[0-9]*[OolI][0-9OolI]*)$"
)
"""A number with a letter O or l in place of a digit."""

CAPPED = (
    r"(?i)^(?:[0-9]+ ?\+|[<>≤≥]=? ?[0-9]+|(?:over|under|more than|less than|at least|up to) [0-9]+"
    r"|[0-9]+ (?:or|and) (?:more|less|over|older|under|fewer|above|up|younger))$"
)
"""The open end of an ordered category: 3+, <18, 60 and over."""

_REST = r"(?:[-/. #:][A-Za-z0-9]+)*"
CODE = (
    rf"^(?:[A-Za-z]{{1,2}}|[A-Za-z0-9]*[0-9][A-Za-z0-9]*{_REST}"
    rf"|[A-Za-z]+(?:[-/. #:][A-Za-z]+)*[-/. #:]?[0-9][A-Za-z0-9]*{_REST})$"
)
"""What may stand among whole numbers that are codes: 12A, K1A 0B1, 12345-6789, X."""

PADDED = r"^[+-]?0[0-9]+$"
"""A leading zero: a code, not a number."""

_WITH_WORD = rf"^{_PLAIN} ?[a-z]{{2,}}$"
_ONLY_SPACED = rf"^{_SPACED}$"
_LETTERED = r"^[0-9]+[A-HJNP-Za-f]$"
_SINGLE_LETTER = r"^[0-9]+([A-Za-z])$"


class Shares(msgspec.Struct, frozen=True):
    """What a sample of a column's values looks like, each as a share of them.

    Attributes:
        plain: Numbers as every reader takes them.
        padded: Those of them with a leading zero.
        whole: Whether all plain ones are whole.
        numbers: Plain, decorated and worded numbers, and such with a doubt or a mistyped digit.
        styled: Distinct decorated numbers.
        spaced: Decorated ones whose only decoration is blanks: "555 123 456" may be a phone number.
        letters: Distinct single letters at the end of decorated ones: 12A, 12B are codes.
    """

    plain: float
    padded: float
    whole: bool
    numbers: float
    styled: int
    spaced: float
    letters: int

    @property
    def are_numbers(self) -> bool:
        """Whether the column holds numbers, however they are written."""
        if self.numbers < MOSTLY or self.padded >= 0.02:
            return False
        if self.plain >= 0.5:
            return True
        phones = self.spaced >= 0.9 * (self.numbers - self.plain) and self.plain < 0.1
        return self.styled >= 3 and self.letters <= 1 and not phones


def shares(values: pl.Series) -> Shares:
    """The shares of a sample.

    Args:
        values: Stripped values, missing and disguised ones left out; at least one.
    """
    import polars as pl

    text = pl.col("text")
    frame = values.alias("text").to_frame()
    plain = text.str.contains(PLAIN_NUMBER)
    seen = frame.select(
        plain=plain.sum(),
        padded=(plain & text.str.contains(PADDED)).sum(),
        broken=(plain & text.str.contains(r"\.[0-9]*[1-9]|[eE]-")).any(),
    ).row(0, named=True)
    number, whole = len(values), not seen["broken"]
    padded = seen["padded"] / number
    if seen["plain"] == number:
        return Shares(1.0, padded, whole, 1.0, 0, 0.0, 0)
    patterns = (DECORATED, WORDS, INEXACT, MISTYPED)
    styled = text.filter(text.str.contains(DECORATED))
    others = frame.filter(~plain).select(
        likely=pl.any_horizontal([text.str.contains(p) for p in patterns]).sum(),
        styled=styled.n_unique(),
        spaced=styled.str.contains(_ONLY_SPACED).sum(),
        letters=styled.str.extract(_SINGLE_LETTER).drop_nulls().n_unique(),
    )
    found = others.row(0, named=True)
    return Shares(
        plain=seen["plain"] / number,
        padded=padded,
        whole=whole,
        numbers=(seen["plain"] + found["likely"]) / number,
        styled=found["styled"],
        spaced=found["spaced"] / number,
        letters=found["letters"],
    )


def is_plain(text: pl.Expr) -> pl.Expr:
    """Whether stripped text is a number as every reader takes it, infinity included."""
    import polars as pl

    return text.cast(pl.Float64, strict=False).is_not_null()


def is_code(text: pl.Expr) -> pl.Expr:
    """Whether stripped text that is no plain number may be a code, and nothing else."""
    found = text.str.contains(CODE)
    for pattern in (DECORATED, WORDS, INEXACT, MISTYPED, _WITH_WORD):
        found = found & ~text.str.contains(pattern)
    return found | text.str.contains(_LETTERED)


def caps(values: pl.Series, most: int = 2) -> list[str]:
    """The open ends of ordered categories among the values that are no plain numbers.

    At most `most` distinct ones, each standing there twice or more, and nothing but they.
    """
    import polars as pl

    text = pl.col("text")
    found = values.to_frame("text").filter(~text.str.contains(PLAIN_NUMBER))
    if found.is_empty():
        return []
    counted = found.filter(text.str.contains(CAPPED)).group_by("text").len().sort("text")
    ends = counted.filter(pl.col("len") >= 2)["text"].to_list()
    return ends if len(ends) == len(counted) <= most else []

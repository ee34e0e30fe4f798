"""What spreadsheets write into cells: formulas, error values, and values that they rewrote."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping

import msgspec

ERROR_WORDS = ("#value!", "#ref!", "#div/0!", "#name?", "#num!", "#null!", "#spill!", "#calc!")
"""Error values in lower case, as Excel and LibreOffice write them; `#N/A` stands for missing."""

ERROR = r"^\s*(?:#(?i:VALUE!|REF!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)|Err:5\d\d|#{5,})\s*$"
"""A cell of nothing but an error value, or of hashes (a number too wide for its column)."""

_FUNCTIONS = (
    "SUM|SUMIFS?|SUMPRODUCT|AVERAGE|AVERAGEIFS?|COUNT|COUNTA|COUNTIFS?|IF|IFS|IFERROR|IFNA|AND|OR|"
    "NOT|VLOOKUP|HLOOKUP|XLOOKUP|LOOKUP|INDEX|MATCH|CONCAT|CONCATENATE|TEXT|TEXTJOIN|LEFT|RIGHT|"
    "MID|LEN|TRIM|UPPER|LOWER|PROPER|SUBSTITUTE|REPLACE|FIND|SEARCH|VALUE|DATE|TODAY|NOW|YEAR|"
    "MONTH|DAY|ROUND|ROUNDUP|ROUNDDOWN|INT|MOD|ABS|SQRT|MIN|MAX|MEDIAN|STDEV|VAR|RAND|RANDBETWEEN|"
    "RANK|HYPERLINK|INDIRECT|OFFSET|ROW|COLUMN|UNIQUE|FILTER|SORT|IMPORTXML|IMPORTRANGE|"
    "IMPORTDATA|WEBSERVICE|CHAR|CODE|EXACT|CELL|ISBLANK|ISERROR|ISNUMBER|PMT|NPV|IRR|DDE"
)
_REFERENCE = r"\$?[A-Z]{1,3}\$?[1-9]\d{0,6}"
_SHEET = r"(?:'[^']+'|[A-Za-z_][\w.]*)!"
_OPERAND = rf"(?:(?:{_SHEET})?{_REFERENCE}|\d+(?:\.\d+)?%?)"

FORMULA = (
    rf"^\s*(?:=\s*[+-]?\(?(?i:{_FUNCTIONS})\(|[+@-]+\s*\(?(?:{_FUNCTIONS})\("  # a known function
    r"|=\s*[+-]?\(?[A-Z][A-Z0-9.]+\("  # any other, by its capitals
    rf"|=\s*[+-]?\(*(?:{_SHEET})?{_REFERENCE}(?::{_REFERENCE})?\s*(?:[-+*/^&,)<>=].*)?$"
    rf"|[+@-]\s*\(*(?:{_SHEET})?{_REFERENCE}(?::{_REFERENCE})?\s*[-+*/^&]\s*{_OPERAND}"
    rf"|=\s*[+-]?\(*{_OPERAND}\s*(?:[-+*/^&]\s*[(+-]*{_OPERAND}\)*\s*)+$"
    r"|=\s*\"[^\"]*\"\s*(?:&.*)?$"  # text kept as text: ="00123"
    rf"|=\s*{_SHEET}{_REFERENCE}"
    r"|[=+@-].{0,60}\|\s*'[^']*'!)"  # a command by DDE: =cmd|' /C calc'!A0
)
"""A cell that a spreadsheet computes. `+1 555 0100`, `-5`, `@user` and `=)` are none."""

_COMMAND = re.compile(r"^\s*[=+@-].{0,60}\|\s*'[^']*'!|^\s*[=+@-]\s*(?i:DDE|WEBSERVICE)\(")


def runs_a_command(cell: str) -> bool:
    """Whether opening the cell in a spreadsheet would start a program or call the network."""
    return _COMMAND.match(cell) is not None


SCIENTIFIC = r"^\s*\d(?:\.\d{1,14})?E\+\d{2,3}\s*$"
"""A number as a spreadsheet shows it that is too long for its column; 1e5 and 1e+05 are others'."""

_MONTHS = (
    "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|Mrz|Mär|Mai|Okt|Dez|janv|févr|mars|avr|"
    "juin|juil|août|déc|ene|abr|ago|dic"
)
AS_DATE = (
    rf"^\s*(?:\d{{1,2}}[-. ] ?(?i:{_MONTHS})\.?|(?i:{_MONTHS})\.?[- ]\d{{1,2}}"
    r"|(?:19|20)\d\d-\d\d-\d\d 00:00:00)\s*$"
)
"""What a spreadsheet makes of "SEPT2", "MARCH1", "3-1" or "10-12" once it takes them for dates."""

_CODE_WORDS = frozenset((
    "id", "ids", "code", "codes", "key", "no", "nr", "num", "number", "nbr", "sku", "ean", "upc",
    "gtin", "isbn", "issn", "barcode", "phone", "tel", "mobile", "fax", "account", "acct", "iban",
    "card", "imei", "imsi", "serial", "zip", "zipcode", "zipcodes", "postal", "postcode", "plz",
    "cep", "cp", "fips", "geoid", "ssn", "tin", "vat", "ein", "npi", "ndc", "cas", "order",
    "invoice", "tracking", "reference", "ref", "ticket", "customer", "user", "patient", "tweet",
    "msisdn", "cnpj", "cpf", "siren", "siret", "hts", "part", "model", "batch", "lot",
))  # fmt: skip
_WIDTHS: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("zip", "zipcode", "zipcodes"), (5, 9)),
    **dict.fromkeys(("postal", "postcode"), (4, 5, 6, 7, 8)),
    "plz": (4, 5), "cep": (8,), "insee": (5,), "ssn": (9,), "routing": (9,), "aba": (9,),
    **dict.fromkeys(("fips", "geoid"), (5, 7, 10, 11, 12, 15)),
    "ean": (8, 13), "upc": (8, 12), "gtin": (8, 12, 13, 14), "barcode": (8, 12, 13, 14),
    "isbn": (10, 13), "ndc": (9, 10, 11), "npi": (10,), "cusip": (9,),
    "siren": (9,), "siret": (14,),
}  # fmt: skip
"""Digits of the codes that a word in a column's name stands for: of ZIP codes five, or nine."""


def name_words(name: str) -> list[str]:
    """The words of a column's name in lower case: "ZIP Code", "zipCode", "zip_code"."""
    parts = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return [word for word in re.split(r"[^a-z0-9]+", parts.lower()) if word]


def is_code_name(name: str) -> bool:
    """Whether a column of this name holds codes or ids, whose digits count no amount."""
    return not _CODE_WORDS.isdisjoint(name_words(name))


def code_widths(name: str) -> frozenset[int]:
    """The digits of the codes that a column of this name holds; none where it speaks of no code."""
    return frozenset(width for word in name_words(name) for width in _WIDTHS.get(word, ()))


class LostZeros(msgspec.Struct, frozen=True):
    """Codes that lost the zeros in front.

    Attributes:
        width: Digits that the codes have.
        certain: Whether codes of that width that begin with a zero stand in the same column.
        values: The short codes, where only some short ones are damaged; empty for all.
    """

    width: int
    certain: bool
    values: tuple[str, ...] = ()


def lost_zeros(
    codes: Mapping[str, int], *, usual: Collection[int], most: float
) -> LostZeros | None:
    """Whether some of a column's codes lost the zeros in front.

    Args:
        codes: The column's values of nothing but digits, and how often each stands there.
        usual: The digits that such codes have by the column's name, see `code_widths`.
        most: Share of the values that may be short, where the name is the only evidence.

    Returns:
        None where there is no sign of it: values of many widths are numbers or of many countries.
    """
    total = sum(codes.values())
    widths: Counter[int] = Counter()
    for code, count in codes.items():
        widths[len(code)] += count
    padded = Counter(len(code) for code in codes if code[0] == "0" and len(code) > 1)
    if padded:
        width, kinds = padded.most_common(1)[0]
        if width < max(widths) or kinds < 0.9 * padded.total():
            return None
        full = {code for code in codes if len(code) == width and code[0] == "0"}
        twins = tuple(sorted(c for c in codes if len(c) < width and c.zfill(width) in full))
        short = total - widths[width]
        if kinds >= 3 and 0 < short <= most * total:
            return LostZeros(width, certain=True)
        if twins and len(twins) <= len(full) and widths[width] >= 0.3 * total:
            return LostZeros(width, certain=True, values=twins)
        return None
    width, count = max(widths.items(), key=lambda pair: (pair[1], pair[0]), default=(0, 0))
    short = sum(n for w, n in widths.items() if w in (width - 1, width - 2))
    alone = width == max(widths) and count + short == total
    if width in usual and alone and 0 < short <= most * total and len(codes) >= 5:
        return LostZeros(width, certain=False)
    return None

"""What spreadsheets write into cells: formulas, error values, and values that they rewrote."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

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
_PADDED_WORDS = frozenset((
    "zip", "zipcode", "zipcodes", "postal", "postcode", "plz", "cep", "fips", "geoid", "ssn",
    "ean", "upc", "gtin", "isbn", "ndc", "npi", "cusip", "barcode", "siren", "siret", "routing",
    "aba", "insee",
))  # fmt: skip


def name_words(name: str) -> list[str]:
    """The words of a column's name in lower case: "ZIP Code", "zipCode", "zip_code"."""
    parts = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return [word for word in re.split(r"[^a-z0-9]+", parts.lower()) if word]


def is_code_name(name: str) -> bool:
    """Whether a column of this name holds codes or ids, whose digits count no amount."""
    return not _CODE_WORDS.isdisjoint(name_words(name))


def is_padded_name(name: str) -> bool:
    """Whether a column of this name holds codes of a fixed width, which may begin with zeros."""
    return not _PADDED_WORDS.isdisjoint(name_words(name))


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


def lost_zeros(codes: Mapping[str, int], *, named: bool, most: float) -> LostZeros | None:
    """Whether some of a column's codes lost the zeros in front.

    Args:
        codes: The column's values of nothing but digits, and how often each stands there.
        named: Whether the column's name is one of codes of a fixed width.
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
    alone = width >= 4 and width == max(widths) and count + short == total
    if named and alone and 0 < short <= most * total and len(codes) >= 5:
        return LostZeros(width, certain=False)
    return None

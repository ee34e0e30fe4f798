"""What spreadsheets write into cells: formulas, error values, and values that they rewrote."""

from __future__ import annotations

import re

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

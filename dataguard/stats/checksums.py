"""Checksums by which numbers of cards, accounts and persons are told from other numbers."""

from __future__ import annotations

import re
from ipaddress import ip_address

_DIGITS = re.compile(r"\D")

CARDS = (
    (re.compile(r"4"), (13, 16, 19)),  # Visa
    (re.compile(r"5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)"), (16,)),  # Mastercard
    (re.compile(r"3[47]"), (15,)),  # American Express
    (re.compile(r"6(?:011|5|4[4-9])"), (16, 19)),  # Discover
    (re.compile(r"3(?:0[0-5]|[68])"), (14,)),  # Diners Club
    (re.compile(r"35(?:2[89]|[3-8])"), (16,)),  # JCB
)
"""How the numbers of the great issuers begin, and how many digits they have (ISO/IEC 7812)."""

IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22,
    "BR": 29, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20,
    "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18,
    "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27, "JO": 30,
    "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24,
    "ME": 22, "MK": 19, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29,
    "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "TN": 24, "TR": 26, "UA": 29, "VG": 24, "XK": 20,
}  # fmt: skip
"""Characters of an IBAN by country (the IBAN registry of SWIFT)."""


def luhn(text: str) -> bool:
    """Whether the digits are a card's number: its issuer, its length and its check digit."""
    digits = _DIGITS.sub("", text)
    known = any(form.match(digits) and len(digits) in lengths for form, lengths in CARDS)
    if not known or len(set(digits)) < 2:
        return False
    doubled = [int(d) * 2 for d in digits[-2::-2]]
    return (sum(map(int, digits[-1::-2])) + sum(d - 9 * (d > 9) for d in doubled)) % 10 == 0


def iban(text: str) -> bool:
    """Whether the length is the country's and the number modulo 97 is 1 (ISO 13616)."""
    plain = text.replace(" ", "")
    if IBAN_LENGTHS.get(plain[:2]) != len(plain):
        return False
    turned = plain[4:] + plain[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def social_security(text: str) -> bool:
    """Whether area, group and serial are ones that are given out; there is no check digit."""
    area, group, serial = text.split("-")
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def cpf(text: str) -> bool:
    """Whether both check digits (modulo 11) of a Brazilian tax number are right."""
    digits = [int(c) for c in text if c.isdigit()]
    if len(set(digits)) < 2:
        return False
    for at in (9, 10):
        total = sum(d * (at + 1 - i) for i, d in enumerate(digits[:at]))
        if digits[at] != total * 10 % 11 % 10:
            return False
    return True


def dni(text: str) -> bool:
    """Whether the letter is the number modulo 23 (Spain)."""
    plain = text.replace("-", "").replace("X", "0", 1) if text[0] == "X" else text.replace("-", "")
    first = {"Y": "1", "Z": "2"}.get(plain[0])
    number = (first + plain[1:-1]) if first else plain[:-1]
    return number.isdigit() and "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == plain[-1]


_ODD = (
    1,
    0,
    5,
    7,
    9,
    13,
    15,
    17,
    19,
    21,
    2,
    4,
    18,
    20,
    11,
    3,
    6,
    8,
    12,
    14,
    16,
    10,
    22,
    25,
    24,
    23,
)


def codice_fiscale(text: str) -> bool:
    """Whether the last letter is the sum of the others' values modulo 26 (Italy)."""
    total = 0
    for at, c in enumerate(text[:15]):
        value = int(c) if c.isdigit() else ord(c) - 65
        total += _ODD[value] if at % 2 == 0 else value
    return chr(65 + total % 26) == text[15]


def nir(text: str) -> bool:
    """Whether the last two digits are 97 less the number modulo 97 (France)."""
    plain = text.replace(" ", "").replace("2A", "19").replace("2B", "18")
    if not (plain.isdigit() and len(plain) == 15):
        return False
    return 97 - int(plain[:13]) % 97 == int(plain[13:])


def hetu(text: str) -> bool:
    """Whether day and month are, and the last character is the number modulo 31 (Finland)."""
    day, month = int(text[:2]), int(text[2:4])
    number = int(text[:6] + text[7:10])
    return (
        1 <= day <= 31
        and 1 <= month <= 12
        and ("0123456789ABCDEFHJKLMNPRSTUVWXY"[number % 31] == text[10])
    )


def resident_id(text: str) -> bool:
    """Whether the last character is the weighted sum modulo 11 (ISO 7064, China)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(c) * w for c, w in zip(text, weights, strict=False))
    return "10X98765432"[total % 11] == text[17].upper()


_TIMES = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_TURNS = (
    "0123456789", "1576283094", "5803796142", "8916043527",
    "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def verhoeff(text: str) -> bool:
    """Whether the check digit by Verhoeff's scheme of the dihedral group D5 is right (India)."""
    check = 0
    for at, c in enumerate(reversed(_DIGITS.sub("", text))):
        check = int(_TIMES[check][int(_TURNS[at % 8][int(c)])])
    return check == 0


def public_address(text: str) -> bool:
    """Whether the text is an IP address that may be a person's: no private one, no version."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if address.version == 4 and sum(len(part) > 1 for part in text.split(".")) < 2:
        return False
    return not _reserved(text)


def _reserved(text: str) -> bool:
    """Whether an address is of a home network, of the machine itself or of many receivers."""
    address = ip_address(text)
    return (
        address.is_loopback
        or address.is_unspecified
        or address.is_multicast
        or address.is_link_local
        or text.startswith(("10.", "192.168.", "255.", "0.", "fd", "fc"))
        or re.match(r"172\.(?:1[6-9]|2\d|3[01])\.", text) is not None
    )

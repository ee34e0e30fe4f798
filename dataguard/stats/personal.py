"""Personal data in text: what it looks like, whether its checksum is right, how it is masked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, partial

import msgspec

from dataguard.stats.checksums import (
    codice_fiscale,
    cpf,
    dni,
    hetu,
    iban,
    luhn,
    nir,
    public_address,
    resident_id,
    social_security,
    verhoeff,
)


class PersonalForm(msgspec.Struct, frozen=True):
    """What one kind of personal data looks like.

    Attributes:
        name: For people, "e-mail address".
        plural: The plural.
        pattern: Of Rust's and Python's regular expressions alike.
        valid: Whether what the pattern found is really of the kind: its checksum.
        grave: Whether a column that is meant to hold it is worth a warning all the same.
        signs: Characters one of which stands in each; empty where there may be none.
    """

    name: str
    plural: str
    pattern: str
    valid: Callable[[str], bool]
    grave: bool = False
    signs: str = ""


def _email(text: str) -> bool:
    """Whether what follows the last dot is a domain, and no file's ending ("logo@2x.png")."""
    ending = text.rpartition(".")[2].lower()
    return ending not in ("png", "jpg", "jpeg", "gif", "svg", "webp", "js", "css", "py", "html")


def _phone(text: str) -> bool:
    """Whether there are as many digits as a number has (E.164: at most 15)."""
    digits = [c for c in text if c.isdigit()]
    return 8 <= len(digits) <= 15 and len(set(digits)) > 2


EMAIL = PersonalForm(
    "e-mail address",
    "e-mail addresses",
    r"\b[A-Za-z0-9][A-Za-z0-9._%+'-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,18}\b",
    _email,
    signs="@",
)

ADDRESS = PersonalForm(
    "IP address",
    "IP addresses",
    r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b|\b(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}\b"
    r"|\b(?:[0-9a-fA-F]{1,4}:){2,6}:(?:[0-9a-fA-F]{1,4}:?){1,4}\b",
    public_address,
    signs=".:",
)

FORMS = (
    EMAIL,
    PersonalForm(
        "IBAN",
        "IBANs",
        r"\b[A-Z]{2}[0-9]{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b",
        iban,
        grave=True,
    ),
    PersonalForm(
        "credit card number",
        "credit card numbers",
        r"\b(?:[3-6][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{1,4}|3[47][0-9]{2}[ -]?[0-9]{6}"
        r"[ -]?[0-9]{5}|2[2-7][0-9]{2}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4})\b",
        luhn,
        grave=True,
    ),
    PersonalForm(
        "US social security number",
        "US social security numbers",
        r"\b[0-8][0-9]{2}-[0-9]{2}-[0-9]{4}\b",
        social_security,
        grave=True,
        signs="-",
    ),
    PersonalForm(
        "Brazilian CPF",
        "Brazilian CPFs",
        r"\b[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}\b",
        cpf,
        grave=True,
        signs="-",
    ),
    PersonalForm(
        "Spanish DNI",
        "Spanish DNIs",
        r"\b(?:[0-9]{8}|[XYZ][0-9]{7})-?[A-HJ-NP-TV-Z]\b",
        dni,
        grave=True,
    ),
    PersonalForm(
        "Italian codice fiscale",
        "Italian codici fiscali",
        r"\b[A-Z]{6}[0-9]{2}[ABCDEHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]\b",
        codice_fiscale,
        grave=True,
    ),
    PersonalForm(
        "French NIR",
        "French NIRs",
        r"\b[12] ?[0-9]{2} ?(?:0[1-9]|1[0-2]) ?(?:[0-9]{2}|2[AB]) ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}\b",
        nir,
        grave=True,
    ),
    PersonalForm(
        "Finnish personal code",
        "Finnish personal codes",
        r"\b[0-3][0-9][01][0-9]{3}[-+A-FU-Y][0-9]{3}[0-9A-FHJ-NPR-Y]\b",
        hetu,
        grave=True,
    ),
    PersonalForm(
        "Chinese resident number",
        "Chinese resident numbers",
        r"\b[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])[0-3][0-9][0-9]{3}[0-9Xx]\b",
        resident_id,
        grave=True,
    ),
    PersonalForm(
        "Indian Aadhaar number",
        "Indian Aadhaar numbers",
        r"\b[2-9][0-9]{3} [0-9]{4} [0-9]{4}\b",
        verhoeff,
        grave=True,
    ),
    PersonalForm(
        "phone number",
        "phone numbers",
        r"\+[1-9][0-9]{0,2}[ .-]?(?:\([0-9]{1,5}\)[ .-]?)?[0-9]{1,5}(?:[ ./-]?[0-9]{2,8}){1,5}\b"
        r"|\([2-9][0-9]{2}\) ?[0-9]{3}[ .-][0-9]{4}\b"
        r"|\b(?:1[ .-])?[2-9][0-9]{2}[.-][0-9]{3}[.-][0-9]{4}\b"
        r"|\b0[1-9][0-9]{1,4}[ /-][0-9]{2,8}(?:[ -][0-9]{2,5}){1,3}\b",
        _phone,
    ),
    ADDRESS,
)

PHONES = PersonalForm(
    "phone number",
    "phone numbers",
    r"^\s*\+?\(?[0-9][0-9 ()./-]{6,18}\s*$",
    _phone,
)
"""Phone numbers as a column of that name holds them, without anything that tells them."""


@cache
def _pattern(form: PersonalForm) -> re.Pattern[str]:
    """The form's pattern, compiled when a text first needs it."""
    return re.compile(form.pattern)


def any_of(forms: Sequence[PersonalForm]) -> str:
    """One pattern for Polars that finds each of `forms`; word boundaries of ASCII are fast."""
    return "|".join(form.pattern for form in forms).replace(r"\b", r"(?-u:\b)")


NUMBERED = (
    r"[0-9](?:[ .()/-]{0,2}[0-9]){6}|[A-Z]{6}[0-9]{2}[A-Z]|[0-9]{6}[-+A-FU-Y][0-9]{3}"
    r"|:[0-9a-fA-F]*:"
)
"""What stands in all but e-mail and IPv4 addresses: cheap to look for."""

_PHONE_NAME = re.compile(
    r"(?:^|[^a-z])(?:tele|smart|cell)?(?:phones?|tel|telefon\w*|mobile|fax|cell|whatsapp)(?![a-z])",
    re.I,
)

_MAY = re.compile(rf"@|{NUMBERED}|\d\.\d+\.\d")
_CUT = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9.-]*…$")
"""The beginning of an e-mail address at the end of a text that was cut."""


def kinds_in(text: str, forms: Sequence[PersonalForm] = FORMS) -> list[PersonalForm]:
    """The kinds of personal data in `text`; a number of one kind is not told as another."""
    found = []
    for form in forms:
        pattern = _pattern(form)
        if any(_is_real(match, form) for match in pattern.finditer(text)):
            found.append(form)
            text = pattern.sub(partial(_left_out, form), text)
    return found


def is_named_for_phones(name: str) -> bool:
    """Whether a column's name says that it holds phone numbers."""
    return _PHONE_NAME.search(name) is not None


def _is_real(match: re.Match[str], form: PersonalForm) -> bool:
    """Whether the checksum is right, and the match no part of a longer number or name."""
    if form is EMAIL and re.search(r"://\S{0,200}$", match.string[: match.start()]):
        return False  # user and password in an address: told as a secret
    if form is not EMAIL:
        text, (start, end) = match.string, match.span()
        before, after = text[max(0, start - 1) : start], text[end : end + 2]
        if before and (before in ".-_" or (match[0][0] in "+(" and before.isalnum())):
            return False
        if form is not ADDRESS and (before == "/" or re.match(r"[./:_-]?\d|[_/-]\w", after)):
            return False
        if form is ADDRESS and re.match(r"\.?\d", after):
            return False
    return form.valid(match[0])


def _left_out(form: PersonalForm, match: re.Match[str]) -> str:
    return " " if _is_real(match, form) else match[0]


def mask_personal(text: str, forms: Sequence[PersonalForm] = FORMS) -> str:
    """The text with stars in place of all personal data but what tells its kind."""
    if not _MAY.search(text):
        return text
    for form in forms:
        pattern = _pattern(form)
        text = pattern.sub(partial(_masked, form), text)
    return _CUT.sub("***@***…", text)


def _masked(form: PersonalForm, match: re.Match[str]) -> str:
    """The first character and the last two stay, and what is neither letter nor digit."""
    found = match[0]
    if not _is_real(match, form):
        return found
    if form is EMAIL:
        return f"{found[0]}***@***{found[found.rindex('.') :]}"
    keep = re.search(r"[.:]", found) if form is ADDRESS else None
    head = keep.start() if keep else 1
    tail = len(found) if form is ADDRESS else len(found) - 2
    return found[:head] + re.sub(r"[A-Za-z0-9]+?", "*", found[head:tail]) + found[tail:]

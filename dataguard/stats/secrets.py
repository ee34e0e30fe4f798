"""Keys, tokens and passwords, told by the forms that their issuers gave them.

Prefixes and lengths are those that the issuers document, or that their keys have.
"""

from __future__ import annotations

import re
from functools import cache, partial

import msgspec


class SecretForm(msgspec.Struct, frozen=True):
    """What one kind of secret looks like.

    Attributes:
        name: For people: "AWS access key".
        pattern: Of Rust's and Python's regular expressions alike.
            A group `secret` is what is masked, where it is not all.
        keep: Characters at the beginning that tell the kind and nothing else.
        certain: Whether nothing but a secret looks so.
    """

    name: str
    pattern: str
    keep: int = 4
    certain: bool = True


FORMS = (
    SecretForm(
        "private key",
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
        r"[\s\S]{0,200}?[A-Za-z0-9+/]{10,}"
        r"(?:[\s\S]*?-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|[\s\S]*)",
        keep=11,
    ),
    SecretForm("AWS access key", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    SecretForm("GitHub token", r"\bgh[pousr]_[A-Za-z0-9]{36,}\b"),
    SecretForm("GitHub token", r"\bgithub_pat_[A-Za-z0-9_]{22,}\b", keep=11),
    SecretForm("GitLab token", r"\bgl(?:pat|ptt|rt)-[A-Za-z0-9_-]{20,}", keep=6),
    SecretForm("Anthropic key", r"\bsk-ant-[A-Za-z0-9_-]{20,}", keep=7),
    SecretForm(
        "OpenAI key",
        r"\bsk-(?:(?:proj|svcacct|admin|or-v1)-[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{20,}\b)",
        keep=3,
    ),
    SecretForm("Slack token", r"\bxox[abeprs]-(?:[A-Za-z0-9]+-)*[A-Za-z0-9]{8,}", keep=5),
    SecretForm(
        "Slack webhook",
        r"hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{16,}",
        keep=25,
    ),
    SecretForm("Google API key", r"\bAIza[A-Za-z0-9_-]{35}"),
    SecretForm("Google OAuth secret", r"\bGOCSPX-[A-Za-z0-9_-]{24,}", keep=7),
    SecretForm("Stripe key", r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}", keep=8),
    SecretForm("Hugging Face token", r"\bhf_[A-Za-z0-9]{30,}\b", keep=3),
    SecretForm("npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
    SecretForm("PyPI token", r"\bpypi-AgE[A-Za-z0-9_-]{40,}", keep=5),
    SecretForm("SendGrid key", r"\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}", keep=3),
    SecretForm("Twilio key", r"\bSK[0-9a-f]{32}\b", keep=2),
    SecretForm("Telegram bot token", r"\b\d{8,10}:AA[A-Za-z0-9_-]{32,35}", keep=0),
    SecretForm("Azure storage key", r"\bAccountKey=[A-Za-z0-9+/]{64,}={0,2}", keep=11),
    SecretForm(
        "JSON web token",
        r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
        keep=3,
        certain=False,
    ),
    SecretForm(
        "password in an address",
        r"\b[a-z][a-z0-9+]{2,15}://[^\s:/?#@\"'<>]{1,64}:"
        r"(?P<secret>[^\s:/?#@\"'<>]{3,})@[\w-]+(?:\.[\w-]+)*",
        keep=0,
        certain=False,
    ),
    SecretForm(
        "password or key by its name",
        r"(?i:\b(?:api[_-]?key|secret[_-]?(?:key|access[_-]?key)?|access[_-]?token|auth[_-]?token|"
        r"client[_-]?secret|password|passwd|pwd)[\"']?\s*[:=]\s*[\"']?)"
        r"(?P<secret>[A-Za-z0-9+/_!@$%^*.-]{8,128})(?:[\s\"',;)}&]|$)",
        keep=0,
        certain=False,
    ),
)

LITERALS = (
    "-----begin", "akia", "asia", "abia", "acca", "ghp_", "gho_", "ghu_", "ghs_", "ghr_",
    "github_pat_", "glpat-", "glptt-", "glrt-", "sk-", "xoxa-", "xoxb-", "xoxe-", "xoxp-", "xoxr-",
    "xoxs-", "hooks.slack.com", "aiza", "gocspx-", "k_live_", "k_test_", "hf_", "npm_", "pypi-age",
    "sg.", ":aa", "accountkey=", ".eyj", "://", "apikey", "api_key", "api-key", "secret", "token",
    "password", "passwd", "pwd", *(f"sk{digit:x}" for digit in range(16)),
)  # fmt: skip
"""One of these stands, in some case, in each secret: cheap to look for."""

PLACEHOLDER = re.compile(
    r"x{4}|\*{3}|\.{3}|\$\{|\{\{|your[_-]?|redacted|placeholder|changeme", re.I
)
"""What stands in the place of a secret in documentation."""

ANY = (
    "|".join(f"(?:{form.pattern})" for form in FORMS)
    .replace("?P<secret>", "?:")
    .replace(r"\b", r"(?-u:\b)")
)
"""All forms in one pattern, for Polars; word boundaries of ASCII are fast."""

CUT = re.compile(
    r"(-----BEGIN |\b(?:AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|sk-|xox[abeprs]-|AIza|[sr]k_live_|"
    r"hf_|npm_|pypi-|SG\.|AccountKey=|eyJ))[A-Za-z0-9 +/_=.-]*…$"
)
"""The beginning of a secret at the end of a text that was cut."""

MASK = "********"


@cache
def _compiled() -> tuple[tuple[SecretForm, re.Pattern[str]], ...]:
    """The forms with their patterns, compiled when a text first needs them."""
    return tuple((form, re.compile(form.pattern)) for form in FORMS)


def _may_hold_some(text: str) -> bool:
    lowered = text.lower()
    return any(map(lowered.__contains__, LITERALS))  # many times as fast as a generator


def secrets_in(text: str) -> list[SecretForm]:
    """The kinds of secrets that `text` holds, in the order of `FORMS`."""
    if not _may_hold_some(text):
        return []
    return [form for form, pattern in _compiled() if any(map(_is_real, pattern.finditer(text)))]


def _is_real(match: re.Match[str]) -> bool:
    """Whether the match is no placeholder, nor a word behind "password:"."""
    value = match.groupdict().get("secret") or match[0]
    if value.startswith("-----"):
        return True
    if PLACEHOLDER.search(value) or len(set(value[-12:])) < 3:
        return False
    named = match.re.pattern == FORMS[-1].pattern
    return not named or (any(map(str.isdigit, value)) and any(map(str.isalpha, value)))


def mask_secrets(text: str) -> str:
    """The text with stars in place of every secret; what tells its kind stays."""
    if not _may_hold_some(text):
        return text
    for form, pattern in _compiled():
        text = pattern.sub(partial(_masked, form), text)
    return CUT.sub(lambda match: match[1] + MASK + "…", text)


def _masked(form: SecretForm, match: re.Match[str]) -> str:
    if not _is_real(match):
        return match[0]
    if "secret" in match.groupdict():
        start, end = (at - match.start() for at in match.span("secret"))
        return match[0][:start] + MASK + match[0][end:]
    return match[0][: form.keep] + MASK

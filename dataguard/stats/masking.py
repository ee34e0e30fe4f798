"""Findings without secrets and personal data: what a report shows must be fit to be passed on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dataguard.stats.personal import FORMS, PHONES, is_named_for_phones, mask_personal
from dataguard.stats.secrets import mask_secrets

if TYPE_CHECKING:
    from dataguard.finding import Finding


def masked(text: str, column: str = "") -> str:
    """The text with stars in place of secrets and personal data.

    Args:
        text: A cell, or a message that may quote one.
        column: The column of the cell, whose name may say that its numbers are phones.
    """
    forms = (*FORMS, PHONES) if is_named_for_phones(column) else FORMS
    return mask_personal(mask_secrets(text), forms)


def masked_finding(finding: Finding) -> Finding:
    """The finding with all that it quotes from the data masked."""
    notes = finding.notes
    if notes:
        changed = {note: masked(note) for note in set(notes) if note}
        notes = [changed.get(note, note) for note in notes]
    return replace(
        finding,
        message=masked(finding.message),
        fix=masked(finding.fix),
        evidence=_masked_value(dict(finding.evidence)),
        notes=notes,
    )


def _masked_value(value: Any) -> Any:
    """A value of the evidence, whatever it is made of; columns keep their names."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        column = value.get("column")
        if isinstance(column, str) and isinstance(value.get("value"), str):
            return {**value, "value": masked(value["value"], column)}
        return {
            masked(k) if isinstance(k, str) else k: v if k == "column" else _masked_value(v)
            for k, v in value.items()
        }
    if isinstance(value, list) and value and isinstance(value[0], (str, list, tuple, Mapping)):
        return [_masked_value(each) for each in value]
    if type(value) is tuple:
        return tuple(_masked_value(each) for each in value)
    return value


def excerpt(text: str, around: int = 60) -> str:
    """A masked text, cut to what stands around its first stars."""
    at = max(0, text.find("**"))
    start, end = max(0, at - around), at + around
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")

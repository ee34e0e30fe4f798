"""A suite of Great Expectations 1.x as it stands in a JSON file. Needs no Great Expectations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from dataguard.errors import ConfigError

OURS = "dataguard"
"""Key of what `dataguard learn` adds to a suite's `meta`."""


class Expectation(msgspec.Struct, frozen=True):
    """One expectation.

    Attributes:
        type: "expect_column_values_to_be_between".
        kwargs: What it is asked for.
        severity: "critical", "warning" or "info", as Great Expectations has them since 1.5.
    """

    type: str
    kwargs: Mapping[str, Any]
    severity: str = "critical"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it cannot do without."""
        single = [self.kwargs.get(key) for key in ("column", "column_A", "column_B")]
        several = self.kwargs.get("column_list")
        names = [*single, *(several if isinstance(several, list) else ())]
        return tuple(dict.fromkeys(n for n in names if isinstance(n, str)))


class Suite(msgspec.Struct, frozen=True):
    """A suite.

    Attributes:
        path: Where it stands, as the user named it.
        name: Its name.
        expectations: In the order of the file.
        forms: "number", "boolean", "date" or "text" by column, as `dataguard learn` judged the
            cells of its data; empty for other suites.
    """

    path: str
    name: str
    expectations: tuple[Expectation, ...]
    forms: Mapping[str, str] = msgspec.field(default_factory=lambda: MappingProxyType({}))


def read_suite(path: str) -> Suite:
    """The suite in a file.

    Raises:
        ConfigError: The file is not there, or holds no suite of Great Expectations 1.x.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such suite") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: the suite is no UTF-8 text") from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from None
    return parse_suite(text, path)


def parse_suite(text: str, path: str) -> Suite:
    """The suite in the JSON text of the file `path`.

    Raises:
        ConfigError: It is none of Great Expectations 1.x.
    """
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}:{error.lineno}: the suite is not valid JSON: {error}") from None
    except RecursionError:
        raise ConfigError(f"{path}: the suite is not valid JSON: nested too deeply") from None
    if not isinstance(found, dict) or not isinstance(found.get("expectations"), list):
        raise ConfigError(f"{path}: no suite of Great Expectations: it has no list `expectations`")
    if "expectation_suite_name" in found:
        hint = "dataguard reads those of 1.x; load and save it with Great Expectations 1.x first"
        raise ConfigError(f"{path}: a suite of Great Expectations 0.x; {hint}")
    expectations = tuple(_expectation(e, i, path) for i, e in enumerate(found["expectations"], 1))
    name = found.get("name")
    return Suite(path, name if isinstance(name, str) else "", expectations, _forms(found))


def _expectation(found: object, number: int, path: str) -> Expectation:
    place = f"{path}: expectation {number}"
    if not isinstance(found, dict) or not isinstance(found.get("type"), str):
        raise ConfigError(f"{place} has no `type`, such as expect_column_values_to_be_unique")
    kwargs = found.get("kwargs", {})
    if not isinstance(kwargs, dict):
        raise ConfigError(f"{place}: `kwargs` is no JSON object")
    severity = found.get("severity")
    known = severity if severity in ("critical", "warning", "info") else "critical"
    return Expectation(found["type"], kwargs, known)


def _forms(found: Mapping[str, Any]) -> dict[str, str]:
    meta = found.get("meta")
    ours = meta.get(OURS) if isinstance(meta, dict) else None
    forms = ours.get("columns") if isinstance(ours, dict) else None
    if not isinstance(forms, dict):
        return {}
    return {k: v for k, v in forms.items() if isinstance(v, str)}

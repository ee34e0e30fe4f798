"""A linter for training data.

`dataguard.lint(frame_or_path, label="…")` gives a `Report`. Everything loads on first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from dataguard.errors import ConfigError, DataguardError, SourceError, UsageError
    from dataguard.finding import Finding, Outcome, Report, Severity
    from dataguard.python import lint

_PLACES = {
    "ConfigError": "errors",
    "DataguardError": "errors",
    "Finding": "finding",
    "Outcome": "finding",
    "Report": "finding",
    "Severity": "finding",
    "SourceError": "errors",
    "UsageError": "errors",
    "lint": "python",
}

__all__ = [
    "ConfigError",
    "DataguardError",
    "Finding",
    "Outcome",
    "Report",
    "Severity",
    "SourceError",
    "UsageError",
    "__version__",
    "lint",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'dataguard' has no attribute '{name}'")
    return getattr(importlib.import_module(f"dataguard.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)

"""What can go wrong outside the data's own faults. Every message says what to do next."""

from __future__ import annotations

from collections.abc import Iterable


class DataguardError(Exception):
    """Base of all errors that dataguard raises on purpose; the command line exits with 2."""


class ConfigError(DataguardError):
    """The configuration is wrong: unknown key, wrong type, unknown check."""


class UsageError(DataguardError):
    """The call is wrong: a column that is not there, a check code that does not exist."""


class SourceError(DataguardError):
    """An input could not be read at all.

    Args:
        path: The input as the user named it.
        reason: One line: what is wrong and what to do.
        line: 1-based physical line of the fault, where there is one.
    """

    def __init__(self, path: str, reason: str, line: int | None = None) -> None:
        self.path = path
        self.reason = reason
        self.line = line
        where = path if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {reason}")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint naming the nearest known names, or the known names where none is near.

    Returns:
        A clause starting with "; ", or an empty string where nothing is known.
    """
    import difflib

    choices = [str(k) for k in known]
    folded = {c.casefold(): c for c in choices}
    near = difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.6)
    if near:
        return "; did you mean " + " or ".join(f"'{folded[n]}'" for n in near) + "?"
    if not choices:
        return ""
    shown = ", ".join(f"'{c}'" for c in choices[:8]) + (", …" if len(choices) > 8 else "")
    return f"; there are: {shown}"

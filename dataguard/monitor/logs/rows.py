"""What readers give: rows of named values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Value = float | str
"""A number, or the text of a cell that is none."""

MISSING = frozenset({"", "-", "na", "n/a", "none", "null"})
"""Cells that hold no value. "nan" is a value: a loss that is no number."""

DEEP = 4
"""Levels of nested JSON objects whose values are taken."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a log.

    Attributes:
        values: Its values by name; those that are missing are left out.
        step: Its step, where the format itself knows it.
        line: Its 1-based physical line, where there are lines.
        half: Whether it was the unfinished end of the log, so that its last value may be cut.
    """

    values: Mapping[str, Value]
    step: int | None = None
    line: int | None = None
    half: bool = False


class Reader(Protocol):
    """Turns a log into rows, as it grows."""

    def feed(self, data: bytes) -> list[Row]:
        """The records that `data`, the next bytes of the log, completes.

        Raises:
            SourceError: The log is damaged.
        """

    def close(self) -> list[Row]:
        """What the unfinished end of the log still gives."""


def value_of(cell: str) -> Value | None:
    """A cell as a number, as its text if it is none, None where it is missing."""
    text = cell.strip()
    if text.lower() in MISSING:
        return None
    try:
        return float(text)
    except ValueError:
        return text


def flat(
    record: Mapping[str, Any], prefix: str = "", deep: int = DEEP
) -> Iterator[tuple[str, Any]]:
    """The values of nested objects by joined name: {"eval": {"loss": 1}} is eval/loss."""
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            if deep:
                yield from flat(value, f"{name}/", deep - 1)
        else:
            yield name, value


def values_of(record: Mapping[str, Any]) -> dict[str, Value]:
    """The numbers of a JSON object, and of its texts those that are numbers or words."""
    found: dict[str, Value] = {}
    for name, value in flat(record):
        if isinstance(value, str):
            read = value_of(value[:100])
            if read is not None:
                found[name] = read
        elif isinstance(value, int | float) and not isinstance(value, bool):
            try:
                found[name] = float(value)
            except OverflowError:
                found[name] = float("inf") if value > 0 else float("-inf")
    return found

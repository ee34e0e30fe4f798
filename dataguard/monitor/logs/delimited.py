"""CSV logs: Lightning's metrics.csv, Keras's CSVLogger, YOLO's results.csv, CatBoost's tables."""

from __future__ import annotations

import csv

from dataguard.errors import SourceError
from dataguard.monitor.logs.lines import Lines
from dataguard.monitor.logs.rows import Row, Value, value_of

DELIMITERS = ",\t;|"


class Delimited:
    """Reads a table with a header line.

    A header that comes again, as where a second run was appended, is a header again.

    Args:
        path: The log, for messages.
        prefix: Of CatBoost's table of a data set, such as "test-": stands before all names but
            "iter", the step.
    """

    def __init__(self, path: str, prefix: str = "") -> None:
        self._path = path
        self._prefix = prefix
        self._lines = Lines(path)
        self._delimiter = ","
        self._header: list[str] = []

    def feed(self, data: bytes) -> list[Row]:
        read = (self._row(number, line) for number, line in self._lines.feed(data))
        return [row for row in read if row is not None]

    def close(self) -> list[Row]:
        last = self._lines.close()
        row = None if last is None else self._row(*last, half=True)
        return [] if row is None else [row]

    def _row(self, number: int, line: str, *, half: bool = False) -> Row | None:
        if not line.strip() or line.startswith("#"):
            return None
        if not self._header:
            self._delimiter = max(DELIMITERS, key=line.count)
        cells = self._cells(number, line)
        if all(isinstance(value_of(cell), str) for cell in cells):
            if not half:
                self._header = [cell.strip() for cell in cells]
            return None
        if not self._header:
            raise SourceError(self._path, "the first line names no columns", number)
        if half and not cells[-1].strip():
            return None
        if len(cells) == len(self._header) + 1 and not cells[-1].strip():
            cells.pop()
        if len(cells) != len(self._header):
            if half:
                return None
            reason = f"{len(cells)} cells, where the header names {len(self._header)} columns"
            raise SourceError(self._path, reason, number)
        values: dict[str, Value] = {}
        step = None
        for name, cell in zip(self._header, cells, strict=True):
            value = value_of(cell)
            if self._prefix and name == "iter" and isinstance(value, float):
                step = int(value) if abs(value) < 2**63 else None
            elif value is not None:
                values.setdefault(f"{self._prefix}{name}", value)
        return Row(values, step, number, half)

    def _cells(self, number: int, line: str) -> list[str]:
        try:
            return next(csv.reader([line], delimiter=self._delimiter))
        except csv.Error as error:
            raise SourceError(self._path, f"cannot be read as CSV: {error}", number) from None

"""JSON Lines logs: one object a line, as many trainers write them."""

from __future__ import annotations

import json

from dataguard.errors import SourceError
from dataguard.monitor.logs.lines import Lines
from dataguard.monitor.logs.rows import Row, values_of


class JsonLines:
    """Reads one JSON object a line; objects inside objects are joined by "/"."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lines = Lines(path)

    def feed(self, data: bytes) -> list[Row]:
        return [self._row(number, line) for number, line in self._lines.feed(data) if line.strip()]

    def close(self) -> list[Row]:
        last = self._lines.close()
        if last is None:
            return []
        try:
            row = self._row(*last)
        except SourceError:  # the unfinished end of a line that is being written
            return []
        return [Row(row.values, line=row.line, half=True)]

    def _row(self, number: int, line: str) -> Row:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            reason = getattr(error, "msg", "too deep or too long")
            raise SourceError(self._path, f"is no JSON object: {reason}", number) from None
        if not isinstance(record, dict):
            raise SourceError(self._path, "the line holds no JSON object", number)
        return Row(values_of(record), line=number)

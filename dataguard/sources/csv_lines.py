"""Physical lines of a text that comes in blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class LineBuffer:
    """Physical lines with lookahead: `lines[i]` is line `first + i`, without its "\\n"."""

    __slots__ = ("_carried", "_source", "first", "lines")

    def __init__(self, blocks: Iterable[str]) -> None:
        self._source: Iterator[str] | None = iter(blocks)
        self._carried: list[str] = []
        self.lines: list[str] = []
        self.first = 1

    def has(self, index: int) -> bool:
        """True where there is a line `index`, after reading more where needed."""
        while index >= len(self.lines):
            if self._source is None:
                return False
            self._fill(self._source)
        return True

    def drop(self, count: int) -> None:
        """Forget the first `count` lines."""
        del self.lines[:count]
        self.first += count

    def _fill(self, source: Iterator[str]) -> None:
        for block in source:
            if "\n" not in block:
                self._carried.append(block)
                continue
            parts = "".join([*self._carried, block]).split("\n")
            self._carried = [parts.pop()]
            self.lines += parts
            return
        self._source = None
        last = "".join(self._carried)
        if last:
            self.lines.append(last)

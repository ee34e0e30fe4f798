"""Physical lines of a text that comes in blocks."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator


class LineBuffer:
    """Physical lines with lookahead: `lines[i]` is line `first + i`, without its "\\n".

    Attributes:
        turns: The 1-based lines that end otherwise than the line above: line 1 where it ends in
            "\\r\\n", then each line at which this changes.
        nuls: The lines with a NUL.
        ended: Number of lines that were ended by a line end.
    """

    __slots__ = ("_carried", "_source", "ended", "first", "lines", "nuls", "turns")

    def __init__(self, blocks: Iterable[str]) -> None:
        self._source: Iterator[str] | None = iter(blocks)
        self._carried: list[str] = []
        self.lines: list[str] = []
        self.first = 1
        self.turns = array("q")
        self.nuls = array("q")
        self.ended = 0

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

    @property
    def mixed(self) -> bool:
        """Whether lines seen so far end in two ways."""
        return len(self.turns) > 1 or (len(self.turns) == 1 and self.turns[0] != 1)

    def returned(self, line: int) -> bool:
        """Whether the 1-based line `line` ends in "\\r\\n"."""
        return bisect_right(self.turns, line) % 2 == 1

    def _fill(self, source: Iterator[str]) -> None:
        for block in source:
            if "\n" not in block:
                self._carried.append(block)
                continue
            text = "".join([*self._carried, block])
            parts = text.split("\n")
            self._carried = [parts.pop()]
            self._note(text, parts)
            self.lines += parts
            return
        self._source = None
        last = "".join(self._carried)
        if last:
            if "\0" in last:
                self.nuls.append(self.first + len(self.lines))
            self.lines.append(last)

    def _note(self, text: str, parts: list[str]) -> None:
        """Note line ends and NULs of the lines `parts`, all of which are ended."""
        number = self.first + len(self.lines)
        self.ended = number + len(parts) - 1
        if "\0" in text:
            self.nuls.extend(number + i for i, line in enumerate(parts) if "\0" in line)
        returned = len(self.turns) % 2 == 1
        if text.count("\r\n") == (len(parts) if returned else 0):
            return
        for i, line in enumerate(parts):
            if line.endswith("\r") != returned:
                returned = not returned
                self.turns.append(number + i)

"""Bytes of a growing file into its lines."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from dataguard.errors import SourceError

LONGEST = 1 << 20
"""Characters of a line at most. No logger writes longer ones; memory stays bounded."""


class Lines:
    """Splits what it is fed into numbered lines; an unfinished one waits for its end.

    Args:
        path: The log, for messages.
        longest: Characters of a line that are kept.
        cut: Whether a longer line is cut; if not, it is an error.
        overwriting: Whether a carriage return begins the line anew, as in a terminal.
    """

    def __init__(
        self, path: str, *, longest: int = LONGEST, cut: bool = False, overwriting: bool = False
    ) -> None:
        self._path = path
        self._longest = longest
        self._cut = cut
        self._overwriting = overwriting
        self._decoder: codecs.IncrementalDecoder | None = None
        self._start = b""
        self._rest = ""
        self._number = 0

    def feed(self, data: bytes) -> Iterator[tuple[int, str]]:
        """The lines that `data` completes, with their 1-based numbers.

        Raises:
            SourceError: A line is too long.
        """
        *whole, rest = (self._rest + self._decoded(data)).split("\n")
        self._rest = self._kept(rest)[: self._longest + 1]
        for line in whole:
            yield self._one(line)
        if len(self._rest) > self._longest and not self._cut:
            raise self._too_long(self._number + 1)

    def close(self) -> tuple[int, str] | None:
        """The unfinished last line; None where there is none."""
        *_, rest = (self._rest + self._decoded(b"", final=True)).split("\n")
        self._rest = ""
        return self._one(rest) if rest.strip() else None

    def _one(self, line: str) -> tuple[int, str]:
        self._number += 1
        line = self._kept(line.removesuffix("\r"))
        if len(line) > self._longest:
            if not self._cut:
                raise self._too_long(self._number)
            line = line[: self._longest]
        return self._number, line

    def _kept(self, line: str) -> str:
        """What is seen of a line after its carriage returns; one at the end may begin a break."""
        if not self._overwriting or "\r" not in line[:-1]:
            return line
        return line[line.rindex("\r", 0, len(line) - 1) + 1 :]

    def _decoded(self, data: bytes, *, final: bool = False) -> str:
        if self._decoder is None:
            self._start += data
            if len(self._start) < 2 and not final:
                return ""
            utf16 = self._start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            name = "utf-16" if utf16 else "utf-8-sig"
            self._decoder = codecs.getincrementaldecoder(name)("replace")
            data = self._start
        return self._decoder.decode(data, final)

    def _too_long(self, line: int) -> SourceError:
        return SourceError(
            self._path, f"the line is longer than {self._longest:,} characters", line
        )

"""The fast road: proves from its bytes that a large CSV file is regular, without reading cells."""

from __future__ import annotations

import csv
from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from dataguard.sources.csv_bytes import Raw
from dataguard.sources.csv_lines import LineBuffer
from dataguard.sources.csv_records import RecordReader
from dataguard.sources.dialect import Plan

if TYPE_CHECKING:
    from numpy import bool_, int64, uint8, uint32
    from numpy.typing import NDArray

    Bytes = NDArray[uint8]

_CHUNK = 1 << 20
# A record beyond this size is left to the careful road.
_LONGEST_RECORD = 16 << 20
# Blocks that wait to be looked at.
_AHEAD = 4
_FEED, _RETURN = 10, 13
_TAIL_BYTES = 1 << 16


class Regular(msgspec.Struct, frozen=True):
    """What was proved of a regular file, in which each record has the same number of fields.

    Attributes:
        records: Number of records, the header included.
        starts: The physical line of each record; None where each takes one line.
        header_lines: Physical lines of the first record.
        returned: The records, the header being 0, that end in "\\r\\n" where not all do.
        ended: Number of records that a line end follows.
        lines: Number of physical lines.
    """

    records: int
    starts: array[int] | None
    header_lines: int
    returned: array[int]
    ended: int
    lines: int


def scan(raw: Raw, plan: Plan, bom: int = 0, chunk: int = _CHUNK) -> Regular | None:
    """Prove that a file is plain: what Polars then reads is what the careful road would read.

    Each opening quote stands after a delimiter or line end and each closing one before one, all
    records have as many fields as the header, no line is blank, lines end in "\\n" or "\\r\\n",
    the text is valid UTF-8 without NULs, and no quoted field swallows what looks like a record.

    Args:
        bom: Bytes of the byte-order mark.
        chunk: Bytes looked at together; memory is some thirty times that at worst.

    Returns:
        None where the file is not regular, or too odd to tell cheaply.
    """
    import numpy as np

    if plan.dialect.escape or plan.first != 1 or plan.trailing:
        return None
    line, records, ended = 1, 0, 0
    starts: list[NDArray[uint32]] = []
    returned: list[NDArray[int64]] = []
    for found in _found(_whole_records(raw, plan, bom, chunk), plan):
        if found is None:
            return None
        starts.append((found.first_lines + line).astype(np.uint32))
        if len(found.returned):
            returned.append(found.returned + records)
        line += found.lines
        records += len(found.first_lines)
        ended += found.ended
    if not records:
        return None
    odd = np.concatenate(returned or [np.empty(0, np.int64)])
    some = array("I", odd.astype(np.uint32).tobytes() if len(odd) < ended else b"")
    spans = records != line - 1
    if not spans:
        return Regular(records, None, 1, some, ended, line - 1)
    lines = array("I", np.concatenate(starts).tobytes())
    first = (lines[1] if records > 1 else line) - 1
    return Regular(records, lines, first, some, ended, line - 1)


def last_records(raw: Raw, plan: Plan, regular: Regular, most: int) -> list[list[str]]:
    """The last records of a regular file; none where they take more than some kilobytes."""
    count = min(most, regular.records)
    lines = count
    if regular.starts is not None:
        lines = regular.lines + 1 - regular.starts[-count]
    parts = raw.tail(_TAIL_BYTES).removesuffix(b"\n").split(b"\n")
    if len(parts) < lines or (len(parts) == lines and raw.size > _TAIL_BYTES):
        return []
    texts = (part.decode("utf-8-sig") + "\n" for part in parts[-lines:])
    return list(csv.reader(texts, delimiter=plan.dialect.delimiter, quotechar=plan.dialect.quote))


class _Block(NamedTuple):
    """Whole records, and the places of the bytes that structure them."""

    bytes: Bytes
    places: NDArray[int64]
    kinds: Bytes  # the bytes at these places
    outside: NDArray[bool_]  # whether each place is a delimiter or line end outside of quotes
    closed: bool = True  # False where the last line end is not in the file


class _Found(NamedTuple):
    first_lines: NDArray[int64]  # the line of each record, counted from the block's first
    lines: int
    returned: NDArray[int64]  # the records, counted from the block's first, that end in "\\r\\n"
    ended: int  # records that a line end follows


def _found(blocks: Iterator[_Block | None], plan: Plan) -> Iterator[_Found | None]:
    """The records of each block, looked at in a second thread while the next block is cut."""
    from concurrent.futures import Future, ThreadPoolExecutor

    waiting: deque[Future[_Found | None]] = deque()
    with ThreadPoolExecutor(1) as pool:
        for number, block in enumerate(blocks):
            if block is None:
                yield None
                return
            waiting.append(pool.submit(_records, block, plan, first=number == 0))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        yield from (each.result() for each in waiting)


def _whole_records(raw: Raw, plan: Plan, bom: int, chunk: int) -> Iterator[_Block | None]:
    """Blocks that end where a record ends; None where they cannot be cut."""
    import numpy as np

    carried = b""
    skip = bom
    marks = _Marks()
    for part in raw.blocks(chunk):
        data = carried + part[skip:] if carried else part[skip:]
        skip = 0
        block = _structure(np.frombuffer(data, np.uint8), plan, marks)
        ends = np.flatnonzero(block.outside & (block.kinds == _FEED))
        if not len(ends):
            carried = data
        else:
            cut = int(ends[-1]) + 1
            size = int(block.places[cut - 1]) + 1
            yield _Block(
                block.bytes[:size], block.places[:cut], block.kinds[:cut], block.outside[:cut]
            )
            carried = data[size:]
        if len(carried) > _LONGEST_RECORD:
            yield None
            return
    if carried:
        if carried.endswith(b"\r"):
            yield None
            return
        last = _structure(np.frombuffer(carried + b"\n", np.uint8), plan, marks)
        yield last._replace(closed=False) if last.outside[-1] else None


class _Marks:
    """Where some bytes stand in a block. Its memory serves all blocks: to ask for new takes longer
    than the comparison.
    """

    def __init__(self) -> None:
        self.held: NDArray[bool_] | None = None

    def of(self, data: Bytes, kinds: Sequence[int]) -> NDArray[bool_]:
        """Whether each byte is one of `kinds`; the next call overwrites it."""
        import numpy as np

        if self.held is None or self.held.shape[1] < len(data):
            self.held = np.empty((2, len(data)), np.bool_)
        marks: NDArray[bool_] = self.held[0, : len(data)]
        more = self.held[1, : len(data)]
        np.equal(data, kinds[0], out=marks)
        for kind in kinds[1:]:
            np.equal(data, kind, out=more)
            np.logical_or(marks, more, out=marks)
        return marks


def _structure(data: Bytes, plan: Plan, marks: _Marks) -> _Block:
    import numpy as np

    quote = ord(plan.dialect.quote)
    places = np.flatnonzero(marks.of(data, (quote, ord(plan.dialect.delimiter), _FEED)))
    kinds = data[places]
    is_quote = kinds == quote
    inside = (np.cumsum(is_quote, dtype=np.int32) & 1).astype(bool)
    return _Block(data, places, kinds, ~(is_quote | inside))


def _records(block: _Block, plan: Plan, first: bool) -> _Found | None:
    """The records of a block, or None where it is not regular."""
    import numpy as np

    returns = _returns(block.bytes)
    if returns is None or not _quotes_in_place(block, plan):
        return None
    kinds = block.kinds[block.outside]
    ends = np.flatnonzero(kinds == _FEED)
    if (np.diff(ends, prepend=-1) != plan.width).any():
        return None
    feeds = np.flatnonzero(block.kinds == _FEED)
    if plan.width == 1 and _has_blank_line(block.bytes, block.places[feeds]):
        return None
    ends_record = block.outside[feeds]
    last_lines = np.flatnonzero(ends_record)
    first_lines = np.concatenate(([0], last_lines[:-1] + 1))
    if len(feeds) != len(ends):
        suspects = np.add.reduceat(
            _like_records(block, plan, feeds, first_lines, last_lines), first_lines
        )
        for i in np.flatnonzero(suspects):
            start = block.places[feeds[first_lines[i] - 1]] + 1 if first_lines[i] else 0
            text = bytes(block.bytes[start : block.places[feeds[last_lines[i]]]]).decode()
            if _swallows(text, plan, header=first and i == 0):
                return None
    returned = np.empty(0, np.int64)
    if len(returns):
        ends_at = block.places[feeds[last_lines]]
        returned = np.flatnonzero(block.bytes[ends_at - 1] == _RETURN)
    return _Found(first_lines, len(feeds), returned, len(last_lines) - (not block.closed))


def _returns(data: Bytes) -> NDArray[int64] | None:
    """The places of carriage returns; None unless each stands before a line feed, and the text
    is UTF-8 without NULs."""
    import numpy as np

    if data.min() == 0 or not _is_utf8(data):
        return None
    returns = np.flatnonzero(data == _RETURN)
    return returns if bool((data[returns + 1] == _FEED).all()) else None


def _is_utf8(data: Bytes) -> bool:
    """Valid UTF-8, as Polars tests it: ten times as fast as Python's decoder."""
    import polars as pl

    if data.max() <= 127:
        return True
    try:
        pl.Series([data.tobytes()], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        return False
    return True


def _quotes_in_place(block: _Block, plan: Plan) -> bool:
    """True where quotes open at a field's start and close at its end, others being doubled."""
    quote, delimiter = ord(plan.dialect.quote), ord(plan.dialect.delimiter)
    quotes = block.places[block.kinds == quote]
    if not len(quotes):
        return True
    data, opening, closing = block.bytes, quotes[0::2], quotes[1::2]
    before = data[opening - 1]  # the first byte's is the block's last, a line end
    if not ((before == delimiter) | (before == _FEED) | (before == quote)).all():
        return False
    after = data[closing + 1]
    ends = (after == delimiter) | (after == _FEED) | (after == quote) | (after == _RETURN)
    return bool(ends.all())


def _has_blank_line(data: Bytes, feeds: NDArray[int64]) -> bool:
    import numpy as np

    length = np.diff(feeds, prepend=-1)
    return bool(((length == 1) | ((length == 2) & (data[feeds - 1] == _RETURN))).any())


def _like_records(
    block: _Block,
    plan: Plan,
    feeds: NDArray[int64],
    first_lines: NDArray[int64],
    last_lines: NDArray[int64],
) -> NDArray[bool_]:
    """The lines, apart from records' first ones, that may look like a record by themselves."""
    import numpy as np

    kinds, order = block.kinds, np.arange(len(block.kinds))
    starts = np.concatenate(([0], feeds[:-1] + 1))
    is_delimiter = kinds == ord(plan.dialect.delimiter)
    delimiters = np.add.reduceat(is_delimiter, starts, dtype=np.int64)
    never = len(kinds)
    quote = np.minimum.reduceat(np.where(kinds == ord(plan.dialect.quote), order, never), starts)
    like = (delimiters == plan.width - 1) | ((delimiters >= plan.width) & (quote < never))
    if not plan.profile.spaced:
        places = np.minimum(block.places + 1, len(block.bytes) - 1)
        gaps = is_delimiter & (block.bytes[places] == ord(" "))
        gap = np.minimum.reduceat(np.where(gaps, order, never), starts)
        like &= gap >= quote  # a blank after a delimiter, outside of quotes: prose
    # A record's last line counts where the line above, in which the quote opens, may be one too.
    like[last_lines] &= delimiters[last_lines - 1] >= plan.width - 1
    like[first_lines] = False
    return np.asarray(like, np.bool_)


def _swallows(text: str, plan: Plan, header: bool) -> bool:
    """True where a record that spans lines takes in others, by the careful road's own rule."""
    reader = RecordReader(LineBuffer([text]), plan.dialect, plan.width, plan.profile)
    if not header:
        reader.notes.starts.append(0)
    next(reader.batches(1))
    return bool(reader.notes.quotes)
